//! What is known of the world outside the project: releases, images, options, packages, names.
//!
//! Everything here is static data made from the tables of `rules/data` at build time, looked up by
//! binary search; nothing is parsed or allocated at start. No module here reads a file, knows a
//! Dockerfile, or knows what day it is: whoever asks brings the date. What a table does not say is
//! `None`, never a guess.

pub(crate) mod account_options;
pub(crate) mod accounts;
pub(crate) mod alpine;
pub(crate) mod application_files;
pub(crate) mod background_daemons;
pub(crate) mod bash_words;
pub(crate) mod brokers;
pub(crate) mod build_backends;
pub(crate) mod built_in;
pub(crate) mod by_name;
pub(crate) mod byproducts;
pub(crate) mod clients;
pub(crate) mod commands;
pub(crate) mod compose_callers;
pub(crate) mod compose_directories;
pub(crate) mod compressors;
pub(crate) mod daemon_settings;
pub(crate) mod dash_options;
pub(crate) mod databases;
pub(crate) mod debian;
pub(crate) mod dependencies;
pub(crate) mod django;
pub(crate) mod env_names;
pub(crate) mod file_endings;
pub(crate) mod foreign_codes;
pub(crate) mod foreign_images;
pub(crate) mod form_template_packs;
pub(crate) mod frontend_tools;
mod gone_rows;
pub(crate) mod held_releases;
pub(crate) mod home_downloads;
pub(crate) mod images;
pub(crate) mod import_names;
pub(crate) mod installers;
pub(crate) mod intent_words;
pub(crate) mod listen_options;
pub(crate) mod lost_modules;
pub(crate) mod maker_scripts;
pub(crate) mod management_packages;
pub(crate) mod manifest_kinds;
pub(crate) mod names_below;
pub(crate) mod needed_middleware;
pub(crate) mod nginx_directives;
pub(crate) mod nginx_files;
pub(crate) mod own_clients;
pub(crate) mod package_caches;
pub(crate) mod package_indexes;
pub(crate) mod package_managers;
pub(crate) mod packages;
pub(crate) mod paired_releases;
pub(crate) mod programs;
pub(crate) mod publishing;
pub(crate) mod pypi;
pub(crate) mod pypi_names;
pub(crate) mod python;
pub(crate) mod python_modules;
pub(crate) mod removed_classes;
pub(crate) mod removed_modules;
pub(crate) mod removed_names;
pub(crate) mod removed_options;
pub(crate) mod search_clients;
pub(crate) mod secret;
pub(crate) mod servers;
pub(crate) mod signal_keepers;
pub(crate) mod stack_clients;
pub(crate) mod stop_signals;
pub(crate) mod texts;
pub(crate) mod ubuntu;
pub(crate) mod undeclared;
pub(crate) mod unfit_settings;
pub(crate) mod uwsgi;
pub(crate) mod wheels;
pub(crate) mod words;

pub use jiff::civil::Date;

/// A release series, `X.Y`: of Python, Django, PostgreSQL, Alpine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series(pub u16, pub u16);

impl Series {
    /// Reads `3.13`; a lone `14` is `14.0`, what follows a second dot is ignored (`3.13.9`).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let major = number(parts.next()?)?;
        let minor = match parts.next() {
            Some(part) => number(part)?,
            None => 0,
        };
        Some(Self(major, minor))
    }
}

impl std::fmt::Display for Series {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// Digits only: `u16::from_str` alone would take `+3`.
fn number(text: &str) -> Option<u16> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// The row with that name in a table sorted by name.
fn find<T>(
    table: &'static [T],
    name: &str,
    key: impl Fn(&T) -> &'static str,
) -> Option<&'static T> {
    table
        .binary_search_by(|row| key(row).cmp(name))
        .ok()
        .and_then(|index| table.get(index))
}

/// The name of `names` nearest to a misspelt one: at most one edit in a short word, two in a long one,
/// swapped neighbours counted once. Nothing when two are equally near.
fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = match word.len() {
        0..4 => return None,
        4..8 => 1,
        _ => 2,
    };
    let mut best: Option<(usize, &'a str)> = None;
    let mut is_tie = false;
    let letters = letters_of(word);
    let is_near = |name: &&str| {
        // An edit adds or takes one letter, or swaps one for another: cheaper to look at than the distance.
        let differing = (letters ^ letters_of(name)).count_ones() as usize;
        name.len().abs_diff(word.len()) <= limit && differing <= 2 * limit
    };
    for name in names.filter(is_near) {
        let distance = strsim::osa_distance(word, name);
        if distance > limit || distance == 0 {
            continue;
        }
        match best {
            Some((nearest, _)) if distance > nearest => {}
            Some((nearest, _)) if distance == nearest => is_tie = true,
            _ => {
                best = Some((distance, name));
                is_tie = false;
            }
        }
    }
    best.filter(|_| !is_tie).map(|(_, name)| name)
}

/// Which letters occur, as bits; different letters may share one.
pub(crate) fn letters_of(word: &str) -> u64 {
    word.bytes().fold(0, |bits, byte| bits | 1 << (byte % 64))
}

#[cfg(test)]
mod tests;
