"""Rule tables as rows of text: the form in which they are shown, written to workbooks, compared and replaced."""

from __future__ import annotations

import csv
import hashlib
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.plans import queries, rules
from app.plans.models import IntensityRule, PermittedUse

Cells = dict[str, str]
Rows = dict[str, Cells]
_ACTIVITY = ("activity_id", "kbli", "kbli_edition", "title", "kbli_title", "category", "synonyms")
_CONDITION = ("code", "kind", "text", "article")
_INTENSITY = tuple(
    column.key for column in IntensityRule.__mapper__.column_attrs if column.key not in ("version_id", "position")
)
_OVERLAY = ("kind", "name", "class", "text", "article")


@dataclass(frozen=True)
class RowChange:
    """A row before and after; None where it is not there."""

    key: str
    before: Cells | None
    after: Cells | None

    @property
    def fields(self) -> list[str]:
        """Columns that differ, where both are there."""
        if self.before is None or self.after is None:
            return []
        names = dict.fromkeys([*self.before, *self.after])
        return [name for name in names if self.before.get(name, "") != self.after.get(name, "")]


def columns(session: Session, version_id: int, table: str) -> tuple[str, ...]:
    """The columns of a table, in order; that of activities has one per sub-zone of the draft's code list."""
    if table == "itbx":
        return (*_ACTIVITY, *(row.code for row in queries.subzones(session, version_id)))
    return {"conditions": _CONDITION, "intensity": _INTENSITY, "overlays": _OVERLAY}[table]


def key_of(table: str, row: Mapping[str, str], position: int) -> str:
    """What names a row: its own code, or, in the intensity table, its place."""
    if table == "itbx":
        return row.get("activity_id", "")
    if table == "conditions":
        return row.get("code", "")
    return str(position) if table == "intensity" else f"{row.get('kind', '')}|{row.get('class', '')}"


def rows(session: Session, version_id: int, table: str) -> Rows:
    """The rows of a table by key, in its order, every cell as text."""
    return keyed(table, _LOADERS[table](session, version_id))


def keyed(table: str, listed: Iterable[Cells]) -> Rows:
    """Rows by key. Of two with one key the later stays beside the first under a key of its own, to be refused by name."""
    found: Rows = {}
    for position, row in enumerate(listed, start=1):
        key = key_of(table, row, position)
        found[key if key not in found else f"{key}#{position}"] = row
    return found


def digest(table_rows: Rows) -> str:
    """SHA-256 of a table: what is there, cell by cell, in its order."""
    listed = [{name: value for name, value in row.items() if value} for row in table_rows.values()]
    return hashlib.sha256(orjson.dumps(listed, option=orjson.OPT_SORT_KEYS)).hexdigest()


def changes(before: Rows, after: Rows) -> list[RowChange]:
    """Rows that differ, in the order of the table after, those that are gone at the end."""
    found = [RowChange(key, before.get(key), row) for key, row in after.items() if not _same(before.get(key), row)]
    return found + [RowChange(key, row, None) for key, row in before.items() if key not in after]


def replace(session: Session, version_id: int, table: str, table_rows: Rows) -> None:
    """Put the rows in the table's place. Raises Unprocessable with row and column, as the loader of CSV tables does."""
    names = columns(session, version_id, table)
    with tempfile.TemporaryDirectory(prefix="rules-") as name:
        folder = Path(name)
        if table == "itbx":
            _write(folder / "activities.csv", _ACTIVITY, table_rows.values())
            _write(folder / "itbx.csv", ("activity_id", *names[len(_ACTIVITY) :]), table_rows.values())
        else:
            _write(folder / f"{table}.csv", names, table_rows.values())
        rules.replace_table(session, version_id, table, folder)


def _write(path: Path, names: tuple[str, ...], listed: Iterable[Cells]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([row.get(name, "") for name in names] for row in listed)


def _same(first: Cells | None, second: Cells) -> bool:
    if first is None:
        return False
    return all(first.get(name, "") == second.get(name, "") for name in first.keys() | second.keys())


def as_cell(value: Any) -> str:
    """A stored value as text: a whole number without its point, a list with semicolons, null as nothing."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, list):
        return ";".join(value)
    return str(value)


def _activities(session: Session, version_id: int) -> list[Cells]:
    listed = {
        row.activity_id: {name: as_cell(getattr(row, name)) for name in _ACTIVITY}
        for row in queries.activities(session, version_id)
    }
    uses = select(PermittedUse.activity_id, PermittedUse.subzone_code, PermittedUse.cell).where(
        PermittedUse.version_id == version_id
    )
    for activity, code, cell in session.execute(uses):
        listed[activity][code] = cell
    return list(listed.values())


def _conditions(session: Session, version_id: int) -> list[Cells]:
    found = sorted(queries.use_conditions(session, version_id), key=lambda row: (row.code[0], len(row.code), row.code))
    return [{name: as_cell(getattr(row, name)) for name in _CONDITION} for row in found]


def _intensity(session: Session, version_id: int) -> list[Cells]:
    return [
        {name: as_cell(getattr(row, name)) for name in _INTENSITY} for row in queries.intensity(session, version_id)
    ]


def _overlays(session: Session, version_id: int) -> list[Cells]:
    found = sorted(queries.overlay_rules(session, version_id), key=lambda row: (row.kind, row.class_))
    attributes = {"class": "class_"}
    return [{name: as_cell(getattr(row, attributes.get(name, name))) for name in _OVERLAY} for row in found]


_LOADERS = {"itbx": _activities, "conditions": _conditions, "intensity": _intensity, "overlays": _overlays}
