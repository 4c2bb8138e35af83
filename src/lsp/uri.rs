//! Addresses of files, as clients write them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The path that an address of a file names; `None` for other addresses.
pub(super) fn to_path(uri: &str) -> Option<PathBuf> {
    let rest = uri
        .get(..7)
        .filter(|scheme| scheme.eq_ignore_ascii_case("file://"));
    let rest = rest.and_then(|_| uri.get(7..))?;
    let path = rest.get(rest.find('/')?..)?;
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let mut bytes = Vec::with_capacity(path.len());
    let mut left = path.as_bytes();
    while let Some((first, after)) = left.split_first() {
        let hex = |at: usize| {
            let digit = after.get(at).map(|byte| char::from(*byte));
            digit.and_then(|digit| digit.to_digit(16))
        };
        if let (b'%', Some(high), Some(low)) = (first, hex(0), hex(1)) {
            bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
            left = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            left = after;
        }
    }
    let path = String::from_utf8(bytes).ok()?;
    // `/C:/project` of Windows.
    let is_drive = cfg!(windows) && path.as_bytes().get(2) == Some(&b':');
    Some(PathBuf::from(path.get(usize::from(is_drive)..)?))
}

/// The address of a file, absolute.
pub(super) fn of(path: &Path) -> String {
    let path = path.to_string_lossy();
    let path = match std::path::MAIN_SEPARATOR {
        '/' => path.into_owned(),
        other => path.replace(other, "/"),
    };
    let mut uri = String::from("file://");
    if !path.starts_with('/') {
        uri.push('/');
    }
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            // Writing to a string does not fail.
            other => _ = write!(uri, "%{other:02X}"),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_go_there_and_back() {
        for path in ["/a/b c/é🙂%41#?.x", "/", "/a:b"] {
            assert_eq!(
                to_path(&of(Path::new(path))).as_deref(),
                Some(Path::new(path))
            );
        }
        assert_eq!(to_path("file://host/a%2Fb%4").unwrap(), Path::new("/a/b%4"));
        assert_eq!(to_path("untitled:Untitled-1"), None);
        assert_eq!(to_path("file://"), None);
        assert_eq!(to_path("é"), None);
    }
}
