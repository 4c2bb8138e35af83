//! Models that the module of an application imports before it sets Django up: Django refuses to make their classes.

use crate::facts::django::loaded::absolute_name;
use crate::facts::django::settings::path_to_settings;
use crate::facts::model::{ApplicationFact, DjangoPhase, EarlyModels};
use crate::facts::python::import_path::{Place, PythonPath};
use crate::knowledge::words::ValueWords;
use crate::maps::HashSet;
use crate::python::imports::{self, Import, Imports};
use crate::source::Sources;
use crate::span::FileId;
use std::sync::Arc;

/// Modules that are followed for one application.
const MAX_MODULES: usize = 200;

/// For each application of a server the first import that leads to models.
pub(crate) fn collect(p: &DjangoPhase, sources: &Sources) -> Vec<Option<EarlyModels>> {
    let all = p.applications.iter();
    all.map(|fact| find(p, fact, sources)).collect()
}

fn find(p: &DjangoPhase, fact: &ApplicationFact, sources: &Sources) -> Option<EarlyModels> {
    let file = fact.file.filter(|_| !fact.is_path)?;
    let image = &p.images[fact.image];
    image.server.as_ref().filter(|_| image.process_is_known)?;
    let text = sources.get(file);
    let setup = setup_at(&text.text)?;
    let path = path_to_settings(p, fact.image, sources)?;
    let mut walk = Walk {
        path,
        seen: HashSet::default(),
        is_open: false,
    };
    let dotted = fact.target.as_str();
    let own = walk.read(file);
    let before = own.all.iter().filter(|it| (it.span.start as usize) < setup);
    for import in before {
        let found = walk.follow(dotted, false, import);
        if walk.is_open {
            return None;
        }
        if let Some(module) = found {
            return Some(EarlyModels {
                module,
                span: import.span,
            });
        }
    }
    None
}

/// Where a module first sets Django up.
fn setup_at(text: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let code = line.split('#').next().unwrap_or_default();
        let is_import = code.starts_with("from ") || code.starts_with("import ");
        if !is_import && ValueWords::SetsDjangoUp.is_within(code) {
            return Some(at);
        }
        at += line.len();
    }
    None
}

struct Walk<'a> {
    path: PythonPath<'a>,
    seen: HashSet<String>,
    /// Something on the way sets Django up itself, or there is too much.
    is_open: bool,
}

impl Walk<'_> {
    fn read(&self, file: FileId) -> Arc<Imports> {
        let sources = self.path.sources;
        sources.once(file, |source| imports::read(file, &source.text))
    }

    /// The module with models that an import leads to.
    fn follow(&mut self, dotted: &str, is_package: bool, import: &Import) -> Option<String> {
        let module = absolute_name(dotted, is_package, import)?;
        let ends = module.match_indices('.').map(|(at, _)| at);
        let above: Vec<String> = ends.map(|end| module[..end].to_owned()).collect();
        for package in above {
            if let Some(found) = self.load(&package) {
                return Some(found);
            }
        }
        let names = import.names.iter();
        let below: Vec<String> = names.map(|(name, _)| format!("{module}.{name}")).collect();
        let mut all = std::iter::once(module).chain(below);
        all.find_map(|name| self.load(&name))
    }

    /// The module with models that loading one leads to: itself, or what it imports.
    fn load(&mut self, dotted: &str) -> Option<String> {
        if self.is_open || !self.seen.insert(dotted.to_owned()) {
            return None;
        }
        if ValueWords::ModelsOfPackages.contains(dotted) {
            return Some(dotted.to_owned());
        }
        let Place::File {
            file, is_package, ..
        } = self.path.find(dotted)
        else {
            return None;
        };
        let text = self.path.sources.get(file);
        if self.seen.len() > MAX_MODULES || ValueWords::SetsDjangoUp.is_within(&text.text) {
            self.is_open = true;
            return None;
        }
        let own = self.read(file);
        for import in &own.all {
            if let Some(found) = self.follow(dotted, is_package, import) {
                return Some(found);
            }
        }
        (!own.tables.is_empty()).then(|| dotted.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_setup_counts() {
        let text = "from django.core.asgi import get_asgi_application\n# get_asgi_application()\n\
                    application = get_asgi_application()\n";
        assert_eq!(
            setup_at(text).map(|at| &text[at..at + 11]),
            Some("application")
        );
        assert_eq!(setup_at("x = 1\n"), None);
    }
}
