//! Checks a rule file: everything that can be wrong is found here, all of it at once.

use std::ops::Range;

use toml::Spanned;

use crate::facts::table::{Kind, Schema};

use super::compile::{self, Fault, Names, did_you_mean};
use super::expr::Expr;
use super::file::{EditFile, OptionType, RuleFile, SafetyFile, Text};
use super::place;
use super::source::{OptionSpec, OptionValue};
use super::template;
use super::types::Ty;

/// Names that the configuration gives a meaning of its own.
const RESERVED_OPTIONS: &[&str] = &["severity", "enabled", "exclude"];

/// The mistakes of a rule, in bytes of the file.
pub(super) fn rule(id: &str, file: &RuleFile, text: &str, schema: &'static Schema) -> Vec<Fault> {
    let mut check = Check {
        text,
        faults: Vec::new(),
    };
    check.id(id);
    for required in [&file.summary, &file.message] {
        if required.get_ref().trim().is_empty() {
            check.fault(required.span(), "this is empty", None);
        }
    }
    let options = check.options(file);
    if let Some(kind) = check.select(file, schema) {
        check.expressions(file, kind, schema, &options);
    }
    check.fix_shape(file);
    check.faults
}

struct Check<'t> {
    text: &'t str,
    faults: Vec<Fault>,
}

impl Check<'_> {
    fn fault(&mut self, range: Range<usize>, message: impl Into<String>, help: Option<String>) {
        self.faults.push(Fault {
            range,
            message: message.into(),
            help,
        });
    }

    fn id(&mut self, id: &str) {
        let is_word = |word: &str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        if !id.split('-').all(is_word) {
            let message = format!("`{id}` is not a valid rule id");
            let help = "name the file after what is wrong, in lower case with hyphens: `runs-as-root.toml`";
            self.fault(0..0, message, Some(help.to_owned()));
        }
    }

    fn options(&mut self, file: &RuleFile) -> Vec<OptionSpec> {
        let mut specs = Vec::new();
        for (name, option) in &file.options {
            let text = name.get_ref();
            let is_name = text.starts_with(|c: char| c.is_ascii_lowercase())
                && text
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            if RESERVED_OPTIONS.contains(&text.as_str()) {
                let message = format!("`{text}` is a reserved name; choose another name");
                self.fault(name.span(), message, None);
            } else if !is_name {
                let message = "the name of an option must be lower case with `_`";
                self.fault(name.span(), message, None);
            }
            // What the rule says of it is checked against the declared type in any case.
            let empty = match option.ty {
                OptionType::String => OptionValue::Str("".into()),
                OptionType::Bool => OptionValue::Bool(false),
                OptionType::Int => OptionValue::Int(0),
                OptionType::List => OptionValue::List(Vec::new().into()),
            };
            let default = OptionValue::from_toml(option.default.get_ref());
            let fits = |value: &OptionValue| value.type_name() == empty.type_name();
            if !default.as_ref().is_some_and(fits) {
                let message = match option.ty {
                    OptionType::List => "the default is not a list of strings".to_owned(),
                    _ => format!("the default is not of type `{}`", empty.type_name()),
                };
                self.fault(option.default.span(), message, None);
            }
            specs.push(OptionSpec {
                name: text.clone().into(),
                default: empty,
                doc: option.doc.clone().into(),
            });
        }
        specs
    }

    fn select(&mut self, file: &RuleFile, schema: &'static Schema) -> Option<&'static Kind> {
        let select = file.select.get_ref();
        let mut all = select.iter();
        let (Some((name, keys)), None) = (all.next(), all.next()) else {
            let message = "a rule must select one kind of fact";
            self.fault(file.select.span(), message, None);
            return None;
        };
        if keys.0.is_empty() {
            let help = "`\"*\"` selects all of them".to_owned();
            self.fault(file.select.span(), "no key is selected", Some(help));
        }
        for key in &keys.0 {
            let text = key.get_ref();
            if text.is_empty() || text.trim_end_matches('*').contains('*') || text.ends_with("**") {
                let message = "a key must be literal, or end with one `*`";
                self.fault(key.span(), message, None);
            }
        }
        let kind = schema.kind(name.get_ref());
        if kind.is_none() {
            let known: Vec<&str> = schema.kinds.iter().map(|kind| kind.name).collect();
            let help = did_you_mean(name.get_ref(), &known, "there are");
            let message = format!("there are no facts `{}` to select", name.get_ref());
            self.fault(name.span(), message, Some(help));
        }
        kind
    }

    fn expressions(
        &mut self,
        file: &RuleFile,
        kind: &'static Kind,
        schema: &'static Schema,
        options: &[OptionSpec],
    ) {
        let names = Names {
            kind,
            schema,
            options,
            locals: Vec::new(),
            tries_patterns: true,
        };
        if let Some(when) = &file.when {
            self.expression(when, &names);
        }
        for (_, when) in file.severity_when.conditions() {
            self.expression(when, &names);
        }
        self.place(&file.at, &names);
        if let Some(group) = &file.group {
            self.place(group, &names);
        }
        for at in file.follows.iter().filter_map(|cause| cause.at.as_ref()) {
            self.place(at, &names);
        }
        self.template(&file.message, &names);
        if let Some(help) = &file.help {
            self.template(help, &names);
        }
        for label in &file.label {
            let ty = self.place(&label.at, &names);
            self.template(&label.text, &item_names(&names, ty));
        }
        let Some(fix) = &file.fix else {
            return;
        };
        let fix = fix.get_ref();
        self.template(&fix.title, &names);
        for when in fix.when.iter().chain(&fix.safe_when) {
            self.expression(when, &names);
        }
        if let (Some(when), SafetyFile::Safe) = (&fix.safe_when, fix.safety) {
            self.fault(when.span(), "the fix is safe everywhere", None);
        }
        let lone = [
            &fix.insert_before,
            &fix.insert_after,
            &fix.replace,
            &fix.delete,
        ];
        self.edit(&lone, fix.text.as_ref(), &names);
        for edit in &fix.edits {
            let edit = edit.get_ref();
            self.edit(&places_of(edit), edit.text.as_ref(), &names);
        }
    }

    fn edit(&mut self, places: &[&Option<Text>; 4], text: Option<&Text>, names: &Names<'_>) {
        let mut ty = Ty::Any;
        for at in places.iter().copied().flatten() {
            ty = self.place(at, names);
        }
        if let Some(text) = text {
            self.template(text, &item_names(names, ty));
        }
    }

    /// Each edit has one place, and a text unless it deletes.
    fn fix_shape(&mut self, file: &RuleFile) {
        let Some(fix) = &file.fix else {
            return;
        };
        let span = fix.span();
        let fix = fix.get_ref();
        let lone = [
            &fix.insert_before,
            &fix.insert_after,
            &fix.replace,
            &fix.delete,
        ];
        let has_lone = lone.iter().any(|at| at.is_some()) || fix.text.is_some();
        if has_lone && !fix.edits.is_empty() {
            let message = "a fix must have one edit in place, or several in `edits`";
            self.fault(span.clone(), message, None);
        }
        if has_lone || fix.edits.is_empty() {
            self.edit_shape(span, &lone, fix.text.as_ref());
        }
        for edit in &fix.edits {
            let inner = edit.get_ref();
            self.edit_shape(edit.span(), &places_of(inner), inner.text.as_ref());
        }
    }

    fn edit_shape(&mut self, span: Range<usize>, places: &[&Option<Text>; 4], text: Option<&Text>) {
        let count = places.iter().filter(|at| at.is_some()).count();
        if count != 1 {
            let message = "an edit must have exactly one of `insert_before`, `insert_after`, `replace`, `delete`";
            self.fault(span, message, None);
            return;
        }
        match (places[3], text) {
            (Some(_), Some(text)) => self.fault(text.span(), "a deletion has no `text`", None),
            (None, None) => self.fault(span, "the edit has no `text`", None),
            _ => {}
        }
    }

    fn expression(&mut self, text: &Text, names: &Names<'_>) -> (Expr, Ty) {
        let (expr, ty, faults) = compile::expression(text.get_ref(), names);
        self.take(text, faults);
        (expr, ty)
    }

    /// The expression of a place: something of the facts, so that it can have one.
    fn place(&mut self, text: &Text, names: &Names<'_>) -> Ty {
        let before = self.faults.len();
        let (expr, ty) = self.expression(text, names);
        if self.faults.len() == before && !has_place(&expr) {
            let help = format!("name the fact (`{}`) or something in it", names.kind.name);
            self.fault(text.span(), "this is not a place in a file", Some(help));
        }
        ty
    }

    fn template(&mut self, text: &Text, names: &Names<'_>) {
        let (_, faults) = template::read(text.get_ref(), names);
        self.take(text, faults);
    }

    fn take(&mut self, text: &Spanned<String>, faults: Vec<Fault>) {
        for fault in faults {
            self.faults.push(Fault {
                range: place::inside(self.text, text.span(), fault.range),
                ..fault
            });
        }
    }
}

/// The names for the text of a label or edit: `item` is what it stands at.
pub(super) fn item_names<'n>(names: &Names<'n>, at: Ty) -> Names<'n> {
    let item = match at {
        Ty::List(item) => *item,
        other => other,
    };
    Names {
        locals: vec![("item".to_owned(), item)],
        ..names.clone()
    }
}

fn places_of(edit: &EditFile) -> [&Option<Text>; 4] {
    [
        &edit.insert_before,
        &edit.insert_after,
        &edit.replace,
        &edit.delete,
    ]
}

/// Whether the value of an expression can stand somewhere.
fn has_place(expr: &Expr) -> bool {
    use super::expr::Filter;
    match expr {
        Expr::Subject | Expr::Field { .. } | Expr::Local(_) => true,
        Expr::Item(of, _) | Expr::Slice(of, ..) => has_place(of),
        Expr::Filter(of, filter) => {
            !matches!(filter, Filter::Length | Filter::Join(_)) && has_place(of)
        }
        Expr::If(_, yes, no) => has_place(yes) && has_place(no),
        Expr::Or(left, right) => has_place(left) && has_place(right),
        Expr::And(_, right) => has_place(right),
        Expr::Math(_, left, right) => has_place(left) || has_place(right),
        Expr::List(items) => items.iter().all(has_place),
        _ => false,
    }
}
