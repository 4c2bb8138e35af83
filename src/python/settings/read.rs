//! From a module's name to its settings.

use std::sync::Arc;

use crate::python::settings::loader::EnvValue;
use crate::python::settings::machine::{Interpreter, Resolution};
use crate::python::settings::outcome::{ProblemKind, RequiredEnv, Setting, Settings};
use crate::python::settings::value::{Class, Kind, Object, Reason, Role, Thing, Value, is_setting};
use crate::span::Span;

impl Interpreter<'_> {
    /// Imports a module by its dotted name, as Django does, and collects what it leaves.
    #[must_use]
    pub(crate) fn settings(mut self, dotted: &str) -> Settings {
        let mut out = Settings::default();
        match self.resolve(dotted) {
            Resolution::Module(index) => {
                self.import(index);
                out.is_found = true;
                out.file = self.modules[index].file.as_ref().map(|(file, _)| *file);
                out.is_open = self.modules[index].is_open;
                out.has_os = self.modules[index].names.get("os").is_some();
                choose(&mut self, index, &mut out);
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
                // Something makes settings of a class, and it is not known which.
                out.is_open |=
                    !out.values.contains_key("INSTALLED_APPS") && self.has_classes(index);
            }
            Resolution::Missing => self.problem(
                ProblemKind::MissingModule,
                None,
                format!("there is no module `{dotted}`"),
            ),
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
        out.made = self.made;
        out.stops = self.stops;
        out.required_env = merged(self.variables.required);
        out.env_files = self.variables.env_files;
        out.problems = self.problems;
        out.modules = self.visited;
        out.external_imports = self.externals;
        out.takes_local = self.takes_local;
        out
    }

    /// A class is defined at the top of a module.
    fn has_classes(&self, index: usize) -> bool {
        let file = self.modules[index].file.as_ref();
        file.is_some_and(|(_, source)| source.text.lines().any(|line| line.starts_with("class ")))
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
}

/// Takes the settings from the configured class, when the module defines such classes.
pub(crate) fn choose(interpreter: &mut Interpreter<'_>, module: usize, out: &mut Settings) {
    let mut classes: Vec<(String, Arc<Class>)> = Vec::new();
    for (name, binding) in interpreter.modules[module].names.sorted() {
        if let Kind::Object(Object(Thing::Class(class))) =
            &interpreter.forced(binding.value.clone()).kind
            && class.role == Role::Configuration
        {
            classes.push((name, Arc::clone(class)));
        }
    }
    if classes.is_empty() {
        return;
    }
    let chosen = match interpreter.env_value("DJANGO_CONFIGURATION") {
        EnvValue::Set(name, _) => classes.iter().find(|(known, _)| *known == name),
        _ => None,
    };
    let Some((_, class)) = chosen else {
        out.is_open = true;
        interpreter.modules[module].is_open = true;
        // Whatever a class may set is not known; what the module itself assigns is no setting.
        for (name, binding) in interpreter.modules[module].names.sorted() {
            if is_setting(&name) {
                let lost = Value::unknown(
                    Reason::Dynamic("DJANGO_CONFIGURATION".to_owned()),
                    binding.value.span,
                );
                interpreter.modules[module].names.refresh(&name, lost);
            }
        }
        return;
    };
    let class = Arc::clone(class);
    for current in std::iter::once(&class).chain(&class.lineage) {
        for (name, member) in &current.names {
            if !is_setting(name) || out.values.contains_key(name) {
                continue;
            }
            let setting = Setting {
                value: interpreter.class_attribute(&class, name, member.span),
                span: member.span,
                history: Arc::new(vec![member.span]),
            };
            out.values.insert(name.clone(), setting);
        }
    }
    out.is_open |= class.is_open;
    // What the module itself assigns is no setting.
    let assigned = interpreter.modules[module].names.sorted();
    for (name, _) in assigned {
        if is_setting(&name) {
            interpreter.modules[module].names.put(name, None);
        }
    }
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
