//! What settings say to the questions of a deployment.

use crate::python::settings::verdicts::{self, Answer, Default};
use crate::python::settings::{Settings, storages, verdicts::Texts};

use super::idioms::settings;

fn debug(code: &str) -> String {
    show(&verdicts::debug(&settings(code)))
}

fn show<T: std::fmt::Debug>(answer: &Answer<T>) -> String {
    match answer {
        Answer::Known(known) => match &known.env {
            Some(env) => format!("{:?} by {}", known.value, env.name),
            None => format!("{:?}", known.value),
        },
        Answer::Env(env) => match &env.default {
            Default::Required => format!("{}!", env.name),
            Default::Known(value, _) => format!("{} or {value:?}", env.name),
            Default::Unknown => format!("{} or ?", env.name),
        },
        Answer::Unassigned => "unassigned".to_owned(),
        Answer::Unknown => "unknown".to_owned(),
    }
}

#[test]
fn debug_by_its_truth() {
    let table = [
        ("DEBUG = True", "true"),
        ("DEBUG = 1", "true"),
        ("DEBUG = ''", "false"),
        ("", "unassigned"),
        ("from thirdparty import *", "unknown"),
        ("DEBUG = other()", "unknown"),
        ("if other():\n    DEBUG = True", "unknown"),
        ("DEBUG = True\nif other():\n    DEBUG = 1", "true"),
        (
            "import os\nDEBUG = os.environ.get('NONE', False)",
            "NONE or false",
        ),
        (
            "import os\nDEBUG = os.environ.get('NONE', 'False')",
            "NONE or true",
        ),
        ("import os\nDEBUG = os.environ.get('OFF')", "true by OFF"),
        ("import os\nDEBUG = os.environ['NONE'] == '1'", "NONE!"),
        (
            "import os\nDEBUG = os.environ.get('A', os.environ.get('B', '1')) == '1'",
            "A or true",
        ),
        (
            "import environ\nenv = environ.Env()\nDEBUG = env.bool('OFF')",
            "false by OFF",
        ),
    ];
    for (code, expected) in table {
        assert_eq!(debug(code), expected, "{code}");
    }
}

#[test]
fn booleans_without_a_cast() {
    let uncast = |code: &str| verdicts::uncast_flag(&settings(code), "DEBUG").map(|found| found.0);
    let found = uncast("import os\nDEBUG = os.environ.get('NONE', False)");
    assert_eq!(found.as_deref(), Some("NONE"));
    let found = uncast("import os\nDEBUG = bool(os.environ.get('NONE', False))");
    assert_eq!(found.as_deref(), Some("NONE"));
    assert_eq!(
        uncast("import os\nDEBUG = os.environ.get('NONE') == '1'"),
        None
    );
    assert_eq!(
        uncast("import os\nDEBUG = bool(int(os.environ.get('NONE', 0)))"),
        None
    );
    assert_eq!(
        uncast("import environ\nenv = environ.Env()\nDEBUG = env.bool('NONE')"),
        None
    );
    assert_eq!(
        uncast("import environ\nenv = environ.Env(NONE=(bool, 0))\nDEBUG = env('NONE')"),
        None
    );
}

#[test]
fn lists_of_texts() {
    let hosts = |code: &str| verdicts::texts(&settings(code), "ALLOWED_HOSTS");
    let texts = |answer: &Answer<Texts>| -> Vec<String> {
        let list = answer.known();
        let entries = list.map(|list| list.entries.clone()).unwrap_or_default();
        entries.into_iter().map(|(text, _)| text).collect()
    };
    assert_eq!(texts(&hosts("ALLOWED_HOSTS = ['*']")), ["*"]);
    assert!(hosts("ALLOWED_HOSTS = '*'").known().unwrap().is_text);
    let open = hosts("ALLOWED_HOSTS = ['a'] + other()");
    assert_eq!(open.known().unwrap().contains("b"), None);
    assert_eq!(open.known().unwrap().contains("a"), Some(true));
    let default = hosts("import os\nALLOWED_HOSTS = os.environ.get('NONE', '*').split(',')");
    assert!(show(&default).starts_with("NONE or Texts { entries: [(\"*\""));
    let given = hosts("import os\nALLOWED_HOSTS = os.environ.get('HOSTS').split(', ')");
    assert_eq!(texts(&given), ["a.example", "b.example"]);
    let shared = hosts("ALLOWED_HOSTS = ['a']\nif other():\n    ALLOWED_HOSTS += ['b']");
    assert_eq!(texts(&shared), ["a"]);
    assert_eq!(shared.known().unwrap().contains("b"), None);
    let apps = settings("INSTALLED_APPS = ['a', make()]");
    assert_eq!(
        verdicts::installed_apps(&apps)
            .known()
            .unwrap()
            .contains("z"),
        None
    );
    assert_eq!(
        hosts("ALLOWED_HOSTS = []").known().unwrap().contains("z"),
        Some(false)
    );
}

#[test]
fn secret_keys() {
    let key = |code: &str| verdicts::secret_key(&settings(code));
    assert!(
        key("SECRET_KEY = 'django-insecure-x'")
            .known()
            .unwrap()
            .is_insecure
    );
    assert_eq!(key("SECRET_KEY = ''").known().unwrap().text, "");
    assert_eq!(
        key("SECRET_KEY = open('/run/secrets/k').read()"),
        Answer::Unknown
    );
    assert_eq!(key("SECRET_KEY = get_random_secret_key()"), Answer::Unknown);
    assert_eq!(
        show(&key("import os\nSECRET_KEY = os.environ['NONE']")),
        "NONE!"
    );
    let fallback = key("import os\nSECRET_KEY = os.environ.get('NONE', 'dev')");
    assert!(show(&fallback).starts_with("NONE or Secret { text: \"dev\""));
}

#[test]
fn static_files() {
    let of = |code: &str| settings(&format!("import os\nfrom pathlib import Path\n{code}"));
    let root = |code: &str| show(&verdicts::static_root(&of(code)));
    assert_eq!(
        root("STATIC_ROOT = os.path.join('/code/a', '../static/')"),
        "\"/code/static\""
    );
    assert_eq!(
        root("STATIC_ROOT = Path(__file__).parent / 's'"),
        "\"/code/proj/s\""
    );
    assert_eq!(root("STATIC_ROOT = None"), "\"\"");
    assert_eq!(
        root("STATIC_ROOT = os.environ.get('NONE', '/s/')"),
        "NONE or \"/s\""
    );
    let url = |code: &str| show(&verdicts::static_url(&of(code)));
    assert_eq!(url("STATIC_URL = 'static/'"), "\"/static/\"");
    assert_eq!(url("STATIC_URL = '/static'"), "\"/static/\"");
    assert_eq!(url("STATIC_URL = 'https://cdn/x'"), "\"https://cdn/x\"");
    let storage = |code: &str| verdicts::static_storage(&of(code));
    let new = storage("STORAGES = {'staticfiles': {'BACKEND': 'a.B'}}");
    assert_eq!(new.storages.known().map(String::as_str), Some("a.B"));
    assert_eq!(
        (new.has_storages, new.has_default, new.has_staticfiles),
        (Some(true), Some(false), Some(true))
    );
    assert_eq!(new.legacy, Answer::Unassigned);
    let old = storage("STATICFILES_STORAGE = 'a.B'");
    assert_eq!(old.legacy.known().map(String::as_str), Some("a.B"));
    assert_eq!(
        (old.has_storages, old.storages),
        (Some(false), Answer::Unassigned)
    );
    let doubtful = storage("STORAGES = {**other()}");
    assert_eq!(
        (doubtful.has_default, doubtful.storages),
        (None, Answer::Unknown)
    );
    assert_eq!(
        storages::is_hashed("whitenoise.storage.CompressedManifestStaticFilesStorage"),
        Some(true)
    );
    assert_eq!(
        storages::is_hashed("whitenoise.storage.CompressedStaticFilesStorage"),
        Some(false)
    );
    assert_eq!(storages::is_hashed("proj.storage.Mine"), None);
    let own = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage";
    let asks = |code: &str, class: &str| storages::asks_manifest(&of(code), class);
    assert!(asks("", own));
    assert!(!asks("WHITENOISE_MANIFEST_STRICT = False", own));
    assert!(!asks("", "proj.storage.MyManifestStorage"));
    assert!(!asks("", "whitenoise.storage.CompressedStaticFilesStorage"));
}

#[test]
fn databases_by_alias() {
    let entry = |settings: &Settings| verdicts::databases(settings).unwrap().0.remove(0);
    let plain = settings("DATABASES = {'default': {'ENGINE': 'e', 'PORT': 5432}}");
    let plain = entry(&plain);
    assert_eq!(plain.alias, "default");
    assert_eq!(plain.text("ENGINE").known().map(String::as_str), Some("e"));
    assert_eq!(plain.text("PORT").known().map(String::as_str), Some("5432"));
    assert_eq!(plain.text("NAME"), Answer::Unassigned);
    let url = settings(
        "import dj_database_url as d\nDATABASES = {'default': d.config(conn_max_age=600)}",
    );
    assert_eq!(show(&entry(&url).text("ENGINE")), "DATABASE_URL or ?");
    let url = settings("import dj_database_url as d\nDATABASES = {'default': d.config('DB')}");
    assert_eq!(show(&entry(&url).text("PASSWORD")), "\"p@x\" by DB");
    let url = settings(
        "import environ\nenv = environ.Env()\nDATABASES = {'default': env.db('NONE', default='sqlite:///x')}",
    );
    assert_eq!(
        show(&entry(&url).text("ENGINE")),
        "NONE or \"django.db.backends.sqlite3\""
    );
    assert!(verdicts::databases(&settings("DATABASES = other()")).is_none());
    assert!(verdicts::databases(&settings("")).unwrap().0.is_empty());
}

/// Marks show where a person would edit.
#[test]
fn places() {
    let code = "import os\nfrom .base import *\nDEBUG = os.environ.get('NONE', True)\n\
                HOSTS = ['a', 'b']\nALLOWED_HOSTS = HOSTS\nDEBUG2 = DEBUG\n\
                def must(name):\n    return os.environ[name]\nKEY = must('ABSENT')\n";
    let settings = settings(code);
    let text = |span: crate::span::Span| span.slice(code);
    let debug = settings.get("DEBUG").unwrap();
    assert_eq!(text(debug.span), "DEBUG");
    assert_eq!(text(debug.value.span), "os.environ.get('NONE', True)");
    assert_eq!(debug.history.len(), 2);
    let hosts = verdicts::texts(&settings, "ALLOWED_HOSTS");
    assert_eq!(text(hosts.span().unwrap()), "['a', 'b']");
    assert_eq!(text(hosts.known().unwrap().entries[1].1), "'b'");
    let [required] = settings.required_env.as_slice() else {
        panic!("{:?}", settings.required_env);
    };
    assert_eq!(
        (required.name.as_str(), text(required.span)),
        ("ABSENT", "must('ABSENT')")
    );
    assert!(required.is_certain);
}
