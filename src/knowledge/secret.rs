//! Which variables hold a secret, by their name, by their value and by what is written beside them. The one judge
//! of every rule on secrets.
//!
//! Errs to the side of silence: a name that ends like a path, a mode or an identifier is none, and
//! a value that says of itself that it is a stand-in is a [`Verdict::Dummy`]. So does a comment beside it. A value
//! made of words is not certain to be a secret: anybody may guess it.

use crate::maps::HashMap;
use std::sync::OnceLock;

/// A word that speaks for or against a secret.
#[derive(Debug)]
struct SecretWord {
    role: WordRole,
    word: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WordRole {
    Name,
    Ending,
    Harmless,
    HarmlessEnding,
    HarmlessStart,
    Dummy,
    StandIn,
    Guessable,
    FileEnding,
    Comment,
    Hidden,
    Switch,
    PasswordEnding,
    Upstream,
    SampleUser,
    SamplePassword,
    Reference,
}

static WORDS: &[SecretWord] = include!(concat!(env!("OUT_DIR"), "/secret-words.rs"));

#[derive(Debug)]
struct TokenPrefix {
    prefix: &'static str,
    /// Of the whole token, in bytes.
    min_length: usize,
}

static TOKENS: &[TokenPrefix] = include!(concat!(env!("OUT_DIR"), "/secret-tokens.rs"));

/// What a variable holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// No secret, or nothing that can be called one: empty, a switch, a path, a reference.
    Harmless,
    /// Its name is a secret's, its value a stand-in: `dummy`, `build-only`, `changeme`, `xxx`.
    Dummy,
    /// In the place of a secret stands what anybody would try: `admin`, `postgres123`.
    Guessable,
    Secret(Reason),
}

/// Why it is a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The name says so.
    Name,
    /// The value has the form of a provider's token.
    Token,
    /// A URL with a password in it.
    Url,
    PrivateKey,
}

/// Judges a variable; `value` is `None` where it is not known or, for ARG, given at build time.
#[must_use]
pub(crate) fn judge(name: &str, value: Option<&str>) -> Verdict {
    let Some(value) = value.map(str::trim) else {
        return if is_secret_name(name) {
            Verdict::Secret(Reason::Name)
        } else {
            Verdict::Harmless
        };
    };
    if value.contains("PRIVATE KEY-----") {
        return Verdict::Secret(Reason::PrivateKey);
    }
    if is_token(value) {
        return Verdict::Secret(Reason::Token);
    }
    if is_key_fingerprint(name, value) {
        return Verdict::Harmless;
    }
    if let Some(login) = url_credentials(value) {
        return of_login(&login);
    }
    if !is_secret_name(name) || is_harmless_value(name, value) {
        Verdict::Harmless
    } else if is_dummy(value) {
        Verdict::Dummy
    } else if is_guessable(value) || is_its_name(name, value) {
        Verdict::Guessable
    } else {
        Verdict::Secret(Reason::Name)
    }
}

/// Judges a variable whose name stands at `at` in a file, with the comments beside it. Where `with_head`, what the
/// file says at its top counts as well.
#[must_use]
pub(crate) fn judge_in(
    name: &str,
    value: Option<&str>,
    text: &str,
    at: usize,
    with_head: bool,
) -> Verdict {
    let verdict = judge(name, value);
    let is_open = matches!(
        verdict,
        Verdict::Guessable | Verdict::Secret(Reason::Name | Reason::Url)
    );
    let by_head = || {
        let head = &text[..head_end(text)];
        with_head && is_disclaimed(head, head.len())
    };
    if is_open && (is_disclaimed(text, at) || by_head()) {
        return Verdict::Dummy;
    }
    verdict
}

/// A password of the settings at `at` of their text, beside the name of its user and its database.
#[must_use]
pub(crate) fn judge_password(password: &str, beside: &[&str], text: &str, at: usize) -> Verdict {
    let verdict = judge_in("PASSWORD", Some(password), text, at, false);
    match verdict {
        Verdict::Secret(Reason::Name) if beside.contains(&password) => Verdict::Guessable,
        _ => verdict,
    }
}

/// The password in a URL with a login, or in a connection string of libpq; `None` for other text.
#[must_use]
pub(crate) fn url_password(value: &str) -> Option<&str> {
    url_credentials(value).map(|login| login.password)
}

/// What two names of variables have to share for one value in both to be one secret: nothing where nobody would come
/// to that value twice, and between passwords; the whole name for `secret` as the key of one thing and the password of
/// another.
#[must_use]
pub(crate) fn apart_by<'a>(name: &'a str, value: &str) -> &'a str {
    let is_password = url_password(value).is_some()
        || words_of(name)
            .last()
            .is_some_and(|last| is_word(WordRole::PasswordEnding, last));
    let is_likely_twice = !is_password && (is_guessable(value) || is_dummy(value));
    if is_likely_twice { name } else { "" }
}

struct Login<'a> {
    user: &'a str,
    password: &'a str,
    host: &'a str,
}

fn of_login(login: &Login<'_>) -> Verdict {
    let Login {
        user,
        password,
        host,
    } = login;
    // `postgres://app:app@db/app` protects nothing, and a host of that name is no host.
    let is_sample = user == password
        || is_dummy(host)
        || is_word(WordRole::SamplePassword, password)
            && (user.is_empty() || is_word(WordRole::SampleUser, &user.to_ascii_lowercase()));
    if is_reference(password) || password.is_empty() {
        Verdict::Harmless
    } else if is_sample || is_dummy(password) {
        Verdict::Dummy
    } else if is_guessable(password) {
        Verdict::Guessable
    } else {
        Verdict::Secret(Reason::Url)
    }
}

/// The words of a name, in capitals: of `db-password`, `dbPassword`, `DB_PASSWORD`.
fn words_of(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut was_small = false;
    for c in name.chars() {
        let is_part = c.is_ascii_alphanumeric();
        if !is_part || was_small && c.is_ascii_uppercase() {
            words.push(String::new());
        }
        if is_part && let Some(word) = words.last_mut() {
            word.push(c.to_ascii_uppercase());
        }
        was_small = c.is_ascii_lowercase() || c.is_ascii_digit() && was_small;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The name is that of a password, a token, a key that must not be seen.
#[must_use]
pub(crate) fn is_secret_name(name: &str) -> bool {
    let words = words_of(name);
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return false;
    };
    // Most names say nothing of a secret.
    let speaks = words.iter().any(|word| is_word(WordRole::Name, word));
    if !speaks && !ends_secret(&words.join("_")) {
        return false;
    }
    if is_word(WordRole::HarmlessStart, first)
        || is_word(WordRole::HarmlessEnding, last)
        || words.iter().any(|word| is_word(WordRole::Harmless, word))
    {
        return false;
    }
    // What nginx passes requests on to: `uwsgi_pass`, `proxy_pass`.
    let is_upstream = |word: &String| is_word(WordRole::Upstream, word);
    let is_upstream = last == "PASS" && words.iter().rev().nth(1).is_some_and(is_upstream);
    !is_upstream
}

/// Of a setting with that name no text is shown to anybody: a part of the name is enough.
#[must_use]
pub(crate) fn hides(name: &str) -> bool {
    of_role(WordRole::Hidden).any(|word| name.contains(word))
}

/// A name in capitals ends as those of secrets do.
fn ends_secret(name: &str) -> bool {
    static ENDINGS: OnceLock<Vec<&str>> = OnceLock::new();
    let endings = ENDINGS.get_or_init(|| of_role(WordRole::Ending).collect());
    endings.iter().any(|ending| {
        name.strip_suffix(ending)
            .is_some_and(|before| before.ends_with('_') || (before.is_empty() && ending.len() > 4))
    })
}

/// The value says of itself that it is no secret: `dummy`, `build-only-key`, `xxx`, `<your key>`.
#[must_use]
pub(crate) fn is_dummy(value: &str) -> bool {
    let text = value.trim();
    if text.starts_with('<') && text.ends_with('>') {
        return true;
    }
    // A key as Django's `startproject` makes it is used as it is.
    if text
        .strip_prefix("django-insecure-")
        .is_some_and(|key| key.len() >= 30)
    {
        return false;
    }
    let letters: String = text
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    let is_one_letter = {
        let mut rest = letters.chars();
        let first = rest.next();
        rest.all(|letter| Some(letter) == first)
    };
    let says_so = |word: &str| is_word(WordRole::Dummy, &word.to_ascii_lowercase());
    is_one_letter
        || text
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(says_so)
        // Three letters between two capitals are chance in a random key.
        || words_of(text)
            .iter()
            .any(|word| word.len() > 3 && says_so(word))
        || of_role(WordRole::StandIn).any(|word| letters.contains(word))
}

/// What anybody would try, or words that a person made up: nobody can say for certain that it is a secret.
fn is_guessable(value: &str) -> bool {
    // `P@ssw0rd1!`
    let plain = |text: &str| -> String {
        let letters = text.chars().map(|c| match c.to_ascii_lowercase() {
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            other => other,
        });
        letters.collect()
    };
    let short = value.trim_end_matches(|c: char| c.is_ascii_digit() || !c.is_ascii_alphanumeric());
    let is_known = |text: &str| is_word(WordRole::Guessable, text);
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit()) && value.len() <= 10;
    value.len() <= 3
        || is_number
        || is_known(&plain(value))
        || is_known(&plain(short))
        || is_made_of_words(value)
}

/// Words with at most four digits behind each: `correct-horse`, `hunter2`, `MyPassword2024!`.
fn is_made_of_words(value: &str) -> bool {
    let is_mark = |c: char| "-_. !@#$?&+".contains(c);
    if !value
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || is_mark(c))
    {
        return false;
    }
    let parts = value.split(is_mark).filter(|part| !part.is_empty());
    let is_worded = |part: &str| {
        let digits = part.bytes().rev().take_while(u8::is_ascii_digit).count();
        let letters = &part[..part.len() - digits];
        // Words have vowels, and begin with their capitals.
        let turns = letters
            .as_bytes()
            .windows(2)
            .filter(|pair| pair[0].is_ascii_uppercase() != pair[1].is_ascii_uppercase())
            .count();
        let vowels = letters
            .bytes()
            .filter(|byte| b"aeiouyAEIOUY".contains(byte))
            .count();
        digits <= 4
            && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
            && (letters.len() <= 4 || vowels * 6 >= letters.len())
            && turns <= 1 + letters.len() / 3
            && letters.len() <= 24
    };
    let mut count = 0;
    let mut is_short = true;
    let is_all = parts.into_iter().all(|part| {
        count += 1;
        is_short &= part.len() <= 2;
        is_worded(part)
    });
    is_all && count <= 8 && !(is_short && count > 3)
}

/// `MYAPP_PASSWORD=myapp`
fn is_its_name(name: &str, value: &str) -> bool {
    words_of(name)
        .iter()
        .any(|word| word.len() > 2 && word.eq_ignore_ascii_case(value))
}

/// A value that no secret has: nothing, a switch, a number, a path, a name of code, a sentence, a reference.
fn is_harmless_value(name: &str, value: &str) -> bool {
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let is_password = || {
        let words = words_of(name);
        let last = words.last().map_or("", String::as_str);
        is_word(WordRole::PasswordEnding, last)
    };
    let is_empty = !value.chars().any(|c| c.is_alphanumeric());
    let is_sentence = value.split_whitespace().count() >= 3;
    value.is_empty()
        || is_empty && value.len() <= 4
        || is_number && (value.len() <= 2 || value.len() <= 8 && !is_password())
        || is_word(WordRole::Switch, &value.to_ascii_lowercase())
        || is_path(value)
        || is_file(value)
        || is_dotted_name(value)
        || is_sentence && !is_dummy(value)
        || value.contains("://")
        || is_reference(value)
}

/// `/run/secrets/key`
fn is_path(value: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let starts = ["/", "./", "../", "~/"];
    starts.iter().any(|start| value.starts_with(start))
        && value.matches('/').count() + usize::from(!value.starts_with('/')) >= 2
        && value.chars().all(is_plain)
}

/// `resetPassword.sh`
fn is_file(value: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    value.rsplit_once('.').is_some_and(|(stem, ending)| {
        !stem.is_empty() && is_word(WordRole::FileEnding, ending) && stem.chars().all(is_plain)
    })
}

/// `accounts.tokens.Generator`
fn is_dotted_name(value: &str) -> bool {
    value.contains('.')
        && value.split('.').all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && part.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_')
        })
}

/// Something that is put there later: `${KEY}`, `{{ key }}`, `op://vault/item`, `arn:aws:...`.
fn is_reference(value: &str) -> bool {
    value.starts_with(['$', '%'])
        || value.contains("{{")
        || value.contains("${")
        || of_role(WordRole::Reference).any(|start| value.starts_with(start))
}

/// The value has the form of a provider's token.
fn is_token(value: &str) -> bool {
    let is_token_text = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    let found = TOKENS.iter().find(|row| {
        value.starts_with(row.prefix) && value.len() >= row.min_length && is_token_text(value)
    });
    // Documentation writes `AKIAIOSFODNN7EXAMPLE` and `ghp_xxxxxxxx`.
    let Some(rest) = found.and_then(|row| value.get(row.prefix.len()..)) else {
        return false;
    };
    let kinds = rest
        .bytes()
        .collect::<std::collections::BTreeSet<u8>>()
        .len();
    kinds > 4 && !rest.to_ascii_lowercase().contains("example")
}

/// User, password and host of `scheme://user:password@host`.
fn url_credentials(value: &str) -> Option<Login<'_>> {
    connection_string(value).or_else(|| login_of_url(value))
}

/// `host=db user=shop password=...`: <https://www.postgresql.org/docs/current/libpq-connect.html>.
fn connection_string(value: &str) -> Option<Login<'_>> {
    let find = |wanted: &str| {
        let mut pairs = value.split_ascii_whitespace().map(|it| it.split_once('='));
        let found = pairs.find_map(|pair| pair.filter(|(key, _)| *key == wanted));
        found.map(|(_, value)| value.trim_matches('\''))
    };
    let mut words = value.split_ascii_whitespace();
    Some(Login {
        user: find("user")?,
        password: find("password")?,
        host: find("host").filter(|_| words.all(|word| word.contains('=')))?,
    })
}

fn login_of_url(value: &str) -> Option<Login<'_>> {
    let (scheme, rest) = value.split_once("://")?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let authority = rest.split(['/', '?', '#']).next()?;
    let (login, host) = authority.rsplit_once('@')?;
    let (user, password) = login.split_once(':')?;
    is_scheme.then_some(Login {
        user,
        password,
        host,
    })
}

/// The fingerprint of a public key: `GPG_KEY`, `SIGNING_KEY` with 16 to 64 hexadecimal digits.
fn is_key_fingerprint(name: &str, value: &str) -> bool {
    let digits = value.bytes().filter(|b| *b != b' ');
    if !(16..=64).contains(&digits.clone().count())
        || !digits.clone().all(|b| b.is_ascii_hexdigit())
    {
        return false;
    }
    let name = name.to_ascii_uppercase();
    name.contains("SIGNING_KEY") || name.contains("GPG") || name.contains("PGP")
}

/// Bytes before and behind a place in which a comment is looked for.
const MAX_COMMENTED: usize = 2_000;

/// A comment on the line of a place, or on the lines right above, says that what stands there is none.
fn is_disclaimed(text: &str, at: usize) -> bool {
    // Who writes lines of kilobytes writes no comments for people.
    let from = at.saturating_sub(MAX_COMMENTED);
    let end = (at + MAX_COMMENTED).min(text.len());
    let is_within = |at: &usize| text.is_char_boundary(*at);
    let (Some(from), Some(end)) = (
        (from..=at).find(is_within),
        (end..=text.len()).find(is_within),
    ) else {
        return false;
    };
    let Some(before) = text.get(from..at) else {
        return false;
    };
    let text = &text[from..end];
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    let beside = line
        .match_indices('#')
        .map(|(at, _)| at)
        .find(|at| *at == 0 || line[..*at].ends_with([' ', '\t']));
    let above = text[..start]
        .lines()
        .rev()
        .take(6)
        .map(str::trim)
        .take_while(|line| line.starts_with('#'));
    let beside = beside.map(|at| &line[at..]);
    above.chain(beside).any(|comment| {
        let comment = comment.to_ascii_lowercase();
        of_role(WordRole::Comment).any(|phrase| has_phrase(&comment, phrase))
    })
}

/// Where the comment that a file begins with ends.
fn head_end(text: &str) -> usize {
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        if !line.trim_start_matches('\u{feff}').starts_with('#') {
            break;
        }
        end += line.len();
    }
    end
}

/// A phrase between ends of words.
fn has_phrase(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, _)| {
        let is_end = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        is_end(text[..at].chars().next_back()) && is_end(text[at + phrase.len()..].chars().next())
    })
}

fn is_word(role: WordRole, word: &str) -> bool {
    // Every variable of every file asks for several words.
    static ROLES: OnceLock<HashMap<&str, u32>> = OnceLock::new();
    let roles = ROLES.get_or_init(|| {
        let mut roles =
            HashMap::with_capacity_and_hasher(WORDS.len(), foldhash::fast::RandomState::default());
        for row in WORDS {
            *roles.entry(row.word).or_default() |= 1 << row.role as u32;
        }
        roles
    });
    roles
        .get(word)
        .is_some_and(|found| found & (1 << role as u32) != 0)
}

fn of_role(role: WordRole) -> impl Iterator<Item = &'static str> {
    WORDS
        .iter()
        .filter(move |row| row.role == role)
        .map(|row| row.word)
}

#[cfg(test)]
mod tests;
