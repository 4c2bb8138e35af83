//! Simple commands: expanded, named as meant, sorted by their grammar.

use std::ops::Range;
use std::rc::Rc;

use shuck_ast::{
    Assignment as AssignmentNode, AssignmentValue, BuiltinCommand, Command as Node,
    ConditionalCommand, DeclOperand, Stmt, Word,
};

use super::ast::{Arg, Assignment, Command, Connector, OnFailure, Redirect, Runs};
use super::effects::Effect;
use super::environment::Value;
use super::expanding::range;
use super::field::MAX_TEXT;
use super::meant::{self, Meant};
use super::positional::Tail;
use super::state::{Context, Walk};
use crate::span::{Span, Traced};

/// A simple command taken from the tree: where its parts stand in the text.
#[derive(Default)]
struct Parts<'s> {
    words: Vec<Range<usize>>,
    /// Words that may hold substitutions.
    nodes: Vec<&'s Word>,
    assignments: &'s [AssignmentNode],
}

/// The words of a command after expansion.
pub(super) struct Line {
    pub(super) args: Vec<Arg>,
    /// The word that is `"$@"`, when that is what the script was given.
    pub(super) given_at: Option<usize>,
    /// The last word is.
    pub(super) ends_given: bool,
    /// The fields that `"$@"` brought.
    pub(super) passed: std::ops::Range<usize>,
    pub(super) assignments: Vec<Assignment>,
    pub(super) redirects: Vec<Redirect>,
    pub(super) span: Span,
}

impl Line {
    /// The text that standard input is, when no variable in it is expanded.
    fn script(&self) -> Option<&Traced> {
        let redirect = self
            .redirects
            .iter()
            .rfind(|redirect| redirect.body.is_some())?;
        let body = redirect.body.as_ref()?;
        (!body.as_str().contains(['$', '`', '\\'])).then_some(body)
    }
}

impl<'s, 'v> Walk<'s, '_, 'v> {
    pub(super) fn simple(&mut self, statement: &'s Stmt, context: &Context) {
        let parts = self.parts(statement);
        let script = self.script;
        let is_bare = parts.words.is_empty();
        for word in &parts.nodes {
            self.substitutions(&word.parts, context, false);
        }
        for assignment in parts.assignments {
            self.assignment_substitutions(assignment, context, is_bare);
        }
        self.redirect_substitutions(&statement.redirects, context);

        let mut fields = Vec::new();
        let mut given_at = None;
        let mut ends_given = false;
        let mut passed = 0..0;
        for (i, word) in parts.words.iter().enumerate() {
            let from = fields.len();
            if self.is_given(word.clone()) {
                given_at.get_or_insert(fields.len());
                ends_given |= i + 1 == parts.words.len();
            }
            self.expand_range(word.clone(), context, &mut fields);
            let written = script.text.as_str().get(word.clone());
            if matches!(written, Some("\"$@\"" | "$@" | "\"${@}\"" | "${@}")) {
                passed = from..fields.len();
            }
        }
        let assignments = self.assignments(parts.assignments, context, fields.is_empty());
        let redirects = self.read_redirects(&statement.redirects, context);
        if fields.is_empty() && assignments.is_empty() && redirects.is_empty() {
            return;
        }
        let whole = parts
            .words
            .iter()
            .cloned()
            .chain(parts.assignments.iter().map(|node| range(node.span)))
            .chain(statement.redirects.iter().map(|node| range(node.span)))
            .reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))
            .unwrap_or(0..0);
        let length = script.text.len();
        let start = whole.start.min(length);
        let line = Line {
            args: fields.into_iter().map(|field| field.arg).collect(),
            given_at,
            ends_given,
            passed,
            assignments,
            redirects,
            span: script.text.span_of(start..whole.end.clamp(start, length)),
        };
        self.line(line, context);
    }

    /// A command line that no shell has read.
    pub(super) fn words(&mut self, args: Vec<Arg>, span: Span, context: &Context) {
        let line = Line {
            args,
            given_at: None,
            ends_given: false,
            passed: 0..0,
            assignments: Vec::new(),
            redirects: Vec::new(),
            span,
        };
        self.line(line, context);
    }

    fn line(&mut self, mut line: Line, context: &Context) {
        if !self.shared.step(line.args.len() + 1) {
            return;
        }
        let mut meant = meant::resolve(&line.args);
        let handed = meant.script.take().or_else(|| {
            let script = line.script()?;
            meant::from_heredoc(&meant, line.args.get(meant.end..)?, script)
        });
        if let Some(handed) = handed
            && self.nested(&handed, &meant, &line, context)
        {
            return;
        }
        let is_call = meant.wrappers.is_empty()
            && meant.name.is_some()
            && meant
                .program
                .as_ref()
                .is_some_and(|name| self.functions.contains_key(name));
        if is_call {
            meant.name.clone_from(&meant.program);
            meant.end = meant.at + 1;
        }
        let args = line.args.split_off(meant.end.min(line.args.len()));
        let ends_given = line.ends_given;
        let effect = Effect::of(&meant);
        let called = is_call.then(|| meant.program.clone()).flatten();
        let command = self.command_of(meant, args, line, context);
        self.apply(effect, &command.args, context);
        let call = called.map(|name| (name, Self::call_args(&command.args, ends_given)));
        let executed = super::executed::of_find(&command);
        self.shared.commands.push(command);
        for (words, span, wrappers) in executed {
            let mut inner = context.clone().perhaps();
            inner.depth += 1;
            inner.connector = Connector::And;
            inner.wrappers = wrappers.into();
            self.apart(|walk| walk.words(words, span, &inner));
        }
        if let Some((name, args)) = call {
            self.call(&name, args, context);
        }
    }

    fn command_of(
        &mut self,
        meant: Meant,
        args: Vec<Arg>,
        line: Line,
        context: &Context,
    ) -> Command {
        let named = line.args.get(meant.at..meant.end).unwrap_or_default();
        // What the script was given stands where it was given, not where the script says `"$@"`.
        let name_span = named
            .iter()
            .enumerate()
            .map(|(at, arg)| {
                let is_passed = line.passed.contains(&(meant.at + at));
                let written = arg.text.as_ref().filter(|_| is_passed);
                written.map_or(arg.word, Traced::span)
            })
            .reduce(|a, b| if a.file == b.file { a.cover(b) } else { b })
            .unwrap_or(Span::point(line.span.file, line.span.start));
        let is_bare = line.args.is_empty();
        let name = if is_bare {
            Some(String::new())
        } else {
            meant.name
        };
        let sorted = super::sorted::sort(name.as_deref().unwrap_or(""), &args);
        let is_open = meant.has_more || args.iter().any(|arg| arg.text.is_none());
        let is_exec = meant.wrappers.iter().any(|wrapper| wrapper == "exec");
        let mut assignments = line.assignments;
        assignments.extend(meant.assignments);
        let mut wrappers = context.wrappers.to_vec();
        wrappers.extend(meant.wrappers);
        let mut runners = context.runners.to_vec();
        runners.extend(meant.runners);
        let shared = &self.shared;
        let on_failure = match name.as_deref() {
            Some("exit") if context.abort => OnFailure::Stops,
            _ if context.abort && is_exec => OnFailure::Stops,
            _ => context.on_failure(&shared.mode),
        };
        let may_not_run = shared.may_be_over || shared.may_have_returned || shared.mode.is_ended;
        Command {
            span: line.span,
            runs_arguments: line.given_at == Some(meant.at) && name.is_none(),
            name,
            name_span,
            program: meant.program,
            wrappers,
            runners,
            run_as: meant.run_as.or_else(|| context.run_as.clone()),
            assignments,
            subcommand: sorted.subcommand,
            flags: sorted.flags,
            operands: sorted.operands,
            management: sorted.management,
            is_complete: !is_open,
            args,
            connector: context.connector,
            on_failure,
            runs: if may_not_run {
                Runs::Perhaps
            } else {
                context.runs
            },
            is_passed_over: context.is_passed_over,
            is_condition: context.is_condition,
            guard: context.guard,
            is_substitution: context.is_substitution,
            loop_depth: context.loop_depth,
            is_background: context.is_background,
            function: context.function.as_deref().map(str::to_owned),
            pipeline: context.pipeline,
            redirects: line.redirects,
            cd: shared.mode.cd.as_deref().map(str::to_owned),
        }
    }

    /// `[[ ... ]]`, as a command of that name with its words.
    pub(super) fn conditional(&mut self, command: &'s ConditionalCommand, context: &Context) {
        let text = &self.script.text;
        let start = command.left_bracket_span.start.offset();
        let inside =
            command.left_bracket_span.end.offset()..command.right_bracket_span.start.offset();
        let end = command.right_bracket_span.end.offset();
        let Some(raw) = text.as_str().get(inside.clone()) else {
            return;
        };
        let bracket = std::iter::once(start..inside.start);
        let words = super::scan::words(raw, inside.start).into_iter();
        let ranges = bracket.chain(words).chain(std::iter::once(inside.end..end));
        let span = text.span_of(start..end);
        let mut fields = Vec::new();
        for range in ranges {
            self.expand_range(range, context, &mut fields);
        }
        let args = fields.into_iter().map(|field| field.arg).collect();
        self.words(args, span, context);
    }

    fn parts(&self, statement: &'s Stmt) -> Parts<'s> {
        let mut parts = Parts::default();
        match &statement.command {
            Node::Simple(command) => {
                parts.assignments = &command.assignments;
                let name = range(command.name.span);
                if !name.is_empty() {
                    parts.words.push(name);
                    parts.nodes.push(&command.name);
                }
                for word in &command.args {
                    parts.words.push(range(word.span));
                    parts.nodes.push(word);
                }
            }
            Node::Builtin(builtin) => {
                let (name, operand, extra, assignments, span) = match builtin {
                    BuiltinCommand::Break(b) => {
                        ("break", &b.depth, &b.extra_args, &b.assignments, b.span)
                    }
                    BuiltinCommand::Continue(b) => {
                        ("continue", &b.depth, &b.extra_args, &b.assignments, b.span)
                    }
                    BuiltinCommand::Return(b) => {
                        ("return", &b.code, &b.extra_args, &b.assignments, b.span)
                    }
                    BuiltinCommand::Exit(b) => {
                        ("exit", &b.code, &b.extra_args, &b.assignments, b.span)
                    }
                };
                parts.assignments = assignments;
                let text = self.script.text.as_str();
                let whole = range(span);
                let found = text.get(whole.clone()).and_then(|raw| raw.find(name));
                let start = whole.start + found.unwrap_or(0);
                parts.words.push(start..start + name.len());
                for word in operand.iter().chain(extra.iter()) {
                    parts.words.push(range(word.span));
                    parts.nodes.push(word);
                }
            }
            Node::Decl(declaration) => {
                parts.assignments = &declaration.assignments;
                parts.words.push(range(declaration.variant_span));
                for operand in &declaration.operands {
                    match operand {
                        DeclOperand::Flag(word) | DeclOperand::Dynamic(word) => {
                            parts.words.push(range(word.span));
                            parts.nodes.push(word);
                        }
                        DeclOperand::Name(name) => parts.words.push(range(name.span)),
                        DeclOperand::Assignment(assignment) => {
                            parts.words.push(range(assignment.span));
                            if let AssignmentValue::Scalar(word) = &assignment.value {
                                parts.nodes.push(word);
                            }
                        }
                    }
                }
            }
            Node::Binary(_)
            | Node::Compound(_)
            | Node::Function(_)
            | Node::AnonymousFunction(_) => {}
        }
        parts
    }

    /// Whether the raw word is all the arguments, as the script was given them.
    fn is_given(&self, word: Range<usize>) -> bool {
        let raw = self.script.text.as_str().get(word).unwrap_or("");
        let is_all = matches!(raw, "\"$@\"" | "$@" | "\"${@}\"" | "${@}" | "$*" | "\"$*\"")
            || (raw.starts_with("\"${@:-") && raw.ends_with("}\""));
        is_all && self.shared.mode.args.is_as_given()
    }

    /// Evaluates assignments in order; they take effect when no command follows them (`is_bare`).
    fn assignments(
        &mut self,
        nodes: &'s [AssignmentNode],
        context: &Context,
        is_bare: bool,
    ) -> Vec<Assignment> {
        let script = self.script;
        let text = &script.text;
        let mut out = Vec::new();
        for node in nodes {
            let name = node.target.name.as_str();
            let value = self.assigned(node, context);
            let whole = range(node.span);
            let start = whole.start.min(text.len());
            out.push(Assignment {
                name: name.to_owned(),
                name_span: text.span_of(start..(start + name.len()).min(text.len())),
                value: match &value {
                    Value::Known(text) => Some(Traced::clone(text)),
                    _ => None,
                },
                span: text.span_of(start..whole.end.clamp(start, text.len())),
            });
            if is_bare {
                self.assign(name, value);
            }
        }
        out
    }

    fn assigned(&mut self, node: &AssignmentNode, context: &Context) -> Value {
        let script = self.script;
        let text = &script.text;
        if node.target.subscript.is_some() {
            return Value::Unknown;
        }
        let before = node
            .append
            .then(|| self.shared.environment.get(node.target.name.as_str()));
        match &node.value {
            AssignmentValue::Scalar(word) => {
                let word = range(word.span);
                let word = if word.is_empty() {
                    let end = range(node.span).end;
                    end..end
                } else {
                    word
                };
                let Some(value) = self.expander(context).value(text, word) else {
                    return Value::Unknown;
                };
                match before {
                    None | Some(Value::Unset) => Value::Known(Rc::new(value)),
                    Some(Value::Known(first)) if first.len() + value.len() <= MAX_TEXT => {
                        let mut joined = Traced::clone(&first);
                        joined.push_traced(&value);
                        Value::Known(Rc::new(joined))
                    }
                    Some(_) => Value::Unknown,
                }
            }
            AssignmentValue::Compound(array) => {
                let mut items: Vec<Traced> = match before {
                    None | Some(Value::Unset) => Vec::new(),
                    Some(Value::List(items)) => items.to_vec(),
                    Some(_) => return Value::Unknown,
                };
                let mut fields = Vec::new();
                for element in &array.elements {
                    let shuck_ast::ArrayElem::Sequential(word) = element else {
                        return Value::Unknown;
                    };
                    self.expand(word, context, &mut fields);
                }
                if items.len() + fields.len() > MAX_TEXT / 16 {
                    return Value::Unknown;
                }
                for field in fields {
                    match field.arg.text {
                        Some(text) => items.push(text),
                        None => return Value::Unknown,
                    }
                }
                Value::List(Rc::new(items))
            }
        }
    }

    /// Arguments for a function that is called with `args`.
    fn call_args(args: &[Arg], ends_given: bool) -> super::positional::Positional {
        let known: Vec<Traced> = args.iter().map_while(|arg| arg.text.clone()).collect();
        let tail = match args.len() - known.len() {
            0 => Tail::Nothing,
            1 if ends_given => Tail::Given,
            _ => Tail::Unknown,
        };
        super::positional::Positional {
            known: known.into(),
            tail,
        }
    }
}
