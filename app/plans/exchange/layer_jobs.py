"""Checking a whole new layer, and bringing it into the draft, in the background."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from flask_babel import lazy_gettext
from pydantic import BaseModel, Field

from app.accounts.roles import require
from app.database import db
from app.jobs.kinds import Kind, Run
from app.plans.exchange import layers
from app.plans.importing import ImportOptions

_Stated = Annotated[str, Field(max_length=200)] | None


class CheckingLayer(BaseModel):
    """Which plan the layer is of, under which regulation; layer and crs where the file does not say."""

    plan: str
    legal_reference: Annotated[str, Field(min_length=1, max_length=300)]
    layer: _Stated = None
    crs: _Stated = None


class TakingLayer(CheckingLayer):
    """Which check is taken, and what the planner agreed to."""

    check: uuid.UUID
    accept_refusals: bool = False
    accept_repairs: bool = False
    replaces: bool = False


def _check(run: Run, arguments: CheckingLayer) -> dict[str, Any]:
    require(run.actor, "planner")
    return layers.check(db.session(), run.file(), _options(arguments), run.step)


def _take(run: Run, arguments: TakingLayer) -> dict[str, Any]:
    require(run.actor, "planner")
    options = _options(arguments, arguments.accept_refusals, arguments.accept_repairs)
    path = run.file(arguments.check)
    return layers.take(db.session(), run.actor, path, options, run.step, replaces=arguments.replaces, key=run.id)


def _options(arguments: CheckingLayer, refusals: bool = False, repairs: bool = False) -> ImportOptions:
    return ImportOptions(
        plan=arguments.plan,
        legal_reference=arguments.legal_reference,
        layer=arguments.layer,
        crs=arguments.crs,
        accept_refusals=refusals,
        accept_repairs=repairs,
    )


CHECK = Kind(
    name="layer_check",
    title=lazy_gettext("Checking a new layer"),
    roles=("planner",),
    arguments=CheckingLayer,
    work=_check,
    page=lambda arguments, job_id: f"/plans/{arguments.plan}/draft/layer/{job_id}",
)
TAKING = Kind(
    name="layer_taking",
    title=lazy_gettext("Bringing a new layer into the draft"),
    roles=("planner",),
    arguments=TakingLayer,
    work=_take,
    page=lambda arguments, job_id: f"/plans/{arguments.plan}/draft/exchange?taken={job_id}",
)
