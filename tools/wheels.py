#!/usr/bin/env python3
"""Writes rules/data/wheels.tsv: from which release on a compiled distribution has Linux wheels for a series of Python.

Asks PyPI's JSON API for the distributions of rules/data/pypi.tsv that have wheels at all, one request each.
"""

import json
import re
import sys
import urllib.request
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "rules" / "data"
SERIES = [(3, minor) for minor in range(6, 16)]
# Their C parts are optional: older releases are installed without wheels as well.
OPTIONAL = {"markupsafe", "msgpack", "rapidfuzz"}
MORE = ["ujson", "regex", "lazy-object-proxy", "scipy", "matplotlib", "scikit-learn", "opencv-python", "netifaces", "rpds-py",
        "watchfiles", "frozenlist", "multidict", "yarl", "kiwisolver", "bitarray", "h3", "levenshtein", "pyzmq", "pyarrow"]
HEAD = """\
# Releases of compiled distributions that have Linux wheels for a series of Python, for x86_64.
# From PyPI's file lists, by tools/wheels.py. As of 2026-11-28.
# glibc, musl: the runs of releases with wheels, `first..last`; the last one is open where the newest release has them. `abi3` and `py3` wheels
# count for each later series.
# key: several
# row: WheelSpan
name:text\tpython:series\tglibc:[text]\tmusl:[text]
"""


def names():
    for line in (DATA / "pypi.tsv").read_text().splitlines():
        if line.startswith("#") or line.startswith("name:"):
            continue
        cells = line.split("\t")
        if "native" in cells[2:4] and cells[0] not in OPTIONAL:
            yield cells[0]
    yield from MORE


def final(version):
    """The numbers of a final release (`post` counts); None for others."""
    found = re.fullmatch(r"v?(\d+(?:\.\d+)*)(?:\.?post(\d+))?", version)
    return found and (tuple(map(int, found[1].split("."))) + (0,) * 6)[:6] + (int(found[2] or -1),)


def fits(tags, series, libc):
    python, abi, platform = tags
    is_pure = platform == "any"
    platforms = platform.split(".")
    if not is_pure and not any(re.match(libc, one) and one.endswith("x86_64") for one in platforms):
        return False
    for one in python.split("."):
        found = re.fullmatch(r"(cp|py)(\d)(\d*)", one)
        if not found or found[2] != str(series[0]):
            continue
        minor = int(found[3]) if found[3] else 0
        if found[1] == "py":
            if minor <= series[1]:
                return True
        elif minor == series[1] and ("abi3" in abi or not abi.endswith("t")):
            return True
        elif "abi3" in abi.split(".") and minor <= series[1]:
            return True
    return False


def runs(releases, series, libc):
    """The runs of releases that have wheels."""
    out = []
    first = last = None
    for version, wheels in releases:
        if any(fits(tags, series, libc) for tags in wheels):
            first, last = first or version, version
        elif first:
            out.append(f"{first}..{last}")
            first = None
    if first:
        out.append(f"{first}..")
    return " ".join(out)


def main():
    rows = []
    for name in sorted(set(names())):
        try:
            with urllib.request.urlopen(f"https://pypi.org/pypi/{name}/json", timeout=60) as answer:
                data = json.load(answer)
        except Exception as error:
            print(name, error, file=sys.stderr)
            continue
        releases = []
        for version, files in data["releases"].items():
            files = [one for one in files if not one["yanked"]]
            if final(version) is None or not files:
                continue
            wheels = []
            for one in files:
                if one["packagetype"] == "bdist_wheel":
                    wheels.append(one["filename"].removesuffix(".whl").split("-")[-3:])
            releases.append((version, wheels))
        releases.sort(key=lambda one: final(one[0]))
        for series in SERIES:
            glibc = runs(releases, series, "manylinux")
            musl = runs(releases, series, "musllinux")
            if glibc or musl:
                rows.append("\t".join([name, ".".join(map(str, series)), glibc or "-", musl or "-"]))
    (DATA / "wheels.tsv").write_text(HEAD + "\n".join(rows) + "\n")


main()
