"""One feature of a zone layer as a record of the plan, together with what is doubtful about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gis.errors import Problem, VocabularyError
from gis.rdtr.codes import CodeList, CodeMatch, Subzone
from gis.rdtr.columns import Overlay, as_text, lookup
from gis.rdtr.mapping import OFFICIAL, LayerMapping
from gis.rdtr.overlays import OverlayValue, read_overlay
from gis.rdtr.tables import read_number

# A stated area that differs from the measured one by more is pointed out.
_AREA_TOLERANCE = 0.01


@dataclass(frozen=True)
class ZoneRecord:
    """What a feature says about its zone; None where it says nothing.

    subzone_code: the code list's code; the text found verbatim when the list does not know it; None when it
    says nothing or contradicts itself. code_known: whether the list knows it. legal_area_ha: LUASHA as it is
    stated, never corrected. overlays: all fourteen. problems: findings, which do not change any value.
    """

    subzone_code: str | None
    code_known: bool
    block: str | None
    sub_block: str | None
    kelurahan: str | None
    legal_area_ha: float | None
    remark: str | None
    overlays: dict[Overlay, OverlayValue]
    problems: tuple[Problem, ...]


def read_zone(properties: Mapping[str, Any], code_list: CodeList, mapping: LayerMapping = OFFICIAL) -> ZoneRecord:
    """Read the columns of one feature.

    mapping: for layers with other columns or codes than the official ones.
    """
    match = _match(properties, code_list, mapping)
    area, area_problem = _area(properties, mapping)

    def text(name: str) -> str | None:
        return as_text(lookup(properties, mapping.column(name)))

    return ZoneRecord(
        subzone_code=match.code,
        code_known=match.subzone is not None,
        block=text("block"),
        sub_block=text("sub_block"),
        kelurahan=text("kelurahan"),
        legal_area_ha=area,
        remark=text("remark"),
        overlays={kind: read_overlay(kind, lookup(properties, mapping.column(kind.value))) for kind in Overlay},
        problems=(*match.problems, *area_problem),
    )


def check_columns(present: Iterable[str], mapping: LayerMapping) -> list[Problem]:
    """Columns that the mapping names and the layer lacks, as problems of the whole layer."""
    names = {name.upper() for name in present}
    return [
        Problem("column_missing", {"column": column})
        for column in mapping.columns.values()
        if column.upper() not in names
    ]


def codes_of_layer(rows: Iterable[Mapping[str, Any]], mapping: LayerMapping) -> CodeList:
    """A code list made from a layer whose own text is the code (``unmapped = "verbatim"``), in its order.

    The name of each entry is that text; the entry has no digits, no colour and no group, as the layer states
    none.
    """
    if mapping.unmapped != "verbatim":
        raise VocabularyError("mapping_invalid", reason='unmapped = "verbatim" is needed to take codes from a layer')
    texts = (as_text(lookup(row, mapping.column("subzone"))) for row in rows)
    codes = dict.fromkeys(mapping.code(text) or text for text in texts if text)
    return CodeList(Subzone(code, None, code) for code in codes)


def area_problem(legal_area_ha: float | None, measured_m2: float) -> Problem | None:
    """The stated area (ha) against the measured one (m2), when they differ by more than 1 %."""
    if legal_area_ha is None:
        return None
    measured_ha = measured_m2 / 10_000
    if abs(legal_area_ha - measured_ha) <= _AREA_TOLERANCE * measured_ha:
        return None
    return Problem("area_differs", {"legal_ha": f"{legal_area_ha:.4f}", "measured_ha": f"{measured_ha:.4f}"})


def _match(properties: Mapping[str, Any], code_list: CodeList, mapping: LayerMapping) -> CodeMatch:
    if "subzone" not in mapping.columns:
        return code_list.match(properties)
    column = mapping.column("subzone")
    text = as_text(lookup(properties, column))
    if text is None:
        return CodeMatch(None, None, None, (Problem("code_missing", {"columns": column}),))
    code = mapping.code(text)
    if code is None and mapping.unmapped == "report" and mapping.codes:
        problem = Problem("value_unmapped", {"found": text, "column": column})
        return CodeMatch(None, text, column, (problem,))
    code = code or text
    subzone = code_list.find(code)
    if subzone is not None:
        return CodeMatch(subzone, subzone.code, column)
    return CodeMatch(None, code, column, (Problem("code_unknown", {"found": code, "column": column}),))


def _area(properties: Mapping[str, Any], mapping: LayerMapping) -> tuple[float | None, tuple[Problem, ...]]:
    column = mapping.column("legal_area_ha")
    value = lookup(properties, column)
    try:
        return read_number(value), ()
    except ValueError:
        return None, (Problem("number_unreadable", {"found": str(value), "column": column}),)
