"""procrastinate's queue: how a job gets from the transaction that starts it to a worker."""

from __future__ import annotations

import uuid
from typing import Any

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from sqlalchemy import make_url
from sqlalchemy.orm import Session

TASK = "job"
JOBS = "jobs"
UPKEEP = "upkeep"
# Only for putting entries into transactions that are open already; it never connects.
_sender = App(connector=SyncPsycopgConnector())


@_sender.task(name=TASK, queue=JOBS)
def _job(_job_id: str) -> None:
    """Stands for the worker's task of the same name."""


def put(session: Session, job_id: uuid.UUID) -> int:
    """Put a job into the queue in the session's transaction: with it the entry is kept, or never was.

    Returns the entry's number.
    """
    connection = session.connection().connection.driver_connection
    return int(_sender.configure_task(TASK, queue=JOBS, connection=connection).defer(job_id=str(job_id)))


def connector(database_url: str) -> PsycopgConnector:
    """The worker's own connections. database_url: as SQLAlchemy writes it."""
    url = make_url(database_url)
    arguments: dict[str, Any] = {**url.query}
    for name, value in (
        ("host", url.host),
        ("port", url.port),
        ("user", url.username),
        ("password", url.password),
        ("dbname", url.database),
    ):
        if value is not None:
            arguments[name] = value
    # One listens, one fetches, one writes down what was done.
    return PsycopgConnector(kwargs=arguments, min_size=1, max_size=3)
