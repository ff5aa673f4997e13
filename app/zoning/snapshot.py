"""One published version, ready to answer: the spatial index and every part of a card that does not depend on the question.

Built once per version and process, never changed. What belongs to a zone is serialised here, once, as bytes.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import shapely

from app.compression import Pieces
from app.plans.service import VersionContent
from app.plans.timeline import PlanTimeline, VersionEntry
from gis.rdtr.codes import is_road
from gis.rdtr.columns import Overlay
from gis.rdtr.overlays import OverlayStatus, read_overlay
from gis.zoning_index import ZoningIndex

# Deflated parts of cards kept per version, of less than a kilobyte each.
_MOST_PIECES = 20_000
VERDICTS = ("allowed", "limited", "conditional", "limited_conditional", "forbidden", "undecided")
_INTENSITY_FIELDS = (
    "applies", "road_class", "lot_min_m2", "lot_max_m2", "building_type", "kdb_max_pct", "klb_max_ratio", "kdh_min_pct",
    "ktb_max_pct", "gsb_min_m", "side_min_m", "rear_min_m", "height_max_m", "floors_max", "article",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the ITBX table says of one activity in one sub-zone."""

    verdict: str
    conditions: tuple[str, ...]


UNDECIDED = Verdict("undecided", ())


class Snapshot:
    """A published version in memory.

    zones, zone_bytes and overlay_bytes run parallel to the positions of ``index``.
    """

    def __init__(
        self, timeline: PlanTimeline, entry: VersionEntry, content: VersionContent, *, tolerance_deg: float
    ) -> None:
        self.timeline = timeline
        self.entry = entry
        self.content = content
        self.subzones = {row.code: row for row in content.subzones}
        self.activities = {row.activity_id: row for row in content.activities}
        self.conditions = {row.code: row for row in content.conditions}
        self.verdicts = _verdicts(content)
        self._overlay_rules = {(row.kind, row.class_): row for row in content.overlays}
        self._intensity = _intensity(content)
        self._uses = _uses(content, self.verdicts)
        self.zones = content.zones
        self.index = ZoningIndex(
            shapely.from_wkb([bytes(zone.wkb) for zone in content.zones]),
            timeline.metric,
            accuracy_m=timeline.accuracy_m,
            tolerance_deg=tolerance_deg,
        )
        self._codes: npt.NDArray[np.object_] = np.array([zone.subzone_code for zone in content.zones], dtype=object)
        self.zone_bytes = [orjson.dumps(self.zone(position))[1:] for position in range(len(content.zones))]
        self._overlay_bytes: dict[str, list[bytes | None]] = {}
        self.closing: dict[tuple[str, str, bool], bytes] = {}
        self.pieces = Pieces(_MOST_PIECES)
        self.plan_bytes = orjson.dumps(self.plan())

    def verdict(self, activity_id: str, subzone_code: str) -> Verdict:
        """The table's verdict; undecided where the table has no cell."""
        return self.verdicts.get(activity_id, {}).get(subzone_code, UNDECIDED)

    def plan(self) -> dict[str, Any]:
        """The card's "plan"."""
        entry, timeline = self.entry, self.timeline
        return {
            "code": timeline.code,
            "name": timeline.name,
            "kind": timeline.kind,
            "version": entry.seq,
            "version_id": entry.version_id,
            "legal_reference": entry.legal_reference,
            "valid_from": _iso(entry.valid_from),
            "valid_to": _iso(entry.valid_to),
            "scale": timeline.scale,
            "accuracy_m": timeline.accuracy_m,
            "sample": timeline.sample,
            "overlaps_m2": entry.overlaps_m2,
            "errata": [erratum.as_json() for erratum in entry.errata],
        }

    def subzone(self, code: str) -> dict[str, Any]:
        """A sub-zone as cards show it; a code that the list lacks is shown verbatim, without a name."""
        row = self.subzones.get(code)
        return {
            "code": code,
            "domain_code": row.domain_code if row else None,
            "name": row.name if row else None,
            "zone": row.zone if row else None,
            "colour": row.colour if row else "#9aa0a6",
        }

    def is_road(self, position: int) -> bool:
        """Whether the zone is the land of roads."""
        subzone = self.subzone(self.zones[position].subzone_code)
        return is_road(subzone["domain_code"], subzone["zone"])

    def zone(self, position: int) -> dict[str, Any]:
        """The card's entry of one zone, without the distance."""
        zone = self.zones[position]
        return {
            "zone_id": zone.zone_id,
            "revision_id": zone.revision_id,
            "subzone": self.subzone(zone.subzone_code),
            "block": _block(zone.block, zone.sub_block),
            "area_m2": round(zone.area_m2, 2),
            "legal_area_ha": zone.legal_area_ha,
            "intensity": self._intensity.get(zone.subzone_code, []),
            "uses": self._uses.get(zone.subzone_code, dict.fromkeys(VERDICTS, 0)),
        }

    def overlays(self, position: int, language: str) -> list[dict[str, Any]]:
        """All overlay kinds of one zone, each with its three-way status."""
        zone = self.zones[position]
        return [self._overlay(kind, zone.overlays.get(kind.value), language) for kind in Overlay]

    def overlay_bytes(self, position: int, language: str) -> bytes:
        """The same, serialised at first use."""
        kept = self._overlay_bytes.setdefault(language, [None] * len(self.zones))
        found = kept[position]
        if found is None:
            zone_id = self.zones[position].zone_id
            found = orjson.dumps([{**overlay, "zone_ids": [zone_id]} for overlay in self.overlays(position, language)])
            kept[position] = found
        return found

    def positions_of(self, codes: set[str]) -> npt.NDArray[np.int64]:
        """Positions of all zones of these sub-zones."""
        return np.flatnonzero(np.isin(self._codes, sorted(codes))).astype(np.int64)

    def _overlay(self, kind: Overlay, stored: str | None, language: str) -> dict[str, Any]:
        overlay = read_overlay(kind, stored)
        rule = None
        if overlay.status is OverlayStatus.APPLIES:
            rules = self._overlay_rules
            rule = rules.get((kind.value, str(overlay.value))) or rules.get((kind.value, "*"))
        return {
            "kind": kind.value,
            "name": kind.name_en if language == "en" else kind.name_id,
            "status": overlay.status.value,
            "class": overlay.value,
            "text": rule.text if rule else None,
            "article": rule.article if rule else None,
        }


def _block(block: str | None, sub_block: str | None) -> str | None:
    """The block as people cite it: a sub-block code that repeats its block's (I.A.6.a) stands alone."""
    if block and sub_block and not sub_block.startswith(block):
        return f"{block}.{sub_block}"
    return sub_block or block


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _verdicts(content: VersionContent) -> dict[str, dict[str, Verdict]]:
    table: dict[str, dict[str, Verdict]] = {}
    for row in content.permitted_uses:
        table.setdefault(row.activity_id, {})[row.subzone_code] = Verdict(row.verdict, tuple(row.conditions))
    return table


def _intensity(content: VersionContent) -> dict[str, list[dict[str, Any]]]:
    rules: dict[str, list[dict[str, Any]]] = {}
    for row in content.intensity:
        rules.setdefault(row.subzone_code, []).append({name: getattr(row, name) for name in _INTENSITY_FIELDS})
    return rules


def _uses(content: VersionContent, verdicts: dict[str, dict[str, Verdict]]) -> dict[str, dict[str, int]]:
    """Counts of verdicts per sub-zone; an activity without a cell there is undecided."""
    counted: dict[str, dict[str, int]] = {}
    for subzone in content.subzones:
        counts = Counter(
            verdicts.get(activity.activity_id, {}).get(subzone.code, UNDECIDED).verdict
            for activity in content.activities
        )
        counted[subzone.code] = {verdict: counts.get(verdict, 0) for verdict in VERDICTS}
    return counted
