"""Two real plans load as plans of their own, answer over HTTP as PostGIS does, and go out as they came.

The input is no part of the project: without it these tests skip; with RUANG_REAL_DATA set they fail instead.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app import create_app
from app.database import db
from app.zoning import service
from tests.app.zoning.postgis_truth import Points, border_points, random_points, zones_at
from tests.app.zoning.test_index_equals_postgis import index_pairs
from tests.conftest import make_settings

pytestmark = pytest.mark.real
LONLAT = "+proj=longlat +ellps=GRS80 +no_defs"
# The general plan has two columns of its own; what its most particular one says is the code.
MAPPING = 'unmapped = "verbatim"\n[columns]\nsubzone = "Hirarki_3"\n'


@dataclass(frozen=True)
class RealPlan:
    """A file and what an operator has to say to load it."""

    code: str
    file: str
    zones: int
    imported: tuple[str, ...]
    published: tuple[str, ...]


PLANS = (
    RealPlan(
        "jagoibabang", "jagoibabang_rdtr_zones.geojson", 1125,
        ("--region", "109.5,1.0,110.2,1.6", "--accept-repairs"), ("--accept-gaps",),
    ),
    RealPlan(
        "rtrw", "bontang_rtrw_zones.geojson", 32,
        ("--kind", "rtrw", "--accept-repairs"), ("--accept-gaps",),
    ),
)  # fmt: skip
each_plan = pytest.mark.parametrize("plan", PLANS, ids=[plan.code for plan in PLANS])


@pytest.fixture(scope="module")
def real_app(
    admin_url: str, new_database: Callable[..., str], real_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The application with both plans published, by the commands that an operator types."""
    folder = tmp_path_factory.mktemp("real")
    (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    application = create_app(make_settings(admin_url, new_database("real")))
    application.testing = True
    ruang = application.test_cli_runner()
    for plan in PLANS:
        mapping = ("--mapping", str(folder / "mapping.toml")) if plan.code == "rtrw" else ()
        for arguments in (
            ("plans", "import", str(real_data / plan.file), "--plan", plan.code, "--legal-reference", "Perda nyata",
             "--report", str(folder / plan.code), *mapping, *plan.imported),
            ("plans", "publish", plan.code, "1", "--from", "2024-01-01", *plan.published),
        ):  # fmt: skip
            result = ruang.invoke(args=arguments)
            assert result.exit_code == 0, result.output
    yield application
    with application.app_context():
        db.engine.dispose()


def version_of(app: Flask, plan: RealPlan) -> int:
    with app.app_context():
        found = db.session.execute(
            text("SELECT plan_version.id FROM plan_version JOIN plan ON plan.id = plan_id WHERE code = :code"),
            {"code": plan.code},
        ).scalar_one()
        db.session.remove()
    return int(found)


@each_plan
def test_random_points_have_the_zones_that_postgis_finds(real_app: Flask, plan: RealPlan) -> None:
    version = version_of(real_app, plan)
    with real_app.app_context():
        points = random_points(db.session(), version, 20_000, seed=41)
        expected = zones_at(db.session(), version, points)
        assert index_pairs(service.snapshot_of(version), points) == expected
        assert len(expected) > 2_000
        db.session.remove()


@each_plan
def test_points_on_borders_have_all_the_zones_that_postgis_finds(real_app: Flask, plan: RealPlan) -> None:
    version = version_of(real_app, plan)
    with real_app.app_context():
        points = border_points(db.session(), version, 2_000, seed=43)
        expected = zones_at(db.session(), version, points)
        assert index_pairs(service.snapshot_of(version), points) == expected
        counts = np.bincount(np.array([number for number, _ in expected]), minlength=2_000)
        assert (counts >= 2).sum() >= 1_000
        assert counts.min() >= 1
        db.session.remove()


@each_plan
def test_answers_over_http_are_those_of_postgis(real_app: Flask, plan: RealPlan) -> None:
    version = version_of(real_app, plan)
    client = real_app.test_client()
    with real_app.app_context():
        inside = random_points(db.session(), version, 150, seed=47)
        border = border_points(db.session(), version, 150, seed=53)
        points = Points(np.concatenate([inside.lons, border.lons]), np.concatenate([inside.lats, border.lats]))
        expected = zones_at(db.session(), version, points)
        db.session.remove()
    for number, (lon, lat) in enumerate(zip(points.lons.tolist(), points.lats.tolist(), strict=True)):
        card = ask(client, plan, lon, lat)
        assert {zone["zone_id"] for zone in card["zones"] if zone["distance_m"] == 0} == {
            zone for n, zone in expected if n == number
        }
        assert card["plan"]["code"] == plan.code
        assert card["plan"]["sample"] is False


def ask(client: FlaskClient, plan: RealPlan, lon: float, lat: float) -> Any:
    answer = client.get("/api/v1/zoning", query_string={"lon": repr(lon), "lat": repr(lat), "plan": plan.code})
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


@each_plan
def test_areas_are_those_of_postgis_and_stated_ones_are_untouched(
    real_app: Flask, real_data: Path, plan: RealPlan
) -> None:
    source = json.loads((real_data / plan.file).read_text(encoding="utf-8"))["features"]
    version = version_of(real_app, plan)
    with real_app.app_context():
        zone = 49 if plan.code == "jagoibabang" else 50
        rows = db.session.execute(
            text(
                "SELECT source_feature.number, legal_area_ha, area_m2, "
                " ST_Area(ST_Transform(geom, :lonlat, :metric)) AS truth"
                " FROM version_zone JOIN zone_revision ON zone_revision.id = revision_id"
                " JOIN source_feature ON source_feature.zone_id = version_zone.zone_id"
                " AND source_feature.version_id = version_zone.version_id WHERE version_zone.version_id = :version"
            ),
            {"version": version, "lonlat": LONLAT, "metric": f"+proj=utm +zone={zone} +ellps=GRS80 +units=m +no_defs"},
        ).all()
        db.session.remove()
    assert len(rows) >= plan.zones - 40
    for row in rows:
        assert row.area_m2 == pytest.approx(row.truth, abs=0.01)
        assert row.legal_area_ha == source[row.number - 1]["properties"].get("LUASHA")


@each_plan
def test_the_export_is_the_file_that_came_in(real_app: Flask, real_data: Path, tmp_path: Path, plan: RealPlan) -> None:
    """JSON numbers as text tell a whole float from an integer and the last bit of a coordinate."""
    out = tmp_path / "out.geojson"
    result = real_app.test_cli_runner().invoke(args=["plans", "export", plan.code, "1", str(out)])
    assert result.exit_code == 0, result.output
    before = json.loads((real_data / plan.file).read_text(encoding="utf-8"))
    after = json.loads(out.read_text(encoding="utf-8"))
    assert (after["name"], after["crs"]) == (before["name"], before["crs"])
    assert len(after["features"]) == len(before["features"]) == plan.zones
    for one, other in zip(before["features"], after["features"], strict=True):
        assert json.dumps(other["properties"]) == json.dumps(one["properties"])
        assert json.dumps(other["geometry"]) == json.dumps(one["geometry"])


@each_plan
def test_what_a_repair_emptied_is_linked_and_nothing_is_lost(real_app: Flask, plan: RealPlan) -> None:
    version = version_of(real_app, plan)
    with real_app.app_context():
        found = db.session.execute(
            text(
                """
                SELECT (SELECT count(*) FROM source_feature WHERE version_id = :v) AS sources,
                       (SELECT count(*) FROM source_feature WHERE version_id = :v AND zone_id IS NULL) AS without,
                       (SELECT count(*) FROM version_zone WHERE version_id = :v) AS zones,
                       (SELECT count(*) FROM zone_lineage WHERE version_id = :v AND kind = 'repair') AS linked
                """
            ),
            {"v": version},
        ).one()
        db.session.remove()
    assert (found.sources, found.without) == (plan.zones, 0)
    assert found.zones + found.linked == found.sources


def test_columns_of_the_detailed_plan_are_read(real_app: Flask) -> None:
    """Codes come as floats and eight digits; letters stand in REMARK only."""
    version = version_of(real_app, PLANS[0])
    with real_app.app_context():
        rows = db.session.execute(
            text(
                "SELECT refused, properties->>'REMARK' AS letters, subzone_code FROM source_feature"
                " JOIN version_zone ON version_zone.zone_id = source_feature.zone_id AND version_zone.version_id = :v"
                " JOIN zone_revision ON zone_revision.id = revision_id WHERE source_feature.version_id = :v"
            ),
            {"v": version},
        ).all()
        db.session.remove()
    assert len(rows) > 1_000
    assert all(row.refused is None for row in rows)
    agreeing = sum(row.letters == row.subzone_code for row in rows)
    assert agreeing / len(rows) > 0.9
