"""Save a change to a draft: on what the planner saw, over what is stored now.

Where nobody changed the zones since the planner loaded them, the change is stored as it is. Where somebody did, both are
merged; what two people decided differently is nobody's to decide but theirs (EditConflict).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.accounts.roles import Actor
from app.accounts.service import record
from app.errors import Conflict, Unprocessable
from app.plans import queries as plan_queries
from app.plans.drafts import queries, restoring
from app.plans.drafts.operations import Box, Context, Operation, Restore, Result, near
from app.plans.drafts.recording import Change, Entry, write_states
from app.plans.drafts.states import PLAIN, StoredZone, checked_values, feature
from app.plans.models import Changeset, Plan, PlanVersion
from gis import zone_edits
from gis.changeset import Conflict as MergeConflict
from gis.changeset import ZoneState, merge_changeset
from gis.crs import MetricCrs
from gis.zone_edits import Footprint
from gis.zone_edits.outlines import near as near_zones
from gis.zone_edits.outlines import nodes_of

States = dict[int, ZoneState]


@dataclass(frozen=True)
class Request:
    """What comes with every change. key: chosen by the sender, so that one sent twice is stored once.

    base: by zone, the revision that the planner saw. footprint: whether the plan's outer border may move.
    """

    key: uuid.UUID
    base: Mapping[int, int]
    comment: str = ""
    footprint: Footprint = "keep"
    dry_run: bool = False


@dataclass(frozen=True)
class Upsert:
    """A zone as it was changed elsewhere. geometry: MultiPolygon. values: its properties; those a zone has are read."""

    geometry: shapely.Geometry
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Draft:
    """The version of a plan that is being worked on. metric: the plane for areas."""

    plan: Plan
    version: PlanVersion
    metric: MetricCrs


def draft_of(plan: Plan, version: PlanVersion) -> Draft:
    """A version as what is worked on, with the plane of its plan."""
    return Draft(plan, version, MetricCrs(plan.utm_zone, plan.south))


@dataclass(frozen=True)
class Saved:
    """What was stored. merged: somebody else had changed the same zones, and that was kept."""

    changeset: Changeset
    changes: list[Change]
    merged: bool = False


@dataclass(frozen=True)
class Situation:
    """Zones near a change: stored is what the draft has now, seen what the planner had loaded."""

    stored: dict[int, StoredZone]
    seen: States

    @property
    def stored_states(self) -> States:
        """What the draft has now, without numbers of revisions."""
        return {zone: item.state for zone, item in self.stored.items()}

    def theirs(self) -> dict[int, ZoneState | None]:
        """What others changed since the planner loaded the zones."""
        now = self.stored_states
        changed = {zone: now.get(zone) for zone in self.seen if now.get(zone) is not self.seen[zone]}
        return changed | {zone: state for zone, state in now.items() if zone not in self.seen}


class EditConflict(Conflict):
    """Two people changed the same thing; carries base, mine and theirs of every zone concerned as GeoJSON."""

    slug = "edit-conflict"


def operate(session: Session, draft: Draft, actor: Actor, request: Request, operation: Operation) -> Saved:
    """Run an operation on what the planner saw, and store it."""
    doing = restoring.prepared(session, draft.version, operation) if isinstance(operation, Restore) else operation
    situation = _situation(session, draft, request.base, doing.named(), doing.boxes())
    context = Context(situation.seen, draft.metric, _codes(session, draft), request.footprint)
    filed = replace(request, comment=request.comment or doing.comment)
    return _store(session, draft, actor, filed, situation, doing.run(context), kind=doing.changeset_kind)


def save(
    session: Session,
    draft: Draft,
    actor: Actor,
    request: Request,
    upserts: Mapping[int, Upsert],
    deletes: frozenset[int],
) -> Saved:
    """Store zones that were changed elsewhere, if they still are a coverage. Negative numbers are new zones."""
    named = {zone for zone in upserts if zone > 0} | deletes
    unseen = sorted(named - request.base.keys())
    if unseen:
        raise Unprocessable(
            gettext("The base revision of these zones is missing: %(zones)s.", zones=", ".join(map(str, unseen[:10]))),
            field="base",
        )
    boxes: list[Box] = [tuple(shapely.bounds(upsert.geometry).tolist()) for upsert in upserts.values()]
    situation = _situation(session, draft, request.base, named, boxes)
    codes = _codes(session, draft)
    changes: dict[int, ZoneState | None] = {
        zone: _upserted(zone, upsert, situation.seen, codes) for zone, upsert in upserts.items()
    }
    changes |= dict.fromkeys(deletes)
    seen = {zone: state.geometry for zone, state in situation.seen.items()}
    outlines = {zone: None if state is None else state.geometry for zone, state in changes.items()}
    edit = zone_edits.checked(seen, outlines, footprint=request.footprint)
    kept = {
        zone: state
        for zone, state in changes.items()
        if zone in edit.changes or state is None or state.attributes != situation.seen[zone].attributes
    }
    return _store(session, draft, actor, request, situation, Result(kept))


def _upserted(zone: int, upsert: Upsert, seen: States, codes: set[str]) -> ZoneState:
    """The zone with what was sent of it; new nodes on the grid of 1e-8 degree, those that were there bit by bit."""
    known = seen.get(zone)
    values = {name: value for name, value in upsert.values.items() if name in (*PLAIN, "overlays")}
    checked = checked_values(values, codes, complete=known is None)
    nodes = {node for state in seen.values() for node in nodes_of(state.geometry)}
    outline = shapely.transform(upsert.geometry, lambda places: _on_grid(places, nodes))
    attributes = known.attributes if known is not None else dict.fromkeys(PLAIN)
    return ZoneState(outline, {**attributes, **checked})


def _on_grid(places: npt.NDArray[np.float64], nodes: set[tuple[float, float]]) -> npt.NDArray[np.float64]:
    known = np.array([(lon, lat) in nodes for lon, lat in places.tolist()], dtype=bool)
    return np.where(known[:, None], places, np.round(places, 8))


def neighbours(session: Session, draft: Draft, zones: Mapping[int, StoredZone]) -> dict[int, StoredZone]:
    """Zones that may touch those given, and these themselves."""
    boxes = near([tuple(shapely.bounds(zone.state.geometry).tolist()) for zone in zones.values()])
    return queries.zones(session, draft.version.id, ids=zones, boxes=boxes)


def _situation(
    session: Session, draft: Draft, base: Mapping[int, int], named: Iterable[int], boxes: list[Box]
) -> Situation:
    """Every zone that an operation may touch, or that touches one, now and as the planner saw it."""
    touched = queries.zones(session, draft.version.id, ids={*named, *base}, boxes=near(boxes))
    stored = touched | neighbours(session, draft, touched)
    seen = {zone: item.state for zone, item in stored.items()}
    stale = {
        zone: revision for zone, revision in base.items() if zone not in stored or stored[zone].revision_id != revision
    }
    if not stale:
        return Situation(stored, seen)
    known = queries.revisions(session, stale.values())
    wrong = [zone for zone, revision in stale.items() if revision not in known or known[revision].zone_id != zone]
    if wrong:
        raise Conflict(
            gettext("The base of these zones is not known: %(zones)s.", zones=", ".join(map(str, wrong[:10]))),
            hint=gettext("Load the draft again; what you have not saved is kept."),
            zones=wrong,
        )
    seen |= {zone: known[revision].state for zone, revision in stale.items()}
    # What came with a change that the planner has not seen, and has no base, was not there for them.
    for zone in _made_since(session, draft, stale):
        if zone not in base:
            seen.pop(zone, None)
    return Situation(stored, seen)


def _made_since(session: Session, draft: Draft, stale: Mapping[int, int]) -> set[int]:
    """Zones that were made by changesets which changed the stale zones after the revisions that the planner saw."""
    unseen: set[int] = set()
    reached: set[int] = set()
    for row in queries.changes_of(session, draft.version.id, stale):
        if row.zone_id in reached or row.new_revision_id == stale[row.zone_id]:
            reached.add(row.zone_id)
        else:
            unseen.add(row.changeset_id)
    return {change.zone_id for change in queries.changed(session, unseen) if change.old_revision_id is None}


def _store(
    session: Session,
    draft: Draft,
    actor: Actor,
    request: Request,
    situation: Situation,
    result: Result,
    *,
    kind: str = "edit",
) -> Saved:
    theirs = situation.theirs()
    changes = dict(result.changes)
    merged = False
    if not theirs.keys().isdisjoint(_touching(situation, changes)):
        merge = merge_changeset(situation.seen, changes, theirs)
        if not merge.is_clean:
            raise _conflict(draft, situation, changes, merge.conflicts)
        changes, merged = dict(merge.to_save), True
    if not changes:
        raise Unprocessable(gettext("This changes nothing."))
    entry = Entry(actor, kind, request.comment, request.key, moves_footprint=request.footprint == "may_change")
    links = [(link.parent, link.child, link.kind) for link in result.lineage]
    changeset, done = write_states(session, draft.version, entry, situation.stored, changes, links, draft.metric)
    record(session, actor, "draft_changed", ("plan_version", draft.version.id), changeset=changeset.id, zones=len(done))
    return Saved(changeset, done, merged)


def _touching(situation: Situation, changes: Mapping[int, ZoneState | None]) -> set[int]:
    """Zones that change, and those whose box meets one of them: what others did there has to be looked at."""
    outlines = {zone: state.geometry for zone, state in {**situation.seen, **situation.stored_states}.items()}
    found = set(changes)
    for zone, state in changes.items():
        for geometry in (state.geometry if state else None, outlines.get(zone)):
            if geometry is not None:
                found.update(near_zones(outlines, shapely.bounds(geometry)))
    return found


def _conflict(
    draft: Draft,
    situation: Situation,
    changes: Mapping[int, ZoneState | None],
    conflicts: Iterable[MergeConflict],
) -> EditConflict:
    found = list(conflicts)
    concerned = sorted({zone for conflict in found for zone in conflict.zones})

    def shown(zone: int, state: ZoneState | None, revision: int | None = None) -> dict[str, Any] | None:
        return None if state is None else feature(zone, revision, state, draft.metric)

    stored = situation.stored
    return EditConflict(
        gettext("Somebody else has changed the same thing: %(zones)s.", zones=", ".join(map(str, concerned[:10]))),
        hint=gettext("Compare both on the map, and choose."),
        zones=concerned,
        conflicts=[
            {
                "zone_id": zone,
                "kinds": sorted({conflict.kind for conflict in found if zone in conflict.zones}),
                "fields": sorted({name for conflict in found if zone in conflict.zones for name in conflict.fields}),
                "base": shown(zone, situation.seen.get(zone)),
                "mine": shown(zone, changes.get(zone, situation.seen.get(zone))),
                "theirs": shown(zone, stored[zone].state, stored[zone].revision_id) if zone in stored else None,
            }
            for zone in concerned
        ],
    )


def _codes(session: Session, draft: Draft) -> set[str]:
    return {row.code for row in plan_queries.subzones(session, draft.version.id)}
