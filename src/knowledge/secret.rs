//! Which variables hold a secret, by their name and by their value.
//!
//! Errs to the side of silence: a name that ends like a path, a mode or an identifier is none, and
//! a value that says of itself that it is a stand-in is a [`Verdict::Dummy`].

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
    HarmlessEnding,
    HarmlessStart,
    Dummy,
}

static WORDS: &[SecretWord] = include!(concat!(env!("OUT_DIR"), "/secret-words.rs"));

#[derive(Debug)]
struct TokenPrefix {
    prefix: &'static str,
    /// Of the whole token, in bytes.
    min_length: usize,
    provider: &'static str,
}

static TOKENS: &[TokenPrefix] = include!(concat!(env!("OUT_DIR"), "/secret-tokens.rs"));

/// What a variable holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No secret, or nothing that can be called one: empty, a switch, a path, a reference.
    Harmless,
    /// Its name is a secret's, its value a stand-in: `dummy`, `build-only`, `changeme`, `xxx`.
    Dummy,
    Secret(Reason),
}

/// Why it is a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The name says so.
    Name,
    /// The value has the form of a token of this provider.
    Token(&'static str),
    /// A URL with a password in it.
    Url,
    PrivateKey,
}

/// Judges a variable; `value` is `None` where it is not known or, for ARG, given at build time.
#[must_use]
pub fn judge(name: &str, value: Option<&str>) -> Verdict {
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
    if let Some(provider) = token_provider(value) {
        return Verdict::Secret(Reason::Token(provider));
    }
    if is_key_fingerprint(name, value) {
        return Verdict::Harmless;
    }
    if let Some((user, password, host)) = url_credentials(value) {
        // `postgres://app:app@db/app` protects nothing, and a host of that name is no host.
        let is_sample = user == password
            || is_dummy(host)
            || matches!(password, "pass" | "password" | "passwd" | "pwd")
                && matches!(
                    user,
                    "" | "user" | "username" | "USER" | "db_user" | "dbuser"
                );
        return if is_reference(password) || password.is_empty() {
            Verdict::Harmless
        } else if is_sample || is_dummy(password) {
            Verdict::Dummy
        } else {
            Verdict::Secret(Reason::Url)
        };
    }
    if !is_secret_name(name) || is_harmless_value(value) {
        Verdict::Harmless
    } else if is_dummy(value) {
        Verdict::Dummy
    } else {
        Verdict::Secret(Reason::Name)
    }
}

/// The name is that of a password, a token, a key that must not be seen.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let name = name.replace(['-', '.'], "_").to_ascii_uppercase();
    let words: Vec<&str> = name.split('_').filter(|word| !word.is_empty()).collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return false;
    };
    if is_word(WordRole::HarmlessStart, first) || is_word(WordRole::HarmlessEnding, last) {
        return false;
    }
    // What nginx passes requests on to: `uwsgi_pass`, `proxy_pass`.
    let is_upstream = |word: &str| matches!(word, "UWSGI" | "PROXY" | "FASTCGI" | "SCGI" | "GRPC");
    if *last == "PASS"
        && words
            .iter()
            .rev()
            .nth(1)
            .is_some_and(|word| is_upstream(word))
    {
        return false;
    }
    if words.contains(&"PUBLIC") || words.contains(&"PUBLISHABLE") {
        return false;
    }
    let ends_secret = WORDS.iter().any(|row| {
        row.role == WordRole::Ending
            && name.strip_suffix(row.word).is_some_and(|before| {
                before.ends_with('_') || (before.is_empty() && row.word.len() > 4)
            })
    });
    ends_secret || words.iter().any(|word| is_word(WordRole::Name, word))
}

/// The value says of itself that it is no secret: `dummy`, `build-only-key`, `xxx`, `<your key>`.
#[must_use]
pub fn is_dummy(value: &str) -> bool {
    let text = value.trim().to_ascii_lowercase();
    if text.starts_with('<') && text.ends_with('>') {
        return true;
    }
    let letters = text.chars().filter(char::is_ascii_alphanumeric);
    let is_one_letter = {
        let mut rest = letters.clone();
        let first = rest.next();
        rest.all(|letter| Some(letter) == first)
    };
    is_one_letter
        || text
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| is_word(WordRole::Dummy, word))
        || [
            "dummy",
            "placeholder",
            "changeme",
            "notused",
            "notasecret",
            "notsecret",
        ]
        .iter()
        .any(|word| text.replace(['-', '_', ' '], "").contains(word))
}

/// A value that no secret has: nothing, a switch, a small number, a path, a reference.
fn is_harmless_value(value: &str) -> bool {
    const SWITCHES: [&str; 8] = [
        "true", "false", "yes", "no", "on", "off", "enabled", "disabled",
    ];
    let is_small_number = value.len() <= 2 && value.bytes().all(|byte| byte.is_ascii_digit());
    is_small_number
        || SWITCHES.iter().any(|word| value.eq_ignore_ascii_case(word))
        || is_path(value)
        || is_reference(value)
}

/// `/run/secrets/key`
fn is_path(value: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    (value.starts_with('/') || value.starts_with("./"))
        && value.matches('/').count() >= 2
        && value.chars().all(is_plain)
}

/// Something that is put there later: `${KEY}`, `{{ key }}`, `op://vault/item`, `arn:aws:...`.
fn is_reference(value: &str) -> bool {
    const SCHEMES: [&str; 8] = [
        "op://",
        "vault:",
        "ssm:",
        "sm://",
        "arn:aws",
        "secret://",
        "file:",
        "gcp-secret:",
    ];
    value.starts_with(['$', '%'])
        || value.contains("{{")
        || value.contains("${")
        || SCHEMES.iter().any(|scheme| value.starts_with(scheme))
}

/// Whose token the value is, by its form.
fn token_provider(value: &str) -> Option<&'static str> {
    let is_token_text = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    let row = TOKENS.iter().find(|row| {
        value.starts_with(row.prefix) && value.len() >= row.min_length && is_token_text(value)
    })?;
    // Documentation writes `AKIAIOSFODNN7EXAMPLE` and `ghp_xxxxxxxx`.
    let rest = value.get(row.prefix.len()..)?;
    let kinds = rest
        .bytes()
        .collect::<std::collections::BTreeSet<u8>>()
        .len();
    (kinds > 4 && !rest.to_ascii_lowercase().contains("example")).then_some(row.provider)
}

/// User and password of `scheme://user:password@host`.
fn url_credentials(value: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = value.split_once("://")?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let authority = rest.split(['/', '?', '#']).next()?;
    let (login, host) = authority.rsplit_once('@')?;
    let (user, password) = login.split_once(':')?;
    is_scheme.then_some((user, password, host))
}

/// The fingerprint of a public key: `GPG_KEY`, `SIGNING_KEY` with 16 to 64 hexadecimal digits.
fn is_key_fingerprint(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let digits = value.bytes().filter(|b| *b != b' ');
    (name.contains("SIGNING_KEY") || name.contains("GPG") || name.contains("PGP"))
        && (16..=64).contains(&digits.clone().count())
        && digits.clone().all(|b| b.is_ascii_hexdigit())
}

fn is_word(role: WordRole, word: &str) -> bool {
    WORDS.iter().any(|row| row.role == role && row.word == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, value: &str) -> Verdict {
        judge(name, Some(value))
    }

    #[test]
    fn names() {
        for name in [
            "SECRET_KEY",
            "DJANGO_SECRET_KEY",
            "POSTGRES_PASSWORD",
            "DB_PASS",
            "NPM_TOKEN",
            "API_KEY",
            "AWS_SECRET_ACCESS_KEY",
            "SENTRY_AUTH_TOKEN",
            "db-password",
            "PGPASSWORD_",
            "MAILGUN_APIKEY",
            "SSH_PRIVATE_KEY",
        ] {
            assert_eq!(is_secret_name(name), name != "PGPASSWORD_", "{name}");
        }
        for name in [
            "SECRET_KEY_FILE",
            "TOKEN_PATH",
            "AUTH_MODE",
            "PASSWORD_RESET_TIMEOUT",
            "PUBLIC_KEY",
            "PWD",
            "OLDPWD",
            "STRIPE_PUBLISHABLE_KEY",
            "GPG_KEY",
            "TOKENIZERS_PARALLELISM",
            "KEY",
            "COMPASS",
            "AWS_ACCESS_KEY_ID",
            "USE_TOKEN",
            "TOKEN_URL",
            "",
            "_",
            "CACHE_KEY",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn values() {
        assert_eq!(of("SECRET_KEY", "s3cr3t"), Verdict::Secret(Reason::Name));
        assert_eq!(
            of("POSTGRES_PASSWORD", "postgres"),
            Verdict::Secret(Reason::Name)
        );
        for dummy in [
            "dummy",
            "build-only",
            "none",
            "xxx",
            "placeholder",
            "changeme",
            "not-a-secret",
            "<key>",
            "your-key-here",
        ] {
            assert_eq!(of("SECRET_KEY", dummy), Verdict::Dummy, "{dummy}");
        }
        for harmless in [
            "",
            "True",
            "0",
            "/run/secrets/key",
            "${KEY}",
            "{{ key }}",
            "op://a/b",
        ] {
            let verdict = of("SECRET_KEY", harmless);
            assert!(
                verdict == Verdict::Harmless || harmless.is_empty(),
                "{harmless}"
            );
        }
        assert_eq!(of("SECRET_KEY", ""), Verdict::Harmless);
        assert_eq!(
            of("X", "AKIAQ7Y2ZK4WLM3NPT5R"),
            Verdict::Secret(Reason::Token("AWS"))
        );
        assert_eq!(of("X", "AKIAIOSFODNN7EXAMPLE"), Verdict::Harmless);
        assert_eq!(
            of("X", "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
            Verdict::Harmless
        );
        assert_eq!(
            of("X", "-----BEGIN RSA PRIVATE KEY-----\nMII"),
            Verdict::Secret(Reason::PrivateKey)
        );
        assert_eq!(judge("NPM_TOKEN", None), Verdict::Secret(Reason::Name));
        assert_eq!(judge("PATH", None), Verdict::Harmless);
    }

    #[test]
    fn urls() {
        assert_eq!(
            of("DATABASE_URL", "postgres://app:s3cr3t@db/app"),
            Verdict::Secret(Reason::Url)
        );
        assert_eq!(
            of("DATABASE_URL", "postgres://user:password@host/app"),
            Verdict::Dummy
        );
        assert_eq!(
            of("DATABASE_URL", "postgres://app:dummy@host/app"),
            Verdict::Dummy
        );
        for clean in [
            "postgres://db/app",
            "postgres://app@db/app",
            "postgres://app:${PW}@db/a",
            "sqlite:///x:y@z",
            "redis://:@r",
        ] {
            assert_eq!(of("DATABASE_URL", clean), Verdict::Harmless, "{clean}");
        }
    }
}
