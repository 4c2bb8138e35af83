//! Names, values, addresses and comments.

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
        "PASSWORD_PROMPT_STRING",
        "PASSWORD_LABEL",
        "TOKEN_HELP",
        "loginPasswordLabel",
    ] {
        assert!(!is_secret_name(name), "{name}");
    }
}

#[test]
fn values() {
    for secret in [
        "f0a8c1d2e3b4958677",
        "k3y-0f-th1s-s1te-w1th-f1fty-ch4r4cters",
        "x9$kq(2!vl=zr@7w+e&0",
        "django-insecure-p3k(x1z7=w0qv@c5t!b8n^m2r6y_u4e9a",
        "Qm7RtZ2pWc9LxB4v",
    ] {
        assert_eq!(
            of("SECRET_KEY", secret),
            Verdict::Secret(Reason::Name),
            "{secret}"
        );
    }
    for guessable in [
        "s3cr3t",
        "postgres",
        "admin",
        "admin123",
        "P@ssw0rd!",
        "hunter2",
        "1234",
        "123456",
        "abc",
        "correct-horse-battery",
        "MyCompany2024!",
    ] {
        assert_eq!(
            of("DB_PASSWORD", guessable),
            Verdict::Guessable,
            "{guessable}"
        );
    }
    assert_eq!(of("HARBOUR_PASSWORD", "harbour"), Verdict::Guessable);
    for dummy in [
        "dummy",
        "build-only",
        "none",
        "xxx",
        "placeholder",
        "changeme",
        "not-a-secret",
        "<key>",
        "tmp",
        "insecure-dev-key",
        "!!!SET ME!!!",
        "ChangeMe123",
        "not-so-secret-key-just-for-collectstatic",
        "change-me-in-production",
        "django-insecure-key",
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
        "resetOSPassword.sh",
        "./conf/key.pem",
        "accounts.tokens.Generator",
        "https://auth.example.com/token",
        "3600",
        "Type in what you chose",
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
        Verdict::Secret(Reason::Token)
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
        of("DATABASE_URL", "postgres://app:q7Zt2Rk9@db/app"),
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

#[test]
fn addresses_of_every_kind_hold_passwords() {
    for scheme in [
        "postgres",
        "smtp",
        "smtps",
        "smtp+tls",
        "imap",
        "amqp",
        "rediss",
        "mongodb+srv",
    ] {
        let url = format!("{scheme}://harbour@post.org:q7Zt2Rk9@mail.harbour.org:587");
        assert_eq!(of("EMAIL_URL", &url), Verdict::Secret(Reason::Url), "{url}");
        let url = format!("{scheme}://harbour:guest@mail.harbour.org:587");
        assert_eq!(of("BROKER_URL", &url), Verdict::Guessable, "{url}");
    }
}

#[test]
fn comments_beside_a_value_are_read() {
    let of = |text: &str| {
        let at = text.find("SECRET").expect("the name");
        judge_in("SECRET_KEY", Some("f0a8c1d2e3b4958677"), text, at, true)
    };
    for text in [
        "# A sample, not for production.\nSECRET_KEY=f0a8c1d2e3b4958677\n",
        "SECRET_KEY=f0a8c1d2e3b4958677  # change me\n",
        "# For local development.\n\nPORT=1\nSECRET_KEY=f0a8c1d2e3b4958677\n",
        "  # only for collectstatic\n  SECRET_KEY: f0a8c1d2e3b4958677\n",
    ] {
        assert_eq!(of(text), Verdict::Dummy, "{text}");
    }
    for text in [
        "# SECURITY WARNING: keep the secret key used in production secret!\nSECRET_KEY=f0a8c1d2e3b4958677\n",
        "# a sample\nPORT=1\n\n# key\nSECRET_KEY=f0a8c1d2e3b4958677\n#sample\n"
            .trim_start_matches("# a sample\n"),
        "SECRET_KEY=f0a8c1d2e3b4958677\n",
    ] {
        assert_eq!(of(text), Verdict::Secret(Reason::Name), "{text}");
    }
}

#[test]
fn a_password_like_its_user_is_guessed() {
    let of = |beside: &[&str]| judge_password("q7Zt2Rk9", beside, "PASSWORD = 'q7Zt2Rk9'", 12);
    assert_eq!(of(&["app", "db"]), Verdict::Secret(Reason::Name));
    assert_eq!(of(&["q7Zt2Rk9"]), Verdict::Guessable);
}
