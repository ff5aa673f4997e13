"""Published tables as rows: .xlsx and .csv, and numbers as people write them in Indonesia."""

from __future__ import annotations

import csv
import re
import zipfile
from pathlib import Path
from typing import Any, Final

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from gis.errors import VocabularyError

Row = tuple[Any, ...]

_GROUPED: Final = re.compile(r"-?\d{1,3}(\.\d{3})+,\d+")
_COMMA: Final = re.compile(r"-?\d+,\d+")
_PLAIN: Final = re.compile(r"-?\d+(\.\d+)?")


def read_table(path: Path, sheet: str | None = None) -> list[Row]:
    """All rows of a table; a cell that belongs to a merged range but its first is None.

    sheet: of a workbook; the first one when None. Raises VocabularyError (table_unreadable).
    """
    try:
        if path.suffix.lower() == ".xlsx":
            return _read_workbook(path, sheet)
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return [tuple(row) for row in csv.reader(stream)]
    except (OSError, KeyError, ValueError, csv.Error, zipfile.BadZipFile, InvalidFileException) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise VocabularyError("table_unreadable", name=path.name, reason=reason) from None


def _read_workbook(path: Path, sheet: str | None) -> list[Row]:
    workbook = openpyxl.load_workbook(path, data_only=True, read_only=True)
    try:
        worksheet = workbook[sheet] if sheet else workbook.worksheets[0]
        return [tuple(row) for row in worksheet.iter_rows(values_only=True)]
    finally:
        workbook.close()


def read_number(value: Any) -> float | None:
    """A number with decimal point or comma, perhaps with points between thousands; None for blank and "-".

    Raises ValueError for anything else: a figure with legal weight is never guessed.
    """
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return None if value is None or value != value else float(value)
    text = str(value).strip()
    if text in ("", "-", "–", "—"):
        return None
    if _GROUPED.fullmatch(text):
        return float(text.replace(".", "").replace(",", "."))
    if _COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    if _PLAIN.fullmatch(text):
        return float(text)
    raise ValueError(text)


def number_or_none(value: Any) -> float | None:
    """As ``read_number``, with None for what is no number: for figures that are shown as text anyway."""
    try:
        return read_number(value)
    except ValueError:
        return None
