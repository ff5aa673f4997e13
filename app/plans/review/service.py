"""The review of a draft: hand it in, comment, send it back or approve it.

What is under review is sealed (triggers of migration 0006): what was approved is what is published. Two people must have
seen a version before it is in force: who changed it or handed it in can neither approve nor publish it.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from app.accounts.roles import Actor, require
from app.accounts.service import record
from app.database import db, transaction
from app.errors import Conflict, NotFound, RuangError, Unprocessable
from app.plans import publishing
from app.plans import queries as plan_queries
from app.plans.drafts import findings
from app.plans.drafts.saving import Draft
from app.plans.review import milestones, queries, workflow
from app.plans.review.cases import (
    Case,
    at_stage,
    find,
    held,
    move,
    no_hearing_under_way,
    now,
    written,
    zone_of,
)
from app.plans.review.models import ReviewComment, ReviewThread
from gis.crs import MetricCrs

WORKERS = ("planner", "approver")
# Errors that are listed one by one; who mends them sees all of them in the editor.
_MOST_ERRORS = 20


# Steps ----------------------------------------------------------------------------------------------------------------


def submit(actor: Actor, code: str, summary: str) -> None:
    """Hand the open draft in for review. summary: what changed and why, in words that everybody will read.

    Raises Forbidden, Conflict, and Unprocessable where the draft has errors or the summary is missing.
    """
    require(actor, "planner")
    with transaction() as session:
        case = held(session, code)
        workflow.checked("submit", case.stage, actor, case.authors)
        case.version.summary = written(summary, "summary")
        refuse_errors(session, case)
        move(session, case, actor, "submit", reason=case.version.summary)


def take_back(actor: Actor, code: str) -> None:
    """Take a draft back out of review, to change it. Raises Forbidden and Conflict."""
    _reopen(actor, code, "take_back", "")


def send_back(actor: Actor, code: str, reason: str) -> None:
    """Send a draft back to the planners; an approval is void from then on. Raises Forbidden, Conflict, Unprocessable."""
    _reopen(actor, code, "send_back", reason)


def _reopen(actor: Actor, code: str, action: str, reason: str) -> None:
    require(actor, workflow.TRANSITIONS[action].role)
    with transaction() as session:
        case = held(session, code)
        workflow.checked(action, case.stage, actor, case.authors)
        hearing = no_hearing_under_way(session, case)
        if hearing is not None:
            hearing.closed_at = now(session)
        move(session, case, actor, action, reason=reason)


def approve(actor: Actor, code: str) -> str:
    """Approve a draft, and return the hash of the content that was approved. Raises Forbidden and Conflict."""
    require(actor, "approver")
    with transaction() as session:
        case = held(session, code)
        workflow.checked("approve", case.stage, actor, case.authors)
        waiting = queries.open_threads(session, case.version.id)
        if waiting:
            raise Conflict(
                gettext("%(count)s review comments are not resolved yet.", count=waiting),
                hint=gettext("Resolve them, or send the draft back."),
            )
        no_hearing_under_way(session, case)
        refuse_errors(session, case)
        content_hash = content_hash_of(session, case)
        move(session, case, actor, "approve", content_hash=content_hash)
    return content_hash


def refuse_errors(session: Session, case: Case) -> None:
    """Raises Unprocessable where the draft has errors with which it could not be published; ``errors`` lists them."""
    draft = Draft(case.plan, case.version, MetricCrs(case.plan.utm_zone, case.plan.south))
    found = findings.blocking(session, draft)
    errors = [finding.text for finding in found]
    if errors:
        raise Unprocessable(
            ngettext(
                "The draft has %(num)s error: %(first)s", "The draft has %(num)s errors. The first: %(first)s",
                len(errors), first=errors[0],
            ),
            field="summary",
            hint=gettext("The map editor lists them under “Check”, with repairs."),
            errors=errors[:_MOST_ERRORS],
            zones=sorted({zone for finding in found for zone in finding.zones}),
        )  # fmt: skip
    publishing.checked(session, case.plan, case.version)


def content_hash_of(session: Session, case: Case) -> str:
    """The hash of everything that a version says, as it stands now."""
    return publishing.content_hash(session, case.version.id, plan_queries.zones(session, case.version.id))


# Comments of the review -----------------------------------------------------------------------------------------------


def comment(actor: Actor, code: str, text: str, zone_id: int | None = None) -> int:
    """Begin a thread about one zone of a draft, or about the whole. Returns its number.

    Raises Forbidden, Conflict where nothing is under review, Unprocessable with the field.
    """
    require(actor, "approver")
    with transaction() as session:
        case = held(session, code)
        at_stage(case, "review", "approved")
        thread = ReviewThread(version_id=case.version.id, zone_id=zone_of(session, case, zone_id))
        session.add(thread)
        session.flush()
        _say(session, actor, thread, text)
        return thread.id


def reply(actor: Actor, code: str, thread_id: int, text: str) -> None:
    """Answer in a thread. Raises Forbidden, NotFound, Unprocessable."""
    require(actor, *WORKERS)
    with transaction() as session:
        _say(session, actor, _thread(session, code, thread_id), text)


def resolve(actor: Actor, code: str, thread_id: int, *, resolved: bool = True) -> None:
    """Mark a thread as resolved, or open it again. Raises Forbidden and NotFound."""
    require(actor, "approver")
    with transaction() as session:
        thread = _thread(session, code, thread_id)
        thread.resolved_at = now(session) if resolved else None
        thread.resolved_by = actor.account_id if resolved else None


def _thread(session: Session, code: str, thread_id: int) -> ReviewThread:
    case = held(session, code)
    thread = session.get(ReviewThread, thread_id)
    if thread is None or thread.version_id != case.version.id:
        raise NotFound(gettext("This draft has no such comment."))
    return thread


def _say(session: Session, actor: Actor, thread: ReviewThread, text: str) -> None:
    session.add(ReviewComment(thread_id=thread.id, account_id=actor.account_id, text=written(text, "text")))
    session.flush()
    record(session, actor, "review_commented", ("plan_version", thread.version_id), thread=thread.id)


# Reading --------------------------------------------------------------------------------------------------------------


def overview(actor: Actor, code: str, language: str) -> dict[str, Any]:
    """Where the open version of a plan stands, and what the actor may do. Raises Forbidden and NotFound."""
    require(actor, *WORKERS)
    session = db.session()
    case = find(session, code)
    version = case.version
    hearing = queries.standing_hearing(session, version.id)
    return {
        "plan": {"code": case.plan.code, "name": case.plan.name, "kind": case.plan.kind},
        "seq": version.seq,
        "version_id": version.id,
        "base_seq": _seq_of_base(session, case),
        "legal_reference": version.legal_reference,
        "summary": version.summary,
        "stage": case.stage,
        "possible": workflow.possible(case.stage, actor, case.authors),
        "own_work": actor.account_id in case.authors,
        "events": [
            {"action": event.action, "at": event.at, "who": name or "", "reason": event.reason}
            for event, name in queries.events(session, version.id)
        ],
        "threads": threads(actor, code),
        "missing": milestones.missing(session, case, language),
        "unsettled": list(queries.unsettled(session, version.id)),
        "hearing": hearing,
    }


def threads(actor: Actor, code: str) -> list[dict[str, Any]]:
    """The threads of the open version: zone, whether resolved, who said what. Raises Forbidden and NotFound."""
    require(actor, *WORKERS)
    session = db.session()
    case = find(session, code)
    found = queries.threads(session, case.version.id)
    people = queries.names(session, [said.account_id for thread in found for said in thread.comments])
    codes = queries.zone_code(session, case.version.id, [thread.zone_id for thread in found if thread.zone_id])
    return [
        {
            "id": thread.id,
            "zone_id": thread.zone_id,
            "subzone_code": codes.get(thread.zone_id or 0),
            "resolved": thread.resolved_at is not None,
            "comments": [
                {
                    "at": said.at,
                    "who": people.get(said.account_id, ""),
                    "mine": said.account_id == actor.account_id,
                    "text": said.text,
                }
                for said in thread.comments
            ],
        }
        for thread in found
    ]


def errors_of_draft(actor: Actor, code: str) -> list[str]:
    """What stands against handing the draft in, in words; empty where nothing does. Raises Forbidden and NotFound."""
    require(actor, *WORKERS)
    session = db.session()
    try:
        refuse_errors(session, find(session, code))
    except RuangError as error:
        listed: list[str] = error.extra.get("errors", [str(error.detail)])
        return listed
    return []


def _seq_of_base(session: Session, case: Case) -> int | None:
    base = session.get(type(case.version), case.version.base_version_id) if case.version.base_version_id else None
    return base.seq if base else None
