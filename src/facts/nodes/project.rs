//! Visits the facts that lie in files beside the Dockerfile: what installs read, settings, applications.

use std::sync::Arc;

use crate::facts::nodes::Facts;
use crate::facts::nodes::application::{ApplicationNode, CollectNode};
use crate::facts::nodes::context::{PatternNode, UnwantedNode};
use crate::facts::nodes::requirement::{InstallNode, RequirementNode, TargetNode};
use crate::facts::nodes::setting::{SettingNode, SettingsNode};
use crate::facts::table::Selected;

/// Calls `each` for every fact of a kind, in file order.
pub(super) fn visit(facts: &Facts, kind: &str, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    match kind {
        "unwanted" => {
            for (i, unwanted) in p.unwanted.iter().enumerate() {
                let copy = &p.copies[unwanted.copy];
                let node = Arc::new(UnwantedNode::new(p, i));
                let covers = facts.instruction_span(copy.instruction);
                let key = unwanted.category.name();
                each(facts.selected(Some(copy.stage), key, node, covers));
            }
        }
        "ignore_pattern" => {
            let ignore = p.around.context.ignore.as_deref();
            let patterns = ignore.map_or(&[][..], |ignore| &ignore.patterns);
            for (i, pattern) in patterns.iter().enumerate() {
                let node = Arc::new(PatternNode::new(p, i));
                let covers = vec![pattern.span()];
                each(facts.selected(None, &pattern.cleaned, node, covers));
            }
        }
        "install" => {
            for (i, install) in p.installs.iter().enumerate() {
                let node = Arc::new(InstallNode::new(p, i));
                let covers = vec![p.commands[install.command].command.span];
                each(facts.selected(Some(install.stage), install.tool, node, covers));
            }
        }
        "requirement_file" => {
            for (i, install) in p.installs.iter().enumerate() {
                for (at, target) in install.targets.iter().enumerate() {
                    let node = Arc::new(TargetNode::new(p, i, at));
                    let key = target.written.as_str();
                    let command = p.commands[install.command].command.span;
                    let covers = vec![command, target.written.span()];
                    each(facts.selected(Some(install.stage), key, node, covers));
                }
            }
        }
        "requirement" => {
            for (i, install) in p.installs.iter().enumerate() {
                for (at, requirement) in install.set.requirements.iter().enumerate() {
                    let node = Arc::new(RequirementNode::new(p, i, at));
                    let command = p.commands[install.command].command.span;
                    let covers = vec![command, requirement.span];
                    each(facts.selected(Some(install.stage), &requirement.name, node, covers));
                }
            }
        }
        "settings" => {
            for (i, settings) in p.settings.iter().enumerate() {
                let node = Arc::new(SettingsNode::new(p, i));
                let covers = vec![settings.module.span()];
                let stage = p.images[settings.image].stage;
                each(facts.selected(Some(stage), settings.module.as_str(), node, covers));
            }
        }
        "setting" => {
            for (i, settings) in p.settings.iter().enumerate() {
                let stage = p.images[settings.image].stage;
                for (name, setting) in &settings.settings.values {
                    let node = Arc::new(SettingNode::new(p, i, name));
                    let covers = vec![setting.span, setting.value.span];
                    each(facts.selected(Some(stage), name, node, covers));
                }
            }
        }
        "application" => {
            for (i, application) in p.applications.iter().enumerate() {
                let image = &p.images[application.image];
                let key = image.server.as_ref().map_or("", |server| server.name);
                let node = Arc::new(ApplicationNode::new(p, i));
                let covers = vec![application.target.span()];
                each(facts.selected(Some(image.stage), key, node, covers));
            }
        }
        "collectstatic" => {
            for (i, collect) in p.collects.iter().enumerate() {
                let node = Arc::new(CollectNode::new(p, i));
                let covers = vec![p.commands[collect.command].command.span];
                each(facts.selected(Some(collect.stage), kind, node, covers));
            }
        }
        _ => {}
    }
}
