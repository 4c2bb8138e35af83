//! The interpreter's state: modules, frames, bounds.

use crate::maps::HashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

use ruff_text_size::{Ranged, TextRange};

use crate::python::settings::exception::Exception;
use crate::python::settings::library::Variables;
use crate::python::settings::loader::{
    EnvSource, EnvValue, Loaded, LoadedModule, ModuleLoader, ModuleName,
};
use crate::python::settings::machine::{Guard, Returned, Way};
use crate::python::settings::outcome::{Problem, ProblemKind, Stop, VisitedModule};
use crate::python::settings::value::{Names, Reason, Value, is_setting};
use crate::source::SourceFile;
use crate::span::{FileId, Span};

/// Modules executed, at most.
pub(crate) const MAX_MODULES: usize = 200;
/// Statements and expressions evaluated, at most; an ordinary project needs a few thousand.
const FUEL: u32 = 400_000;
/// Evaluations inside evaluations, at most.
pub(crate) const MAX_DEPTH: u16 = 220;

/// Reads settings modules; one per question, since modules are executed once.
pub(crate) struct Interpreter<'a> {
    pub(crate) loader: &'a dyn ModuleLoader,
    pub(crate) env: &'a dyn EnvSource,
    pub(crate) modules: Vec<Module>,
    pub(crate) by_name: HashMap<String, Resolution>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) fuel: u32,
    pub(crate) depth: u16,
    /// Branches entered of which it is not known whether they run.
    pub(crate) undecided: u32,
    /// `try` blocks entered.
    pub(crate) tries: u32,
    /// Something evaluated in a `try` may have raised.
    pub(crate) may_raise: bool,
    /// Something evaluated in a `try` raised for sure.
    pub(crate) raised: Option<Exception>,
    pub(crate) variables: Variables,
    /// Where the import may end, and code that was not followed and may end it.
    pub(crate) stops: Vec<Stop>,
    pub(crate) hidden_stops: Vec<Span>,
    /// Directories that are made for sure, unless they are there.
    pub(crate) made: Vec<(String, Span)>,
    /// The path of the last question whether there is something.
    pub(crate) asked_for: Option<String>,
    /// What the conditions ask of which it is not known whether they hold.
    pub(crate) guards: Vec<Guard>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) visited: Vec<VisitedModule>,
    pub(crate) externals: BTreeMap<String, Span>,
    pub(crate) takes_local: bool,
}

/// What an absolute name leads to.
#[derive(Clone, Debug)]
pub(crate) enum Resolution {
    Module(usize),
    Missing,
    External,
}

#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) name: ModuleName,
    pub(crate) file: Option<(FileId, Arc<SourceFile>)>,
    pub(crate) container_path: Option<String>,
    pub(crate) state: State,
    pub(crate) names: Names,
    pub(crate) is_open: bool,
    /// Modules outside the project whose public names were imported with a star and are known to
    /// hold no settings.
    pub(crate) stars: Vec<String>,
    /// Whether its text looks at callers or executes text, once somebody asked.
    pub(crate) reaches: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    New,
    Running,
    Done,
}

/// Where code runs.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) module: usize,
    pub(crate) file: FileId,
    /// Names of a function or class; `None` at the top of a module.
    pub(crate) locals: Option<Names>,
    pub(crate) returns: Vec<Returned>,
    /// When the branches run that were entered in it.
    pub(crate) ways: Vec<Way>,
    /// Where the function was called, in the frame that a reader of the settings looks at.
    pub(crate) call: Option<Span>,
}

impl<'a> Interpreter<'a> {
    /// An interpreter that finds modules and variables through these doors.
    #[must_use]
    pub(crate) fn new(loader: &'a dyn ModuleLoader, env: &'a dyn EnvSource) -> Self {
        Self {
            loader,
            env,
            modules: Vec::new(),
            by_name: HashMap::default(),
            frames: Vec::new(),
            fuel: FUEL,
            depth: 0,
            undecided: 0,
            tries: 0,
            may_raise: false,
            raised: None,
            variables: Variables::default(),
            stops: Vec::new(),
            hidden_stops: Vec::new(),
            made: Vec::new(),
            asked_for: None,
            guards: Vec::new(),
            problems: Vec::new(),
            visited: Vec::new(),
            externals: BTreeMap::new(),
            takes_local: false,
        }
    }

    pub(crate) fn problem(
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
    pub(crate) fn resolve(&mut self, dotted: &str) -> Resolution {
        if let Some(known) = self.by_name.get(dotted) {
            return known.clone();
        }
        let from = self.frames.last().map(|frame| frame.module);
        let from = from.map(|module| self.modules[module].name.clone());
        let resolution = match self.loader.load(dotted, from.as_ref()) {
            Loaded::Module(module) => Resolution::Module(self.add(module)),
            Loaded::Missing => Resolution::Missing,
            Loaded::External => Resolution::External,
        };
        self.by_name.insert(dotted.to_owned(), resolution.clone());
        resolution
    }

    pub(crate) fn add(&mut self, module: LoadedModule) -> usize {
        self.modules.push(Module {
            name: module.name,
            file: module.file,
            container_path: module.container_path,
            state: State::New,
            names: Names::default(),
            is_open: false,
            stars: Vec::new(),
            reaches: None,
        });
        self.modules.len() - 1
    }

    /// Spends work; false when there is none left.
    pub(crate) fn spend(&mut self, amount: usize) -> bool {
        let amount = u32::try_from(amount).unwrap_or(u32::MAX);
        self.fuel = self.fuel.saturating_sub(amount);
        self.fuel > 0
    }

    /// Runs `f` one level deeper, on a larger stack where needed.
    pub(crate) fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += 1;
        let result = stacker::maybe_grow(256 * 1024, 4 * 1024 * 1024, || f(self));
        self.depth -= 1;
        result
    }

    pub(crate) fn is_too_deep(&self) -> bool {
        self.depth >= MAX_DEPTH
    }

    pub(crate) fn module(&self) -> usize {
        self.frames.last().map_or(0, |frame| frame.module)
    }

    /// The place of a piece of syntax of the current file.
    pub(crate) fn span(&self, node: &impl Ranged) -> Span {
        let file = self.frames.last().map_or(FileId(0), |frame| frame.file);
        place(file, node.range())
    }

    /// Where a reader of the settings should look for something done in a helper function.
    pub(crate) fn outer_span(&self, span: Span) -> Span {
        let call = self.frames.iter().rev().find_map(|frame| frame.call);
        call.unwrap_or(span)
    }

    /// Nothing is known any more of the settings assigned so far in the current module.
    pub(crate) fn poison(&mut self, cause: &str, span: Span) {
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
    pub(crate) fn poison_all(&mut self, cause: &str, span: Span) {
        let mut modules: Vec<usize> = self.frames.iter().map(|frame| frame.module).collect();
        modules.sort_unstable();
        modules.dedup();
        for module in modules {
            self.poison_module(module, cause, span);
        }
    }

    /// What the environment says of a variable, the code's own assignments included.
    pub(crate) fn env_value(&self, name: &str) -> EnvValue {
        match self.env.get(name) {
            // A file of variables that is read may hold it.
            EnvValue::Absent if !self.variables.env_files.is_empty() => EnvValue::Unset,
            EnvValue::Set(..) if self.variables.file_overrides => EnvValue::Unknown,
            value => value,
        }
    }
}

pub(crate) fn place(file: FileId, range: TextRange) -> Span {
    Span::new(file, range.start().to_u32(), range.end().to_u32())
}
