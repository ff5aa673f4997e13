"""Bad input over HTTP: what was wrong, where, how to mend it, in the caller's language; never a 5xx, nothing kept."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.database import db

MEMBERS = {"type", "title", "status", "detail", "field", "limit", "hint"}
BODY_LIMIT = 2 * 1024**2
VERTEX_LIMIT = 20_000


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_kept(sample_app: Flask) -> Iterator[None]:
    """Every table holds as many rows after all of this as before."""

    def rows() -> dict[str, int]:
        with sample_app.app_context():
            tables = db.session.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars()
            counts = {
                table: db.session.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one()  # noqa: S608 - from the catalogue
                for table in tables.all()
                if db.session.execute(text("SELECT has_table_privilege(:table, 'SELECT')"), {"table": table}).scalar()
            }
            db.session.rollback()
        return counts

    before = rows()
    assert "zone_revision" in before
    yield
    assert rows() == before


@pytest.fixture
def problem(sample_client: FlaskClient) -> Callable[..., dict[str, Any]]:
    """Send a request in both languages; both answers must be the same problem, the words apart. Returns the English one."""

    def send(status: int, path: str, method: str = "GET", **given: Any) -> dict[str, Any]:
        found = {}
        for language in ("id", "en"):
            headers = {"Accept-Language": "en"} if language == "en" else {}
            response = sample_client.open(path, method=method, headers=headers, **given)
            assert response.status_code == status, response.get_data(as_text=True)[:500]
            assert response.content_type == "application/problem+json"
            assert "Set-Cookie" not in response.headers
            found[language] = json.loads(response.data)
        for answer in found.values():
            assert set(answer) >= MEMBERS
            assert answer["status"] == status
            assert answer["type"].startswith("/help/errors#")
        changing = {"title", "detail", "hint"}
        for member in changing:
            assert (found["id"][member] is None) == (found["en"][member] is None)
        assert found["id"]["detail"] != found["en"]["detail"], "not translated"
        assert {name: value for name, value in found["id"].items() if name not in changing} == {
            name: value for name, value in found["en"].items() if name not in changing
        }
        answer: dict[str, Any] = found["en"]
        return answer

    return send


Problem = Callable[..., dict[str, Any]]
HERE = {"lon": "117.487", "lat": "0.127"}


@dataclass(frozen=True)
class Bad:
    """One bad question about a point. says: a pattern that the English detail and hint must hold."""

    name: str
    query: dict[str, str]
    status: int
    field: str
    says: str = ""
    limit: float | None = None
    path: str = "/api/v1/zoning"
    members: dict[str, Any] = field(default_factory=dict)


BAD = (
    Bad("swapped", {"lon": "0.127", "lat": "117.487"}, 422, "lon,lat", "swapped.*longitude 117.487 and latitude 0.127"),
    Bad("far away", {"lon": "2.35", "lat": "48.85"}, 422, "lon,lat", "outside every plan.*between longitude 117"),
    Bad("beyond the poles", {"lon": "117.487", "lat": "91"}, 422, "lon,lat", "between -90 and 90"),
    Bad("beyond the date line", {"lon": "500", "lat": "0.1"}, 422, "lon,lat", "between -180 and 180"),
    Bad("longitude not a number", HERE | {"lon": "nan"}, 400, "lon", "must be a number"),
    Bad("latitude not a number", HERE | {"lat": "NaN"}, 400, "lat", "must be a number"),
    Bad("infinite", HERE | {"lon": "inf"}, 400, "lon", "must be a number"),
    Bad("too large for a number", HERE | {"lat": "1e999"}, 400, "lat", "must be a number"),
    Bad("text", HERE | {"lat": "Bontang"}, 400, "lat", "must be a number, not “Bontang”"),
    Bad("hexadecimal", HERE | {"lat": "0x10"}, 400, "lat", "must be a number"),
    Bad("digits of another script", HERE | {"lat": "٠.١"}, 400, "lat", "must be a number"),
    Bad("without longitude", {"lat": "0.127"}, 400, "lon", "missing"),
    Bad("without latitude", {"lon": "117.487"}, 400, "lat", "missing"),
    Bad("empty latitude", {"lon": "117.487", "lat": " "}, 400, "lat", "missing"),
    Bad("nothing at all", {}, 400, "lon", "missing"),
    Bad("before the first version", HERE | {"on": "2000-01-01"}, 404, "on", "in force from March 1, 2023",
        members={"first_date": "2023-03-01", "type": "/help/errors#before-first-version"}),
    Bad("no such day", HERE | {"on": "2026-02-30"}, 400, "on", "such as 2026-06-01"),
    Bad("day of another notation", HERE | {"on": "01/06/2026"}, 400, "on", "such as 2026-06-01"),
    Bad("day in words", HERE | {"on": "kemarin"}, 400, "on", "kemarin"),
    Bad("unknown activity", HERE | {"activity": "qqzzxx"}, 422, "activity", "nothing like “qqzzxx”.*KBLI"),
    Bad("unknown code", HERE | {"activity": "99999"}, 422, "activity", "99999"),
    Bad("activity too long", HERE | {"activity": "w" * 101}, 400, "activity", "at most 100", limit=100),
    Bad("activity with a null byte", HERE | {"activity": "warung\0"}, 400, "activity", "does not belong"),
    Bad("accuracy below zero", HERE | {"accuracy_m": "-1"}, 422, "accuracy_m", "between 0 and 500"),
    Bad("accuracy too large", HERE | {"accuracy_m": "501"}, 422, "accuracy_m", "between 0 and 500", limit=500),
    Bad("accuracy in words", HERE | {"accuracy_m": "ten"}, 400, "accuracy_m", "must be a number"),
    Bad("unknown road class", HERE | {"road_class": "jalan"}, 422, "road_class", "arteri, kolektor, lokal, lingkungan"),
    Bad("lot below zero", HERE | {"lot_m2": "-5"}, 422, "lot_m2", "between 0"),
    Bad("unknown plan", HERE | {"plan": "none"}, 404, "plan", "no published plan with the code none"),
    Bad("plan of a parcel", {"on": "2000-01-01"}, 404, "code", "code none", path="/api/v1/plans/none/versions"),
    Bad("unknown version", {}, 404, "seq", "no published version 99", path="/api/v1/plans/rdtr/versions/99"),
    Bad("unknown sub-zone", {}, 404, "subzone", "no sub-zone ZZ", path="/api/v1/plans/rdtr/versions/1/subzones/ZZ/uses"),
    Bad("unknown parcel", {}, 404, "nib", "No parcel", path="/api/v1/parcels/00000000000000"),
    Bad("words for a parcel", {}, 404, "nib", "No parcel", path="/api/v1/parcels/tanah%20saya"),
    Bad("null byte for a parcel", {}, 404, "nib", "No parcel", path="/api/v1/parcels/1%00"),
    Bad("search too long", {"q": "x" * 2001}, 400, "q", "at most 2000", limit=2000, path="/api/v1/search"),
    Bad("search with a null byte", {"q": "a\0b"}, 400, "q", "does not belong", path="/api/v1/search"),
    Bad("words too long", {"q": "x" * 101}, 400, "q", "at most 100", limit=100, path="/api/v1/activities"),
    Bad("words of no plan", {"q": "x", "plan": "none"}, 404, "plan", "", path="/api/v1/activities"),
    Bad("unknown layer", {}, 404, "layer", "no tile layer owners", path="/api/v1/tiles/owners/1/14/1/1.mvt"),
)  # fmt: skip


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_bad_question(problem: Problem, bad: Bad) -> None:
    answer = problem(bad.status, bad.path, query_string=bad.query)
    assert answer["field"] == bad.field
    assert re.search(bad.says, f"{answer['detail']} {answer['hint']}", re.DOTALL), answer
    if bad.limit is not None:
        assert answer["limit"] == bad.limit
    for member, value in bad.members.items():
        assert answer[member] == value


@pytest.mark.parametrize(
    "address",
    [
        "zones/{version}/21/0/0",
        "zones/{version}/3/8/0",
        "zones/{version}/3/0/8",
        "zones/{version}/-1/0/0",
        "zones/{version}/14/-1/0",
        "zones/{version}/14/1.5/0",
        "zones/{version}/x/0/0",
        "zones/999999/14/1/1",
        "zones/0/14/1/1",
        "zones/2147483648/14/1/1",
        "zones/99999999999999999999999/14/1/1",
        "parcels/999999/14/1/1",
        "zones/{version}/20/99999999999999999999999/1",
        "zones%00/{version}/14/1/1",
    ],
)
def test_tile_that_cannot_be(problem: Problem, sample_client: FlaskClient, address: str) -> None:
    version = sample_client.get("/readyz").json["version_id"]
    problem(404, f"/api/v1/tiles/{address.format(version=version)}.mvt")


def test_numbers_beyond_every_integer(problem: Problem) -> None:
    huge = "9" * 30
    problem(404, f"/api/v1/plans/rdtr/versions/{huge}")
    problem(404, f"/api/v1/plans/rdtr/versions/{huge}/subzones/R-2/uses")
    problem(404, f"/api/v1/parcels/{huge}")


def test_unknown_address_and_method(problem: Problem, sample_client: FlaskClient) -> None:
    problem(404, "/api/v1/nothing-here")
    problem(405, "/api/v1/search", method="POST")
    refused = sample_client.delete("/api/v1/zoning")
    assert refused.status_code == 405
    assert {"GET", "POST"} <= set(refused.headers["Allow"].split(", "))


@pytest.mark.parametrize(
    ("language", "says"), [("id", "masa depan|mendatang|akan datang|belum tiba"), ("en", "future date")]
)
def test_a_day_to_come_is_answered_and_says_so(sample_client: FlaskClient, language: str, says: str) -> None:
    response = sample_client.get(
        "/api/v1/zoning", query_string=HERE | {"on": "2199-12-31"}, headers={"Accept-Language": language}
    )
    assert response.status_code == 200
    card = response.json
    assert card["query"]["on"] == "2199-12-31"
    assert any(re.search(says, note, re.IGNORECASE) for note in card["notes"]), card["notes"]


# Polygons -------------------------------------------------------------------------------------------------------------

RING = [[117.48, 0.12], [117.49, 0.12], [117.49, 0.13], [117.48, 0.13], [117.48, 0.12]]
SQUARE = {"type": "Polygon", "coordinates": [RING]}
BOW_TIE = {"type": "Polygon", "coordinates": [[RING[0], RING[2], RING[1], RING[3], RING[0]]]}


def polygon(*ring: list[Any]) -> dict[str, Any]:
    """A polygon of one ring."""
    return {"type": "Polygon", "coordinates": [list(ring)]}


def around(count: int) -> dict[str, Any]:
    """A polygon along the edges of a square, with as many vertices as asked for (the last equals the first)."""
    side = (count - 1) // 4
    steps = [round(0.01 * step / side, 8) for step in range(side)]
    ring = [[117.48 + step, 0.12] for step in steps]
    ring += [[117.49, 0.12 + step] for step in steps]
    ring += [[117.49 - step, 0.13] for step in steps]
    ring += [[117.48, 0.13 - step] for step in steps]
    ring += [[117.48, 0.12]] * (count - len(ring))
    return {"type": "Polygon", "coordinates": [[[round(x, 8), round(y, 8)] for x, y in ring]]}


@pytest.fixture
def refused(problem: Problem) -> Callable[..., dict[str, Any]]:
    """Send a body that must be refused, as text or as a value."""

    def send(status: int, body: Any, content_type: str | None = "application/geo+json") -> dict[str, Any]:
        data = body if isinstance(body, (str, bytes)) else json.dumps(body)
        return problem(status, "/api/v1/zoning", method="POST", data=data, content_type=content_type)

    return send


def test_a_polygon_that_crosses_itself_says_where(refused: Problem) -> None:
    answer = refused(422, BOW_TIE)
    assert answer["code"] == "invalid_geometry"
    place = re.search(r"at ([\d.]+), ([\d.]+)", answer["detail"])
    assert place is not None, answer
    assert float(place[1]) == pytest.approx(117.485, abs=1e-6)
    assert float(place[2]) == pytest.approx(0.125, abs=1e-6)


@pytest.mark.parametrize(
    "body",
    [
        {"type": "Polygon", "coordinates": [RING, [[118, 1], [118.1, 1], [118.1, 1.1], [118, 1]]]},
        {"type": "MultiPolygon", "coordinates": [[RING], [RING]]},
        polygon([117.48, 0.12], [117.49, 0.12], [117.48, 0.12], [117.48, 0.12]),
        polygon([117.48, 0.12], [117.48, 0.12], [117.48, 0.12], [117.48, 0.12]),
    ],
    ids=["hole outside", "two parts overlap", "there and back", "a single place"],
)
def test_a_polygon_that_is_none(refused: Problem, body: Any) -> None:
    assert refused(422, body)["code"] == "invalid_geometry"


def test_a_hundred_thousand_vertices_are_too_many(refused: Problem) -> None:
    body = json.dumps(around(100_000), separators=(",", ":"))
    answer = refused(413, body)
    assert answer["limit"] == (BODY_LIMIT if len(body) > BODY_LIMIT else VERTEX_LIMIT)


def test_more_vertices_than_the_limit_are_counted(refused: Problem, sample_client: FlaskClient) -> None:
    answer = refused(413, around(VERTEX_LIMIT + 1))
    assert answer["limit"] == VERTEX_LIMIT
    assert f"{VERTEX_LIMIT + 1} vertices" in answer["detail"]
    assert sample_client.post("/api/v1/zoning", json=around(VERTEX_LIMIT)).status_code == 200


def test_a_thousand_kilometres_are_too_wide(refused: Problem) -> None:
    wide = polygon([113.0, 0.12], [122.0, 0.12], [122.0, 0.13], [113.0, 0.13], [113.0, 0.12])
    answer = refused(422, wide)
    assert answer["code"] == "too_wide"
    assert re.search(r"100\d(\.\d)? km", answer["detail"]), answer
    assert answer["limit"] == 60
    assert answer["hint"]


def test_a_polygon_elsewhere(refused: Problem) -> None:
    far = polygon([2.0, 48.0], [2.01, 48.0], [2.01, 48.01], [2.0, 48.0])
    assert "outside every plan" in refused(422, far)["detail"]


def test_a_polygon_with_latitude_first(refused: Problem) -> None:
    swapped = polygon(*[[lat, lon] for lon, lat in RING])
    answer = refused(422, swapped)
    assert re.search(r"longitude.*first|swapped", f"{answer['detail']} {answer['hint']}", re.IGNORECASE), answer


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("this is not JSON", 400),
        ('{"type": "Polygon", "coordinates": [[[NaN, 0.1], [117.5, 0.1], [117.5, 0.2], [NaN, 0.1]]]}', 400),
        ('{"type": "Polygon", "coordinates": [[[Infinity, 0.1], [117.5, 0.1], [117.5, 0.2], [117.4, 0.1]]]}', 400),
        ('{"type": "Polygon", "coordinates": [[', 400),
        (b"\xff\xfe\x00", 400),
        ("[" * 100_000, 400),
        ('{"type": "Polygon", "coordinates": [[[1e999, 0.1], [117.5, 0.1], [117.5, 0.2], [117.4, 0.1]]]}', 400),
        ("null", 422),
        ("[]", 422),
        ("12", 422),
        ('"Polygon"', 422),
        ("{}", 422),
        ({"type": "Point", "coordinates": [117.48, 0.12]}, 422),
        ({"type": "LineString", "coordinates": RING}, 422),
        ({"type": "GeometryCollection", "geometries": [SQUARE]}, 422),
        ({"type": "FeatureCollection", "features": []}, 422),
        ({"type": "Feature", "properties": {}, "geometry": None}, 422),
        ({"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [117, 0]}}, 422),
        ({"type": "Feature", "properties": {}}, 422),
        ({"type": ["Polygon"], "coordinates": [RING]}, 422),
        ({"type": "Polygon"}, 422),
        ({"type": "Polygon", "coordinates": None}, 422),
        ({"type": "Polygon", "coordinates": []}, 422),
        ({"type": "Polygon", "coordinates": [[]]}, 422),
        ({"type": "Polygon", "coordinates": [[[]]]}, 422),
        ({"type": "Polygon", "coordinates": RING}, 422),
        ({"type": "Polygon", "coordinates": "POLYGON((0 0))"}, 422),
        ({"type": "Polygon", "coordinates": {"0": RING}}, 422),
        ({"type": "MultiPolygon", "coordinates": []}, 422),
        ({"type": "MultiPolygon", "coordinates": [[]]}, 422),
        ({"type": "MultiPolygon", "coordinates": [RING]}, 422),
        (polygon([117.48, 0.12], [117.49, 0.12]), 422),
        (polygon(["117.48", "a"], [117.49, 0.12], [117.49, 0.13], ["117.48", "a"]), 422),
        (polygon([None, 0.12], [117.49, 0.12], [117.49, 0.13], [None, 0.12]), 422),
        (polygon([117.48], [117.49], [117.49], [117.48]), 422),
        (polygon([117.48, 95], [117.49, 95], [117.49, 96], [117.48, 95]), 422),
        (polygon([10**30, 0], [117.49, 0.12], [117.49, 0.13], [10**30, 0]), 422),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_body_that_cannot_be_used(refused: Problem, body: Any, status: int) -> None:
    answer = refused(status, body)
    assert answer["hint"] or answer["detail"]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "text/csv", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
def test_another_content_type(refused: Problem, content_type: str | None) -> None:
    assert "application/geo+json" in refused(415, SQUARE, content_type=content_type)["detail"]


def test_a_body_over_the_limit(refused: Problem) -> None:
    answer = refused(413, " " * (BODY_LIMIT + 1) + json.dumps(SQUARE))
    assert answer["limit"] == BODY_LIMIT
    assert str(BODY_LIMIT) in answer["detail"]


def test_options_of_a_polygon_are_checked_as_well(problem: Problem) -> None:
    given = {"method": "POST", "json": SQUARE}
    assert problem(400, "/api/v1/zoning?on=soon", **given)["field"] == "on"
    assert problem(404, "/api/v1/zoning?plan=none", **given)["field"] == "plan"
    assert problem(404, "/api/v1/zoning?on=1999-01-01", **given)["first_date"] == "2023-03-01"


def test_heights_are_left_out(sample_client: FlaskClient) -> None:
    high = polygon(*[[lon, lat, 12.5] for lon, lat in RING])
    flat = sample_client.post("/api/v1/zoning", json=SQUARE).json
    assert sample_client.post("/api/v1/zoning", json=high).json == flat
