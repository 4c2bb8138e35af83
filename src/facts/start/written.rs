//! What a command that starts looks like where it is written, and how the exec form would spell it.

use crate::dockerfile::ast::Args;
use crate::facts::model::{Kept, Project};
use crate::span::Span;

/// The text at a place of the Dockerfile or of a script of the image.
pub(crate) fn at(p: &Project, image: usize, span: Span) -> Option<&str> {
    let (text, start) = text_of(p, image, span)?;
    let end = start + (span.end - span.start) as usize;
    text.get(start..end)
}

/// The text before a place, in the Dockerfile or in a script of the image.
pub(crate) fn before(p: &Project, image: usize, span: Span) -> Option<&str> {
    let (text, start) = text_of(p, image, span)?;
    text.get(..start)
}

/// The Dockerfile, the script of the image or of a service that runs it, or the file that starts it, in which a place
/// lies, and where it begins there.
fn text_of(p: &Project, image: usize, span: Span) -> Option<(&str, usize)> {
    let own = p.dockerfile.instructions.first()?.span.file;
    if span.file == own {
        return Some((&p.text.text, span.start as usize));
    }
    let (scripts, services) = (p.images[image].scripts.iter(), p.services.iter());
    let of_services = services.filter_map(|service| service.run.as_ref());
    let of_supervisors = p.supervisors.iter().flat_map(|it| it.runs.iter().flatten());
    let runs = of_services.chain(of_supervisors);
    let all = scripts.chain(runs.flat_map(|run| &run.scripts));
    let mut texts = all.filter_map(|script| script.text.as_ref());
    let text = texts.find(|text| {
        let whole = text.span();
        whole.file == span.file && (whole.end - whole.start) as usize == text.len()
    });
    let Some(text) = text else {
        let at = p.texts.binary_search_by_key(&span.file, |(file, _)| *file);
        return Some((&p.texts[at.ok()?].1.text, span.start as usize));
    };
    let start = span.start.checked_sub(text.span().start)?;
    Some((text.as_str(), start as usize))
}

/// The exec form of a command that is the whole of a CMD or ENTRYPOINT in shell form, when no shell is needed to read
/// its words.
pub(crate) fn exec_form(p: &Project, kept: &Kept) -> Option<String> {
    let instruction = &p.dockerfile.instructions[kept.instruction];
    if matches!(instruction.args, Args::Json(_)) || instruction.span.file != kept.span.file {
        return None;
    }
    let text = instruction.rest.as_str();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:,@%+= ".contains(c);
    let written = p.text.text.get(kept.span.range())?;
    if !text.chars().all(is_plain) || text.trim() != written.trim() {
        return None;
    }
    let mut words: Vec<&str> = text.split_whitespace().collect();
    if words.first()?.contains('=') {
        return None;
    }
    if kept.needs_shell {
        words.insert(0, "sh");
    }
    let keyword = instruction.keyword.name();
    Some(format!("{keyword} [\"{}\"]", words.join("\", \"")))
}

/// A command as written; of several lines the first, which says which command it is, and `...`.
pub(crate) fn in_one_line(text: &str) -> String {
    match text.trim().split_once('\n') {
        Some((first, _)) => [first.trim_end().trim_end_matches('\\').trim_end(), " ..."].concat(),
        None => text.trim().to_owned(),
    }
}
