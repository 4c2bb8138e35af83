//! `setup.cfg` and `setup.py`: lists that stand there as text. `setup.py` is read, never run.

use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::Ranged;

use crate::python::syntax;
use crate::source::{Root, SourceError, Sources};
use crate::span::{FileId, Span, Traced};

use super::name::normalize_name;
use super::problem::kind_of;
use super::project::Project;
use crate::source::join;

/// Adds what the two files declare.
pub(super) fn read(project: &mut Project, sources: &Sources, root: &Root, directory: &str) {
    let mut found = false;
    for (name, read) in [
        (
            "setup.cfg",
            config as fn(&mut Project, FileId, &str) -> bool,
        ),
        ("setup.py", script),
    ] {
        match root.read(sources, &join(directory, name)) {
            Ok(file) => {
                let source = sources.get(file);
                if read(project, file, &source.text) {
                    found = true;
                    project.set.files.push(file);
                }
            }
            Err(SourceError::Missing { .. }) => {}
            Err(error) => project
                .set
                .problem(kind_of(&error), None, error.to_string()),
        }
    }
    if !found && project.dependencies.is_empty() {
        project.set.is_complete = false;
    }
}

/// `[options] install_requires` and `[options.extras_require]`; true when one is there.
fn config(project: &mut Project, file: FileId, text: &str) -> bool {
    let mut section = "";
    let mut key: Option<String> = None;
    let mut found = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        if line.starts_with('[') {
            section = content.trim_matches(['[', ']']);
            key = None;
            continue;
        }
        let mut value = content;
        if !line.starts_with([' ', '\t']) {
            let Some((name, rest)) = line.split_once(['=', ':']) else {
                continue;
            };
            key = Some(name.trim().to_owned());
            value = rest.trim();
            if section == "metadata" && name.trim() == "name" && project.name.is_none() {
                project.name = Some(normalize_name(value));
            }
        }
        let (Some(key), false) = (&key, value.is_empty()) else {
            continue;
        };
        let extra = match (section, key.as_str()) {
            ("options", "install_requires") => None,
            ("options.extras_require", extra) => Some(extra),
            _ => continue,
        };
        found = true;
        let value = value.split(" #").next().unwrap_or("").trim();
        if value.starts_with("file:") || value.starts_with("%(") {
            project.set.is_complete = false;
            continue;
        }
        let from = at + line.find(value).unwrap_or(0);
        let offset = |value| u32::try_from(value).unwrap_or(u32::MAX);
        let span = Span::new(file, offset(from), offset(from + value.len()));
        let list = project.list(&[Traced::new(value, span)], extra);
        match extra {
            None => project.dependencies.extend(list),
            Some(extra) => project
                .extras
                .entry(normalize_name(extra))
                .or_default()
                .extend(list),
        }
    }
    found
}

/// The arguments of `setup(...)` that are literal lists, or names bound to one; true when the
/// file calls `setup`.
fn script(project: &mut Project, file: FileId, text: &str) -> bool {
    let Ok(module) = syntax::parse(text) else {
        project.set.is_complete = false;
        return true;
    };
    let body = &module.syntax().body;
    let Some(call) = body.iter().find_map(setup_call) else {
        project.set.is_complete = false;
        return true;
    };
    for keyword in &call.arguments.keywords {
        match keyword
            .arg
            .as_ref()
            .map(ruff_python_ast::Identifier::as_str)
        {
            Some("install_requires") => {
                let texts = strings(&keyword.value, body, file);
                match texts {
                    Some(texts) => {
                        let list = project.list(&texts, None);
                        project.dependencies.extend(list);
                    }
                    None => project.set.is_complete = false,
                }
            }
            Some("extras_require") => {
                let Expr::Dict(extras) = &keyword.value else {
                    continue;
                };
                for item in &extras.items {
                    let Some(Expr::StringLiteral(name)) = &item.key else {
                        continue;
                    };
                    if let Some(texts) = strings(&item.value, body, file) {
                        let list = project.list(&texts, Some(name.value.to_str()));
                        project
                            .extras
                            .insert(normalize_name(name.value.to_str()), list);
                    }
                }
            }
            Some("name") => {
                if let (None, Expr::StringLiteral(name)) = (&project.name, &keyword.value) {
                    project.name = Some(normalize_name(name.value.to_str()));
                }
            }
            None => project.set.is_complete = false,
            _ => {}
        }
    }
    true
}

fn setup_call(statement: &Stmt) -> Option<&ruff_python_ast::ExprCall> {
    let Stmt::Expr(statement) = statement else {
        if let Stmt::If(guard) = statement {
            return guard.body.iter().find_map(setup_call);
        }
        return None;
    };
    let call = statement.value.as_call_expr()?;
    let is_setup = match call.func.as_ref() {
        Expr::Name(name) => name.id.as_str() == "setup",
        Expr::Attribute(attribute) => attribute.attr.as_str() == "setup",
        _ => false,
    };
    is_setup.then_some(call)
}

/// The strings of a list, in place or bound once at the top of the file.
fn strings(value: &Expr, body: &[Stmt], file: FileId) -> Option<Vec<Traced>> {
    let elements = match value {
        Expr::List(list) => &list.elts,
        Expr::Tuple(tuple) => &tuple.elts,
        Expr::Name(name) => {
            let mut bound = body.iter().filter_map(|statement| match statement {
                Stmt::Assign(assign) => match assign.targets.as_slice() {
                    [Expr::Name(target)] if target.id == name.id => Some(assign.value.as_ref()),
                    _ => None,
                },
                _ => None,
            });
            let only = bound.next()?;
            if bound.next().is_some() || matches!(only, Expr::Name(_)) {
                return None;
            }
            return strings(only, body, file);
        }
        _ => return None,
    };
    let text = |element: &Expr| {
        let Expr::StringLiteral(literal) = element else {
            return None;
        };
        let range = literal.range();
        let content = literal.value.to_str();
        let (start, end) = (range.start().to_u32(), range.end().to_u32());
        let inner = Span::new(file, start + 1, end.saturating_sub(1).max(start + 1));
        let span = if inner.len() as usize == content.len() {
            inner
        } else {
            Span::new(file, start, end)
        };
        Some(Traced::new(content, span))
    };
    elements.iter().map(text).collect()
}
