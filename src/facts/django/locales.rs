//! Locales that the settings set as they are loaded.

use crate::facts::model::SettingsFact;
use crate::span::Span;

/// `locale.setlocale(locale.LC_ALL, "pt_PT.UTF-8")` at the top of a module, under no condition.
pub(crate) fn set(fact: &SettingsFact) -> Vec<(String, Span)> {
    let mut out = Vec::new();
    for (file, source) in &fact.texts {
        let text = source.text.as_str();
        let imports = text.lines().any(|line| line.trim_end() == "import locale");
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let from = start;
            start += line.len();
            let Some(call) = line.strip_prefix("locale.setlocale(").filter(|_| imports) else {
                continue;
            };
            let (Some((_, given)), false) = (call.split_once(','), is_in_text(&text[..from]))
            else {
                continue;
            };
            let given = given.trim_start();
            let Some(quote) = given.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
                continue;
            };
            let Some((name, rest)) = given[1..].split_once(quote) else {
                continue;
            };
            if rest.trim_start().starts_with(')') {
                let at = from + (name.as_ptr() as usize - line.as_ptr() as usize);
                let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
                let span = Span::new(*file, offset(at), offset(at + name.len()));
                out.push((name.to_owned(), span));
            }
        }
    }
    out
}

/// A text over several lines is open there.
fn is_in_text(before: &str) -> bool {
    let is_open = |quotes: &str| before.matches(quotes).count() % 2 == 1;
    is_open("\"\"\"") || is_open("'''")
}
