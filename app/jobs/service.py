"""Start, watch and cancel jobs; take up those that a dead worker left; forget old ones."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from flask_babel import force_locale, get_locale, gettext
from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.roles import OPERATOR, Actor, require
from app.accounts.service import record
from app.database import db, transaction
from app.errors import Conflict, NotFound, Unprocessable
from app.jobs import queries, queue
from app.jobs.kinds import Kind, kind_named
from app.jobs.models import FINISHED, Job, JobFile
from app.runtime import runtime

log = structlog.get_logger()


@dataclass(frozen=True)
class Upload:
    """A file that is sent in for a job."""

    filename: str
    content: bytes


@dataclass(frozen=True)
class JobView:
    """A job as its owner sees it. page: where its result is shown. result, error: of one that is done, or failed."""

    id: uuid.UUID
    kind: str
    title: str
    state: str
    progress: float
    step: str | None
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    arguments: dict[str, Any]
    cancel_requested: bool
    page: str
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None

    @property
    def is_finished(self) -> bool:
        """Whether it is done, failed or cancelled."""
        return self.state in FINISHED


def start(
    actor: Actor,
    kind_name: str,
    arguments: Mapping[str, Any],
    key: uuid.UUID | None = None,
    *,
    file: Upload | None = None,
) -> JobView:
    """Have something done in the background; takes part in the caller's transaction where there is one.

    key: chosen by the caller; started again under the same key, the first one is answered. Raises Forbidden without one
    of the kind's roles, Unprocessable for impossible arguments, Conflict where somebody else used the key.
    """
    kind = kind_named(kind_name)
    require(actor, *kind.roles)
    try:
        stated = kind.arguments.model_validate(dict(arguments)).model_dump(mode="json")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise Unprocessable(
            gettext("This cannot be done with %(field)s: %(reason)s.", field=field, reason=first["msg"]), field=field
        ) from None
    with transaction() as session:
        known = queries.by_key(session, key) if key is not None else None
        if known is not None:
            return _started_before(known, actor, kind)
        job = Job(
            kind=kind.name,
            account_id=actor.account_id,
            key=key,
            language=str(get_locale()),
            arguments=stated,
            progress=0,
        )
        session.add(job)
        session.flush()
        if file is not None:
            session.add(JobFile(job_id=job.id, filename=file.filename, content=file.content))
        job.queue_id = queue.put(session, job.id)
        session.flush()
        session.refresh(job)
        return _view(job)


def status(actor: Actor, job_id: uuid.UUID) -> JobView:
    """A job; for who started it, and for administrators. Raises NotFound for everybody else: not even that it exists."""
    return _view(_own(db.session(), actor, job_id))


def result_of(actor: Actor, job_id: uuid.UUID, kind_name: str) -> JobView:
    """A job of one kind that is done. Raises NotFound where it is another kind, Conflict where it is not done."""
    view = status(actor, job_id)
    if view.kind != kind_name:
        raise NotFound(gettext("There is no such job."))
    if view.state != "done":
        raise Conflict(gettext("This is not done yet, or it failed."))
    return view


def recent(actor: Actor, limit: int = 20) -> list[JobView]:
    """What the actor started, newest first."""
    require(actor)
    if actor.account_id is None:
        return []
    return [_view(job) for job in queries.recent(db.session(), actor.account_id, limit)]


def cancel(actor: Actor, job_id: uuid.UUID) -> JobView:
    """Cancel a job that waits; one that is being done stops at its next step, and nothing of it is kept."""
    with transaction() as session:
        job = _own(session, actor, job_id)
        if job.finished_at is None:
            queries.ask_to_cancel(session, job.id)
            record(session, actor, "job_cancelled", ("job", str(job.id)), kind=job.kind)
            session.flush()
        session.refresh(job)
        return _view(job)


def recover() -> int:
    """Take up jobs whose worker died: they are done anew, or fail with a clear text. Returns how many there were."""
    found = 0
    with transaction() as session:
        for job in queries.unfinished(session):
            if job.state == "queued" and queries.entry_waits(session, job.queue_id):
                continue
            if not queries.hold_in_transaction(session, job.id):
                continue
            session.refresh(job, with_for_update=True)
            if job.state == "running":
                _take_up(session, job)
                found += 1
            elif job.state == "queued" and not queries.entry_waits(session, job.queue_id):
                # Its worker died between taking it from the queue and beginning.
                _put_again(session, job)
                found += 1
    return found


def forget_old() -> int:
    """Delete jobs that ended RUANG_JOB_DAYS ago or earlier, with their files; returns how many."""
    with transaction() as session:
        now = session.scalar(select(func.now()))
        assert now is not None  # noqa: S101 - for the type checker; the database has a clock
        return queries.forget(session, now - dt.timedelta(days=runtime().settings.job_days))


def requeue(session: Session, job: Job) -> None:
    """Put a job that was interrupted back into the queue; it does not count as an attempt."""
    job.attempts = max(0, job.attempts - 1)
    _put_again(session, job)


def _take_up(session: Session, job: Job) -> None:
    log.warning("a worker died under a job", job=str(job.id), kind=job.kind, attempts=job.attempts)
    kinds = runtime().job_kinds
    if job.cancel_requested:
        queries.close_entry(session, job.queue_id)
        queries.close(session, job.id, "cancelled")
    elif job.kind in kinds and job.attempts < kinds[job.kind].attempts:
        _put_again(session, job)
    else:
        queries.close_entry(session, job.queue_id)
        with force_locale(job.language):
            detail = gettext("The program that worked on this was ended before it was done. Nothing was changed.")
            hint = gettext("Start it again. If it happens again, tell an administrator.")
        queries.close(session, job.id, "failed", {"detail": detail, "hint": hint})


def _put_again(session: Session, job: Job) -> None:
    queries.close_entry(session, job.queue_id)
    job.state, job.progress, job.step = "queued", 0, None
    job.queue_id = queue.put(session, job.id)
    session.flush()


def _started_before(job: Job, actor: Actor, kind: Kind) -> JobView:
    if job.account_id != actor.account_id or job.kind != kind.name:
        raise Conflict(gettext("This key was used for something else."), field="key")
    return _view(job)


def _own(session: Session, actor: Actor, job_id: uuid.UUID) -> Job:
    require(actor)
    job = session.get(Job, job_id)
    mine = job is not None and (actor is OPERATOR or job.account_id == actor.account_id or actor.has("administrator"))
    if job is None or not mine:
        raise NotFound(gettext("There is no such job."), hint=gettext("Jobs are forgotten after some weeks."))
    return job


def _view(job: Job) -> JobView:
    kind = runtime().job_kinds.get(job.kind)
    page = f"/jobs/{job.id}"
    return JobView(
        id=job.id,
        kind=job.kind,
        title=str(kind.title) if kind else job.kind,
        state=job.state,
        progress=job.progress,
        step=job.step,
        result=job.result,
        error=job.error,
        arguments=job.arguments,
        cancel_requested=job.cancel_requested,
        page=kind.page(kind.arguments.model_validate(job.arguments), job.id) if kind else page,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )
