//! Modules of a frontend that its code imports and that the ignore file keeps out of the build.

use crate::facts::model::{BuildPhase, LeftOutModule};
use crate::knowledge::words::FileWords;
use crate::source::{Entry, Sources, join, normalize};
use crate::span::Span;

/// Directories and files that are looked through, at most.
const MAX_LOOKS: usize = 400;

/// What the code of a frontend, by its directory in the context, certainly imports and the build does not get.
pub(super) fn left_out(p: &BuildPhase, sources: &Sources, directory: &str) -> Vec<LeftOutModule> {
    let context = &p.around.context;
    if context.ignore.is_none() {
        return Vec::new();
    }
    let Some(code) = code_beside_ignored(p, directory) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for path in code {
        let below = context.below_root(&path);
        let Some(file) = below.and_then(|below| p.around.root.read(sources, &below).ok()) else {
            continue;
        };
        let source = sources.get(file);
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let (parent, _) = path.rsplit_once('/').unwrap_or(("", &path));
        for (at, wanted) in imports(&source.text) {
            let module = normalize(&join(parent, wanted)).and_then(|it| module(p, &it));
            let Some(module) = module else {
                continue;
            };
            if let Some(pattern) = context.ignored_by(&module) {
                found.push(LeftOutModule {
                    module,
                    pattern: pattern.span(),
                    import: Span::new(file, byte(at), byte(at + wanted.len())),
                });
            }
        }
    }
    found
}

/// The code of a frontend, where the ignore file keeps something beside it out; `None` where it does not, so that
/// nothing has to be read.
fn code_beside_ignored(p: &BuildPhase, directory: &str) -> Option<Vec<String>> {
    let context = &p.around.context;
    // Where bundlers expect what they begin with; around it lie configurations and tests.
    let mut queue = vec![join(directory, "src")];
    let (mut code, mut has_ignored, mut looks) = (Vec::new(), false, 0);
    while let Some(path) = queue.pop() {
        looks += 1;
        let Some(below) = context.below_root(&path).filter(|_| looks <= MAX_LOOKS) else {
            break;
        };
        if path.ends_with("/node_modules") {
            continue;
        }
        if context.ignored_by(&path).is_some() {
            has_ignored = true;
            continue;
        }
        match p.around.root.entry(&below) {
            Entry::Directory => {
                let names = p.around.root.list(&below, MAX_LOOKS);
                queue.extend(names.iter().map(|name| join(&path, name)));
            }
            Entry::File { .. } if is_code(&path) => code.push(path),
            _ => {}
        }
    }
    has_ignored.then_some(code)
}

/// Code of a frontend that is bundled: no test of it.
fn is_code(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ends = |ending: &&str| name.ends_with(*ending);
    let is_test = name.contains(".test.") || name.contains(".spec.") || path.contains("/__");
    !is_test && FileWords::FrontendModule.iter().any(|ending| ends(&ending))
}

/// The paths that imports name relative to their file, with the place of each.
fn imports(text: &str) -> Vec<(usize, &str)> {
    let mut out = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let code = line.trim_start();
        let is_import = code.starts_with("import ") || code.starts_with("export ");
        let is_type = code.starts_with("import type") || code.starts_with("export type");
        if let Some(wanted) = last_text(line).filter(|_| is_import && !is_type)
            && (wanted.starts_with("./") || wanted.starts_with("../"))
            && let Some(at) = line.find(wanted)
        {
            out.push((start + at, wanted));
        }
        start += line.len();
    }
    out
}

/// The text in quotes that a line ends with: `import x from "./x";`.
fn last_text(line: &str) -> Option<&str> {
    let line = line.trim_end().trim_end_matches(';').trim_end();
    let quote = line.chars().last().filter(|it| matches!(it, '"' | '\''))?;
    let inside = &line[..line.len() - 1];
    let begin = inside.rfind(quote)?;
    Some(&inside[begin + 1..])
}

/// The file that an import means, by its path in the context.
fn module(p: &BuildPhase, path: &str) -> Option<String> {
    let endings = || FileWords::FrontendModule.iter();
    let with = endings().map(|ending| format!("{path}{ending}"));
    let index = endings().map(|ending| format!("{path}/index{ending}"));
    let mut all = std::iter::once(path.to_owned()).chain(with).chain(index);
    all.find(|path| matches!(p.around.context.entry(path), Entry::File { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_those_of_files_beside() {
        let text = "import a from './a'\nimport type B from './b';\nexport { c } from \"../c.js\";\nimport 'vue';\n";
        assert_eq!(imports(text), [(15, "./a"), (65, "../c.js")]);
    }
}
