"""Fixtures for all tests: a real PostGIS with the schema of the real migrations; every test is rolled back.

``RUANG_TEST_ADMIN_URL`` names a superuser on a cluster of its own (``make test`` sets it); without it one is started.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from app import create_app
from app.accounts import credentials
from app.config import REPOSITORY, Settings
from app.database import APP_ROLE, OWNER_ROLE, db
from app.operations.bootstrap import bootstrap, connect, drop_database, with_database, with_role
from app.operations.cluster import temporary_cluster

# Tests make and check hundreds of passwords; the cost that keeps guessers away is no part of what they look at.
credentials.ARGON2.update(argon2__memory_cost=64, argon2__time_cost=1)
REAL_DATA = Path(os.environ.get("RUANG_REAL_DATA", REPOSITORY.parent / "shared" / "data" / "real"))


@pytest.fixture(scope="session")
def admin_url() -> Iterator[str]:
    """A superuser on the tests' own cluster."""
    with ExitStack() as stack:
        yield os.environ.get("RUANG_TEST_ADMIN_URL") or stack.enter_context(temporary_cluster()).admin_url


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all worker processes of one test run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


@contextmanager
def once(folder: Path, name: str) -> Iterator[bool]:
    """Hold a lock across worker processes; yields True for the first, who does the work, and False for the others."""
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / f"{name}.done"
        yield not done.exists()
        done.touch()


@pytest.fixture(autouse=True)
def no_mail_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for a mail server fails: mails of tests go into NullMail's outbox."""

    def connect(*_args: Any, **_options: Any) -> None:
        pytest.fail("a test tried to reach a mail server")

    monkeypatch.setattr("smtplib.SMTP.connect", connect)


def make_settings(admin_url: str, database: str, **overrides: Any) -> Settings:
    """Settings for one database of the tests' cluster, with both roles."""
    url = with_database(admin_url, database)
    values: dict[str, Any] = {
        "database_url": with_role(url, APP_ROLE),
        "owner_database_url": with_role(url, OWNER_ROLE),
        "secret_key": "only for tests",
        "var": Path(tempfile.gettempdir()) / f"ruang-tests-{os.getuid()}",
        "rate_reads": "1000000 per minute",
        "rate_writes": "1000000 per minute",
        "rate_sign_in": "1000000 per minute",
        "rate_account": "1000000 per minute",
        "timeline_seconds": 3600.0,
    }
    return Settings(_env_file=None, **{**values, **overrides})


def create_database(admin_url: str, name: str) -> None:
    """A migrated database."""
    bootstrap(admin_url, name)
    app = create_app(make_settings(admin_url, name))
    with app.app_context():
        upgrade()
        db.engine.dispose()


def clone_database(admin_url: str, template: str, name: str) -> None:
    """A copy of a database, faster than migrating again."""
    drop_database(admin_url, name)
    with connect(admin_url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER {OWNER_ROLE}')
        server.execute(f'GRANT CONNECT, TEMPORARY ON DATABASE "{name}" TO {APP_ROLE}')


@pytest.fixture(scope="session")
def empty_template(admin_url: str, shared_folder: Path) -> str:
    """Name of a migrated, empty database that others are copied from; nobody connects to it."""
    name = "ruang_template_empty"
    with once(shared_folder, name) as first:
        if first:
            drop_database(admin_url, name)
            create_database(admin_url, name)
    return name


@pytest.fixture(scope="session")
def new_database(admin_url: str, empty_template: str, shared_folder: Path) -> Iterator[Callable[[str], str]]:
    """Makes a migrated database of the given name for this worker, removed at the end."""
    made: list[str] = []

    def make(name: str, template: str = empty_template) -> str:
        full = f"ruang_{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
        with once_each(shared_folder, "clone"):
            clone_database(admin_url, template, full)
        made.append(full)
        return full

    yield make
    for full in made:
        drop_database(admin_url, full)


@contextmanager
def once_each(folder: Path, name: str) -> Iterator[None]:
    """One worker at a time: a template can be copied by one session only."""
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def app(admin_url: str, new_database: Callable[..., str]) -> Iterator[Flask]:
    """The application on an empty, migrated database."""
    application = create_app(make_settings(admin_url, new_database("empty")))
    application.testing = True
    yield application
    with application.app_context():
        db.engine.dispose()


@pytest.fixture
def session(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A session in an application context; whatever the test commits is rolled back at its end."""
    with app.app_context():
        connection = db.engine.connect()
        outer = connection.begin()
        made = scoped_session(sessionmaker(bind=connection, join_transaction_mode="create_savepoint"))
        monkeypatch.setattr(db, "session", made)
        app.extensions["ruang"].caches.clear()
        yield made()
        made.remove()
        outer.rollback()
        connection.close()
        app.extensions["ruang"].caches.clear()


@pytest.fixture
def client(app: Flask, session: Session) -> FlaskClient:
    """A client of the empty application; what it writes is rolled back."""
    return app.test_client()


@pytest.fixture(scope="session")
def sample_template(admin_url: str, empty_template: str, shared_folder: Path) -> str:
    """Name of a database with the sample city, loaded once per test run through the real importer."""
    name = "ruang_template_sample"
    with once(shared_folder, name) as first:
        if first:
            with once_each(shared_folder, "clone"):
                clone_database(admin_url, empty_template, name)
            application = create_app(make_settings(admin_url, name))
            outcome = application.test_cli_runner().invoke(args=["sample", "load"])
            with application.app_context():
                db.engine.dispose()
            assert outcome.exit_code == 0, outcome.output
    return name


@pytest.fixture(scope="session")
def sample_app(admin_url: str, new_database: Callable[..., str], sample_template: str) -> Iterator[Flask]:
    """The application on the sample city. Tests read it; those that write use a database of their own."""
    application = create_app(make_settings(admin_url, new_database("sample", sample_template)))
    application.testing = True
    yield application
    with application.app_context():
        db.engine.dispose()


@pytest.fixture
def sample_client(sample_app: Flask) -> FlaskClient:
    """A client of the sample city."""
    return sample_app.test_client()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real input; the test is skipped where it is missing, and fails where one was named that is not."""
    if not REAL_DATA.is_dir():
        if "RUANG_REAL_DATA" in os.environ:
            pytest.fail(f"no real input at {REAL_DATA}, which RUANG_REAL_DATA names")
        pytest.skip(f"no real input at {REAL_DATA}: set RUANG_REAL_DATA")
    return REAL_DATA
