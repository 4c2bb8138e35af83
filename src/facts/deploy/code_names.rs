//! What code of the project names anywhere, whether it is known to run or not: what nothing in it names, nothing in it
//! uses.

use crate::facts::model::{CodeNames, Project};
use crate::knowledge::import_names;
use crate::knowledge::programs;
use crate::knowledge::words::ValueWords;
use crate::maps::HashSet;
use crate::python::requirements::Requirement;
use crate::source::{Entry, Sources, join};

/// Files that are read, names of a directory, and directories below each other.
const MAX_FILES: usize = 1500;
const MAX_NAMES: usize = 500;
const MAX_DEPTH: usize = 12;

/// The variables that Django's key has by custom.
const KEYS: [&str; 2] = ["SECRET_KEY", "DJANGO_SECRET_KEY"];

/// A variable has the name that Django's key has by custom.
pub(crate) fn is_key(name: &str) -> bool {
    KEYS.contains(&name)
}

/// Looks for what the Dockerfile makes a question of: variables of a key, and packages that lack something of the
/// system, as `lacks_something` says of a requirement of an install. Nothing is read where there is none.
pub(crate) fn collect(
    p: &Project,
    sources: &Sources,
    lacks_something: &dyn Fn(usize, usize) -> bool,
) -> CodeNames {
    let is_set = |name: &&str| p.envs.iter().any(|env| env.name.as_str() == *name);
    let keys: Vec<&str> = KEYS.into_iter().filter(is_set).collect();
    let mut modules: HashSet<String> = HashSet::default();
    for (index, install) in p.installs.iter().enumerate() {
        for (at, requirement) in install.set.requirements.iter().enumerate() {
            if let Some(module) = module(requirement)
                && !modules.contains(&module)
                && lacks_something(index, at)
            {
                modules.insert(module);
            }
        }
    }
    let mut walk = Walk {
        p,
        sources,
        files: 0,
        named: HashSet::default(),
    };
    let is_asked = !keys.is_empty() || !modules.is_empty();
    if !is_asked || !walk.directory("", MAX_DEPTH, &keys, &modules) || walk.files == 0 {
        return CodeNames::default();
    }
    let keys = keys.into_iter().map(str::to_owned);
    let mut lacking: HashSet<String> = modules.iter().cloned().chain(keys).collect();
    lacking.retain(|name| !walk.named.contains(name));
    CodeNames { lacking }
}

/// The module of a package that may lack a library or a program of the system.
pub(crate) fn module(requirement: &Requirement) -> Option<String> {
    let name = requirement.name.as_str();
    let of_program = programs::called_by(name).map(|row| row.module);
    let module = of_program.or_else(|| import_names::module_of_pure(name))?;
    Some(module.to_owned())
}

struct Walk<'a> {
    p: &'a Project,
    sources: &'a Sources,
    files: usize,
    named: HashSet<String>,
}

impl Walk<'_> {
    /// Whether all below a directory was looked at.
    fn directory(
        &mut self,
        path: &str,
        depth: usize,
        keys: &[&str],
        modules: &HashSet<String>,
    ) -> bool {
        let root = &self.p.around.root;
        let names = root.list(path, MAX_NAMES);
        if names.len() >= MAX_NAMES || depth == 0 {
            return false;
        }
        names.iter().all(|name| {
            let below = join(path, name);
            match root.entry(&below) {
                Entry::Directory if name.starts_with('.') || name == "node_modules" => true,
                Entry::Directory => self.directory(&below, depth - 1, keys, modules),
                // What another repository has is not here.
                Entry::File { .. } if name == ".gitmodules" => false,
                Entry::File { .. } if name.ends_with(".py") || name.ends_with(".sh") => {
                    self.files += 1;
                    let file = root.read(self.sources, &below);
                    let text = file.map(|file| self.sources.get(file));
                    if let Ok(source) = &text {
                        let text = source.text.as_str();
                        let of_keys = keys.iter().filter(|name| may_read(text, name));
                        self.named.extend(of_keys.map(|name| (*name).to_owned()));
                        let of_modules = modules.iter().filter(|name| has_word(text, name));
                        self.named.extend(of_modules.cloned());
                    }
                    text.is_ok() && self.files < MAX_FILES
                }
                Entry::File { .. } | Entry::Missing => true,
                Entry::Unknown => false,
            }
        })
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part)
    })
}

/// A text may read a variable: it names it, or reads variables by the names of what it sets, or with a beginning.
fn may_read(text: &str, name: &str) -> bool {
    let quoted = |name: &str| {
        let mut quotes = ['"', '\''].iter();
        quotes.any(|quote| text.contains(&format!("{quote}{name}{quote}")))
    };
    let used = [format!("${name}"), format!("${{{name}")];
    quoted(name)
        || used.iter().any(|it| text.contains(it))
        || ValueWords::ReadsByField.is_within(text) && text.contains("SECRET_KEY")
}

#[cfg(test)]
mod tests {
    use super::{has_word, may_read};

    #[test]
    fn words_and_variables() {
        assert!(has_word("import ffmpeg\n", "ffmpeg"));
        assert!(!has_word("import ffmpeg_tools\n", "ffmpeg"));
        assert!(may_read("os.environ['SECRET_KEY']", "SECRET_KEY"));
        assert!(may_read(
            "class S(BaseSettings):\n    SECRET_KEY: str\n",
            "SECRET_KEY"
        ));
        assert!(!may_read(
            "SECRET_KEY = os.environ['SHOP_KEY']",
            "SECRET_KEY"
        ));
    }
}
