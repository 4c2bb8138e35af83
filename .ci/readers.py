"""Reads reports with libraries that are not ours and compares what they understood with our JSON.

usage: readers.py DIRECTORY NAME, for DIRECTORY/NAME.{json,sarif,junit,checkstyle,hadolint-json,gitlab} and, where the converter was there,
DIRECTORY/NAME.converted.sarif. Prints how many findings were compared.
"""

import json
import sys
from pathlib import Path
from urllib.parse import unquote

from diff_cover.violationsreporters.java_violations_reporter import CheckstyleXmlDriver
from junitparser import Failure, JUnitXml
from sarif import loader

stem = sys.argv[1] + "/" + sys.argv[2] + "."


def text(ending):
    return Path(stem + ending).read_text(encoding="utf-8")


def in_xml(string):
    """XML has no room for most control characters; line ends in an attribute are kept."""
    return "".join(c if c >= " " or c in "\t\n\r" else "\ufffd" for c in string)


def same(what, theirs, ours):
    theirs, ours = sorted(theirs), sorted(ours)
    if theirs != ours:
        sys.exit(f"{sys.argv[2]}: {what}:\n  only read: {[x for x in theirs if x not in ours]}\n  only written: {[x for x in ours if x not in theirs]}")


report = json.loads(text("json"))
findings = [(f["file"], f["range"]["start"]["line"], f["message"]) for f in report["findings"]]
with_help = [(*one[:2], "\n".join(filter(None, (one[2], f["help"])))) for one, f in zip(findings, report["findings"])]
problems = [(e["file"], (e["range"] or {"start": {"line": 1}})["start"]["line"], e["message"]) for e in report["errors"]]

sarif = loader.load_sarif_file(stem + "sarif")
# Silenced findings are results too; this reader does not tell them apart.
silenced = sum("suppressions" in result for run in json.loads(text("sarif"))["runs"] for result in run["results"])
records = [(unquote(r["Location"]), int(r["Line"]), r["Description"]) for r in sarif.get_records()]
if silenced:
    assert len(records) == len(findings) + silenced and set(records) >= set(with_help), "sarif"
else:
    same("sarif", records, with_help)

# Cases and failures as they are counted in the head; every text of a finding that fails is in one.
junit = JUnitXml.fromfile(stem + "junit")
failed = [r for suite in junit for case in suite for r in case.result if isinstance(r, Failure)]
assert len(failed) == junit.failures, (len(failed), junit.failures)
assert sum(1 for suite in junit for _ in suite) == junit.tests
bodies = "\n".join((r.text or "") + (r.message or "") for r in failed)
for f in report["findings"]:
    if f["severity"] != "info":
        assert in_xml(f["message"]) in bodies, f["message"]

checkstyle = CheckstyleXmlDriver().parse_reports([text("checkstyle").split("\n", 1)[1]])
read = [(file, v.line, v.message.split(": ", 1)[1]) for file, violations in checkstyle.items() for v in violations]
same("checkstyle", read, [(in_xml(file), line, in_xml(message)) for file, line, message in findings + problems])

# What GitLab documents: these keys, a fingerprint of its own for each, one of five severities.
issues = json.loads(text("gitlab"))
prints = [issue["fingerprint"] for issue in issues]
assert len(set(prints)) == len(prints), "fingerprints"
for issue in issues:
    assert issue["severity"] in ("info", "minor", "major", "critical", "blocker"), issue
    assert issue["description"] and issue["check_name"], issue
same("gitlab", [(i["location"]["path"], i["location"]["positions"]["begin"]["line"]) for i in issues], [one[:2] for one in findings + problems])

converted = Path(stem + "converted.sarif")
if converted.exists():
    results = [result for run in json.loads(converted.read_text())["runs"] for result in run["results"]]
    place = [r["locations"][0]["physicalLocation"] for r in results]
    theirs = [(p["artifactLocation"]["uri"], p["region"]["startLine"], r["message"]["text"]) for p, r in zip(place, results)]
    same("hadolint-json", theirs, findings + problems)

print(len(findings) + len(problems))
