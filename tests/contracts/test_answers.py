"""Every answer of the API fits its schema, with no member more and none less."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.database import db
from app.plans import service as plans
from app.schemas.operations import HTML, JSON, OPERATIONS, PROBLEM, VECTOR_TILE
from gis.rdtr.columns import Overlay
from tests.factories.accounts import make_account, sign_in

Fits = Callable[[Any, str], None]
Points = dict[str, tuple[float, float]]
OVERLAY_KINDS = len(Overlay)


def get(client: FlaskClient, path: str, status: int = 200, **query: Any) -> Any:
    """The JSON of an answer, whose status and type are as described."""
    response = client.get(path, query_string=query)
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.content_type == (JSON if status < 400 or path == "/readyz" else PROBLEM)
    return json.loads(response.data)


STATUSES = ("inside", "border", "near_border", "sea", "other_region")


@pytest.mark.parametrize("status", STATUSES)
def test_card(sample_client: FlaskClient, assert_fits: Fits, points: Points, status: str) -> None:
    lon, lat = points[status]
    card = get(sample_client, "/api/v1/zoning", lon=lon, lat=lat)
    assert card["status"] == status
    assert_fits(card, "ZoningCard")
    holding = [zone for zone in card["zones"] if zone["distance_m"] == 0]
    assert len(holding) == {"inside": 1, "near_border": 1}.get(status, len(holding))
    if status == "border":
        assert len(holding) >= 2
    if status in ("sea", "other_region"):
        assert card["zones"] == []
        assert card["overlays"] == []
    else:
        assert len({overlay["kind"] for overlay in card["overlays"]}) == OVERLAY_KINDS


@pytest.mark.parametrize(
    "query",
    [
        {"on": "2024-05-05"},
        {"on": "2199-01-01"},
        {"accuracy_m": "250"},
        {"accuracy_m": "12,5"},
        {"road_class": "lokal"},
        {"lot_m2": "150"},
        {"road_class": "arteri", "lot_m2": "5000"},
        {"activity": "warung"},
        {"activity": "rumah"},
        {"activity": "47"},
        {"activity": "industri pupuk"},
        {"plan": "rdtr"},
        {"lang": "en"},
    ],
    ids=str,
)
@pytest.mark.parametrize("status", STATUSES)
def test_card_with_options(
    sample_client: FlaskClient, assert_fits: Fits, points: Points, status: str, query: dict[str, str]
) -> None:
    lon, lat = points[status]
    card = get(sample_client, "/api/v1/zoning", lon=lon, lat=lat, **query)
    assert_fits(card, "ZoningCard")
    assert (card["activity"] is not None) == ("activity" in query)
    if "on" in query:
        assert card["query"]["on"] == query["on"]


def test_card_of_each_activity(
    sample_client: FlaskClient, assert_fits: Fits, points: Points, sample_app: Flask
) -> None:
    lon, lat = points["inside"]
    card = get(sample_client, "/api/v1/zoning", lon=lon, lat=lat)
    subzone = card["zones"][0]["subzone"]["code"]
    with sample_app.app_context():
        activities = plans.content(card["plan"]["version_id"]).activities
    verdicts = set()
    for activity in activities:
        answered = get(sample_client, "/api/v1/zoning", lon=lon, lat=lat, activity=activity.activity_id)
        assert_fits(answered["activity"], "ActivityAnswer")
        verdicts.add(answered["activity"]["verdicts"][0]["verdict"])
    assert len(verdicts) >= 3, (subzone, verdicts)
    counted = card["zones"][0]["uses"]
    assert sum(counted.values()) == len(activities)
    assert {verdict for verdict, count in counted.items() if count} == verdicts


def square(lon: float, lat: float, half: float) -> dict[str, Any]:
    """A square polygon; half its side in degrees."""
    ring = [[lon - half, lat - half], [lon + half, lat - half], [lon + half, lat + half], [lon - half, lat + half]]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def post(client: FlaskClient, body: Any, **query: Any) -> Any:
    """The answer for a polygon."""
    response = client.post("/api/v1/zoning", json=body, content_type="application/geo+json", query_string=query)
    assert response.status_code == 200, response.get_data(as_text=True)
    assert response.content_type == JSON
    return json.loads(response.data)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("half", [1e-6, 0.0005, 0.02])
def test_shares(sample_client: FlaskClient, assert_fits: Fits, points: Points, status: str, half: float) -> None:
    polygon = square(*points[status], half)
    answer = post(sample_client, polygon)
    assert_fits(answer, "SharesAnswer")
    parts = sum(share["area_m2"] for share in [*answer["shares"], *answer["touching"]])
    assert parts + answer["outside_m2"] - answer["overlap_m2"] == pytest.approx(answer["area_m2"], abs=0.01)


def test_shares_of_a_feature_and_of_a_multipolygon(
    sample_client: FlaskClient, assert_fits: Fits, points: Points
) -> None:
    polygon = square(*points["inside"], 0.0005)
    plain = post(sample_client, polygon)
    feature = post(sample_client, {"type": "Feature", "properties": {"name": "x"}, "geometry": polygon})
    several = post(sample_client, {"type": "MultiPolygon", "coordinates": [polygon["coordinates"]]}, plan="rdtr")
    assert plain == feature == several
    earlier = post(sample_client, polygon, on="2024-05-05")
    assert_fits(earlier, "SharesAnswer")
    assert earlier["plan"]["version"] < plain["plan"]["version"]


def test_parcel(sample_client: FlaskClient, assert_fits: Fits, nib: str) -> None:
    answer = get(sample_client, f"/api/v1/parcels/{nib}")
    assert_fits(answer, "ParcelAnswer")
    assert answer["parcel"]["nib"] == nib
    assert_fits(get(sample_client, f"/api/v1/parcels/{nib}", on="2024-05-05"), "ParcelAnswer")


@pytest.mark.parametrize("q", ["warung", "wrung", "47111", "47", "kos", "", "x", "zzzzqqq"])
def test_activities(sample_client: FlaskClient, assert_fits: Fits, q: str) -> None:
    assert_fits(get(sample_client, "/api/v1/activities", q=q), "ActivitiesAnswer")


@pytest.mark.parametrize(
    ("q", "kind", "notice"),
    [
        ("Bontang Kuala", "kelurahan", None),
        ("0.1333, 117.4761", "coordinates", None),
        ("117.4761 0.1333", "coordinates", None),
        ("0°07'59\"N 117°28'34\"E", "coordinates", None),
        ("geo:0.1333,117.4761", "coordinates", None),
        ("-6.2, 106.8", "coordinates", "outside_region"),
        ("1234567890123", None, "business_number"),
        ("99999999999999", None, "unknown_parcel"),
        ("https://maps.app.goo.gl/abc", None, "short_link"),
        ("qqqqzzzz", None, None),
        ("", None, None),
    ],
)
def test_search(sample_client: FlaskClient, assert_fits: Fits, q: str, kind: str | None, notice: str | None) -> None:
    answer = get(sample_client, "/api/v1/search", q=q)
    assert_fits(answer, "SearchAnswer")
    assert (answer["results"][0]["kind"] if answer["results"] else None) == kind
    assert (answer["notice"]["code"] if answer["notice"] else None) == notice


def test_search_for_a_parcel(sample_client: FlaskClient, assert_fits: Fits, nib: str) -> None:
    answer = get(sample_client, "/api/v1/search", q=nib)
    assert_fits(answer, "SearchAnswer")
    assert [(hit["kind"], hit["id"]) for hit in answer["results"]] == [("parcel", nib)]


def test_plans_versions_and_uses(sample_client: FlaskClient, assert_fits: Fits) -> None:
    listed = get(sample_client, "/api/v1/plans")
    assert_fits(listed, "PlansAnswer")
    assert listed["results"]
    for plan in listed["results"]:
        versions = get(sample_client, f"/api/v1/plans/{plan['code']}/versions")
        assert_fits(versions, "VersionsAnswer")
        assert [version["seq"] for version in versions["results"]] == [2, 1]
        for version in versions["results"]:
            address = f"/api/v1/plans/{plan['code']}/versions/{version['seq']}"
            detail = get(sample_client, address)
            assert_fits(detail, "VersionDetail")
            for subzone in detail["subzones"]:
                uses = get(sample_client, f"{address}/subzones/{subzone['code']}/uses")
                assert_fits(uses, "UsesAnswer")
                assert uses["uses"]


def test_the_version_in_force_is_the_one_of_its_dates(sample_client: FlaskClient, points: Points) -> None:
    lon, lat = points["inside"]
    for version in get(sample_client, "/api/v1/plans/rdtr/versions")["results"]:
        card = get(sample_client, "/api/v1/zoning", lon=lon, lat=lat, on=version["valid_from"])
        assert card["plan"]["version"] == version["seq"]
        if version["valid_to"]:
            last = dt.date.fromisoformat(version["valid_to"]) - dt.timedelta(days=1)
            card = get(sample_client, "/api/v1/zoning", lon=lon, lat=lat, on=last.isoformat())
            assert card["plan"]["version"] == version["seq"]


def test_health(sample_client: FlaskClient, assert_fits: Fits) -> None:
    assert_fits(get(sample_client, "/healthz"), "Alive")
    ready = get(sample_client, "/readyz")
    assert_fits(ready, "Ready")
    assert ready["version_id"] == get(sample_client, "/api/v1/plans")["results"][0]["current"]["version_id"]


def test_not_ready_without_a_plan(client: FlaskClient, assert_fits: Fits) -> None:
    ready = get(client, "/readyz", status=503)
    assert_fits(ready, "Ready")
    assert ready["version_id"] is None


def test_tiles(sample_client: FlaskClient, document: dict[str, Any]) -> None:
    path = next(path for path in document["paths"] if path.startswith("/api/v1/tiles/"))
    parameters = [item for item in document["paths"][path]["get"]["parameters"] if item["in"] == "path"]
    given = {item["name"]: item["example"] for item in parameters}
    full = sample_client.get(path.format(**given))
    assert (full.status_code, full.content_type) == (200, VECTOR_TILE)
    assert "immutable" in full.headers["Cache-Control"]
    assert full.data.startswith(b"\x1a"), "a vector tile begins with its first layer"
    packed = sample_client.get(path.format(**given), headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(full.data)
    far = sample_client.get(path.format(**(given | {"x": 0, "y": 0})))
    assert (far.status_code, far.data) == (204, b"")
    layers = next(item for item in parameters if item["name"] == "layer")
    for layer in layers["schema"]["enum"]:
        version_id = given["version_id"] if layer in ("zones", "zone_labels") else _places_version(sample_client)
        answer = sample_client.get(path.format(**(given | {"layer": layer, "version_id": version_id})))
        assert answer.status_code in (200, 204), layer


def _places_version(client: FlaskClient) -> int:
    from app.places.service import places_version

    with client.application.app_context():
        return places_version()


def test_document_and_page(sample_client: FlaskClient, assert_fits: Fits) -> None:
    assert_fits(get(sample_client, "/api/v1/openapi.json"), "AnyDocument")
    page = sample_client.get("/api/v1/")
    assert page.status_code == 200
    assert page.mimetype == HTML


def test_who_is_asking(sample_app: Flask, assert_fits: Fits) -> None:
    client = sample_app.test_client()
    nobody = get(client, "/api/v1/account")
    assert_fits(nobody, "WhoAmI")
    assert nobody == {"signed_in": False, "display_name": None, "roles": [], "csrf_token": None}
    with sample_app.app_context():
        someone = make_account("resident", "kader", email="contract@example.org", name="Siti")
        db.session.remove()
    sign_in(client, someone)
    asking = get(client, "/api/v1/account")
    assert_fits(asking, "WhoAmI")
    assert (asking["display_name"], asking["roles"]) == ("Siti", ["resident", "kader"])
    answer = client.post("/account/sign-out", headers={"X-CSRFToken": asking["csrf_token"]})
    assert answer.status_code == 302
    assert get(client, "/api/v1/account") == nobody


def test_differences_and_histories(sample_client: FlaskClient, assert_fits: Fits, points: Points) -> None:
    assert_fits(get(sample_client, "/api/v1/plans/rdtr/diff"), "PlanDifference")
    lon, lat = points["inside"]
    zone = get(sample_client, "/api/v1/zoning", lon=lon, lat=lat)["zones"][0]["zone_id"]
    assert_fits(get(sample_client, f"/api/v1/plans/rdtr/zones/{zone}"), "ZoneHistory")
    assert_fits(get(sample_client, "/api/v1/zoning/history", lon=lon, lat=lat), "PointHistory")


def test_every_call_has_a_test_here() -> None:
    """A new row of the table needs an answer checked above; this list is its reminder."""
    checked = {
        "zoning_api.point", "zoning_api.polygon", "zoning_api.parcel", "zoning_api.uses", "zoning_api.activities",
        "places_api.search", "plans_api.plans", "plans_api.versions", "plans_api.version", "tiles.vector_tile",
        "difference_api.diff", "difference_api.zone", "difference_api.point", "accounts_api.whoami",
        "openapi.document", "openapi.page", "health.healthz", "health.readyz",
    }  # fmt: skip
    signed_in = {name for name, row in OPERATIONS.items() if row.roles}
    hearings = {name for name in OPERATIONS if name.startswith("hearings_api.")}
    assert checked == set(OPERATIONS) - signed_in - hearings, (
        "those for accounts are in test_drafts.py, hearings in tests/app/plans/review/test_api.py"
    )
