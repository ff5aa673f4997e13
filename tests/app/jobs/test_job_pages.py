"""The page and the API of a job: progress without JavaScript, stopping, and nobody else's eyes."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.accounts.models import Account
from app.accounts.service import actor_of
from app.database import db
from app.jobs import service
from app.jobs.service import JobView
from app.jobs.worker import work
from app.schemas.jobs import JobAnswer
from tests.factories.accounts import Someone, csrf_token, make_account, sign_in


@pytest.fixture
def people(web_app: Flask) -> dict[str, Someone]:
    """A planner and a resident with addresses of their own."""
    with web_app.app_context():
        return {
            role: make_account(role, email=f"{role}-{uuid.uuid4().hex[:8]}@example.org")
            for role in ("planner", "resident")
        }


@pytest.fixture
def signed_in(web_app: Flask, people: dict[str, Someone]) -> Callable[[str], FlaskClient]:
    def make(role: str) -> FlaskClient:
        client = web_app.test_client()
        assert sign_in(client, people[role]).status_code == 302
        return client

    return make


def started(app: Flask, someone: Someone) -> JobView:
    with app.app_context():
        return service.start(actor_of(db.session.get_one(Account, someone.id)), "count", {"rows": 2})


def test_the_page_shows_progress_and_loads_itself_again(
    web_app: Flask, people: dict[str, Someone], signed_in: Callable[[str], FlaskClient]
) -> None:
    job = started(web_app, people["planner"])
    client = signed_in("planner")
    with web_app.app_context():
        half = text("UPDATE job SET state = 'running', progress = 0.42, step = 'menghitung' WHERE id = :id")
        db.session.execute(half, {"id": job.id})
        db.session.commit()
    page = client.get(f"/jobs/{job.id}").get_data(as_text=True)
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "menghitung" in page
    assert 'value="0.42"' in page
    answer = client.get(f"/api/v1/jobs/{job.id}")
    assert (answer.json["state"], answer.json["progress"], answer.json["step"]) == ("running", 0.42, "menghitung")
    assert answer.headers["Cache-Control"] == "no-store"
    # As the API's document describes it: no member more, none less.
    assert set(JobAnswer.model_validate(answer.json).model_fields_set) == set(JobAnswer.model_fields)


def test_a_job_that_is_done_leads_to_what_came_of_it(
    web_app: Flask, people: dict[str, Someone], signed_in: Callable[[str], FlaskClient]
) -> None:
    job = started(web_app, people["planner"])
    work(web_app, wait=False)
    client = signed_in("planner")
    page = client.get(f"/jobs/{job.id}").get_data(as_text=True)
    assert "http-equiv" not in page
    assert f'href="{job.page}"' in page
    assert str(job.id) in client.get("/jobs").get_data(as_text=True)


def test_stopping_needs_the_forms_token(
    web_app: Flask, people: dict[str, Someone], signed_in: Callable[[str], FlaskClient]
) -> None:
    job = started(web_app, people["planner"])
    client = signed_in("planner")
    address = f"/jobs/{job.id}"
    assert client.post(f"{address}/cancel").status_code == 400
    assert client.get(f"/api/v1{address}").json["state"] == "queued"
    answer = client.post(f"{address}/cancel", data={"csrf_token": csrf_token(client, address)})
    assert answer.status_code == 302
    assert client.get(f"/api/v1{address}").json["state"] == "cancelled"


def test_nobody_else_learns_of_it(
    web_app: Flask, people: dict[str, Someone], signed_in: Callable[[str], FlaskClient]
) -> None:
    job = started(web_app, people["planner"])
    other = signed_in("resident")
    for address in (f"/jobs/{job.id}", f"/api/v1/jobs/{job.id}"):
        assert other.get(address).status_code == 404
    assert web_app.test_client().get(f"/api/v1/jobs/{job.id}").status_code == 401
    assert web_app.test_client().get(f"/jobs/{job.id}").status_code == 302
