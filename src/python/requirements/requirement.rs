//! One requirement as PEP 508 and pip's own forms write it.
//!
//! The shape of the line is cut here, so that each part keeps its place; versions are given to `pep440_rs`.

use crate::span::Traced;

use super::marker::Marker;
use super::name::normalize_name;
use super::specifier::{Specifier, Versions};
use super::{Requirement, RequirementSet};

/// Reads one requirement: a name with extras, versions and marker, `name @ address`, a
/// version-control or archive address, a local path.
///
/// # Errors
/// What is wrong, as one clause.
pub(super) fn parse_requirement(text: &Traced) -> Result<Requirement, String> {
    let text = text.trim();
    if is_address(text.as_str()) || is_path(text.as_str()) {
        return Ok(location(&text));
    }
    let length = name_length(text.as_str());
    if length == 0 {
        return Err(format!("`{}` is not a requirement", shorten(text.as_str())));
    }
    let name = text.slice(0..length);
    let mut requirement = blank(&text);
    requirement.name = normalize_name(name.as_str());
    requirement.name_span = name.span();
    let mut at = skip_blanks(text.as_str(), length);
    if text.as_str()[at..].starts_with('[') {
        let Some(close) = text.as_str()[at..].find(']') else {
            return Err(format!("`{}` has no closing `]`", shorten(text.as_str())));
        };
        requirement.extras = extras(&text.as_str()[at + 1..at + close]);
        at = skip_blanks(text.as_str(), at + close + 1);
    }
    let rest = text.slice(at..text.len());
    if let Some(address) = rest.as_str().strip_prefix('@') {
        let from = rest.len() - address.len();
        let end = rest.as_str().find(" ;").unwrap_or(rest.len());
        let address = rest.slice(from..end).trim();
        requirement.marker = marker(&rest.slice((end + 2).min(rest.len())..rest.len()));
        requirement.specifier = address_specifier(address.as_str());
        requirement.specifier_span = Some(address.span());
        requirement.versions = Versions::unknown();
        if let Some(path) = address.as_str().strip_prefix("file:") {
            let path = path.split('#').next().unwrap_or_default();
            requirement.path = Some(path.strip_prefix("//").unwrap_or(path).to_owned());
        }
        return Ok(requirement);
    }
    let end = rest.as_str().find(';').unwrap_or(rest.len());
    let mut versions = rest.slice(0..end).trim();
    if versions.as_str().starts_with('(') && versions.as_str().ends_with(')') {
        versions = versions.slice(1..versions.len() - 1).trim();
    }
    requirement.marker = marker(&rest.slice((end + 1).min(rest.len())..rest.len()));
    requirement.versions = Versions::parse(versions.as_str());
    requirement.specifier = requirement.versions.specifier();
    if !versions.is_empty() {
        requirement.specifier_span = Some(versions.span());
    }
    if requirement.specifier == Specifier::Unknown {
        let operators = ["==", "<", ">", "~=", "!="];
        // Two requirements on one line, as a continuation too many makes them.
        let is_one = versions.as_str().split(',').all(|part| {
            let version = part.trim().trim_start_matches(['=', '<', '>', '~', '!']);
            !version.trim().contains(char::is_whitespace)
        });
        if !is_one
            || !operators
                .iter()
                .any(|one| versions.as_str().starts_with(one))
        {
            return Err(format!("`{}` is not a requirement", shorten(text.as_str())));
        }
        // Legacy forms like `>=1.0.*`: older installers take them, so the entry is kept.
        let has_upper = versions.as_str().contains(['<', '~']);
        requirement.specifier = match versions.as_str().strip_prefix("==") {
            Some(version) if !version.contains(['*', ',', '<', '>']) => {
                Specifier::Pinned(version.trim_start_matches('=').trim().to_owned())
            }
            _ if has_upper => Specifier::Bounded,
            _ => Specifier::Unknown,
        };
    }
    Ok(requirement)
}

/// A requirement about which nothing but its place is known yet.
pub(super) fn blank(text: &Traced) -> Requirement {
    Requirement {
        name: String::new(),
        name_span: text.span(),
        span: text.span(),
        extras: Vec::new(),
        specifier: Specifier::Unbounded,
        specifier_span: None,
        versions: Versions::parse(""),
        marker: None,
        hashes: 0,
        wheels: Vec::new(),
        is_editable: false,
        group: None,
        declared: None,
        declared_versions: None,
        via: None,
        path: None,
    }
}

/// An address or a path, with the name that `#egg=` or the file name tells.
fn location(text: &Traced) -> Requirement {
    let mut requirement = blank(text);
    let end = text.as_str().find(" ;").unwrap_or(text.len());
    requirement.marker = marker(&text.slice((end + 2).min(text.len())..text.len()));
    let place = text.slice(0..end).trim();
    requirement.versions = Versions::unknown();
    requirement.specifier_span = Some(place.span());
    if let Some(from) = place.as_str().find("egg=") {
        let from = from + "egg=".len();
        let length = name_length(&place.as_str()[from..]);
        requirement.name = normalize_name(&place.as_str()[from..from + length]);
        requirement.name_span = place.span_of(from..from + length);
        if let Some(list) = place.as_str()[from + length..].strip_prefix('[') {
            requirement.extras = extras(list.split(']').next().unwrap_or(""));
        }
    }
    if is_address(place.as_str()) {
        requirement.specifier = address_specifier(place.as_str());
        if requirement.name.is_empty() {
            name_from_file(&place, &mut requirement);
        }
        return requirement;
    }
    requirement.specifier = Specifier::Path;
    let mut path = place.as_str();
    if let Some((before, after)) = path.split_once('[')
        && after.ends_with(']')
    {
        requirement.extras = extras(after.trim_end_matches(']'));
        path = before;
    }
    let path = path.strip_prefix("file:").unwrap_or(path);
    requirement.path = Some(path.to_owned());
    if requirement.name.is_empty() {
        name_from_file(&place, &mut requirement);
    }
    requirement
}

/// A wheel's file name begins with the name and the version.
fn name_from_file(place: &Traced, requirement: &mut Requirement) {
    let text = place.as_str().split(['#', '?']).next().unwrap_or("");
    let start = text.rfind('/').map_or(0, |at| at + 1);
    let file = &text[start..];
    let Some((name, rest)) = file.split_once('-') else {
        return;
    };
    if file.ends_with(".whl") && rest.contains('-') {
        requirement.name = normalize_name(name);
        requirement.name_span = place.span_of(start..start + name.len());
    }
}

fn address_specifier(address: &str) -> Specifier {
    let bare = address.split('#').next().unwrap_or("").trim();
    let is_vcs = ["git+", "hg+", "svn+", "bzr+"]
        .iter()
        .any(|scheme| bare.starts_with(scheme));
    if bare.starts_with("file:") || !bare.contains("://") {
        return Specifier::Path;
    }
    if !is_vcs {
        let is_commit_pinned = bare.split(['/', '.', '-', '_']).any(is_commit);
        return Specifier::Url {
            is_vcs,
            is_git: false,
            revision: None,
            is_commit_pinned,
            is_refused: is_refused(bare),
        };
    }
    let after_scheme = bare.find("://").map_or(0, |at| at + 3);
    let path = bare[after_scheme..]
        .find('/')
        .map_or(bare.len(), |at| after_scheme + at);
    let revision = bare[path..]
        .rfind('@')
        .map(|at| bare[path + at + 1..].to_owned())
        .filter(|revision| !revision.is_empty());
    Specifier::Url {
        is_vcs,
        is_git: bare.starts_with("git+"),
        is_commit_pinned: revision.as_deref().is_some_and(is_commit),
        is_refused: is_refused(bare),
        revision,
    }
}

/// `git://github.com/...`, with and without `git+`: the unencrypted protocol, which GitHub answers with an error.
pub(super) fn is_refused(address: &str) -> bool {
    let address = address.strip_prefix("git+").unwrap_or(address);
    let host = address
        .strip_prefix("git://")
        .map(|rest| rest.split('/').next());
    let host = host
        .flatten()
        .map(|host| host.rsplit('@').next().unwrap_or(host));
    matches!(host, Some("github.com" | "www.github.com"))
}

/// A commit hash, whole or as short as tools print it; a tag of digits only is none.
fn is_commit(text: &str) -> bool {
    let is_hex = text.bytes().all(|b| b.is_ascii_hexdigit());
    is_hex
        && (text.len() == 40
            || text.len() == 64
            || ((7..40).contains(&text.len())
                && text.bytes().any(|b| b.is_ascii_alphabetic())
                && text.bytes().any(|b| b.is_ascii_digit())))
}

pub(super) fn is_address(text: &str) -> bool {
    let scheme = text.find(':').map_or("", |at| &text[..at]);
    !scheme.is_empty()
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        && (text[scheme.len()..].starts_with("://") || scheme == "file" || scheme.contains('+'))
}

pub(super) fn is_path(text: &str) -> bool {
    let first = text.split([' ', ';']).next().unwrap_or("");
    let bare = first.split('[').next().unwrap_or("");
    let is_archive = [".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar"]
        .iter()
        .any(|end| bare.ends_with(end));
    bare == "."
        || bare.starts_with("./")
        || bare.starts_with("../")
        || bare == ".."
        || bare.starts_with('/')
        || (is_archive && !first.contains(['=', '<', '>']))
        || (bare.contains('/') && !text.contains('@') && !first.contains(['=', '<', '>']))
}

fn marker(text: &Traced) -> Option<Marker> {
    let text = text.trim();
    (!text.is_empty()).then(|| Marker::new(text.as_str(), text.span()))
}

fn extras(list: &str) -> Vec<String> {
    list.split(',')
        .map(normalize_name)
        .filter(|extra| !extra.is_empty())
        .collect()
}

fn name_length(text: &str) -> usize {
    let length = text
        .bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        .count();
    let name = text[..length].trim_end_matches(['-', '_', '.']);
    if name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        name.len()
    } else {
        0
    }
}

fn skip_blanks(text: &str, from: usize) -> usize {
    let rest = &text[from..];
    from + (rest.len() - rest.trim_start().len())
}

/// Enough of a text to recognise it in a message.
pub(super) fn shorten(text: &str) -> String {
    const LIMIT: usize = 60;
    if text.chars().count() <= LIMIT {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(LIMIT).collect();
    short.push('…');
    short
}

impl RequirementSet {
    /// Reads `text` and adds it; what cannot be read becomes a problem.
    pub(super) fn add_text(&mut self, text: &Traced, group: Option<&str>) {
        match parse_requirement(text) {
            Ok(mut requirement) => {
                requirement.group = group.map(str::to_owned);
                self.requirements.push(requirement);
            }
            Err(message) => {
                self.problem(super::ProblemKind::Syntax, Some(text.span()), message);
            }
        }
    }
}
