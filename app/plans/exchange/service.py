"""A draft to QGIS and back. What reads a draft needs the role planner or approver, what changes it the role planner."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from flask_babel import gettext

from app.accounts.roles import Actor, require
from app.accounts.service import record
from app.database import db, transaction
from app.errors import NotFound
from app.jobs import service as jobs
from app.jobs.service import JobView, Upload
from app.plans import queries as plan_queries
from app.plans.drafts import queries
from app.plans.drafts.service import READERS
from app.plans.exchange import gpkg
from app.plans.exchange.base import open_draft
from app.plans.exchange.jobs import COMPARISON, TAKING
from app.plans.models import Plan
from gis.zone_edits import Footprint


def plan_named(actor: Actor, code: str) -> Plan:
    """A plan, for who works on drafts. Raises NotFound."""
    require(actor, *READERS)
    plan = plan_queries.plan_by_code(db.session(), code)
    if plan is None:
        raise NotFound(gettext("There is no plan with the code %(code)s.", code=code))
    return plan


def situation(actor: Actor, code: str) -> dict[str, Any]:
    """Plan, number, state and size of the draft, for the exchange pages."""
    require(actor, *READERS)
    session = db.session()
    draft = open_draft(session, code)
    count, _box = queries.summary(session, draft.version.id)
    return {
        "code": draft.plan.code,
        "name": draft.plan.name,
        "seq": draft.version.seq,
        "state": draft.version.state,
        "zones": count,
        "may_edit": draft.version.state == "draft" and actor.has("planner"),
    }


def export(actor: Actor, code: str, path: Path) -> str:
    """Write the draft to a GeoPackage at a path; returns the name that the file should have."""
    require(actor, *READERS)
    with transaction() as session:
        draft = open_draft(session, code)
        head = queries.head(session, draft.version.id)
        zones = queries.all_zones(session, draft.version.id).values()
        subzones = plan_queries.subzones(session, draft.version.id)
        count = gpkg.write(path, zones, subzones, changeset_id=head, metric=draft.metric)
        record(session, actor, "draft_exported", ("plan_version", draft.version.id), changeset=head, zones=count)
        return f"{draft.plan.code}-v{draft.version.seq}-{head}.gpkg"


def submit(actor: Actor, code: str, upload: Upload, footprint: Footprint, key: uuid.UUID | None = None) -> JobView:
    """Have a file that came back compared with the draft."""
    require(actor, "planner")
    open_draft(db.session(), code)
    return jobs.start(actor, COMPARISON.name, {"plan": code, "footprint": footprint}, key, file=upload)


def comparison(actor: Actor, code: str, job_id: uuid.UUID) -> JobView:
    """What a comparison came to. Raises NotFound for a job of another kind or plan."""
    require(actor, *READERS)
    view = jobs.result_of(actor, job_id, COMPARISON.name)
    if view.arguments["plan"] != code:
        raise NotFound(gettext("There is no such job."))
    return view


def take(actor: Actor, code: str, job_id: uuid.UUID, digest: str) -> JobView:
    """Have what a comparison showed taken into the draft: as one changeset, whole or not at all."""
    require(actor, "planner")
    seen = comparison(actor, code, job_id)
    arguments = {**seen.arguments, "comparison": job_id, "digest": digest}
    # Sent twice, it is taken once.
    return jobs.start(actor, TAKING.name, arguments, uuid.uuid5(job_id, digest))
