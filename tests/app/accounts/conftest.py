"""An application with a database of its own: sign-ins span several requests, which a savepoint cannot hold together."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.database import db
from tests.conftest import make_settings
from tests.factories.accounts import Someone, make_account

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def accounts_database(new_database: Callable[..., str]) -> str:
    """Name of the database that these tests share."""
    return new_database("accounts")


@pytest.fixture
def make_app(admin_url: str, accounts_database: str) -> Iterator[Callable[..., Flask]]:
    """Makes an application on that database with the given settings."""
    made: list[Flask] = []

    def make(**settings: Any) -> Flask:
        application = create_app(make_settings(admin_url, accounts_database, **settings))
        application.testing = True
        made.append(application)
        return application

    yield make
    for application in made:
        with application.app_context():
            db.engine.dispose()


@pytest.fixture(scope="session")
def accounts_app(admin_url: str, accounts_database: str) -> Iterator[Flask]:
    """The application without mail."""
    application = create_app(make_settings(admin_url, accounts_database))
    application.testing = True
    yield application
    with application.app_context():
        db.engine.dispose()


@pytest.fixture
def browser_of(accounts_app: Flask) -> Callable[[], FlaskClient]:
    """Makes clients that keep their own cookies."""
    return accounts_app.test_client


@pytest.fixture
def someone(accounts_app: Flask) -> Callable[..., Someone]:
    """Makes an account with the given roles and an address that no other test uses."""

    def make(*roles: str, **options: Any) -> Someone:
        with accounts_app.app_context():
            made = make_account(*roles, **{"email": f"person{next(_NUMBERS)}@example.org", **options})
            db.session.remove()
        return made

    return make
