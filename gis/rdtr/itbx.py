"""ITBX: which activity is allowed in which sub-zone (I, T, B, X), its cells and the annexes that publish it.

``I`` is allowed (diizinkan), ``T..`` limited (terbatas), ``B..`` conditional (bersyarat), both at once
limited and conditional, ``X`` not allowed; blank is not decided. What T1 or B2 means is local text, printed
under the table. Source: Permen ATR/BPN 11/2021, 14/2021; the form of the annexes is that of published plans.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from gis.errors import Problem, VocabularyError
from gis.rdtr.columns import as_text
from gis.rdtr.tables import Row, read_table

_CONDITION: Final = re.compile(r"[TB][1-9]\d?")
# What people write between codes. Anything else is no slip but another meaning.
_SEPARATOR: Final = re.compile(r"[\s,.;:/&+|]+")
_LEGEND: Final = re.compile(r"\s*([TB][1-9]\d?)\s*[:=]\s*(.+)", re.DOTALL)
_CODE_CELL: Final = re.compile(r"[A-Z]{1,5}(-?\d{1,2})?")
_KBLI: Final = re.compile(r"\d{3,5}")
_TITLE_WORDS: Final = ("kegiatan", "aktivitas", "aktifitas")
_KBLI_WORDS: Final = ("kbli", "kode")
_MIN_SUBZONES: Final = 3


class Verdict(StrEnum):
    """What a plan says about an activity in a sub-zone."""

    ALLOWED = "allowed"
    LIMITED = "limited"
    CONDITIONAL = "conditional"
    LIMITED_CONDITIONAL = "limited_conditional"
    FORBIDDEN = "forbidden"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Cell:
    """A cell read.

    conditions: T and B codes in the order written. warnings: how the cell departs from the form.
    """

    verdict: Verdict
    conditions: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()


def parse_cell(value: Any) -> Cell:
    """Read a cell. Slips of spelling are read and warned about; what cannot be understood is undecided, with
    a warning.

    Stray blanks, other separators than a comma (``B1.B2``), lower case and repeated codes do not change the
    meaning. ``I`` or ``X`` together with anything else does: such a cell decides nothing.
    """
    text = as_text(value)
    if text is None:
        return Cell(Verdict.UNDECIDED)
    raw = str(value)
    if text.strip(" -–—") == "":
        return Cell(Verdict.UNDECIDED)
    found = {"found": raw}
    warnings = [Problem(code, found) for code in _slips(raw)]
    codes = [part for part in _SEPARATOR.split(text.upper()) if part]
    if any(code not in ("I", "X") and not _CONDITION.fullmatch(code) for code in codes) or not codes:
        return Cell(Verdict.UNDECIDED, (), (*warnings, Problem("cell_unknown", found)))
    unique = tuple(dict.fromkeys(codes))
    if len(unique) < len(codes):
        warnings.append(Problem("cell_repeated", found))
    if len(unique) > 1 and ("I" in unique or "X" in unique):
        return Cell(Verdict.UNDECIDED, (), (*warnings, Problem("cell_contradiction", found)))
    if unique == ("I",):
        return Cell(Verdict.ALLOWED, (), tuple(warnings))
    if unique == ("X",):
        return Cell(Verdict.FORBIDDEN, (), tuple(warnings))
    return Cell(_conditioned(unique), unique, tuple(warnings))


def _conditioned(codes: Sequence[str]) -> Verdict:
    limited = any(code.startswith("T") for code in codes)
    conditional = any(code.startswith("B") for code in codes)
    if limited and conditional:
        return Verdict.LIMITED_CONDITIONAL
    return Verdict.LIMITED if limited else Verdict.CONDITIONAL


def _slips(raw: str) -> list[str]:
    slips = []
    if raw != raw.strip() or re.search(r"\s", raw.strip()):
        slips.append("cell_blank")
    if re.search(r"[.;:/&+|]", raw):
        slips.append("cell_separator")
    if raw != raw.upper():
        slips.append("cell_case")
    return slips


@dataclass(frozen=True)
class ItbxActivity:
    """One row of an annex. kbli: 3 to 5 digits, None where the row has none. cells: by sub-zone code, in
    table order.

    raw: the same cells verbatim, None for blank.
    """

    row: int
    kbli: str | None
    title: str
    cells: dict[str, Cell]
    raw: dict[str, str | None]


@dataclass(frozen=True)
class ItbxTable:
    """An annex.

    subzones: codes of its columns. names: of the columns. conditions: code to text, from its legend.
    """

    subzones: tuple[str, ...]
    names: dict[str, str]
    activities: tuple[ItbxActivity, ...]
    conditions: dict[str, str]

    def warnings(self) -> list[tuple[int, str, Problem]]:
        """(row of the sheet, sub-zone, problem) for every cell that departs from the form."""
        return [
            (activity.row, code, problem)
            for activity in self.activities
            for code, cell in activity.cells.items()
            for problem in cell.warnings
        ]


def read_itbx(path: Path, sheet: str | None = None) -> ItbxTable:
    """Read an annex (.xlsx or .csv): title rows, headings over several rows, activities, legend below.

    The heading row is the one that holds the sub-zone codes; rows above it give the columns' names. sheet: of
    a workbook, the first one when None. Raises VocabularyError when there is no such row.
    """
    rows = read_table(path, sheet)
    heading = _heading_row(rows)
    if heading is None:
        raise VocabularyError("table_heading", name=path.name, wanted="sub-zone codes such as R-2, K-1, BA")
    columns = {index: code for index, value in enumerate(rows[heading]) if (code := _subzone_code(value)) is not None}
    first = min(columns)
    above = rows[: heading + 1]
    title_column = _column_headed(above, first, _TITLE_WORDS, otherwise=first - 1)
    kbli_column = _column_headed(above, first, _KBLI_WORDS, otherwise=title_column - 1)
    activities, conditions = [], {}
    for number, row in enumerate(rows[heading + 1 :], start=heading + 2):
        legend = next((found for cell in row if (found := _LEGEND.match(str(cell or "")))), None)
        if legend is not None:
            conditions[legend[1]] = legend[2].strip()
            continue
        activity = _activity(number, row, columns, title_column, kbli_column)
        if activity is not None:
            activities.append(activity)
    names = {code: _column_name(rows[:heading], index) for index, code in columns.items()}
    return ItbxTable(tuple(columns.values()), names, tuple(activities), conditions)


def _heading_row(rows: Sequence[Row]) -> int | None:
    """The row with the most cells that look like sub-zone codes, all of them distinct."""
    best, best_count = None, _MIN_SUBZONES - 1
    for index, row in enumerate(rows):
        codes = [code for value in row if (code := _subzone_code(value)) is not None]
        if len(codes) > best_count and len(set(codes)) == len(codes):
            best, best_count = index, len(codes)
    return best


def _subzone_code(value: Any) -> str | None:
    """The cell as a sub-zone code; None for other text, and for cells of the body, which look alike."""
    text = as_text(value)
    if text is None or parse_cell(text).verdict is not Verdict.UNDECIDED:
        return None
    code = "".join(text.split()).upper()
    return code if _CODE_CELL.fullmatch(code) and code not in ("NO", "KODE", "KBLI") else None


def _column_headed(rows: Sequence[Row], before: int, words: Sequence[str], *, otherwise: int) -> int:
    """The column left of the sub-zones whose heading, nearest above the body, holds one of the words."""
    for row in reversed(rows):
        for index, cell in enumerate(row[:before]):
            if any(word in (as_text(cell) or "").casefold() for word in words):
                return index
    return otherwise


def _column_name(rows: Sequence[Row], index: int) -> str:
    """The lowest heading above a column."""
    texts = [text for row in rows if index < len(row) and (text := as_text(row[index])) is not None]
    return " ".join(texts[-1].split()) if texts else ""


def _activity(
    number: int, row: Row, columns: dict[int, str], title_column: int, kbli_column: int
) -> ItbxActivity | None:
    """A row as an activity; None when it has no title or not a single verdict (sub-headings, notes)."""
    title = as_text(row[title_column]) if title_column < len(row) else None
    if title is None:
        return None
    values = {code: row[index] if index < len(row) else None for index, code in columns.items()}
    cells = {code: parse_cell(value) for code, value in values.items()}
    if all(cell.verdict is Verdict.UNDECIDED and not cell.warnings for cell in cells.values()):
        return None
    kbli = as_text(row[kbli_column]) if 0 <= kbli_column < len(row) else None
    if kbli is not None and not _KBLI.fullmatch(kbli):
        kbli = None
    raw = {code: None if value is None or value == "" else str(value) for code, value in values.items()}
    return ItbxActivity(number, kbli, " ".join(title.split()), cells, raw)
