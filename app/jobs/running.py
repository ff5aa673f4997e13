"""Do one job in a worker: its work and its becoming done are one transaction, its progress is written beside it."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from flask_babel import force_locale, gettext
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.accounts.roles import OPERATOR, Actor
from app.accounts.service import actor_of
from app.database import db, transaction
from app.errors import Forbidden, NotFound, RuangError, from_gis
from app.jobs import queries, service
from app.jobs.kinds import kind_named
from app.jobs.models import Job
from gis.errors import GisError

log = structlog.get_logger()
# Smaller steps are not written down: nobody sees them, and each is a write.
_LEAST_PROGRESS = 0.005


class CancelledByPersonError(RuntimeError):
    """The job is to be cancelled."""


class WorkerStopsError(RuntimeError):
    """The worker was asked to stop; the job waits for the next one."""


class RunningJob:
    """What the work of a job gets (``kinds.Run``). beside: a connection of its own, each statement at once."""

    def __init__(self, job: Job, actor: Actor, beside: Connection, folder: Path, stops: Callable[[], bool]) -> None:
        self._id, self._actor, self._beside, self._folder, self._stops = job.id, actor, beside, folder, stops
        self._written: tuple[float, str] = (-1.0, "")

    @property
    def id(self) -> uuid.UUID:
        """Its number."""
        return self._id

    @property
    def actor(self) -> Actor:
        """Who started it."""
        return self._actor

    def step(self, progress: float, text: str) -> None:
        """Write down how far it is, and look whether it shall go on."""
        if self._stops():
            raise WorkerStopsError
        share = min(1.0, max(0.0, progress))
        if text == self._written[1] and abs(share - self._written[0]) < _LEAST_PROGRESS:
            return
        self._written = share, text
        if not queries.advance(self._beside, self._id, share, text):
            raise CancelledByPersonError

    def file(self, job_id: uuid.UUID | None = None) -> Path:
        """The file that was sent in, in a folder that is removed with the job's end."""
        session = db.session()
        owner = session.get(Job, job_id or self._id)
        found = queries.file_of(session, owner.id) if owner and owner.account_id == self._actor.account_id else None
        if found is None:
            raise NotFound(gettext("The file is no longer there."), hint=gettext("Send it in again."))
        # Only the last part of the name: what a browser sends may hold a path.
        path = self._folder / Path(found.filename.replace("\\", "/")).name
        path.write_bytes(found.content)
        return path


def execute(job_id: uuid.UUID, stops: Callable[[], bool] = lambda: False) -> None:
    """Do a job that waits; nothing happens where it does not, or another worker is at it.

    stops: whether the worker was asked to stop. What goes wrong for a reason that a person can mend is written down; a
    mistake of ours is too, and raised.
    """
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as beside, _held(beside, job_id) as held:
        if not held or not queries.begin(beside, job_id):
            return
        session = db.session()
        job = session.get(Job, job_id, populate_existing=True)
        assert job is not None  # noqa: S101 - for the type checker; it was begun
        with force_locale(job.language), tempfile.TemporaryDirectory(prefix="job-") as folder:
            try:
                _work(session, job, beside, Path(folder), stops)
            except CancelledByPersonError:
                queries.close(beside, job_id, "cancelled")
            except WorkerStopsError:
                _put_back(job_id)
            except GisError as error:
                queries.close(beside, job_id, "failed", _said(from_gis(error)))
            except RuangError as error:
                queries.close(beside, job_id, "failed", _said(error))
            except BaseException:
                detail = gettext("Something went wrong on our side. Nothing was changed; the error was recorded.")
                queries.close(beside, job_id, "failed", {"detail": detail, "hint": None})
                raise
            finally:
                db.session.remove()


@contextmanager
def _held(beside: Connection, job_id: uuid.UUID) -> Iterator[bool]:
    held = queries.hold(beside, job_id)
    try:
        yield held
    finally:
        if held:
            queries.let_go(beside, job_id)


def _work(session: Session, job: Job, beside: Connection, folder: Path, stops: Callable[[], bool]) -> None:
    kind = kind_named(job.kind)
    arguments, job_id = kind.arguments.model_validate(job.arguments), job.id
    run = RunningJob(job, _actor(session, job), beside, folder, stops)
    with transaction():
        result = kind.work(run, arguments)
        if not queries.complete(session, job_id, result):
            raise CancelledByPersonError
    log.info("job done", job=str(job_id), kind=kind.name)


def _actor(session: Session, job: Job) -> Actor:
    """Who started it, as they are now: roles may have been taken away while it waited."""
    if job.account_id is None:
        return OPERATOR
    account = session.get(Account, job.account_id)
    if account is None or not account.active:
        raise Forbidden(gettext("The account that started this was shut."))
    return actor_of(account)


def _put_back(job_id: uuid.UUID) -> None:
    with transaction() as session:
        service.requeue(session, session.get_one(Job, job_id, with_for_update=True, populate_existing=True))


def _said(error: RuangError) -> dict[str, Any]:
    problem = error.as_problem()
    return {
        name: problem[name] if name in ("place", "zones") else None if problem[name] is None else str(problem[name])
        for name in ("title", "detail", "hint", "place", "zones")
        if name in problem
    }
