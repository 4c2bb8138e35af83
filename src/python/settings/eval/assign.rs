//! Binding and changing: names, items, attributes; methods that change a list or dictionary in
//! place, with every other name that shares it.

use std::sync::Arc;

use ruff_python_ast::{Expr, ExprCall, Operator, Stmt, StmtAugAssign};

use crate::python::settings::library::method_change;
use crate::python::settings::machine::Interpreter;
use crate::python::settings::value::{
    Kind, Names, Object, Reason, Scheme, Thing, Value, is_plain, position,
};
use crate::span::Span;

impl Interpreter<'_> {
    /// The value of the right side of an assignment.
    pub(crate) fn value_to_bind(&mut self, expression: &Expr) -> Value {
        self.eval(expression)
    }

    pub(crate) fn bind(&mut self, name: &str, value: Value, span: Span) {
        let module = self.module();
        match self.frames.last_mut().and_then(|f| f.locals.as_mut()) {
            Some(locals) => locals.assign(name, value, span),
            None => self.modules[module].names.assign(name, value, span),
        }
    }

    pub(crate) fn assign(&mut self, target: &Expr, value: Value) {
        match target {
            Expr::Name(name) => {
                let span = self.span(name);
                self.bind(name.id.as_str(), value, span);
            }
            Expr::Tuple(tuple) => self.unpack(&tuple.elts, &value),
            Expr::List(list) => self.unpack(&list.elts, &value),
            Expr::Starred(starred) => self.havoc_target(&starred.value),
            Expr::Subscript(subscript) => {
                let key = self.eval(&subscript.slice);
                let base = self.eval(&subscript.value);
                let span = self.span(target);
                if self.special_item(&base, &key, &value, span) {
                    return;
                }
                let changed = set_item(&base, &key, value, base.span);
                self.store(&subscript.value, &base, changed, span);
            }
            Expr::Attribute(attribute) => {
                let is_own =
                    |base: &Expr| matches!(base, Expr::Name(name) if name.id.as_str() == "self");
                if !is_own(&attribute.value) {
                    self.assign_attribute(attribute, value);
                }
            }
            _ => {}
        }
    }

    fn assign_attribute(&mut self, attribute: &ruff_python_ast::ExprAttribute, value: Value) {
        let span = self.span(attribute);
        let base = self.eval(&attribute.value);
        let Kind::Object(Object(thing)) = &base.kind else {
            return;
        };
        match thing {
            Thing::Module(module) => {
                // Another module's names have no journal here, so a doubtful change is unknown.
                let value = if self.undecided > 0 && *module != self.module() {
                    Value::unknown(Reason::Alternatives, span)
                } else {
                    value
                };
                self.modules[*module]
                    .names
                    .assign(attribute.attr.as_str(), value, span);
            }
            Thing::DjangoEnv(scheme) if attribute.attr.as_str() == "smart_cast" => {
                if let Expr::Name(name) = attribute.value.as_ref() {
                    let scheme = Scheme {
                        casts_by_default: value.truth().filter(|_| self.undecided == 0),
                        ..(**scheme).clone()
                    };
                    let reader = Object(Thing::DjangoEnv(std::sync::Arc::new(scheme)));
                    let value = Value::new(Kind::Object(reader), base.span);
                    self.bind(name.id.as_str(), value, span);
                }
            }
            // A reader whose behaviour is changed is not known any more.
            Thing::DjangoEnv(_) | Thing::Environs | Thing::Instance(_) => {
                let is_harmless =
                    matches!(attribute.attr.as_str(), "escape_proxy" | "warn_on_default");
                if let (Expr::Name(name), false) = (attribute.value.as_ref(), is_harmless) {
                    let value = Value::unknown(Reason::Unsupported, span);
                    self.bind(name.id.as_str(), value, span);
                }
            }
            _ => {}
        }
    }

    /// `os.environ["X"] = v` and `globals()["X"] = v`.
    fn special_item(&mut self, base: &Value, key: &Value, value: &Value, span: Span) -> bool {
        let Kind::Object(Object(thing)) = &base.kind else {
            return false;
        };
        match (thing, key.as_str()) {
            (Thing::External(name), Some(key)) if &**name == "os.environ" => {
                self.variables.overlay.assign(key, value.clone(), span);
            }
            (Thing::Namespace, Some(key)) => self.bind(key, value.clone(), span),
            (Thing::Namespace, None) => self.poison("globals", span),
            _ => {}
        }
        true
    }

    fn unpack(&mut self, targets: &[Expr], value: &Value) {
        let has_star = targets.iter().any(|target| target.is_starred_expr());
        let items = value
            .as_items()
            .filter(|items| !has_star && !items.is_open && items.items.len() == targets.len());
        match items.map(|items| items.items.clone()) {
            Some(items) => {
                for (target, item) in targets.iter().zip(items) {
                    self.assign(target, item);
                }
            }
            None => {
                for target in targets {
                    let reason = match &value.kind {
                        Kind::Unknown(reason) => reason.clone(),
                        _ => Reason::Unsupported,
                    };
                    let span = self.span(target);
                    self.assign(target, Value::unknown(reason, span));
                }
            }
        }
    }

    pub(crate) fn augmented(&mut self, statement: &StmtAugAssign) {
        let old = self.eval(&statement.target);
        let operand = self.eval(&statement.value);
        if self.raised.is_some() {
            return;
        }
        let span = self.span(statement);
        let target = self.span(statement.target.as_ref());
        let is_in_place = matches!(
            (&old.kind, statement.op),
            (Kind::List(_), Operator::Add) | (Kind::Dict(_), Operator::BitOr)
        );
        let new = match (&old.kind, statement.op) {
            // `+=` on a list takes anything that can be iterated, as `extend` does.
            (Kind::List(_), Operator::Add) => method_change(self, &old, "extend", &[operand], span),
            _ => {
                let value = self.binary(statement.op, &old, &operand, span);
                Some(value)
            }
        };
        let new = new.unwrap_or_else(|| Value::unknown(Reason::Unsupported, span));
        if let Expr::Name(name) = statement.target.as_ref() {
            self.bind(name.id.as_str(), new.clone(), target);
            if is_in_place {
                self.replace_shared(&old, &new);
            }
        } else {
            self.store(&statement.target, &old, new, target);
        }
    }

    /// Puts a changed value where `place` says, and wherever else the old one is shared.
    pub(crate) fn store(&mut self, place: &Expr, old: &Value, new: Value, span: Span) {
        // What changes was copied.
        let entries = old.as_dict().map_or(0, |dict| dict.entries.len());
        self.spend(entries.max(old.as_items().map_or(0, |list| list.items.len())) / 2);
        match place {
            Expr::Name(name) => self.rebind(name.id.as_str(), new.clone(), span),
            Expr::Subscript(subscript) => {
                let base = self.eval(&subscript.value);
                let key = self.eval(&subscript.slice);
                let changed = set_item(&base, &key, new.clone(), base.span);
                self.store(&subscript.value, &base, changed, span);
            }
            Expr::Call(call) => {
                // `X.setdefault(k, {})["a"] = v` and the like: the root is not known any more.
                if let Some(root) = root_name(&call.func) {
                    let value = Value::unknown(Reason::Unsupported, span);
                    if self.is_data(root) {
                        self.rebind(root, value, span);
                    }
                }
            }
            _ => {}
        }
        self.replace_shared(old, &new);
    }

    fn is_data(&mut self, name: &str) -> bool {
        self.lookup(name)
            .is_some_and(|value| !matches!(value.kind, Kind::Object(_)))
    }

    /// Binds a name where it is bound already: a function changes a list of its module.
    fn rebind(&mut self, name: &str, value: Value, span: Span) {
        let module = self.module();
        if let Some(locals) = self.frames.last_mut().and_then(|f| f.locals.as_mut())
            && locals.get(name).is_some()
        {
            locals.assign(name, value, span);
            return;
        }
        self.modules[module].names.assign(name, value, span);
    }

    /// Every name that shares the changed list or dictionary sees the change.
    pub(crate) fn replace_shared(&mut self, old: &Value, new: &Value) {
        let Some(identity) = old.identity() else {
            return;
        };
        let module = self.module();
        // All of its names are looked at.
        self.spend(self.modules[module].names.len() / 64);
        replace_in(&mut self.modules[module].names, identity, new);
        if let Some(locals) = self.frames.last_mut().and_then(|f| f.locals.as_mut()) {
            replace_in(locals, identity, new);
        }
    }

    pub(crate) fn delete(&mut self, target: &Expr) {
        match target {
            Expr::Name(name) => {
                let module = self.module();
                let name = name.id.to_string();
                match self.frames.last_mut().and_then(|f| f.locals.as_mut()) {
                    Some(locals) if locals.get(&name).is_some() => locals.put(name, None),
                    _ => self.modules[module].names.put(name, None),
                }
            }
            Expr::Subscript(subscript) => {
                let base = self.eval(&subscript.value);
                let key = self.eval(&subscript.slice);
                let span = self.span(target);
                let changed = remove_item(&base, &key);
                self.store(&subscript.value, &base, changed, span);
            }
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|one| self.delete(one)),
            _ => {}
        }
    }

    /// A call for its effect: `X.append(...)`, `globals().update(...)`, `env.read_env()`.
    pub(crate) fn expression_statement(&mut self, expression: &Expr) {
        let Expr::Call(call) = expression else {
            self.eval(expression);
            return;
        };
        if !self.changing_call(call) {
            self.eval(expression);
        }
    }

    /// A method that changes its object; false when the call is none.
    pub(crate) fn changing_call(&mut self, call: &ExprCall) -> bool {
        const CHANGING: &[&str] = &[
            "append",
            "extend",
            "insert",
            "remove",
            "pop",
            "clear",
            "sort",
            "reverse",
            "update",
            "setdefault",
            "add",
            "discard",
            "popitem",
        ];
        let Expr::Attribute(attribute) = call.func.as_ref() else {
            return false;
        };
        let method = attribute.attr.as_str();
        if !CHANGING.contains(&method) {
            return false;
        }
        let base = self.eval(&attribute.value);
        let span = self.span(call);
        if let Kind::Object(Object(thing)) = &base.kind {
            if *thing == Thing::Namespace {
                self.update_namespace(call, span);
                return true;
            }
            return false;
        }
        let mut arguments: Vec<Value> = Vec::new();
        for argument in &call.arguments.args {
            arguments.push(self.eval(argument));
        }
        if !call.arguments.keywords.is_empty() {
            let more = self.keyword_dict(call, span);
            if method == "update" {
                arguments.push(more);
            }
        }
        if self.raised.is_some() {
            return true;
        }
        let changed = method_change(self, &base, method, &arguments, span)
            .unwrap_or_else(|| Value::unknown(Reason::Unsupported, span));
        let place = self.span(attribute.value.as_ref());
        self.store(&attribute.value, &base, changed, place);
        true
    }

    /// `globals().update({...})`: known keys are assigned, anything else makes all unknown.
    fn update_namespace(&mut self, call: &ExprCall, span: Span) {
        let argument = match call.arguments.args.first() {
            Some(argument) => self.eval(argument),
            None => self.keyword_dict(call, span),
        };
        let entries = argument.as_dict().filter(|dict| {
            !dict.is_open && dict.entries.iter().all(|(key, _)| key.as_str().is_some())
        });
        match entries.map(|dict| dict.entries.clone()) {
            Some(entries) => {
                for (key, value) in entries {
                    if let Some(name) = key.as_str() {
                        self.bind(name, value, key.span);
                    }
                }
            }
            None => self.poison("globals().update", span),
        }
    }

    /// Code that may run any number of times: what it may assign is not known any more.
    pub(crate) fn havoc(&mut self, body: &[Stmt]) {
        for statement in body {
            if !self.spend(1) {
                return;
            }
            let span = self.span(statement);
            match statement {
                Stmt::Assign(assign) => {
                    for target in &assign.targets {
                        self.havoc_target(target);
                    }
                }
                Stmt::AnnAssign(assign) => self.havoc_target(&assign.target),
                Stmt::AugAssign(assign) => self.havoc_target(&assign.target),
                Stmt::Delete(delete) => {
                    for target in &delete.targets {
                        self.havoc_target(target);
                    }
                }
                Stmt::Expr(expression) => {
                    if let Expr::Call(call) = expression.value.as_ref() {
                        self.havoc_call(call, span);
                    }
                }
                Stmt::If(statement) => {
                    self.deeper(|this| this.havoc(&statement.body));
                    for clause in &statement.elif_else_clauses {
                        self.deeper(|this| this.havoc(&clause.body));
                    }
                }
                Stmt::For(statement) => {
                    self.havoc_target(&statement.target);
                    self.deeper(|this| this.havoc(&statement.body));
                    self.deeper(|this| this.havoc(&statement.orelse));
                }
                Stmt::While(statement) => self.deeper(|this| this.havoc(&statement.body)),
                Stmt::With(statement) => {
                    for item in &statement.items {
                        if let Some(target) = &item.optional_vars {
                            self.havoc_target(target);
                        }
                    }
                    self.deeper(|this| this.havoc(&statement.body));
                }
                Stmt::Try(statement) => {
                    self.deeper(|this| this.havoc(&statement.body));
                    for handler in &statement.handlers {
                        let ruff_python_ast::ExceptHandler::ExceptHandler(handler) = handler;
                        self.deeper(|this| this.havoc(&handler.body));
                    }
                    self.deeper(|this| this.havoc(&statement.orelse));
                    self.deeper(|this| this.havoc(&statement.finalbody));
                }
                Stmt::Match(statement) => {
                    for case in &statement.cases {
                        self.deeper(|this| this.havoc(&case.body));
                    }
                }
                Stmt::ImportFrom(import) => {
                    for alias in &import.names {
                        if alias.name.as_str() == "*" {
                            self.poison("import *", span);
                        } else {
                            let name = alias.asname.as_ref().unwrap_or(&alias.name);
                            let value = Value::unknown(Reason::Unsupported, span);
                            self.bind(name.as_str(), value, span);
                        }
                    }
                }
                Stmt::Import(import) => {
                    for alias in &import.names {
                        let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                        let name = name.split('.').next().unwrap_or(name);
                        if self.lookup(name).is_none() {
                            let value = Value::unknown(Reason::Unsupported, span);
                            self.bind(name, value, span);
                        }
                    }
                }
                Stmt::FunctionDef(function) => {
                    let value = Value::unknown(Reason::Unsupported, span);
                    self.bind(function.name.as_str(), value, span);
                }
                Stmt::ClassDef(class) => {
                    let value = Value::unknown(Reason::Unsupported, span);
                    self.bind(class.name.as_str(), value, span);
                }
                _ => {}
            }
        }
    }

    fn havoc_call(&mut self, call: &ExprCall, span: Span) {
        if let Some(root) = root_name(&call.func).map(str::to_owned) {
            if matches!(
                root.as_str(),
                "globals" | "locals" | "vars" | "exec" | "setattr"
            ) {
                self.poison(&root, span);
            } else if call.func.is_attribute_expr() && self.is_data(&root) {
                let value = Value::unknown(Reason::Unsupported, span);
                self.rebind(&root, value, span);
            }
        }
    }

    pub(crate) fn havoc_target(&mut self, target: &Expr) {
        match target {
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|one| self.havoc_target(one)),
            Expr::List(list) => list.elts.iter().for_each(|one| self.havoc_target(one)),
            Expr::Starred(starred) => self.havoc_target(&starred.value),
            _ => {
                let span = self.span(target);
                let Some(root) = root_name(target).map(str::to_owned) else {
                    return;
                };
                if root == "globals" || root == "locals" || root == "vars" {
                    self.poison(&root, span);
                } else if target.is_name_expr() || self.is_data(&root) {
                    let value = Value::unknown(Reason::Unsupported, span);
                    self.bind(&root, value, span);
                }
            }
        }
    }
}

/// The name that `a.b["c"].d()` begins with.
pub(crate) fn root_name(expression: &Expr) -> Option<&str> {
    let mut expression = expression;
    loop {
        expression = match expression {
            Expr::Name(name) => return Some(name.id.as_str()),
            Expr::Attribute(attribute) => &attribute.value,
            Expr::Subscript(subscript) => &subscript.value,
            Expr::Call(call) => &call.func,
            _ => return None,
        };
    }
}

/// A container with an item set; unknown when the container or the key is.
fn set_item(base: &Value, key: &Value, value: Value, span: Span) -> Value {
    let key = key.settled();
    match &base.settled().kind {
        Kind::Dict(dict) => {
            if !is_plain(key) {
                return Value::unknown(Reason::Unsupported, span);
            }
            let mut entries = dict.entries.clone();
            match entries
                .iter_mut()
                .find(|(known, _)| known.settled().is_same(key))
            {
                Some(entry) => entry.1 = value,
                None => entries.push((key.clone(), value)),
            }
            Value::dict(entries, dict.is_open, span)
        }
        Kind::List(items) if !items.is_open => {
            let mut list = items.items.clone();
            let Kind::Int(index) = key.kind else {
                return Value::unknown(Reason::Unsupported, span);
            };
            let slot = position(index, list.len()).and_then(|at| list.get_mut(at));
            match slot {
                Some(slot) => *slot = value,
                None => return Value::unknown(Reason::Unsupported, span),
            }
            Value::list(list, false, span)
        }
        Kind::Either(values) => {
            let values = values
                .iter()
                .map(|one| set_item(one, key, value.clone(), span))
                .collect();
            Value::either(values, span)
        }
        Kind::Unknown(reason) => Value::unknown(reason.clone(), span),
        _ => Value::unknown(Reason::Unsupported, span),
    }
}

fn remove_item(base: &Value, key: &Value) -> Value {
    let key = key.settled();
    match &base.settled().kind {
        Kind::Dict(dict) if is_plain(key) => {
            let mut entries = dict.entries.clone();
            entries.retain(|(known, _)| !known.settled().is_same(key));
            Value::dict(entries, dict.is_open, base.span)
        }
        _ => Value::unknown(Reason::Unsupported, base.span),
    }
}

fn replace_in(names: &mut Names, identity: usize, new: &Value) {
    let changed: Vec<(String, Value)> = names
        .iter()
        .filter_map(|(name, binding)| {
            Some((name.clone(), replaced(&binding.value, identity, new)?))
        })
        .collect();
    for (name, value) in changed {
        names.refresh(&name, value);
    }
}

/// The value with every occurrence of a shared container replaced; `None` without one.
fn replaced(value: &Value, identity: usize, new: &Value) -> Option<Value> {
    if value.identity() == Some(identity) {
        return Some(new.clone().at(value.span));
    }
    match &value.kind {
        Kind::List(items) => replaced_all(&items.items, identity, new)
            .map(|list| Value::list(list, items.is_open, value.span)),
        Kind::Tuple(items) => replaced_all(&items.items, identity, new)
            .map(|list| Value::tuple(list, items.is_open, value.span)),
        Kind::Dict(dict) => {
            let mut entries = None;
            for (at, (_, one)) in dict.entries.iter().enumerate() {
                if let Some(one) = replaced(one, identity, new) {
                    let entries: &mut Vec<(Value, Value)> =
                        entries.get_or_insert_with(|| dict.entries.clone());
                    entries[at].1 = one;
                }
            }
            entries.map(|entries| Value::dict(entries, dict.is_open, value.span))
        }
        Kind::Either(values) => replaced_all(values, identity, new)
            .map(|values| Value::new(Kind::Either(Arc::new(values)), value.span)),
        _ => None,
    }
}

fn replaced_all(values: &[Value], identity: usize, new: &Value) -> Option<Vec<Value>> {
    let mut out: Option<Vec<Value>> = None;
    for (at, value) in values.iter().enumerate() {
        if let Some(value) = replaced(value, identity, new) {
            out.get_or_insert_with(|| values.to_vec())[at] = value;
        }
    }
    out
}
