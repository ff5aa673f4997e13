"""Publication and what may follow it: withdrawal, correction notices. Each is one transaction.

A publication is started, carried out, and watched: ``start`` checks what can be checked at once, ``carry_out`` does the
work, ``watched`` reads how far it came. The steps are written beside the transaction that publishes, so that others see
them; nothing else of it is seen before all of it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import orjson
from flask_babel import format_date, gettext
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts.roles import Actor, require
from app.accounts.service import record
from app.database import db, transaction
from app.errors import Conflict, NotFound, RuangError, Unprocessable
from app.plans import publishing
from app.plans.review import milestones, queries, workflow
from app.plans.review.cases import (
    LONGEST_LINE,
    Case,
    find,
    held,
    no_hearing_under_way,
    note,
    now,
    written,
)
from app.plans.review.models import Erratum, PublicationRun
from app.plans.review.service import WORKERS, content_hash_of
from app.runtime import runtime


def start(actor: Actor, code: str, *, legal_reference: str, valid_from: dt.date, language: str) -> int:
    """Check what publishing needs, and open a run of it. Returns the run's number.

    valid_from: first day in force, in the city's calendar; may lie ahead. Raises Forbidden for another role or one's own
    work, Conflict with what is missing, Unprocessable with the field.
    """
    require(actor, "approver")
    with transaction() as session:
        case = held(session, code)
        workflow.checked("publish", case.stage, actor, case.authors)
        _check_complete(session, case, language)
        _check_day(session, case, valid_from)
        run = PublicationRun(
            version_id=case.version.id,
            account_id=actor.account_id,
            valid_from=valid_from,
            legal_reference=written(legal_reference, "legal_reference", LONGEST_LINE),
        )
        session.add(run)
        session.flush()
        return run.id


def carry_out(actor: Actor, code: str, run_id: int, *, progress: Callable[[str], None] = lambda step: None) -> None:
    """Publish as a run says: everything or nothing. What goes wrong is written to the run, and raised.

    progress: told the name of each step as it begins.
    """
    require(actor, "approver")
    try:
        with transaction() as session:
            _publish(session, actor, code, run_id, progress)
    except RuangError as error:
        with transaction() as session:
            run = session.get(PublicationRun, run_id)
            if run is not None and run.finished_at is None:
                run.finished_at, run.problem = now(session), str(error.detail)
        raise


def _publish(session: Session, actor: Actor, code: str, run_id: int, progress: Callable[[str], None]) -> None:
    case = held(session, code)
    workflow.checked("publish", case.stage, actor, case.authors)
    run = session.get(PublicationRun, run_id)
    if run is None or run.version_id != case.version.id or run.finished_at is not None:
        raise NotFound(gettext("There is no such publication."))
    steps = _Steps(run_id, progress)
    steps.begin("approved")
    approval = queries.last_event(session, case.version.id)
    if approval is None or approval.content_hash != content_hash_of(session, case):
        raise Conflict(
            gettext("The content is not what was approved."), hint=gettext("Send it back and have it approved again.")
        )
    case.version.legal_reference = run.legal_reference
    publishing.publish(session, code, case.version.seq, valid_from=run.valid_from, progress=steps.begin, actor=actor)
    note(session, case, actor, "publish")
    run.finished_at, run.steps = now(session), steps.begun
    session.flush()


class _Steps:
    """What a run has begun, and when; written through a connection of its own, for others to see at once."""

    def __init__(self, run_id: int, progress: Callable[[str], None]) -> None:
        self._run_id, self._progress = run_id, progress
        self.begun: list[list[str]] = []

    def begin(self, step: str) -> None:
        """Write down that a step begins."""
        self._progress(step)
        self.begun.append([step, dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")])
        with db.engine.begin() as connection:
            connection.execute(
                text("UPDATE publication_run SET steps = CAST(:steps AS jsonb) WHERE id = :id"),
                {"steps": orjson.dumps(self.begun).decode(), "id": self._run_id},
            )


def watched(actor: Actor, code: str, seq: int) -> dict[str, Any] | None:
    """How far the last try at publishing a version came; None where there was none.

    state: ready (not begun), running, done, failed, or interrupted (the server ended in the middle; nothing was kept).
    Raises Forbidden and NotFound.
    """
    require(actor, *WORKERS)
    session = db.session()
    case = find(session, code, seq)
    run = queries.last_run(session, case.version.id)
    if run is None:
        return None
    if run.finished_at is not None:
        state = "failed" if run.problem else "done"
    elif queries.is_being_published(session, case.plan.id):
        state = "running"
    else:
        state = "interrupted" if run.steps else "ready"
    return {
        "id": run.id,
        "state": state,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "steps": [(name, dt.datetime.fromisoformat(moment)) for name, moment in run.steps],
        "problem": run.problem,
        "valid_from": run.valid_from,
        "legal_reference": run.legal_reference,
    }


def _check_complete(session: Session, case: Case, language: str) -> None:
    missing = milestones.missing(session, case, language)
    if missing:
        raise Conflict(gettext("These milestones are not recorded yet: %(titles)s.", titles="; ".join(missing)))
    unsettled = queries.unsettled(session, case.version.id)
    if unsettled:
        raise Conflict(
            gettext(
                "These remarks of the ministry are not settled: %(numbers)s.", numbers=", ".join(map(str, unsettled))
            )
        )
    no_hearing_under_way(session, case)


def _check_day(session: Session, case: Case, valid_from: dt.date) -> None:
    promulgated = queries.milestones(session, case.version.id).get(milestones.PROMULGATION)
    if promulgated is not None and valid_from < promulgated.day:
        raise Unprocessable(
            gettext(
                "A plan is not in force before its promulgation on %(day)s.", day=format_date(promulgated.day, "long")
            ),
            field="valid_from",
        )


# After publication ----------------------------------------------------------------------------------------------------


def withdraw(actor: Actor, code: str, seq: int, reason: str) -> None:
    """Withdraw a published version: its days answer "withdrawn" from then on. Raises Forbidden, Conflict, Unprocessable."""
    require(actor, "approver")
    with transaction() as session:
        case = held(session, code, seq)
        workflow.checked("withdraw", case.stage, actor, case.authors)
        reason = written(reason, "reason")
        publishing.withdraw(session, code, seq, reason, actor)
        note(session, case, actor, "withdraw", reason=reason)


def correct(actor: Actor, code: str, seq: int, *, day: dt.date, concerns: str, words: str) -> None:
    """Attach a correction notice to a public version; its content stays as it is.

    day: of the notice; concerns: what it is about. Raises Forbidden, NotFound, Conflict, Unprocessable.
    """
    require(actor, "approver")
    if day > runtime().city.today():
        raise Unprocessable(gettext("This day has not come yet."), field="day")
    with transaction() as session:
        case = held(session, code, seq)
        if case.stage not in ("published", "withdrawn"):
            raise Conflict(gettext("Only a published version gets a correction notice: mend the draft itself."))
        session.add(
            Erratum(
                version_id=case.version.id,
                day=day,
                concerns=written(concerns, "concerns", LONGEST_LINE),
                text=written(words, "text"),
                account_id=actor.account_id,
            )
        )
        session.flush()
        record(session, actor, "erratum_added", ("plan_version", case.version.id), plan=code, seq=seq)
        publishing.announce(session, case.plan)


def public_record(code: str, seq: int, language: str) -> dict[str, Any]:
    """How a public version came about: why, milestones, hearings, hash. Raises NotFound for what is not public."""
    session = db.session()
    case = find(session, code, seq)
    if case.stage not in ("published", "withdrawn"):
        raise NotFound(gettext("The plan %(code)s has no published version %(seq)s.", code=code, seq=seq))
    return {
        "summary": case.version.summary,
        "content_hash": case.version.content_hash,
        "published_at": case.version.published_at,
        "withdrawn_at": case.version.withdrawn_at,
        "milestones": [
            item
            for item in milestones.listed(session, case.version.id, case.plan.kind, language)
            if item["document"] is not None
        ],
        "hearings": [
            hearing for hearing, version in queries.hearings(session, case.plan.id) if version.id == case.version.id
        ],
    }
