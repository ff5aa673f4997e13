"""Everything that a draft should not be published with, as a list: what its zones are as a coverage, what they say, and
what its tables lack.

Errors stand against submitting and publishing, not against saving. What the published version had already is a warning:
it was accepted then. Areas are m2 of the plan's metric CRS, geometries EPSG:4326.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from shapely import STRtree
from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.plans.drafts import queries
from app.plans.drafts.finding import KINDS, Finding, Kind, Severity
from app.plans.drafts.inspecting import Inspected, inspected
from app.plans.drafts.saving import Draft
from app.plans.footprint import within_any
from gis.coverage import as_array, place_in
from gis.rdtr.zone_layer import area_problem

# Borders whose nodes differ lie within this of each other (about 1 cm, as answers take them).
_BESIDE_DEG = 1e-7


def findings(session: Session, draft: Draft) -> list[Finding]:
    """All findings about a draft as it is stored now, errors first, large ones first within a kind."""
    seen = inspected(session, draft)
    rows = {row.zone_id: row for row in queries.listed(session, draft.version.id)}
    found = [*_of_coverage(seen), *_outside(draft, seen, rows)]
    if rows:
        stated = _Stated.of(draft, seen, rows)
        found += [*_codes(session, stated), *_blocks(session, stated), *_areas(stated)]
    return sorted(found, key=lambda item: (item.severity, KINDS.index(item.kind), -(item.size_m2 or 0.0), item.zones))


def blocking(session: Session, draft: Draft) -> list[Finding]:
    """Findings that stand against submitting and publishing a draft."""
    return [finding for finding in findings(session, draft) if finding.severity == "error"]


def _severity(accepted: bool) -> Severity:
    return "warning" if accepted else "error"


def _of_coverage(seen: Inspected) -> Iterator[Finding]:
    inspection, began = seen.inspection, seen.beginning
    for zone, fault in inspection.invalid.items():
        yield Finding("invalid", "error", (zone,), fault.lon, fault.lat, values={"reason": fault.reason})
    for pair, item in inspection.overlaps.items():
        accepted = began.accepted_overlap(*pair)
        yield Finding(
            "overlap", _severity(accepted), pair, item.lon, item.lat, item.area_m2, item.geometry, accepted=accepted
        )
    for gap in seen.footprint.lost:
        yield Finding(
            "gap", "error", gap.zones, gap.lon, gap.lat, gap.area_m2, gap.geometry, values={"in_footprint": True}
        )
    for gap in inspection.holes:
        if not within_any(gap, seen.footprint.lost):
            accepted = began.accepted_hole(gap)
            yield Finding(
                "gap",
                _severity(accepted),
                gap.zones,
                gap.lon,
                gap.lat,
                gap.area_m2,
                gap.geometry,
                accepted=accepted,
                values={"in_footprint": False},
            )
    for zone, slivers in inspection.slivers.items():
        parts = shapely.get_parts(inspection.sound[zone])
        for sliver in slivers:
            yield Finding(
                "sliver",
                "warning",
                (zone,),
                sliver.lon,
                sliver.lat,
                sliver.area_m2,
                parts[sliver.part],
                values={"whole": len(parts) == 1, "part": sliver.part},
            )
    yield from _unmatched(seen)


def _unmatched(seen: Inspected) -> Iterator[Finding]:
    """Borders whose nodes differ, by pair of zones; an overlap says so itself."""
    edges = seen.inspection.edges
    if not edges:
        return
    ids = list(edges)
    pieces, owners = shapely.get_parts(as_array(edges.values()), return_index=True)
    found, other = STRtree(pieces).query(pieces, predicate="dwithin", distance=_BESIDE_DEG)
    partners: dict[int, set[int]] = {}
    for piece, beside in zip(found.tolist(), other.tolist(), strict=True):
        if owners[piece] != owners[beside]:
            partners.setdefault(piece, set()).add(ids[owners[beside]])
    grouped: dict[tuple[int, ...], list[shapely.Geometry]] = {}
    for position, piece in enumerate(pieces):
        zone = ids[owners[position]]
        pairs = [tuple(sorted((zone, partner))) for partner in partners.get(position, ())]
        if not any(pair in seen.inspection.overlaps for pair in pairs):
            grouped.setdefault(min(pairs, default=(zone,)), []).append(piece)
    for zones, lines in grouped.items():
        middle = shapely.line_interpolate_point(lines[0], 0.5, normalized=True)
        drawn = shapely.multilinestrings(as_array(lines))
        yield Finding("unmatched", "warning", zones, middle.x, middle.y, geometry=drawn)


def _outside(draft: Draft, seen: Inspected, rows: Mapping[int, Row[Any]]) -> Iterator[Finding]:
    west, south, east, north = draft.plan.region
    for zone, row in rows.items():
        box = (row.west, row.south, row.east, row.north)
        if box[0] < west or box[1] < south or box[2] > east or box[3] > north:
            lon, lat = place_in(seen.inspection.sound[zone])
            yield Finding("outside", "error", (zone,), lon, lat, row.area_m2, values={"region": True})
    for excess in seen.footprint.gained:
        yield Finding(
            "outside",
            "error",
            (excess.zone,),
            excess.lon,
            excess.lat,
            excess.area_m2,
            excess.geometry,
            values={"region": False},
        )


@dataclass(frozen=True)
class _Stated:
    """What the zones of a draft say. rows: by zone. by_code: zones by sub-zone, "" for none."""

    draft: Draft
    seen: Inspected
    rows: Mapping[int, Row[Any]]
    by_code: Mapping[str, list[int]]

    @classmethod
    def of(cls, draft: Draft, seen: Inspected, rows: Mapping[int, Row[Any]]) -> _Stated:
        by_code: dict[str, list[int]] = {}
        for zone, row in rows.items():
            by_code.setdefault(row.subzone_code or "", []).append(zone)
        return cls(draft, seen, rows, by_code)

    def finding(
        self, kind: Kind, zones: Sequence[int], *, warning: bool = False, accepted: bool = False, **values: Any
    ) -> Finding:
        """A finding about whole zones, placed in the largest."""
        largest = max(zones, key=lambda zone: self.rows[zone].area_m2)
        lon, lat = place_in(self.seen.inspection.sound[largest])
        size = float(sum(self.rows[zone].area_m2 for zone in zones))
        severity: Severity = "warning" if warning or accepted else "error"
        return Finding(kind, severity, tuple(zones), lon, lat, size, accepted=accepted, values=values)


def _codes(session: Session, stated: _Stated) -> Iterator[Finding]:
    """Sub-zones in use that the code list, the table of activities or the table of building rules lack."""
    version = stated.draft.version
    known = queries.codes(session, version.id)
    for code, zones in stated.by_code.items():
        if not code:
            for zone in zones:
                yield stated.finding("missing_attribute", [zone], column="subzone_code")
        elif code not in known:
            yield stated.finding("unknown_code", zones, code=code)
    used = known & stated.by_code.keys()
    base = version.base_version_id
    accepted = queries.without_uses(session, base) if base is not None else set()
    for code in sorted(queries.without_uses(session, version.id) & used):
        yield stated.finding("undecided_subzone", stated.by_code[code], accepted=code in accepted, code=code)
    for code in sorted(queries.without_intensity(session, version.id) & used):
        yield stated.finding("missing_intensity", stated.by_code[code], warning=True, code=code)
    # A general plan has no such table; a detailed one without it answers nothing about activities.
    if stated.draft.plan.kind == "rdtr" and not queries.has_uses(session, version.id):
        yield stated.finding("undecided_subzone", list(stated.rows), warning=True, code=None)


def _blocks(session: Session, stated: _Stated) -> Iterator[Finding]:
    """Zones of a detailed plan without a block, which the regulation's column list asks for (KODBLK)."""
    if stated.draft.plan.kind != "rdtr":
        return
    rows = stated.rows
    lacking = [zone for zone, row in rows.items() if not row.block]
    if len(lacking) == len(rows):
        # The whole layer has none: that is no slip of one zone, and nothing a planner mends zone by zone.
        yield stated.finding("missing_attribute", lacking, warning=True, column="block")
        return
    base = stated.draft.version.base_version_id
    published = queries.manifest(session, base) if base is not None and not stated.seen.beginning.imported else {}
    for zone in lacking:
        yield stated.finding(
            "missing_attribute", [zone], accepted=published.get(zone) == rows[zone].revision_id, column="block"
        )


def _areas(stated: _Stated) -> Iterator[Finding]:
    """Legal areas that differ from the drawn one by more than the report of an import lets pass."""
    for zone, row in stated.rows.items():
        if area_problem(row.legal_area_ha, row.area_m2) is not None:
            drawn = round(row.area_m2 / 10_000, 4)
            yield stated.finding("legal_area", [zone], warning=True, legal_ha=row.legal_area_ha, drawn_ha=drawn)
