"""Publishing an approved version in the background: the run that ``publication.start`` opened, carried out by a worker.

An approver's own rights count, as on the page: nobody publishes what they worked on, or what was not approved.
"""

from __future__ import annotations

import uuid
from typing import Any

from flask_babel import lazy_gettext
from pydantic import BaseModel

from app.jobs.kinds import Kind, Run
from app.plans.review import publication, wording

# How far publishing is when a step begins: seen on a plan of 10,000 zones.
_SHARES = (0.02, 0.05, 0.35, 0.8)


class Publication(BaseModel):
    """A run of ``publication.start``, and the version that it is for."""

    plan: str
    seq: int
    run_id: int


def _publish(run: Run, arguments: Publication) -> dict[str, Any]:
    shares = iter(_SHARES)
    publication.carry_out(
        run.actor,
        arguments.plan,
        arguments.run_id,
        progress=lambda step: run.step(next(shares, _SHARES[-1]), wording.step_name(step)),
    )
    return {"seq": arguments.seq}


def _page(arguments: Publication, _job_id: uuid.UUID) -> str:
    return f"/plans/{arguments.plan}/review/publication/{arguments.seq}"


PUBLICATION = Kind(
    name="publication",
    title=lazy_gettext("Publishing a version of a plan"),
    roles=("approver",),
    arguments=Publication,
    work=_publish,
    page=_page,
)
