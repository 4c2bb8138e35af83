//! Defaults that never hold: settings that end their own import when the variable is not set.

use crate::python::settings::{EnvSource, EnvState, EnvValue, Kind, Value, read};

use super::loader::{ImportRoot, RootLoader};
use super::project;

/// Nothing is set but `PLATFORM`.
struct Bare;

impl EnvSource for Bare {
    fn get(&self, name: &str) -> EnvValue {
        match name {
            "PLATFORM" => EnvValue::Set("container".to_owned(), None),
            _ => EnvValue::Unset,
        }
    }
}

const HELPERS: &str = "import os
from django.core.exceptions import ImproperlyConfigured

def must_differ(value, sample):
    if value == sample:
        raise ImproperlyConfigured('set it')
    return value

def env_flag(name, default=False):
    value = os.environ.get(name)
    if value is None:
        return default
    return value.strip().lower() in ('1', 'true', 'yes')

def demand(*names):
    for name in names:
        if name in os.environ:
            continue
        raise ImproperlyConfigured(name)
";

/// The default of `X` when it is a variable that nothing sets and whose default may hold.
fn default_of(code: &str) -> String {
    let files = [
        ("harbour/__init__.py", ""),
        ("harbour/checks.py", HELPERS),
        ("harbour/settings.py", code),
    ];
    let (sources, root) = project(&files);
    let loader = RootLoader {
        sources: &sources,
        root: &root,
        roots: vec![ImportRoot {
            directory: String::new(),
            container: Some("/app".to_owned()),
        }],
    };
    let settings = read(&loader, &Bare, "harbour.settings");
    match settings.get("X").map(|setting| &setting.value) {
        Some(Value {
            kind: Kind::Env(env),
            ..
        }) => match (env.state, &env.default) {
            (EnvState::Unset, Some(_)) => "holds",
            (EnvState::Unset, None) => "required",
            (EnvState::Unknown, _) => "refused",
            (EnvState::Set, _) => "set",
        },
        Some(_) => "other",
        None => "absent",
    }
    .to_owned()
}

fn check(expected: &str, table: &[&str]) {
    let wrong: Vec<String> = table
        .iter()
        .map(|code| (code, default_of(&format!("import os, sys\n{code}\n"))))
        .filter(|(_, found)| found != expected)
        .map(|(code, found)| format!("{code}\n  expected {expected}, found {found}\n"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn refused() {
    check(
        "refused",
        &[
            // The variable is asked for.
            "X = os.environ.get('KEY', 'sample')\nif 'KEY' not in os.environ:\n    raise RuntimeError",
            "X = os.environ.get('KEY', 'sample')\nif not os.environ.get('KEY'):\n    sys.exit('no key')",
            "X = os.environ.get('KEY', 'sample')\nif os.getenv('KEY') is None:\n    exit(1)",
            "X = os.environ.get('KEY', 'sample')\nassert 'KEY' in os.environ, 'no key'",
            "X = os.environ.get('KEY', 'sample')\nassert os.environ.get('KEY')",
            "X = os.environ.get('KEY', 'sample')\nos.environ['KEY']",
            "X = os.environ.get('KEY', 'sample')\nos.environ.get('KEY') or sys.exit(1)",
            // The value is compared.
            "X = os.environ.get('KEY', 'sample')\nif X == 'sample':\n    raise ValueError('no')",
            "X = os.environ.get('KEY', 'sample')\nassert X != 'sample'",
            "X = os.environ.get('KEY', 'sample')\nif X in ('sample', 'changeme'):\n    raise ValueError",
            "X = os.environ.get('KEY', 'sample')\nif X.startswith('sam'):\n    raise ValueError",
            "X = os.environ.get('KEY', 'sample')\nif len(X) < 32:\n    raise ValueError",
            "S = 'sample'\nX = os.environ.get('KEY', S)\nif X == S:\n    raise ValueError",
            // Only where another variable says so.
            concat!(
                "D = os.environ.get('D') == '1'\n",
                "X = os.environ.get('KEY', 'sample')\n",
                "if not D and X == 'sample':\n",
                "    raise ValueError",
            ),
            concat!(
                "D = os.environ.get('D') == '1'\n",
                "X = os.environ.get('KEY', 'sample')\n",
                "if X == 'sample' and not D:\n",
                "    raise ValueError",
            ),
            concat!(
                "D = os.environ.get('D') == '1'\n",
                "X = os.environ.get('KEY', 'sample')\n",
                "if not D:\n",
                "    if X == 'sample':\n",
                "        raise ValueError",
            ),
            concat!(
                "D = os.environ.get('D', '1') == '1'\n",
                "X = os.environ.get('KEY', 'sample')\n",
                "if D:\n",
                "    pass\n",
                "elif X == 'sample':\n",
                "    raise ValueError",
            ),
            "E = os.environ.get('E', 'dev')\nX = os.environ.get('KEY', 'sample')\nif E == 'prod' and X == \
                'sample':\n    raise ValueError",
            concat!(
                "E = os.environ.get('E', 'dev')\n",
                "if E not in ('dev', 'prod'):\n",
                "    raise ValueError\n",
                "X = os.environ.get('KEY', 'sample')\n",
                "if E == 'prod' and X == 'sample':\n",
                "    raise ValueError",
            ),
            concat!(
                "X = os.environ.get('KEY', 'sample')\n",
                "if 'collectstatic' not in sys.argv and X == 'sample':\n",
                "    raise ValueError",
            ),
            "X = os.environ.get('KEY', 'sample')\nif PLATFORM() and X == 'sample':\n    raise ValueError",
            // One of several.
            concat!(
                "X = os.environ.get('KEY', 'sample')\n",
                "for name in ('DB', 'KEY'):\n",
                "    if name not in os.environ:\n",
                "        raise ValueError(name)",
            ),
            "X = os.environ.get('KEY', 'sample')\nmissing = [n for n in ('DB', 'KEY') if not os.environ.get(n)]\nif \
                missing:\n    raise ValueError(missing)",
            concat!(
                "X = os.environ.get('KEY', 'sample')\n",
                "if not all(os.environ.get(n) for n in ('DB', 'KEY')):\n",
                "    raise ValueError",
            ),
            concat!(
                "NEEDED = ['DB', 'KEY']\n",
                "X = os.environ.get('KEY', 'sample')\n",
                "for name in NEEDED:\n",
                "    if os.environ.get(name):\n",
                "        continue\n",
                "    raise ValueError(name)",
            ),
            concat!(
                "X = os.environ.get('KEY', 'sample')\n",
                "for name, value in list(locals().items()):\n",
                "    if value == 'sample':\n",
                "        raise ValueError(name)",
            ),
            // Helpers.
            "from harbour.checks import must_differ\nX = os.environ.get('KEY', 'sample')\nmust_differ(X, 'sample')",
            "from .checks import demand\nX = os.environ.get('KEY', 'sample')\ndemand('DB', 'KEY')",
            "def check():\n    if X == 'sample':\n        raise ValueError\nX = os.environ.get('KEY', \
                'sample')\ncheck()",
            concat!(
                "class Check:\n",
                "    def __init__(self, key):\n",
                "        if key == 'sample':\n",
                "            raise ValueError\n",
                "X = os.environ.get('KEY', 'sample')\n",
                "Check(X)",
            ),
            // Exceptions that pass a handler.
            concat!(
                "X = os.environ.get('KEY', 'sample')\n",
                "try:\n",
                "    os.environ['KEY']\n",
                "except KeyError:\n",
                "    raise RuntimeError('no key')",
            ),
            concat!(
                "X = os.environ.get('KEY', 'sample')\n",
                "try:\n",
                "    if X == 'sample':\n",
                "        raise ValueError\n",
                "except ImportError:\n",
                "    pass",
            ),
            concat!(
                "D = os.environ.get('D') == '1'\n",
                "X = os.environ.get('KEY', 'sample')\n",
                "try:\n",
                "    os.environ['KEY']\n",
                "except KeyError:\n",
                "    if not D:\n",
                "        raise",
            ),
            // Readers.
            concat!(
                "import environ\n",
                "env = environ.Env()\n",
                "X = env('KEY', default='sample')\n",
                "if X == 'sample':\n",
                "    raise ValueError",
            ),
            "from decouple import config\nX = config('KEY', default='sample')\nif X == 'sample':\n    raise ValueError",
            concat!(
                "from environs import Env\n",
                "env = Env()\n",
                "X = env.str('KEY', 'sample')\n",
                "if X == 'sample':\n",
                "    raise ValueError",
            ),
            // Switches and lists.
            "X = os.environ.get('DEBUG', '1') == '1'\nif X and os.environ.get('E') == 'prod':\n    raise ValueError",
            "X = os.environ.get('HOSTS', '*').split(',')\nif '*' in X:\n    raise ValueError",
        ],
    );
}

#[test]
fn accepted() {
    check(
        "holds",
        &[
            "X = os.environ.get('KEY', 'sample')",
            // For something else.
            "X = os.environ.get('KEY', 'sample')\nif 'DB' not in os.environ:\n    raise ValueError",
            "X = os.environ.get('KEY', 'sample')\nDB = os.environ['DB']",
            "X = os.environ.get('KEY', 'sample')\nif not X:\n    raise ValueError",
            "X = os.environ.get('KEY', 'sample')\nif X == 'other':\n    raise ValueError",
            "X = os.environ.get('KEY', 'sample')\nif sys.version_info < (3, 10):\n    raise RuntimeError",
            concat!(
                "X = os.environ.get('KEY', 'sample')\n",
                "E = os.environ.get('E', 'dev')\n",
                "if E not in ('dev', 'prod'):\n",
                "    raise ValueError",
            ),
            "from harbour.checks import demand\nX = os.environ.get('KEY', 'sample')\ndemand('DB')",
            "from harbour.checks import must_differ\nX = os.environ.get('KEY', 'sample')\nmust_differ(X, 'other')",
            "from harbour.checks import env_flag\nX = env_flag('DEBUG', True)",
            // Caught.
            concat!(
                "X = os.environ.get('KEY', 'sample')\n",
                "try:\n",
                "    if X == 'sample':\n",
                "        raise ValueError\n",
                "except ValueError:\n",
                "    pass",
            ),
            concat!(
                "import contextlib\n",
                "X = os.environ.get('KEY', 'sample')\n",
                "with contextlib.suppress(ValueError):\n",
                "    if X == 'sample':\n",
                "        raise ValueError",
            ),
            "try:\n    X = os.environ['KEY']\nexcept KeyError:\n    X = 'sample'",
            // Only shown.
            concat!(
                "import warnings\n",
                "X = os.environ.get('KEY', 'sample')\n",
                "if X == 'sample':\n",
                "    warnings.warn('a sample key')",
            ),
            // Never called.
            "def check():\n    if X == 'sample':\n        raise ValueError\nX = os.environ.get('KEY', 'sample')",
            // Where it is not used.
            concat!(
                "X = os.environ.get('KEY', 'sample')\n",
                "if X == 'sample' and os.environ.get('PLATFORM') == 'bare':\n",
                "    raise ValueError",
            ),
        ],
    );
}
