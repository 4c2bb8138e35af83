//! What files of continuous integration and of platforms, and READMEs, say: which Dockerfiles they name, and whether
//! they publish what is built. Read as text, line by line: each platform has a language of its own.

use std::sync::Arc;

use crate::deployed::builders;
use crate::knowledge::publishing::{self, Publishing};
use crate::knowledge::words::{FileWords, OptionWords};
use crate::knowledge::{intent_words, servers};
use crate::source::{Root, SourceFile, Sources, is_in, join};

/// Where workflows lie.
const WORKFLOWS: &str = ".github/workflows";

/// Workflows that are read.
const MAX_WORKFLOWS: usize = 200;

/// The value of such a key of a file of continuous integration is a Dockerfile.
pub(crate) fn is_key(key: &str) -> bool {
    FileWords::CiKey.contains(key)
}

/// Whether continuous integration or a platform publishes what it builds: a workflow that builds and pushes
/// it, one that starts the project on a server, `heroku.yml`.
pub(crate) fn is_published(root: &Root, sources: &Sources, path: &str) -> bool {
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let source = |path: &str| -> Option<Arc<SourceFile>> {
        if !root.is_file(path) {
            return None;
        }
        Some(sources.get(root.read(sources, path).ok()?))
    };
    // The file, or the directory that has a file of the usual name and of which no other file is named.
    let names = |text: &str| {
        let is_below = |value: &str| is_in(value.trim_start_matches("./"), directory);
        let is_usual =
            name == "Dockerfile" && !directory.is_empty() && !values(text, is_key).any(is_below);
        let mut words = text.split_ascii_whitespace();
        words.any(|word| {
            let word = word.trim_matches(['"', '\'', ',']).trim_start_matches("./");
            let word = word.trim_end_matches('/');
            word == path || is_usual && word == directory
        })
    };
    let is_named = |text: &str, below: &str| {
        let names_another = values(text, is_key).next().is_some() || flags(text).next().is_some();
        // Without a name it is the Dockerfile in that directory.
        names(text) || path == join(below, "Dockerfile") && !names_another
    };
    let workflows: Vec<Arc<SourceFile>> = workflows(root, sources).collect();
    let is_pushed = |text: &str| {
        let mut pushes = values(text, |key| key == "push");
        text.contains("build-push-action") && pushes.any(|it| it != "false") && is_named(text, "")
    };
    let starts_on_server = |text: &str| {
        let mut lines = text.lines();
        let starts = |line: &str| line.contains("compose") && line.contains(" up");
        text.contains("ssh") && lines.any(|line| starts(line) && !line.contains(" -f "))
    };
    if workflows
        .iter()
        .any(|file| is_pushed(&file.text) || starts_on_server(&file.text))
    {
        return true;
    }
    publishing::all().any(|row| {
        let says = |text: &str| row.says.is_none_or(|says| text.contains(says));
        // Compose pushes all that it builds.
        let is_compose = row.says.is_some_and(|says| says.contains("compose"));
        if row.file == WORKFLOWS {
            return workflows
                .iter()
                .any(|file| says(&file.text) && (is_compose || is_named(&file.text, "")));
        }
        ["", directory].iter().any(|below| {
            let file = source(&join(below, row.file));
            file.is_some_and(|file| says(&file.text) && is_named(&file.text, below))
        })
    })
}

/// Whether what is shipped is built from git by whoever builds it, without `.git`: a workflow that gives
/// `docker/build-push-action` no context, a platform that gets an archive.
pub(crate) fn is_built_from_git(root: &Root, sources: &Sources) -> bool {
    let has_no_context = |text: &str| {
        text.contains("build-push-action")
            && !text.contains("path:")
            && values(text, |key| key == "context").next().is_none()
    };
    let mut archived = publishing::all().filter(|row| row.archived);
    archived.any(|row| says_so(root, sources, row))
        || workflows(root, sources).any(|file| has_no_context(&file.text))
}

/// Whether a platform builds what is shipped from an archive or a push that has no `.git`, and nothing else ships it.
pub(crate) fn is_archived(root: &Root, sources: &Sources) -> bool {
    let mut rows = publishing::all()
        .filter(|row| says_so(root, sources, row))
        .peekable();
    rows.peek().is_some() && rows.all(|row| row.archived)
}

/// Whether the file of a row is there and says what the row names.
fn says_so(root: &Root, sources: &Sources, row: &Publishing) -> bool {
    let says = |text: &str| row.says.is_none_or(|says| text.contains(says));
    if row.file == WORKFLOWS {
        return workflows(root, sources).any(|file| says(&file.text));
    }
    let file = root.read(sources, row.file).ok();
    file.is_some_and(|file| says(&sources.get(file).text))
}

fn workflows(root: &Root, sources: &Sources) -> impl Iterator<Item = Arc<SourceFile>> {
    let names = root.list(WORKFLOWS, MAX_WORKFLOWS);
    let paths: Vec<String> = names
        .iter()
        .filter(|name| has_yaml_ending(name))
        .map(|name| join(WORKFLOWS, name))
        .collect();
    let files = paths
        .into_iter()
        .filter_map(|path| root.read(sources, &path).ok());
    files.map(|file| sources.get(file))
}

/// Whether the workflows that build images have one commit and no history: what `actions/checkout` fetches unless it is
/// told another depth.
pub(crate) fn checks_out_one_commit(root: &Root, sources: &Sources) -> bool {
    let builds = |text: &str| {
        text.contains("build-push-action")
            || text.contains("docker build")
            || text.contains("docker push")
    };
    // A script of the project may build for a workflow.
    let calls_builder = |text: &str| {
        let words = text.split_ascii_whitespace();
        let mut scripts = words
            .map(|word| word.trim_start_matches("./"))
            .filter(|word| word.ends_with(".sh") && root.is_file(word))
            .filter_map(|path| root.read(sources, path).ok());
        scripts.any(|file| builds(&sources.get(file).text))
    };
    let is_building = |file: &Arc<SourceFile>| builds(&file.text) || calls_builder(&file.text);
    let mut building = workflows(root, sources).filter(is_building).peekable();
    building.peek().is_some()
        && building.all(|file| {
            let mut depths = values(&file.text, |key| key == "fetch-depth");
            file.text.contains("actions/checkout@") && depths.all(|depth| depth == "1")
        })
}

/// Whether no file that may build it, nor any that tells people how, names a Dockerfile, by its name or its directory.
/// Comments name nothing.
pub(crate) fn is_named_nowhere(root: &Root, sources: &Sources, path: &str) -> bool {
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    if directory.is_empty() && name == "Dockerfile" {
        return false;
    }
    let last = directory.rsplit('/').next().unwrap_or(directory);
    // A Dockerfile of the usual name is named by its directory.
    let mark = if name == "Dockerfile" {
        format!("/{last}")
    } else {
        name.to_owned()
    };
    let above = directory.match_indices('/');
    let above = above.map(|(end, _)| &directory[..end]);
    !is_in_building_line(root, sources, above, &mark)
}

/// Whether a file that may build a Dockerfile of `directory`, or that tells people how, names a stage of it.
pub(crate) fn names_stage(root: &Root, sources: &Sources, path: &str, stage: &str) -> bool {
    let above = path.match_indices('/').map(|(end, _)| &path[..end]);
    is_in_building_line(root, sources, above, stage)
}

/// Whether a line that is no comment has the text, in files that may build something: at the root, in `directories`,
/// and where those of continuous integration lie.
fn is_in_building_line<'a>(
    root: &'a Root,
    sources: &Sources,
    directories: impl Iterator<Item = &'a str>,
    text: &str,
) -> bool {
    let files = builders(root, directories, MAX_WORKFLOWS, intent_words::may_build);
    let mut files = files.filter_map(|path| root.read(sources, &path).ok());
    files.any(|file| {
        let source = sources.get(file);
        let mut lines = source.text.lines();
        lines.any(|line| !line.trim_start().starts_with('#') && line.contains(text))
    })
}

/// Whether a Dockerfile lies in a project of its own that was copied into this one: a directory above it has a licence,
/// a file that makes a package of it, and files of continuous integration, which work at the root of a repository only.
pub(crate) fn is_in_copied_project(root: &Root, path: &str) -> bool {
    let mut above = path.match_indices('/').map(|(end, _)| &path[..end]);
    above.any(|directory| {
        let names = root.list(directory, MAX_WORKFLOWS);
        let has = |words: FileWords| names.iter().any(|name| words.contains(name));
        names.iter().any(|name| name.starts_with("LICEN"))
            && has(FileWords::Packaging)
            && has(FileWords::CiAtRoot)
    })
}

/// Whether Heroku builds the project without an image, and starts a server for production.
pub(crate) fn is_of_buildpacks(root: &Root, sources: &Sources) -> bool {
    let app = root.read(sources, "app.json");
    app.is_ok_and(|file| sources.get(file).text.contains("buildpacks"))
        && has_server_in_procfile(root, sources)
}

/// Whether Cloud Foundry builds what the project deploys, each application of it without an image of the project:
/// <https://docs.cloudfoundry.org/devguide/deploy-apps/manifest-attributes.html>.
pub(crate) fn is_of_cloud_foundry(root: &Root, sources: &Sources) -> bool {
    let names = root.list("", MAX_WORKFLOWS);
    let mut manifests = names
        .iter()
        .filter(|name| name.starts_with("manifest") && has_yaml_ending(name))
        .filter_map(|name| root.read(sources, name).ok());
    manifests.any(|file| {
        let text = &sources.get(file).text;
        let has = |key: &str| text.lines().any(|line| line.trim_end() == key);
        has("applications:") && (has("  buildpacks:") || has("    buildpacks:"))
    })
}

/// Whether continuous integration deploys with the client of OpenShift, which chooses the user of a container:
/// `- oc rollout restart deployment web`.
pub(crate) fn deploys_to_openshift(root: &Root, sources: &Sources) -> bool {
    let calls = |line: &str| {
        let line = line.trim_start_matches(['-', ' ']);
        let mut words = line
            .strip_prefix("run:")
            .unwrap_or(line)
            .split_ascii_whitespace();
        words.next() == Some("oc")
            && words
                .next()
                .is_some_and(|it| OptionWords::OpenshiftDeploys.contains(it))
    };
    let own = FileWords::CiAtRoot.iter().filter(|it| has_yaml_ending(it));
    let own = own.filter_map(|path| root.read(sources, path).ok());
    let own = own.map(|file| sources.get(file));
    own.chain(workflows(root, sources))
        .any(|file| file.text.lines().any(calls))
}

fn has_yaml_ending(name: &str) -> bool {
    name.ends_with(".yml") || name.ends_with(".yaml")
}

/// Whether App Engine starts the project in a Python of its own, in no image:
/// <https://docs.cloud.google.com/appengine/docs/standard/reference/app-yaml>.
pub(crate) fn has_runtime_of_app_engine(root: &Root, sources: &Sources) -> bool {
    root.read(sources, "app.yaml").is_ok_and(|file| {
        let source = sources.get(file);
        let lines = || source.text.lines();
        let is_python = |line: &str| {
            line.strip_prefix("runtime:")
                .is_some_and(|value| bare(value).starts_with("python3"))
        };
        lines().any(is_python) && !lines().any(|line| line.starts_with("env:"))
    })
}

/// Whether the Procfile of the project starts a server for production, in no image.
pub(crate) fn has_server_in_procfile(root: &Root, sources: &Sources) -> bool {
    let Ok(file) = root.read(sources, "Procfile") else {
        return false;
    };
    let text = &sources.get(file).text;
    let is_server = |word: &str| servers::by_command(word).is_some_and(|row| row.called.is_some());
    let mut lines = text.lines().filter_map(|line| line.strip_prefix("web:"));
    !text.contains("docker") && lines.any(|line| line.split_ascii_whitespace().any(is_server))
}

/// Whether the README of the directory of a Dockerfile, unless it is that of the project, says that it is not for
/// production.
pub(crate) fn is_described_so(root: &Root, sources: &Sources, path: &str) -> bool {
    let Some((directory, _)) = path.rsplit_once('/') else {
        return false;
    };
    FileWords::Readme
        .iter()
        .map(|name| join(directory, name))
        .filter(|path| root.is_file(path))
        .filter_map(|path| root.read(sources, &path).ok())
        .any(|file| {
            let text = sources.get(file).text.to_ascii_lowercase();
            intent_words::denies_production(&text)
        })
}

/// What stands behind `key:` or `key =`, in block and flow style, in HCL and JSON.
pub(crate) fn values(text: &str, is_key: impl Fn(&str) -> bool) -> impl Iterator<Item = &str> {
    text.lines()
        .map(str::trim_start)
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.split(['{', ',', '}']))
        .filter_map(move |part| {
            let part = part.trim_start_matches(['-', ' ', '\t']);
            let (key, value) = part.split_once([':', '='])?;
            let key = key.trim().trim_matches(['"', '\'']);
            is_key(&key.to_ascii_lowercase()).then(|| bare(value))
        })
        .filter(|value| !value.is_empty())
}

/// What stands behind `-f`, `--file` and `--dockerfile` in commands.
pub(crate) fn flags(text: &str) -> impl Iterator<Item = &str> {
    const FLAGS: [&str; 3] = ["-f", "--file", "--dockerfile"];
    const ARCHIVES: [&str; 3] = [".tar", ".gz", ".tgz"];
    let lines = text.lines();
    let lines = lines.filter(|line| line.contains("-f") || line.contains("--dockerfile"));
    lines.flat_map(|line| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let pairs = words.windows(2).filter_map(|pair| {
            let is_flag = FLAGS.contains(&unquoted(pair[0]));
            // That of `tar -f`.
            let is_archive = ARCHIVES
                .iter()
                .any(|ending| unquoted(pair[1]).ends_with(ending));
            (is_flag && !is_archive).then(|| unquoted(pair[1]))
        });
        let joined = words.iter().filter_map(|word| {
            let (flag, value) = unquoted(word).split_once('=')?;
            FLAGS.contains(&flag).then(|| unquoted(value))
        });
        pairs.chain(joined).collect::<Vec<_>>()
    })
}

/// Without a comment behind it, quotes and blanks around it.
fn bare(value: &str) -> &str {
    unquoted(value.split(" #").next().unwrap_or_default())
}

fn unquoted(value: &str) -> &str {
    value.trim().trim_matches(['"', '\'', '[', ']', ','])
}

pub(crate) fn is_file(root: &Root, path: &str) -> bool {
    root.is_file(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_keys() {
        let text = "\
services:
  web: {build: {context: ., dockerfile: docker/web}}
  api:
    build:
      # dockerfile: old
      dockerfile: \"api.x\" # the API
target \"worker\" { dockerfile = \"worker.x\" }
{\"dockerfile\": \"json.x\"}
- dockerfile: matrix.x
";
        let found: Vec<&str> = values(text, |key| key == "dockerfile").collect();
        assert_eq!(
            found,
            ["docker/web", "api.x", "worker.x", "json.x", "matrix.x"]
        );
    }

    #[test]
    fn values_of_flags() {
        let text = "\
    - docker build -t x -f ci/web --file=ci/api .
    - /kaniko/executor --dockerfile \"$DIR/x\" --dockerfile='ci/worker'
    - tar -xz -C /tmp -f /tmp/docker-$VERSION.tgz
    - tail -f
";
        let found: Vec<&str> = flags(text).collect();
        assert_eq!(found, ["ci/web", "ci/api", "$DIR/x", "ci/worker"]);
    }
}
