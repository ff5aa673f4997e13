"""The report of an import: a page for people, a table for programs."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from flask import render_template
from flask_babel import gettext, lazy_gettext

from app.plans.importing import Finding, ImportOutcome

_COLUMNS = ("kind", "feature", "message", "hint", "lon", "lat", "area_m2")
# The kinds of finding, in the words of the page; the table keeps the keys, for programs.
KINDS: Mapping[str, object] = {
    "refused": lazy_gettext("Refused"),
    "invalid": lazy_gettext("Invalid outline"),
    "overlap": lazy_gettext("Overlap"),
    "gap": lazy_gettext("Gap"),
    "sliver": lazy_gettext("Sliver"),
    "repair": lazy_gettext("Proposed repair"),
    "emptied": lazy_gettext("Emptied by the repair"),
    "local_code": lazy_gettext("Local code"),
    "area": lazy_gettext("Area differs from LUASHA"),
    "attribute": lazy_gettext("Column"),
    "note": lazy_gettext("Note"),
}
# A page with more rows than this is no longer read; the table holds them all.
_MOST_ROWS = 500


def write_report(outcome: ImportOutcome, folder: Path) -> None:
    """Write report.html and findings.csv into the folder, replacing earlier ones."""
    folder.mkdir(parents=True, exist_ok=True)
    findings = list(all_findings(outcome))
    with (folder / "findings.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for item in findings:
            writer.writerow(
                [
                    item.kind,
                    item.number,
                    item.message,
                    item.hint,
                    _degrees(item.lon),
                    _degrees(item.lat),
                    item.area_m2,
                ]
            )
    page = render_template(
        "plans/import_report.html",
        outcome=outcome,
        findings=findings[:_MOST_ROWS],
        total=len(findings),
        kinds=KINDS,
    )
    (folder / "report.html").write_text(page, encoding="utf-8")


def all_findings(outcome: ImportOutcome) -> Iterator[Finding]:
    """Everything found, the gravest first."""
    yield from outcome.refusals
    coverage, numbers = outcome.coverage, outcome.numbers
    for item in coverage.overlaps if coverage else ():
        message = gettext(
            "Features overlap: %(first)s and %(second)s", first=numbers[item.first], second=numbers[item.second]
        )
        yield Finding("overlap", message, None, None, item.lon, item.lat, item.area_m2)
    for gap in coverage.gaps if coverage else ():
        yield Finding("gap", gettext("A gap between zones"), None, None, gap.lon, gap.lat, gap.area_m2)
    for sliver in coverage.slivers if coverage else ():
        message = gettext("A sliver: smaller or narrower than a zone can be")
        yield Finding("sliver", message, None, numbers[sliver.zone], sliver.lon, sliver.lat, sliver.area_m2)
    yield from outcome.repairs
    for code, count in sorted(outcome.local_codes.items()):
        message = gettext(
            "Code %(code)s is not in the code list; added as a local code (%(count)s zones)",
            code=code,
            count=count,
        )
        yield Finding("local_code", message)
    yield from outcome.findings


def _degrees(value: float | None) -> str:
    return "" if value is None else f"{value:.7f}"
