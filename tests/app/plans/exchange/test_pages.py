"""Sending files in over HTTP: sizes, forms, and who is let in before the body is read."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.accounts.models import Account
from app.accounts.service import actor_of
from app.database import db
from app.plans.drafts import service as drafts
from tests.conftest import make_settings
from tests.factories.accounts import Someone, csrf_token, make_account, sign_in
from tests.factories.plans import publish_zones, row_of_zones

PAGE = "/plans/rdtr/draft/exchange"
LIMIT = 1024**2


@pytest.fixture(scope="module")
def people() -> dict[str, Someone]:
    """Accounts by role; filled by ``web``."""
    return {}


@pytest.fixture(scope="module")
def web(
    admin_url: str, new_database: Callable[..., str], people: dict[str, Someone], tmp_path_factory: Any
) -> Iterator[Flask]:
    """A plan with an open draft; files of at most 1 MB, other bodies of 10 KB."""
    settings = make_settings(admin_url, new_database("pages"), max_upload_bytes=LIMIT, max_body_bytes=10_000)
    application = create_app(settings)
    application.testing = True
    with application.app_context():
        folder: Path = tmp_path_factory.mktemp("layer")
        publish_zones(folder, row_of_zones(), valid_from=dt.date(2023, 1, 1))
        for role in ("planner", "approver"):
            people[role] = make_account(role, email=f"{role}@example.org")
        drafts.open_draft(actor_of(db.session.get_one(Account, people["planner"].id)), "rdtr", "Perwali", "id")
        db.session.remove()
    yield application
    with application.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def client_of(web: Flask, people: dict[str, Someone]) -> Callable[[str], FlaskClient]:
    """A client that is signed in with a role."""
    made: dict[str, FlaskClient] = {}

    def get(role: str) -> FlaskClient:
        if role not in made:
            made[role] = web.test_client()
            assert sign_in(made[role], people[role]).status_code == 302
        return made[role]

    return get


def post(client: FlaskClient, size: int, *, token: bool = True, page: str = PAGE, name: str = "a.gpkg") -> Any:
    """Send a file of a size in through the form."""
    fields: dict[str, Any] = {"key": str(uuid.uuid4()), "file": (io.BytesIO(b"x" * size), name)}
    if token:
        fields["csrf_token"] = csrf_token(client, page)
    answer = client.post(page, data=fields, content_type="multipart/form-data")
    # A body that was not read stays open on the client's side, in a temporary file.
    answer.request.environ["wsgi.input"].close()
    return answer


def test_a_file_up_to_the_limit_becomes_a_job(client_of: Callable[[str], FlaskClient]) -> None:
    answer = post(client_of("planner"), LIMIT)
    assert answer.status_code == 302
    assert answer.location.startswith("/jobs/")


def test_a_larger_file_is_refused_with_the_limit(client_of: Callable[[str], FlaskClient]) -> None:
    assert post(client_of("planner"), LIMIT + 5_000).status_code == 422
    answer = post(client_of("planner"), LIMIT + 50_000)
    assert answer.status_code == 413
    assert str(LIMIT + 10_000) in answer.get_data(as_text=True)


def test_sent_twice_it_is_one_job(client_of: Callable[[str], FlaskClient]) -> None:
    client, key = client_of("planner"), str(uuid.uuid4())
    token = csrf_token(client, PAGE)
    places = {
        client.post(PAGE, data={"key": key, "csrf_token": token, "file": (io.BytesIO(b"x"), "a.gpkg")}).location
        for _ in range(2)
    }
    assert len(places) == 1


def test_nobody_elses_large_body_is_read(web: Flask, client_of: Callable[[str], FlaskClient]) -> None:
    assert post(web.test_client(), 50_000, token=False).status_code == 413
    assert post(client_of("approver"), 50_000, token=False).status_code == 413


def test_the_forms_token_is_needed(client_of: Callable[[str], FlaskClient]) -> None:
    assert post(client_of("planner"), 100, token=False).status_code == 400


def test_no_file_is_said_beside_the_field(client_of: Callable[[str], FlaskClient]) -> None:
    client = client_of("planner")
    answer = client.post(PAGE, data={"csrf_token": csrf_token(client, PAGE), "key": str(uuid.uuid4())})
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.get_data(as_text=True)


def test_the_download_is_named_after_plan_version_and_change(client_of: Callable[[str], FlaskClient]) -> None:
    answer = client_of("approver").get("/plans/rdtr/draft/export.gpkg")
    assert answer.status_code == 200
    assert answer.data.startswith(b"SQLite format 3\0")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rdtr-v2-0.gpkg"'
    assert answer.headers["Cache-Control"] == "no-store"
