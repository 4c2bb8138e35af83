//! The URLs of a project: which lists of them include which, what of them a path comes to, and which methods it takes
//! there. Tried with Django 5.2.

use regex_lite::{Regex, escape};

use crate::facts::django::loaded::absolute_name;
use crate::facts::django::settings;
use crate::facts::model::{DjangoPhase, RouteFact, RouteLeads, Routes, SettingsFact, ViewFact};
use crate::facts::python::import_path::{Place, PythonPath};
use crate::maps::HashSet;
use crate::python::imports;
use crate::python::settings::verdicts;
use crate::python::urls::{self, Decorated, Leads, Route, Urls, Views};
use crate::source::Sources;
use crate::span::{FileId, Traced};
use std::sync::Arc;

/// Modules of URLs that include each other at most.
const MAX_DEPTH: usize = 8;

/// Entries of all lists of one project.
const MAX_ENTRIES: usize = 4000;

/// For each settings the URLs, where a health check of the image, or a proxy before it, may ask for one.
pub(crate) fn collect(p: &DjangoPhase, sources: &Sources) -> Vec<Option<Routes>> {
    let of = |fact: &SettingsFact| {
        // Whoever asks needs a server that is known.
        let image = &p.images[fact.image];
        image.served.as_ref().filter(|_| image.process_is_known)?;
        let mut stages = image.chain.iter().map(|stage| &p.stages[*stage]);
        let is_checked = stages.any(|stage| stage.healthcheck.is_some());
        if !is_checked && !is_passed_to(p) {
            return None;
        }
        let loaded = fact.loaded.iter().map(|it| it.file);
        let own = p.applications.iter().filter(|it| it.image == fact.image);
        let mut files = loaded.chain(own.filter_map(|it| it.file));
        if files.any(|file| writes_path(&sources.get(file).text)) {
            return None;
        }
        let module = verdicts::text(&fact.settings, "ROOT_URLCONF");
        let path = settings::path_of(p, fact.image, sources)?;
        let mut left = MAX_ENTRIES;
        Some(read(&path, module.known()?, MAX_DEPTH, &mut left))
    };
    p.settings.iter().map(of).collect()
}

/// The code of a middleware, or of what is around the application, gives requests another path than the one asked for.
fn writes_path(text: &str) -> bool {
    let mut names = ["path_info", "PATH_INFO\"]", "PATH_INFO']"].into_iter();
    names.any(|name| {
        let mut found = text.match_indices(name);
        found.any(|(at, _)| {
            let rest = text[at + name.len()..].trim_start();
            rest.starts_with('=') && !rest.starts_with("==")
        })
    })
}

/// A service of compose may pass requests on to it.
fn is_passed_to(p: &DjangoPhase) -> bool {
    let files = p.around.deployed.compose.files.iter();
    let mut services = files.flat_map(|file| &file.services);
    services.any(|it| {
        let base = it.build.as_ref().and_then(|build| build.base.as_ref());
        let image = it.image.as_ref().and_then(|image| image.value.as_ref());
        let names = |text: &Traced| text.as_str().contains("nginx");
        base.is_some_and(names) || image.is_some_and(names)
    })
}

/// The list of a module; an open one where it is not of the project.
fn read(path: &PythonPath<'_>, module: &str, depth: usize, left: &mut usize) -> Routes {
    let open = Routes::default();
    let (
        Some(depth),
        Place::File {
            file, is_package, ..
        },
    ) = (depth.checked_sub(1), path.find(module))
    else {
        return open;
    };
    let source = path.sources.get(file);
    // Who answers for what is not found may answer for everything.
    if source.text.contains("handler404") {
        return open;
    }
    let list = path
        .sources
        .once::<Option<Urls>>(file, |source| urls::read(&source.text));
    let Some(list) = list.as_ref() else {
        return open;
    };
    let one = Module {
        path,
        dotted: module,
        is_package,
        file,
        aliases: aliases(&source.text),
        imports: path
            .sources
            .once(file, |source| imports::read(file, &source.text)),
    };
    one.list(list, depth, left)
}

/// The words behind `as`.
fn aliases(text: &str) -> HashSet<&str> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let behind = text.split(" as ").skip(1);
    let names = behind.filter_map(|rest| rest.split(|c: char| !is_name(c)).next());
    names.collect()
}

struct Module<'a> {
    path: &'a PythonPath<'a>,
    dotted: &'a str,
    is_package: bool,
    file: FileId,
    /// Names that something is imported under.
    aliases: HashSet<&'a str>,
    imports: Arc<imports::Imports>,
}

impl Module<'_> {
    fn list(&self, list: &Urls, depth: usize, left: &mut usize) -> Routes {
        let mut entries = Vec::new();
        for entry in &list.entries {
            let Some(rest) = left.checked_sub(1) else {
                return Routes::default();
            };
            *left = rest;
            let leads = match &entry.leads {
                Leads::Module(name) => RouteLeads::Below(read(self.path, name, depth, left)),
                Leads::List(list) => match depth.checked_sub(1) {
                    Some(depth) => RouteLeads::Below(self.list(list, depth, left)),
                    None => RouteLeads::Unknown,
                },
                Leads::View(name) => {
                    let found = name.as_ref().and_then(|name| self.view(name));
                    let found = found.unwrap_or_default();
                    RouteLeads::View(ViewFact {
                        methods: found.methods,
                        asks_settings: found.asks_settings,
                    })
                }
                Leads::Unknown => RouteLeads::Unknown,
            };
            entries.push(RouteFact {
                route: entry.route.clone(),
                leads,
            });
        }
        Routes {
            entries,
            is_closed: list.is_closed,
        }
    }

    /// The view that has a name in the module.
    fn view(&self, name: &str) -> Option<Decorated> {
        let (module, function) = match name.rsplit_once('.') {
            None => {
                if let Some(found) = self.views(self.file).get(name) {
                    return Some(found.clone());
                }
                (self.origin_of(name)?, name)
            }
            Some((module, function)) if module.contains('.') => (module.to_owned(), function),
            Some((module, function)) => {
                let above = self.origin_of(module)?;
                (format!("{above}.{module}"), function)
            }
        };
        let Place::File { file, .. } = self.path.find(&module) else {
            return None;
        };
        self.views(file).get(function).cloned()
    }

    fn views(&self, file: FileId) -> Arc<Views> {
        let sources = self.path.sources;
        sources.once(file, |source| urls::views(&source.text))
    }

    /// The module that a name is taken from.
    fn origin_of(&self, name: &str) -> Option<String> {
        if self.aliases.contains(name) {
            return None;
        }
        let mut all = self.imports.all.iter();
        let import = all.find(|it| it.names.iter().any(|(one, _)| one == name))?;
        absolute_name(self.dotted, self.is_package, import)
    }
}

/// What a path comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    View(&'a ViewFact),
    Nothing,
    Unknown,
}

/// What a path, without the slash in front, comes to.
pub(crate) fn find<'a>(routes: &'a Routes, path: &str) -> Found<'a> {
    for entry in &routes.entries {
        let is_view = matches!(entry.leads, RouteLeads::View(_));
        let rest = match behind(&entry.route, path, is_view) {
            Behind::Other => continue,
            Behind::Unknown => return Found::Unknown,
            Behind::Rest(rest) => rest,
        };
        let found = match &entry.leads {
            RouteLeads::View(view) => Found::View(view),
            RouteLeads::Below(routes) => find(routes, rest),
            RouteLeads::Unknown => Found::Unknown,
        };
        if found != Found::Nothing {
            return found;
        }
    }
    match routes.is_closed {
        true => Found::Nothing,
        false => Found::Unknown,
    }
}

/// A path that no URL of a project is likely to have.
const PROBE: &str = "~seatrial~/";

/// URLs begin with the prefix, and without it each of them leads nowhere.
pub(crate) fn loses(all: &Routes, prefix: &str) -> bool {
    let mut named = all.entries.iter().filter_map(|entry| match &entry.route {
        Route::Path(text) => text.strip_prefix(prefix),
        _ => None,
    });
    let is_lost = |rest: &str| {
        let plain = rest.split('<').next().unwrap_or_default();
        find(all, &format!("{plain}{PROBE}")) == Found::Nothing
            && (rest.contains('<') || rest.is_empty() || find(all, rest) == Found::Nothing)
    };
    let Some(first) = named.next() else {
        return false;
    };
    find(all, PROBE) == Found::Nothing && is_lost(first) && named.all(is_lost)
}

/// What of a path stands behind a route.
enum Behind<'a> {
    Rest(&'a str),
    /// It is another path.
    Other,
    Unknown,
}

fn behind<'a>(route: &Route, path: &'a str, is_view: bool) -> Behind<'a> {
    let (pattern, is_certain) = match route {
        Route::Unknown => return Behind::Unknown,
        Route::Path(text) => expression(text, is_view),
        Route::Pattern(pattern) => (pattern.clone(), true),
    };
    let Ok(regex) = Regex::new(&pattern) else {
        return Behind::Unknown;
    };
    match regex.find(path) {
        Some(found) if is_certain => Behind::Rest(&path[found.end()..]),
        Some(_) => Behind::Unknown,
        None => Behind::Other,
    }
}

/// A route of `path()` as an expression, and whether every part of it is known.
fn expression(route: &str, is_view: bool) -> (String, bool) {
    let mut out = "^".to_owned();
    let mut is_certain = true;
    let mut rest = route;
    while let Some((before, behind)) = rest.split_once('<') {
        let Some((part, behind)) = behind.split_once('>') else {
            break;
        };
        out.push_str(&escape(before));
        out.push_str(match part.split_once(':').map_or("str", |(kind, _)| kind) {
            "int" => "[0-9]+",
            "slug" => "[-a-zA-Z0-9_]+",
            "str" => "[^/]+",
            kind => {
                is_certain &= kind == "path";
                ".+"
            }
        });
        rest = behind;
    }
    out.push_str(&escape(rest));
    if is_view {
        out.push('$');
    }
    (out, is_certain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(route: Route, leads: RouteLeads) -> RouteFact {
        RouteFact { route, leads }
    }

    fn closed(entries: Vec<RouteFact>) -> Routes {
        Routes {
            entries,
            is_closed: true,
        }
    }

    #[test]
    fn paths_are_followed_through_lists() {
        let view = || RouteLeads::View(ViewFact::default());
        let path = |text: &str| Route::Path(text.to_owned());
        let below = closed(vec![
            route(path("health/"), view()),
            route(path("<int:pk>/"), view()),
            route(path("<custom:it>/x/"), view()),
        ]);
        let routes = closed(vec![
            route(path("shop/"), RouteLeads::Below(below)),
            route(Route::Pattern("^live/?$".to_owned()), view()),
            route(path("admin/"), RouteLeads::Unknown),
        ]);
        let is_view = |path| matches!(find(&routes, path), Found::View(_));
        assert!(is_view("shop/health/") && is_view("shop/12/") && is_view("live"));
        assert_eq!(find(&routes, "health/"), Found::Nothing);
        assert_eq!(find(&routes, "shop/health"), Found::Nothing);
        assert_eq!(find(&routes, "admin/login/"), Found::Unknown);
        assert_eq!(find(&routes, "shop/a/x/"), Found::Unknown);
        let open = Routes::default();
        assert_eq!(find(&open, "health/"), Found::Unknown);
    }
}
