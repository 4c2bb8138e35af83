//! Whether a private key belongs to a certificate that only the machine which made it believes: one of mkcert, one for
//! `localhost`.

use crate::facts::model::BuildPhase;
use crate::source::{Sources, join};

/// Files beside a key that are looked at.
const MAX_BESIDE: usize = 20;

/// The certificates beside the key are for development, or its name says that it is for `localhost`.
pub(crate) fn is_of_development(p: &BuildPhase, sources: &Sources, key: &str) -> bool {
    let (directory, name) = key.rsplit_once('/').unwrap_or(("", key));
    if name.contains("localhost") {
        return true;
    }
    let context = &p.around.context;
    let names = context.list(directory);
    let ends = [".pem", ".crt", ".cert"];
    let names = names.iter().flat_map(|names| names.iter());
    let beside = names.filter(|name| ends.iter().any(|end| name.ends_with(end)));
    let found = beside.take(MAX_BESIDE).filter_map(|name| {
        let file = context.read(sources, &join(directory, name)).ok()?;
        of_certificate(&sources.get(file).text)
    });
    let found: Vec<bool> = found.collect();
    !found.is_empty() && found.iter().all(|it| *it)
}

/// Whether a certificate is one of mkcert or has `localhost` as its common name; `None` for other files.
fn of_certificate(text: &str) -> Option<bool> {
    let (_, rest) = text.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let bytes = decode(body);
    // A UTF8String of nine bytes.
    let signs: [&[u8]; 2] = [b"mkcert development", b"\x0c\x09localhost"];
    let has = |sign: &[u8]| bytes.windows(sign.len()).any(|it| it == sign);
    Some(signs.into_iter().any(has))
}

/// What base64 means; nothing where it is none.
fn decode(text: &str) -> Vec<u8> {
    let text: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    data_encoding::BASE64.decode(&text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read() {
        assert_eq!(decode("bWtj\nZXJ0\n"), b"mkcert");
        assert_eq!(decode("bWtjZXI="), b"mkcer");
    }

    #[test]
    fn certificates_say_whom_they_are_for() {
        let pem = |body: &str| {
            of_certificate(&format!(
                "-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"
            ))
        };
        // "mkcert development CA", "example.org".
        assert_eq!(pem("bWtjZXJ0IGRldmVsb3BtZW50IENB"), Some(true));
        assert_eq!(pem("ZXhhbXBsZS5vcmc="), Some(false));
        assert_eq!(of_certificate("-----BEGIN PRIVATE KEY-----"), None);
    }
}
