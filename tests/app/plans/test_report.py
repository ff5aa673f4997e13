"""The report of an import: a page for people in either language, a table for programs."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask_babel import force_locale
from sqlalchemy.orm import Session

from tests.factories import files
from tests.factories.plans import feature, row_of_zones, square, write_layer

Rows = Callable[..., list[tuple[Any, ...]]]
Nothing = Callable[[], bool]
Import = Callable[..., Result]


class Outline:
    """The tags of a page, checked to be closed in order."""

    VOID = frozenset({"meta", "br", "link", "img", "hr", "input"})

    def __init__(self, page: str) -> None:
        self.open: list[str] = []
        self.seen: list[str] = []
        self.attributes: dict[str, dict[str, str | None]] = {}
        parser = HTMLParser()
        parser.handle_starttag = self._start  # type: ignore[method-assign]
        parser.handle_endtag = self._end  # type: ignore[method-assign]
        parser.feed(page)
        parser.close()

    def _start(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes.setdefault(tag, dict(attributes))
        if tag not in self.VOID:
            self.open.append(tag)

    def _end(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    ("language", "words"),
    [("id", ("Laporan", "Ditolak", "Tumpang tindih", "Celah")), ("en", ("report", "Refused", "Overlap", "Gap"))],
)
def test_a_dry_run_writes_a_report_for_people_and_one_for_programs(
    session: Session,
    tmp_path: Path,
    import_file: Import,
    nothing_kept: Nothing,
    language: str,
    words: tuple[str, ...],
) -> None:
    ring = [feature(square(column, row)) for column in range(3) for row in range(3) if (column, row) != (1, 1)]
    ring[0] = feature(square(0, 0, width=1.5), "XX-1", NAMOBJ="<script>alert(1)</script>", LUASHA=99)
    ring.append({**feature(square(4, 0)), "geometry": None})
    ring.append(feature(square(5, 0, width=1e-4), NAMOBJ="serpihan"))
    path = tmp_path / "<b>zona.geojson"
    files.geojson(path, ring)
    with force_locale(language):
        result = import_file(path, "--dry-run", "--accept-refusals")
    assert result.exit_code == 0, result.output
    assert nothing_kept()
    found = files.findings(tmp_path)
    assert list(found[0]) == ["kind", "feature", "message", "hint", "lon", "lat", "area_m2"]
    kinds = {item["kind"] for item in found}
    assert kinds >= {"refused", "overlap", "gap", "sliver", "local_code", "area", "repair"}
    [refused] = [item for item in found if item["kind"] == "refused"]
    assert refused["feature"] == "9"
    [gap] = [item for item in found if item["kind"] == "gap"]
    assert 117.481 < float(gap["lon"]) < 117.482
    assert 12_000 < float(gap["area_m2"]) < 12_700
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    outline = Outline(page)
    assert outline.open == []
    assert page.startswith("<!doctype html>")
    assert outline.attributes["html"]["lang"] == language
    assert {"title", "h1", "table", "th"} <= set(outline.seen)
    assert "script" not in outline.seen
    assert "b" not in outline.seen
    assert all(word in page for word in words)
    assert all(item["message"] in page.replace("&#34;", '"') for item in found if "<" not in item["message"])


def test_a_report_is_written_for_what_is_kept_and_what_is_not(
    session: Session, tmp_path: Path, import_file: Import
) -> None:
    assert import_file(write_layer(tmp_path, [{**feature(square(0, 0)), "geometry": None}])).exit_code == 2
    assert "not-kept" in (tmp_path / "report" / "report.html").read_text()
    assert import_file(write_layer(tmp_path, row_of_zones())).exit_code == 0
    page = (tmp_path / "report" / "report.html").read_text()
    assert 'class="outcome kept"' in page
    assert (tmp_path / "report" / "findings.csv").read_text().splitlines() == [
        "kind,feature,message,hint,lon,lat,area_m2"
    ]


def test_a_report_folder_that_is_a_file_keeps_nothing_back(
    session: Session, tmp_path: Path, import_file: Import
) -> None:
    (tmp_path / "report").touch()
    result = import_file(write_layer(tmp_path, row_of_zones()), "--dry-run")
    assert result.exit_code == 2
    assert "report" in result.output


def test_the_report_names_no_path(session: Session, tmp_path: Path, import_file: Import) -> None:
    import_file(write_layer(tmp_path, row_of_zones()), "--dry-run")
    assert str(tmp_path) not in (tmp_path / "report" / "report.html").read_text()
