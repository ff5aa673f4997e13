"""Another city from its profile alone: south of the equator, another UTM zone, another time zone, two plans."""

from __future__ import annotations

import datetime as dt
import math
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from shapely.geometry import box, mapping
from sqlalchemy import text

import app.city as city_module
from app import create_app
from app.database import db
from gis.crs import MetricCrs
from tests.conftest import make_settings
from tests.factories import files
from tests.factories.places import place_rows, write_places
from tests.factories.plans import write_rules
from tests.factories.southern_city import PROJ, SOUTH, STEP, WEST, detailed_plan, general_plan, write_profile

IN_DETAIL = {"lon": 140.7004, "lat": -2.5582}
IN_GENERAL_ONLY = {"lon": 140.7045, "lat": -2.5582}
LONLAT = "+proj=longlat +ellps=GRS80 +no_defs"
MAPPING = '[columns]\nsubzone = "Hirarki"\n[codes]\n"Kawasan Permukiman" = "R-3"\n"Kawasan Lindung Pesisir" = "PS"\n'
PAGES = (
    "/", "/help", "/about", "/help/errors", "/map", "/map/light", "/zoning", "/zoning?q=Loktuan",
    "/zoning?lon=140.7004&lat=-2.5582", "/zoning?lon=140.7045&lat=-2.5582&lang=en",
    "/zoning/card?lon=140.7004&lat=-2.5582", "/parcels/17070101000001", "/api/v1/openapi.json", "/api/v1/plans",
    "/api/v1/zoning?lon=140.7004&lat=-2.5582&activity=warung", "/zoning?lon=10&lat=50", "/tidak-ada",
)  # fmt: skip


@pytest.fixture(scope="module")
def southern_app(
    admin_url: str, new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The application for the southern city, set up by commands as an operator would."""
    folder = tmp_path_factory.mktemp("south")
    application = create_app(make_settings(admin_url, new_database("south"), city=write_profile(folder / "city")))
    application.testing = True
    ruang = application.test_cli_runner()

    def run(*arguments: Any) -> str:
        result = ruang.invoke(args=[str(argument) for argument in arguments])
        assert result.exit_code == 0, result.output
        return result.output

    (folder / "mapping.toml").write_text(MAPPING)
    report = ("--report", folder / "report")
    for seq, first, day in ((1, "R-2", "2024-01-01"), (2, "RTH-2", "2026-06-01")):
        layer = files.geojson(folder / "rdtr.geojson", detailed_plan(first))
        run("plans", "import", layer, "--plan", "rdtr-teluk", "--legal-reference", f"Perwali contoh {seq}", *report)
        run("plans", "rules", write_rules(folder), "--plan", "rdtr-teluk", "--version", seq)
        run("plans", "publish", "rdtr-teluk", seq, "--from", day)
    layer = files.geojson(folder / "rtrw.geojson", general_plan())
    run("plans", "import", layer, "--plan", "rtrw-teluk", "--legal-reference", "Perda contoh 1",
        "--mapping", folder / "mapping.toml", *report)  # fmt: skip
    run("plans", "publish", "rtrw-teluk", 1, "--from", "2024-01-01")
    run("places", "load", write_places(folder / "city.gpkg", place_rows(WEST, SOUTH)))
    yield application
    with application.app_context():
        db.engine.dispose()


@pytest.fixture
def south(southern_app: Flask) -> FlaskClient:
    return southern_app.test_client()


def card(client: FlaskClient, **query: Any) -> Any:
    answer = client.get("/api/v1/zoning", query_string=query)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def tile_of(lon: float, lat: float, zoom: int) -> str:
    x = int((lon + 180) / 360 * 2**zoom)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom)
    return f"{zoom}/{x}/{y}"


def test_the_detailed_plan_answers_first_and_the_general_one_where_it_does_not_reach(south: FlaskClient) -> None:
    detail = card(south, **IN_DETAIL, on="2024-06-01")
    assert (detail["plan"]["code"], detail["zones"][0]["subzone"]["code"]) == ("rdtr-teluk", "R-2")
    general = card(south, **IN_GENERAL_ONLY, on="2024-06-01")
    assert (general["plan"]["code"], general["zones"][0]["subzone"]["code"]) == ("rtrw-teluk", "R-3")
    both = card(south, **IN_DETAIL, plan="rtrw-teluk", on="2024-06-01")
    assert (both["plan"]["code"], both["zones"][0]["subzone"]["code"]) == ("rtrw-teluk", "R-3")
    assert detail["place"]["kelurahan"] == "Api-api"
    assert detail["plan"]["sample"] is False
    assert [plan["code"] for plan in south.get("/api/v1/plans").get_json()["results"]] == ["rdtr-teluk", "rtrw-teluk"]


def test_areas_are_measured_in_the_citys_own_utm_zone(southern_app: Flask, south: FlaskClient) -> None:
    with southern_app.app_context():
        rows = db.session.execute(
            text("SELECT zone_id, area_m2, ST_Area(ST_Transform(geom, :lonlat, :metric)) AS truth FROM zone_revision"),
            {"lonlat": LONLAT, "metric": PROJ},
        ).all()
        db.session.remove()
    assert len(rows) >= 5
    for row in rows:
        assert row.area_m2 == pytest.approx(row.truth, abs=1e-3)
    truth = {row.zone_id: row.truth for row in rows}
    zone = card(south, **IN_DETAIL, on="2024-06-01")["zones"][0]
    assert zone["area_m2"] == pytest.approx(truth[zone["zone_id"]], abs=0.01)


def test_shares_of_a_polygon_equal_postgis(southern_app: Flask, south: FlaskClient) -> None:
    polygon = box(WEST + 0.5 * STEP, SOUTH + STEP, WEST + 2.2 * STEP, SOUTH + 2 * STEP)
    answer = south.post("/api/v1/zoning?on=2024-06-01", json=mapping(polygon)).get_json()
    shares = {share["subzone"]["code"]: share["area_m2"] for share in answer["shares"]}
    with southern_app.app_context():
        rows = db.session.execute(
            text(
                "SELECT subzone_code,"
                " ST_Area(ST_Transform(ST_Intersection(geom, ST_GeomFromText(:wkt, 4326)), :lonlat, :metric))"
                " FROM zone_revision JOIN version_zone ON revision_id = zone_revision.id"
                " JOIN plan_version ON plan_version.id = version_id JOIN plan ON plan.id = plan_version.plan_id"
                " WHERE code = 'rdtr-teluk' AND seq = 1"
            ),
            {"wkt": polygon.wkt, "lonlat": LONLAT, "metric": PROJ},
        ).all()
        db.session.remove()
    assert shares.keys() == {"R-2", "K-1", "RTH-2"}
    for code, expected in rows:
        assert shares[code] == pytest.approx(expected, abs=0.01)
    assert sum(shares.values()) == pytest.approx(answer["area_m2"], abs=0.01)


def test_today_is_that_of_the_city(southern_app: Flask, south: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 15:30 UTC it is past midnight in this city, and still the day before one time zone to the west."""

    class Frozen(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
            return dt.datetime(2026, 5, 31, moment, 30, tzinfo=dt.UTC).astimezone(tz)

    monkeypatch.setattr(city_module, "dt", types.SimpleNamespace(datetime=Frozen, date=dt.date))
    moment = 14
    before = card(south, **IN_DETAIL)
    moment = 15
    after = card(south, **IN_DETAIL)
    assert (before["query"]["on"], before["plan"]["version"]) == ("2026-05-31", 1)
    assert (after["query"]["on"], after["plan"]["version"]) == ("2026-06-01", 2)
    assert [answer["zones"][0]["subzone"]["code"] for answer in (before, after)] == ["R-2", "RTH-2"]


@pytest.mark.parametrize("layer", ["zones", "zone_labels", "boundaries", "roads", "parcels", "landmarks"])
def test_tiles_are_drawn(south: FlaskClient, layer: str) -> None:
    answer = card(south, **IN_DETAIL, on="2024-06-01")
    version = answer["plan"]["version_id"]
    if layer not in ("zones", "zone_labels"):
        with south.application.app_context():
            version = db.session.execute(text("SELECT last_value FROM places_version")).scalar_one()
            db.session.remove()
    sizes = []
    for lon, lat in ((140.7004, -2.5582), (140.7001, -2.5599), (140.701, -2.559)):
        tile = south.get(f"/api/v1/tiles/{layer}/{version}/{tile_of(lon, lat, 16)}.mvt")
        assert tile.status_code in (200, 204)
        sizes.append(len(tile.data))
    assert max(sizes) > 20
    north = south.get(f"/api/v1/tiles/{layer}/{version}/{tile_of(140.7004, 2.5582, 16)}.mvt")
    assert north.status_code == 204


@pytest.mark.parametrize(
    ("q", "kind"),
    [
        ("api api", "kelurahan"),
        ("jl bhayangkara", "street"),
        ("17070101000001", "parcel"),
        ("2,5582 LS 140,7004 BT", "coordinates"),
        ("-2.5582, 140.7004", "coordinates"),
        ("140.7004, -2.5582", "coordinates"),
    ],
)
def test_search_finds_places_and_positions(south: FlaskClient, q: str, kind: str) -> None:
    found = south.get("/api/v1/search", query_string={"q": q}).get_json()
    first = found["results"][0]
    assert first["kind"] == kind
    assert found["notice"] is None
    assert first["lat"] < 0
    if kind == "coordinates":
        assert (first["lon"], first["lat"]) == pytest.approx((140.7004, -2.5582))


@pytest.mark.parametrize("address", PAGES)
def test_no_page_names_another_city(south: FlaskClient, address: str) -> None:
    answer = south.get(address)
    assert answer.status_code in ((400, 404, 422) if address in PAGES[-2:] else (200,)), address
    page = answer.get_data(as_text=True)
    for words in ("bontang", "makassar", "wita", "117.4", "64.74"):
        assert words not in page.lower(), words


def test_pages_name_the_city_its_number_and_its_plan(south: FlaskClient) -> None:
    home = south.get("/").get_data(as_text=True)
    assert "Teluk Selatan" in home
    assert "0967-555" in home
    page = south.get("/zoning?lon=140.7004&lat=-2.5582&on=2024-06-01").get_data(as_text=True)
    assert "RDTR Teluk Selatan" in page
    assert "Perwali contoh 1" in page
    assert "Perumahan Kepadatan Tinggi" in page
    # None of its plans is a sample, so nothing calls itself one.
    assert "contoh: bukan" not in page.lower()


def try_import(app: Flask, layer: Path, report: Path) -> Result:
    fixed = ("--plan", "rdtr-teluk", "--legal-reference", "x", "--dry-run", "--report", str(report))
    return app.test_cli_runner().invoke(args=["plans", "import", str(layer), *fixed])


def test_a_layer_of_the_other_hemisphere_is_refused(southern_app: Flask, tmp_path: Path) -> None:
    layer = files.geojson(tmp_path / "utara.geojson", files.mirrored(detailed_plan()))
    result = try_import(southern_app, layer, tmp_path)
    assert result.exit_code == 2
    assert "khatulistiwa" in result.output


@pytest.mark.parametrize(("crs", "code"), [("EPSG:32754", 0), ("EPSG:32654", 2), ("EPSG:32750", 2)])
def test_metres_are_read_as_the_utm_zone_that_is_its_own(
    southern_app: Flask, tmp_path: Path, crs: str, code: int
) -> None:
    metres = files.in_metres(detailed_plan("RTH-2"), MetricCrs(54, south=True))
    result = try_import(southern_app, files.write(tmp_path / "utm.gpkg", metres, crs=crs), tmp_path)
    assert result.exit_code == code, result.output
