"""What planners are answered about a draft, as JSON. Areas are m2 of the plan's metric CRS."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.accounts.roles import Actor
from app.plans import queries as plan_queries
from app.plans.drafts import queries
from app.plans.drafts.reversing import Stacks, stacks
from app.plans.drafts.saving import Draft, Saved
from app.plans.drafts.states import collection, feature
from app.plans.models import Changeset, PlanVersion
from gis.rdtr.columns import Overlay


def saved_answer(session: Session, draft: Draft, actor: Actor, saved: Saved) -> dict[str, Any]:
    """What a change did, and what may be undone after it."""
    touched = [change.zone_id for change in saved.changes]
    present = queries.zones(session, draft.version.id, ids=touched)
    before = queries.revisions(
        session, [change.old_revision_id for change in saved.changes if change.old_revision_id is not None]
    )
    return {
        "changeset": saved.changeset.id,
        "head": queries.head(session, draft.version.id),
        "zones": collection(
            [feature(zone.zone_id, zone.revision_id, zone.state, draft.metric) for zone in present.values()]
        ),
        "removed": [zone_id for zone_id in touched if zone_id not in present],
        "lineage": [
            {"parent": parent, "child": child, "kind": kind} for parent, child, kind in saved.changeset.lineage
        ],
        "merged": saved.merged,
        "changes": [
            {
                "zone_id": change.zone_id,
                "before_m2": _area(draft, before.get(change.old_revision_id or 0)),
                "after_m2": _area(draft, present.get(change.zone_id)),
            }
            for change in saved.changes
        ],
        **_undoable(stacks_of(session, draft, actor)),
    }


def _area(draft: Draft, zone: Any) -> float | None:
    return None if zone is None else round(float(draft.metric.area_m2(zone.state.geometry)), 2)


def _undoable(mine: Stacks) -> dict[str, Any]:
    def top(stack: tuple[Changeset, ...]) -> dict[str, Any] | None:
        return {"changeset": stack[-1].id, "comment": stack[-1].comment} if stack else None

    return {"undo": top(mine.undo), "redo": top(mine.redo)}


def described(session: Session, draft: Draft, actor: Actor, language: str) -> dict[str, Any]:
    """What a draft is, for the editor: its plan, its extent, its code list, and what the actor may undo."""
    plan, version = draft.plan, draft.version
    count, box = queries.summary(session, version.id)
    base = session.get(PlanVersion, version.base_version_id) if version.base_version_id else None
    return {
        "plan": {
            "code": plan.code,
            "name": plan.name,
            "utm_zone": plan.utm_zone,
            "south": plan.south,
            "accuracy_m": plan.accuracy_m,
            "region": plan.region,
        },
        "seq": version.seq,
        "version_id": version.id,
        "state": version.state,
        "base_seq": base.seq if base else None,
        "legal_reference": version.legal_reference,
        "opened_at": version.created_at.isoformat(),
        "head": queries.head(session, version.id),
        "zones": count,
        "bbox": box,
        "may_edit": version.state == "draft" and actor.has("planner"),
        "subzones": [
            {"code": row.code, "name": row.name, "zone": row.zone, "colour": row.colour}
            for row in plan_queries.subzones(session, version.id)
        ],
        "overlay_kinds": [
            {"kind": kind.value, "name": kind.name_en if language == "en" else kind.name_id} for kind in Overlay
        ],
        **_undoable(stacks_of(session, draft, actor)),
    }


def line_of(changeset: Changeset, actor: Actor) -> dict[str, Any]:
    """A changeset as one line of the draft's history."""
    return {
        "id": changeset.id,
        "at": changeset.created_at.isoformat(),
        "author": changeset.author,
        "kind": changeset.kind,
        "comment": changeset.comment,
        "mine": changeset.account_id is not None and changeset.account_id == actor.account_id,
    }


def stacks_of(session: Session, draft: Draft, actor: Actor) -> Stacks:
    """What the actor may undo and do again in a draft."""
    return stacks(queries.changesets_of(session, draft.version.id, actor.account_id))
