"""A comparison as the page shows it: counts, a row per zone, places, and outlines simplified for a small map."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from flask_babel import gettext

from app.gis_messages import said
from app.plans.exchange.comparing import Comparison
from gis.changeset import ZoneState
from gis.edit_errors import Fault
from gis.errors import TEXTS
from gis.outline_merge import same_outline

MOST_ROWS = 1_000
_MOST_SHAPES = 400
_MOST_PLACES = 200
# The small map is some hundred pixels wide: less than this share of it is not seen.
_SEEN = 1 / 1500


def report(comparison: Comparison) -> dict[str, Any]:
    """The comparison as JSON. Areas m2 of the plan's plane; lon/lat in degrees."""
    rows = [_row(comparison, zone, state) for zone, state in comparison.changes.items()]
    rows.sort(key=lambda row: (row["what"], row["zone"]))
    return {
        "features": comparison.features,
        "counts": _counts(comparison, rows),
        "rows": rows[:MOST_ROWS],
        "repairs": [vars(repair) for repair in comparison.repairs[:_MOST_PLACES]],
        "faults": [_fault(fault) for fault in comparison.faults[:_MOST_PLACES]],
        "conflicts": [
            {"kind": item.kind, "zones": item.zones, "fields": item.fields, "lon": item.lon, "lat": item.lat}
            for item in comparison.conflicts[:_MOST_PLACES]
        ],
        "held": comparison.held,
        "refusals": [vars(item) for item in comparison.refusals],
        "unknown": comparison.identified.unknown[:_MOST_PLACES],
        "shapes": _shapes(comparison),
        "digest": comparison.digest,
        "head": comparison.head,
        "can_be_taken": comparison.can_be_taken,
    }


def _counts(comparison: Comparison, rows: list[dict[str, Any]]) -> dict[str, int]:
    kinds = ("added", "piece", "merged", "removed", "reshaped", "recoded", "attributes")
    return {
        **{kind: sum(kind in row["what"] for row in rows) for kind in kinds},
        "split": len(comparison.identified.pieces),
        "conflicts": len(comparison.conflicts),
        "repairs": len(comparison.repairs),
        "faults": len(comparison.faults),
        "refusals": len(comparison.refusals),
        "unchanged": max(0, len(comparison.stored) - sum(row["zone"] > 0 for row in rows)),
    }


def _row(comparison: Comparison, zone: int, state: ZoneState | None) -> dict[str, Any]:
    stored = comparison.stored.get(zone)
    before = stored.state if stored is not None else None
    shown = state or before
    place = shapely.point_on_surface(shown.geometry) if shown is not None else shapely.Point(0, 0)
    return {
        "zone": zone,
        "what": _what(comparison, zone, before, state),
        "block": shown.attributes.get("block") if shown else None,
        "code_before": before.attributes.get("subzone_code") if before else None,
        "code_after": state.attributes.get("subzone_code") if state else None,
        "fields": _fields(before, state),
        "before_m2": _area(comparison, before),
        "after_m2": _area(comparison, state),
        "from": [link.parent for link in comparison.lineage if link.child == zone],
        "to": [link.child for link in comparison.lineage if link.parent == zone and state is None],
        "lon": place.x,
        "lat": place.y,
    }


def _what(comparison: Comparison, zone: int, before: ZoneState | None, after: ZoneState | None) -> list[str]:
    kinds = {link.kind for link in comparison.lineage if link.child == zone}
    if before is None:
        return ["piece" if "split" in kinds else "added"]
    if after is None:
        return ["removed"]
    found = ["merged"] if "merge" in kinds else []
    if not same_outline(before.geometry, after.geometry):
        found.append("reshaped")
    changed = _fields(before, after)
    if "subzone_code" in changed:
        found.append("recoded")
    if set(changed) - {"subzone_code"}:
        found.append("attributes")
    return found


def _fields(before: ZoneState | None, after: ZoneState | None) -> list[str]:
    if before is None or after is None:
        return []
    names = sorted(before.attributes.keys() | after.attributes.keys())
    return [name for name in names if before.attributes.get(name) != after.attributes.get(name)]


def _area(comparison: Comparison, state: ZoneState | None) -> float | None:
    return None if state is None else round(float(comparison.draft.metric.area_m2(state.geometry)), 1)


def _fault(fault: Fault) -> dict[str, Any]:
    zones = ", ".join(map(str, fault.zones))
    text = said(TEXTS[fault.code].template, {"lon": fault.lon, "lat": fault.lat, "zones": zones, "reason": "-"})
    return {
        "text": text,
        "hint": gettext(TEXTS[fault.code].hint),
        "zones": fault.zones,
        "lon": fault.lon,
        "lat": fault.lat,
    }


def _shapes(comparison: Comparison) -> dict[str, Any] | None:
    """Outlines before and after, as rings of lon/lat, and their box; None where nothing changed."""
    zones = list(comparison.changes)[:_MOST_SHAPES]
    pairs = [
        (comparison.stored[zone].state if zone in comparison.stored else None, comparison.changes[zone])
        for zone in zones
    ]
    outlines = [state.geometry for pair in pairs for state in pair if state is not None]
    places = [(item.lon, item.lat) for item in (*comparison.repairs, *comparison.faults)]
    if not outlines:
        return None
    box = shapely.total_bounds([*outlines, *(shapely.Point(place) for place in places)]).tolist()
    tolerance = max(box[2] - box[0], box[3] - box[1]) * _SEEN
    before = [_rings(pair[0], tolerance) for pair in pairs]
    after = [_rings(pair[1], tolerance) for pair in pairs]
    return {"box": box, "zones": zones, "before": before, "after": after, "places": places[:_MOST_PLACES]}


def _rings(state: ZoneState | None, tolerance: float) -> list[list[list[float]]]:
    if state is None:
        return []
    simple = shapely.simplify(state.geometry, tolerance)
    rings: Iterable[shapely.Geometry] = shapely.get_rings(shapely.get_parts(simple))
    return [np.round(shapely.get_coordinates(ring), 7).tolist() for ring in rings]
