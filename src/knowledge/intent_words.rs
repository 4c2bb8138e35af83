//! Words that say what a Dockerfile, stage, compose file or command is for.

use super::find;

/// What a Dockerfile, a stage, a file or a service is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    Production,
    Development,
    /// Tests, lints, continuous integration: builds for nobody's use.
    Ci,
}

impl Intent {
    /// What people are told.
    pub(crate) fn called(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Development => "development",
            Self::Ci => "CI",
        }
    }
}

#[derive(Debug)]
struct IntentWord {
    word: &'static str,
    dockerfile: Option<Intent>,
    compose: Option<Intent>,
    start: Option<Intent>,
    program: Option<Intent>,
    beside: Option<Intent>,
    past: bool,
}

#[derive(Debug)]
struct IntentPhrase {
    phrase: &'static str,
}

static PHRASES: &[IntentPhrase] = include!(concat!(env!("OUT_DIR"), "/intent-phrases.rs"));

/// Whether a README, in lower case, says that what it describes is not for production.
#[must_use]
pub(crate) fn denies_production(text: &str) -> bool {
    PHRASES.iter().any(|row| text.contains(row.phrase))
}

/// Whether a file of that name may build images, or tell people how.
#[must_use]
pub(crate) fn may_build(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let endings = [".sh", ".yml", ".yaml", ".mk", ".bash", ".hcl"];
    endings.iter().any(|ending| name.ends_with(ending))
        || [
            "makefile",
            "justfile",
            "readme",
            "jenkinsfile",
            "procfile",
            "tiltfile",
        ]
        .iter()
        .any(|start| name.starts_with(start))
}

/// Whether the comment at the top of a file says that it is for development, and nothing of production.
#[must_use]
pub(crate) fn says_development(text: &str) -> bool {
    let comment = top_comment(text);
    let mut words = ["development", "localdev", "local dev"].into_iter();
    words.any(|word| comment.contains(word)) && !comment.contains("prod")
}

/// Whether the comment at the top of a file says that what it has stands in for something else, in tests or beside
/// them: a mock.
#[must_use]
pub(crate) fn says_stand_in(text: &str) -> bool {
    let comment = top_comment(text);
    let mut words = comment.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| matches!(word, "mock" | "mocks" | "mocking"))
}

/// The comment at the top of a file, in lower case.
fn top_comment(text: &str) -> String {
    let lines = text.lines().map(str::trim_start);
    let comment = lines.take_while(|line| line.is_empty() || line.starts_with('#'));
    let comment = comment.collect::<Vec<_>>().join(" ");
    comment.to_ascii_lowercase()
}

static WORDS: &[IntentWord] = include!(concat!(env!("OUT_DIR"), "/intent-words.rs"));

/// What a word, in lower case, says of a Dockerfile or stage.
#[must_use]
pub(crate) fn of_dockerfile(word: &str) -> Option<Intent> {
    find(WORDS, word, |row| row.word)?.dockerfile
}

/// Whether a directory of a path, in any case, holds what was put away: `archives/docker-compose.prod.yml`.
#[must_use]
pub(crate) fn is_put_away(path: &str) -> bool {
    let directories = path.rsplit('/').skip(1);
    let mut words = directories.flat_map(|name| name.split(|c: char| !c.is_ascii_alphanumeric()));
    words.any(|word| {
        let row = find(WORDS, word.to_ascii_lowercase().as_str(), |row| row.word);
        row.is_some_and(|row| row.past)
    })
}

/// What a word, in lower case, says of a compose file.
#[must_use]
pub(crate) fn of_compose(word: &str) -> Option<Intent> {
    find(WORDS, word, |row| row.word)?.compose
}

/// What a word, in lower case, says of a Dockerfile beside one that is called the same without it.
#[must_use]
pub(crate) fn of_sibling(word: &str) -> Option<Intent> {
    let row = find(WORDS, word, |row| row.word)?;
    row.dockerfile.or(row.beside)
}

/// What the name of the program that an image starts, in lower case, says of the image.
#[must_use]
pub(crate) fn of_program(name: &str) -> Option<Intent> {
    find(WORDS, name, |row| row.word)?.program
}

/// What runs a program is for development only: `python -m debugpy`.
#[must_use]
pub(crate) fn is_development_wrapper(name: &str) -> bool {
    let program = name.rsplit(' ').next().unwrap_or(name);
    of_program(program) == Some(Intent::Development)
}

/// What a word of a command that starts, in lower case, says of it.
#[must_use]
pub(crate) fn of_start(word: &str) -> Option<Intent> {
    find(WORDS, word, |row| row.word)?.start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_mean_different_things_in_different_names() {
        assert!(WORDS.is_sorted_by(|a, b| a.word < b.word));
        assert_eq!(of_dockerfile("prod"), Some(Intent::Production));
        assert_eq!(of_dockerfile("deploy"), None);
        assert_eq!(of_compose("swarm"), Some(Intent::Production));
        assert_eq!(of_compose("deploy"), None);
        assert!(
            is_put_away("archives/compose.prod.yml") && is_put_away("docker/Old-2019/Dockerfile")
        );
        assert!(!is_put_away("old.Dockerfile") && !is_put_away("household/Dockerfile"));
        assert_eq!(of_compose("latest"), None);
        assert_eq!(of_start("runserver"), Some(Intent::Development));
        assert_eq!(of_start("localhost"), None);
    }
}
