"""The draft that is exchanged, and what it held when a file went out."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.errors import Conflict, NotFound
from app.plans import queries as plan_queries
from app.plans.drafts import queries
from app.plans.drafts.saving import Draft
from app.plans.publishing import lock_plan
from gis.changeset import ZoneState
from gis.crs import MetricCrs


def open_draft(session: Session, code: str, *, for_writing: bool = False) -> Draft:
    """The open draft of a plan. for_writing: held until the transaction ends.

    Raises NotFound where there is no such plan or no draft, Conflict for writing while it is under review.
    """
    plan = plan_queries.plan_by_code(session, code)
    if plan is None:
        raise NotFound(gettext("There is no plan with the code %(code)s.", code=code))
    if for_writing:
        lock_plan(session, plan)
    version = queries.open_version(session, plan.id)
    if version is None:
        raise NotFound(
            gettext("No draft of this plan is open."),
            hint=gettext("A planner opens one from the published version, or imports a layer."),
        )
    if for_writing:
        session.refresh(version)
        if version.state != "draft":
            raise Conflict(
                gettext("This draft is under review and cannot be changed now."),
                hint=gettext("A reviewer can return it to the planners."),
            )
    return Draft(plan, version, MetricCrs(plan.utm_zone, plan.south))


def manifest_at(session: Session, version_id: int, changeset_id: int) -> dict[int, tuple[int, ZoneState]]:
    """What a draft held after a changeset (0: at its beginning): by zone, revision and state."""
    now = {zone: (item.revision_id, item.state) for zone, item in queries.all_zones(session, version_id).items()}
    later = [changeset.id for changeset in queries.since(session, version_id, changeset_id)]
    wanted: dict[int, int | None] = {}
    for row in reversed(queries.changed(session, later)):
        wanted[row.zone_id] = row.old_revision_id
    known = queries.revisions(session, [revision for revision in wanted.values() if revision is not None])
    for zone, revision in wanted.items():
        if revision is None:
            now.pop(zone, None)
        else:
            now[zone] = (revision, known[revision].state)
    return now
