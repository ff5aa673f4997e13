"""Drafts as planners work on them: open, read, change, undo. Every change is one changeset in one transaction.

Coordinates are lon/lat in degrees (EPSG:4326), areas m2 of the plan's metric CRS. Every function raises Forbidden for
who is no planner, and NotFound where there is no such plan or no open draft.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import shapely.geometry
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.accounts.roles import Actor, require
from app.accounts.service import record
from app.database import db, transaction
from app.errors import Conflict, NotFound
from app.places import service as places
from app.plans import codelists
from app.plans import queries as plan_queries
from app.plans.drafts import findings as checking
from app.plans.drafts import queries, repairing, saving
from app.plans.drafts.answers import described, line_of, saved_answer, stacks_of
from app.plans.drafts.operations import Box, Operation
from app.plans.drafts.recording import Change, Entry, write_reversal
from app.plans.drafts.saving import Draft, Request, Saved, Upsert
from app.plans.drafts.states import collection, feature
from app.plans.models import Plan, PlanVersion
from app.plans.publishing import lock_plan
from app.plans.review.queries import is_commented
from gis.crs import MetricCrs

__all__ = ["Request", "Upsert"]
READERS = ("planner", "approver")
_MOST_FEATURES = 3_000
_HISTORY_PAGE = 100
# What a person mends one by one is at the front of the list; the rest appears as that becomes less.
_MOST_FINDINGS = 2_000
_COLUMNS = (
    "zone_id", "revision_id", "subzone_code", "block", "sub_block", "area_m2", "legal_area_ha", "remark",
    "west", "south", "east", "north",
)  # fmt: skip


# Reading --------------------------------------------------------------------------------------------------------------


def info(actor: Actor, code: str, language: str) -> dict[str, Any]:
    """What the open draft of a plan is, and what the actor may undo in it."""
    require(actor, *READERS)
    session = db.session()
    draft = _open(session, code)
    return described(session, draft, actor, language)


def listed(actor: Actor, code: str) -> dict[str, Any]:
    """Every zone of the draft without its outline, as columns and rows."""
    require(actor, *READERS)
    session = db.session()
    draft = _open(session, code)
    rows = [list(row) for row in queries.listed(session, draft.version.id)]
    return {"head": queries.head(session, draft.version.id), "columns": _COLUMNS, "rows": rows}


def features(
    actor: Actor, code: str, *, ids: list[int], box: Box | None = None, around: bool = False
) -> dict[str, Any]:
    """Zones with every bit of their outlines: those named, or those that meet a box; with ``around`` also what touches.

    Raises Conflict beyond 3,000 zones.
    """
    require(actor, *READERS)
    session = db.session()
    draft = _open(session, code)
    boxes = [] if box is None else [box]
    found = queries.zones(session, draft.version.id, ids=ids, boxes=boxes, limit=_MOST_FEATURES + 1)
    if around and found:
        found |= saving.neighbours(session, draft, found)
    if len(found) > _MOST_FEATURES:
        raise Conflict(
            gettext("There are more than %(limit)s zones here.", limit=_MOST_FEATURES),
            limit=_MOST_FEATURES,
            hint=gettext("Choose a smaller part of the map."),
        )
    return collection([feature(zone.zone_id, zone.revision_id, zone.state, draft.metric) for zone in found.values()])


def tile(actor: Actor, code: str, z: int, x: int, y: int) -> bytes:
    """A vector tile of the draft; empty bytes where nothing lies in it."""
    require(actor, *READERS)
    session = db.session()
    return queries.tile(session, _open(session, code).version.id, z, x, y)


def snap_lines(actor: Actor, code: str, box: Box) -> dict[str, Any]:
    """Parcels, roads and administrative borders near a box, as GeoJSON geometries, for drawing along them."""
    require(actor, *READERS)
    _open(db.session(), code)
    found = places.outlines_near(box)
    return {kind: [shapely.geometry.mapping(item) for item in items] for kind, items in found.items()}


def changes_since(actor: Actor, code: str, changeset_id: int) -> dict[str, Any]:
    """What happened in the draft after a changeset: zones as they are now, zones that are gone, and who did it."""
    require(actor, *READERS)
    session = db.session()
    draft = _open(session, code)
    touched = queries.changed_since(session, draft.version.id, changeset_id)
    present = queries.zones(session, draft.version.id, ids=touched)
    return {
        "head": queries.head(session, draft.version.id),
        "zones": collection(
            [feature(zone.zone_id, zone.revision_id, zone.state, draft.metric) for zone in present.values()]
        ),
        "removed": sorted(touched - present.keys()),
        "changesets": [
            line_of(changeset, actor) for changeset in queries.since(session, draft.version.id, changeset_id)
        ],
    }


def history(actor: Actor, code: str, *, before: int | None = None) -> list[dict[str, Any]]:
    """Who changed what in the draft, newest first, a hundred at a time. before: a changeset's number."""
    require(actor, *READERS)
    session = db.session()
    draft = _open(session, code)
    page = queries.history(session, draft.version.id, before=before, limit=_HISTORY_PAGE)
    zones: dict[int, list[int]] = {}
    for change in queries.changed(session, [changeset.id for changeset in page]):
        zones.setdefault(change.changeset_id, []).append(change.zone_id)
    undone = queries.undone_among(session, draft.version.id)
    return [
        {
            **line_of(changeset, actor),
            "zones": zones.get(changeset.id, []),
            "undone": changeset.id in undone,
        }
        for changeset in page
    ]


def findings(actor: Actor, code: str) -> dict[str, Any]:
    """What is wrong with the draft, the gravest first, with the repairs that could be proposed."""
    require(actor, *READERS)
    session = db.session()
    draft = _open(session, code)
    head = queries.head(session, draft.version.id)
    found = checking.findings(session, draft)
    shown = found[:_MOST_FINDINGS]
    proposed = repairing.proposals(session, draft, shown)
    errors = sum(finding.severity == "error" for finding in found)
    return {
        "head": head,
        "blocks": errors > 0,
        "errors": errors,
        "warnings": len(found) - errors,
        "findings": [repairing.as_json(finding, proposed.get(finding.id)) for finding in shown],
    }


# Opening and closing --------------------------------------------------------------------------------------------------


def open_draft(actor: Actor, code: str, legal_reference: str, language: str) -> dict[str, Any]:
    """Begin the next version of a plan: it holds what the published one holds.

    Raises Conflict where a draft is open already, or nothing is published yet.
    """
    require(actor, "planner")
    with transaction() as session:
        plan = _plan(session, code)
        lock_plan(session, plan)
        present = queries.open_version(session, plan.id)
        if present is not None:
            raise Conflict(
                gettext("Version %(seq)s of this plan is already being worked on.", seq=present.seq),
                hint=gettext("Work on that one, or have it published or discarded first."),
            )
        base = plan_queries.latest_published(session, plan.id)
        if base is None:
            raise Conflict(
                gettext("No version of this plan is published yet."),
                hint=gettext("Import its zone layer first."),
            )
        version = PlanVersion(
            plan_id=plan.id,
            seq=queries.next_seq(session, plan.id),
            base_version_id=base.id,
            legal_reference=legal_reference,
        )
        session.add(version)
        session.flush()
        codelists.prepare(session, version, base)
        queries.copy_manifest(session, base.id, version.id)
        record(session, actor, "draft_opened", ("plan_version", version.id), plan=code, seq=version.seq, base=base.seq)
        return described(session, Draft(plan, version, MetricCrs(plan.utm_zone, plan.south)), actor, language)


def discard(actor: Actor, code: str) -> None:
    """Throw the draft away, with everything that only it holds."""
    require(actor, "planner")
    with transaction() as session:
        draft = _open_for_writing(session, code)
        if is_commented(session, draft.version.id):
            raise Conflict(
                gettext("Residents commented on this draft in a public hearing; it cannot be thrown away."),
                hint=gettext("Change it instead."),
            )
        record(session, actor, "draft_discarded", ("plan_version", draft.version.id), plan=code, seq=draft.version.seq)
        plan_queries.delete_draft(session, draft.plan.id, draft.version.id)


# Changing -------------------------------------------------------------------------------------------------------------


def operate(actor: Actor, code: str, request: Request, operation: Operation) -> dict[str, Any]:
    """Do one operation. Raises EditError where the zones would be no coverage, EditConflict where somebody else's change
    stands against it."""
    require(actor, "planner")
    with transaction() as session:
        draft = _open_for_writing(session, code)
        saved = _sent_before(session, draft, request.key) or saving.operate(session, draft, actor, request, operation)
        answer = saved_answer(session, draft, actor, saved)
        if request.dry_run:
            session.rollback()
    return answer


def save(
    actor: Actor, code: str, request: Request, upserts: Mapping[int, Upsert], deletes: frozenset[int]
) -> dict[str, Any]:
    """Store zones that were changed elsewhere. Raises what ``operate`` raises."""
    require(actor, "planner")
    with transaction() as session:
        draft = _open_for_writing(session, code)
        saved = _sent_before(session, draft, request.key) or saving.save(
            session, draft, actor, request, upserts, deletes
        )
        answer = saved_answer(session, draft, actor, saved)
        if request.dry_run:
            session.rollback()
    return answer


def undo(actor: Actor, code: str, key: uuid.UUID) -> dict[str, Any]:
    """Take back the actor's last change. Raises Conflict where there is none, or somebody changed its zones since."""
    return _reverse(actor, code, key, "undo")


def redo(actor: Actor, code: str, key: uuid.UUID) -> dict[str, Any]:
    """Do again what was last taken back. Raises Conflict likewise."""
    return _reverse(actor, code, key, "redo")


def repair(
    actor: Actor, code: str, key: uuid.UUID, finding_id: str, *, to: int | None = None, dry_run: bool = False
) -> dict[str, Any]:
    """Repair one finding. to: the zone that gains the land, where there is a choice.

    Raises FindingGone where it is no longer so, NotRepairable where a person has to mend it, else what ``operate`` raises.
    """
    require(actor, "planner")
    with transaction() as session:
        draft = _open_for_writing(session, code)
        saved = _sent_before(session, draft, key)
        if saved is None:
            found = checking.findings(session, draft)
            saved = repairing.repair(session, draft, actor, key, found, finding_id, to)
        answer = saved_answer(session, draft, actor, saved)
        if dry_run:
            session.rollback()
    return answer


def _reverse(actor: Actor, code: str, key: uuid.UUID, kind: str) -> dict[str, Any]:
    require(actor, "planner")
    with transaction() as session:
        draft = _open_for_writing(session, code)
        saved = _sent_before(session, draft, key) or _reversed(session, draft, actor, key, kind)
        return saved_answer(session, draft, actor, saved)


def _reversed(session: Session, draft: Draft, actor: Actor, key: uuid.UUID, kind: str) -> Saved:
    mine = stacks_of(session, draft, actor)
    stack = mine.undo if kind == "undo" else mine.redo
    if not stack:
        raise Conflict(
            gettext("There is nothing to undo.") if kind == "undo" else gettext("There is nothing to do again.")
        )
    target = stack[-1]
    rows = queries.changed(session, [target.id])
    wanted = [
        Change(row.zone_id, row.new_revision_id, row.old_revision_id, row.position)
        if kind == "undo"
        else Change(row.zone_id, row.old_revision_id, row.new_revision_id, row.position)
        for row in rows
    ]
    present = queries.zones(session, draft.version.id, ids=[change.zone_id for change in wanted])
    changed = [
        change.zone_id
        for change in wanted
        if (present[change.zone_id].revision_id if change.zone_id in present else None) != change.old_revision_id
    ]
    if changed:
        raise Conflict(
            gettext("Somebody has changed these zones since: %(zones)s.", zones=", ".join(map(str, changed[:10]))),
            hint=gettext("Look at the draft's history, and change them back by hand."),
            zones=changed,
        )
    entry = Entry(actor, kind, target.comment, key, target.id, target.moves_footprint)
    changeset = write_reversal(session, draft.version, entry, target, wanted)
    return Saved(changeset, wanted)


def _sent_before(session: Session, draft: Draft, key: uuid.UUID) -> Saved | None:
    """What was stored under this key already: an answer that was lost on its way is given again."""
    changeset = queries.by_key(session, draft.version.id, key)
    if changeset is None:
        return None
    rows = queries.changed(session, [changeset.id])
    return Saved(
        changeset, [Change(row.zone_id, row.old_revision_id, row.new_revision_id, row.position) for row in rows]
    )


# Which draft --------------------------------------------------------------------------------------------------------


def _plan(session: Session, code: str) -> Plan:
    plan = plan_queries.plan_by_code(session, code)
    if plan is None:
        raise NotFound(gettext("There is no plan with the code %(code)s.", code=code))
    return plan


def _open(session: Session, code: str) -> Draft:
    plan = _plan(session, code)
    version = queries.open_version(session, plan.id)
    if version is None:
        raise NotFound(
            gettext("No draft of this plan is open."),
            hint=gettext("A planner opens one from the published version, or imports a layer."),
        )
    return Draft(plan, version, MetricCrs(plan.utm_zone, plan.south))


def _open_for_writing(session: Session, code: str) -> Draft:
    """The draft, held until the transaction ends; raises Conflict while it is under review."""
    lock_plan(session, _plan(session, code))
    draft = _open(session, code)
    session.refresh(draft.version)
    if draft.version.state != "draft":
        raise Conflict(
            gettext("This draft is under review and cannot be changed now."),
            hint=gettext("A reviewer can return it to the planners."),
        )
    return draft
