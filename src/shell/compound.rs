//! Compound commands: branches, loops, functions.
//!
//! A loop over a known list is walked once for each item; other loops once, with what they assign
//! unknown from the start. Functions are walked where they are called.

use std::collections::BTreeSet;
use std::rc::Rc;

use shuck_ast::{
    CaseCommand, CaseItem, CaseTerminator, Command as Node, CompoundCommand, DeclOperand,
    ForCommand, FunctionDef, IfCommand, Stmt, StmtSeq, Word,
};

use super::ast::{Connector, Runs};
use super::environment::{Changes, Value};
use super::positional::Positional;
use super::state::{Context, Function, Mode, Walk};
use crate::span::Traced;

/// Longest list a loop is walked for item by item.
const MAX_ROUNDS: usize = 48;

/// Whether a branch is taken.
#[derive(Clone, Copy)]
enum Reach {
    Open,
    /// What is known of the variables keeps it from running.
    Dead,
    /// The arguments of the script keep it from running.
    PassedOver,
}

impl Reach {
    fn of(is_dead: bool, is_by_arguments: bool) -> Self {
        match (is_dead, is_by_arguments) {
            (false, _) => Self::Open,
            (true, false) => Self::Dead,
            (true, true) => Self::PassedOver,
        }
    }
}

/// `$1`, `"$@"`, `${1:-web}`: an argument of the script is looked at.
fn names_arguments(text: &str) -> bool {
    let mut parts = text.split('$').skip(1);
    parts.any(|part| {
        let name = part.strip_prefix('{').unwrap_or(part);
        name.starts_with(|c: char| c.is_ascii_digit() && c != '0' || matches!(c, '@' | '*'))
    })
}

impl<'s> Walk<'s, '_, '_> {
    pub(super) fn compound(&mut self, compound: &'s CompoundCommand, context: &Context) {
        match compound {
            CompoundCommand::If(branches) => self.branches(branches, context),
            CompoundCommand::For(command) => self.for_loop(command, context),
            CompoundCommand::While(command) => {
                self.condition_loop(&command.condition, &command.body, context);
            }
            CompoundCommand::Until(command) => {
                self.condition_loop(&command.condition, &command.body, context);
            }
            CompoundCommand::Select(command) => {
                self.word_substitutions(&command.words, context);
                self.open_loop(Some(command.variable.as_str()), &command.body, context);
            }
            CompoundCommand::ArithmeticFor(command) => {
                self.open_loop(None, &command.body, context);
            }
            CompoundCommand::Repeat(command) => self.open_loop(None, &command.body, context),
            CompoundCommand::Foreach(command) => {
                self.open_loop(Some(command.variable.as_str()), &command.body, context);
            }
            CompoundCommand::Case(command) => self.case(command, context),
            CompoundCommand::Subshell(body) => self.subshell(body, context),
            CompoundCommand::BraceGroup(body) => self.sequence(body, context),
            CompoundCommand::Arithmetic(_) => {}
            CompoundCommand::Time(command) => {
                if let Some(timed) = &command.command {
                    self.statement(timed, context);
                }
            }
            CompoundCommand::Conditional(command) => self.conditional(command, context),
            CompoundCommand::Coproc(command) => {
                let mut inner = context.tested();
                inner.abort = false;
                inner.is_background = true;
                self.apart(|walk| walk.statement(&command.body, &inner));
            }
            CompoundCommand::Always(command) => {
                self.sequence(&command.body, &context.tested());
                self.sequence(&command.always_body, context);
            }
        }
    }

    fn branches(&mut self, command: &'s IfCommand, context: &Context) {
        let mut condition = context.tested();
        condition.is_condition = true;
        let mut branch = context.clone().perhaps();
        branch.connector = Connector::Sequence;

        let listed = self.shared.commands.len();
        self.sequence(&command.condition, &condition);
        let outcome = match command.condition.stmts.as_slice() {
            [test] => self.outcome(test, listed),
            _ => None,
        };
        let written = self.text_between(&command.condition.stmts);
        let is_by_arguments = written.is_some_and(names_arguments);
        let test = self.shared.commands.get(listed).map(|test| test.span);
        if outcome == Some(true) {
            branch.runs = context.runs;
            branch.guard = test;
        }
        let mut ways = Vec::new();
        let first = Reach::of(outcome == Some(false), is_by_arguments);
        self.branch(&command.then_branch, &branch, first, &mut ways);
        (branch.runs, branch.guard) = if outcome == Some(false) && command.elif_branches.is_empty()
        {
            (context.runs, test)
        } else {
            (Runs::Perhaps, context.guard)
        };
        let is_dead = outcome == Some(true);
        let further = Reach::of(is_dead, is_by_arguments);
        let condition = condition.perhaps();
        for (test, body) in &command.elif_branches {
            self.apart(|walk| walk.sequence(test, &condition));
            self.branch(body, &branch, further, &mut ways);
        }
        if let Some(body) = &command.else_branch {
            self.branch(body, &branch, further, &mut ways);
        }
        self.join(ways, command.else_branch.is_none() && !is_dead);
    }

    /// One of several bodies. What certainly does not run is listed, but has no effect.
    fn branch(
        &mut self,
        body: &'s StmtSeq,
        context: &Context,
        reach: Reach,
        ways: &mut Vec<(Changes, Mode)>,
    ) {
        match reach {
            Reach::Open => ways.push(self.way(|walk| walk.sequence(body, context))),
            Reach::Dead => self.apart(|walk| walk.sequence(body, context)),
            Reach::PassedOver => {
                let context = Context {
                    is_passed_over: true,
                    ..context.clone()
                };
                self.apart(|walk| walk.sequence(body, &context));
            }
        }
    }

    /// What is written from the first statement to the last.
    fn text_between(&self, statements: &[Stmt]) -> Option<&'s str> {
        let (first, last) = (statements.first()?, statements.last()?);
        let range = first.span.start.offset()..last.span.end.offset();
        self.script.text.as_str().get(range)
    }

    /// Whether a statement that is a test of known words holds; `listed` commands came before it.
    pub(super) fn outcome(&self, statement: &Stmt, listed: usize) -> Option<bool> {
        if !matches!(statement.command, Node::Simple(_)) {
            return None;
        }
        let [command] = self.shared.commands.get(listed..)? else {
            return None;
        };
        super::test::outcome(command).map(|outcome| outcome != statement.negated)
    }

    fn case(&mut self, command: &'s CaseCommand, context: &Context) {
        self.word_substitutions(std::slice::from_ref(&command.word), context);
        let subject = self.known_word(&command.word, context);
        let is_by_arguments = names_arguments(command.word.span.slice(self.script.text.as_str()));
        let mut ways = Vec::new();
        let mut has_default = false;
        // Whether an item before this one matched: `None` when nobody knows.
        let mut is_taken = Some(false);
        for item in &command.cases {
            let mut branch = context.clone().perhaps();
            branch.connector = Connector::Sequence;
            let is_match = match &subject {
                Some(subject) => self.matches_item(subject, item, context),
                None => None,
            };
            let is_plain = item.terminator == CaseTerminator::Break;
            if is_taken == Some(false) && is_match == Some(true) && is_plain {
                branch.runs = context.runs;
            }
            let text = self.script.text.as_str();
            let mut patterns = item.patterns.iter();
            has_default |= is_plain && patterns.any(|pattern| pattern.span.slice(text) == "*");
            let is_dead = is_plain && (is_taken == Some(true) || is_match == Some(false));
            let reach = Reach::of(is_dead, is_by_arguments);
            self.branch(&item.body, &branch, reach, &mut ways);
            if !is_dead {
                let is_first = is_plain && is_taken == Some(false);
                is_taken = (is_first && is_match == Some(true)).then_some(true);
                has_default |= is_taken == Some(true);
            }
        }
        self.join(ways, !has_default);
    }

    fn matches_item(
        &mut self,
        subject: &str,
        item: &'s CaseItem,
        context: &Context,
    ) -> Option<bool> {
        let mut is_sure = true;
        for pattern in &item.patterns {
            let span = pattern.span;
            let range = span.start.offset()..span.end.offset();
            match self.pattern_matches(range, subject, context) {
                Some(true) => return is_sure.then_some(true),
                Some(false) => {}
                None => is_sure = false,
            }
        }
        is_sure.then_some(false)
    }

    /// The text of a word that is one known field.
    fn known_word(&mut self, word: &Word, context: &Context) -> Option<String> {
        let script = self.script;
        let range = word.span.start.offset()..word.span.end.offset();
        let value = self.expander(context).value(&script.text, range)?;
        Some(value.as_str().to_owned())
    }

    fn pattern_matches(
        &mut self,
        range: std::ops::Range<usize>,
        subject: &str,
        context: &Context,
    ) -> Option<bool> {
        let script = self.script;
        self.expander(context)
            .pattern_matches(&script.text, range, subject)
    }

    fn for_loop(&mut self, command: &'s ForCommand, context: &Context) {
        let name = match command.targets.as_slice() {
            [target] => target.name.as_ref(),
            _ => None,
        };
        let words = command.words.as_deref().unwrap_or_default();
        self.word_substitutions(words, context);
        let items = match (name, &command.words) {
            (Some(_), Some(words)) => self.items(words, context),
            (Some(_), None) => {
                let args = &self.shared.mode.args;
                let known = args.known.iter().cloned().map(Some);
                args.is_closed().then(|| known.collect())
            }
            _ => None,
        };
        let (Some(name), Some(items)) = (name, items) else {
            self.open_loop(name.map(shuck_ast::Name::as_str), &command.body, context);
            return;
        };
        let mut assigned = Assigned::new(self.script.text.as_str());
        assigned.sequence(&command.body, 0);
        let mut inner = context.clone();
        inner.status = false;
        inner.connector = Connector::Sequence;
        inner.loop_depth += 1;
        if assigned.may_leave {
            inner.runs = Runs::Perhaps;
        }
        let count = items.len();
        for (i, item) in items.into_iter().enumerate() {
            if i + 1 == count {
                inner.status = context.status;
            }
            let value = item.map_or(Value::Unknown, |text| Value::Known(Rc::new(text)));
            self.shared.environment.set(name.as_str(), value);
            self.sequence(&command.body, &inner);
            if !self.shared.step(1) {
                break;
            }
        }
        if assigned.may_leave {
            self.forget(&assigned, Some(name.as_str()));
        }
    }

    /// The items of a loop; `None` when their number is not known. An item with a glob is unknown.
    fn items(&mut self, words: &'s [Word], context: &Context) -> Option<Vec<Option<Traced>>> {
        let mut fields = Vec::new();
        for word in words {
            self.expand(word, context, &mut fields);
        }
        if fields.len() > MAX_ROUNDS {
            return None;
        }
        let mut items = Vec::new();
        for field in fields {
            if field.arg.text.is_none() && !field.arg.is_quoted {
                return None;
            }
            items.push(if field.has_glob { None } else { field.arg.text });
        }
        Some(items)
    }

    fn condition_loop(&mut self, test: &'s StmtSeq, body: &'s StmtSeq, context: &Context) {
        let mut assigned = Assigned::new(self.script.text.as_str());
        assigned.sequence(test, 0);
        assigned.sequence(body, 0);
        self.forget(&assigned, None);
        let mut condition = context.tested();
        condition.is_condition = true;
        condition.loop_depth += 1;
        self.sequence(test, &condition);
        self.rounds(body, context);
        self.forget(&assigned, None);
    }

    /// A loop of which nobody knows the rounds.
    fn open_loop(&mut self, name: Option<&str>, body: &'s StmtSeq, context: &Context) {
        let mut assigned = Assigned::new(self.script.text.as_str());
        assigned.sequence(body, 0);
        self.forget(&assigned, name);
        self.rounds(body, context);
        self.forget(&assigned, name);
    }

    fn rounds(&mut self, body: &'s StmtSeq, context: &Context) {
        let mut inner = context.clone().perhaps();
        inner.status = false;
        inner.connector = Connector::Sequence;
        inner.loop_depth += 1;
        let way = self.way(|walk| walk.sequence(body, &inner));
        self.join(vec![way], true);
    }

    fn forget(&mut self, assigned: &Assigned<'_>, name: Option<&str>) {
        for name in assigned.names.iter().map(String::as_str).chain(name) {
            self.shared.environment.set(name, Value::Unknown);
        }
        if assigned.changes_directory {
            self.shared.mode.cd = None;
        }
        if assigned.changes_args {
            self.shared.mode.args = Positional::unknown();
        }
    }

    pub(super) fn define(&mut self, function: &'s FunctionDef) {
        for name in function.static_names() {
            self.uncalled.insert(name.as_str().to_owned());
            self.functions.insert(
                name.as_str().to_owned(),
                Function {
                    body: &function.body,
                    is_active: false,
                },
            );
        }
    }

    /// Walks a function with these arguments; `false` when there is none.
    pub(super) fn call(&mut self, name: &str, args: Positional, context: &Context) -> bool {
        let Some(function) = self.functions.get_mut(name) else {
            return false;
        };
        self.uncalled.remove(name);
        if function.is_active {
            return true;
        }
        function.is_active = true;
        let body = function.body;
        let mut inner = context.clone();
        inner.function = Some(Rc::from(name));
        inner.connector = Connector::Sequence;
        inner.depth += 4;
        let outer_args = std::mem::replace(&mut self.shared.mode.args, args);
        let was_ended = self.shared.mode.is_ended;
        let may_have_returned = std::mem::take(&mut self.shared.may_have_returned);
        let hidden = self.shared.hidden.len();

        self.statement(body, &inner);

        self.shared.may_have_returned = may_have_returned;
        self.shared.mode.args = outer_args;
        if std::mem::take(&mut self.shared.mode.is_returned) {
            self.shared.mode.is_ended = was_ended;
        }
        while self.shared.hidden.len() > hidden {
            if let Some((name, value)) = self.shared.hidden.pop() {
                self.shared.environment.set(&name, value);
            }
        }
        if let Some(function) = self.functions.get_mut(name) {
            function.is_active = false;
        }
        true
    }
}

/// What a piece of script may assign, read from its text alone.
struct Assigned<'t> {
    text: &'t str,
    names: BTreeSet<String>,
    /// `break`, `continue`, `return` or `exit` may end it early.
    may_leave: bool,
    changes_directory: bool,
    changes_args: bool,
}

impl<'t> Assigned<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            names: BTreeSet::new(),
            may_leave: false,
            changes_directory: false,
            changes_args: false,
        }
    }

    fn sequence(&mut self, sequence: &StmtSeq, depth: u32) {
        for statement in &sequence.stmts {
            self.statement(statement, depth);
        }
    }

    fn statement(&mut self, statement: &Stmt, depth: u32) {
        // Deeper than a walk ever gets.
        if depth > 2000 {
            return;
        }
        let depth = depth + 1;
        match &statement.command {
            Node::Simple(command) => {
                match command.name.span.slice(self.text) {
                    "read" | "getopts" | "mapfile" | "readarray" | "printf" | "unset"
                    | "export" | "local" | "readonly" | "declare" | "let" => {
                        for word in &command.args {
                            let word = word.span.slice(self.text);
                            let name = word.split(['=', '+']).next().unwrap_or("");
                            self.names.insert(name.to_owned());
                        }
                    }
                    "cd" | "pushd" | "popd" => self.changes_directory = true,
                    "set" | "shift" => self.changes_args = true,
                    _ => {}
                }
                for assignment in &command.assignments {
                    self.names
                        .insert(assignment.target.name.as_str().to_owned());
                }
            }
            Node::Decl(declaration) => {
                for operand in &declaration.operands {
                    match operand {
                        DeclOperand::Name(name) => {
                            self.names.insert(name.name.as_str().to_owned());
                        }
                        DeclOperand::Assignment(assignment) => {
                            self.names
                                .insert(assignment.target.name.as_str().to_owned());
                        }
                        DeclOperand::Flag(_) | DeclOperand::Dynamic(_) => {}
                    }
                }
            }
            Node::Builtin(_) => self.may_leave = true,
            Node::Binary(binary) => {
                self.statement(&binary.left, depth);
                self.statement(&binary.right, depth);
            }
            Node::Compound(compound) => self.compound(compound, depth),
            // Its body counts where it is called; a call inside a loop is rare enough to count it here.
            Node::Function(function) => self.statement(&function.body, depth),
            Node::AnonymousFunction(function) => self.statement(&function.body, depth),
        }
    }

    fn compound(&mut self, compound: &CompoundCommand, depth: u32) {
        match compound {
            CompoundCommand::If(command) => {
                self.sequence(&command.condition, depth);
                self.sequence(&command.then_branch, depth);
                for (test, body) in &command.elif_branches {
                    self.sequence(test, depth);
                    self.sequence(body, depth);
                }
                if let Some(body) = &command.else_branch {
                    self.sequence(body, depth);
                }
            }
            CompoundCommand::For(command) => {
                for target in &command.targets {
                    if let Some(name) = &target.name {
                        self.names.insert(name.as_str().to_owned());
                    }
                }
                self.sequence(&command.body, depth);
            }
            CompoundCommand::While(command) => {
                self.sequence(&command.condition, depth);
                self.sequence(&command.body, depth);
            }
            CompoundCommand::Until(command) => {
                self.sequence(&command.condition, depth);
                self.sequence(&command.body, depth);
            }
            CompoundCommand::Select(command) => {
                self.names.insert(command.variable.as_str().to_owned());
                self.sequence(&command.body, depth);
            }
            CompoundCommand::ArithmeticFor(command) => self.sequence(&command.body, depth),
            CompoundCommand::Repeat(command) => self.sequence(&command.body, depth),
            CompoundCommand::Foreach(command) => {
                self.names.insert(command.variable.as_str().to_owned());
                self.sequence(&command.body, depth);
            }
            CompoundCommand::Case(command) => {
                for item in &command.cases {
                    self.sequence(&item.body, depth);
                }
            }
            CompoundCommand::BraceGroup(body) => self.sequence(body, depth),
            CompoundCommand::Time(command) => {
                if let Some(timed) = &command.command {
                    self.statement(timed, depth);
                }
            }
            CompoundCommand::Always(command) => {
                self.sequence(&command.body, depth);
                self.sequence(&command.always_body, depth);
            }
            CompoundCommand::Subshell(_)
            | CompoundCommand::Arithmetic(_)
            | CompoundCommand::Conditional(_)
            | CompoundCommand::Coproc(_) => {}
        }
    }
}
