"""Intensity tables: KDB, KLB, KDH, KTB, lot size; heights, floors and setbacks by road class.

Plans publish them in two tables: one per sub-zone and kind of lot, one per sub-zone and road class. Values
depend on
road class, lot size or type of building: there is never one number per sub-zone. What a table leaves blank is
None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gis.errors import Problem, VocabularyError
from gis.rdtr.columns import as_text
from gis.rdtr.tables import Row, read_number, read_table

ROAD_CLASSES: Final = ("arteri", "kolektor", "lokal", "lingkungan")
_NONE: Final = ("", "-", "–", "—")
_FLOORS: Final = re.compile(r"(\d+)\s*(lantai|lt\.?)", re.IGNORECASE)
# Words of a heading, all of which must occur, for each field; the first match wins.
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "kdb_max_pct": ("kdb",),
    "klb_max_ratio": ("klb",),
    "kdh_min_pct": ("kdh",),
    "ktb_max_pct": ("ktb",),
    "lot_min_m2": ("luas", "min"),
    "lot_max_m2": ("luas", "maks"),
    "height_max_m": ("tinggi bangunan",),
    "floors_max": ("lantai",),
    "gsb_min_m": ("garis sempadan bangunan",),
    "side_min_m": ("samping",),
    "rear_min_m": ("belakang",),
}
_TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    "subzone": ("sub", "zona"),
    "applies": ("jenis",),
    "appearance": ("tampilan",),
    "remark": ("keterangan",),
    "zone": ("zona",),
}


@dataclass(frozen=True)
class IntensityRule:
    """One row of rules, for one road class where the table tells them apart.

    row: of the table, from 1. subzone: name or code verbatim. applies: to which lots or buildings, verbatim.
    road_class: None for any. Percentages, ratio, m, m2 as named; None is what the table does not state.
    """

    row: int
    subzone: str
    zone: str | None = None
    applies: str | None = None
    road_class: str | None = None
    lot_min_m2: float | None = None
    lot_max_m2: float | None = None
    kdb_max_pct: float | None = None
    klb_max_ratio: float | None = None
    kdh_min_pct: float | None = None
    ktb_max_pct: float | None = None
    gsb_min_m: float | None = None
    side_min_m: float | None = None
    rear_min_m: float | None = None
    height_max_m: float | None = None
    floors_max: int | None = None
    appearance: str | None = None
    remark: str | None = None


@dataclass(frozen=True)
class IntensityTable:
    """Rules in table order.

    problems: cells that are no number, with the row and column; their value is None.
    """

    rules: tuple[IntensityRule, ...]
    problems: tuple[tuple[int, Problem], ...]


@dataclass(frozen=True)
class _Column:
    """A column of figures. road_class: where its heading names one."""

    index: int
    heading: str
    name: str
    road_class: str | None


def read_intensity(path: Path) -> IntensityTable:
    """Read an intensity table (.csv or .xlsx) whose first row with a sub-zone column is its heading.

    Decimal points and commas are both read; ``-`` and blank are not stated; line breaks within a cell are
    kept as one blank. A heading that names a road class gives one rule per road class. Raises VocabularyError
    without a heading.
    """
    rows = read_table(path)
    heading = next((index for index, row in enumerate(rows) if _is_heading(row)), None)
    if heading is None:
        raise VocabularyError("table_heading", name=path.name, wanted="SubZona, KDB, KLB, KDH")
    figures, texts = _columns(rows[heading])
    rules: list[IntensityRule] = []
    problems: list[tuple[int, Problem]] = []
    for number, row in enumerate(rows[heading + 1 :], start=heading + 2):
        subzone = _text(row, texts["subzone"])
        if subzone is not None:
            rules.extend(_rules(number, row, figures, texts, problems))
    return IntensityTable(tuple(rules), tuple(problems))


def _is_heading(row: Row) -> bool:
    headings = [_heading(cell) for cell in row]
    return any("subzona" in text.replace(" ", "").replace("-", "") for text in headings) and any(
        word in text for text in headings for word in ("kdb", "tinggi bangunan", "sempadan", "klb")
    )


def _columns(row: Row) -> tuple[list[_Column], dict[str, int]]:
    figures: list[_Column] = []
    texts: dict[str, int] = {}
    for index, cell in enumerate(row):
        heading = _heading(cell)
        text = next((name for name, words in _TEXTS.items() if all(w in heading for w in words)), None)
        field = next((name for name, words in _FIELDS.items() if all(w in heading for w in words)), None)
        if field is not None:
            road = next((name for name in ROAD_CLASSES if name in heading), None)
            figures.append(_Column(index, str(cell), field, road))
        elif text is not None:
            texts.setdefault(text, index)
    return figures, texts


def _rules(
    number: int,
    row: Row,
    figures: Sequence[_Column],
    texts: Mapping[str, int],
    problems: list[tuple[int, Problem]],
) -> list[IntensityRule]:
    """The rules of one row: one per road class for which it states something, or one for any road."""
    common: dict[str, Any] = {name: _text(row, index) for name, index in texts.items()}
    common["subzone"], common["zone"] = _split(common["subzone"], common.get("zone"))
    by_road: dict[str, dict[str, Any]] = {}
    for column in figures:
        value = _figure(number, row, column, problems)
        if value is None:
            continue
        values = common if column.road_class is None else by_road.setdefault(column.road_class, {})
        values[column.name] = value
    if not by_road:
        return [IntensityRule(row=number, **common)]
    return [IntensityRule(row=number, road_class=road, **common, **values) for road, values in by_road.items()]


def _figure(number: int, row: Row, column: _Column, problems: list[tuple[int, Problem]]) -> float | int | None:
    value = row[column.index] if column.index < len(row) else None
    text = as_text(value)
    if column.name == "floors_max" and text is not None and (floors := _FLOORS.fullmatch(text)):
        return int(floors[1])
    try:
        figure = read_number(value)
    except ValueError:
        problems.append((number, Problem("number_unreadable", {"found": str(value), "column": column.heading})))
        return None
    if figure is not None and column.name == "floors_max":
        return int(figure)
    return figure


def _split(subzone: str, zone: str | None) -> tuple[str, str | None]:
    """A sub-zone written as "Zona Lindung - Badan Air" apart from its zone."""
    before, dash, after = subzone.partition(" - ")
    return (after, before) if dash and zone is None else (subzone, zone)


def _text(row: Row, index: int) -> str | None:
    text = as_text(row[index]) if index < len(row) else None
    return None if text is None or text in _NONE else " ".join(text.split())


def _heading(cell: object) -> str:
    return " ".join(str(cell or "").split()).casefold()
