//! Files keep their place: positions, roots, examples.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::*;

#[test]
fn columns_count_characters() {
    let sources = Sources::new();
    let id = sources.add("x", "é🙂x\r\ny");
    let file = sources.get(id);
    let x = u32::try_from(file.text.find('x').unwrap_or_default()).unwrap_or_default();
    assert_eq!((file.position(x).line, file.position(x).column), (1, 3));
    let y = u32::try_from(file.text.find('y').unwrap_or_default()).unwrap_or_default();
    assert_eq!((file.position(y).line, file.position(y).column), (2, 1));
    assert_eq!(file.position(999).line, 2);
}

#[test]
fn a_file_read_by_several_threads_at_once_has_one_id() {
    let directory = tempfile::tempdir().expect("a directory");
    let paths: Vec<PathBuf> = (0..50)
        .map(|number| directory.path().join(format!("{number}.txt")))
        .collect();
    for path in &paths {
        std::fs::write(path, "x").expect("it is written");
    }
    let sources = Sources::new();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for path in &paths {
                    sources.read(path, "x").expect("it can be read");
                }
            });
        }
    });
    assert_eq!(sources.ids().count(), paths.len());
}

#[test]
fn paths_never_leave_the_root() {
    assert_eq!(normalize("a/./b/../c").as_deref(), Some("a/c"));
    assert_eq!(normalize("../x"), None);
    assert_eq!(normalize("/etc/passwd"), None);
    assert_eq!(normalize("").as_deref(), Some(""));
}

#[test]
fn an_example_lists_and_reads_its_files() {
    let mut files = BTreeMap::new();
    files.insert(
        "app/a.py".to_owned(),
        MemoryFile {
            content: b"x = 1".to_vec(),
            is_executable: false,
        },
    );
    let root = Root::memory(files);
    let sources = Sources::new();
    assert_eq!(root.entry("app"), Entry::Directory);
    assert_eq!(root.entry("app/b.py"), Entry::Missing);
    assert_eq!(root.list("", 10)[..], ["app"]);
    let id = root.read(&sources, "app/a.py");
    assert_eq!(
        id.ok().map(|id| sources.get(id).text.clone()).as_deref(),
        Some("x = 1")
    );
    assert!(root.read(&sources, "../a").is_err());
}

#[test]
fn lists_in_utf_16_are_read_as_pip_does() {
    let wide = |mark: [u8; 2], unit: fn(u16) -> [u8; 2]| {
        let units = "django==5.2\n".encode_utf16().flat_map(unit);
        mark.into_iter().chain(units).collect::<Vec<u8>>()
    };
    let read = |name: &str, bytes: Vec<u8>| SourceFile::new(name.to_owned(), bytes, None);
    for bytes in [
        wide([0xff, 0xfe], u16::to_le_bytes),
        wide([0xfe, 0xff], u16::to_be_bytes),
    ] {
        let file = read("requirements.txt", bytes.clone());
        assert_eq!(file.text, "django==5.2\n");
        assert!(file.is_lossy);
        assert_ne!(read("Dockerfile", bytes).text, "django==5.2\n");
    }
    assert_eq!(
        read("a.txt", vec![0xff, 0xfe, 0x00]).text.chars().last(),
        Some('\0')
    );
}

#[test]
fn an_overlay_shows_the_same_in_whichever_order_it_is_made() {
    let names = |overlay: &Overlay, directory: &str| {
        let listed = overlay.list(std::path::Path::new(directory), 9).unwrap();
        let items = listed.items.into_iter();
        let items = items.map(|(name, kind)| (name.into_string().unwrap(), kind));
        items.collect::<BTreeMap<String, Kind>>()
    };
    let files = || Overlay::new(std::sync::Arc::new(Memory::new(BTreeMap::new())));
    let one = files().with("/a/b", "").with("/a", "").with("/a/c/d", "");
    let other = files().with("/a/c/d", "").with("/a", "").with("/a/b", "");
    for directory in ["/", "/a", "/a/c"] {
        assert_eq!(names(&one, directory), names(&other, directory));
    }
    assert_eq!(names(&one, "/")["a"], Kind::Directory);
    // What is taken back leaves nothing behind but what others need.
    let one = one.without("/a/c/d");
    assert_eq!(names(&one, "/a").into_keys().collect::<Vec<_>>(), ["b"]);
    assert!(one.list(std::path::Path::new("/a/c"), 9).is_err());
}
