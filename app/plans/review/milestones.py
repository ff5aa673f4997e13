"""Milestones that the law asks for, as data with document and day, and the ministry's remarks, tracked one by one.

Which there are, and which must be recorded before a plan of which kind is published, stands in ``milestones.toml``.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.accounts.roles import Actor, require
from app.accounts.service import record
from app.database import db, transaction
from app.errors import Conflict, NotFound, Unprocessable
from app.plans.review import queries
from app.plans.review.cases import LONGEST_LINE, Case, at_stage, find, held, written, zone_of
from app.plans.review.models import Milestone, MinistryRemark
from app.runtime import runtime

WORKERS = ("planner", "approver")
ADOPTION, PROMULGATION = "penetapan", "pengundangan"
_OPEN_STAGES = ("draft", "review", "approved")
_FILE = Path(__file__).with_name("milestones.toml")


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    with _FILE.open("rb") as file:
        return tomllib.load(file)


def kinds() -> list[str]:
    """Every kind of milestone, in the order in which they are passed."""
    return [entry["kind"] for entry in _table()["milestone"]]


def required(plan_kind: str) -> dict[str, dict[str, str]]:
    """Milestones that a plan of this kind needs before it is published, with the reason by language."""
    return {rule["milestone"]: rule["reason"] for rule in _table()["required"] if plan_kind in rule["plan_kinds"]}


def missing(session: Session, case: Case, language: str) -> list[str]:
    """Titles of the milestones that a version still needs before it may be published."""
    done, needed = queries.milestones(session, case.version.id), required(case.plan.kind)
    return [entry["title"][language] for entry in _table()["milestone"] if entry["kind"] in needed.keys() - done.keys()]


def listed(session: Session, version_id: int, plan_kind: str, language: str) -> list[dict[str, Any]]:
    """Every milestone with what is recorded of it: {kind, title, asks, reason, document, day}."""
    done, needed = queries.milestones(session, version_id), required(plan_kind)
    return [
        {
            "kind": entry["kind"],
            "title": entry["title"][language],
            "asks": entry["document"][language],
            "reason": needed[entry["kind"]][language] if entry["kind"] in needed else None,
            "document": done[entry["kind"]].document if entry["kind"] in done else None,
            "day": done[entry["kind"]].day if entry["kind"] in done else None,
        }
        for entry in _table()["milestone"]
    ]


def page(actor: Actor, code: str, language: str) -> dict[str, Any]:
    """Milestones and remarks of the open version. Raises Forbidden and NotFound."""
    require(actor, *WORKERS)
    session = db.session()
    case = find(session, code)
    return {
        "plan": {"code": case.plan.code, "name": case.plan.name},
        "seq": case.version.seq,
        "stage": case.stage,
        "milestones": listed(session, case.version.id, case.plan.kind, language),
        "remarks": queries.remarks(session, case.version.id),
    }


def pass_milestone(actor: Actor, code: str, kind: str, *, document: str, day: dt.date) -> None:
    """Record a milestone with its document and day, or mend what was recorded.

    Raises Forbidden, NotFound, Conflict, and Unprocessable for a day that has not come or is before the adoption.
    """
    require(actor, *WORKERS)
    if kind not in kinds():
        raise NotFound(gettext("There is no such milestone."))
    if day > runtime().city.today():
        raise Unprocessable(gettext("This day has not come yet."), field="day")
    with transaction() as session:
        case = held(session, code)
        at_stage(case, *_OPEN_STAGES)
        done = queries.milestones(session, case.version.id)
        adopted, promulgated = done.get(ADOPTION), done.get(PROMULGATION)
        if kind == PROMULGATION and adopted is not None and day < adopted.day:
            raise Unprocessable(gettext("A regulation is not promulgated before it is adopted."), field="day")
        if kind == ADOPTION and promulgated is not None and day > promulgated.day:
            raise Unprocessable(gettext("A regulation is not promulgated before it is adopted."), field="day")
        milestone = done.get(kind) or Milestone(version_id=case.version.id, kind=kind)
        milestone.document = written(document, "document", LONGEST_LINE)
        milestone.day, milestone.account_id = day, actor.account_id
        session.add(milestone)
        session.flush()
        record(session, actor, "milestone_recorded", ("plan_version", case.version.id), kind=kind, day=day.isoformat())


def forget_milestone(actor: Actor, code: str, kind: str) -> None:
    """Take back a milestone that was recorded by mistake. Raises Forbidden, NotFound, Conflict."""
    require(actor, *WORKERS)
    with transaction() as session:
        case = held(session, code)
        at_stage(case, *_OPEN_STAGES)
        milestone = queries.milestones(session, case.version.id).get(kind)
        if milestone is None:
            raise NotFound(gettext("There is no such milestone."))
        session.delete(milestone)
        record(session, actor, "milestone_removed", ("plan_version", case.version.id), kind=kind)


# The ministry's remarks -----------------------------------------------------------------------------------------------


def add_remark(actor: Actor, code: str, text: str, *, article: str = "", zone_id: int | None = None) -> int:
    """Write down one remark of the ministry. Returns its number. Raises Forbidden, NotFound, Conflict, Unprocessable."""
    require(actor, *WORKERS)
    with transaction() as session:
        case = held(session, code)
        at_stage(case, *_OPEN_STAGES)
        number = 1 + max((remark.number for remark in queries.remarks(session, case.version.id)), default=0)
        session.add(
            MinistryRemark(
                version_id=case.version.id,
                number=number,
                text=written(text, "text"),
                article=article.strip()[:LONGEST_LINE] or None,
                zone_id=zone_of(session, case, zone_id),
            )
        )
        session.flush()
        record(session, actor, "remark_recorded", ("plan_version", case.version.id), number=number)
    return number


def answer_remark(actor: Actor, code: str, number: int, answer: str) -> None:
    """Say what was done about a remark; it is answered, and not settled before the ministry is content.

    Raises Forbidden, NotFound, Conflict, Unprocessable.
    """
    require(actor, *WORKERS)
    with transaction() as session:
        remark = _remark(session, code, number)
        remark.answer, remark.state = written(answer, "answer"), "answered"
        record(session, actor, "remark_answered", ("plan_version", remark.version_id), number=number)


def settle_remark(actor: Actor, code: str, number: int, *, settled: bool = True) -> None:
    """Record that the ministry is content with the answer, or is not any more. Raises Forbidden, NotFound, Conflict."""
    require(actor, *WORKERS)
    with transaction() as session:
        remark = _remark(session, code, number)
        if remark.answer is None:
            raise Conflict(gettext("A remark is answered before it is settled."))
        remark.state = "settled" if settled else "answered"
        record(session, actor, "remark_settled" if settled else "remark_reopened",
               ("plan_version", remark.version_id), number=number)  # fmt: skip


def _remark(session: Session, code: str, number: int) -> MinistryRemark:
    case = held(session, code)
    at_stage(case, *_OPEN_STAGES)
    for remark in queries.remarks(session, case.version.id):
        if remark.number == number:
            return remark
    raise NotFound(gettext("There is no remark with this number."))
