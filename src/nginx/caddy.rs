//! A Caddyfile: lines of words, some of which open a block, and where its sites pass requests. Reading never fails;
//! what is not understood says nothing.

use super::site::{self, Pass, Site, Spoken};
use crate::span::{FileId, Span, Traced};

/// Blocks inside blocks that are read.
const MAX_DEPTH: usize = 12;

/// Lines of one file that are read.
const MAX_LINES: usize = 5_000;

/// A line, and what stands in the block that it opens.
#[derive(Debug)]
struct Line {
    words: Vec<Traced>,
    block: Option<Vec<Line>>,
}

impl Line {
    fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", Traced::as_str)
    }
}

/// What a Caddyfile says of where requests go.
#[must_use]
pub(crate) fn read(file: FileId, text: &str) -> Site {
    let mut reader = Reader {
        file,
        text,
        at: 0,
        left: MAX_LINES,
        is_broken: text.contains("<<"),
    };
    let mut lines = reader.lines(0);
    let mut site = Site {
        is_open: reader.is_broken,
        ..Site::default()
    };
    if reader.is_broken {
        return site;
    }
    // Without braces the whole file is one site.
    if lines.first().is_some_and(|first| first.block.is_none()) {
        let mut first = lines.remove(0);
        first.block = Some(lines);
        lines = vec![first];
    }
    let mut imported = Vec::new();
    imports(&lines, &mut imported);
    let is_snippet = |line: &Line| line.word(0).starts_with('(');
    let named = |line: &Line, name: &str| line.word(0) == format!("({name})");
    let is_own = |name: &&str| lines.iter().any(|line| named(line, name));
    site.is_open = !imported.iter().all(|name| is_own(&name.as_str()));
    for line in &lines {
        let inner = line.block.as_deref().unwrap_or_default();
        if is_snippet(line) {
            let is_used = imported.iter().any(|name| named(line, name));
            if is_used {
                collect(&mut site, inner);
            }
            continue;
        }
        for word in &line.words {
            site.listens.extend(listened(word.as_str()));
        }
        // Options of all sites stand in a block without addresses.
        if !line.words.is_empty() {
            collect(&mut site, inner);
        }
    }
    site
}

fn imports(lines: &[Line], out: &mut Vec<String>) {
    for line in lines {
        if line.word(0) == "import" {
            out.push(line.word(1).to_owned());
        }
        imports(line.block.as_deref().unwrap_or_default(), out);
    }
}

/// The ports of the address of a site.
fn listened(address: &str) -> Vec<u16> {
    let address = address.trim_end_matches(',');
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let host = rest.split('/').next().unwrap_or_default();
    match (host.rsplit_once(':'), scheme) {
        (Some((_, port)), _) => port.parse().ok().into_iter().collect(),
        (None, "http") => vec![80],
        (None, _) => vec![80, 443],
    }
}

fn collect(site: &mut Site, lines: &[Line]) {
    for line in lines {
        let inner = line.block.as_deref().unwrap_or_default();
        if line.word(0) == "reverse_proxy" {
            pass(site, line, inner);
        } else {
            collect(site, inner);
        }
    }
}

/// `reverse_proxy [matcher] upstreams... { to upstreams... }`.
fn pass(site: &mut Site, line: &Line, inner: &[Line]) {
    let is_matcher = |word: &str| word == "*" || word.starts_with(['/', '@']);
    let behind = 1 + usize::from(is_matcher(line.word(1)));
    let own = line.words.get(behind..).unwrap_or_default().iter();
    let more = inner.iter().filter(|it| it.word(0) == "to");
    let more = more.flat_map(|it| it.words.iter().skip(1));
    let all: Vec<&Traced> = own.chain(more).collect();
    let is_dynamic = inner.iter().any(|it| it.word(0) == "dynamic");
    let is_host = |it: &&Line| {
        it.word(0) == "header_up"
            && it
                .word(1)
                .trim_start_matches('+')
                .eq_ignore_ascii_case("host")
    };
    let host = inner.iter().find(is_host).map(|it| it.word(2).to_owned());
    let of_upstream = [
        "{upstream_hostport}",
        "{http.reverse_proxy.upstream.hostport}",
    ];
    let sends_name = host.is_some_and(|value| of_upstream.contains(&value.as_str()));
    for word in &all {
        let raw = word.as_str();
        let (scheme, start) = match raw.find("://") {
            Some(at) => (&raw[..at], at + 3),
            None => ("", 0),
        };
        let (spoken, port) = match scheme {
            "" | "http" => (Some(Spoken::Http), 80),
            "https" => (None, 443),
            _ => continue,
        };
        let place = word.slice(start..raw.trim_end_matches('/').len());
        // A socket.
        if place.as_str().contains('/') {
            continue;
        }
        let to = site::address(&place, port);
        let colon = place.as_str().find(':').unwrap_or(place.len());
        site.passes.extend(to.map(|to| Pass {
            directive: line.words[0].clone(),
            spoken,
            to,
            is_one_of_several: all.len() > 1 || is_dynamic,
            sent_host: sends_name.then(|| place.slice(0..colon)),
            headers: None,
            ends_tls: false,
            given_host: None,
        }));
    }
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    at: usize,
    left: usize,
    is_broken: bool,
}

impl Reader<'_> {
    fn lines(&mut self, depth: usize) -> Vec<Line> {
        let mut out = Vec::new();
        let mut words: Vec<Traced> = Vec::new();
        while let Some(word) = self.word() {
            let is_open = word.as_ref().is_some_and(|it| it.as_str() == "{");
            match word {
                Some(word) if !is_open && (word.as_str() != "}" || !words.is_empty()) => {
                    words.push(word);
                    continue;
                }
                // Another address of the site follows.
                None if words.last().is_none_or(|it| it.as_str().ends_with(',')) => continue,
                Some(_) if !is_open => {
                    self.is_broken |= depth == 0;
                    return out;
                }
                _ => {}
            }
            if self.left == 0 || depth >= MAX_DEPTH {
                self.is_broken = true;
                return out;
            }
            self.left -= 1;
            let words = std::mem::take(&mut words);
            let block = is_open.then(|| self.lines(depth + 1));
            out.push(Line { words, block });
        }
        self.is_broken |= depth > 0;
        if !words.is_empty() {
            let block = None;
            out.push(Line { words, block });
        }
        out
    }

    /// The next word; inside, `None` for the end of a line.
    fn word(&mut self) -> Option<Option<Traced>> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at)? {
                b'\n' => {
                    self.at += 1;
                    return Some(None);
                }
                b'\\' if self.text[self.at..].starts_with("\\\n") => self.at += 2,
                byte if byte.is_ascii_whitespace() => self.at += 1,
                b'#' => {
                    let rest = &self.text[self.at..];
                    self.at += rest.find('\n').unwrap_or(rest.len());
                }
                _ => break,
            }
        }
        let quote = Some(bytes[self.at]).filter(|byte| matches!(byte, b'"' | b'`'));
        let start = self.at + usize::from(quote.is_some());
        let mut end = start;
        while let Some(byte) = bytes.get(end) {
            match quote {
                Some(quote) if *byte == quote => break,
                Some(b'"') if *byte == b'\\' => end += 2,
                None if byte.is_ascii_whitespace() => break,
                _ => end += 1,
            }
        }
        let end = self.text.floor_char_boundary(end.min(bytes.len()));
        self.at = (end + usize::from(quote.is_some())).min(bytes.len());
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span::new(self.file, place(start), place(end));
        Some(Some(Traced::new(&self.text[start..end], span)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nginx::To;

    fn shown(text: &str) -> Vec<String> {
        let site = read(FileId(0), text);
        let one = |pass: &Pass| match &pass.to {
            To::Tcp { host, number, .. } => format!("{host}:{number}"),
            To::Socket(path) => path.to_string(),
        };
        site.passes.iter().map(one).collect()
    }

    #[test]
    fn upstreams_are_read() {
        let text = concat!(
            "{\n\temail a@example.org\n}\n",
            "(proxied) {\n\treverse_proxy api:9000\n}\n(unused) {\n\treverse_proxy gone:1\n}\n",
            "a.example.org,\nb.example.org {\n",
            "\thandle /static/* {\n\t\troot * /srv\n\t\tfile_server\n\t}\n",
            "\timport proxied\n",
            "\treverse_proxy /api/* http://web:8000 { # no\n\t\tto other\n\t}\n",
            "\treverse_proxy unix//run/app.sock {$UPSTREAM}\n}\n",
        );
        assert_eq!(shown(text), ["api:9000", "web:8000", "other:80"]);
        let site = read(FileId(0), text);
        assert!(!site.is_open && site.passes[1].is_one_of_several);
        assert_eq!(site.listens, [80, 443, 80, 443]);
    }

    #[test]
    fn one_site_needs_no_braces() {
        assert_eq!(shown(":80\nreverse_proxy web:8000\n"), ["web:8000"]);
        assert_eq!(read(FileId(0), "http://:8080\nfile_server").listens, [8080]);
    }

    #[test]
    fn what_is_not_understood_says_nothing() {
        for text in [
            "a {\n reverse_proxy web:8000\n",
            "}\n",
            "a {\n respond <<X\n X\n}\n",
        ] {
            assert!(
                shown(text).is_empty() && read(FileId(0), text).is_open,
                "{text}"
            );
        }
        assert!(read(FileId(0), "a {\n import sites/*\n}\n").is_open);
        let host = "a {\n reverse_proxy web:80 {\n header_up Host {upstream_hostport}\n }\n}\n";
        let sent = read(FileId(0), host).passes[0].sent_host.clone();
        assert_eq!(sent.map(|it| it.to_string()).as_deref(), Some("web"));
    }
}
