"""Hearings over HTTP answer as their description says, and name nobody who did not want it."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from flask.testing import FlaskClient

from app.accounts.roles import Actor
from app.city import CityProfile
from app.plans.review import hearings, service
from app.schemas.hearings import HearingComments, HearingsAnswer
from tests.app.plans.drafts.conftest import Desk
from tests.app.plans.review.conftest import CODE

FIRST, LAST = dt.date(2026, 5, 4), dt.date(2026, 5, 15)
HEARINGS = f"/api/v1/plans/{CODE}/hearings"
TILE = "13/6769/4093.mvt"


@pytest.fixture
def hearing(changed: Desk, planner: Actor, resident: Actor, monkeypatch: pytest.MonkeyPatch) -> int:
    """A running hearing with two comments, one with a name and an answer."""
    monkeypatch.setattr(CityProfile, "today", lambda _city: FIRST)
    service.submit(planner, CODE, "Sebab.")
    number = hearings.announce(planner, CODE, first_day=FIRST, last_day=LAST, notice="Silakan.")
    said = hearings.comment(resident, CODE, number, "Setuju.", show_name=True, zone_id=changed.ids[0])
    place = {"type": "Point", "coordinates": [117.4805, 0.1205]}
    hearings.comment(resident, CODE, number, "=1+1", show_name=False, place=place)
    hearings.answer(planner, CODE, said, "Terima kasih.")
    return number


def test_answers_are_as_described(client: FlaskClient, hearing: int) -> None:
    listed = HearingsAnswer.model_validate_json(client.get(HEARINGS).data)
    assert [(item.id, item.phase, item.takes_comments) for item in listed.results] == [(hearing, "running", True)]
    answer = client.get(f"{HEARINGS}/{hearing}/comments")
    assert answer.content_type == "application/geo+json"
    said = HearingComments.model_validate_json(answer.data)
    assert [feature.properties.name for feature in said.features] == ["Eko", None]
    assert [feature.geometry is None for feature in said.features] == [True, False]
    assert "@" not in answer.get_data(as_text=True)
    assert "Ani" not in answer.get_data(as_text=True)


def test_the_drafts_tiles_are_open_while_its_hearing_runs(
    client: FlaskClient, hearing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    version_id = hearings.opened(CODE, hearing).version.id
    tile = client.get(f"{HEARINGS}/tiles/{version_id}/{TILE}")
    assert (tile.status_code, tile.content_type) == (200, "application/vnd.mapbox-vector-tile")
    assert "immutable" not in tile.headers["Cache-Control"]
    assert client.get(f"/api/v1/tiles/zones/{version_id}/{TILE}").status_code == 404
    assert client.get(f"{HEARINGS}/tiles/{version_id - 1}/{TILE}").status_code == 404
    assert client.get(f"{HEARINGS}/tiles/{version_id}/13/9999/1.mvt").status_code == 422
    monkeypatch.setattr(CityProfile, "today", lambda _city: FIRST - dt.timedelta(days=1))
    assert client.get(f"{HEARINGS}/tiles/{version_id}/{TILE}").status_code == 404


def test_minutes_are_a_table_without_formulas(client: FlaskClient, hearing: int) -> None:
    table = client.get(f"/plans/{CODE}/hearings/{hearing}/minutes.csv").get_data(as_text=True)
    assert "Terima kasih." in table
    assert "'=1+1" in table
    assert json.dumps({"type": "Point"})[:-1].replace('"', '""') in table


def test_unknown_hearings_are_not_found(client: FlaskClient, hearing: int) -> None:
    for address in (f"{HEARINGS}/{hearing + 99}/comments", "/api/v1/plans/none/hearings"):
        assert client.get(address).status_code == 404


def test_the_first_page_leads_to_a_running_hearing(
    client: FlaskClient, hearing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/plans/{CODE}/hearings/{hearing}"
    assert address in client.get("/").get_data(as_text=True)
    assert address in client.get("/map").get_data(as_text=True)
    monkeypatch.setattr(CityProfile, "today", lambda _city: LAST + dt.timedelta(days=1))
    assert address not in client.get("/").get_data(as_text=True)
