//! uWSGI's configuration files as pairs of key and value, in the order uWSGI reads them.

use crate::compose::yaml;
use crate::source::SourceFile;
use crate::span::{FileId, Span, Traced};

/// One option of a file, before placeholders.
#[derive(Debug, Clone)]
pub(crate) struct FilePair {
    pub(crate) key: Traced,
    /// `None` when a magic variable in it is not known.
    pub(crate) value: Option<Traced>,
    /// Where the value stands; the key when it has none.
    pub(crate) span: Span,
}

/// What a file gave.
#[derive(Debug, Clone, Default)]
pub(crate) struct FilePairs {
    pub(crate) pairs: Vec<FilePair>,
    /// Some of it was not understood: there may be more options, after the last pair.
    pub(crate) is_partial: bool,
    /// The section was found.
    pub(crate) has_section: bool,
}

/// The formats uWSGI tells by the option or the end of the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Ini,
    Xml,
    Yaml,
    Json,
}

impl Format {
    /// By the end of a file name.
    pub(crate) fn of(path: &str) -> Option<Self> {
        match path.rsplit('.').next()? {
            "ini" => Some(Self::Ini),
            "xml" => Some(Self::Xml),
            "yaml" | "yml" => Some(Self::Yaml),
            "json" | "js" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Reads the options of one section. `path` is absolute in the container.
pub(crate) fn read(
    format: Format,
    file: FileId,
    source: &SourceFile,
    path: &str,
    section: &str,
) -> FilePairs {
    match format {
        Format::Ini => ini(file, &source.text, path, section),
        Format::Xml => xml(file, &source.text),
        Format::Yaml | Format::Json => tree(file, &source.text, section),
    }
}

fn span(file: FileId, start: usize, end: usize) -> Span {
    let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(file, byte(start), byte(end))
}

fn ini(file: FileId, text: &str, path: &str, wanted: &str) -> FilePairs {
    let mut out = FilePairs::default();
    let mut section = "";
    let mut at = 0;
    for raw in text.split_inclusive('\n') {
        let start = at;
        at += raw.len();
        let line = raw.trim();
        let lead = raw.len() - raw.trim_start().len();
        if line.is_empty() {
            continue;
        }
        if let Some(rest) = line.strip_prefix('[') {
            let mut chars = rest.chars();
            chars.next_back();
            section = chars.as_str();
            out.has_section |= section == wanted;
            continue;
        }
        if line.starts_with([';', '#']) || section != wanted {
            continue;
        }
        let line_start = start + lead;
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        let key = key.trim_end();
        let key_span = span(file, line_start, line_start + key.len());
        let trimmed = value.trim();
        let value_start = line_start + line.len() - value.trim_start().len();
        let value_span = if trimmed.is_empty() {
            key_span
        } else {
            span(file, value_start, value_start + trimmed.len())
        };
        let written = if trimmed.is_empty() {
            Traced::empty(Span::point(file, key_span.end))
        } else {
            Traced::new(trimmed, value_span)
        };
        out.pairs.push(FilePair {
            key: Traced::new(key, key_span),
            value: magic(&written, path),
            span: value_span,
        });
    }
    out
}

/// `%d`, `%n` and their like; `%(` is left for later. `None` when one is not known from the files.
fn magic(text: &Traced, path: &str) -> Option<Traced> {
    let raw = text.as_str();
    if !raw.contains('%') {
        return Some(text.clone());
    }
    let (directory, name) = path.rsplit_once('/')?;
    let mut out = Traced::empty(text.span());
    let mut at = 0;
    while let Some(found) = raw[at..].find('%') {
        let percent = at + found;
        out.push_traced(&text.slice(at..percent));
        let next = raw[percent + 1..].chars().next()?;
        let end = percent + 1 + next.len_utf8();
        let place = text.span_of(percent..end);
        match next {
            '(' => out.push_traced(&text.slice(percent..end)),
            'd' => out.push(&format!("{directory}/"), place),
            'p' => out.push(path, place),
            's' => out.push(name, place),
            'n' => out.push(name.rsplit_once('.').map_or(name, |(stem, _)| stem), place),
            'e' => out.push(name.rsplit_once('.').map_or("", |(_, end)| end), place),
            'c' => out.push(directory.rsplit('/').next().unwrap_or_default(), place),
            _ => return None,
        }
        at = end;
    }
    out.push_traced(&text.slice(at..raw.len()));
    Some(out)
}

/// `<uwsgi><name>value</name><flag/></uwsgi>`; attributes of the root are ignored.
fn xml(file: FileId, text: &str) -> FilePairs {
    let mut out = FilePairs::default();
    let Some(root) = text.find("<uwsgi") else {
        return out;
    };
    let Some(body) = text[root..].find('>').map(|end| root + end + 1) else {
        return out;
    };
    out.has_section = true;
    let mut at = body;
    while let Some(open) = text[at..].find('<').map(|found| at + found) {
        let rest = &text[open + 1..];
        if rest.starts_with("/uwsgi") {
            return out;
        }
        if let Some(comment) = rest.strip_prefix("!--") {
            match comment.find("-->") {
                Some(end) => at = open + 4 + end + 3,
                None => break,
            }
            continue;
        }
        let Some(close) = rest.find('>') else {
            break;
        };
        let tag = &rest[..close];
        let name = tag.trim_end_matches('/').trim();
        let is_plain =
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !is_plain {
            break;
        }
        let key_span = span(file, open + 1, open + 1 + name.len());
        let key = Traced::new(name, key_span);
        let after = open + 1 + close + 1;
        if tag.ends_with('/') {
            out.pairs.push(FilePair {
                key,
                value: Some(Traced::new("1", key_span)),
                span: key_span,
            });
            at = after;
            continue;
        }
        let ending = format!("</{name}>");
        let Some(end) = text[after..].find(&ending).map(|found| after + found) else {
            break;
        };
        // Blanks are part of the value.
        let value = &text[after..end];
        let value_span = span(file, after, end);
        out.pairs.push(FilePair {
            key,
            value: (!value.contains(['<', '&', '%'])).then(|| Traced::new(value, value_span)),
            span: value_span,
        });
        at = end + ending.len();
    }
    out.is_partial = true;
    out
}

/// YAML and JSON: the keys of the mapping called like the section. JSON is YAML enough for this.
fn tree(file: FileId, text: &str, section: &str) -> FilePairs {
    let mut out = FilePairs::default();
    let (root, errors) = yaml::parse(file, text);
    out.is_partial = !errors.is_empty();
    let Some(root) = root else {
        return out;
    };
    let Some(section) = root.get(section) else {
        return out;
    };
    out.has_section = true;
    for entry in section.entries().iter().take(2000) {
        match entry.value.scalar() {
            Some(scalar) => out.pairs.push(FilePair {
                key: entry.key.text.clone(),
                value: (!scalar.as_str().contains('%')).then(|| scalar.text.clone()),
                span: scalar.span,
            }),
            None => {
                // Builds differ: the small parser of the default build stops at a list.
                for item in entry
                    .value
                    .items()
                    .iter()
                    .take(2000)
                    .filter_map(yaml::Node::scalar)
                {
                    out.pairs.push(FilePair {
                        key: entry.key.text.clone(),
                        value: None,
                        span: item.span,
                    });
                }
                out.is_partial = true;
            }
        }
    }
    out
}
