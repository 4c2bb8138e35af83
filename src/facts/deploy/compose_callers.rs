//! Whether something still reads the `version` of the compose files of a project.

use crate::facts::model::{DjangoPhase, Project, SettingsFact};
use crate::knowledge::compose_callers;
use crate::knowledge::words::ValueWords;
use crate::python::settings::verdicts;
use crate::source::join;
use crate::source::{Entry, Sources};
use crate::span::FileId;

/// Files of a directory that are read.
const MAX_FILES: usize = 50;

/// A file of the project calls a program that reads it. Asked only where a compose file has it.
pub(crate) fn read_version(p: &DjangoPhase, sources: &Sources) -> bool {
    let files = &p.around.deployed.compose.files;
    files.iter().any(|file| file.version.is_some())
        && any(p, sources, &compose_callers::reads_version)
}

/// A file of the project tells somebody, or a job, to collect static files in a container that runs, or to throw its
/// volumes away. Asked only where the build collects them and a compose file names a volume.
pub(crate) fn collect_by_hand(p: &DjangoPhase, sources: &Sources) -> bool {
    let files = &p.around.deployed.compose.files;
    !p.collects.is_empty()
        && files.iter().any(|file| !file.volumes.is_empty())
        && any(p, sources, &compose_callers::collects)
}

/// A file of the project tells somebody, or a job, to make migrations. Asked only where an application has none.
pub(crate) fn make_migrations(p: &DjangoPhase, sources: &Sources) -> bool {
    let mut imports = p.imports.iter();
    imports.any(|it| it.lacks.is_some())
        && any(p, sources, &|text| ValueWords::MakesTables.is_within(text))
}

/// A README of the project tells people to write their hosts into the settings. Asked only where a list is empty.
pub(crate) fn tell_hosts(p: &DjangoPhase, sources: &Sources) -> bool {
    const HOSTS: &str = "ALLOWED_HOSTS";
    let mut settings = p.settings.iter();
    let is_empty = |fact: &SettingsFact| {
        let hosts = verdicts::texts(&fact.settings, HOSTS);
        hosts.known().is_some_and(|it| it.entries.is_empty())
    };
    settings.any(is_empty) && any(p, sources, &|text| text.contains(HOSTS))
}

/// Whether a file of the project that may call compose says something.
fn any(p: &DjangoPhase, sources: &Sources, says: &dyn Fn(&str) -> bool) -> bool {
    let root = &p.around.root;
    let says_so = |path: &str| {
        let file = root.read(sources, path);
        file.is_ok_and(|file| says(&sources.get(file).text))
    };
    compose_callers::all().any(|path| match root.entry(path) {
        Entry::File { .. } => says_so(path),
        Entry::Directory => {
            let names = root.list(path, MAX_FILES);
            names.iter().any(|name| says_so(&join(path, name)))
        }
        _ => false,
    })
}

/// A compose file says of itself that it is for a swarm: those beside it are put together with it.
pub(crate) fn is_for_swarm(p: &Project) -> bool {
    let is_compose = |file: FileId| {
        p.around
            .deployed
            .compose
            .files
            .iter()
            .any(|it| it.file == file)
    };
    let mut texts = p.texts.iter().filter(|(file, _)| is_compose(*file));
    texts.any(|(_, source)| {
        let mut lines = source.text.lines();
        lines.any(|line| {
            let line = line.to_ascii_lowercase();
            line.trim_start().starts_with('#')
                && (line.contains("swarm") || line.contains("docker stack"))
        })
    })
}
