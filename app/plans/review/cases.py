"""A version on its way to publication: found, held, and moved on by one step of the workflow."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask_babel import format_date, gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.roles import Actor
from app.accounts.service import record
from app.errors import Conflict, NotFound, Unprocessable
from app.plans import queries as plan_queries
from app.plans.drafts.queries import open_version
from app.plans.models import Plan, PlanVersion
from app.plans.publishing import lock_plan
from app.plans.review import queries, workflow
from app.plans.review.models import Hearing, ReviewEvent
from app.runtime import runtime

LONGEST_TEXT = 4000
LONGEST_LINE = 300


@dataclass(frozen=True)
class Case:
    """A version, the stage it is at, and the accounts that had a part in it."""

    plan: Plan
    version: PlanVersion
    stage: str
    authors: frozenset[int]


def find(session: Session, code: str, seq: int | None = None) -> Case:
    """A version of a plan; the one being worked on where none is named. Raises NotFound."""
    plan = plan_queries.plan_by_code(session, code)
    if plan is None:
        raise NotFound(gettext("There is no plan with the code %(code)s.", code=code))
    version = open_version(session, plan.id) if seq is None else plan_queries.version(session, plan.id, seq)
    if version is None and seq is None:
        raise NotFound(
            gettext("No draft of this plan is open."),
            hint=gettext("A planner opens one from the published version, or imports a layer."),
        )
    if version is None:
        raise NotFound(gettext("The plan %(code)s has no version %(seq)s.", code=code, seq=seq))
    return _case(session, plan, version)


def held(session: Session, code: str, seq: int | None = None) -> Case:
    """The same, held until the transaction ends: nobody else moves or changes it meanwhile."""
    plan = plan_queries.plan_by_code(session, code)
    if plan is not None:
        lock_plan(session, plan)
    case = find(session, code, seq)
    session.refresh(case.version, with_for_update=True)
    return _case(session, case.plan, case.version)


def _case(session: Session, plan: Plan, version: PlanVersion) -> Case:
    last = queries.last_event(session, version.id)
    stage = workflow.stage_of(version.state, last.action if last else None)
    return Case(plan, version, stage, queries.authors(session, version.id))


def move(
    session: Session, case: Case, actor: Actor, action: str, *, reason: str = "", content_hash: str | None = None
) -> None:
    """Take one step and record it. Raises what ``workflow.checked`` raises, and Unprocessable without a reason."""
    transition = workflow.checked(action, case.stage, actor, case.authors)
    if transition.needs_reason:
        reason = written(reason, "reason")
    case.version.state = workflow.state_at(transition.to_stage)
    note(session, case, actor, action, reason=reason, content_hash=content_hash)


def note(
    session: Session, case: Case, actor: Actor, action: str, *, reason: str = "", content_hash: str | None = None
) -> None:
    """Record a step that was checked and taken."""
    session.add(
        ReviewEvent(
            version_id=case.version.id,
            action=action,
            account_id=actor.account_id,
            reason=reason,
            content_hash=content_hash,
        )
    )
    session.flush()
    record(
        session, actor, f"review_{action}", ("plan_version", case.version.id), plan=case.plan.code, seq=case.version.seq
    )


def at_stage(case: Case, *stages: str) -> None:
    """Raises Conflict unless the version is at one of the stages."""
    if case.stage not in stages:
        raise Conflict(
            gettext(
                "This cannot be done now: the version is at the stage “%(stage)s”.",
                stage=str(workflow.STAGE_NAMES[case.stage]),
            )
        )


def no_hearing_under_way(session: Session, case: Case) -> Hearing | None:
    """The standing hearing, if it has ended. Raises Conflict while one is announced or running."""
    hearing = queries.standing_hearing(session, case.version.id)
    if hearing is not None and runtime().city.today() <= hearing.last_day:
        raise Conflict(
            gettext("A public hearing of this draft lasts until %(day)s.", day=format_date(hearing.last_day, "long")),
            hint=gettext("Wait for its end, or cancel it and say why."),
        )
    return hearing


def written(text: str, field: str, limit: int = LONGEST_TEXT) -> str:
    """The text without spaces around it. Raises Unprocessable with the field where it is empty or too long."""
    neat = text.strip()
    if not neat:
        raise Unprocessable(gettext("Please write something here."), field=field)
    if len(neat) > limit:
        raise Unprocessable(gettext("At most %(limit)s characters, please.", limit=limit), field=field, limit=limit)
    return neat


def zone_of(session: Session, case: Case, zone_id: int | None) -> int | None:
    """The zone, if the version has it. Raises Unprocessable."""
    if zone_id is not None and not queries.has_zone(session, case.version.id, zone_id):
        raise Unprocessable(gettext("This draft has no zone %(zone)s.", zone=zone_id), field="zone")
    return zone_id


def now(session: Session) -> dt.datetime:
    """The database's time."""
    return session.execute(select(func.now())).scalar_one()
