//! Classes: their bodies run like modules; classes of pydantic-settings read the environment.

use std::collections::BTreeMap;
use std::sync::Arc;

use ruff_python_ast::{Expr, Stmt, StmtClassDef};

use crate::span::Span;

use super::calls::Arguments;
use super::configuration;
use super::interpreter::{Frame, Interpreter};
use super::object::{Class, Member, Object, Role, Thing};
use super::readers::Caster;
use super::scope::Names;
use super::value::{Kind, Reader, Reason, Value};

impl Interpreter<'_> {
    pub(super) fn define_class(&mut self, definition: &StmtClassDef) {
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
                    "builtins.object" => {}
                    "configurations.Configuration" | "configurations.base.Configuration" => {
                        role = Role::Configuration;
                    }
                    "pydantic_settings.BaseSettings"
                    | "pydantic.BaseSettings"
                    | "pydantic.v1.BaseSettings" => role = Role::Pydantic,
                    _ => is_open = true,
                },
                _ => is_open = true,
            }
        }
        self.frames.push(Frame {
            module: self.module(),
            file: span.file,
            locals: Some(Names::default()),
            returns: Vec::new(),
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
            let value = configuration::late(self, &name, binding.value);
            let member = Member {
                value,
                span: binding.span,
            };
            names.insert(name, member);
        }
        let class = Class {
            name: definition.name.to_string(),
            bases,
            names,
            fields,
            role,
            is_open,
        };
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
    pub(super) fn class_attribute(&mut self, class: &Arc<Class>, name: &str, span: Span) -> Value {
        if let Some(value) = self.class_member(class, name, 0) {
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

    fn class_member(&mut self, class: &Arc<Class>, name: &str, depth: u8) -> Option<Value> {
        if let Some(member) = class.names.get(name) {
            return Some(member.value.clone());
        }
        if depth > 16 {
            return None;
        }
        class.bases.iter().find_map(|base| match &base.kind {
            Kind::Object(Object(Thing::Class(base))) => self.class_member(base, name, depth + 1),
            _ => None,
        })
    }

    /// `Class(...)`.
    pub(super) fn instance(
        &mut self,
        class: &Arc<Class>,
        arguments: &Arguments,
        span: Span,
    ) -> Value {
        let is_plain = arguments.positional.is_empty()
            && arguments.keywords.is_empty()
            && !arguments.is_open
            && !class.names.contains_key("__init__");
        if class.role == Role::Pydantic && is_plain {
            let class = self.pydantic(class, span);
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
    fn pydantic(&mut self, class: &Arc<Class>, span: Span) -> Class {
        let mut names = BTreeMap::new();
        let config = self
            .class_member(class, "model_config", 0)
            .or_else(|| self.class_member(class, "Config", 0));
        let (prefix, is_known) = self.pydantic_prefix(config.as_ref());
        let mut lineage = vec![Arc::clone(class)];
        let mut at = 0;
        while let Some(current) = lineage.get(at).cloned() {
            at += 1;
            for base in &current.bases {
                if let Kind::Object(Object(Thing::Class(base))) = &base.kind
                    && lineage.len() < 16
                {
                    lineage.push(Arc::clone(base));
                }
            }
        }
        for current in lineage {
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
            is_open: class.is_open || span.is_empty(),
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
        self.read(&name, given, &caster, Reader::Pydantic, place)
    }
}
