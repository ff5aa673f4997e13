"""What is sent to a draft over HTTP and cannot be: a clear 4xx, and the draft as it was."""

from __future__ import annotations

import copy
import gzip
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app import create_app
from app.database import db
from tests.conftest import make_settings
from tests.factories.drafts import DRAFT, Planners, with_key
from tests.factories.plans import SOUTH, STEP, WEST

Zones = dict[int, dict[str, Any]]
CORNER = [WEST, SOUTH]
MOVED = [round(WEST + STEP / 4, 8), SOUTH]


@pytest.fixture(scope="session")
def planners(admin_url: str, new_database: Callable[..., str]) -> Iterator[Planners]:
    """People who work on a plan in a database of their own."""
    app = create_app(make_settings(admin_url, new_database("drafts_api")))
    app.testing = True
    yield Planners.of(app, "planner", "approver", "resident")
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def zones(planners: Planners) -> Zones:
    """The zones of a new draft."""
    return planners.begin()


def base_of(zones: Zones) -> dict[int, int]:
    return {zone: item["properties"]["revision_id"] for zone, item in zones.items()}


def state(planners: Planners) -> tuple[Any, Any]:
    """Everything that a change would change."""
    zones = planners.ask("planner", "GET", "/features", bbox="117,0,118,1").get_json()
    return zones, planners.ask("planner", "GET", "/changesets").get_json()


def refused(planners: Planners, path: str, body: Any, status: int) -> dict[str, Any]:
    """Send it: a problem document with this status, and nothing has changed."""
    before = state(planners)
    response = planners.ask("planner", "POST", path, body)
    assert response.status_code == status, response.get_data(as_text=True)[:500]
    assert response.content_type == "application/problem+json"
    problem: dict[str, Any] = response.get_json()
    assert problem["detail"]
    assert state(planners) == before
    return problem


def operation(loaded: Zones, **op: Any) -> dict[str, Any]:
    return with_key(base=base_of(loaded), op=op)


def upsert(zones: Zones, **changed: Any) -> dict[str, Any]:
    """A changeset of one zone. changed: members of the Feature."""
    zone = min(zones)
    return with_key(base=base_of(zones), upserts=[{**copy.deepcopy(zones[zone]), **changed}])


def polygon(*ring: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [list(ring)]}


def test_zones_that_do_not_exist(planners: Planners, zones: Zones) -> None:
    for path, body in (
        ("/operations", operation(zones, kind="merge", zones=[min(zones), 10**15])),
        ("/operations", operation(zones, kind="attributes", zones=[10**15], values={"block": "II"})),
        ("/operations", operation(zones, kind="split", zone=10**15, line=[CORNER, MOVED])),
    ):
        assert 10**15 in refused(planners, path, body, 422)["zones"]
    unknown = upsert(zones)
    unknown["upserts"][0]["properties"]["zone_id"] = 10**15
    refused(planners, "/changesets", unknown, 422)
    unknown["base"][10**15] = 1
    refused(planners, "/changesets", unknown, 409)
    refused(planners, "/changesets", with_key(base={10**15: 1}, deletes=[10**15]), 409)


def test_a_base_that_never_was(planners: Planners, zones: Zones) -> None:
    body = operation(zones, kind="attributes", zones=[min(zones)], values={"block": "II"})
    body["base"][min(zones)] = 10**15
    assert refused(planners, "/operations", body, 409)["zones"] == [min(zones)]
    # The revision of another zone is none of this one.
    body["base"][min(zones)] = zones[max(zones)]["properties"]["revision_id"]
    refused(planners, "/operations", body, 409)


def test_a_stale_base_shows_what_both_did(planners: Planners, zones: Zones) -> None:
    mine = operation(zones, kind="attributes", zones=[min(zones)], values={"block": "II"})
    theirs = operation(zones, kind="attributes", zones=[min(zones)], values={"block": "III"})
    assert planners.ask("planner", "POST", "/operations", theirs).status_code == 200
    problem = refused(planners, "/operations", mine, 409)
    (conflict,) = problem["conflicts"]
    shown = {side: conflict[side]["properties"]["block"] for side in ("base", "mine", "theirs")}
    assert shown == {"base": "I.A.1", "mine": "II", "theirs": "III"}
    stale = upsert(zones)
    stale["upserts"][0]["properties"]["block"] = "IV"
    refused(planners, "/changesets", stale, 409)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "null", '"117"', "[]"])
def test_coordinates_that_are_no_numbers(planners: Planners, zones: Zones, number: str) -> None:
    before = state(planners)
    for path, body in (
        ("/operations", operation(zones, kind="move_nodes", moves=[{"from": CORNER, "to": [-7777.0, SOUTH]}])),
        ("/changesets", upsert(zones, geometry=polygon(CORNER, MOVED, [-7777.0, SOUTH], CORNER))),
    ):
        sent = json.dumps(body).replace("-7777.0", number)
        response = planners.browsers["planner"].post(
            f"{DRAFT}{path}",
            data=sent,
            content_type="application/json",
            headers={"X-CSRFToken": planners.token("planner")},
        )
        assert response.status_code in (400, 422), (path, response.get_data(as_text=True)[:300])
        assert response.get_json()["detail"]
    assert state(planners) == before


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {"type": "Point", "coordinates": CORNER},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[CORNER]]},
        {"type": "Polygon", "coordinates": "none"},
        {"type": "MultiPolygon", "coordinates": [[[[]]]]},
        polygon([999, 0], [999, 1], [998, 1], [999, 0]),
        # A bow tie.
        polygon(CORNER, [WEST + STEP, SOUTH + STEP], [WEST + STEP, SOUTH], [WEST, SOUTH + STEP], CORNER),
    ],
    ids=str,
)
def test_geometries_that_are_no_zone(planners: Planners, zones: Zones, geometry: Any) -> None:
    refused(planners, "/changesets", upsert(zones, geometry=geometry), 422)


def test_ten_megabytes_of_geometry(planners: Planners, zones: Zones) -> None:
    ring = [[round(WEST + number * 1e-9, 9), SOUTH] for number in range(480_000)]
    body = upsert(zones, geometry=polygon(*ring, ring[0]))
    assert len(json.dumps(body)) > 10 * 1024**2
    limit = planners.app.extensions["ruang"].settings.max_body_bytes
    assert refused(planners, "/changesets", body, 413)["limit"] == limit


def test_a_packed_body_is_not_unpacked(planners: Planners, zones: Zones) -> None:
    before = state(planners)
    response = planners.browsers["planner"].post(
        f"{DRAFT}/changesets",
        data=gzip.compress(b" " * 10 * 1024**2),
        headers={
            "X-CSRFToken": planners.token("planner"),
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
        },
    )
    assert response.status_code in (400, 415)
    assert state(planners) == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"key": "no uuid"},
        {"key": str(uuid.UUID(int=1)), "op": {"kind": "none"}},
        {"key": str(uuid.UUID(int=1)), "op": {"kind": "delete_node", "node": [WEST, SOUTH]}, "surprise": 1},
        {"key": str(uuid.UUID(int=1)), "op": {"kind": "delete_node", "node": [WEST]}},
        {"key": str(uuid.UUID(int=1)), "op": {"kind": "offset_border", "line": [CORNER, MOVED], "distance_m": 1e9}},
        {"key": str(uuid.UUID(int=1)), "base": {"x": "y"}, "op": {"kind": "delete_node", "node": CORNER}},
        [],
        "text",
    ],
    ids=str,
)
def test_bodies_that_are_no_operation(planners: Planners, zones: Zones, body: Any) -> None:
    refused(planners, "/operations", body, 422)


def test_what_is_no_json_at_all(planners: Planners, zones: Zones) -> None:
    headers = {"X-CSRFToken": planners.token("planner")}
    for sent, content_type, status in (
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"a", "text/plain", 400),
    ):
        response = planners.browsers["planner"].post(
            f"{DRAFT}/operations", data=sent, content_type=content_type, headers=headers
        )
        assert response.status_code == status, response.get_data(as_text=True)


def test_no_change_without_the_token(planners: Planners, zones: Zones) -> None:
    before = state(planners)
    body = operation(zones, kind="attributes", zones=[min(zones)], values={"block": "II"})
    client = planners.browsers["planner"]
    for headers in ({}, {"X-CSRFToken": "made up"}, {"X-CSRFToken": planners.token("resident")}):
        assert client.post(f"{DRAFT}/operations", json=body, headers=headers).status_code == 400
        assert client.delete(DRAFT, headers=headers).status_code == 400
    assert state(planners) == before


@pytest.mark.parametrize(("role", "status"), [("resident", 403), ("approver", 403)])
def test_who_is_no_planner_changes_nothing(planners: Planners, zones: Zones, role: str, status: int) -> None:
    before = state(planners)
    body = operation(zones, kind="attributes", zones=[min(zones)], values={"block": "II"})
    for path in ("/operations", "/changesets", "/undo", "/redo", "/findings/x/repair"):
        sent = body if path == "/operations" else with_key()
        assert planners.ask(role, "POST", path, sent).status_code == status
    assert planners.ask(role, "DELETE").status_code == status
    assert state(planners) == before
    assert planners.ask(role, "GET", "/findings").status_code == (200 if role == "approver" else 403)


def test_findings_and_their_repair(planners: Planners, zones: Zones) -> None:
    one = min(zones)
    body = operation(zones, kind="attributes", zones=[one], values={"legal_area_ha": 7})
    assert planners.ask("planner", "POST", "/operations", body).status_code == 200
    listed = planners.ask("planner", "GET", "/findings").get_json()
    assert listed["blocks"] is False
    (area,) = (item for item in listed["findings"] if item["kind"] == "legal_area")
    path = f"/findings/{area['id']}/repair"
    refused(planners, path, with_key(head=-1), 422)
    refused(planners, "/findings/none/repair", with_key(head=listed["head"]), 409)
    key = with_key(head=listed["head"])
    first = planners.ask("planner", "POST", path, key).get_json()
    # Sent again because the answer was lost on its way.
    assert planners.ask("planner", "POST", path, key).get_json()["changeset"] == first["changeset"]
    undone = planners.ask("planner", "POST", "/undo", with_key()).get_json()
    assert undone["zones"]["features"][0]["properties"]["legal_area_ha"] == 7
