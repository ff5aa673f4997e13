"""Rule tables as workbooks: out, with the hash of what went out, and in again; and the official forms of published plans."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
from flask_babel import gettext
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from app.errors import Unprocessable
from app.places.service import fold
from app.plans.exchange.rule_rows import Cells, Rows, as_cell, keyed
from app.plans.models import Subzone
from gis.errors import VocabularyError
from gis.rdtr.columns import as_text
from gis.rdtr.intensity import read_intensity
from gis.rdtr.itbx import parse_cell, read_itbx
from gis.rdtr.overlays import read_special_provisions

_BASE = "base"
_WIDTH, _WIDE = 9, 40
_WIDE_COLUMNS = frozenset({"title", "kbli_title", "text", "synonyms", "name", "applies", "class"})
_FORMULA = ("=", "+", "-", "@")
_UNREADABLE = ("cell_unknown", "cell_contradiction")
_LARGEST_UNPACKED = 200_000_000


@dataclass(frozen=True)
class SentTable:
    """A table as it was sent in. base: the hash of what went out, None for an official form.

    conditions: texts of conditions that an official form brings along. notes: what of the file was left out, and why.
    """

    rows: Rows
    base: str | None
    conditions: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def write(table: str, names: Sequence[str], table_rows: Rows, base: str) -> bytes:
    """A workbook with the table and, on a second sheet, what it is and the hash of what went out."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = table
    sheet.append(list(names))
    for row in table_rows.values():
        sheet.append([row.get(name, "") for name in names])
    for cells in sheet.iter_rows(min_row=1, max_row=sheet.max_row):
        for cell in cells:
            # Always text: a spreadsheet must not make a number of "01111", or a formula of "-".
            cell.number_format = "@"
            cell.data_type = "s"
    for number, name in enumerate(names, start=1):
        head = sheet.cell(1, number)
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="D5E8E6")
        head.alignment = Alignment(textRotation=90 if len(names) > 20 and number > 7 else 0)
        sheet.column_dimensions[get_column_letter(number)].width = _WIDE if name in _WIDE_COLUMNS else _WIDTH
    sheet.freeze_panes = "B2"
    notes = workbook.create_sheet(_BASE)
    for line in (("table", table), ("hash", base)):
        notes.append(line)
    sink = io.BytesIO()
    workbook.save(sink)
    return sink.getvalue()


def read(path: Path, table: str, names: Sequence[str], subzones: Sequence[Subzone], known: Rows) -> SentTable:
    """A workbook that went out from here, or an official form (.xlsx, .csv).

    names: the table's columns. known: its rows now, with whose activities those of a form are matched. Raises Unprocessable
    and VocabularyError for a file that is neither.
    """
    if path.suffix.lower() not in (".xlsx", ".csv"):
        raise Unprocessable(gettext("Send a workbook (.xlsx) or a table (.csv)."), field="file")
    own = _own(path, table, names) if path.suffix.lower() == ".xlsx" else None
    if own is not None:
        return own
    if table == "itbx":
        return _itbx_form(path, subzones, known)
    if table == "intensity":
        return _intensity_form(path, subzones, names)
    if table == "overlays":
        return _provisions_form(path)
    raise Unprocessable(
        gettext("This is not the workbook that was downloaded here."),
        hint=gettext("Download it, change it, send it back."),
    )


def _own(path: Path, table: str, names: Sequence[str]) -> SentTable | None:
    """The workbook as it went out; None where it is another one."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(item.file_size for item in archive.infolist()) > _LARGEST_UNPACKED:
                raise Unprocessable(gettext("The workbook is too large."), limit=_LARGEST_UNPACKED, field="file")
        workbook = openpyxl.load_workbook(path, data_only=True, read_only=True)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, InvalidFileException) as error:
        raise VocabularyError("table_unreadable", name=path.name, reason=str(error)[:200]) from None
    try:
        if not {table, _BASE} <= set(workbook.sheetnames):
            return None
        facts = {str(row[0]): str(row[1]) for row in workbook[_BASE].iter_rows(values_only=True) if len(row) > 1}
        lines = [tuple(row) for row in workbook[table].iter_rows(values_only=True)]
    finally:
        workbook.close()
    head = [as_text(cell) or "" for cell in (lines[0] if lines else ())]
    unknown = [name for name in head if name and name not in names]
    if unknown:
        raise Unprocessable(gettext("The table has no column %(name)s.", name=unknown[0][:40]), field=unknown[0][:40])
    listed = [_cells(head, line) for line in lines[1:]]
    return SentTable(keyed(table, [row for row in listed if any(row.values())]), facts.get("hash", ""))


def _cells(head: Sequence[str], line: Sequence[Any]) -> Cells:
    return {name: _text(value) for name, value in zip(head, line, strict=False) if name}


def _text(value: Any) -> str:
    """A cell as text; a number as a person would write it."""
    if isinstance(value, bool) or value is None:
        return ""
    return as_cell(float(value)) if isinstance(value, int | float) else str(value).strip()


def _itbx_form(path: Path, subzones: Sequence[Subzone], known: Rows) -> SentTable:
    form = read_itbx(path)
    codes = {row.code for row in subzones}
    left_out = [code for code in form.subzones if code not in codes]
    notes = [gettext("Left out, as the code list has no %(codes)s.", codes=", ".join(left_out))] if left_out else []
    by_name = {(row.get("kbli", ""), fold(row["title"])): row for row in known.values()}
    listed, unread = [], []
    for activity in form.activities:
        present = by_name.get((activity.kbli or "", fold(activity.title)))
        row: Cells = {
            "activity_id": f"{activity.kbli or 'x'}-{activity.row}",
            "kbli": activity.kbli or "",
            "kbli_edition": "2020" if activity.kbli else "",
            "title": activity.title,
        }
        row = {name: value for name, value in present.items() if name not in codes} if present else row
        for code in form.subzones:
            cell = activity.cells[code]
            if any(warning.code in _UNREADABLE for warning in cell.warnings):
                unread.append(f"{activity.row}/{code}: {activity.raw[code]}")
            elif code in codes:
                row[code] = _written(cell.conditions, activity.raw[code])
        listed.append(row)
    if unread:
        notes.append(gettext("Cells that say nothing readable, left empty: %(cells)s", cells="; ".join(unread[:20])))
    return SentTable(keyed("itbx", listed), None, dict(form.conditions), tuple(notes))


def _written(conditions: Sequence[str], raw: str | None) -> str:
    """A cell without its slips of spelling: what it was read as."""
    if conditions:
        return ",".join(conditions)
    verdict = parse_cell(raw).verdict
    return {"allowed": "I", "forbidden": "X"}.get(verdict.value, "")


def _intensity_form(path: Path, subzones: Sequence[Subzone], names: Sequence[str]) -> SentTable:
    form = read_intensity(path)
    codes = {row.code: row.code for row in subzones} | {fold(row.name): row.code for row in subzones}
    listed, unknown = [], []
    for rule in form.rules:
        code = codes.get(rule.subzone) or codes.get(fold(rule.subzone))
        if code is None:
            unknown.append(rule.subzone)
            continue
        values = {name: as_cell(_number(getattr(rule, name, None))) for name in names}
        listed.append({**values, "subzone_code": code})
    notes = []
    if unknown:
        names_left = ", ".join(dict.fromkeys(unknown))
        notes.append(gettext("Left out, as the code list has no %(codes)s.", codes=names_left))
    notes += [
        gettext("Row %(row)s: “%(value)s” is not a number, left empty.", row=row, value=problem.params["found"])
        for row, problem in form.problems
    ]
    return SentTable(keyed("intensity", listed), None, {}, tuple(notes))


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _provisions_form(path: Path) -> SentTable:
    """What each class of a special provision says; places (blocks, areas) belong to the zones, not to this table."""
    texts: dict[tuple[str, str], Cells] = {}
    unknown: list[str] = []
    for item in read_special_provisions(path):
        if item.kind is None:
            unknown.append(item.heading)
            continue
        row: Mapping[str, str] = {
            "kind": item.kind.value,
            "name": item.heading,
            "class": item.name,
            "text": item.text or "",
            "article": "",
        }
        known = texts.setdefault((item.kind.value, item.name), dict(row))
        if not known["text"] and item.text:
            known["text"] = item.text
    left = ", ".join(dict.fromkeys(unknown))
    notes = (gettext("Left out, as no special provision is called so: %(names)s", names=left),) if unknown else ()
    if not texts:
        raise Unprocessable(gettext("This is no table of special provisions."), field="file")
    listed = sorted(texts.values(), key=lambda row: (row["kind"], row["class"]))
    return SentTable(keyed("overlays", listed), None, {}, notes)
