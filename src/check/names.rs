//! What a file is by its name, or by how it begins: a Dockerfile, a template of one, a file that may
//! matter to one. Looks at text only.

use crate::deployed;
use crate::dockerfile::ast::Keyword;
use crate::knowledge::file_endings;

/// What a name says of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `Dockerfile`, `Dockerfile.prod`, `web.Dockerfile`.
    Dockerfile,
    /// `Dockerfile-prod`, `web.docker`: a Dockerfile if it begins as one.
    Likely,
    /// `Dockerfile.j2`: something fills it in first.
    Template,
}

/// Files without an ending that a Dockerfile may lead to, or that say what it is for.
const NAMED_COMPANIONS: [&str; 5] = [
    "Jenkinsfile",
    "Makefile",
    "Pipfile",
    "Procfile",
    "captain-definition",
];

const WORDS: [&str; 2] = ["dockerfile", "containerfile"];

/// What a name says; `None` for the names of other files.
pub(crate) fn shape(name: &str) -> Option<Shape> {
    // Nearly every file is told by one of its ends.
    let starts = matches!(name.as_bytes().first(), Some(b'D' | b'd' | b'C' | b'c'));
    if !starts && !name.ends_with(['e', 'E', 'r', 'R']) && !name.contains("ockerfile") {
        return None;
    }
    let name = name.to_ascii_lowercase();
    if let Some(ending) = file_endings::of(&name) {
        let stem = name.rsplit_once('.').map_or("", |(stem, _)| stem);
        let is_ours = ending.is_template && bare_shape(stem).is_some();
        return is_ours.then_some(Shape::Template);
    }
    bare_shape(&name)
}

/// The shape of a name in lower case, whatever its ending is.
fn bare_shape(name: &str) -> Option<Shape> {
    let is_sure = |word: &str| {
        let after = name
            .strip_prefix(word)
            .and_then(|rest| rest.strip_prefix('.'));
        let before = name
            .strip_suffix(word)
            .and_then(|rest| rest.strip_suffix('.'));
        name == word
            || [after, before]
                .into_iter()
                .flatten()
                .any(|rest| !rest.is_empty())
    };
    let is_likely = |word: &str| {
        let after = name
            .strip_prefix(word)
            .filter(|rest| !rest.starts_with('.'));
        let before = name.strip_suffix(word);
        let before = before.is_some_and(|rest| rest.ends_with(['-', '_']));
        after.is_some_and(|rest| rest.len() > 1 || rest.parse::<u8>().is_ok()) || before
    };
    if WORDS.iter().any(|word| is_sure(word)) {
        Some(Shape::Dockerfile)
    } else if WORDS.iter().any(|word| is_likely(word))
        || name
            .strip_suffix(".docker")
            .is_some_and(|stem| !stem.is_empty())
    {
        Some(Shape::Likely)
    } else {
        None
    }
}

/// Whether a file that is not a Dockerfile may matter to one, by its name.
pub(super) fn is_companion(name: &str) -> bool {
    file_endings::of(&name.to_ascii_lowercase()).is_some_and(|ending| ending.is_companion)
        || NAMED_COMPANIONS.contains(&name)
        || is_readme(name)
        || deployed::is_file(name)
        || matches!(
            name,
            ".env"
                | ".dockerignore"
                | ".containerignore"
                | ".gitignore"
                | "Dockerrun.aws.json"
                | "railway.json"
        )
}

/// Whether a file of that name describes what lies beside it.
pub(super) fn is_readme(name: &str) -> bool {
    matches!(name, "README" | "README.md" | "README.rst" | "README.txt")
}

/// Whether the name of a file or directory stands for others: `{{cookiecutter.project_slug}}`.
pub(super) fn is_placeholder(name: &str) -> bool {
    name.contains("{{") || name.contains("{%")
}

/// How a text begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beginning {
    /// Its first instruction is a FROM or an ARG, as one of them is written.
    Dockerfile,
    /// Its first line is one of a template language.
    Template,
    Other,
}

/// Whether a text has instructions and none of them is a FROM: others put it behind one.
pub(super) fn is_fragment(text: &str) -> bool {
    let first = |line: &str| {
        line.split_ascii_whitespace()
            .next()
            .map(str::to_ascii_uppercase)
    };
    let mut words = text
        .lines()
        .filter_map(first)
        .filter(|word| !word.starts_with('#'));
    let is_known = |word: &str| Keyword::ALL.iter().any(|(keyword, _)| *keyword == word);
    let is_other = |word: &String| is_known(word) && word != "FROM";
    words.next().is_some_and(|word| is_other(&word)) && words.all(|word| word != "FROM")
}

/// How a text begins, behind comments, directives and empty lines.
pub(super) fn beginning(text: &str) -> Beginning {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.lines().map(str::trim);
    let Some(line) = lines.find(|line| !line.is_empty() && !line.starts_with('#')) else {
        return Beginning::Other;
    };
    if ["{{", "{%", "{#", "<%"]
        .iter()
        .any(|open| line.starts_with(open))
    {
        return Beginning::Template;
    }
    let is_continued = line.ends_with(['\\', '`']);
    let mut words = line.split_ascii_whitespace();
    let keyword = words.next().unwrap_or_default();
    let rest: Vec<&str> = words.filter(|word| !word.starts_with("--")).collect();
    let is_one = if keyword.eq_ignore_ascii_case("from") {
        match &rest[..] {
            [image] => is_continued || image.chars().any(|c| c.is_ascii_alphanumeric()),
            [_, keyword, _] => keyword.eq_ignore_ascii_case("as"),
            _ => is_continued,
        }
    } else {
        keyword.eq_ignore_ascii_case("arg")
            && rest.first().is_some_and(|word| {
                let name = word.split('=').next().unwrap_or_default();
                let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
                name == "\\" || !name.is_empty() && name.chars().all(is_name)
            })
    };
    if is_one {
        Beginning::Dockerfile
    } else {
        Beginning::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_dockerfiles() {
        let table = [
            (
                Some(Shape::Dockerfile),
                "Dockerfile dockerfile DOCKERFILE Dockerfile.prod Dockerfile.v1.2 web.Dockerfile web.dockerfile \
                 Containerfile Containerfile.dev api.Containerfile",
            ),
            (
                Some(Shape::Likely),
                "Dockerfile-prod Dockerfile_prod dockerfile-web.dev DockerfileProd Dockerfile2 web-dockerfile \
                 web_Dockerfile web.docker .env.docker dockerfile_parse",
            ),
            (
                Some(Shape::Template),
                "Dockerfile.j2 Dockerfile.jinja3 Dockerfile.in Dockerfile.prod.tmpl web.Dockerfile.erb \
                    Dockerfile-web.j2",
            ),
            (
                None,
                ".dockerignore Dockerfile.dockerignore Dockerfile.prod.bak Dockerfile.md dockerfile.js dockerfile.py \
                 dockerfile.json dockerfile.vim Dockerfile_test.py Dockerfile. .dockerfile .docker README docker \
                 Dockerfiles docker-compose.yml Dockerfile.txt docker-entrypoint.sh",
            ),
        ];
        for (expected, names) in table {
            for name in names.split_ascii_whitespace() {
                assert_eq!(shape(name), expected, "{name}");
            }
        }
    }

    #[test]
    fn fragments_have_no_from() {
        for text in ["# labels\nARG NAME\nLABEL name=$NAME\n", "RUN true"] {
            assert!(is_fragment(text), "{text}");
        }
        for text in [
            "",
            "FROM x\nRUN y\n",
            "# FROM x\n",
            "ARG V=3\nfrom python:$V\n",
            "LABEL a=b\nFROM x\n",
            "RUNS fast",
        ] {
            assert!(!is_fragment(text), "{text}");
        }
    }

    #[test]
    fn dockerfiles_begin_with_from_or_arg() {
        for text in [
            "FROM python:3.13",
            "\u{feff}# syntax=docker/dockerfile:1\n\n  from --platform=$X python as base\n",
            "ARG VERSION=3.13\nFROM python:$VERSION",
            "ARG A B=1",
            "FROM \\\n python",
            "FROM python \\\n AS x",
            "FROM ${IMAGE}",
        ] {
            assert_eq!(beginning(text), Beginning::Dockerfile, "{text}");
        }
        for text in [
            "",
            "# only this\n",
            "3.12\n",
            "from os import path",
            "from . import x",
            "FROM the beginning of time",
            "From: somebody@example.org",
            "ARG!",
            "RUN ls",
            "---\nservices:\n",
            "CREATE TABLE a (b int);",
        ] {
            assert_eq!(beginning(text), Beginning::Other, "{text}");
        }
        assert_eq!(beginning("{% if x %}\nFROM a"), Beginning::Template);
    }
}
