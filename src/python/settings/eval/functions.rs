//! Functions of the project: defined once, evaluated where they are called.

use std::sync::Arc;

use ruff_python_ast::{ExceptHandler, Expr, ExprLambda, Parameters, Stmt, StmtFunctionDef};
use ruff_text_size::Ranged;

use crate::python::settings::machine::{Flow, Frame, Interpreter, Returned, Way, can_stop, of_all};
use crate::python::settings::value::{
    Body, Function, Kind, Names, Object, Parameter, Reason, Thing, Value,
};
use crate::span::Span;

/// Statements of a function that is evaluated, at most; longer ones are programs.
const MAX_STATEMENTS: usize = 40;

impl Interpreter<'_> {
    /// Notes what the running function returns.
    pub(crate) fn returns(&mut self, value: Value) {
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        let set = frame.ways.iter().find(|way| matches!(way, Way::Set(_)));
        let way = match (set, frame.ways.as_slice()) {
            (Some(set), _) => Some(set.clone()),
            (None, []) => None,
            (None, [Way::Unset(first), rest @ ..]) => {
                let same = |way: &Way| matches!(way, Way::Unset(env) if env.name == first.name);
                Some(match rest.iter().all(same) {
                    true => Way::Unset(Arc::clone(first)),
                    false => Way::Maybe,
                })
            }
            (None, _) => Some(Way::Maybe),
        };
        frame.returns.push(Returned { value, way });
    }

    pub(crate) fn define_function(&mut self, function: &StmtFunctionDef) {
        let span = self.span(&function.name);
        let mut is_property = false;
        let mut is_opaque = function.is_async;
        for decorator in &function.decorator_list {
            let name = match &decorator.expression {
                Expr::Name(name) => name.id.as_str(),
                Expr::Attribute(attribute) => attribute.attr.as_str(),
                _ => "",
            };
            match name {
                "property" | "classproperty" | "cached_property" => is_property = true,
                "staticmethod" | "classmethod" | "lru_cache" | "cache" => {}
                _ => is_opaque = true,
            }
        }
        let mut globals = Vec::new();
        let mut count = 0;
        survey(&function.body, &mut globals, &mut count, &mut is_opaque);
        is_opaque |= count > MAX_STATEMENTS || !globals.is_empty();
        let parameters = self.parameters(&function.parameters);
        let depth = parameters.as_deref().and_then(depth_of);
        let parameters = parameters.filter(|_| depth.is_some());
        is_opaque |= parameters.is_none();
        let function = Function {
            name: function.name.to_string(),
            module: self.module(),
            file: span.file,
            parameters: parameters.unwrap_or_default(),
            is_opaque,
            can_stop: can_stop(&function.body),
            place: self.span(function),
            is_dynamic: self.is_dynamic(function),
            globals,
            body: Body::Statements(if is_opaque {
                Vec::new()
            } else {
                function.body.to_vec()
            }),
            depth: depth.unwrap_or(0),
            is_property,
        };
        let name = function.name.clone();
        let value = Value::new(
            Kind::Object(Object(Thing::Function(Arc::new(function)))),
            span,
        );
        self.bind(&name, value, span);
    }

    /// Whether the text of a function, or of the module that it may call on, reaches into other
    /// modules by other ways than assignment.
    fn is_dynamic(&mut self, function: &StmtFunctionDef) -> bool {
        const REACHING: &[&str] = &[
            "_getframe",
            "currentframe",
            "inspect.",
            "exec(",
            "execfile(",
        ];
        const WRITING: &[&str] = &["globals(", "setattr(", "__dict__", "sys.modules", "vars("];
        let file = self.frames.last().map(|frame| frame.file);
        let index = self.module();
        let module = self.modules[index].file.clone();
        let Some((_, source)) = module.filter(|(known, _)| Some(*known) == file) else {
            return true;
        };
        let reaches = *self.modules[index]
            .reaches
            .get_or_insert_with(|| REACHING.iter().any(|word| source.text.contains(word)));
        let range = std::ops::Range::<usize>::from(function.range());
        let body = source.text.get(range).unwrap_or("");
        reaches || WRITING.iter().any(|word| body.contains(word))
    }

    pub(crate) fn lambda(&mut self, lambda: &ExprLambda, span: Span) -> Value {
        let parameters = match &lambda.parameters {
            Some(parameters) => self.parameters(parameters),
            None => Some(Vec::new()),
        };
        let depth = parameters.as_deref().and_then(depth_of);
        let parameters = parameters.filter(|_| depth.is_some());
        let function = Function {
            name: "lambda".to_owned(),
            module: self.module(),
            file: span.file,
            is_opaque: parameters.is_none(),
            can_stop: false,
            place: span,
            parameters: parameters.unwrap_or_default(),
            is_dynamic: false,
            globals: Vec::new(),
            body: Body::Expression(lambda.body.clone()),
            depth: depth.unwrap_or(0),
            is_property: false,
        };
        Value::new(
            Kind::Object(Object(Thing::Function(Arc::new(function)))),
            span,
        )
    }

    /// `None` when the function takes any number of arguments.
    fn parameters(&mut self, parameters: &Parameters) -> Option<Vec<Parameter>> {
        if parameters.vararg.is_some() || parameters.kwarg.is_some() {
            return None;
        }
        let mut out = Vec::new();
        for parameter in parameters.posonlyargs.iter().chain(&parameters.args) {
            let default = parameter.default.as_ref().map(|default| self.eval(default));
            out.push(Parameter {
                name: parameter.parameter.name.to_string(),
                default,
                is_keyword_only: false,
            });
        }
        for parameter in &parameters.kwonlyargs {
            let default = parameter.default.as_ref().map(|default| self.eval(default));
            out.push(Parameter {
                name: parameter.parameter.name.to_string(),
                default,
                is_keyword_only: true,
            });
        }
        Some(out)
    }

    /// Calls a function of the project.
    pub(crate) fn call_function(
        &mut self,
        function: &Arc<Function>,
        arguments: &[Value],
        keywords: &[(String, Value)],
        span: Span,
    ) -> Value {
        let unknown = Value::unknown(Reason::Call(function.name.clone()), span);
        if function.is_dynamic {
            self.poison_all(&function.name, span);
        }
        for name in &function.globals {
            let lost = unknown.clone();
            self.modules[function.module].names.refresh(name, lost);
        }
        let is_recursive = self.frames.len() > 24 || self.is_too_deep();
        let Some(locals) = bind_arguments(function, arguments, keywords, span)
            .filter(|_| !function.is_opaque && !is_recursive)
        else {
            self.may_raise = true;
            self.unfollowed(function, span);
            self.forget(arguments, span);
            return unknown;
        };
        let at_module_level = self.frames.last().is_some_and(|frame| frame.call.is_none());
        let call = if at_module_level {
            Some(span)
        } else {
            self.frames.last().and_then(|frame| frame.call)
        };
        self.frames.push(Frame {
            module: function.module,
            file: function.file,
            locals: Some(locals),
            returns: Vec::new(),
            ways: Vec::new(),
            call,
        });
        let (result, flow) = match &function.body {
            Body::Expression(body) => (Some(self.eval(body)), Flow::Return),
            Body::Statements(body) => {
                let flow = self.deeper(|this| this.block(body));
                if flow == Flow::Next {
                    self.returns(Value::new(Kind::None, span));
                }
                (None, flow)
            }
        };
        let returns = self
            .frames
            .pop()
            .map(|frame| frame.returns)
            .unwrap_or_default();
        if let Some(result) = result {
            return result;
        }
        match flow {
            Flow::Next => {}
            Flow::Return => {}
            Flow::Raise(exception) => {
                // Some way raises; others may have returned before.
                self.may_raise = true;
                if returns.is_empty() {
                    if self.tries > 0 {
                        self.raised = Some(exception);
                    }
                    return unknown;
                }
            }
        }
        of_all(returns, span)
    }

    /// A call that is not evaluated may end the import.
    pub(crate) fn unfollowed(&mut self, function: &Function, call: Span) {
        if function.can_stop {
            self.hidden_stop(function.place);
            self.hidden_stop(call);
        }
    }

    /// A call that is not evaluated may have changed the lists and dictionaries it was given.
    pub(crate) fn forget(&mut self, arguments: &[Value], span: Span) {
        for argument in arguments {
            if argument.identity().is_some() {
                let value = Value::unknown(Reason::Unsupported, span);
                self.replace_shared(argument, &value);
            }
        }
    }
}

fn depth_of(parameters: &[Parameter]) -> Option<u8> {
    Value::depth_over(parameters.iter().filter_map(|one| one.default.as_ref()))
}

fn bind_arguments(
    function: &Function,
    arguments: &[Value],
    keywords: &[(String, Value)],
    span: Span,
) -> Option<Names> {
    let mut names = Names::default();
    let positional = function.parameters.iter().filter(|p| !p.is_keyword_only);
    if arguments.len() > positional.count() {
        return None;
    }
    for (name, _) in keywords {
        function.parameters.iter().find(|p| p.name == *name)?;
    }
    for (at, parameter) in function.parameters.iter().enumerate() {
        let keyword = keywords.iter().find(|(name, _)| *name == parameter.name);
        let value = arguments
            .get(at)
            .filter(|_| !parameter.is_keyword_only)
            .or(keyword.map(|(_, value)| value))
            .or(parameter.default.as_ref())?;
        names.assign(&parameter.name, value.clone(), span);
    }
    Some(names)
}

/// What a body declares `global`, how long it is, and whether it is a generator.
fn survey(body: &[Stmt], globals: &mut Vec<String>, count: &mut usize, is_opaque: &mut bool) {
    for statement in body {
        *count += 1;
        // A `return` in a loop that is not run through would be lost.
        *is_opaque |= match statement {
            Stmt::Expr(statement) => {
                statement.value.is_yield_expr()
                    || statement.value.is_yield_from_expr()
                    || statement.value.is_await_expr()
            }
            Stmt::For(statement) => has_return(&statement.body),
            Stmt::While(statement) => has_return(&statement.body),
            Stmt::Nonlocal(_) | Stmt::Match(_) => true,
            _ => false,
        };
        let mut inner = |body: &[Stmt]| survey(body, globals, count, is_opaque);
        match statement {
            Stmt::Global(statement) => {
                globals.extend(statement.names.iter().map(ToString::to_string));
            }
            Stmt::If(statement) => {
                inner(&statement.body);
                for clause in &statement.elif_else_clauses {
                    inner(&clause.body);
                }
            }
            Stmt::For(statement) => inner(&statement.body),
            Stmt::While(statement) => inner(&statement.body),
            Stmt::With(statement) => inner(&statement.body),
            Stmt::Try(statement) => {
                inner(&statement.body);
                for ExceptHandler::ExceptHandler(handler) in &statement.handlers {
                    inner(&handler.body);
                }
                inner(&statement.orelse);
                inner(&statement.finalbody);
            }
            Stmt::Match(statement) => {
                for case in &statement.cases {
                    inner(&case.body);
                }
            }
            _ => {}
        }
    }
}

fn has_return(body: &[Stmt]) -> bool {
    body.iter().any(|statement| match statement {
        Stmt::Return(_) | Stmt::Raise(_) => true,
        Stmt::If(statement) => {
            has_return(&statement.body)
                || statement
                    .elif_else_clauses
                    .iter()
                    .any(|clause| has_return(&clause.body))
        }
        Stmt::With(statement) => has_return(&statement.body),
        Stmt::For(statement) => has_return(&statement.body),
        Stmt::While(statement) => has_return(&statement.body),
        Stmt::Try(statement) => {
            has_return(&statement.body)
                || statement.handlers.iter().any(|handler| {
                    let ExceptHandler::ExceptHandler(handler) = handler;
                    has_return(&handler.body)
                })
        }
        _ => false,
    })
}
