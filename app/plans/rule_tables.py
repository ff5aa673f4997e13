"""Tables of rules as CSV files, read strictly: what is wrong is named by file, row and column."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from flask_babel import gettext

from app.errors import Unprocessable

Row = dict[str, str]
# Digits with a decimal point; 1e3, inf and nan are read by Python, but nobody writes a rule like that.
_NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)


class Table:
    """One CSV file. Errors name the file, the row (as a spreadsheet counts: the heading is row 1) and the column."""

    def __init__(self, folder: Path, name: str, *, required: tuple[str, ...], optional: bool = False) -> None:
        self.name = name
        self.columns: list[str] = []
        self._rows: list[tuple[int, Row]] = []
        path = folder / name
        if not path.exists():
            if not optional:
                raise Unprocessable(gettext("The folder %(folder)s lacks %(file)s.", folder=folder.name, file=name))
            return
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                self._read(csv.reader(file, strict=True))
        except (UnicodeDecodeError, csv.Error) as error:
            raise Unprocessable(
                gettext("%(file)s cannot be read as CSV in UTF-8: %(reason)s.", file=name, reason=str(error))
            ) from error
        missing = [column for column in required if column not in self.columns]
        if missing:
            raise Unprocessable(
                gettext("%(file)s lacks the columns %(columns)s.", file=name, columns=", ".join(missing))
            )

    def _read(self, lines: Iterator[list[str]]) -> None:
        self.columns = [column.strip() for column in next(lines, [])]
        for column in self.columns:
            if self.columns.count(column) > 1:
                raise self.wrong(1, column, column, gettext("stands there twice"))
        for number, cells in enumerate(lines, start=2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(self.columns):
                # Cells that moved by one column would be rules that nobody made.
                raise Unprocessable(
                    gettext(
                        "%(file)s, row %(row)s: %(found)s cells, the heading has %(wanted)s.",
                        file=self.name,
                        row=number,
                        found=len(cells),
                        wanted=len(self.columns),
                    ),
                    hint=gettext("A text with a comma stands between quotation marks."),
                )
            row = dict(zip(self.columns, (cell.strip() for cell in cells), strict=True))
            for column, value in row.items():
                if "\0" in value:
                    raise self.wrong(number, column, value.replace("\0", "\ufffd"), gettext("is not a text"))
            self._rows.append((number, row))

    def numbered(self) -> Iterator[tuple[int, Row]]:
        """Rows with their number in the file."""
        yield from self._rows

    def wrong(self, row: int, column: str, value: str, reason: str) -> Unprocessable:
        """An error at one cell."""
        return Unprocessable(
            gettext(
                "%(file)s, row %(row)s, column %(column)s: “%(value)s” %(reason)s.",
                file=self.name,
                row=row,
                column=column,
                value=value,
                reason=reason,
            )
        )

    def number(self, row: int, column: str, value: str) -> float | None:
        """A number that is not negative, or None where the cell is empty: not stated."""
        if not value:
            return None
        if not _NUMBER.fullmatch(value):
            raise self.wrong(row, column, value, gettext("is not a number"))
        return float(value)

    def choice(self, row: int, column: str, value: str, choices: tuple[str, ...], *, empty: bool = False) -> str | None:
        """One of a few words; None where the cell may be empty and is."""
        if empty and not value:
            return None
        if value not in choices:
            raise self.wrong(row, column, value, gettext("is none of %(choices)s", choices=", ".join(choices)))
        return value

    def filled(self, row: int, column: str, value: str) -> str:
        """A text that must be there."""
        if not value:
            raise self.wrong(row, column, value, gettext("must not be empty"))
        return value

    def once(self, column: str) -> Callable[[int, str], None]:
        """A check that a column is filled and holds nothing twice; letter case makes no difference."""
        seen: set[str] = set()

        def check(row: int, value: str) -> None:
            key = self.filled(row, column, value).casefold()
            if key in seen:
                raise self.wrong(row, column, value, gettext("stands there twice"))
            seen.add(key)

        return check
