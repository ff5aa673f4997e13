"""The zones of a draft as a coverage, kept in memory from one change to the next.

Revisions never change: only those that the draft did not hold at the last look are read again, and only the surroundings
of what changed are inspected again. Nothing here is the truth; a process that holds nothing reads everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import shapely
from sqlalchemy.orm import Session

from app.plans.drafts import queries
from app.plans.drafts.saving import Draft
from app.plans.footprint import Beginning, beginning
from app.plans.queries import outlines
from app.runtime import runtime
from gis.coverage_inspection import Inspection, inspect
from gis.footprint import FootprintDifference

_CACHE = "draft_inspections"
# A plan of 10,000 zones takes some 30 MB; few drafts are open at once.
_MOST_DRAFTS = 4


@dataclass(frozen=True)
class Inspected:
    """A draft's zones in the order of its manifest, and what is wrong with them. revisions: by zone.

    proposed: by finding, what could be done about it, with the zones that this rests on; filled as it is worked out.
    """

    revisions: Mapping[int, int]
    inspection: Inspection
    beginning: Beginning
    footprint: FootprintDifference
    proposed: dict[str, tuple[frozenset[int], Any]] = field(default_factory=dict, compare=False)


def inspected(session: Session, draft: Draft) -> Inspected:
    """The draft as it is stored now."""
    kept: dict[int, Inspected] = runtime().caches.setdefault(_CACHE, {})
    last = kept.pop(draft.version.id, None)
    revisions = queries.manifest(session, draft.version.id)
    if last is None or last.revisions != revisions:
        last = _inspect(session, draft, revisions, last)
    kept[draft.version.id] = last
    while len(kept) > _MOST_DRAFTS:
        kept.pop(next(iter(kept)), None)
    return last


def _inspect(session: Session, draft: Draft, revisions: Mapping[int, int], last: Inspected | None) -> Inspected:
    before: dict[int, shapely.Geometry] = {}
    if last is not None:
        before = {revision: last.inspection.zones[zone] for zone, revision in last.revisions.items()}
    missing = [revision for revision in revisions.values() if revision not in before]
    read = queries.all_outlines(session, draft.version.id) if last is None else outlines(session, missing)
    zones = {zone: before[revision] if revision in before else read[revision] for zone, revision in revisions.items()}
    inspection = inspect(zones, draft.metric, None if last is None else last.inspection)
    began = beginning(session, draft.version, zones)
    result = Inspected(revisions, inspection, began, began.difference(zones, draft.metric))
    if last is not None:
        unchanged = {zone for zone, revision in revisions.items() if last.revisions.get(zone) == revision}
        result.proposed.update((key, item) for key, item in last.proposed.items() if unchanged.issuperset(item[0]))
    return result
