"""The OpenAPI document of the sample city, and places in it that stand for each kind of answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sqlalchemy import text

from app.database import db

Point = tuple[float, float]


@pytest.fixture(scope="session")
def document(sample_app: Flask) -> dict[str, Any]:
    """The document as a client gets it."""
    response = sample_app.test_client().get("/api/v1/openapi.json")
    assert response.status_code == 200
    loaded: dict[str, Any] = json.loads(response.data)
    return loaded


@pytest.fixture(scope="session")
def assert_fits(document: dict[str, Any]) -> Callable[[Any, str], None]:
    """Fails with every place where a value does not fit a schema of the document."""

    def check(value: Any, model: str) -> None:
        schema = {"$ref": f"#/components/schemas/{model}", "components": document["components"]}
        validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
        faults = [f"{fault.json_path}: {fault.message[:200]}" for fault in validator.iter_errors(value)]
        assert not faults, "\n".join(faults[:20])

    return check


# The zones in force, for the queries below; gone with the transaction.
_ZONES = """
    CREATE TEMPORARY TABLE current_zone ON COMMIT DROP AS
    SELECT revision.zone_id, revision.geom, revision.area_m2 FROM version_zone manifest
    JOIN zone_revision revision ON revision.id = manifest.revision_id
    WHERE manifest.version_id = (
        SELECT id FROM plan_version WHERE state = 'published' AND valid @> current_date ORDER BY id LIMIT 1
    )
"""
_SQL = {
    # The centre of the largest circle in the largest zone is far from every border.
    "inside": """
        SELECT ST_X(centre), ST_Y(centre) FROM (
            SELECT (ST_MaximumInscribedCircle(geom)).center AS centre FROM current_zone ORDER BY area_m2 DESC LIMIT 1
        ) largest
    """,
    # A node that two zones share is on the border of both.
    "border": """
        SELECT ST_X(node.geom), ST_Y(node.geom)
        FROM (SELECT * FROM current_zone ORDER BY area_m2 LIMIT 200) few, ST_DumpPoints(few.geom) node
        GROUP BY node.geom HAVING count(DISTINCT zone_id) >= 2 ORDER BY 1, 2 LIMIT 1
    """,
    "sea": """
        SELECT ST_X(point), ST_Y(point) FROM area, LATERAL (
            SELECT ST_PointOnSurface(ST_Difference(area.geom, ST_Union(geom))) AS point
            FROM current_zone WHERE current_zone.geom && area.geom
        ) open WHERE level = 'sea' AND point IS NOT NULL LIMIT 1
    """,
    "other_region": """
        SELECT ST_X(point), ST_Y(point) FROM area, ST_PointOnSurface(geom) point
        WHERE level = 'neighbour'
          AND NOT EXISTS (SELECT FROM current_zone WHERE ST_DWithin(current_zone.geom, point, 0.001)) LIMIT 1
    """,
}
# One metre from the border towards the middle of one of its zones.
_BESIDE = """
    SELECT ST_X(point), ST_Y(point) FROM (
        SELECT ST_Project(border::geography, 1, ST_Azimuth(border, ST_PointOnSurface(geom)))::geometry AS point, area_m2
        FROM current_zone, (SELECT ST_SetSRID(ST_Point(:lon, :lat), 4326) AS border) here
        WHERE ST_DWithin(geom, border, 1e-7)
    ) beside
    WHERE (SELECT count(*) FROM current_zone WHERE ST_DWithin(geom, point, 1e-7)) = 1
    ORDER BY area_m2 DESC LIMIT 1
"""


@pytest.fixture(scope="session")
def points(sample_app: Flask) -> dict[str, Point]:
    """A point for each status of the card; near_border lies 1 m beside the one on the border."""

    def first(sql: str, **values: float) -> Point:
        row = db.session.execute(text(sql), values).one()
        return row[0], row[1]

    with sample_app.app_context():
        db.session.execute(text(_ZONES))
        found = {status: first(sql) for status, sql in _SQL.items()}
        lon, lat = found["border"]
        found["near_border"] = first(_BESIDE, lon=lon, lat=lat)
        db.session.rollback()
    return found


@pytest.fixture(scope="session")
def nib(sample_app: Flask) -> str:
    """The number of some parcel."""
    with sample_app.app_context():
        found = db.session.execute(text("SELECT nib FROM parcel ORDER BY nib LIMIT 1")).scalar_one()
        db.session.rollback()
    return str(found)


@pytest.fixture(scope="session")
def card_of(sample_app: Flask) -> Callable[..., dict[str, Any]]:
    """The card of a point, which must be a 200."""

    def ask(point: Point, **query: Any) -> dict[str, Any]:
        client: FlaskClient = sample_app.test_client()
        response = client.get("/api/v1/zoning", query_string={"lon": point[0], "lat": point[1], **query})
        assert response.status_code == 200, response.get_data(as_text=True)
        card: dict[str, Any] = json.loads(response.data)
        return card

    return ask
