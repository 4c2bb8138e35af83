//! Imports: relative and absolute, of names, modules and stars.

use ruff_python_ast::{Alias, StmtImport, StmtImportFrom};

use crate::python::settings::exception::Exception;
use crate::python::settings::loader::LoadedModule;
use crate::python::settings::machine::{Interpreter, Resolution, State, place};
use crate::python::settings::outcome::{ProblemKind, VisitedModule};
use crate::python::settings::value::{Kind, Object, Reason, Thing, Value, external};
use crate::span::Span;

/// Packages whose public names are functions and classes: a star import of them leaves the
/// settings alone.
const WITHOUT_SETTINGS: &[&str] = &[
    "os",
    "os.path",
    "sys",
    "pathlib",
    "datetime",
    "logging",
    "typing",
    "re",
    "json",
    "environ",
    "environs",
    "decouple",
    "dj_database_url",
    "split_settings.tools",
    "django.urls",
    "django.utils.translation",
    "django.core.exceptions",
    "collections",
    "configurations",
];

impl Interpreter<'_> {
    pub(crate) fn import_statement(&mut self, import: &StmtImport) {
        for alias in &import.names {
            let dotted = alias.name.as_str();
            let span = self.span(alias);
            let resolution = self.resolve(dotted);
            let top = dotted.split('.').next().unwrap_or(dotted);
            let value = match resolution {
                Resolution::Module(index) => {
                    if alias.asname.is_some() {
                        self.module_value(index, span)
                    } else {
                        match self.resolve(top) {
                            Resolution::Module(top) => self.module_value(top, span),
                            _ => external(top, span),
                        }
                    }
                }
                Resolution::External => {
                    self.external(dotted, span);
                    external(if alias.asname.is_some() { dotted } else { top }, span)
                }
                missing => {
                    self.not_there(missing, dotted, span);
                    Value::unknown(Reason::NotRead(dotted.to_owned()), span)
                }
            };
            let name = alias.asname.as_ref().map_or(top, |name| name.as_str());
            let place = self.span(alias.asname.as_ref().unwrap_or(&alias.name));
            if self.raised.is_none() {
                self.bind(name, value, place);
            }
        }
    }

    pub(crate) fn import_from(&mut self, import: &StmtImportFrom) {
        let span = self.span(import);
        let written = import.module.as_ref().map_or("", |name| name.as_str());
        let Some(dotted) = self.absolute(written, import.level) else {
            self.bind_unknown(&import.names, written, span);
            return;
        };
        if dotted == "__future__" {
            return;
        }
        let place = import.module.as_ref().map_or(span, |name| self.span(name));
        match self.resolve(&dotted) {
            Resolution::Module(index) => {
                for alias in &import.names {
                    if alias.name.as_str() == "*" {
                        self.star(index, span);
                    } else {
                        self.import_name(index, alias);
                    }
                }
            }
            Resolution::External => {
                self.external(&dotted, place);
                for alias in &import.names {
                    let name = alias.name.as_str();
                    if name == "*" {
                        self.external_star(&dotted, span);
                        continue;
                    }
                    let at = self.span(alias);
                    let value = external(&format!("{dotted}.{name}"), at);
                    let bound = alias.asname.as_ref().unwrap_or(&alias.name);
                    let place = self.span(bound);
                    self.bind(bound.as_str(), value, place);
                }
            }
            missing => {
                let takes_all = import.names.iter().any(|alias| alias.name.as_str() == "*");
                self.not_there(missing, &dotted, place);
                self.takes_local |= takes_all && self.raised.is_some();
                if self.raised.is_none() {
                    self.bind_unknown(&import.names, &dotted, span);
                }
            }
        }
    }

    /// The absolute name of what a relative import names; `None` above the top package.
    fn absolute(&self, written: &str, level: u32) -> Option<String> {
        if level == 0 {
            return Some(written.to_owned());
        }
        let name = &self.modules[self.module()].name;
        let mut parts: Vec<&str> = name.dotted.split('.').collect();
        let up = (level as usize) - usize::from(name.is_package);
        if up >= parts.len() {
            return None;
        }
        parts.truncate(parts.len() - up);
        if !written.is_empty() {
            parts.push(written);
        }
        let dotted = parts.join(".");
        (!dotted.is_empty()).then_some(dotted)
    }

    fn import_name(&mut self, module: usize, alias: &Alias) {
        let name = alias.name.as_str();
        let span = self.span(alias);
        let bound = alias.asname.as_ref().unwrap_or(&alias.name);
        let place = self.span(bound);
        let running = self.modules[module].state == State::Running;
        let value = if running || self.tries > 0 {
            // In a `try` it matters whether the name is there; in a circle it is now or never.
            self.member(module, name, span)
        } else {
            let lazy = Thing::Lazy {
                module,
                name: name.to_owned(),
            };
            Value::new(Kind::Object(Object(lazy)), span)
        };
        if self.raised.is_none() {
            self.bind(bound.as_str(), value, place);
        }
    }

    fn module_value(&self, module: usize, span: Span) -> Value {
        Value::new(Kind::Object(Object(Thing::Module(module))), span)
    }

    /// `from module import *` of a module of the project.
    fn star(&mut self, module: usize, span: Span) {
        self.import(module);
        if self.raised.is_some() {
            return;
        }
        let current = self.module();
        if module == current {
            return;
        }
        let (listed, all_known) = match self.modules[module].names.get("__all__") {
            Some(binding) => match binding.value.as_items() {
                Some(items) if items.is_known() => {
                    let names = items.texts().map(|(name, _)| name.to_owned());
                    (Some(names.collect::<Vec<String>>()), true)
                }
                _ => (None, false),
            },
            None => (None, true),
        };
        if self.modules[module].is_open || !all_known {
            self.poison("import *", span);
        }
        let stars = self.modules[module].stars.clone();
        self.modules[current].stars.extend(stars);
        for (name, binding) in self.modules[module].names.sorted() {
            let is_public = match &listed {
                Some(names) => names.contains(&name),
                None => !name.starts_with('_'),
            };
            if !is_public || !self.spend(1) {
                continue;
            }
            // A name that one way leaves unset keeps here, on that way, what it was.
            let mut binding = binding;
            if may_be_unset(&binding.value)
                && let Some(before) = self.modules[current].names.get(&name)
            {
                let before = before.value.clone();
                binding.value = instead_of_unset(&binding.value, &before);
            }
            match self.frames.last_mut().and_then(|f| f.locals.as_mut()) {
                Some(locals) => locals.put(name, Some(binding)),
                None => self.modules[current].names.put(name, Some(binding)),
            }
        }
    }

    /// A star import from outside the project.
    fn external_star(&mut self, dotted: &str, span: Span) {
        let module = self.module();
        if WITHOUT_SETTINGS.contains(&dotted) {
            self.modules[module].stars.push(dotted.to_owned());
        } else {
            self.poison(dotted, span);
        }
    }

    /// Notes a module outside the project; it may not be installed.
    fn external(&mut self, dotted: &str, span: Span) {
        self.may_raise |= !is_standard(dotted);
        if self.undecided == 0 && self.tries == 0 {
            let top = dotted.split('.').next().unwrap_or(dotted);
            self.externals.entry(top.to_owned()).or_insert(span);
        }
    }

    fn not_there(&mut self, resolution: Resolution, dotted: &str, span: Span) {
        if self.tries > 0 && matches!(resolution, Resolution::Missing) {
            self.raised = Some(Exception::Import);
            return;
        }
        self.may_raise = true;
        match resolution {
            Resolution::Missing if self.undecided == 0 => self.problem(
                ProblemKind::MissingModule,
                Some(span),
                format!("there is no module `{dotted}`"),
            ),
            _ => {}
        }
    }

    fn bind_unknown(&mut self, names: &[Alias], dotted: &str, span: Span) {
        for alias in names {
            if alias.name.as_str() == "*" {
                self.poison(dotted, span);
                continue;
            }
            let bound = alias.asname.as_ref().unwrap_or(&alias.name);
            let place = self.span(bound);
            let value = Value::unknown(Reason::NotRead(dotted.to_owned()), place);
            self.bind(bound.as_str(), value, place);
        }
    }

    /// `include("components/*.py", optional("local.py"))` of django-split-settings.
    pub(crate) fn split_include(&mut self, arguments: &[Value], span: Span) {
        for argument in arguments {
            let (pattern, is_optional) = match &argument.settled().kind {
                Kind::Str(pattern) => (pattern.to_string(), false),
                Kind::Object(Object(Thing::Optional(pattern))) => (pattern.to_string(), true),
                _ => {
                    self.poison("include", span);
                    continue;
                }
            };
            let name = self.modules[self.module()].name.clone();
            match self.loader.files(&pattern, &name) {
                Some(modules) if modules.is_empty() && is_optional => self.takes_local = true,
                Some(modules) if !modules.is_empty() => {
                    for module in modules {
                        self.included(module);
                    }
                }
                _ => self.poison("include", span),
            }
        }
    }

    fn included(&mut self, module: LoadedModule) {
        let Some((file, source)) = module.file else {
            return;
        };
        let is_known = self.visited.iter().any(|visited| visited.file == file);
        if is_known || self.is_too_deep() || self.visited.len() >= 200 {
            return;
        }
        self.visited.push(VisitedModule {
            name: module.name,
            file,
        });
        match crate::python::syntax::parse(&source.text) {
            Ok(parsed) => {
                let body = parsed.into_syntax().body;
                self.include(file, &body);
            }
            Err(error) => {
                let span = place(file, error.range);
                self.problem(ProblemKind::Syntax, Some(span), error.message);
                self.poison("include", span);
            }
        }
    }
}

fn may_be_unset(value: &Value) -> bool {
    match &value.kind {
        Kind::Either(values) => values.iter().any(|one| matches!(one.kind, Kind::Unset)),
        kind => matches!(kind, Kind::Unset),
    }
}

fn instead_of_unset(value: &Value, before: &Value) -> Value {
    match &value.kind {
        Kind::Either(values) => {
            let values = values.iter().map(|one| instead_of_unset(one, before));
            Value::either(values.collect(), value.span)
        }
        Kind::Unset => before.clone(),
        _ => value.clone(),
    }
}

/// Modules of the language itself that settings import; an import of them does not fail.
fn is_standard(dotted: &str) -> bool {
    const STANDARD: &[&str] = &[
        "os",
        "sys",
        "pathlib",
        "json",
        "re",
        "logging",
        "datetime",
        "socket",
        "ast",
        "copy",
        "warnings",
        "typing",
        "collections",
        "functools",
        "itertools",
        "random",
        "string",
        "base64",
        "hashlib",
        "secrets",
        "urllib",
        "importlib",
        "platform",
        "subprocess",
        "time",
        "uuid",
        "mimetypes",
        "glob",
        "tempfile",
        "io",
        "math",
        "enum",
        "dataclasses",
        "decimal",
        "django",
    ];
    let top = dotted.split('.').next().unwrap_or(dotted);
    STANDARD.contains(&top)
}
