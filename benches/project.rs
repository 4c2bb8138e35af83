//! How long whole projects take: nothing walks what it does not need, so a project of 10,000 files
//! may take no more than twice the time of the same one with 100.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use divan::{Bencher, black_box};
use seatrial::{Disk, Files, Kept, Overlay, Request, Workspace};

fn main() {
    divan::main();
}

const SIZES: [usize; 2] = [100, 10_000];

/// The project of Caktus' guide with so many files: half of them code and templates, the others what lies
/// about in a working copy: history, Node's modules, uploads.
fn project(files: usize) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/projects/caktus-guide");
    copy(&guide, directory.path());
    for number in 0..files {
        let app = number / 50;
        let (path, text) = match number % 10 {
            0..3 => (
                format!("apps/app{app}/module{number}.py"),
                "from django.db import models\n",
            ),
            3..5 => (
                format!("apps/app{app}/templates/app{app}/page{number}.html"),
                "<p></p>\n",
            ),
            5..7 => (
                format!(".git/objects/{:02x}/{number:038x}", number % 256),
                "\0",
            ),
            7..9 => (
                format!("node_modules/package{app}/lib/file{number}.js"),
                "module.exports = 1\n",
            ),
            _ => (format!("media/uploads/{app}/image{number}.png"), "PNG"),
        };
        let path = directory.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("it is made");
        std::fs::write(path, text).expect("it is written");
    }
    directory
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("it is made");
    for entry in std::fs::read_dir(from).expect("it can be listed") {
        let entry = entry.expect("it can be listed");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("it can be copied");
        }
    }
}

/// The check alone, of a Dockerfile that is named.
#[divan::bench(args = SIZES)]
fn check_a_project(bencher: Bencher<'_, '_>, files: usize) {
    let project = project(files);
    let request = Request::new(project.path(), jiff::civil::date(2026, 11, 22));
    let request = request.paths(["Dockerfile"]);
    bencher.bench(|| Workspace::disk().check(black_box(&request)));
}

/// One more letter in an editor: the Dockerfile is another one, the disk is as it was.
#[divan::bench(args = SIZES)]
fn check_at_a_keystroke(bencher: Bencher<'_, '_>, files: usize) {
    let project = project(files);
    let request = Request::new(project.path(), jiff::civil::date(2026, 11, 22)).paths(["."]);
    let kept: Arc<dyn Files> = Arc::new(Kept::new(Arc::new(Disk)));
    let workspace = Workspace::new(Arc::clone(&kept));
    let path = project.path().join("Dockerfile");
    let text = std::fs::read_to_string(&path).expect("it is there");
    let mut letters = 0;
    bencher.bench_local(|| {
        letters += 1;
        let text = format!("{text}# {letters}\n");
        let files = Overlay::new(Arc::clone(&kept)).with(&path, text);
        workspace.on(Arc::new(files)).check(black_box(&request))
    });
}

/// The whole process, which looks for Dockerfiles itself.
#[divan::bench(args = SIZES)]
fn run_in_a_project(bencher: Bencher<'_, '_>, files: usize) {
    let project = project(files);
    bencher.bench(|| {
        Command::new(env!("CARGO_BIN_EXE_seatrial"))
            .arg("check")
            .current_dir(project.path())
            .stdout(Stdio::null())
            .status()
            .expect("it runs")
    });
}
