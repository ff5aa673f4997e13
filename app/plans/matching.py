"""Which zone of the version before a zone of a new layer is: the same identity, perhaps the same revision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely
from shapely import STRtree
from sqlalchemy.orm import Session

from app.plans import queries
from gis.crs import MetricCrs

# Two zones are one that was reshaped when each keeps more than half of its land in the other.
_SAME_SHARE = 0.5


@dataclass(frozen=True)
class ZoneDraft:
    """A zone as read: geometry in EPSG:4326 and the attributes that a revision keeps."""

    geometry: shapely.Geometry
    subzone_code: str
    block: str | None
    sub_block: str | None
    legal_area_ha: float | None
    overlays: dict[str, Any]
    remark: str | None

    def attributes(self) -> tuple[Any, ...]:
        """What makes a new revision when it differs."""
        return (self.subzone_code, self.block, self.sub_block, self.legal_area_ha, self.overlays, self.remark)


class Known(NamedTuple):
    """A zone of the version before."""

    zone_id: int
    revision_id: int
    draft: ZoneDraft


class Match(NamedTuple):
    """The identity and revision to use again; None where a new one is needed."""

    zone_id: int | None
    revision_id: int | None


def zones_of(session: Session, version_id: int) -> list[Known]:
    """The zones of a version."""
    return [
        Known(
            zone.zone_id,
            zone.revision_id,
            ZoneDraft(
                shapely.from_wkb(bytes(zone.wkb)),
                zone.subzone_code,
                zone.block,
                zone.sub_block,
                zone.legal_area_ha,
                zone.overlays,
                zone.remark,
            ),
        )
        for zone in queries.zones(session, version_id)
    ]


def match(drafts: Sequence[ZoneDraft], known: Sequence[Known], metric: MetricCrs) -> list[Match]:
    """A match for each draft: bit-identical geometry first, then the zone that it shares most land with.

    Each known zone is used once. Areas are compared in the plan's metric CRS.
    """
    found: list[Match] = [Match(None, None)] * len(drafts)
    by_shape: dict[bytes, list[int]] = {}
    for position, item in enumerate(known):
        by_shape.setdefault(shapely.to_wkb(item.draft.geometry), []).append(position)
    free = set(range(len(known)))
    open_drafts = []
    for number, draft in enumerate(drafts):
        shaped_alike = by_shape.get(shapely.to_wkb(draft.geometry), [])
        if not shaped_alike:
            open_drafts.append(number)
            continue
        # Two zones may have one outline in a plan with overlaps: the one that says the same is the same.
        alike = (p for p in shaped_alike if known[p].draft.attributes() == draft.attributes())
        position = next(alike, shaped_alike[0])
        shaped_alike.remove(position)
        free.discard(position)
        same = known[position].draft.attributes() == draft.attributes()
        found[number] = Match(known[position].zone_id, known[position].revision_id if same else None)
    for number, position in _reshaped(drafts, open_drafts, known, sorted(free), metric):
        found[number] = Match(known[position].zone_id, None)
    return found


def _reshaped(
    drafts: Sequence[ZoneDraft],
    open_drafts: Sequence[int],
    known: Sequence[Known],
    free: Sequence[int],
    metric: MetricCrs,
) -> list[tuple[int, int]]:
    """Pairs (draft, known) that share more than half of both, the largest shared part first, each used once."""
    if not open_drafts or not free:
        return []
    new = metric.to_metric(np.array([drafts[number].geometry for number in open_drafts], dtype=object))
    old = metric.to_metric(np.array([known[position].draft.geometry for position in free], dtype=object))
    left, right = STRtree(old).query(new, predicate="intersects")
    shared = shapely.area(shapely.intersection(shapely.make_valid(new[left]), shapely.make_valid(old[right])))
    share = shared / np.maximum(shapely.area(new[left]), shapely.area(old[right]))
    pairs, used_new, used_old = [], set(), set()
    for index in np.lexsort((right, left, -shared)):
        if share[index] <= _SAME_SHARE or left[index] in used_new or right[index] in used_old:
            continue
        used_new.add(left[index])
        used_old.add(right[index])
        pairs.append((open_drafts[left[index]], free[right[index]]))
    return pairs
