"""Comparing a file that came back, and taking it into the draft, in the background."""

from __future__ import annotations

import uuid
from typing import Any, Literal

from flask_babel import gettext, lazy_gettext
from pydantic import BaseModel

from app.accounts.service import record
from app.database import db
from app.errors import Conflict
from app.jobs.kinds import Kind, Run
from app.plans.drafts.recording import Entry, write_states
from app.plans.exchange.base import open_draft
from app.plans.exchange.comparing import compare, refuse_what_cannot_be_taken
from app.plans.exchange.reporting import report


class Comparing(BaseModel):
    """Which draft the file belongs to, and whether the plan's outer border may move."""

    plan: str
    footprint: Literal["keep", "may_change"] = "keep"


class Taking(Comparing):
    """Which comparison is taken, and the digest of what the planner saw of it."""

    comparison: uuid.UUID
    digest: str


def _compare(run: Run, arguments: Comparing) -> dict[str, Any]:
    session = db.session()
    draft = open_draft(session, arguments.plan)
    return report(compare(session, draft, run.file(), arguments.footprint, run.step))


def _take(run: Run, arguments: Taking) -> dict[str, Any]:
    session = db.session()
    draft = open_draft(session, arguments.plan, for_writing=True)
    path = run.file(arguments.comparison)
    comparison = compare(session, draft, path, arguments.footprint, run.step)
    refuse_what_cannot_be_taken(comparison)
    if comparison.digest != arguments.digest:
        raise Conflict(
            gettext("The draft has changed since this comparison was made. Nothing was taken."),
            hint=gettext("Have the file compared again, look at it, and take it then."),
        )
    run.step(0.9, gettext("storing the zones"))
    entry = Entry(
        run.actor,
        "exchange",
        gettext("Brought back from another tool: %(file)s", file=path.name[:200]),
        run.id,
        moves_footprint=arguments.footprint == "may_change",
    )
    links = [(link.parent, link.child, link.kind) for link in comparison.lineage]
    changeset, changes = write_states(
        session, draft.version, entry, comparison.stored, comparison.changes, links, draft.metric
    )
    record(
        session, run.actor, "draft_changed", ("plan_version", draft.version.id),
        changeset=changeset.id, zones=len(changes), source="file", held=len(comparison.held),
    )  # fmt: skip
    return {"changeset": changeset.id, "zones": len(changes), "held": list(comparison.held)}


COMPARISON = Kind(
    name="exchange_comparison",
    title=lazy_gettext("Comparing a file with the draft"),
    roles=("planner",),
    arguments=Comparing,
    work=_compare,
    page=lambda arguments, job_id: f"/plans/{arguments.plan}/draft/exchange/{job_id}",
)
TAKING = Kind(
    name="exchange_taking",
    title=lazy_gettext("Taking a file into the draft"),
    roles=("planner",),
    arguments=Taking,
    work=_take,
    page=lambda arguments, job_id: f"/plans/{arguments.plan}/draft/exchange?taken={job_id}",
)
