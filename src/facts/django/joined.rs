//! Entries of lists of settings that are two texts side by side, which Python makes one: a comma was forgotten.

use crate::facts::model::SettingsFact;
use crate::facts::python::import_path::{Place, PythonPath};
use crate::knowledge::import_names;
use crate::python::settings::verdicts::{self, Answer, Texts};
use crate::python::syntax;
use crate::span::Span;

use ruff_python_ast::{Expr, Stmt};

/// Names of modules in INSTALLED_APPS and MIDDLEWARE that two names side by side make, where both are there and what
/// they make is not; with the first of the two.
pub(crate) fn joined(path: &PythonPath<'_>, fact: &SettingsFact) -> Vec<(String, String, Span)> {
    let lists = [
        verdicts::installed_apps(&fact.settings),
        verdicts::middleware(&fact.settings),
    ];
    let entries = lists
        .into_iter()
        .filter_map(|answer: Answer<Texts>| match answer {
            Answer::Known(known) => Some(known.value.entries),
            _ => None,
        });
    entries
        .flatten()
        .filter_map(|(name, span)| {
            let text = fact.text_of(span.file)?;
            let parts = parts(span.slice(text))?;
            let is_joint = |pair: &[String]| {
                let [left, right] = pair else {
                    return false;
                };
                is_there(path, left) && is_there(path, right)
            };
            let is_wrong = parts.windows(2).all(is_joint) && !is_of_project(path, &name);
            is_wrong.then(|| (name, parts[0].clone(), span))
        })
        .collect()
}

/// The texts of an expression that is several of them side by side.
fn parts(code: &str) -> Option<Vec<String>> {
    let parsed = syntax::parse(&format!("({code})")).ok()?;
    let [Stmt::Expr(statement)] = &parsed.syntax().body[..] else {
        return None;
    };
    let Expr::StringLiteral(literal) = statement.value.as_ref() else {
        return None;
    };
    let parts: Vec<String> = literal
        .value
        .iter()
        .map(|part| part.value.to_string())
        .collect();
    (parts.len() > 1).then_some(parts)
}

fn is_of_project(path: &PythonPath<'_>, dotted: &str) -> bool {
    matches!(path.find(dotted), Place::File { .. } | Place::Namespace)
}

/// A module of the project, or by its name one of Django or of a well-known distribution.
fn is_there(path: &PythonPath<'_>, dotted: &str) -> bool {
    let is_name = dotted
        .split('.')
        .all(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_'));
    let (first, rest) = dotted.split_once('.').unwrap_or((dotted, ""));
    // The class in a module.
    let module = dotted.rsplit_once('.').map_or(dotted, |(module, _)| module);
    is_name
        && (is_of_project(path, dotted)
            || is_of_project(path, module)
            || first == "django" && rest.split('.').all(|part| part.len() < 32)
            || import_names::distributions(first).is_some())
}
