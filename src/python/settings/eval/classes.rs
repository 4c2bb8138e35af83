//! Classes: their bodies run like modules; classes of pydantic-settings read the environment.

use std::collections::BTreeMap;
use std::sync::Arc;

use ruff_python_ast::{Expr, Stmt, StmtClassDef};

use crate::python::settings::library::{Caster, late, read};
use crate::python::settings::machine::{Frame, Interpreter};
use crate::python::settings::value::{
    Arguments, Class, Function, Kind, Member, Names, Object, Reader, Reason, Role, Thing, Value,
};
use crate::span::Span;

const CONFIGURATION: &[&str] = &[
    "configurations.Configuration",
    "configurations.base.Configuration",
];
const PYDANTIC: &[&str] = &[
    "pydantic_settings.BaseSettings",
    "pydantic.BaseSettings",
    "pydantic.v1.BaseSettings",
];

impl Interpreter<'_> {
    pub(crate) fn define_class(&mut self, definition: &StmtClassDef) {
        let span = self.span(&definition.name);
        let mut bases = Vec::new();
        let mut is_open = !definition.decorator_list.is_empty();
        if let Some(arguments) = &definition.arguments {
            for base in &arguments.args {
                bases.push(self.eval(base));
            }
            is_open |= !arguments.keywords.is_empty();
        }
        let mut role = Role::Plain;
        for base in &bases {
            match &base.kind {
                Kind::Object(Object(Thing::Class(class))) => {
                    is_open |= class.is_open;
                    if class.role != Role::Plain {
                        role = class.role;
                    }
                }
                Kind::Object(Object(Thing::External(name))) => match &**name {
                    name if CONFIGURATION.contains(&name) => role = Role::Configuration,
                    name if PYDANTIC.contains(&name) => role = Role::Pydantic,
                    name => is_open |= !is_root(name),
                },
                _ => is_open = true,
            }
        }
        self.frames.push(Frame {
            module: self.module(),
            file: span.file,
            locals: Some(Names::default()),
            returns: Vec::new(),
            ways: Vec::new(),
            call: None,
        });
        self.deeper(|this| this.block(&definition.body));
        let fields = self.fields(&definition.body);
        let locals = self
            .frames
            .pop()
            .and_then(|frame| frame.locals)
            .unwrap_or_default();
        let mut names = BTreeMap::new();
        for (name, binding) in locals.sorted() {
            let value = late(self, &name, binding.value);
            let member = Member {
                value,
                span: binding.span,
            };
            names.insert(name, member);
        }
        let order = linearize(&bases);
        is_open |= order.is_none();
        let members = names.values().map(|member: &Member| &member.value);
        let depth = Value::depth_over(members.chain(&bases));
        let class = Class {
            name: definition.name.to_string(),
            lineage: order.unwrap_or_default(),
            bases,
            names,
            fields,
            role,
            is_open,
            depth: depth.unwrap_or(0),
        };
        if depth.is_none() {
            let value = Value::unknown(Reason::Bounded, span);
            let name = definition.name.clone();
            self.bind(&name, value, span);
            return;
        }
        let value = Value::new(Kind::Object(Object(Thing::Class(Arc::new(class)))), span);
        let name = definition.name.clone();
        self.bind(&name, value, span);
    }

    fn fields(&mut self, body: &[Stmt]) -> Vec<(String, Option<String>, Span)> {
        let mut fields = Vec::new();
        for statement in body {
            let Stmt::AnnAssign(assign) = statement else {
                continue;
            };
            if let Expr::Name(name) = assign.target.as_ref() {
                let annotation = match assign.annotation.as_ref() {
                    Expr::Name(name) => Some(name.id.to_string()),
                    Expr::Subscript(subscript) => match subscript.value.as_ref() {
                        Expr::Name(name) => Some(name.id.to_string()),
                        _ => None,
                    },
                    _ => None,
                };
                fields.push((name.id.to_string(), annotation, self.span(name)));
            }
        }
        fields
    }

    /// A name of a class or its bases. Properties are evaluated.
    pub(crate) fn class_attribute(&mut self, class: &Arc<Class>, name: &str, span: Span) -> Value {
        if let Some(value) = self.class_member(class, name) {
            if let Kind::Object(Object(Thing::Function(function))) = &value.kind
                && function.is_property
            {
                let receiver = Value::new(
                    Kind::Object(Object(Thing::Instance(Arc::clone(class)))),
                    span,
                );
                return self.call_function(function, &[receiver], &[], span);
            }
            return value;
        }
        self.may_raise = true;
        let reason = if class.is_open {
            Reason::External(class.name.clone())
        } else {
            Reason::Undefined(name.to_owned())
        };
        Value::unknown(reason, span)
    }

    /// `None` when no class of the lineage has it, or one that is not known may have it before.
    fn class_member(&self, class: &Arc<Class>, name: &str) -> Option<Value> {
        for current in std::iter::once(class).chain(&class.lineage) {
            if let Some(member) = current.names.get(name) {
                return Some(member.value.clone());
            }
            if current.has_unknown_base() {
                return None;
            }
        }
        None
    }

    /// `Class(...)`.
    pub(crate) fn instance(
        &mut self,
        class: &Arc<Class>,
        arguments: &Arguments,
        span: Span,
    ) -> Value {
        // Methods that check are called by what is not followed here.
        let lineage = std::iter::once(class).chain(&class.lineage);
        let methods = lineage.flat_map(|one| one.names.values());
        let checks: Vec<Arc<Function>> = methods
            .filter_map(|member| match &member.value.kind {
                Kind::Object(Object(Thing::Function(function))) => Some(Arc::clone(function)),
                _ => None,
            })
            .collect();
        for check in checks {
            self.unfollowed(&check, span);
        }
        let is_plain = arguments.positional.is_empty()
            && arguments.keywords.is_empty()
            && !arguments.is_open
            && !class.names.contains_key("__init__");
        if class.role == Role::Pydantic && is_plain {
            let class = self.pydantic(class);
            return Value::new(Kind::Object(Object(Thing::Instance(Arc::new(class)))), span);
        }
        if is_plain && class.role == Role::Plain {
            return Value::new(
                Kind::Object(Object(Thing::Instance(Arc::clone(class)))),
                span,
            );
        }
        self.may_raise = true;
        self.forget(&arguments.positional, span);
        Value::unknown(Reason::Call(class.name.clone()), span)
    }

    /// The fields of a pydantic settings class, read from the environment.
    fn pydantic(&mut self, class: &Arc<Class>) -> Class {
        let mut names = BTreeMap::new();
        let config = self
            .class_member(class, "model_config")
            .or_else(|| self.class_member(class, "Config"));
        let (prefix, is_known) = self.pydantic_prefix(config.as_ref());
        for current in std::iter::once(class).chain(&class.lineage) {
            for (field, annotation, place) in &current.fields {
                if names.contains_key(field) || field == "model_config" {
                    continue;
                }
                let given = current.names.get(field).map(|member| member.value.clone());
                let value = match (&prefix, is_known) {
                    (Some(prefix), true) => {
                        self.pydantic_field(prefix, field, annotation.as_deref(), given, *place)
                    }
                    _ => Value::unknown(Reason::Unsupported, *place),
                };
                let member = Member {
                    value,
                    span: *place,
                };
                names.insert(field.clone(), member);
            }
            // Fields of what comes after may be replaced by those that are not known.
            if current.has_unknown_base() {
                break;
            }
        }
        for (name, member) in &class.names {
            names.entry(name.clone()).or_insert_with(|| member.clone());
        }
        Class {
            name: class.name.clone(),
            bases: class.bases.clone(),
            names,
            fields: Vec::new(),
            role: Role::Pydantic,
            is_open: class.is_open,
            lineage: Vec::new(),
            depth: class.depth,
        }
    }

    /// `env_prefix`, and whether the configuration is understood.
    fn pydantic_prefix(&mut self, config: Option<&Value>) -> (Option<String>, bool) {
        let Some(config) = config else {
            return (Some(String::new()), true);
        };
        match &config.kind {
            Kind::Dict(dict) if !dict.is_open => {
                let prefix = dict.get("env_prefix").map(|prefix| prefix.as_str());
                let is_plain = dict.get("env_nested_delimiter").is_none();
                match prefix {
                    None => (Some(String::new()), is_plain),
                    Some(prefix) => (prefix.map(str::to_owned), is_plain),
                }
            }
            Kind::Object(Object(Thing::Class(class))) => match class.names.get("env_prefix") {
                None => (Some(String::new()), true),
                Some(member) => (member.value.as_str().map(str::to_owned), true),
            },
            _ => (None, false),
        }
    }

    fn pydantic_field(
        &mut self,
        prefix: &str,
        field: &str,
        annotation: Option<&str>,
        given: Option<Value>,
        place: Span,
    ) -> Value {
        // `Field(...)` carries aliases and factories: only plain defaults are read.
        if let Some(Kind::Unknown(_)) = given.as_ref().map(|value| &value.kind) {
            return Value::unknown(Reason::Unsupported, place);
        }
        let caster = match annotation {
            Some("bool") => Caster::Bool,
            Some("int") => Caster::Int,
            Some("float") => Caster::Float,
            Some("str" | "SecretStr") => Caster::Str,
            Some("list" | "List" | "dict" | "Dict" | "tuple" | "set") => Caster::Data,
            _ => Caster::Url,
        };
        let name = Value::str(format!("{prefix}{field}").to_uppercase(), place);
        read(self, &name, given, &caster, Reader::Pydantic, place)
    }
}

impl Class {
    /// A base that is neither of the project nor one of the known roots.
    pub(crate) fn has_unknown_base(&self) -> bool {
        self.bases.iter().any(|base| match &base.kind {
            Kind::Object(Object(Thing::Class(_))) => false,
            Kind::Object(Object(Thing::External(name))) => !is_root(name),
            _ => true,
        })
    }
}

fn is_root(name: &str) -> bool {
    name == "builtins.object" || CONFIGURATION.contains(&name) || PYDANTIC.contains(&name)
}

/// The bases of the project and theirs in the order in which Python asks them (C3); `None` when
/// there is no such order or it is too long.
fn linearize(bases: &[Value]) -> Option<Vec<Arc<Class>>> {
    const LIMIT: usize = 40;
    let bases: Vec<Arc<Class>> = bases
        .iter()
        .filter_map(|base| match &base.kind {
            Kind::Object(Object(Thing::Class(base))) => Some(Arc::clone(base)),
            _ => None,
        })
        .collect();
    let own = |class: &Arc<Class>| {
        let mut list = vec![Arc::clone(class)];
        list.extend(class.lineage.iter().cloned());
        list
    };
    let mut lists: Vec<Vec<Arc<Class>>> = bases.iter().map(own).collect();
    lists.push(bases);
    let mut out: Vec<Arc<Class>> = Vec::new();
    while out.len() <= LIMIT {
        lists.retain(|list| !list.is_empty());
        if lists.is_empty() {
            return Some(out);
        }
        let is_free = |candidate: &Arc<Class>| {
            lists
                .iter()
                .all(|list| !list[1..].iter().any(|other| Arc::ptr_eq(other, candidate)))
        };
        let mut heads = lists.iter().map(|list| &list[0]);
        let next = Arc::clone(heads.find(|head| is_free(head))?);
        for list in &mut lists {
            if Arc::ptr_eq(&list[0], &next) {
                list.remove(0);
            }
        }
        out.push(next);
    }
    None
}
