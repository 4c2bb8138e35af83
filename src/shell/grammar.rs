//! How command lines are read: which options take values, which programs have subcommands, which
//! run another program.
//!
//! The knowledge is data (`rules/data/command-lines.toml`); this module looks it up and applies it to
//! arguments. It knows no shell syntax.

use super::ast::{Arg, CommandFlag};
use crate::knowledge::by_name::find_by_name;
use crate::knowledge::texts::List;

include!(concat!(env!("OUT_DIR"), "/command-lines.rs"));

/// The command line of one program.
#[derive(Debug)]
pub(super) struct Grammar {
    name: &'static str,
    subcommand: bool,
    groups: List,
    values: List,
    optional: List,
    switches: List,
    same: &'static [(&'static str, &'static str)],
    style: Style,
    /// Options end at the first operand.
    stops: bool,
    /// Options end behind one of these.
    last: List,
    /// Options whose value is a command that ends with `;` or `+`.
    until: List,
}

impl Grammar {
    /// Every long option may take a value.
    fn takes_all(&self) -> bool {
        self.values.iter().eq(["*"])
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `-abc` is three flags, `--long`.
    Gnu,
    /// `-long`.
    Single,
    /// As `Gnu`, and `+e` is a flag.
    Set,
    /// As `Gnu`, and the first operand may be flags without a dash.
    Bundle,
}

/// A program that runs the command which follows it.
#[derive(Debug)]
pub(super) struct Wrapper {
    pub(super) name: &'static str,
    values: List,
    optional: List,
    pub(super) operands: u8,
    run_as: List,
    pub(super) assignments: bool,
    unless: List,
    needs: List,
    separator: bool,
    pub(super) stdin: bool,
}

/// Arguments sorted by a grammar.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub(super) subcommand: Option<Arg>,
    pub(super) flags: Vec<CommandFlag>,
    pub(super) operands: Vec<Arg>,
    /// How many arguments were read: fewer than given when options end at the first operand.
    pub(super) read: usize,
}

/// Sorted, as the build writes them.
fn has(list: List, word: &str) -> bool {
    list.find_sorted(word).is_some()
}

fn same(pairs: &[(&'static str, &'static str)], word: &str) -> Option<&'static str> {
    pairs
        .binary_search_by(|(from, _)| (*from).cmp(word))
        .ok()
        .map(|at| pairs[at].1)
}

/// The grammar for a program named as meant.
pub(super) fn grammar(name: &str) -> Option<&'static Grammar> {
    find_by_name!(COMMANDS, name)(name)
}

/// The wrapper with this name: `sudo`, `uv run`.
pub(super) fn wrapper(name: &str) -> Option<&'static Wrapper> {
    find_by_name!(WRAPPERS, name)(name)
}

/// The program as meant for a word that names it: `pip` for `/venv/bin/pip3.12`.
pub(crate) fn program(word: &str) -> &str {
    let base = word.rsplit('/').next().unwrap_or(word);
    if base.is_empty() {
        return word;
    }
    if let Some((_, name)) = find_by_name!(NAMES, 0)(base) {
        return name;
    }
    if !base.ends_with(|last: char| last.is_ascii_digit() || last == '.') {
        return base;
    }
    for name in VERSIONED {
        let version = base
            .strip_prefix(name)
            .map(|rest| rest.trim_start_matches('-'));
        if version.is_some_and(|version| {
            !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        }) {
            return name;
        }
    }
    base
}

/// The program that `python -m MODULE` is; `next` is the argument behind it. Tells how many
/// arguments from the module on name it.
pub(super) fn module(module: &str, next: Option<&str>) -> Option<(&'static str, usize)> {
    if let Some(next) = next
        && let Some(name) = same(MODULES, &format!("{module} {next}"))
    {
        return Some((name, 2));
    }
    same(MODULES, module).map(|name| (name, 1))
}

/// Whether some wrapper is a subcommand of this program: `uv` of `uv run`.
pub(super) fn has_wrapping_subcommand(name: &str) -> bool {
    let at = WRAPPERS.partition_point(|wrapper| wrapper.name <= name);
    WRAPPERS.get(at).is_some_and(|wrapper| {
        wrapper
            .name
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with(' '))
    })
}

/// Where the first operand stands among the arguments of a program.
pub(super) fn first_operand(name: &str, args: &[Arg]) -> Option<usize> {
    let grammar = grammar(name).unwrap_or(&UNKNOWN);
    let mut reader = Reader {
        grammar,
        args,
        parsed: Parsed::default(),
    };
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        let text = arg.as_str().unwrap_or(&arg.prefix);
        if text == "--" || !reader.is_option(text) {
            return Some(at + usize::from(text == "--"));
        }
        at = reader.option(at);
    }
    None
}

/// The one spelling the table keeps of several for an option of `command`; the option itself when
/// there is no other.
#[must_use]
pub(crate) fn canonical_flag<'a>(command: &str, flag: &'a str) -> &'a str {
    grammar(command)
        .and_then(|grammar| same(grammar.same, flag))
        .unwrap_or(flag)
}

/// What a wrapper reads before the command it runs.
#[derive(Debug)]
pub(super) struct Wrapped {
    /// Index of the first argument that is no option and no operand of the wrapper.
    pub(super) at: usize,
    pub(super) run_as: Option<Arg>,
}

impl Wrapper {
    /// Reads `args` behind the name of the wrapper. `None` when it runs nothing.
    pub(super) fn read(&self, args: &[Arg]) -> Option<Wrapped> {
        if self.separator {
            let at = args.iter().position(|arg| arg.as_str() == Some("--"))? + 1;
            return (at < args.len()).then_some(Wrapped { at, run_as: None });
        }
        let mut run_as = None;
        let mut is_needed_given = self.needs.is_empty();
        let mut at = 0;
        while let Some(arg) = args.get(at) {
            let text = arg.as_str().unwrap_or(&arg.prefix);
            if text == "--" {
                at += 1;
                break;
            }
            if !text.starts_with('-') || text == "-" {
                break;
            }
            let (name, attached) = self.option(text);
            if has(self.unless, name) {
                return None;
            }
            is_needed_given |= has(self.needs, name);
            let takes = attached.is_none() && has(self.values, name);
            if has(self.run_as, name) {
                run_as = match attached {
                    Some(from) if arg.text.is_some() => Some(part(arg, from)),
                    Some(_) => Some(arg.clone()),
                    None => args.get(at + 1).cloned(),
                };
            }
            at += 1 + usize::from(takes);
        }
        if !is_needed_given {
            return None;
        }
        if has(self.run_as, "operand") {
            run_as = args.get(at).cloned();
        }
        at += usize::from(self.operands);
        (at < args.len()).then_some(Wrapped { at, run_as })
    }

    /// The name of an option and where a value attached to it begins.
    fn option<'t>(&self, text: &'t str) -> (&'t str, Option<usize>) {
        if let Some(equals) = text.find('=')
            && text.starts_with("--")
        {
            return (&text[..equals], Some(equals + 1));
        }
        if text.starts_with("--") || has(self.values, text) || has(self.unless, text) {
            return (text, None);
        }
        // `-Eu app`: the last letter may take the next word; `-uapp`: the first one the rest.
        for (i, letter) in text.char_indices().skip(1) {
            let end = i + letter.len_utf8();
            let short = ["-", &text[i..end]].concat();
            if let Some(short) = self.values.find_sorted(&short) {
                let attached = (end < text.len()).then_some(end);
                return (short, attached);
            }
            if has(self.optional, &short) {
                break;
            }
        }
        (text, None)
    }
}

/// The part of a known argument from byte `from` on.
pub(super) fn part(arg: &Arg, from: usize) -> Arg {
    match &arg.text {
        Some(text) => {
            let value = text.slice(from..text.len());
            Arg {
                prefix: value.as_str().to_owned(),
                suffix: String::new(),
                span: value.span(),
                word: arg.word,
                is_quoted: arg.is_quoted,
                text: Some(value),
            }
        }
        None => Arg {
            text: None,
            prefix: arg.prefix.get(from..).unwrap_or("").to_owned(),
            ..arg.clone()
        },
    }
}

/// For programs without a grammar: `-x` is a switch, `--a=b` has a value, the rest are operands.
static UNKNOWN: Grammar = Grammar {
    name: "",
    subcommand: false,
    groups: List::EMPTY,
    values: List::EMPTY,
    optional: List::EMPTY,
    switches: List::EMPTY,
    same: &[],
    style: Style::Single,
    stops: false,
    last: List::EMPTY,
    until: List::EMPTY,
};

/// Sorts the arguments behind the name of a program.
pub(super) fn parse(name: &str, args: &[Arg]) -> Parsed {
    Reader {
        grammar: grammar(name).unwrap_or(&UNKNOWN),
        args,
        parsed: Parsed::default(),
    }
    .read()
}

struct Reader<'a> {
    grammar: &'static Grammar,
    args: &'a [Arg],
    parsed: Parsed,
}

impl Reader<'_> {
    fn read(mut self) -> Parsed {
        let mut at = 0;
        let mut is_ended = false;
        while let Some(arg) = self.args.get(at) {
            let text = arg.as_str().unwrap_or(&arg.prefix);
            if is_ended || !self.is_option(text) {
                if self.grammar.style == Style::Bundle && at == 0 && arg.text.is_some() {
                    at = self.shorts(at, 0);
                    continue;
                }
                if self.grammar.stops {
                    break;
                }
                self.operand(arg);
                at += 1;
            } else if text == "--" {
                is_ended = true;
                at += 1;
                if self.grammar.stops {
                    break;
                }
            } else {
                at = self.option(at);
                let last = self.parsed.flags.last();
                if last.is_some_and(|flag| has(self.grammar.last, &flag.written)) {
                    break;
                }
            }
        }
        self.parsed.read = at;
        self.parsed
    }

    fn is_option(&self, text: &str) -> bool {
        let is_dashed = text.len() > 1 && text.starts_with('-');
        let is_plus = self.grammar.style == Style::Set && text.len() > 1 && text.starts_with('+');
        is_dashed || is_plus
    }

    fn operand(&mut self, arg: &Arg) {
        if self.grammar.subcommand && self.parsed.operands.is_empty() {
            match &mut self.parsed.subcommand {
                None => {
                    self.parsed.subcommand = Some(arg.clone());
                    return;
                }
                Some(group) => {
                    if let (Some(first), Some(second)) = (&mut group.text, &arg.text)
                        && has(self.grammar.groups, first.as_str())
                    {
                        let between = group.span.cover(arg.span);
                        let gap = between.start.max(group.span.end)..arg.span.start;
                        let gap = crate::span::Span::new(
                            between.file,
                            gap.start.min(gap.end),
                            gap.end.max(gap.start),
                        );
                        first.push(" ", gap);
                        first.push_traced(second);
                        group.prefix = first.as_str().to_owned();
                        group.span = between;
                        group.word = group.word.cover(arg.word);
                        return;
                    }
                }
            }
        }
        self.parsed.operands.push(arg.clone());
    }

    /// The option at `at`; returns where the next argument stands.
    fn option(&mut self, at: usize) -> usize {
        let arg = &self.args[at];
        let is_known = arg.text.is_some();
        let text = arg.as_str().unwrap_or(&arg.prefix).to_owned();
        let is_long = text.starts_with("--") || self.grammar.style == Style::Single;
        if !is_long {
            return self.shorts(at, 1);
        }
        let (name, attached) = match text.find('=') {
            Some(equals) => (&text[..equals], Some(part(arg, equals + 1))),
            None => (text.as_str(), None),
        };
        if attached.is_none() && !is_known {
            // `--$X`: which option it is, nobody knows.
            self.parsed.operands.push(arg.clone());
            return at + 1;
        }
        let value = match attached {
            Some(value) => Some(value),
            None if self.takes(name, at) => self.args.get(at + 1).cloned(),
            None => None,
        };
        let is_next = value.is_some() && !text.contains('=');
        let mut next = at + 1 + usize::from(is_next);
        if has(self.grammar.until, name) {
            let rest = self.args.get(next..).unwrap_or_default();
            let ends = |arg: &Arg| matches!(arg.as_str(), Some(";" | "+"));
            next = rest
                .iter()
                .position(ends)
                .map_or(self.args.len(), |end| next + end + 1);
        }
        self.flag(name, value, arg);
        next
    }

    /// Whether a long option takes the next argument.
    fn takes(&self, name: &str, at: usize) -> bool {
        let grammar = self.grammar;
        if !grammar.takes_all() {
            return has(grammar.values, name);
        }
        let is_switch = has(grammar.switches, name) || has(grammar.optional, name);
        let next = self.args.get(at + 1).and_then(Arg::as_str);
        !is_switch && next.is_none_or(|next| !next.starts_with("--"))
    }

    /// Short options written together, from byte `from`; returns where the next argument stands.
    fn shorts(&mut self, at: usize, from: usize) -> usize {
        let arg = &self.args[at];
        let text = arg.as_str().unwrap_or(&arg.prefix).to_owned();
        let sign = if text.starts_with('+') { "+" } else { "-" };
        let mut next = at + 1;
        // Some short options have two letters: wget's `-nv`.
        if has(self.grammar.values, &text) || self.grammar.same.iter().any(|(_, to)| *to == text) {
            let value = match has(self.grammar.values, &text) {
                true => self.args.get(next).cloned(),
                false => None,
            };
            next += usize::from(value.is_some());
            self.flag(&text, value, arg);
            return next;
        }
        let from = from.min(text.len());
        for (i, letter) in text[from..].char_indices() {
            let end = from + i + letter.len_utf8();
            let name = [sign, &text[from + i..end]].concat();
            let plain = ["-", &text[from + i..end]].concat();
            let is_value = has(self.grammar.values, &plain)
                || (self.grammar.takes_all()
                    && !has(self.grammar.switches, &plain)
                    && !has(self.grammar.optional, &plain));
            if is_value || has(self.grammar.optional, &plain) {
                let rest = &text[end..];
                let attached = usize::from(rest.starts_with('='));
                let value = if !rest.is_empty() || (arg.text.is_none() && is_value) {
                    // A bundle (`tar xzf x`) keeps its letters; elsewhere the rest is the value.
                    if from == 0 {
                        self.args.get(next).cloned().inspect(|_| next += 1)
                    } else {
                        Some(part(arg, end + attached))
                    }
                } else if is_value {
                    self.args.get(next).cloned().inspect(|_| next += 1)
                } else {
                    None
                };
                self.flag(&name, value, arg);
                if from == 0 {
                    continue;
                }
                return next;
            }
            if text[end..].starts_with('=') && from > 0 {
                self.flag(&name, Some(part(arg, end + 1)), arg);
                return next;
            }
            self.flag(&name, None, arg);
        }
        next
    }

    fn flag(&mut self, written: &str, value: Option<Arg>, arg: &Arg) {
        let name = same(self.grammar.same, written).unwrap_or(written);
        let span = value
            .as_ref()
            .map_or(arg.span, |value| arg.span.cover(value.span));
        self.parsed.flags.push(CommandFlag {
            name: name.to_owned(),
            written: written.to_owned(),
            value,
            span,
        });
    }
}
