#!/usr/bin/env python3
"""Writes rules/data/recommends.tsv: what `apt-get install NAME` installs beyond the dependencies, because it is recommended.

    tools/recommends.py bookworm=Packages-of-bookworm trixie=Packages-of-trixie NAMES

The indices are those of main for amd64, unpacked; NAMES has one package on a line.
"""

import re
import sys
from datetime import date
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "rules" / "data"
SUITES = ("bookworm", "trixie")


def index(path):
    """The packages of an index by name, and who provides a virtual one."""
    packages, providers = {}, {}
    for block in Path(path).read_text(encoding="utf-8").split("\n\n"):
        fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", block, re.M))
        name = fields.get("Package")
        if not name:
            continue
        packages[name] = fields
        for provided in names(fields.get("Provides", "")):
            providers.setdefault(provided[0], []).append(name)
    return packages, providers


def names(field):
    """Alternatives by comma, without versions and architectures."""
    groups = [group for group in field.split(",") if group.strip()]
    return [[re.split(r"[\s(:]", one.strip())[0] for one in group.split("|")] for group in groups]


def closure(start, packages, providers, there, with_recommended):
    """What is installed with a package, as apt chooses: what is there already, else the first that exists."""
    found, todo = set(), [start]
    while todo:
        name = todo.pop()
        if name in found or name in there or name not in packages:
            continue
        found.add(name)
        fields = packages[name]
        wanted = names(fields.get("Depends", "")) + names(fields.get("Pre-Depends", ""))
        if with_recommended:
            wanted += names(fields.get("Recommends", ""))
        for group in wanted:
            real = [[one] if one in packages else providers.get(one, []) for one in group]
            real = [one for ones in real for one in ones]
            if real and not any(one in found or one in there for one in real):
                todo.append(real[0])
    return found


def main():
    indices = dict(argument.split("=", 1) for argument in sys.argv[1:3])
    wanted = sorted(set(Path(sys.argv[3]).read_text().split()))
    slim = {suite: set() for suite in SUITES}
    for line in (DATA / "debian-preinstalled.tsv").read_text().splitlines():
        cells = line.split("\t")
        for suite in SUITES:
            if len(cells) > 1 and suite in cells[1].split():
                slim[suite].add(cells[0])
    rows = {}
    for column, suite in enumerate(SUITES):
        packages, providers = index(indices[suite])
        # What every Debian has, whether the table of images knows it or not.
        there = slim[suite] | {n for n, f in packages.items() if f.get("Priority") == "required" or f.get("Essential") == "yes"}
        for name in wanted:
            if name in packages:
                more = closure(name, packages, providers, there, True) - closure(name, packages, providers, there, False)
                if more:
                    direct = [one for group in names(packages[name].get("Recommends", "")) for one in group]
                    first = [one for one in direct if one in more] + sorted(more - set(direct))
                    rows.setdefault(name, [[], []])[column] = first[:4]
    out = [
        "# What apt installs besides a Debian package and its dependencies because it is recommended, in a slim image: the first four, direct ones first.",
        f"# From the package indices of bookworm and trixie (main, amd64), dependencies and recommendations followed to their end. As of {date.today()}.",
        "# Written by tools/recommends.py. Packages that are not in the table bring nothing more, or are not known.",
        "# row: Recommends",
        "name:text\tbookworm:[text]\ttrixie:[text]",
    ]
    out += ["\t".join([name, *(" ".join(cell) or "-" for cell in cells)]) for name, cells in sorted(rows.items())]
    (DATA / "recommends.tsv").write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
