"""SQL for jobs. What changes a state names the states it may come from, and says whether it did."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, select, text, update
from sqlalchemy.orm import Session

from app.jobs.models import FINISHED, Job, JobFile


def by_key(session: Session, key: uuid.UUID) -> Job | None:
    """The job that was started under a key."""
    return session.scalars(select(Job).where(Job.key == key)).first()


def recent(session: Session, account_id: int, limit: int) -> Sequence[Job]:
    """What somebody started, newest first."""
    return session.scalars(
        select(Job).where(Job.account_id == account_id).order_by(Job.created_at.desc()).limit(limit)
    ).all()


def file_of(session: Session, job_id: uuid.UUID) -> JobFile | None:
    """The file that was sent in for a job."""
    return session.get(JobFile, job_id)


def unfinished(session: Session) -> Sequence[Job]:
    """Jobs that wait or are being done."""
    return session.scalars(select(Job).where(Job.finished_at.is_(None)).order_by(Job.created_at)).all()


def entry_waits(session: Session, queue_id: int | None) -> bool:
    """Whether an entry of the queue still waits for a worker."""
    status = text("SELECT status = 'todo' FROM procrastinate_jobs WHERE id = :id")
    return bool(session.execute(status, {"id": queue_id}).scalar())


def close_entry(session: Session, queue_id: int | None) -> None:
    """Take an entry out of the queue that a dead worker left in it."""
    session.execute(text("DELETE FROM procrastinate_jobs WHERE id = :id"), {"id": queue_id})


def begin(connection: Connection, job_id: uuid.UUID) -> bool:
    """From queued to running."""
    changed = connection.execute(
        update(Job)
        .where(Job.id == job_id, Job.state == "queued")
        .values(state="running", started_at=func.now(), attempts=Job.attempts + 1, progress=0, step=None)
    )
    return changed.rowcount == 1


def advance(connection: Connection, job_id: uuid.UUID, progress: float, step: str) -> bool:
    """Write down how far a running job is; False where it is to be cancelled."""
    row = connection.execute(
        update(Job)
        .where(Job.id == job_id, Job.state == "running")
        .values(progress=progress, step=step)
        .returning(Job.cancel_requested)
    ).first()
    return row is not None and not row.cancel_requested


def complete(session: Session, job_id: uuid.UUID, result: dict[str, Any]) -> bool:
    """From running to done, unless it was cancelled in the last moment."""
    changed = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state == "running", Job.cancel_requested.is_(False))
        .values(state="done", progress=1, step=None, result=result, finished_at=func.now())
        .execution_options(synchronize_session=False)
    )
    return bool(changed.rowcount == 1)  # type: ignore[attr-defined]


def close(connection: Connection | Session, job_id: uuid.UUID, state: str, error: dict[str, Any] | None = None) -> None:
    """End a job that is not done: failed (with the error) or cancelled."""
    connection.execute(
        update(Job)
        .where(Job.id == job_id, Job.finished_at.is_(None))
        .values(state=state, error=error, step=None, finished_at=func.now())
        .execution_options(synchronize_session=False)
    )


def ask_to_cancel(session: Session, job_id: uuid.UUID) -> None:
    """Cancel a job that waits; have one that is being done stop at its next step."""
    changed = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state == "queued")
        .values(state="cancelled", finished_at=func.now(), cancel_requested=True)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount == 0:  # type: ignore[attr-defined]
        session.execute(
            update(Job)
            .where(Job.id == job_id, Job.state == "running")
            .values(cancel_requested=True)
            .execution_options(synchronize_session=False)
        )


def forget(session: Session, before: dt.datetime) -> int:
    """Delete jobs that ended before a moment, and their files; returns how many."""
    gone = session.execute(
        delete(Job)
        .where(Job.state.in_(FINISHED), Job.finished_at < before)
        .execution_options(synchronize_session=False)
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]


_LOCK = "hashtextextended('ruang_job ' || CAST(:id AS text), 0)"


def hold(connection: Connection, job_id: uuid.UUID) -> bool:
    """Take the lock that says "a worker is at this job"; PostgreSQL frees it when the worker dies, however it dies."""
    taken = connection.execute(text(f"SELECT pg_try_advisory_lock({_LOCK})"), {"id": str(job_id)})
    return bool(taken.scalar())


def let_go(connection: Connection, job_id: uuid.UUID) -> None:
    """Free the lock."""
    connection.execute(text(f"SELECT pg_advisory_unlock({_LOCK})"), {"id": str(job_id)})


def hold_in_transaction(session: Session, job_id: uuid.UUID) -> bool:
    """The same lock until the transaction ends: where it can be had, no worker is at the job."""
    taken = session.execute(text(f"SELECT pg_try_advisory_xact_lock({_LOCK})"), {"id": str(job_id)})
    return bool(taken.scalar())
