"""The calls for planners: described as they are, answered as described."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from app import create_app
from app.database import db
from app.plans.drafts.operations import OPERATIONS as EDITS
from app.schemas.operations import JSON, OPERATIONS, PROBLEM, VECTOR_TILE
from tests.conftest import make_settings
from tests.factories.drafts import Planners, with_key

Fits = Callable[[Any, str], None]
ROLES = ("resident", "approver", "planner")


@pytest.fixture(scope="session")
def planners(admin_url: str, new_database: Callable[..., str]) -> Iterator[Planners]:
    """People who work on a plan in a database of their own."""
    app = create_app(make_settings(admin_url, new_database("contracts_drafts")))
    app.testing = True
    yield Planners.of(app, *ROLES)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def ask(planners: Planners) -> Callable[..., Any]:
    """Asks as the planner for the JSON of an answer, whose status and type are as described."""

    def send(status: int, method: str, path: str, body: Any = None, **query: Any) -> Any:
        response = planners.ask("planner", method, path, body, **query)
        assert response.status_code == status, response.get_data(as_text=True)
        assert response.content_type in (PROBLEM,) if status >= 400 else (JSON, "application/geo+json")
        return response.get_json()

    return send


def test_every_answer_fits(planners: Planners, ask: Callable[..., Any], assert_fits: Fits) -> None:
    planners.ask("planner", "DELETE")
    assert_fits(ask(201, "POST", "", {"legal_reference": "Perwali contoh 2"}), "DraftInfo")
    assert_fits(ask(200, "GET", ""), "DraftInfo")
    table = ask(200, "GET", "/zones")
    assert_fits(table, "ZoneTable")
    ids = [row[0] for row in table["rows"]]
    base = {row[0]: row[1] for row in table["rows"]}
    assert_fits(ask(200, "GET", "/features", ids=f"{ids[0]}", around="true"), "FeatureCollection")
    shown = ask(200, "GET", "/features", bbox="117,0,118,1")
    assert_fits(shown, "FeatureCollection")
    assert len(shown["features"]) == 3
    assert_fits(ask(200, "GET", "/snap", bbox="117,0,118,1"), "SnapLines")
    op = {"kind": "attributes", "zones": ids[:1], "values": {"remark": "taman", "legal_area_ha": 9}}
    assert_fits(ask(200, "POST", "/operations", with_key(base=base, op=op)), "Saved")
    upsert = shown["features"][1]
    upsert["properties"]["block"] = "II"
    assert_fits(ask(200, "POST", "/changesets", with_key(base=base, upserts=[upsert], comment="blok")), "Saved")
    assert_fits(ask(200, "POST", "/undo", with_key()), "Saved")
    assert_fits(ask(200, "POST", "/redo", with_key()), "Saved")
    found = ask(200, "GET", "/findings")
    assert_fits(found, "Findings")
    area = next(item for item in found["findings"] if item["kind"] == "legal_area")
    assert_fits(ask(200, "POST", f"/findings/{area['id']}/repair", with_key(head=found["head"])), "Saved")
    assert_fits(ask(409, "POST", f"/findings/{area['id']}/repair", with_key(head=0)), "Problem")
    assert_fits(ask(200, "GET", "/changes", since=0), "Changes")
    history = ask(200, "GET", "/changesets", before=2**40)
    assert_fits(history, "History")
    assert [item["kind"] for item in history["changesets"]] == ["repair", "redo", "undo", "edit", "edit"]
    tile = planners.ask("planner", "GET", f"/tiles/{found['head']}/14/13538/8186.mvt")
    assert (tile.status_code, tile.content_type) == (200, VECTOR_TILE)
    assert planners.ask("planner", "GET", f"/tiles/{found['head']}/14/0/0.mvt").status_code == 204
    assert planners.ask("planner", "DELETE").status_code == 204
    assert_fits(ask(404, "GET", ""), "Problem")


def test_refusals_fit(planners: Planners, ask: Callable[..., Any], assert_fits: Fits) -> None:
    zones = planners.begin()
    one = min(zones)
    base = {one: zones[one]["properties"]["revision_id"]}
    op = {"kind": "move_nodes", "moves": [{"from": [117.48, 0.12], "to": [117.479, 0.12]}]}
    refused = ask(422, "POST", "/operations", with_key(base=base, op=op))
    assert_fits(refused, "Problem")
    assert refused["faults"]
    for status, remark in ((200, "satu"), (409, "dua")):
        op = {"kind": "attributes", "zones": [one], "values": {"remark": remark}}
        answer = ask(status, "POST", "/operations", with_key(base=base, op=op))
    assert_fits(answer, "Problem")
    assert answer["conflicts"][0]["theirs"]["properties"]["remark"] == "satu"


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    described = document["components"]["schemas"]["OperationBody"]["properties"]["op"]
    kinds = set(EDITS.json_schema()["discriminator"]["mapping"])
    assert set(described["discriminator"]["mapping"]) == kinds


@pytest.mark.parametrize("endpoint", [name for name, row in OPERATIONS.items() if row.tag == "drafts"])
def test_only_the_roles_that_are_described_are_let_in(planners: Planners, endpoint: str) -> None:
    """Whoever is let in is told that there is no draft."""
    row = OPERATIONS[endpoint]
    planners.ask("planner", "DELETE")
    method, path = _call(planners.app, endpoint)
    for role in planners.browsers:
        body = None if row.body is None else _smallest(row.body.__name__)
        query = {"bbox": "117,0,118,1"} if endpoint == "drafts_api.snap" else {}
        response = planners.ask(role, method, path, body, **query)
        expected = 401 if role == "anonymous" else 403
        if role in row.roles:
            expected = 201 if endpoint == "drafts_api.open_draft" else 404
        # Nobody who is not signed in has a token to send.
        expected = 400 if role == "anonymous" and method != "GET" else expected
        assert response.status_code == expected, (role, response.get_data(as_text=True)[:300])
        assert expected in (*row.errors, row.status)


def _call(app: Flask, endpoint: str) -> tuple[str, str]:
    rule = next(app.url_map.iter_rules(endpoint))
    path = rule.rule.removeprefix("/api/v1/plans/<code>/draft").replace("<finding>", "x")
    for name, value in (("head", 0), ("z", 1), ("x", 0), ("y", 0)):
        path = path.replace(f"<int:{name}>", str(value))
    (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
    return method, path


def _smallest(model: str) -> dict[str, Any]:
    """A body that can be read."""
    if model == "Opening":
        return {"legal_reference": "Perwali contoh 2"}
    op = {"op": {"kind": "delete_node", "node": [117.48, 0.12]}} if model == "OperationBody" else {}
    return with_key(**op)
