"""A plan of its own database that planners work on over HTTP: sign-ins span several requests, which no savepoint holds
together, so that what these tests write stays until the next one begins a new draft."""

from __future__ import annotations

import datetime as dt
import tempfile
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.database import db
from tests.factories.accounts import Someone, accounts_for, sign_in
from tests.factories.plans import feature, publish_zones, square

DRAFT = "/api/v1/plans/rdtr/draft"


@dataclass
class Planners:
    """Browsers of people with one role each, by role; "anonymous" is not signed in."""

    app: Flask
    accounts: dict[str, Someone]
    browsers: dict[str, FlaskClient] = field(default_factory=dict)

    @classmethod
    def of(cls, app: Flask, *roles: str) -> Planners:
        """Publish a row of three squares, and make an account for each role."""
        with app.app_context(), tempfile.TemporaryDirectory() as folder:
            squares = [feature(square(number, 0)) for number in range(3)]
            publish_zones(Path(folder), squares, valid_from=dt.date(2023, 1, 1))
            db.session.remove()
        made = cls(app, accounts_for(app, *roles), {"anonymous": app.test_client()})
        for role, someone in made.accounts.items():
            client = made.browsers[role] = app.test_client()
            assert sign_in(client, someone).status_code == 302
        return made

    def token(self, role: str) -> str:
        """What a writing call of this browser sends along."""
        return self.browsers[role].get("/api/v1/account").get_json()["csrf_token"] or ""

    def ask(self, role: str, method: str, path: str = "", body: Any = None, **query: Any) -> TestResponse:
        """Call the draft's API."""
        headers = {} if method == "GET" else {"X-CSRFToken": self.token(role)}
        return self.browsers[role].open(f"{DRAFT}{path}", method=method, json=body, query_string=query, headers=headers)

    def begin(self) -> dict[str, Any]:
        """A new draft, the one before thrown away; its zones as GeoJSON by number."""
        self.ask("planner", "DELETE")
        assert self.ask("planner", "POST", body={"legal_reference": "Perwali contoh 2"}).status_code == 201
        found = self.ask("planner", "GET", "/features", bbox="117,0,118,1").get_json()
        return {item["id"]: item for item in found["features"]}


def with_key(**members: Any) -> dict[str, Any]:
    """A body with a key of its own."""
    return {"key": str(uuid.uuid4()), **members}
