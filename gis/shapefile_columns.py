"""What a Shapefile's table cannot hold, and the table beside it (columns.csv) that does.

A .dbf cuts names to 10 characters and text to 254 bytes, keeps no difference between nothing and an empty
text, and rounds numbers. The archive therefore carries ``columns.csv``: one row per feature, full column
names, cells as JSON, an empty cell for a column that the feature does not have. The column ``ROW_`` in both
ties them together, so that
features may be edited, moved or deleted in between: a cell that was changed in the .dbf wins over the table.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from gis.errors import FileError
from gis.geojson_stream import Properties

KEY: Final = "ROW_"
_TEXT_BYTES: Final = 254
_NAME_BYTES: Final = 10
_INTEGER_DIGITS: Final = 18
_TYPES: Final = {"int32": "int:9", "int64": "int:18", "int": "int:18", "float": "float:24.15"}


def wider_type(known: str | None, value: Any) -> str:
    """The type of a column that holds one more value, in fiona's names; "json" where the types are mixed."""
    if value is None:
        return known or "none"
    if isinstance(value, bool):
        found = "bool"
    elif isinstance(value, int):
        found = "int64" if -(2**63) <= value < 2**63 else "json"
    elif isinstance(value, float):
        found = "float"
    else:
        found = "str" if isinstance(value, str) else "json"
    if known in (None, "none", found):
        return found
    return "float" if {known, found} == {"int64", "float"} else "json"


def short_names(columns: Iterable[str]) -> dict[str, str]:
    """Full column name to its name in the .dbf: ASCII, 10 characters, distinct without regard to case."""
    taken = {KEY}
    short: dict[str, str] = {}
    for name in columns:
        base = name.encode("ascii", "replace").decode().replace("?", "_")[:_NAME_BYTES] or "_"
        candidate, counter = base, 1
        while candidate.upper() in taken:
            counter += 1
            candidate = f"{base[: _NAME_BYTES - 1 - len(str(counter))]}_{counter}"
        taken.add(candidate.upper())
        short[name] = candidate
    return short


def field_type(kind: str) -> str:
    """fiona's type of the .dbf field for a column type."""
    return _TYPES.get(kind.partition(":")[0], f"str:{_TEXT_BYTES}")


def squeeze(value: Any, kind: str) -> Any:
    """The value as the .dbf field for ``kind`` holds it; None where it cannot."""
    if value is None or value == "":
        return None
    field = field_type(kind)
    if field.startswith("int"):
        return value if isinstance(value, int) and len(str(value)) <= int(field[4:]) else None
    if field.startswith("float"):
        return value if isinstance(value, int | float) and math.isfinite(value) and abs(value) < 1e8 else None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text.encode()[:_TEXT_BYTES].decode(errors="ignore")


def write_columns(path: Path, rows: Iterable[Properties], columns: Mapping[str, str]) -> None:
    """Write the table beside a Shapefile, in feature order."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([KEY, *columns])
        for number, properties in enumerate(rows, start=1):
            cells = [_cell(properties[name]) if name in properties else "" for name in columns]
            writer.writerow([number, *cells])


def _cell(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


@dataclass(frozen=True)
class ColumnTable:
    """The table beside a Shapefile. names: full column names in order. rows: by ``ROW_``."""

    names: tuple[str, ...]
    rows: Mapping[int, Properties]

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """The table in a file; None when the file is some other table.

        Raises FileError when it is damaged.
        """
        try:
            with path.open(encoding="utf-8", newline="") as stream:
                reader = csv.reader(stream)
                heading = next(reader, [])
                if heading[:1] != [KEY]:
                    return None
                names = tuple(heading[1:])
                return cls(names, {int(cells[0]): _properties(names, cells[1:]) for cells in reader})
        except (ValueError, IndexError, csv.Error) as error:
            raise FileError("file_unreadable", name=path.name, reason=str(error)) from None

    @property
    def columns(self) -> dict[str, str]:
        """Full name to type, by the values that are there."""
        columns: dict[str, str] = dict.fromkeys(self.names, "none")
        for row in self.rows.values():
            for name, value in row.items():
                columns[name] = wider_type(columns[name], value)
        return columns

    def restore(self, properties: Properties) -> Properties:
        """The full properties of a feature from those that its .dbf row holds."""
        row = self.rows.get(properties.get(KEY, 0))
        short = short_names(self.names)
        if row is None:
            return {name: properties.get(short[name]) for name in self.names}
        restored: Properties = {}
        for name in self.names:
            seen = properties.get(short[name])
            if name in row and _same(seen, row[name]):
                restored[name] = row[name]
            elif name in row or seen is not None:
                restored[name] = seen
        return restored


def _properties(names: tuple[str, ...], cells: list[str]) -> Properties:
    return {name: json.loads(cell) for name, cell in zip(names, cells, strict=True) if cell}


def _same(seen: Any, full: Any) -> bool:
    """Whether a .dbf cell is what became of the full value, and was not changed since."""
    if seen in (None, ""):
        return True
    if isinstance(seen, int | float) and isinstance(full, int | float):
        return math.isclose(seen, full, rel_tol=1e-9, abs_tol=1e-14)
    return bool(str(seen).rstrip() == str(squeeze(full, "str") or "").rstrip())
