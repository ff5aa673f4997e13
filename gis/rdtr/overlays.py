"""Overlays (ketentuan khusus): three answers, never two.

Empty means that nobody checked, not that nothing applies.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from gis.rdtr.columns import Overlay, as_text, lookup
from gis.rdtr.tables import number_or_none, read_table

_TOTAL: Final = re.compile(r"total\b", re.IGNORECASE)
# How the heading of each table of special provisions begins, for the column it belongs to.
_HEADINGS: Final[Mapping[str, Overlay]] = {
    "keselamatan operasi penerbangan": Overlay.KKOP_1,
    "pertanian pangan berkelanjutan": Overlay.LP2B_2,
    "rawan bencana": Overlay.KRB_03,
    "berorientasi transit": Overlay.TOD_04,
    "tempat evakuasi": Overlay.TEB_05,
    "penelitian": Overlay.PUSLIT,
    "cagar budaya": Overlay.CAGBUD,
    "resapan air": Overlay.RESAIR,
    "sempadan": Overlay.KSMPDN,
    "pertahanan": Overlay.HANKAM,
    "karst": Overlay.KKARST,
    "pertambangan": Overlay.PTBGMB,
    "satwa": Overlay.MGRSAT,
    "dalam bumi": Overlay.RDBUMI,
}


class OverlayStatus(StrEnum):
    """Whether a special provision holds in a zone, as far as the plan says."""

    APPLIES = "applies"
    DOES_NOT_APPLY = "does_not_apply"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True)
class OverlayValue:
    """One overlay of one zone. value: the column's text verbatim where it applies, else None."""

    kind: Overlay
    status: OverlayStatus
    value: str | None


def read_overlay(kind: Overlay, value: Any) -> OverlayValue:
    """Empty is not checked, "Tidak Ada" (any case and blanks) does not apply, anything else applies."""
    text = as_text(value)
    if text is None:
        return OverlayValue(kind, OverlayStatus.NOT_CHECKED, None)
    if "".join(text.split()).casefold() == "tidakada":
        return OverlayValue(kind, OverlayStatus.DOES_NOT_APPLY, None)
    return OverlayValue(kind, OverlayStatus.APPLIES, value if isinstance(value, str) else text)


def read_overlays(properties: Mapping[str, Any]) -> dict[Overlay, OverlayValue]:
    """All fourteen overlays of a feature, in official order; a column that is absent was not checked."""
    return {kind: read_overlay(kind, lookup(properties, kind.value)) for kind in Overlay}


@dataclass(frozen=True)
class SpecialProvision:
    """One row of a published table of special provisions.

    kind: None when the heading names none of the fourteen. name: of the class. area_ha: None when it is not a
    number.
    """

    heading: str
    kind: Overlay | None
    name: str
    subzone: str | None
    swp: str | None
    block: str | None
    area_ha: float | None
    text: str | None


def read_special_provisions(path: Path) -> list[SpecialProvision]:
    """Rows of a table of special provisions (.xlsx or .csv), as an annex publishes them.

    Columns: heading, class, sub-zone, SWP, block, area in ha (decimal point or comma), text. Repeated heading
    rows, rows of totals and blank rows are left out.
    """
    provisions = []
    for row in read_table(path):
        cells = [as_text(cell) for cell in (*row, *[None] * 7)[:7]]
        heading, name = cells[0], cells[1]
        if heading is None or name is None or heading.casefold() == "tabel" or _TOTAL.match(name):
            continue
        provisions.append(
            SpecialProvision(
                heading=heading,
                kind=overlay_of(heading),
                name=name,
                subzone=cells[2],
                swp=cells[3],
                block=cells[4],
                area_ha=number_or_none(cells[5]),
                text=cells[6],
            )
        )
    return provisions


def overlay_of(heading: str) -> Overlay | None:
    """The overlay that a heading such as "Ketentuan khusus kawasan sempadan" speaks of."""
    wanted = heading.casefold()
    return next((kind for words, kind in _HEADINGS.items() if words in wanted), None)
