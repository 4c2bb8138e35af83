//! The interpreter's state: modules, frames, bounds; from a module's name to its settings.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use ruff_python_ast::Stmt;
use ruff_text_size::{Ranged, TextRange};

use crate::python::syntax;
use crate::source::SourceFile;
use crate::span::{FileId, Span};

use super::loader::{EnvSource, EnvValue, Loaded, LoadedModule, ModuleLoader, ModuleName};
use super::object::{Object, Thing};
use super::scope::{Names, is_setting};
use super::statements::Flow;
use super::stops::{Guard, Stop};
use super::value::{Kind, Reason, Value};
use super::ways::{Returned, Way};
use super::{
    EnvFile, Problem, ProblemKind, RequiredEnv, Setting, Settings, VisitedModule, configuration,
};

/// Modules executed, at most.
const MAX_MODULES: usize = 200;
/// Statements and expressions evaluated, at most; an ordinary project needs a few thousand.
const FUEL: u32 = 400_000;
/// Evaluations inside evaluations, at most.
const MAX_DEPTH: u16 = 220;

/// Reads settings modules; one per question, since modules are executed once.
pub struct Interpreter<'a> {
    pub(super) loader: &'a dyn ModuleLoader,
    pub(super) env: &'a dyn EnvSource,
    pub(super) modules: Vec<Module>,
    pub(super) by_name: HashMap<String, Resolution>,
    pub(super) frames: Vec<Frame>,
    pub(super) fuel: u32,
    pub(super) depth: u16,
    /// Branches entered of which it is not known whether they run.
    pub(super) undecided: u32,
    /// `try` blocks entered.
    pub(super) tries: u32,
    /// Something evaluated in a `try` may have raised.
    pub(super) may_raise: bool,
    /// Something evaluated in a `try` raised for sure.
    pub(super) raised: Option<Exception>,
    /// Variables set by the code itself.
    pub(super) overlay: Names,
    /// Prefixes of environs' `with env.prefixed(...)`.
    pub(super) prefixes: Vec<String>,
    pub(super) required: Vec<RequiredEnv>,
    /// Where the import may end, and code that was not followed and may end it.
    pub(super) stops: Vec<Stop>,
    pub(super) hidden_stops: Vec<Span>,
    /// What the conditions ask of which it is not known whether they hold.
    pub(super) guards: Vec<Guard>,
    /// Variables that are set wherever the current code runs.
    pub(super) given: Vec<String>,
    pub(super) env_files: Vec<EnvFile>,
    /// A file of variables that is read wins over the environment.
    pub(super) file_overrides: bool,
    pub(super) problems: Vec<Problem>,
    pub(super) visited: Vec<VisitedModule>,
    pub(super) externals: BTreeMap<String, Span>,
    pub(super) takes_local: bool,
}

/// What an absolute name leads to.
#[derive(Clone, Debug)]
pub(super) enum Resolution {
    Module(usize),
    Missing,
    Unreadable(String),
    External,
}

#[derive(Debug)]
pub(super) struct Module {
    pub(super) name: ModuleName,
    pub(super) file: Option<(FileId, Arc<SourceFile>)>,
    pub(super) container_path: Option<String>,
    pub(super) is_certain: bool,
    pub(super) state: State,
    pub(super) names: Names,
    pub(super) is_open: bool,
    /// Modules outside the project whose public names were imported with a star and are known to
    /// hold no settings.
    pub(super) stars: Vec<String>,
    /// Whether its text looks at callers or executes text, once somebody asked.
    pub(super) reaches: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    New,
    Running,
    Done,
}

/// Where code runs.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) module: usize,
    pub(super) file: FileId,
    /// Names of a function or class; `None` at the top of a module.
    pub(super) locals: Option<Names>,
    pub(super) returns: Vec<Returned>,
    /// When the branches run that were entered in it.
    pub(super) ways: Vec<Way>,
    /// Where the function was called, in the frame that a reader of the settings looks at.
    pub(super) call: Option<Span>,
}

/// Families of exceptions that matter to settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Exception {
    Import,
    Key,
    /// By the last part of its name.
    Named(String),
}

impl<'a> Interpreter<'a> {
    /// An interpreter that finds modules and variables through these doors.
    #[must_use]
    pub fn new(loader: &'a dyn ModuleLoader, env: &'a dyn EnvSource) -> Self {
        Self {
            loader,
            env,
            modules: Vec::new(),
            by_name: HashMap::new(),
            frames: Vec::new(),
            fuel: FUEL,
            depth: 0,
            undecided: 0,
            tries: 0,
            may_raise: false,
            raised: None,
            overlay: Names::default(),
            prefixes: Vec::new(),
            required: Vec::new(),
            stops: Vec::new(),
            hidden_stops: Vec::new(),
            guards: Vec::new(),
            given: Vec::new(),
            env_files: Vec::new(),
            file_overrides: false,
            problems: Vec::new(),
            visited: Vec::new(),
            externals: BTreeMap::new(),
            takes_local: false,
        }
    }

    /// Imports a module by its dotted name, as Django does, and collects what it leaves.
    #[must_use]
    pub fn settings(mut self, dotted: &str) -> Settings {
        let mut out = Settings::default();
        match self.resolve(dotted) {
            Resolution::Module(index) => {
                self.import(index);
                out.is_found = true;
                out.file = self.modules[index].file.as_ref().map(|(file, _)| *file);
                out.is_open = self.modules[index].is_open;
                configuration::choose(&mut self, index, &mut out);
                for (name, binding) in self.modules[index].names.sorted() {
                    if is_setting(&name) && !out.values.contains_key(&name) {
                        let value = self.forced(binding.value);
                        let setting = Setting {
                            value,
                            span: binding.span,
                            history: binding.history,
                        };
                        out.values.insert(name, setting);
                    }
                }
                out.is_open |= self.modules[index].is_open;
            }
            Resolution::Missing => self.problem(
                ProblemKind::MissingModule,
                None,
                format!("there is no module `{dotted}`"),
            ),
            Resolution::Unreadable(reason) => {
                self.problem(ProblemKind::Unreadable, None, reason);
            }
            Resolution::External => {}
        }
        if self.fuel == 0 {
            self.problem(
                ProblemKind::Bounded,
                None,
                "the settings take too much work to evaluate",
            );
            out.is_open = true;
        }
        out.hidden_stops = self.texts(&self.hidden_stops);
        out.stops = self.stops;
        out.required_env = merged(self.required);
        out.env_files = self.env_files;
        out.problems = self.problems;
        out.modules = self.visited;
        out.external_imports = self.externals;
        out.takes_local = self.takes_local;
        out
    }

    /// What is written at these places.
    fn texts(&self, spans: &[Span]) -> Vec<String> {
        let source = |span: &Span| {
            let mut files = self
                .modules
                .iter()
                .filter_map(|module| module.file.as_ref());
            let (_, source) = files.find(|(file, _)| *file == span.file)?;
            source.text.get(span.start as usize..span.end as usize)
        };
        spans.iter().filter_map(source).map(str::to_owned).collect()
    }

    pub(super) fn problem(
        &mut self,
        kind: ProblemKind,
        span: Option<Span>,
        message: impl Into<String>,
    ) {
        let problem = Problem {
            kind,
            span,
            message: message.into(),
        };
        if self.problems.len() < 1000 && !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// What an absolute dotted name leads to, asked once.
    pub(super) fn resolve(&mut self, dotted: &str) -> Resolution {
        if let Some(known) = self.by_name.get(dotted) {
            return known.clone();
        }
        let from = self.frames.last().map(|frame| frame.module);
        let from = from.map(|module| self.modules[module].name.clone());
        let resolution = match self.loader.load(dotted, from.as_ref()) {
            Loaded::Module(module) => Resolution::Module(self.add(module)),
            Loaded::Missing => Resolution::Missing,
            Loaded::Unreadable(reason) => Resolution::Unreadable(reason),
            Loaded::External => Resolution::External,
        };
        self.by_name.insert(dotted.to_owned(), resolution.clone());
        resolution
    }

    pub(super) fn add(&mut self, module: LoadedModule) -> usize {
        self.modules.push(Module {
            name: module.name,
            file: module.file,
            container_path: module.container_path,
            is_certain: module.is_certain,
            state: State::New,
            names: Names::default(),
            is_open: false,
            stars: Vec::new(),
            reaches: None,
        });
        self.modules.len() - 1
    }

    /// Executes a module and, before it, the packages it lies in; once.
    pub(super) fn import(&mut self, index: usize) {
        if self.modules[index].state != State::New {
            return;
        }
        let dotted = self.modules[index].name.dotted.clone();
        for (at, _) in dotted.match_indices('.') {
            if let Resolution::Module(parent) = self.resolve(&dotted[..at])
                && self.modules[parent].state == State::New
            {
                self.import(parent);
            }
        }
        self.execute(index);
    }

    fn execute(&mut self, index: usize) {
        if self.modules[index].state != State::New {
            return;
        }
        let Some((file, source)) = self.modules[index].file.clone() else {
            self.modules[index].state = State::Done;
            return;
        };
        self.modules[index].state = State::Running;
        if self.visited.len() >= MAX_MODULES || self.depth > MAX_DEPTH {
            self.problem(ProblemKind::Bounded, None, "too many modules are imported");
            self.modules[index].is_open = true;
            self.modules[index].state = State::Done;
            return;
        }
        self.visited.push(VisitedModule {
            name: self.modules[index].name.clone(),
            file,
        });
        match syntax::parse(&source.text) {
            Ok(parsed) => {
                let module = parsed.into_syntax();
                self.frames.push(Frame {
                    module: index,
                    file,
                    locals: None,
                    returns: Vec::new(),
                    ways: Vec::new(),
                    call: None,
                });
                // An exception inside belongs to whoever imports, so it passes through `try` there;
                // what a helper in it may raise does not stop this module.
                let flow = self.deeper(|this| this.block(&module.body));
                self.frames.pop();
                if let Flow::Raise(exception) = flow {
                    self.modules[index].is_open = true;
                    if self.tries > 0 {
                        self.raised = Some(exception);
                    }
                }
            }
            Err(error) => {
                self.modules[index].is_open = true;
                let span = place(file, error.range);
                self.problem(ProblemKind::Syntax, Some(span), error.message);
                if self.tries > 0 {
                    self.raised = Some(Exception::Named("SyntaxError".to_owned()));
                }
            }
        }
        self.modules[index].state = State::Done;
    }

    /// The statements of a file that is included into the current module.
    pub(super) fn include(&mut self, file: FileId, body: &[Stmt]) -> Flow {
        let Some(frame) = self.frames.last_mut() else {
            return Flow::Next;
        };
        let outer = std::mem::replace(&mut frame.file, file);
        let flow = self.deeper(|this| this.block(body));
        if let Some(frame) = self.frames.last_mut() {
            frame.file = outer;
        }
        flow
    }

    /// Spends work; false when there is none left.
    pub(super) fn spend(&mut self, amount: usize) -> bool {
        let amount = u32::try_from(amount).unwrap_or(u32::MAX);
        self.fuel = self.fuel.saturating_sub(amount);
        self.fuel > 0
    }

    /// Runs `f` one level deeper, on a larger stack where needed.
    pub(super) fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += 1;
        let result = stacker::maybe_grow(256 * 1024, 4 * 1024 * 1024, || f(self));
        self.depth -= 1;
        result
    }

    pub(super) fn is_too_deep(&self) -> bool {
        self.depth >= MAX_DEPTH
    }

    pub(super) fn module(&self) -> usize {
        self.frames.last().map_or(0, |frame| frame.module)
    }

    /// The place of a piece of syntax of the current file.
    pub(super) fn span(&self, node: &impl Ranged) -> Span {
        let file = self.frames.last().map_or(FileId(0), |frame| frame.file);
        place(file, node.range())
    }

    /// Where a reader of the settings should look for something done in a helper function.
    pub(super) fn outer_span(&self, span: Span) -> Span {
        let call = self.frames.iter().rev().find_map(|frame| frame.call);
        call.unwrap_or(span)
    }

    /// The value of a name, `None` when it is not bound.
    pub(super) fn lookup(&mut self, name: &str) -> Option<Value> {
        let frame = self.frames.last()?;
        let module = frame.module;
        if let Some(binding) = frame.locals.as_ref().and_then(|locals| locals.get(name)) {
            return Some(binding.value.clone());
        }
        let value = self.modules[module].names.get(name)?.value.clone();
        if matches!(&value.kind, Kind::Object(Object(Thing::Lazy { .. }))) {
            let value = self.forced(value);
            self.modules[module].names.refresh(name, value.clone());
            return Some(value);
        }
        Some(value)
    }

    /// Looks up a name that an import left for later.
    pub(super) fn forced(&mut self, value: Value) -> Value {
        let mut value = value;
        for _ in 0..32 {
            let Kind::Object(Object(Thing::Lazy { module, name })) = &value.kind else {
                return value;
            };
            let (module, name, span) = (*module, name.clone(), value.span);
            value = self.member(module, &name, span);
        }
        Value::unknown(Reason::Bounded, value.span)
    }

    /// A name of another module.
    pub(super) fn member(&mut self, module: usize, name: &str, span: Span) -> Value {
        self.import(module);
        if let Some(binding) = self.modules[module].names.get(name) {
            return binding.value.clone();
        }
        let state = &self.modules[module];
        if state.name.is_package {
            let dotted = format!("{}.{name}", state.name.dotted);
            if let Resolution::Module(index) = self.resolve(&dotted) {
                return Value::new(Kind::Object(Object(Thing::Module(index))), span);
            }
        }
        let state = &self.modules[module];
        self.may_raise = true;
        if state.is_open {
            Value::unknown(Reason::NotRead(state.name.dotted.clone()), span)
        } else {
            Value::unknown(Reason::Undefined(name.to_owned()), span)
        }
    }

    /// Nothing is known any more of the settings assigned so far in the current module.
    pub(super) fn poison(&mut self, cause: &str, span: Span) {
        self.poison_module(self.module(), cause, span);
    }

    fn poison_module(&mut self, module: usize, cause: &str, span: Span) {
        self.modules[module].is_open = true;
        self.may_raise = true;
        let reason = Reason::Dynamic(cause.to_owned());
        for (name, _) in self.modules[module].names.sorted() {
            if is_setting(&name) {
                let value = Value::unknown(reason.clone(), span);
                self.modules[module].names.refresh(&name, value);
            }
        }
    }

    /// Nothing is known any more of the settings of any module that is being executed.
    pub(super) fn poison_all(&mut self, cause: &str, span: Span) {
        let mut modules: Vec<usize> = self.frames.iter().map(|frame| frame.module).collect();
        modules.sort_unstable();
        modules.dedup();
        for module in modules {
            self.poison_module(module, cause, span);
        }
    }

    /// What the environment says of a variable, the code's own assignments included.
    pub(super) fn env_value(&self, name: &str) -> EnvValue {
        match self.env.get(name) {
            // A file of variables that is read may hold it.
            EnvValue::Absent if !self.env_files.is_empty() => EnvValue::Unset,
            EnvValue::Set(..) if self.file_overrides => EnvValue::Unknown,
            value => value,
        }
    }
}

pub(super) fn place(file: FileId, range: TextRange) -> Span {
    Span::new(file, range.start().to_u32(), range.end().to_u32())
}

/// One entry a variable and place; certain when one reading is.
fn merged(required: Vec<RequiredEnv>) -> Vec<RequiredEnv> {
    let mut out: Vec<RequiredEnv> = Vec::with_capacity(required.len());
    for entry in required {
        let same = out
            .iter_mut()
            .find(|known| known.name == entry.name && known.span == entry.span);
        match same {
            Some(known) => known.is_certain |= entry.is_certain,
            None => out.push(entry),
        }
    }
    out
}
