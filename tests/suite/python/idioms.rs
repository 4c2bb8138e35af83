//! Idioms of settings modules, each with what may be said of it: a value, a value that depends on
//! the environment, or nothing. None is guessed.

use seatrial::python::settings::{
    Cast, EnvSource, EnvState, EnvValue, ImportRoot, Interpreter, Kind, RootLoader, Settings, Value,
};

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
        "proj/helpers.py",
        "import os\n\ndef get(name, default=None):\n    return os.environ.get(name, default)\n\n\
         def must(name):\n    try:\n        return os.environ[name]\n    except KeyError:\n        raise RuntimeError(name)\n\n\
         def flag(name, default=False):\n    value = os.environ.get(name)\n    if value is None:\n        return default\n    return value.lower() in ('1', 'true')\n",
    ),
];

fn settings(code: &str) -> Settings {
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
        is_certain: true,
    };
    Interpreter::new(&loader, &Fixed).settings("proj.settings")
}

/// A value as the table writes it.
fn show(value: &Value) -> String {
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

fn check(table: &[(&str, &str)]) {
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
            "from split_settings.tools import include, optional\ninclude('parts/*.py', optional('nope.py'))\nX = [TWO, SHARED]",
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

#[test]
fn environment() {
    check(&[
        ("import os\nX = os.environ['NONE']", "NONE:str!"),
        ("import os\nX = os.environ['FOO']", "FOO:str='bar'"),
        (
            "from os import environ\nX = environ.get('NONE')",
            "NONE:str or None",
        ),
        ("import os\nX = os.getenv('NONE', 'd')", "NONE:str or 'd'"),
        (
            "from os import getenv as g\nX = g('FOO', 'd')",
            "FOO:str='bar'",
        ),
        (
            "import os\nX = os.environ.get('NONE', False)",
            "NONE:str or False",
        ),
        (
            "import os\nX = bool(os.environ.get('NONE', False))",
            "NONE:truthy or False",
        ),
        (
            "import os\nX = bool(os.environ.get('OFF'))",
            "OFF:truthy=True",
        ),
        (
            "import os\nX = bool(int(os.environ.get('NONE', '0')))",
            "NONE:bool or False",
        ),
        (
            "import os\nX = int(os.environ.get('NUMBER', 1))",
            "NUMBER:int=42",
        ),
        (
            "import os\nX = os.environ.get('NONE', '') == 'True'",
            "NONE:bool or False",
        ),
        (
            "import os\nX = os.environ.get('ON') == 'true'",
            "ON:bool=True",
        ),
        (
            "import os\nX = os.environ.get('NONE', 'off').lower() in ('on', 'yes')",
            "NONE:bool or False",
        ),
        (
            "import os\nX = os.environ.get('NONE') != 'dev'",
            "NONE:bool or True",
        ),
        ("import os\nX = 'NONE' in os.environ", "unknown"),
        ("import os\nX = 'FOO' in os.environ", "True"),
        (
            "import os\nX = os.environ.get('NONE') or 'fallback'",
            "NONE:str or 'fallback'",
        ),
        (
            "import os\nX = os.environ.get('NONE', 'a,b').split(',')",
            "NONE:list or ['a', 'b']",
        ),
        (
            "import os\nX = [h.strip() for h in os.environ.get('HOSTS', '').split(',')]",
            "HOSTS:list=['a.example', 'b.example']",
        ),
        (
            "import os\nX = ['x'] + os.environ.get('NONE', 'a').split()",
            "NONE:list or ['x', 'a']",
        ),
        ("import os\nX = f\"{os.environ['NONE']}/x\"", "NONE:str!"),
        (
            "import os\nX = '%s/x' % os.environ.get('FOO')",
            "FOO:str='bar/x'",
        ),
        (
            "import os\nX = True if os.environ.get('NONE') == '1' else False",
            "NONE:other or False",
        ),
        (
            "import os\nX = os.environ.get('NONE', os.environ.get('OTHER', 'd'))",
            "NONE:str or OTHER:str or 'd'",
        ),
        (
            "import json, os\nX = json.loads(os.environ.get('DATA', '{}'))",
            "DATA:data={'a': [1, True]}",
        ),
        (
            "import os\nX = os.environ.get('ODD', 'd')",
            "ODD:str or 'd'",
        ),
        (
            "import os\nos.environ.setdefault('NONE', 'v')\nX = os.environ['NONE']",
            "NONE:str or 'v'",
        ),
        (
            "import os\nos.environ['NONE'] = 'v'\nX = os.getenv('NONE')",
            "'v'",
        ),
        (
            "import os\ntry:\n    X = os.environ['NONE']\nexcept KeyError:\n    X = 'd'",
            "NONE:str or 'd'",
        ),
        (
            "from .helpers import get\nX = get('NONE', 'd')",
            "NONE:str or 'd'",
        ),
        ("from .helpers import must\nX = must('NONE')", "NONE:str!"),
        (
            "from proj import helpers\nX = helpers.flag('NONE')",
            "either(False | NONE:bool or unknown)",
        ),
        ("import os\nX = os.environ[other()]", "unknown"),
    ]);
}

#[test]
fn readers() {
    check(&[
        (
            "import environ\nenv = environ.Env()\nX = env('NONE')",
            "NONE:str!",
        ),
        (
            "import environ\nenv = environ.Env(NONE=(bool, False))\nX = env('NONE')",
            "NONE:bool or False",
        ),
        (
            "from environ import Env\nenv = Env()\nX = env.bool('NONE', default=True)",
            "NONE:bool or True",
        ),
        (
            "import environ\nenv = environ.Env()\nX = env.bool('OFF', True)",
            "OFF:bool=False",
        ),
        (
            "import environ\nenv = environ.Env()\nX = env.list('HOSTS')",
            "HOSTS:list=['a.example', 'b.example']",
        ),
        (
            "import environ\nenv = environ.Env()\nX = env.list('NONE', default=['a'])",
            "NONE:list or ['a']",
        ),
        (
            "import environ\nenv = environ.Env()\nX = env('NONE', cast=[str], default=[])",
            "NONE:list or []",
        ),
        (
            "import environ\nenv = environ.Env()\nX = env.db('NONE', default='sqlite:////tmp/x')['ENGINE']",
            "NONE:other or 'django.db.backends.sqlite3'",
        ),
        (
            "import environ\nenv = environ.Env()\nX = env.db()['ENGINE']",
            "DATABASE_URL:other!",
        ),
        (
            "import environ\nenv = environ.Env()\nX = env.cache('NONE', default='locmemcache://')",
            "NONE:url or unknown",
        ),
        (
            "import environ\nenv = environ.Env()\nenviron.Env.read_env('.env')\nX = env('FOO')",
            "FOO:str='bar'",
        ),
        (
            "from decouple import config\nX = config('NONE')",
            "NONE:str!",
        ),
        (
            "from decouple import config\nX = config('NONE', default='off', cast=bool)",
            "NONE:bool or False",
        ),
        (
            "from decouple import config, Csv\nX = config('NONE', default='a, b', cast=Csv())",
            "NONE:list or ['a', 'b']",
        ),
        (
            "from decouple import config\nX = config('HOSTS', cast=lambda v: [s.strip() for s in v.split(',')])",
            "HOSTS:other=['a.example', 'b.example']",
        ),
        (
            "import dj_database_url\nX = dj_database_url.config()",
            "DATABASE_URL:url or {}",
        ),
        (
            "import dj_database_url\nX = dj_database_url.config(default='sqlite:///db')['ENGINE']",
            "DATABASE_URL:other or 'django.db.backends.sqlite3'",
        ),
        (
            "import dj_database_url\nX = dj_database_url.config(env='DB', conn_max_age=600)['CONN_MAX_AGE']",
            "DB:other=600",
        ),
        (
            "import dj_database_url, os\nX = dj_database_url.parse(os.environ['DB'])['PASSWORD']",
            "DB:other='p@x'",
        ),
        (
            "from environs import Env\nenv = Env()\nX = env.bool('NONE', False)",
            "NONE:bool or False",
        ),
        (
            "from environs import Env\nenv = Env()\nwith env.prefixed('F'):\n    X = env('OO')",
            "FOO:str='bar'",
        ),
        (
            "from environs import env\nX = env.int('NUMBER')",
            "NUMBER:int=42",
        ),
        (
            "from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    on: bool = False\n    key: str\ns = S()\nX = [s.on, s.key]",
            "[ON:bool=True, KEY:str!]",
        ),
        (
            "X = 1\nimport dynaconf\nsettings = dynaconf.DjangoDynaconf(__name__)",
            "unknown",
        ),
        (
            "from configurations import Configuration, values\nclass Prod(Configuration):\n    X = values.BooleanValue(False)",
            "open",
        ),
        (
            "X = open('/run/secrets/key').read().strip()",
            "file /run/secrets/key",
        ),
        (
            "with open('/run/secrets/key') as f:\n    X = f.read()",
            "file /run/secrets/key",
        ),
        (
            "from pathlib import Path\nX = Path('/run/secrets/key').read_text()",
            "file /run/secrets/key",
        ),
        (
            "import os\nX = eval(os.environ.get('NONE', 'False'))",
            "unknown",
        ),
    ]);
}

#[test]
fn ways() {
    check(&[
        ("X = 1\nif True:\n    X = 2", "2"),
        ("DEBUG = False\nif DEBUG:\n    X = 1\nelse:\n    X = 2", "2"),
        (
            "import os\nif os.environ.get('FOO') == 'bar':\n    X = 1\nelif other():\n    X = 2\nelse:\n    X = 3",
            "1",
        ),
        (
            "import os\nif os.environ.get('NONE'):\n    X = 1\nelse:\n    X = 2",
            "either(1 | 2)",
        ),
        (
            "import os\nX = 1\nif os.environ.get('NONE'):\n    X = 1",
            "1",
        ),
        (
            "import sys\nif 'test' in sys.argv:\n    X = 1",
            "either(1 | unset)",
        ),
        (
            "import sys\nX = ['a']\nif other():\n    X += ['b']",
            "either(['a', 'b'] | ['a'])",
        ),
        (
            "import sys\nif sys.platform == 'win32':\n    X = 1\nelse:\n    X = 2",
            "2",
        ),
        ("for h in ['a', 'b']:\n    X = h", "'b'"),
        (
            "X = []\nfor h in ['a', 'b']:\n    X.append(h)",
            "['a', 'b']",
        ),
        ("X = []\nfor h in other():\n    X.append(h)", "unknown"),
        ("X = 1\nwhile other():\n    X = 2", "unknown"),
        ("X = 1\nfor h in ['a']:\n    X = 2\n    break", "unknown"),
        ("if other():\n    raise ValueError\nX = 1", "1"),
        ("if other():\n    X = 1\nelse:\n    raise ValueError", "1"),
        ("globals()['X'] = 1", "1"),
        ("X = 1\nglobals().update({'X': 2})", "2"),
        ("X = 1\nglobals().update(other())", "unknown"),
        ("X = 1\nimport heroku\nheroku.settings(locals())", "unknown"),
        ("X = 1\nexec(open('x').read())", "unknown"),
        (
            "X = 1\nimport sys\nsetattr(sys.modules[__name__], 'X', 2)",
            "unknown",
        ),
        ("X = 1\nif __name__ == '__main__':\n    X = 2", "1"),
        (
            "match 'a':\n    case 'a' | 'b':\n        X = 1\n    case _:\n        X = 2",
            "1",
        ),
        (
            "try:\n    X = open('VERSION').read()\nexcept OSError:\n    X = 'none'",
            "either(file VERSION | 'none')",
        ),
        ("X = 1\ntry:\n    X = 2\nexcept Exception:\n    X = 3", "2"),
        ("X = 1\nif (Y := 2) > 1:\n    X = Y", "2"),
        (
            "from typing import TYPE_CHECKING\nX = 1\nif TYPE_CHECKING:\n    X = 2",
            "1",
        ),
        (
            "import os\nMODE = os.environ.get('NONE', 'dev')\nX = {'dev': 1, 'prod': 2}[MODE]",
            "NONE:other or 1",
        ),
        (
            "import os\nMODE = os.environ.get('NONE', 'dev')\nX = MODE == 'dev' and other() is None",
            "NONE:bool or unknown",
        ),
    ]);
}
