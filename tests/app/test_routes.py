"""Who gets what: every route of the application against what each role is answered. A route without a row fails."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.database import db
from app.frontend_assets import manifest

ROLES = ("anonymous",)
HERE = "lon=117.487&lat=0.127"
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[117.48, 0.12], [117.49, 0.12], [117.49, 0.13], [117.48, 0.13], [117.48, 0.12]]],
}


@dataclass(frozen=True)
class Row:
    """One route with an address that it answers, and the status for each role. {names} are those of ``values``."""

    method: str
    rule: str
    address: str
    anonymous: int

    def status(self, role: str) -> int:
        """What the role is answered."""
        expected: int = getattr(self, role)
        return expected


ROUTES = (
    #    method  rule                                                     address                            anonymous
    Row("GET", "/", "/", 200),
    Row("GET", "/about", "/about", 200),
    Row("GET", "/help", "/help", 200),
    Row("GET", "/help/errors", "/help/errors", 200),
    Row("GET", "/zoning", f"/zoning?{HERE}", 200),
    Row("GET", "/zona", f"/zona?{HERE}", 301),
    Row("GET", "/zoning/card", f"/zoning/card?{HERE}", 200),
    Row("GET", "/parcels/<nib>", "/parcels/{nib}", 200),
    Row("GET", "/plans/<code>/versions/<int:seq>/subzones/<subzone>", "/plans/rdtr/versions/2/subzones/{subzone}", 200),
    Row("GET", "/map", "/map", 200),
    Row("GET", "/peta", "/peta", 301),
    Row("GET", "/map/light", "/map/light", 200),
    Row("GET", "/map/legend/<int:version_id>", "/map/legend/{version_id}", 200),
    Row("GET", "/static/<path:filename>", "/static/icon.svg", 200),
    Row("GET", "/static/dist/<name>", "/static/dist/{built}", 200),
    Row("GET", "/healthz", "/healthz", 200),
    Row("GET", "/readyz", "/readyz", 200),
    Row("GET", "/api/v1/", "/api/v1/", 200),
    Row("GET", "/api/v1/openapi.json", "/api/v1/openapi.json", 200),
    Row("GET", "/api/v1/zoning", f"/api/v1/zoning?{HERE}", 200),
    Row("POST", "/api/v1/zoning", "/api/v1/zoning", 200),
    Row("GET", "/api/v1/parcels/<nib>", "/api/v1/parcels/{nib}", 200),
    Row("GET", "/api/v1/activities", "/api/v1/activities?q=warung", 200),
    Row("GET", "/api/v1/search", "/api/v1/search?q=kuala", 200),
    Row("GET", "/api/v1/plans", "/api/v1/plans", 200),
    Row("GET", "/api/v1/plans/<code>/versions", "/api/v1/plans/rdtr/versions", 200),
    Row("GET", "/api/v1/plans/<code>/versions/<int:seq>", "/api/v1/plans/rdtr/versions/1", 200),
    Row(
        "GET",
        "/api/v1/plans/<code>/versions/<int:seq>/subzones/<subzone>/uses",
        "/api/v1/plans/rdtr/versions/2/subzones/{subzone}/uses",
        200,
    ),
    Row(
        "GET",
        "/api/v1/tiles/<layer>/<int:version_id>/<int:z>/<int:x>/<int:y>.mvt",
        "/api/v1/tiles/zones/{version_id}/10/846/511.mvt",
        200,
    ),
)


@pytest.fixture(scope="session")
def values(sample_app: Flask) -> dict[str, str]:
    """What the addresses of the table need: a parcel, a version, a sub-zone of it, a built file."""
    with sample_app.app_context():
        nib = db.session.execute(text("SELECT nib FROM parcel ORDER BY nib LIMIT 1")).scalar_one()
        version_id, subzone = db.session.execute(
            text("SELECT version_id, code FROM subzone ORDER BY version_id DESC, code LIMIT 1")
        ).one()
        db.session.rollback()
    return {"nib": nib, "version_id": str(version_id), "subzone": subzone, "built": manifest()["site.css"]}


def test_every_route_has_a_row(sample_app: Flask) -> None:
    routes = {
        (method, rule.rule)
        for rule in sample_app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    rows = [(row.method, row.rule) for row in ROUTES]
    assert len(rows) == len(set(rows)), "a route has two rows"
    assert routes - set(rows) == set(), "add a row for each of these: who may call it?"
    assert set(rows) - routes == set(), "these routes are gone"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("row", ROUTES, ids=lambda row: f"{row.method} {row.rule}")
def test_what_each_role_is_answered(sample_client: FlaskClient, values: dict[str, str], row: Row, role: str) -> None:
    body = {"json": SQUARE} if row.method == "POST" else {}
    response = sample_client.open(row.address.format(**values), method=row.method, buffered=True, **body)
    assert response.status_code == row.status(role), response.get_data(as_text=True)[:300]


@pytest.mark.parametrize("row", [row for row in ROUTES if row.method == "GET"], ids=lambda row: row.rule)
def test_writing_to_what_is_read_is_refused(sample_client: FlaskClient, values: dict[str, str], row: Row) -> None:
    address = row.address.format(**values)
    for method in ("PUT", "PATCH", "DELETE"):
        assert sample_client.open(address, method=method).status_code == 405, method


def test_there_is_nothing_where_there_is_no_route(sample_client: FlaskClient) -> None:
    for address in (
        "/admin",
        "/.env",
        "/.git/config",
        "/static/../app/config.py",
        "/static/dist/meta.json.bak",
        "/api/",
    ):
        assert sample_client.get(address).status_code == 404, address
