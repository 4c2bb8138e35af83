//! Modules: executed once, names looked up in them.

use ruff_python_ast::Stmt;

use crate::python::settings::exception::Exception;
use crate::python::settings::machine::{
    Flow, Frame, Interpreter, MAX_DEPTH, MAX_MODULES, Resolution, State, place,
};
use crate::python::settings::outcome::{ProblemKind, VisitedModule};
use crate::python::settings::value::{Kind, Object, Reason, Thing, Value};
use crate::python::syntax;
use crate::span::{FileId, Span};

impl Interpreter<'_> {
    /// Executes a module and, before it, the packages it lies in; once.
    pub(crate) fn import(&mut self, index: usize) {
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
    pub(crate) fn include(&mut self, file: FileId, body: &[Stmt]) -> Flow {
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

    /// The value of a name, `None` when it is not bound.
    pub(crate) fn lookup(&mut self, name: &str) -> Option<Value> {
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
    pub(crate) fn forced(&mut self, value: Value) -> Value {
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
    pub(crate) fn member(&mut self, module: usize, name: &str, span: Span) -> Value {
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
}
