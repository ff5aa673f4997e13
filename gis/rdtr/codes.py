"""Sub-zone codes: a table with versions, not an enumeration.

A layer names its sub-zone as letters (``R-2``), as eight digits (``32103400``) or as a float of those, in
either case, in one of several columns; local codes exist. All of that is read; what came in is reported,
never replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from gis.errors import Problem, VocabularyError
from gis.rdtr.columns import as_text, lookup

_DIGITS: Final = re.compile(r"\d{8}(\.0*)?")
# Where a sub-zone is stated, the most particular first. The zone columns say less and are asked last: they
# hold the sub-zone where a zone has only one.
_SUBZONE_COLUMNS: Final = ("KODSZN", "NAMSZN", "REMARK")
_ZONE_COLUMNS: Final = ("NAMZON", "KODZON", "NAMOBJ")
# The land of roads in the national list: its sub-zone's eight digits, and the name of its zone.
_ROAD_DOMAIN_CODE: Final = "32010000"
_ROAD_ZONE: Final = "badan jalan"


@dataclass(frozen=True)
class Subzone:
    """One entry. code: letters, verbatim. domain_code: eight digits, or None. group: lindung or budi daya."""

    code: str
    domain_code: str | None
    name: str
    zone: str | None = None
    group: str | None = None
    colour: str | None = None
    colour_official: bool = False


@dataclass(frozen=True)
class CodeMatch:
    """What a feature says about its sub-zone.

    subzone: the entry, None when unknown or contradictory. code: the entry's code, or the text found verbatim
    when it is not in the list, so that it is not lost. column: where it was found.
    """

    subzone: Subzone | None
    code: str | None
    column: str | None
    problems: tuple[Problem, ...] = ()


def is_road(domain_code: str | None, zone: str | None) -> bool:
    """Whether a sub-zone is the land of roads (badan jalan), by its eight digits or its zone's name in any case."""
    return domain_code == _ROAD_DOMAIN_CODE or (zone is not None and zone.strip().lower() == _ROAD_ZONE)


class CodeList:
    """The sub-zones of one plan version, found by letters, eight digits, or name."""

    def __init__(self, subzones: Iterable[Subzone]) -> None:
        self.subzones = tuple(subzones)
        self._by_code: dict[str, Subzone] = {}
        self._by_number: dict[str, Subzone] = {}
        names: dict[str, list[Subzone]] = {}
        for subzone in self.subzones:
            self._add(self._by_code, code_key(subzone.code), subzone)
            if subzone.domain_code:
                self._add(self._by_number, subzone.domain_code, subzone)
            names.setdefault(name_key(subzone.name), []).append(subzone)
        # A name that stands for two codes says nothing.
        self._by_name = {name: found[0] for name, found in names.items() if len(found) == 1}

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, str]]) -> Self:
        """From a table with the columns code, domain_code, name and, if there are any, zone, group, colour.

        Raises VocabularyError for a missing column or a code or number that occurs twice.
        """
        return cls(_read_row(row) for row in rows)

    def __len__(self) -> int:
        return len(self.subzones)

    def __contains__(self, code: str) -> bool:
        return code_key(code) in self._by_code

    def __getitem__(self, code: str) -> Subzone:
        return self._by_code[code_key(code)]

    def find(self, value: Any) -> Subzone | None:
        """The entry that a value names, by letters, digits (also as a float) or name; None for any other."""
        text = as_text(value)
        if text is None:
            return None
        if _DIGITS.fullmatch(text):
            return self._by_number.get(text[:8])
        return self._by_code.get(code_key(text)) or self._by_name.get(name_key(text))

    def match(self, properties: Mapping[str, Any]) -> CodeMatch:
        """The sub-zone of a feature of the official layer.

        The columns KODSZN, NAMSZN and REMARK must agree as far as the list knows their values: where they do
        not, no code is chosen. Where none is known, a zone column may name a sub-zone by itself; failing
        that, the first code found is reported as unknown.
        """
        known = [(column, found) for column, found in self._known(properties, _SUBZONE_COLUMNS)]
        if len({subzone.code for _, subzone in known}) > 1:
            said = ", ".join(f"{column} {as_text(lookup(properties, column))}" for column, _ in known)
            return CodeMatch(None, None, None, (Problem("code_contradiction", {"found": said}),))
        stated = self._stated(properties)
        if not known and stated is None:
            known = list(self._known(properties, _ZONE_COLUMNS))
        if known:
            column, subzone = known[0]
            return CodeMatch(subzone, subzone.code, column)
        if stated is None:
            columns = ", ".join(_SUBZONE_COLUMNS + _ZONE_COLUMNS)
            return CodeMatch(None, None, None, (Problem("code_missing", {"columns": columns}),))
        column, text = stated
        return CodeMatch(None, text, column, (Problem("code_unknown", {"found": text, "column": column}),))

    def _known(self, properties: Mapping[str, Any], columns: tuple[str, ...]) -> Iterable[tuple[str, Subzone]]:
        for column in columns:
            subzone = self.find(lookup(properties, column))
            if subzone is not None:
                yield column, subzone

    def _stated(self, properties: Mapping[str, Any]) -> tuple[str, str] | None:
        """The first text in a code column. A remark or a name is a code only when the list knows it."""
        for column in ("KODSZN", "NAMSZN"):
            text = as_text(lookup(properties, column))
            if text is not None:
                return column, text
        return None

    @staticmethod
    def _add(index: dict[str, Subzone], key: str, subzone: Subzone) -> None:
        if key in index:
            raise VocabularyError("code_list_duplicate", code=key)
        index[key] = subzone


def code_key(code: str) -> str:
    """Codes are compared without regard to case and blanks: `` r-2 `` is ``R-2``."""
    return "".join(code.split()).upper()


def name_key(name: str) -> str:
    """Names are compared without regard to case and repeated blanks."""
    return " ".join(name.split()).casefold()


def _read_row(row: Mapping[str, str]) -> Subzone:
    for column in ("code", "domain_code", "name"):
        if column not in row:
            raise VocabularyError("code_list_column", column=column)
    return Subzone(
        code=row["code"].strip(),
        domain_code=row["domain_code"].strip() or None,
        name=row["name"].strip(),
        zone=(row.get("zone") or "").strip() or None,
        group=(row.get("group") or "").strip() or None,
        colour=(row.get("colour") or "").strip() or None,
        colour_official=(row.get("colour_official") or "").strip().lower() == "true",
    )
