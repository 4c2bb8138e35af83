//! What settings read from outside, and the ways code may take.

use super::idioms::check;

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
        ("import os\nX = 'NONE' in os.environ", "NONE:bool or False"),
        ("import os\nX = 'FOO' in os.environ", "FOO:bool=True"),
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
            "NONE:bool or False",
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
            "HOSTS:list=['a.example', ' b.example']",
        ),
        (
            "import environ\nenv = environ.Env()\nX = env('HOSTS', cast=[int])",
            "HOSTS:data=unknown",
        ),
        (
            "from environs import Env\nenv = Env()\nX = env.list('HOSTS')",
            "HOSTS:list=['a.example', ' b.example']",
        ),
        (
            "from environs import Env\nenv = Env()\nX = env.list('NUMBER', subcast=int)",
            "NUMBER:data=unknown",
        ),
        (
            "from decouple import config\nX = config('HOSTS', cast=list)",
            "HOSTS:data=unknown",
        ),
        (
            "import dj_database_url as d\nX = d.parse('sqlite://', ssl_require=True)['NAME']",
            "':memory:'",
        ),
        (
            "import dj_database_url as d\nX = d.parse('sqlite://', ssl_require=True).get('OPTIONS')",
            "unknown",
        ),
        (
            "import environ\nenv = environ.Env()\nX = env('NONE', default=['a'])",
            "NONE:list or ['a']",
        ),
        (
            "import environ\nenv = environ.Env()\nX = env('HOSTS', default=[])",
            "HOSTS:list=['a.example', ' b.example']",
        ),
        (
            "import environ\nenv = environ.Env()\nX = env('OFF', default=True)",
            "OFF:bool=False",
        ),
        (
            "import environ\nenv = environ.Env()\nX = env('NUMBER', default=1)",
            "NUMBER:int=42",
        ),
        (
            "import environ\nenv = environ.Env()\nX = env('FOO', default=('a',))",
            "FOO:list=('bar')",
        ),
        (
            "import environ\nenv = environ.Env()\nX = env('OFF', default='x')",
            "OFF:str='False'",
        ),
        (
            "import environ\nenv = environ.Env()\nX = env('OFF', default=None)",
            "OFF:str='False'",
        ),
        (
            "import environ\nenv = environ.Env()\nX = env.str('OFF', default=False)",
            "OFF:str='False'",
        ),
        (
            "import environ\nenv = environ.Env()\nenv.smart_cast = False\nX = env('OFF', default=True)",
            "OFF:str='False'",
        ),
        (
            "import environ\nenv = environ.Env()\nenv.smart_cast = unknown()\nX = env('OFF', default=True)",
            "OFF:other=unknown",
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
            concat!(
                "from pydantic_settings import BaseSettings\n",
                "class S(BaseSettings):\n",
                "    on: bool = False\n",
                "    key: str\n",
                "s = S()\n",
                "X = [s.on, s.key]",
            ),
            "[ON:bool=True, KEY:str!]",
        ),
        (
            "X = 1\nimport dynaconf\nsettings = dynaconf.DjangoDynaconf(__name__)",
            "unknown",
        ),
        (
            concat!(
                "from configurations import Configuration, values\n",
                "class Prod(Configuration):\n",
                "    X = values.BooleanValue(False)",
            ),
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
            "NONE:other or 2",
        ),
        (
            "import os\nX = 1\nif os.environ.get('NONE'):\n    X = 1",
            "1",
        ),
        (
            "import sys\nif 'runserver' in sys.argv:\n    X = 1",
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
