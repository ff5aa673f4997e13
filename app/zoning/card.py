"""Write the zoning card (the shape that every part of the system reuses) from what was found for a question."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
from flask_babel import gettext

from app.errors import Unprocessable
from app.places.service import Territory
from app.plans import service as plans
from app.zoning import texts
from app.zoning.finding import Finding, Question
from app.zoning.snapshot import UNDECIDED, Snapshot

ALLOWING = frozenset({"allowed", "limited", "conditional", "limited_conditional"})


def write(found: Finding, lang: str, *, future: bool) -> bytes:
    """The zoning card as JSON, put together from parts that were serialised when the version was loaded.

    lang: "id" or "en". future: the day asked about has not come yet.
    """
    return b"".join([part for part, _ in parts(found, lang, future=future)])


def parts(found: Finding, lang: str, *, future: bool) -> list[tuple[bytes, bool]]:
    """The same in pieces, each with whether other cards of the version have it as well."""
    question, snapshot = found.question, found.snapshot
    filtered = question.road_class is not None or question.lot_m2 is not None
    position = found.location.zones[0] if len(found.location.zones) == 1 and not found.location.neighbours else None
    if position is not None and not filtered:
        zones = [(b'{"distance_m":0,', False), (snapshot.zone_bytes[position], True)]
        overlays = (snapshot.overlay_bytes(position, lang), True)
    else:
        zones = [(_zones_bytes(found, filtered=filtered), False)]
        overlays = (_overlay_bytes(snapshot, found.location.zones, lang), False)
    activity = orjson.dumps(_activity(found)) if question.activity else b"null"
    return [
        (_head_bytes(found) + b',"plan":', False),
        (snapshot.plan_bytes, True),
        (b',"place":' + _place_bytes(found.territory) + b',"zones":[', False),
        *zones,
        (b'],"overlays":', False),
        overlays,
        (b',"activity":' + activity + b",", False),
        (texts.closing_bytes(found.status, snapshot, lang, future=future), True),
    ]


def _head_bytes(found: Finding) -> bytes:
    """The card's first members, still open."""
    question = found.question
    query = {
        "lon": question.lon,
        "lat": question.lat,
        "on": found.day.isoformat(),
        "accuracy_m": question.accuracy_m,
    }
    return orjson.dumps({"query": query, "status": found.status})[:-1]


def _zones_bytes(found: Finding, *, filtered: bool) -> bytes:
    """The zones that hold the point, then those near it."""
    zones = [(position, 0.0) for position in found.location.zones]
    zones += [(item.position, item.distance_m) for item in found.location.neighbours]
    snapshot, question = found.snapshot, found.question
    return b",".join(_zone_bytes(snapshot, position, distance, question, filtered) for position, distance in zones)


def _zone_bytes(snapshot: Snapshot, position: int, distance_m: float, question: Question, filtered: bool) -> bytes:
    start = b'{"distance_m":%s,' % (b"0" if distance_m == 0 else b"%.2f" % distance_m)
    if not filtered:
        return start + snapshot.zone_bytes[position]
    zone = snapshot.zone(position)
    zone["intensity"] = [rule for rule in zone["intensity"] if _applies(rule, question)]
    return start + orjson.dumps(zone)[1:]


def _applies(rule: dict[str, Any], question: Question) -> bool:
    """Whether an intensity rule can apply to the road class and lot size asked about; what it leaves open applies."""
    if question.road_class is not None and rule["road_class"] not in (None, question.road_class):
        return False
    if question.lot_m2 is None:
        return True
    low, high = rule["lot_min_m2"], rule["lot_max_m2"]
    return (low is None or question.lot_m2 >= low) and (high is None or question.lot_m2 < high)


def _place_bytes(area: Territory | None) -> bytes:
    if area is None:
        return b"null"
    inside = area.level == "kelurahan"
    return orjson.dumps(
        {
            "kelurahan": area.name if inside else None,
            "kecamatan": area.parent_name if inside else None,
            "code": area.code if inside else None,
            "region": None if inside else area.name,
        }
    )


def _overlay_bytes(snapshot: Snapshot, positions: tuple[int, ...], lang: str) -> bytes:
    if not positions:
        return b"[]"
    if len(positions) == 1:
        return snapshot.overlay_bytes(positions[0], lang)
    return orjson.dumps(merged_overlays(snapshot, positions, lang))


def merged_overlays(snapshot: Snapshot, positions: tuple[int, ...], lang: str) -> list[dict[str, Any]]:
    """Overlays of several zones: the same statement is listed once, with the zones that it is true of."""
    merged: dict[tuple[int, str, str], dict[str, Any]] = {}
    for position in positions:
        zone_id = snapshot.zones[position].zone_id
        for order, overlay in enumerate(snapshot.overlays(position, lang)):
            key = (order, overlay["status"], str(overlay["class"]))
            merged.setdefault(key, {**overlay, "zone_ids": []})["zone_ids"].append(zone_id)
    return [merged[key] for key in sorted(merged)]


def _activity(found: Finding) -> dict[str, Any]:
    """The card's "activity": verdict per zone, conditions, and the nearest zones that allow it."""
    snapshot, asked = found.snapshot, found.question.activity or ""
    candidates = [asked] if asked in snapshot.activities else []
    listed: list[dict[str, Any]] = []
    if not candidates:
        listed = plans.search_activities(snapshot.entry.version_id, asked)
        candidates = [item["activity_id"] for item in listed]
    if not candidates:
        raise Unprocessable(
            gettext("The plan's activity table knows nothing like “%(activity)s”.", activity=asked[:60]),
            field="activity",
            hint=gettext("Try another everyday word, or a KBLI code of five digits."),
        )
    row = snapshot.activities[candidates[0]]
    ambiguous = len(listed) > 1 and plans.states_code(asked)
    positions = list(found.location.zones)
    # For a code that means several things nothing is decided: the verdicts stand with each candidate.
    decided = [] if ambiguous else positions
    verdicts = [_zone_verdict(snapshot, position, row.activity_id) for position in decided]
    forbidden = any(item["verdict"] not in ALLOWING for item in verdicts) or not verdicts
    return {
        "activity_id": row.activity_id,
        "kbli": row.kbli,
        "kbli_edition": row.kbli_edition,
        "title": row.title,
        "verdicts": verdicts,
        "nearest_allowed": _nearest_allowed(found, row.activity_id) if forbidden and not ambiguous else [],
        "ambiguous": ambiguous,
        "candidates": [
            {
                **item,
                "verdicts": [_zone_verdict(snapshot, position, item["activity_id"]) for position in positions],
            }
            for item in listed
        ],
    }


def _zone_verdict(snapshot: Snapshot, position: int, activity_id: str) -> dict[str, Any]:
    zone = snapshot.zones[position]
    verdict = snapshot.verdict(activity_id, zone.subzone_code)
    return {
        "zone_id": zone.zone_id,
        "verdict": verdict.verdict,
        "conditions": conditions(snapshot, verdict.conditions),
    }


def conditions(snapshot: Snapshot, codes: tuple[str, ...]) -> list[dict[str, Any]]:
    """What condition codes mean in this version; a code that the plan does not explain has null text."""
    rows = [(code, snapshot.conditions.get(code)) for code in codes]
    return [
        {"code": code, "text": row.text if row else None, "article": row.article if row else None} for code, row in rows
    ]


def _nearest_allowed(found: Finding, activity_id: str) -> list[dict[str, Any]]:
    snapshot = found.snapshot
    table = snapshot.verdicts.get(activity_id, {})
    codes = {code for code, verdict in table.items() if verdict.verdict in ALLOWING}
    others = np.setdiff1d(snapshot.positions_of(codes), np.array(found.location.zones, dtype=np.int64))
    nearest = snapshot.index.nearest(found.question.lon, found.question.lat, others)
    return [
        {
            "zone_id": snapshot.zones[position].zone_id,
            "subzone": snapshot.subzone(snapshot.zones[position].subzone_code),
            "verdict": table.get(snapshot.zones[position].subzone_code, UNDECIDED).verdict,
            "distance_m": round(distance, 1),
            "lon": round(lon, 7),
            "lat": round(lat, 7),
        }
        for position, distance, lon, lat in nearest
    ]
