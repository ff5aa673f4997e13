"""A published row of squares, a draft of them that planners change, and what the API says about the two."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_babel import refresh
from sqlalchemy.orm import Session

from app.accounts import identity
from app.accounts.roles import ANONYMOUS, Actor
from app.plans import editing
from tests.app.plans.drafts.conftest import Desk, actor, colleague, desk, draft, other_desk, planner

__all__ = ["Desk", "actor", "colleague", "desk", "draft", "other_desk", "planner"]
Ask = Callable[..., Any]


@pytest.fixture
def publish(desk: Desk) -> Callable[[], None]:
    """Publish the draft as version 2."""

    def run() -> None:
        editing.publish_version("rdtr", 2, valid_from=dt.date(2024, 1, 1))

    return run


@pytest.fixture
def ask(client: FlaskClient, session: Session) -> Ask:
    """Ask the platform as somebody: the actor is put where a request keeps it, signing in has tests of its own."""

    def run(address: str, who: Actor = ANONYMOUS, status: int = 200) -> Any:
        # The test's application context outlives its requests, and would keep the language of the first.
        refresh()
        response = client.get(address, environ_overrides={identity._ACTOR: who})
        assert response.status_code == status, response.get_data(as_text=True)[:500]
        return response.get_json() if "json" in response.mimetype else response.get_data(as_text=True)

    return run
