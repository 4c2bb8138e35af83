//! The facts as rules see them: one node type per table, each a pointer into the project.
//!
//! A field is a name, a type, a documentation and a function, written once in a `table!`.

mod application;
pub(crate) mod cells;
mod command;
mod context;
mod image;
mod instruction;
mod kinds;
mod lost;
mod project;
mod requirement;
mod script;
mod server;
mod service;
mod service_parts;
mod setting;
mod source;
mod stage;
mod uwsgi_slot;
mod variable;

pub(crate) use cells::{
    at, known_bool, known_str, list, map, maybe_str, str_or_absent, table, traced,
};

use std::collections::HashSet;
use std::sync::Arc;

use crate::facts::build::base;
use crate::facts::model::Project;
use crate::facts::table::{Intent, Kind, Reach, Selected, Visit};
use crate::span::Span;

pub(crate) use command::{CommandNode, PackageNode};
pub(crate) use image::ImageNode;
pub(crate) use instruction::{CopyNode, InstructionNode, LayerNode};
pub use kinds::KINDS;
pub(crate) use script::Owner;
pub(crate) use server::{ServerNode, UwsgiOptionNode};
pub(crate) use stage::{BaseNode, StageNode};
pub(crate) use variable::EnvNode;

/// The project behind a shared pointer, as rules and `seatrial facts` use it.
#[derive(Debug, Clone)]
pub struct Facts(pub Arc<Project>);

impl Facts {
    fn selected(
        &self,
        stage: Option<usize>,
        key: &str,
        node: crate::facts::table::NodeRef,
        covers: Vec<Span>,
    ) -> Selected {
        let (reach, intent) = match stage.and_then(|stage| self.0.stages.get(stage)) {
            Some(stage) => (stage.reach, stage.intent),
            None => (Reach::Shipped, self.0.intent),
        };
        Selected {
            key: Arc::from(key),
            node,
            reach,
            intent: if intent == Intent::Production {
                self.0.intent
            } else {
                intent
            },
            covers,
        }
    }

    fn instruction_span(&self, index: usize) -> Vec<Span> {
        self.0
            .dockerfile
            .instructions
            .get(index)
            .map(|instruction| vec![instruction.span])
            .unwrap_or_default()
    }
}

/// Who starts something: the images, then the services that start something else in them, with the
/// stage and, for services, what they are for.
fn owners(p: &Project) -> Vec<(Owner, usize, Option<Intent>)> {
    let images = p.images.iter().enumerate();
    let images = images.map(|(i, image)| (Owner::Image(i), image.stage, None));
    let services = p.services.iter().enumerate().filter_map(|(i, service)| {
        service.run.as_ref()?;
        let stage = p.images[service.image?].stage;
        // What starts in an image to develop with is not for production.
        let intent = match crate::facts::deploy::services::intent(service.purpose(p)) {
            Intent::Production => p.stages[stage].intent,
            intent => intent,
        };
        Some((Owner::Service(i), stage, Some(intent)))
    });
    images.chain(services).collect()
}

impl Visit for Facts {
    fn visit(&self, kind: &Kind, each: &mut dyn FnMut(Selected)) {
        let p = &self.0;
        match kind.name {
            "instruction" => {
                for (stage_index, stage) in p.stages.iter().enumerate() {
                    for i in stage.instructions.clone() {
                        let node = InstructionNode::new(p, i, Some(stage_index));
                        let key = p.dockerfile.instructions[i].keyword.name();
                        each(self.selected(
                            Some(stage_index),
                            key,
                            Arc::new(node),
                            self.instruction_span(i),
                        ));
                    }
                }
            }
            "stage" => {
                for (i, stage) in p.stages.iter().enumerate() {
                    let key = stage
                        .name
                        .as_ref()
                        .map(|name| name.as_str().to_ascii_lowercase());
                    let node = Arc::new(StageNode::new(p, i));
                    each(self.selected(
                        Some(i),
                        key.as_deref().unwrap_or_default(),
                        node,
                        self.instruction_span(stage.from),
                    ));
                }
            }
            "base" => {
                for (i, stage) in p.stages.iter().enumerate() {
                    let Some(key) = stage
                        .base
                        .image
                        .as_ref()
                        .map(|image| base::short_name(image).to_owned())
                    else {
                        continue;
                    };
                    let node = Arc::new(BaseNode::new(p, i));
                    each(self.selected(Some(i), &key, node, self.instruction_span(stage.from)));
                }
            }
            "env" => {
                for (i, env) in p.envs.iter().enumerate() {
                    let node = Arc::new(EnvNode::new(p, i));
                    each(self.selected(
                        Some(env.stage),
                        env.name.as_str(),
                        node,
                        self.instruction_span(env.instruction),
                    ));
                }
            }
            "arg" => {
                for (stage, fact) in p.stages.iter().enumerate() {
                    for (i, arg) in fact.args.iter().enumerate() {
                        let node = Arc::new(variable::ArgNode::new(p, Some(stage), i));
                        each(self.selected(
                            Some(stage),
                            arg.name.as_str(),
                            node,
                            self.instruction_span(arg.instruction),
                        ));
                    }
                }
            }
            "layer" => {
                for (i, layer) in p.layers.iter().enumerate() {
                    let node = Arc::new(LayerNode::new(p, i));
                    each(self.selected(
                        Some(layer.stage),
                        layer.keyword.name(),
                        node,
                        self.instruction_span(layer.instruction),
                    ));
                }
            }
            "command" => {
                for (i, fact) in p.commands.iter().enumerate() {
                    let node = Arc::new(CommandNode::new(p, i));
                    let key = fact.command.name.as_deref().unwrap_or_default();
                    each(self.selected(Some(fact.stage), key, node, vec![fact.command.span]));
                }
            }
            "package" => {
                for (i, package) in p.packages.iter().enumerate() {
                    let node = Arc::new(PackageNode::new(p, i));
                    let covers = vec![p.commands[package.command].command.span, package.span];
                    each(self.selected(Some(package.stage), &package.name, node, covers));
                }
            }
            "copy" => {
                for (i, copy) in p.copies.iter().enumerate() {
                    let node = Arc::new(CopyNode::new(p, i));
                    each(self.selected(
                        Some(copy.stage),
                        copy.keyword.name(),
                        node,
                        self.instruction_span(copy.instruction),
                    ));
                }
            }
            "source" => {
                for (i, source) in p.sources.iter().enumerate() {
                    let copy = &p.copies[source.copy];
                    let node = Arc::new(source::SourceNode::new(p, i));
                    let covers = self.instruction_span(copy.instruction);
                    each(self.selected(Some(copy.stage), source.path.as_str(), node, covers));
                }
            }
            "lost_variable" => {
                for (i, lost) in p.lost_variables.iter().enumerate() {
                    let layer = &p.layers[lost.layer];
                    let node = Arc::new(lost::LostNode::new(p, i));
                    let mut covers = self.instruction_span(layer.instruction);
                    covers.push(lost.span);
                    each(self.selected(Some(layer.stage), &lost.name, node, covers));
                }
            }
            "port" => {
                for (stage, fact) in p.stages.iter().enumerate() {
                    for (i, port) in fact.ports.iter().enumerate() {
                        let node = Arc::new(instruction::PortNode::new(p, stage, i));
                        each(self.selected(
                            Some(stage),
                            port.written.as_str(),
                            node,
                            self.instruction_span(port.instruction),
                        ));
                    }
                }
            }
            "user" => {
                for (stage, fact) in p.stages.iter().enumerate() {
                    for (i, user) in fact.users.iter().enumerate() {
                        let node = Arc::new(instruction::UserNode::new(p, stage, i));
                        each(self.selected(
                            Some(stage),
                            user.name.as_deref().unwrap_or_default(),
                            node,
                            self.instruction_span(user.instruction),
                        ));
                    }
                }
            }
            "reference" => {
                for (i, reference) in p.references.iter().enumerate() {
                    let node = variable::ReferenceNode::new(p, i);
                    let stage = node.stage_index();
                    each(self.selected(
                        stage,
                        &reference.name,
                        Arc::new(node),
                        self.instruction_span(reference.instruction),
                    ));
                }
            }
            "image" => {
                for (i, image) in p.images.iter().enumerate() {
                    let stage = &p.stages[image.stage];
                    let key = stage
                        .name
                        .as_ref()
                        .map(|name| name.as_str().to_ascii_lowercase());
                    let node = Arc::new(ImageNode::new(p, i));
                    each(self.selected(
                        Some(image.stage),
                        key.as_deref().unwrap_or_default(),
                        node,
                        self.instruction_span(stage.from),
                    ));
                }
            }
            "server" => {
                for (i, image) in p.images.iter().enumerate() {
                    let one = image
                        .server
                        .iter()
                        .map(|server| (server, ServerNode::new(p, i)));
                    let beside = image.beside.iter().enumerate();
                    let several =
                        beside.map(|(at, one)| (&one.server, ServerNode::beside(p, i, at)));
                    for (server, node) in one.chain(several) {
                        each(self.selected(
                            Some(image.stage),
                            server.name,
                            Arc::new(node),
                            self.instruction_span(server.instruction),
                        ));
                    }
                }
            }
            "script" => {
                let mut seen = HashSet::new();
                for (owner, stage, intent) in owners(p) {
                    for (at, script) in owner.scripts(p).iter().enumerate() {
                        // What the image starts itself stands for all who start it as well.
                        if !seen.insert((stage, script.path.as_str()))
                            && matches!(owner, Owner::Service(_))
                        {
                            continue;
                        }
                        let node = Arc::new(script::ScriptNode::new(p, owner, at));
                        let covers = vec![script.word];
                        let mut selected = self.selected(Some(stage), &script.path, node, covers);
                        selected.intent = intent.unwrap_or(selected.intent);
                        each(selected);
                    }
                }
            }
            "start" => {
                for (owner, stage, intent) in owners(p) {
                    for (at, start) in owner.starts(p).iter().enumerate() {
                        let node = Arc::new(script::StartNode::new(p, owner, at));
                        let key = start.command.name.as_deref().unwrap_or_default();
                        let covers = vec![start.command.span];
                        let mut selected = self.selected(Some(stage), key, node, covers);
                        selected.intent = intent.unwrap_or(selected.intent);
                        each(selected);
                    }
                }
            }
            "uwsgi_option" => {
                for (i, option) in p.uwsgi_options.iter().enumerate() {
                    let node = Arc::new(UwsgiOptionNode::new(p, i));
                    let stage = p.images[option.image].stage;
                    each(self.selected(Some(stage), &option.name, node, vec![option.span]));
                }
            }
            "compose_file" | "service" | "service_env" | "service_port" | "service_volume" => {
                service::visit(p, kind.name, each);
            }
            _ => project::visit(self, kind.name, each),
        }
    }
}
