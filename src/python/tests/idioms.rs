//! Idioms of settings modules, each with what may be said of it: a value, a value that depends on
//! the environment, or nothing. None is guessed.

use crate::python::settings::{
    Cast, EnvSource, EnvState, EnvValue, Interpreter, Kind, Settings, Value,
};

use super::loader::{ImportRoot, RootLoader};
use super::project;

/// `FOO`, `ON`, `OFF`, `HOSTS` and `DB` are set; nothing else is.
struct Fixed;

impl EnvSource for Fixed {
    fn get(&self, name: &str) -> EnvValue {
        let value = match name {
            "FOO" => "bar",
            "ON" => "true",
            "OFF" => "False",
            "HOSTS" => "a.example, b.example",
            "DB" => "postgres://u:p%40x@db:5432/app",
            "NUMBER" => "42",
            "DATA" => "{\"a\": [1, true]}",
            "ODD" => return EnvValue::Unknown,
            _ => return EnvValue::Unset,
        };
        EnvValue::Set(value.to_owned(), None)
    }
}

/// Modules beside the one under test.
const MODULES: &[(&str, &str)] = &[
    ("proj/__init__.py", ""),
    (
        "proj/base.py",
        "DEBUG = True\nAPPS = ['a', 'b']\n_HIDDEN = 1\nhelper = 'h'\nNESTED = {'x': {'y': 1}}\n",
    ),
    ("proj/listed.py", "__all__ = ['A']\nA = 1\nB = 2\n"),
    ("proj/pkg/__init__.py", "from .inner import *\nPKG = 1\n"),
    (
        "proj/pkg/inner.py",
        "from ..base import DEBUG as FROM_BASE\nINNER = 2\n",
    ),
    (
        "proj/pkg/deploy.py",
        "from . import *\nfrom proj.pkg import PKG as P\n",
    ),
    (
        "proj/opened.py",
        "KNOWN_BEFORE = 1\nfrom thirdparty.settings import *\nLATE = 2\n",
    ),
    ("proj/local.py", "DEBUG = False\nSECRET_KEY = 'local'\n"),
    ("proj/broken.py", "X = (\n"),
    ("proj/ring_a.py", "from .ring_b import *\nA = 1\n"),
    ("proj/ring_b.py", "from .ring_a import *\nB = 2\n"),
    ("proj/parts/one.py", "ONE = 1\nSHARED = ['one']\n"),
    ("proj/parts/two.py", "TWO = ONE + 1\nSHARED += ['two']\n"),
    (
        "proj/loaders.py",
        "import sys\n\ndef load(path):\n    sys._getframe(1).f_globals.update(read(path))\n",
    ),
    (
        "proj/helpers.py",
        concat!(
            "import os\n",
            "\n",
            "def get(name, default=None):\n",
            "    return os.environ.get(name, default)\n",
            "\n",
            "def must(name):\n",
            "    try:\n",
            "        return os.environ[name]\n",
            "    except KeyError:\n",
            "        raise RuntimeError(name)\n",
            "\n",
            "def flag(name, default=False):\n",
            "    value = os.environ.get(name)\n",
            "    if value is None:\n",
            "        return default\n",
            "    return value.lower() in ('1', 'true')\n",
        ),
    ),
];

pub(super) fn settings(code: &str) -> Settings {
    let mut files = MODULES.to_vec();
    files.push(("proj/settings.py", code));
    let (sources, root) = project(&files);
    let loader = RootLoader {
        sources: &sources,
        root: &root,
        roots: vec![ImportRoot {
            directory: String::new(),
            container: Some("/code".to_owned()),
        }],
    };
    Interpreter::new(&loader, &Fixed).settings("proj.settings")
}

/// A value as the table writes it.
pub(super) fn show(value: &Value) -> String {
    let list = |items: &[Value], is_open: bool| {
        let mut shown: Vec<String> = items.iter().map(show).collect();
        if is_open {
            shown.push("..".to_owned());
        }
        shown.join(", ")
    };
    match &value.kind {
        Kind::None => "None".to_owned(),
        Kind::Bool(true) => "True".to_owned(),
        Kind::Bool(false) => "False".to_owned(),
        Kind::Int(int) => int.to_string(),
        Kind::Float(float) => format!("{float:?}"),
        Kind::Str(text) => format!("'{text}'"),
        Kind::Path(text) => format!("path {text}"),
        Kind::List(items) => format!("[{}]", list(&items.items, items.is_open)),
        Kind::Tuple(items) => format!("({})", list(&items.items, items.is_open)),
        Kind::Dict(dict) => {
            let mut shown: Vec<String> = dict
                .entries
                .iter()
                .map(|(key, value)| format!("{}: {}", show(key), show(value)))
                .collect();
            if dict.is_open {
                shown.push("..".to_owned());
            }
            format!("{{{}}}", shown.join(", "))
        }
        Kind::Env(env) => {
            let cast = match env.cast {
                Cast::Str => "str",
                Cast::Bool => "bool",
                Cast::Truthy => "truthy",
                Cast::Int => "int",
                Cast::Float => "float",
                Cast::List => "list",
                Cast::Data => "data",
                Cast::Url => "url",
                Cast::Path => "path",
                Cast::Other => "other",
            };
            if env.state == EnvState::Set {
                let resolved = env.resolved.as_ref().map_or("?".to_owned(), show);
                return format!("{}:{cast}={resolved}", env.name);
            }
            match &env.default {
                Some(default) => format!("{}:{cast} or {}", env.name, show(default)),
                None => format!("{}:{cast}!", env.name),
            }
        }
        Kind::FromFile(path) => format!("file {}", path.as_deref().unwrap_or("?")),
        Kind::Either(values) => {
            let shown: Vec<String> = values.iter().map(show).collect();
            format!("either({})", shown.join(" | "))
        }
        Kind::Unset => "unset".to_owned(),
        Kind::Object(_) => "object".to_owned(),
        Kind::Unknown(_) => "unknown".to_owned(),
    }
}

pub(super) fn check(table: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (code, expected) in table {
        let settings = settings(code);
        let found = match settings.get("X") {
            Some(setting) => show(&setting.value),
            None if settings.is_open => "open".to_owned(),
            None => "absent".to_owned(),
        };
        if found != *expected {
            wrong.push(format!(
                "{code}\n  expected {expected}\n  found    {found}\n"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn imports() {
    check(&[
        ("from .base import *\nX = DEBUG", "True"),
        ("from proj.base import *\nX = DEBUG", "True"),
        ("from . import base\nX = base.DEBUG", "True"),
        ("import proj.base\nX = proj.base.DEBUG", "True"),
        ("import proj.base as b\nX = b.DEBUG", "True"),
        ("from proj import base as b\nX = b.DEBUG", "True"),
        ("from .base import DEBUG as X", "True"),
        (
            "from .base import APPS\nX = APPS + ['c']",
            "['a', 'b', 'c']",
        ),
        (
            "from .base import *\nAPPS += ['c']\nX = APPS",
            "['a', 'b', 'c']",
        ),
        ("from .base import *\nX = _HIDDEN", "unknown"),
        ("from .base import *\nX = helper", "'h'"),
        ("from .listed import *\nX = A", "1"),
        ("from .listed import *\nX = B", "unknown"),
        ("from .pkg import *\nX = INNER + PKG", "3"),
        ("from .pkg import FROM_BASE as X", "True"),
        ("from .pkg.deploy import *\nX = [INNER, P]", "[2, 1]"),
        ("from .pkg import inner\nX = inner.INNER", "2"),
        ("X = 1\nfrom thirdparty.settings import *", "unknown"),
        ("from thirdparty.settings import *\nX = 1", "1"),
        ("from thirdparty.settings import *\nX = OTHER", "unknown"),
        ("from thirdparty.settings import *", "open"),
        ("from thirdparty import X", "object"),
        ("from .opened import *\nX = LATE", "2"),
        ("X = 1\nfrom .opened import *", "unknown"),
        ("from .opened import *\nX = KNOWN_BEFORE", "unknown"),
        ("from .broken import *\nX = 1", "1"),
        ("X = 1\nfrom .broken import *", "unknown"),
        ("from .ring_a import *\nX = [A, B]", "[1, 2]"),
        ("from .gone import *\nX = 1", "1"),
        ("X = 1\nfrom .gone import *", "unknown"),
        (
            "X = 1\ntry:\n    from .gone import *\nexcept ImportError:\n    pass",
            "1",
        ),
        (
            "X = 1\ntry:\n    from .gone import *\nexcept ImportError:\n    X = 2",
            "2",
        ),
        (
            "DEBUG = True\ntry:\n    from .local import *\nexcept ImportError:\n    pass\nX = DEBUG",
            "False",
        ),
        (
            "DEBUG = True\ntry:\n    from .local import *\nexcept (ImportError, OSError):\n    DEBUG = None\nX = DEBUG",
            "False",
        ),
        (
            "try:\n    from thirdparty import thing\n    X = 1\nexcept ImportError:\n    X = 2",
            "either(1 | 2)",
        ),
        (
            "try:\n    import thirdparty\nexcept ImportError:\n    X = 2\nelse:\n    X = 3",
            "either(3 | 2)",
        ),
        (
            "try:\n    import json\nexcept ImportError:\n    X = 2\nelse:\n    X = 3",
            "3",
        ),
        (
            "import importlib\nX = importlib.import_module('proj.base').DEBUG",
            "True",
        ),
        (
            "import importlib, os\nX = importlib.import_module('proj.' + os.environ['NONE']).DEBUG",
            "unknown",
        ),
        (
            "from split_settings.tools import include, optional\ninclude('parts/*.py', optional('nope.py'))\nX = [TWO, \
                SHARED]",
            "[2, ['one', 'two']]",
        ),
        ("X = 1\nfrom os import *\nfrom pathlib import *", "1"),
        ("from os.path import *\nX = join('a', 'b')", "'a/b'"),
        (
            "from django.conf import global_settings\nX = global_settings.APPS + ['x']",
            "['x', ..]",
        ),
        (
            "from .base import *\nNESTED['x']['y'] = 2\nX = NESTED",
            "{'x': {'y': 2}}",
        ),
    ]);
}

/// What serves is no run of tests.
#[test]
fn command_lines() {
    check(&[
        ("import sys\nX = 'test' in sys.argv", "False"),
        ("import sys\nX = 'pytest' not in sys.modules", "True"),
        ("import sys\nX = sys.argv[1:2] == ['test']", "False"),
        ("import sys\nX = 'test' != sys.argv[1]", "True"),
        (
            "import sys\nX = len(sys.argv) > 1 and sys.argv[1] == 'test'",
            "False",
        ),
        ("import sys\nX = 1\nif 'test' in sys.argv:\n    X = 2", "1"),
        ("import sys\nX = 'runserver' in sys.argv", "unknown"),
        ("import sys\nX = 'collectstatic' in sys.argv[1:]", "unknown"),
        (
            "class sys:\n    argv = ['test']\nX = 'test' in sys.argv",
            "True",
        ),
    ]);
}

#[test]
fn values() {
    check(&[
        ("X = None", "None"),
        ("X = 'a' 'b'", "'ab'"),
        ("X = b'abc'", "'abc'"),
        ("X = 60 * 60 * 24", "86400"),
        ("X = -1", "-1"),
        ("X = 10 / 4", "2.5"),
        ("X: bool = True", "True"),
        ("A = X = [1]", "[1]"),
        ("A, X = 1, 2", "2"),
        ("A, *X = f()", "unknown"),
        ("X = ['a'] + ['b']", "['a', 'b']"),
        ("X = ('a',) + ('b',)", "('a', 'b')"),
        ("X = ['a']\nX += ('b',)", "['a', 'b']"),
        ("X = ('a',)\nX += ('b',)", "('a', 'b')"),
        (
            "X = ['a']\nX.append('b')\nX.insert(0, 'z')\nX.remove('a')\nX.extend(['q'])",
            "['z', 'b', 'q']",
        ),
        ("X = [1, 2, 3]\nX.pop()\nX.pop(0)", "[2]"),
        ("X = ['a']\nY = X\nY.append('b')", "['a', 'b']"),
        ("X = ['a']\nY = list(X)\nY.append('b')", "['a']"),
        ("Y = {'k': 1}\nX = {'a': Y}\nY['k'] = 2", "{'a': {'k': 2}}"),
        ("X = {'a': 1, **{'b': 2}}", "{'a': 1, 'b': 2}"),
        ("X = {'a': 1} | {'a': 2}", "{'a': 2}"),
        ("X = dict(a=1, b=[2])", "{'a': 1, 'b': [2]}"),
        (
            "X = {'d': {}}\nX['d']['N'] = 1\nX.update({'e': 2}, f=3)",
            "{'d': {'N': 1}, 'e': 2, 'f': 3}",
        ),
        (
            "X = {'a': 1}\nX.setdefault('a', 9)\nX.setdefault('b', 2)",
            "{'a': 1, 'b': 2}",
        ),
        ("X = {'a': 1, 'b': 2}\ndel X['a']", "{'b': 2}"),
        ("X = 1\ndel X", "absent"),
        ("X = [*['a'], 'b']", "['a', 'b']"),
        ("X = [*other(), 'b']", "['b', ..]"),
        ("X = other() + ['b']", "['b', ..]"),
        ("X = ['a', 'b', 'c'][1:]", "['b', 'c']"),
        ("X = ['a', 'b', 'c'][-1]", "'c'"),
        ("X = {'a': {'b': 1}}['a']['b']", "1"),
        ("X = {'a': 1}.get('z', 5)", "5"),
        ("X = 'a,b'.split(',')", "['a', 'b']"),
        (
            "X = [h.strip() for h in ' a , b '.split(',') if h]",
            "['a', 'b']",
        ),
        ("X = {k: 1 for k in ['a', 'b']}", "{'a': 1, 'b': 1}"),
        ("X = list(map(str.strip, [' a ']))", "['a']"),
        ("X = list(filter(None, ['', 'a']))", "['a']"),
        ("X = '{}/{name}'.format('a', name='b')", "'a/b'"),
        ("X = '%s-%d' % ('a', 3)", "'a-3'"),
        ("X = '%(a)s' % {'a': 1}", "'1'"),
        ("N = 'n'\nX = f'{N}/x'", "'n/x'"),
        ("X = f'{other()}/x'", "unknown"),
        ("X = '/'.join(['a', 'b']).upper()", "'A/B'"),
        ("X = ' a '.strip() or 'b'", "'a'"),
        ("X = '' or 'b'", "'b'"),
        ("X = not []", "True"),
        ("X = 'a' if 1 < 2 else 'b'", "'a'"),
        ("X = 'b' in ['a', 'b']", "True"),
        ("X = other()", "unknown"),
        ("X = 1\nX = other(X)", "unknown"),
        ("def f(a, b=2):\n    return [a, b]\nX = f(1)", "[1, 2]"),
        ("X = (lambda s: s)('t')", "'t'"),
        (
            "_ = lambda s: s\nX = [('en', _('English'))]",
            "[('en', 'English')]",
        ),
        (
            "from django.utils.translation import gettext_lazy as _\nX = [('en', _('English'))]",
            "[('en', 'English')]",
        ),
        ("def f():\n    return other()\nX = f()", "unknown"),
        ("def f(n):\n    return f(n)\nX = f(1)", "unknown"),
        ("X = [1]\nother(X)", "unknown"),
        ("def f(a):\n    a.append(2)\nX = [1]\nf(X)", "[1, 2]"),
        ("def f():\n    global X\n    X = 2\nX = 1\nf()", "unknown"),
        ("class C:\n    A = 1\nX = C.A", "1"),
        ("import json\nX = json.loads('[1, \"a\"]')", "[1, 'a']"),
        ("import ast\nX = ast.literal_eval(\"['a']\")", "['a']"),
        (
            "import copy\nA = {'l': [1]}\nX = copy.deepcopy(A)\nX['m'] = 2",
            "{'l': [1], 'm': 2}",
        ),
        ("X = __name__", "'proj.settings'"),
    ]);
}

#[test]
fn paths() {
    check(&[
        (
            "import os\nX = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))",
            "'/code'",
        ),
        (
            "import os.path\nX = os.path.join(os.path.dirname(__file__), 'static')",
            "'/code/proj/static'",
        ),
        (
            "import os\nX = os.path.join('/code/a', '../static/')",
            "'/code/a/../static/'",
        ),
        (
            "import os\nX = os.path.normpath(os.path.join(os.path.dirname(__file__), '../static'))",
            "'/code/static'",
        ),
        (
            "from os.path import abspath, dirname, join\nX = join(dirname(dirname(abspath(__file__))), 's')",
            "'/code/s'",
        ),
        (
            "from pathlib import Path\nX = Path(__file__).resolve().parent.parent",
            "path /code",
        ),
        (
            "from pathlib import Path\nX = Path(__file__).resolve(strict=True).parents[1] / 'static'",
            "path /code/static",
        ),
        (
            "import pathlib\nX = str(pathlib.Path(__file__).parent.joinpath('a', 'b'))",
            "'/code/proj/a/b'",
        ),
        (
            "from pathlib import Path\nX = f'{Path(__file__).parent}/x'",
            "'/code/proj/x'",
        ),
        (
            "import environ\nR = environ.Path(__file__) - 2\nX = R('static')",
            "'/code/static'",
        ),
        (
            "import environ\nR = environ.Path(__file__) - 2\nX = str(R.path('apps'))",
            "'/code/apps'",
        ),
        (
            "from unipath import Path\nX = Path(__file__).ancestor(2).child('static')",
            "path /code/static",
        ),
        ("import os\nX = os.getcwd()", "unknown"),
        ("import os\nX = os.sep.join(['a', 'b'])", "'a/b'"),
        ("import os\nX = os.path.join(other(), 'a')", "unknown"),
    ]);
}
