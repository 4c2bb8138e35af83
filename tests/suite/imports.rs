//! Which file of `src` uses which: paths by `crate::`, `super::` and `self::`, groups of `use`, names that a `use`
//! brought into scope, re-exports followed to the file that defines the item, and methods that another file than that
//! of the type gives it. An import of a module alone is none; what is asked of it afterwards is.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use self::rust::{Module, read};

#[path = "imports/rust.rs"]
mod rust;

/// For every file below `src`, by its path there: the files it uses, each with the names it uses of it.
pub(crate) type Graph = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

struct Tree {
    modules: BTreeMap<Vec<String>, Module>,
}

impl Tree {
    /// The path from the root of the crate; `None` for what is not of this crate.
    fn absolute(&self, module: &Module, path: &[String]) -> Option<Vec<String>> {
        let (first, mut rest) = path.split_first()?;
        let mut whole = match first.as_str() {
            "crate" => vec!["crate".to_owned()],
            "self" => module.path.clone(),
            "super" => module.path[..module.path.len() - 1].to_vec(),
            name => match module.names.get(name) {
                Some(written) if written != path => self.absolute(module, written)?,
                _ if module.children.contains(name) => {
                    let mut child = module.path.clone();
                    child.push(name.to_owned());
                    child
                }
                _ => return None,
            },
        };
        while let Some((first, after)) = rest.split_first() {
            if first != "super" {
                break;
            }
            whole.pop();
            rest = after;
        }
        whole.extend(rest.iter().cloned());
        Some(whole)
    }

    /// The file that defines what a path written in a module names, and the name there.
    fn home(&self, module: &Module, path: &[String]) -> Option<(&str, String)> {
        let path = self.absolute(module, path)?;
        self.definition(&path, 0)
    }

    /// The file that defines what an absolute path names, and the name there; `None` for a module.
    fn definition(&self, path: &[String], depth: usize) -> Option<(&str, String)> {
        let mut module = self.modules.get(&path[..1])?;
        for (at, name) in path.iter().enumerate().skip(1) {
            let child = self.modules.get(&path[..=at]);
            if let Some(child) = child.filter(|_| module.children.contains(name)) {
                module = child;
                continue;
            }
            if depth < 8
                && let Some(target) = module.names.get(name)
            {
                let mut target = self.absolute(module, target)?;
                target.extend_from_slice(&path[at + 1..]);
                return self.definition(&target, depth + 1);
            }
            return Some((&module.file, name.clone()));
        }
        None
    }
}

/// The graph of files, given by their paths below `src` with their texts.
pub(crate) fn graph(files: &[(String, String)]) -> Graph {
    let modules = files.iter().map(|(file, text)| {
        let module = read(file, text);
        (module.path.clone(), module)
    });
    let tree = Tree {
        modules: modules.collect(),
    };
    let mut graph = Graph::new();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for module in tree.modules.values() {
        let uses = graph.entry(module.file.clone()).or_default();
        for (file, name) in module
            .paths
            .iter()
            .filter_map(|path| tree.home(module, path))
        {
            if file != module.file {
                uses.entry(file.to_owned()).or_default().insert(name);
            }
        }
        for function in &module.functions {
            *times.entry(function).or_default() += 1;
        }
    }
    // Whoever names a type and calls a method whose name is given once only, calls that one.
    let mut calls = Vec::new();
    for module in tree.modules.values() {
        for (ty, methods) in &module.methods {
            let Some((home, name)) = tree
                .home(module, ty)
                .filter(|(file, _)| *file != module.file)
            else {
                continue;
            };
            for method in methods.iter().filter(|name| times[name.as_str()] == 1) {
                for caller in tree.modules.values() {
                    let names_it = caller.file == home
                        || graph[&caller.file]
                            .get(home)
                            .is_some_and(|names| names.contains(&name));
                    if names_it && caller.file != module.file && caller.calls.contains(method) {
                        calls.push((
                            caller.file.clone(),
                            module.file.clone(),
                            format!(".{method}()"),
                        ));
                    }
                }
            }
        }
    }
    for (caller, giver, method) in calls {
        let names = graph.entry(caller).or_default().entry(giver).or_default();
        names.insert(method);
    }
    graph
}

/// The circles: groups of files each of which uses every other, directly or through others.
pub(crate) fn circles(graph: &Graph) -> Vec<Vec<String>> {
    let reach: BTreeMap<&str, BTreeSet<&str>> = graph
        .keys()
        .map(|file| (file.as_str(), reached(graph, file)))
        .collect();
    let mut found: Vec<Vec<String>> = Vec::new();
    for (file, others) in &reach {
        let is_told = found.iter().flatten().any(|one| one == file);
        if is_told || !others.contains(file) {
            continue;
        }
        let circle = others.iter().filter(|other| reach[*other].contains(file));
        found.push(circle.map(|one| (*one).to_owned()).collect());
    }
    found
}

fn reached<'a>(graph: &'a Graph, from: &str) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        for used in graph.get(file).into_iter().flat_map(BTreeMap::keys) {
            if seen.insert(used.as_str()) {
                open.push(used);
            }
        }
    }
    seen
}

/// The shortest way from a file back to itself.
pub(crate) fn way_round(graph: &Graph, from: &str) -> Vec<String> {
    let mut before: BTreeMap<&str, &str> = BTreeMap::new();
    let mut open = VecDeque::from([from]);
    while let Some(file) = open.pop_front() {
        for used in graph.get(file).into_iter().flat_map(BTreeMap::keys) {
            if used == from {
                let mut way = vec![from.to_owned(), file.to_owned()];
                let mut at = file;
                while at != from {
                    at = before[at];
                    way.push(at.to_owned());
                }
                way.reverse();
                way.dedup();
                return way;
            }
            if !before.contains_key(used.as_str()) {
                before.insert(used, file);
                open.push_back(used);
            }
        }
    }
    Vec::new()
}
