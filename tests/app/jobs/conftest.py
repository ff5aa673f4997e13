"""An application with a database of its own, kinds of jobs for tests, and a worker that ends when the queue is empty."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app import create_app
from app.accounts.models import Account
from app.accounts.roles import Actor
from app.accounts.service import actor_of
from app.database import db
from app.jobs.kinds import register
from app.runtime import runtime_of
from tests.app.jobs.kinds import KINDS
from tests.conftest import make_settings
from tests.factories.accounts import make_account


@pytest.fixture(scope="session")
def jobs_database(new_database: Callable[..., str]) -> str:
    """Name of the database that these tests share."""
    return new_database("jobs")


@pytest.fixture
def web_app(admin_url: str, jobs_database: str) -> Iterator[Flask]:
    """The application, for tests that call it over HTTP."""
    application = create_app(make_settings(admin_url, jobs_database))
    application.testing = True
    runtime = runtime_of(application)
    runtime.job_kinds = register(runtime.job_kinds, *KINDS)
    yield application
    with application.app_context():
        _clear()
        db.engine.dispose()


@pytest.fixture
def jobs_app(web_app: Flask) -> Iterator[Flask]:
    """The same, in whose context the test runs."""
    with web_app.app_context():
        yield web_app
        db.session.remove()


def _clear() -> None:
    for table in ("job_file", "job", "procrastinate_jobs"):
        db.session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - a constant
    db.session.commit()
    db.session.remove()


@pytest.fixture
def planner(jobs_app: Flask) -> Actor:
    return person("planner")


def person(*roles: str, **options: Any) -> Actor:
    """Somebody with an account of their own."""
    email = f"{'-'.join(roles)}{dt.datetime.now(dt.UTC).timestamp()}@example.org"
    someone = make_account(*roles, email=email, second_factor=False, **options)
    actor = actor_of(db.session.get_one(Account, someone.id))
    db.session.remove()
    return actor
