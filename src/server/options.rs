//! Command lines of Python programs, as argparse and click read them.

use super::Setting;
use super::env::{EnvValue, Surroundings};
use crate::knowledge::servers::{Flag, Means, Server as Product};
use crate::knowledge::words::ValueWords;
use crate::shell::ast::Arg;
use crate::span::{Span, Traced};

/// One option that was given.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    pub(crate) key: &'static str,
    /// Empty for a switch; `None` when not known.
    pub(crate) value: Option<Traced>,
    pub(crate) span: Span,
}

/// A command line, read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parsed {
    /// In order.
    pub(crate) given: Vec<Given>,
    pub(crate) operands: Vec<Arg>,
    /// A word was not known, or a flag was not: there may be more options.
    pub(crate) is_open: bool,
}

impl Parsed {
    /// The last value of a setting.
    pub(crate) fn last(&self, key: &str) -> Option<&Given> {
        self.given.iter().rev().find(|given| given.key == key)
    }
}

/// Reads a command line.
pub(crate) fn parse(args: &[Arg], flags: &[Flag]) -> Parsed {
    let mut out = Parsed::default();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        let Some(text) = &arg.text else {
            let named = arg.prefix.split_once('=').map(|(name, _)| name);
            match named.and_then(|name| find(flags, name)) {
                Some(flag) => out.given.push(Given {
                    key: flag.key.as_str(),
                    value: None,
                    span: arg.span,
                }),
                // A quoted word is one word: an operand, unless it begins like a flag.
                None if arg.is_quoted && !arg.prefix.is_empty() && !arg.prefix.starts_with('-') => {
                    out.operands.push(arg.clone());
                }
                None => {
                    out.is_open = true;
                    out.operands.push(arg.clone());
                }
            }
            continue;
        };
        let raw = text.as_str();
        if raw == "--" {
            out.operands.extend(rest.by_ref().cloned());
        } else if raw.starts_with("--") {
            let (name, inline) = match raw.find('=') {
                Some(at) => (&raw[..at], Some(text.slice(at + 1..raw.len()))),
                None => (raw, None),
            };
            match find(flags, name) {
                None => out.is_open = true,
                Some(flag) if flag.takes_value && inline.is_none() => {
                    let next = rest.next();
                    out.given.push(Given {
                        key: flag.key.as_str(),
                        value: next.and_then(|next| next.text.clone()),
                        span: next.map_or(arg.span, |next| next.span),
                    });
                }
                Some(flag) => out.given.push(Given {
                    key: flag.key.as_str(),
                    span: inline.as_ref().map_or(arg.span, Traced::span),
                    value: inline.or_else(|| Some(Traced::empty(arg.span))),
                }),
            }
        } else if raw.len() > 1 && raw.starts_with('-') {
            short(text, arg, flags, &mut rest, &mut out);
        } else {
            out.operands.push(arg.clone());
        }
    }
    out
}

/// `-b value`, `-bvalue`, `-b=value`, switches together; long names with one dash too.
fn short<'a>(
    text: &Traced,
    arg: &Arg,
    flags: &[Flag],
    rest: &mut impl Iterator<Item = &'a Arg>,
    out: &mut Parsed,
) {
    let raw = text.as_str();
    for (at, letter) in raw.char_indices().skip(1) {
        let end = at + letter.len_utf8();
        let name = format!("-{letter}");
        let Some(flag) = flags.iter().find(|flag| flag.names.contains(name.as_str())) else {
            out.is_open = true;
            return;
        };
        if !flag.takes_value {
            out.given.push(Given {
                key: flag.key.as_str(),
                value: Some(Traced::empty(text.span_of(at..end))),
                span: if at == 1 {
                    arg.span
                } else {
                    text.span_of(at..end)
                },
            });
            continue;
        }
        let (value, span) = if end < raw.len() {
            let from = if raw[end..].starts_with('=') {
                end + 1
            } else {
                end
            };
            let value = text.slice(from..raw.len());
            let span = value.span();
            (Some(value), span)
        } else {
            let next = rest.next();
            (
                next.and_then(|next| next.text.clone()),
                next.map_or(arg.span, |next| next.span),
            )
        };
        out.given.push(Given {
            key: flag.key.as_str(),
            value,
            span,
        });
        return;
    }
}

/// The flag of a long name, whole or as the only one it begins.
fn find<'a>(flags: &'a [Flag], name: &str) -> Option<&'a Flag> {
    if let Some(flag) = flags.iter().find(|flag| flag.names.contains(name)) {
        return Some(flag);
    }
    if !name.starts_with("--") || name.len() < 4 {
        return None;
    }
    let mut begun = flags
        .iter()
        .filter(|flag| flag.names.iter().any(|long| long.starts_with(name)));
    let first = begun.next()?;
    begun.next().is_none().then_some(first)
}

/// Options of one origin, stronger than those of the layers before it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layer {
    pub(crate) given: Vec<Layered>,
    /// There may be others.
    pub(crate) is_open: bool,
}

/// An option of a layer.
#[derive(Debug, Clone)]
pub(crate) struct Layered {
    pub(crate) key: String,
    /// `None` when not known.
    pub(crate) value: Option<Traced>,
    pub(crate) span: Span,
}

/// Layers, weakest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layers(pub(crate) Vec<Layer>);

impl Layer {
    pub(crate) fn of(parsed: &Parsed) -> Self {
        let given = parsed.given.iter().map(|given| Layered {
            key: given.key.to_owned(),
            value: given.value.clone(),
            span: given.span,
        });
        Self {
            given: given.collect(),
            is_open: parsed.is_open,
        }
    }

    /// One variable as an option.
    pub(crate) fn variable(&mut self, around: &Surroundings<'_>, name: &str, key: &str) {
        match around.env.get(name) {
            EnvValue::Unset => {}
            EnvValue::Known(value) => self.given.push(Layered {
                key: key.to_owned(),
                span: value.span(),
                value: Some(value.clone()),
            }),
            EnvValue::Unknown => {
                // Servers are seldom told by variables nobody in the files speaks of.
                if let Some(var) = around.env.var(name) {
                    self.given.push(Layered {
                        key: key.to_owned(),
                        value: None,
                        span: var.name_span,
                    });
                }
            }
        }
    }
}

impl Layers {
    /// The strongest value.
    pub(crate) fn get(&self, key: &str) -> Setting {
        for layer in self.0.iter().rev() {
            if let Some(given) = layer.given.iter().rev().find(|given| given.key == key) {
                return match &given.value {
                    Some(value) => Setting::Given(value.clone(), given.span),
                    None => Setting::Unknown(Some(given.span)),
                };
            }
            if layer.is_open {
                return Setting::Unknown(None);
            }
        }
        Setting::Absent
    }

    /// All values of the strongest layer that has one; `None` when not all are known.
    pub(crate) fn list(&self, key: &str) -> Option<Vec<&Layered>> {
        for layer in self.0.iter().rev() {
            let found: Vec<&Layered> = layer
                .given
                .iter()
                .filter(|given| given.key == key)
                .collect();
            if !found.is_empty() {
                return Some(found);
            }
            if layer.is_open {
                return None;
            }
        }
        Some(Vec::new())
    }

    /// Whether a switch is on; `None` when not known.
    pub(crate) fn switch(&self, key: &str) -> Option<(bool, Option<Span>)> {
        match self.get(key) {
            Setting::Absent => Some((false, None)),
            Setting::Unknown(_) => None,
            Setting::Given(text, span) => Some((!is_off(text.as_str()), Some(span))),
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.0.iter().any(|layer| layer.is_open)
    }

    /// Every option, weakest first.
    pub(crate) fn all(&self) -> Vec<(String, Setting)> {
        let given = self.0.iter().flat_map(|layer| &layer.given);
        given
            .map(|given| {
                let setting = match &given.value {
                    Some(value) => Setting::Given(value.clone(), given.span),
                    None => Setting::Unknown(Some(given.span)),
                };
                (given.key.clone(), setting)
            })
            .collect()
    }
}

/// What a server is told from every side.
pub(crate) struct Told {
    pub(crate) product: &'static Product,
    /// The words of its command line.
    pub(crate) line: Parsed,
    /// Further words, from a variable.
    pub(crate) added: Parsed,
    pub(crate) layers: Layers,
}

impl Told {
    /// The setting that means this, whatever the server calls it.
    pub(crate) fn get(&self, means: Means) -> Setting {
        let mut settings = self.product.keys(means).map(|key| self.layers.get(key));
        let found = settings.find(|setting| !setting.is_absent());
        found.unwrap_or(Setting::Absent)
    }
}

/// A value that leaves a switch off, in any of the servers' languages.
pub(crate) fn is_off(text: &str) -> bool {
    ValueWords::NoOfServer.contains(&text.to_ascii_lowercase())
}
