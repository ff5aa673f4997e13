"""Publishing a version in the background, with its steps shown."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from flask_babel import lazy_gettext
from pydantic import BaseModel

from app.accounts.service import record
from app.database import db
from app.jobs.kinds import Kind, Run
from app.plans import editing

# How far publishing is when a step begins: seen on a plan of 10,000 zones.
_SHARES = (0.05, 0.35, 0.8)


class Publication(BaseModel):
    """Which draft is published, and from which day on."""

    plan: str
    seq: int
    valid_from: dt.date
    accept_overlaps: bool = False
    accept_gaps: bool = False


def _publish(run: Run, arguments: Publication) -> dict[str, Any]:
    shares = iter(_SHARES)
    published = editing.publish_version(
        arguments.plan,
        arguments.seq,
        valid_from=arguments.valid_from,
        accept_overlaps=arguments.accept_overlaps,
        accept_gaps=arguments.accept_gaps,
        progress=lambda step: run.step(next(shares, _SHARES[-1]), step),
    )
    record(
        db.session(), run.actor, "version_published", ("plan_version", published.version_id),
        plan=arguments.plan, seq=published.seq, valid_from=published.valid_from.isoformat(),
    )  # fmt: skip
    return {"version_id": published.version_id, "seq": published.seq, "valid_from": published.valid_from.isoformat()}


def _page(arguments: Publication, _job_id: uuid.UUID) -> str:
    return f"/plans/{arguments.plan}"


PUBLICATION = Kind(
    name="publication",
    title=lazy_gettext("Publishing a version of a plan"),
    roles=("approver",),
    arguments=Publication,
    work=_publish,
    page=_page,
)
