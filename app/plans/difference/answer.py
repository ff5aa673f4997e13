"""A comparison as the API gives it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import shapely.geometry

from app.plans.difference.affected import Affected
from app.plans.difference.green_space import LAW, LEAST_GREEN_PCT, LEAST_PUBLIC_PCT, green_list
from app.plans.difference.service import Comparison
from app.plans.drafts.states import PLAIN, StoredZone, overlays_of


def answer(comparison: Comparison, *, geometry: bool, parcels: bool) -> dict[str, Any]:
    """The whole difference. geometry: whether outlines come along; parcels: whether affected things are listed."""
    found = comparison.found
    lists = {
        "added": found.added,
        "removed": found.removed,
        "reshaped": found.reshaped,
        "recoded": found.recoded,
        "edited": comparison.edited,
    }
    return {
        "plan": comparison.plan.as_json(),
        "from": comparison.old.as_json(),
        "to": comparison.new.as_json(),
        "summary": {
            **{name: len(zones) for name, zones in lists.items()},
            "changed_m2": round(comparison.changed_m2, 1),
            "rules": comparison.rules.count,
        },
        **{name: [zone_change(comparison, zone, geometry=geometry) for zone in zones] for name, zones in lists.items()},
        **_land(comparison, geometry=geometry),
        "rules": comparison.rules.as_json(),
        "green_space": green_space(comparison),
        "affected": [_affected(item, listed=parcels) for item in comparison.affected],
        "reasons": [{"seq": reason.seq, "at": reason.at, "text": reason.text} for reason in comparison.reasons],
    }


def _land(comparison: Comparison, *, geometry: bool) -> dict[str, Any]:
    """Which land goes from which zone and sub-zone to which."""
    return {
        "lineage": [
            {"seq": link.seq, "parent": link.parent, "child": link.child, "kind": link.kind}
            for link in comparison.lineage
        ],
        "transfers": [
            {
                "from_zone": piece.source,
                "to_zone": piece.target,
                "from_code": piece.old_code,
                "to_code": piece.new_code,
                "area_m2": round(piece.area_m2, 1),
                "geometry": shapely.geometry.mapping(piece.geometry) if geometry else None,
            }
            for piece in comparison.pieces
        ],
        "subzones": [
            {
                "code": area.code,
                "name": area.name,
                "colour": area.colour,
                "before_m2": round(area.before_m2, 1),
                "after_m2": round(area.after_m2, 1),
            }
            for area in comparison.areas
        ],
        "transitions": [
            {"from_code": pair[0], "to_code": pair[1], "area_m2": round(area, 1), "area_ha": round(area / 10_000, 4)}
            for pair, area in comparison.found.transitions_m2.items()
        ],
    }


def zone_change(comparison: Comparison, zone: int, *, geometry: bool) -> dict[str, Any]:
    """One zone before and after."""
    old, new = comparison.before.get(zone), comparison.after.get(zone)
    return {
        "zone_id": zone,
        "changed": changed_names(comparison, zone),
        "old": _state(comparison, old, geometry=geometry),
        "new": _state(comparison, new, geometry=geometry),
    }


def changed_names(comparison: Comparison, zone: int) -> list[str]:
    """Which attributes of a zone differ, "geometry" among them."""
    names = sorted(comparison.found.attributes.get(zone, {}))
    return ["geometry", *names] if zone in set(comparison.found.reshaped) else names


def green_space(comparison: Comparison) -> dict[str, Any]:
    """Both shares, the law, and what the list says about the sub-zones that are drawn."""
    entries: Iterable[Any] = ((area, green_list()[area.code]) for area in comparison.areas if area.code in green_list())
    return {
        "law": LAW,
        "least_green_pct": LEAST_GREEN_PCT,
        "least_public_pct": LEAST_PUBLIC_PCT,
        "before": comparison.green[0].as_json(),
        "after": comparison.green[1].as_json(),
        "subzones": [
            {
                "code": area.code,
                "green": entry.green,
                "ownership": entry.ownership,
                "source": entry.source,
                "before_m2": round(area.before_m2, 1),
                "after_m2": round(area.after_m2, 1),
            }
            for area, entry in entries
        ],
    }


def _state(comparison: Comparison, zone: StoredZone | None, *, geometry: bool) -> dict[str, Any] | None:
    if zone is None:
        return None
    state = zone.state
    return {
        "revision_id": zone.revision_id,
        **{name: state.attributes.get(name) for name in PLAIN},
        "overlays": overlays_of(state),
        "area_m2": round(float(comparison.plan.metric.area_m2(state.geometry)), 1),
        "geometry": shapely.geometry.mapping(state.geometry) if geometry else None,
    }


def _affected(item: Affected | str, *, listed: bool) -> dict[str, Any]:
    if isinstance(item, str):
        return {"kind": item, "recorded": False, "count": None, "listed": None}
    return {
        "kind": item.kind,
        "recorded": True,
        "count": item.count,
        "listed": list(item.listed) if listed else None,
    }
