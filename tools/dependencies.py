#!/usr/bin/env python3
"""Writes rules/data/dependencies.tsv and django-bounds.tsv: what well-known distributions bring along, and which Django they refuse, from the
lock files of projects.

    tools/dependencies.py DIRECTORY

Reads every `poetry.lock` and `uv.lock` below the directory: they say of each release which distributions it depends on. A distribution
is in the table where at least SEEN of them lock it, with all that it may bring along.
"""

import re
import sys
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

SEEN = 8
# Extras for those who work on a distribution.
OWN = re.compile(r"dev|doc|test|lint|typ|check|build|all|complete|cover|nspkg|tutorial|bench|mypy|release|quality")
LARGEST = 3_000_000
HEAD = """\
# What well-known distributions bring along: the distributions that one of their releases depends on.
# From the lock files (poetry.lock, uv.lock) of {files} public projects, by tools/dependencies.py. As of 2026-11-29.
# since: the oldest release that a lock file has. brings: for all later ones; `name<1.2`: for those before that one only. extras: what its
# extras bring, each as `extra=name`. A distribution that may bring one which is not in the table is not in it either.
# row: Dependencies
name:text\tsince:text\tbrings:[text]\textras:[text]
"""
BOUNDS = """\
# Releases of distributions that refuse newer series of Django, and the first Django that each refuses.
# From the lock files (poetry.lock) of public projects, by tools/dependencies.py. As of 2026-11-29.
# key: several
# row: DjangoBound
name:text\tversion:text\tbelow:text
"""


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def version(text):
    found = re.fullmatch(r"v?(\d+(?:\.\d+)*)(?:\.?post\d+)?", text)
    return tuple(map(int, found[1].split("."))) if found else None


def of_uv(package):
    for one in package.get("dependencies", []):
        yield normal(one["name"]), one.get("extra", [])


def of_poetry(package):
    for name, said in package.get("dependencies", {}).items():
        ways = [one for one in (said if isinstance(said, list) else [said])]
        tables = [one for one in ways if isinstance(one, dict)]
        if len(tables) == len(ways) and all(one.get("optional") for one in tables):
            continue
        yield normal(name), [extra for one in tables for extra in one.get("extras", [])]


def bound(package):
    """The first Django that a package of a poetry.lock refuses; None without one."""
    said = next((said for name, said in package.get("dependencies", {}).items() if normal(name) == "django"), "")
    found = re.findall(r"<(=?)\s*(\d+(?:\.\d+)*)(?![\d.]*[a-z])", said) if isinstance(said, str) and "||" not in said else []
    return found[0][1] if len(found) == 1 and not found[0][0] else None


def read(root, bounds):
    brings = defaultdict(dict)
    extras = defaultdict(lambda: defaultdict(set))
    seen = Counter()
    files = 0
    for path in sorted(Path(root).rglob("*.lock")):
        if path.name not in ("poetry.lock", "uv.lock") or path.stat().st_size > LARGEST:
            continue
        try:
            lock = tomllib.loads(path.read_text())
        except (ValueError, OSError):
            continue
        files += 1
        is_uv = path.name == "uv.lock"
        for package in lock.get("package", []):
            name, number = normal(package["name"]), version(package.get("version", ""))
            source = package.get("source", {})
            is_public = "registry" in source if is_uv else source.get("type") in (None, "legacy")
            if not number or not is_public:
                continue
            seen[name] += 1
            if not is_uv and (below := bound(package)):
                bounds.add((name, number, below))
            found = brings[name].setdefault(number, {})
            for other, asked in (of_uv if is_uv else of_poetry)(package):
                found.setdefault(other, set()).update(asked)
            options = package.get("optional-dependencies", {}) if is_uv else package.get("extras", {})
            for extra, items in options.items():
                for item in items:
                    text = item["name"] if is_uv else re.split(r"[ (\[;<>=!~@]", item)[0]
                    extras[name][extra].add(normal(text))
    return brings, extras, seen, files


def row(name, releases, extras):
    """What it brings: name, and the first release without it, or None."""
    numbers = sorted(releases)
    out = {}
    every = {other for found in releases.values() for other in found}
    for other in every:
        having = [number for number in numbers if other in releases[number]]
        later = [number for number in numbers if number > having[-1]]
        out[other] = later[0] if later else None
        # What is asked for with an extra brings what that extra does.
        for extra in {extra for found in releases.values() for extra in found.get(other, ())}:
            for more in extras[other].get(extra, ()):
                out.setdefault(more, out[other])
    return out


def main(root):
    bounds = set()
    brings, extras, seen, files = read(root, bounds)
    rows = {name: row(name, releases, extras) for name, releases in brings.items()}
    # Only what is known to its end.
    while True:
        open_ends = [name for name, found in rows.items() if any(other not in rows for other in found)]
        if not open_ends:
            break
        for name in open_ends:
            del rows[name]
    todo = [name for name in rows if seen[name] >= SEEN]
    wanted = set()
    while todo:
        name = todo.pop()
        if name not in wanted:
            wanted.add(name)
            todo += rows[name]
    rows = {name: rows[name] for name in wanted}
    out = HEAD.format(files=files)
    text = lambda number: ".".join(map(str, number))
    for name in sorted(rows):
        bound = lambda item: item[0] + (f"<{text(item[1])}" if item[1] else "")
        cells = " ".join(map(bound, sorted(rows[name].items(), key=lambda item: item[0]))) or "-"
        asked = [(extra, one) for extra, found in extras[name].items() if not OWN.search(extra) and found <= rows.keys() for one in found]
        more = " ".join(f"{extra}={one}" for extra, one in sorted(asked)) or "-"
        out += f"{name}\t{text(min(brings[name]))}\t{cells}\t{more}\n"
    lines = (f"{name}\t{text(number)}\t{below}\n" for name, number, below in sorted(bounds))
    data = Path(__file__).resolve().parent.parent / "rules" / "data"
    (data / "django-bounds.tsv").write_text(BOUNDS + "".join(lines))
    (data / "dependencies.tsv").write_text(out)


if __name__ == "__main__":
    main(sys.argv[1])
