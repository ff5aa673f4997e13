"""Public hearings: a draft open to everybody for fixed days, what people say about it, and what planners answer.

The draft stays sealed while people look at it. Days are those of the city's calendar, both included. Of people who
comment only the account's number is kept, and the name is shown only where they chose so; answers come from "the
planners", whoever wrote them. Places are in EPSG:4326.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely
import shapely.errors
from flask_babel import format_date, gettext
from geoalchemy2.shape import from_shape
from shapely.geometry import shape
from sqlalchemy.orm import Session

from app.accounts.roles import Actor, require
from app.accounts.service import record
from app.database import db, transaction
from app.errors import Conflict, NotFound, TooMany, Unprocessable
from app.plans import queries as plan_queries
from app.plans.drafts import queries as draft_queries
from app.plans.models import Plan, PlanVersion
from app.plans.review import queries
from app.plans.review.cases import Case, at_stage, held, now, written, zone_of
from app.plans.review.models import Hearing, HearingAnswer, HearingComment
from app.runtime import runtime

WORKERS = ("planner", "approver")
LONGEST_COMMENT = 2000
_MOST_VERTICES = 200
_KINDS = ("Point", "LineString", "Polygon")


@dataclass(frozen=True)
class Remark:
    """A comment as everybody reads it. name: None where the person did not choose to show it. place: GeoJSON geometry."""

    id: int
    number: int
    name: str | None
    sent_at: dt.datetime
    text: str | None
    hidden_reason: str | None
    zone_id: int | None
    subzone_code: str | None
    place: dict[str, Any] | None
    answers: tuple[tuple[dt.datetime, str], ...]


@dataclass(frozen=True)
class Opened:
    """A hearing as everybody reads it. phase: announced, running, ended, closed, cancelled. is_visible: the draft is shown."""

    hearing: Hearing
    plan: Plan
    version: PlanVersion
    phase: str

    @property
    def is_visible(self) -> bool:
        """Whether everybody may look at the draft: from the first day until it goes back to the planners or is published."""
        return self.phase in ("running", "ended") and self.version.state == "review"

    @property
    def takes_comments(self) -> bool:
        """Whether people may comment now."""
        return self.phase == "running" and self.version.state == "review"


# Announcing -----------------------------------------------------------------------------------------------------------


def announce(actor: Actor, code: str, *, first_day: dt.date, last_day: dt.date, notice: str) -> int:
    """Announce a hearing of the draft under review. Returns its number.

    Raises Forbidden, Conflict where nothing is under review or a hearing is announced already, Unprocessable.
    """
    require(actor, *WORKERS)
    if first_day < runtime().city.today():
        raise Unprocessable(gettext("A hearing begins today or later."), field="first_day")
    if last_day < first_day:
        raise Unprocessable(gettext("The last day is before the first."), field="last_day")
    with transaction() as session:
        case = held(session, code)
        at_stage(case, "review")
        earlier = queries.standing_hearing(session, case.version.id)
        if earlier is not None and _phase(earlier) != "ended":
            raise Conflict(
                gettext("A public hearing of this draft lasts until %(day)s.", day=_day(earlier.last_day)),
                hint=gettext("Wait for its end, or cancel it and say why."),
            )
        if earlier is not None:
            earlier.closed_at = now(session)
            session.flush()
        hearing = Hearing(
            version_id=case.version.id,
            first_day=first_day,
            last_day=last_day,
            notice=written(notice, "notice"),
            account_id=actor.account_id,
        )
        session.add(hearing)
        session.flush()
        record(session, actor, "hearing_announced", ("plan_version", case.version.id), hearing=hearing.id,
               first_day=first_day.isoformat(), last_day=last_day.isoformat())  # fmt: skip
        return hearing.id


def cancel(actor: Actor, code: str, reason: str) -> None:
    """Cancel the hearing that is announced or running; the reason is shown. Raises Forbidden, NotFound, Unprocessable."""
    require(actor, *WORKERS)
    with transaction() as session:
        case = held(session, code)
        hearing = queries.standing_hearing(session, case.version.id)
        if hearing is None or _phase(hearing) == "ended":
            raise NotFound(gettext("No hearing of this draft is announced."))
        hearing.cancelled_reason, hearing.cancelled_at = written(reason, "reason"), now(session)
        record(session, actor, "hearing_cancelled", ("plan_version", case.version.id), hearing=hearing.id)


# What everybody sees --------------------------------------------------------------------------------------------------


def under_way() -> list[Opened]:
    """Every hearing that is announced, running, or ended with its draft still under review."""
    return [
        Opened(hearing, plan, version, _phase(hearing)) for hearing, version, plan in queries.all_hearings(db.session())
    ]


def of_plan(code: str) -> list[Opened]:
    """Every hearing of a plan, newest first. Raises NotFound."""
    session = db.session()
    plan = _plan(session, code)
    return [Opened(hearing, plan, version, _phase(hearing)) for hearing, version in queries.hearings(session, plan.id)]


def opened(code: str, hearing_id: int) -> Opened:
    """One hearing. Raises NotFound."""
    for found in of_plan(code):
        if found.hearing.id == hearing_id:
            return found
    raise NotFound(gettext("There is no such hearing."))


def remarks(found: Opened) -> list[Remark]:
    """The comments of a hearing with their answers, numbered in the order in which they came."""
    session = db.session()
    answers: dict[int, list[tuple[dt.datetime, str]]] = {}
    for answer in queries.hearing_answers(session, found.hearing.id):
        answers.setdefault(answer.comment_id, []).append((answer.at, answer.text))
    rows = queries.hearing_comments(session, found.hearing.id)
    codes = queries.zone_code(session, found.version.id, [comment.zone_id for comment, *_ in rows if comment.zone_id])
    return [
        Remark(
            id=comment.id,
            number=number,
            name=(name or None) if comment.show_name and comment.hidden_at is None else None,
            sent_at=comment.sent_at,
            text=comment.text if comment.hidden_at is None else None,
            hidden_reason=comment.hidden_reason,
            zone_id=comment.zone_id,
            subzone_code=codes.get(comment.zone_id or 0),
            place=json.loads(place) if place and comment.hidden_at is None else None,
            answers=tuple(answers.get(comment.id, ())),
        )
        for number, (comment, name, place) in enumerate(rows, start=1)
    ]


def tile(code: str, version_id: int, z: int, x: int, y: int) -> bytes:
    """A vector tile of a draft that everybody may look at. Raises NotFound for any other version."""
    session = db.session()
    for found in under_way():
        if found.plan.code == code and found.version.id == version_id and found.is_visible:
            return draft_queries.tile(session, version_id, z, x, y)
    raise NotFound(gettext("This draft is not open to everybody."))


def changes(found: Opened, *, limit: int = 200) -> list[dict[str, Any]]:
    """Zones that the draft adds, removes, recodes or reshapes, the largest first: {zone_id, kind, before, after, area_m2}."""
    if not found.is_visible:
        return []
    rows = queries.zone_changes(db.session(), found.version.base_version_id, found.version.id, limit=limit)
    return [dict(row._mapping) for row in rows]


def extent(found: Opened) -> tuple[float, float, float, float] | None:
    """West, south, east, north of the draft's zones in EPSG:4326."""
    return draft_queries.summary(db.session(), found.version.id)[1]


# Taking part ----------------------------------------------------------------------------------------------------------


def comment(
    actor: Actor,
    code: str,
    hearing_id: int,
    text: str,
    *,
    show_name: bool,
    zone_id: int | None = None,
    place: Mapping[str, Any] | None = None,
) -> int:
    """Say something about a draft: about a zone, a drawn place (GeoJSON), or the whole. Returns the comment's number.

    Raises NotSignedIn, NotFound, Conflict outside the days of the hearing (with them), TooMany, Unprocessable.
    """
    require(actor)
    with transaction() as session:
        found = opened(code, hearing_id)
        _check_open(found)
        most = runtime().settings.hearing_comments
        if queries.comments_by(session, hearing_id, actor.account_id or 0) >= most:
            raise TooMany(gettext("One person sends at most %(limit)s comments to a hearing.", limit=most), limit=most)
        case = Case(found.plan, found.version, "review", frozenset())
        drawn = _drawn(found.plan, place) if place is not None and zone_id is None else None
        said = HearingComment(
            hearing_id=hearing_id,
            account_id=actor.account_id,
            show_name=show_name,
            text=written(text, "text", LONGEST_COMMENT),
            zone_id=zone_of(session, case, zone_id),
            place=None if drawn is None else from_shape(drawn, srid=4326),
        )
        session.add(said)
        session.flush()
        return said.id


def answer(actor: Actor, code: str, comment_id: int, text: str) -> None:
    """Answer a comment for everybody to read. Raises Forbidden, NotFound, Conflict after publication, Unprocessable."""
    require(actor, *WORKERS)
    with transaction() as session:
        said = _comment(session, code, comment_id)
        session.add(HearingAnswer(comment_id=said.id, account_id=actor.account_id, text=written(text, "text")))
        session.flush()
        record(session, actor, "hearing_answered", ("hearing_comment", said.id))


def hide(actor: Actor, code: str, comment_id: int, reason: str) -> None:
    """Hide a comment that holds somebody's personal data or an insult; the reason is shown in its place.

    Raises Forbidden, NotFound, Conflict after publication, Unprocessable without a reason.
    """
    require(actor, *WORKERS)
    with transaction() as session:
        said = _comment(session, code, comment_id)
        said.hidden_reason, said.hidden_at = written(reason, "reason"), now(session)
        record(session, actor, "hearing_comment_hidden", ("hearing_comment", said.id))


def _comment(session: Session, code: str, comment_id: int) -> HearingComment:
    said = session.get(HearingComment, comment_id)
    found = opened(code, said.hearing_id) if said is not None else None
    if said is None or found is None:
        raise NotFound(gettext("There is no such comment."))
    if found.version.state not in ("draft", "review"):
        raise Conflict(gettext("The version is published: the minutes of its hearing are closed."))
    return said


def _check_open(found: Opened) -> None:
    if found.takes_comments:
        return
    days = {"first": _day(found.hearing.first_day), "last": _day(found.hearing.last_day)}
    if found.phase == "announced":
        raise Conflict(gettext("The hearing has not begun: comments are taken from %(first)s to %(last)s.", **days))
    if found.phase == "cancelled":
        raise Conflict(gettext("This hearing was cancelled."), hint=found.hearing.cancelled_reason)
    raise Conflict(gettext("The hearing is over: comments were taken from %(first)s to %(last)s.", **days))


def _drawn(plan: Plan, place: Mapping[str, Any]) -> shapely.Geometry:
    """The place that somebody drew. Raises Unprocessable where it is none, too detailed, or elsewhere."""
    wrong = Unprocessable(gettext("The place you drew cannot be read. Draw it again, or leave it out."), field="place")
    if place.get("type") not in _KINDS:
        raise wrong
    try:
        drawn = shapely.force_2d(shape(place))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError):
        raise wrong from None
    if drawn.is_empty or not drawn.is_valid or shapely.get_num_coordinates(drawn) > _MOST_VERTICES:
        raise wrong
    west, south, east, north = plan.region
    if not shapely.box(west, south, east, north).covers(drawn):
        raise Unprocessable(gettext("The place you drew lies outside the plan."), field="place")
    return shapely.transform(drawn, lambda places: places.round(6))


def _phase(hearing: Hearing) -> str:
    if hearing.cancelled_at is not None:
        return "cancelled"
    if hearing.closed_at is not None:
        return "closed"
    today = runtime().city.today()
    if today < hearing.first_day:
        return "announced"
    return "running" if today <= hearing.last_day else "ended"


def _plan(session: Session, code: str) -> Plan:
    plan = plan_queries.plan_by_code(session, code)
    if plan is None:
        raise NotFound(gettext("There is no plan with the code %(code)s.", code=code))
    return plan


def _day(day: dt.date) -> str:
    return str(format_date(day, "long"))
