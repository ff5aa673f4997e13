"""One finding about a draft: what it is, where, and what people are told about it.

Coordinates are lon/lat in degrees (EPSG:4326), areas m2 of the plan's metric CRS.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import shapely
from flask_babel import format_decimal, gettext

from app.gis_messages import REASONS

Kind = Literal[
    "invalid",
    "overlap",
    "gap",
    "sliver",
    "unmatched",
    "outside",
    "unknown_code",
    "missing_attribute",
    "undecided_subzone",
    "missing_intensity",
    "legal_area",
]
# In this order they are listed, the gravest first.
KINDS: tuple[Kind, ...] = (
    "invalid",
    "overlap",
    "gap",
    "outside",
    "unknown_code",
    "missing_attribute",
    "undecided_subzone",
    "unmatched",
    "sliver",
    "missing_intensity",
    "legal_area",
)
Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """What stands against publishing (error), or should be looked at (warning).

    zones: those concerned. lon, lat: a point of it, for people to look at. size_m2: of the land concerned, None where it
    has no size. geometry: the land or edges, None where it is the zones themselves. accepted: it was there in the
    published version already, and stands against nothing. values: what the text tells.
    """

    kind: Kind
    severity: Severity
    zones: tuple[int, ...]
    lon: float
    lat: float
    size_m2: float | None = None
    geometry: shapely.Geometry | None = None
    accepted: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Stays the same while the finding does: made of its kind, its zones and its place."""
        named = sorted(f"{name}={value}" for name, value in self.values.items() if name in ("code", "column", "part"))
        place = f"{self.lon:.7f},{self.lat:.7f}"
        told = "|".join([self.kind, ",".join(map(str, self.zones)), place, *named])
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    @property
    def text(self) -> str:
        """What it is, in the reader's language."""
        told = _TEXTS[self.kind](self)
        if not self.accepted:
            return told
        return gettext("%(finding)s It was so in the published version already.", finding=told)


def _numbers(finding: Finding) -> str:
    shown = ", ".join(map(str, finding.zones[:10]))
    return shown if len(finding.zones) <= 10 else f"{shown}, …"


def _size(finding: Finding) -> str:
    return format_decimal(finding.size_m2 or 0.0, "#,##0.##")


def _invalid(finding: Finding) -> str:
    reason = finding.values["reason"]
    return gettext(
        "The outline of zone %(zones)s is not valid: %(reason)s.",
        zones=_numbers(finding),
        reason=gettext(reason) if reason in REASONS else reason,
    )


def _overlap(finding: Finding) -> str:
    return gettext(
        "The zones %(zones)s both have this land (%(size)s m²).", zones=_numbers(finding), size=_size(finding)
    )


def _gap(finding: Finding) -> str:
    return gettext("No zone has this land (%(size)s m²).", size=_size(finding))


def _sliver(finding: Finding) -> str:
    if finding.values["whole"]:
        return gettext(
            "Zone %(zones)s is smaller or narrower than a zone can be (%(size)s m²).",
            zones=_numbers(finding),
            size=_size(finding),
        )
    return gettext(
        "A part of zone %(zones)s is smaller or narrower than a zone can be (%(size)s m²).",
        zones=_numbers(finding),
        size=_size(finding),
    )


def _unmatched(finding: Finding) -> str:
    return gettext("The borders of the zones %(zones)s do not have the same nodes here.", zones=_numbers(finding))


def _outside(finding: Finding) -> str:
    if finding.values["region"]:
        return gettext("Zone %(zones)s reaches beyond the region of the plan.", zones=_numbers(finding))
    return gettext(
        "Zone %(zones)s reaches beyond the outer border of the plan (%(size)s m²), and nobody said that it is meant to"
        " move.",
        zones=_numbers(finding),
        size=_size(finding),
    )


def _unknown_code(finding: Finding) -> str:
    return gettext(
        "The code list of this draft has no sub-zone “%(code)s” (%(count)s zones).",
        code=finding.values["code"] or "-",
        count=len(finding.zones),
    )


def _missing_attribute(finding: Finding) -> str:
    if finding.values["column"] == "subzone_code":
        return gettext("Zone %(zones)s has no sub-zone.", zones=_numbers(finding))
    if len(finding.zones) > 1:
        return gettext("No zone of this draft has a block (KODBLK).")
    return gettext("Zone %(zones)s has no block (KODBLK).", zones=_numbers(finding))


def _undecided_subzone(finding: Finding) -> str:
    if finding.values["code"] is None:
        return gettext("This draft has no table of activities.")
    return gettext(
        "The table of activities says nothing about sub-zone %(code)s (%(count)s zones).",
        code=finding.values["code"],
        count=len(finding.zones),
    )


def _missing_intensity(finding: Finding) -> str:
    return gettext(
        "The table of building rules says nothing about sub-zone %(code)s (%(count)s zones).",
        code=finding.values["code"],
        count=len(finding.zones),
    )


def _legal_area(finding: Finding) -> str:
    return gettext(
        "The legal area of zone %(zones)s is %(legal)s ha, the drawn one %(drawn)s ha.",
        zones=_numbers(finding),
        legal=format_decimal(finding.values["legal_ha"], "#,##0.####"),
        drawn=format_decimal(finding.values["drawn_ha"], "#,##0.####"),
    )


_TEXTS: Mapping[Kind, Callable[[Finding], str]] = {
    "invalid": _invalid,
    "overlap": _overlap,
    "gap": _gap,
    "sliver": _sliver,
    "unmatched": _unmatched,
    "outside": _outside,
    "unknown_code": _unknown_code,
    "missing_attribute": _missing_attribute,
    "undecided_subzone": _undecided_subzone,
    "missing_intensity": _missing_intensity,
    "legal_area": _legal_area,
}
