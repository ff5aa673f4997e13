"""A published version goes out as it came in: columns in order, types, values, coordinates bit by bit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fiona
import pytest
import shapely
from click.testing import Result
from shapely.geometry import shape
from sqlalchemy.orm import Session

from app.plans import verbatim
from gis.crs import MetricCrs
from gis.vector_files import open_layer
from tests.factories import files
from tests.factories.plans import feature, publish_zones, row_of_zones, square

Import = Callable[..., Result]
Layer = tuple[dict[str, str], str, list[tuple[bytes | None, dict[str, Any]]]]


def read(path: Path) -> Layer:
    """Columns with their types, layer name, and features with geometry as WKB; read as any layer is."""
    with open_layer(path, crs="EPSG:4326") as layer:
        features = [(None if f.geometry is None else f.geometry.wkb, f.properties) for f in layer]
        return layer.columns, layer.name, features


def difficult_layer() -> list[dict[str, Any]]:
    """Mixed types, heights, long numbers, null geometry, a refused feature, odd column names."""
    ring = [[x + 2e-14, y, 7.125] for x, y in square(0, 0)[0]]
    layer = [
        feature([ring], "R-2", angka=0.1 + 0.2, campur=1, besar=2**62 + 1, teks="a\"b\n'c'", kosong="", ya=True),
        feature(square(1, 0), "32112100", angka=1.0, campur="dua", besar=-1, teks="é–ü", kosong=None, ya=False),
        feature(
            [square(2, 0), square(3.5, 0)], "K-1", kind="MultiPolygon", angka=None, campur=None, besar=None, teks=None
        ),
        {**feature(square(4, 0)), "geometry": None},
        feature([117.485, 0.12], "R-2", kind="Point"),
        feature(square(6, 0), ""),
    ]
    layer[0]["properties"]["Nama Kolom yang Panjang Sekali"] = {"a": [1, None, 2.5]}
    return layer


def publish_file(import_file: Import, ruang: Import, path: Path, *options: str) -> None:
    result = import_file(path, *options)
    assert result.exit_code == 0, result.output
    result = ruang("plans", "publish", "rdtr", 1, "--from", "2024-01-01")
    assert result.exit_code == 0, result.output


def test_geojson_equals_what_came_in(session: Session, tmp_path: Path, import_file: Import, ruang: Import) -> None:
    layer = difficult_layer()
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    path = files.geojson(tmp_path / "pola.geojson", layer, name="POLA_RUANG", crs=crs)
    publish_file(import_file, ruang, path, "--accept-refusals")
    out = tmp_path / "out.geojson"
    result = ruang("plans", "export", "rdtr", 1, out)
    assert result.exit_code == 0, result.output
    assert "6" in result.output
    before, after = json.loads(path.read_text()), json.loads(out.read_text())
    assert after["name"] == "POLA_RUANG"
    assert after["crs"] == crs
    # json.dumps tells 1 from 1.0, and the order of keys.
    assert [json.dumps(item) for item in after["features"]] == [
        json.dumps({"type": "Feature", "properties": item["properties"], "geometry": item["geometry"]})
        for item in before["features"]
    ]


def test_geopackage_equals_what_came_in(session: Session, tmp_path: Path, import_file: Import, ruang: Import) -> None:
    schema = {
        "geometry": "3D Polygon",
        "properties": {
            "KODSZN": "str:20", "zeta": "float", "alfa": "int64", "Beta": "int32", "tanggal": "date", "ya": "bool",
            "berkas": "bytes", "LUASHA": "float",
        },
    }  # fmt: skip
    rows = [
        ("R-2", 0.1 + 0.2, 2**62 + 1, 5, "2024-02-29", True, b"\x00\xff", 1.2),
        ("", 5e-324, None, -5, None, False, None, None),
        (None, None, -1, None, "1999-12-31", None, b"", 0.0),
    ]
    path = tmp_path / "pola.gpkg"
    with fiona.open(path, "w", driver="GPKG", crs="EPSG:32650", schema=schema, layer="pola ruang") as sink:
        for number, values in enumerate(rows):
            plane = MetricCrs(50, south=False).to_metric(shape({"type": "Polygon", "coordinates": square(number, 0)}))
            geometry = shapely.force_3d(plane, 3.3)
            record = dict(zip(schema["properties"], values, strict=True))
            sink.write({"type": "Feature", "geometry": shapely.geometry.mapping(geometry), "properties": record})
    publish_file(import_file, ruang, path, "--accept-refusals")
    out = tmp_path / "out.gpkg"
    assert ruang("plans", "export", "rdtr", 1, out).exit_code == 0
    with fiona.open(path) as before, fiona.open(out) as after:
        assert after.schema == before.schema
        assert list(after.schema["properties"]) == list(before.schema["properties"])
        assert after.crs == before.crs
        assert after.name == before.name == "pola ruang"
        for one, other in zip(before, after, strict=True):
            assert dict(one.properties) == dict(other.properties)
            assert shape(one.geometry).wkb == shape(other.geometry).wkb


def test_geojson_goes_through_a_geopackage(
    session: Session, tmp_path: Path, import_file: Import, ruang: Import
) -> None:
    """Columns of one type come back as they were; mixed ones as JSON text."""
    layer = [feature(square(0, 0), angka=0.1 + 0.2, besar=2**62 + 1, teks="é"), feature(square(1, 0), besar=-1)]
    path = files.geojson(tmp_path / "pola.geojson", layer)
    publish_file(import_file, ruang, path)
    out = tmp_path / "out.gpkg"
    assert ruang("plans", "export", "rdtr", 1, out).exit_code == 0
    before, after = read(path), read(out)
    assert list(before[0]) == list(after[0])
    for (geometry, properties), (wkb, values) in zip(before[2], after[2], strict=True):
        assert wkb == geometry
        assert {key: value for key, value in values.items() if value is not None} == {
            key: value for key, value in properties.items() if value is not None
        }


def test_shapefile_brings_back_columns_and_values(
    session: Session, tmp_path: Path, import_file: Import, ruang: Import
) -> None:
    layer = [item for item in difficult_layer() if item["geometry"] is None or item["geometry"]["type"] != "Point"]
    del layer[0]["geometry"]["coordinates"][0][0][2:]
    layer[0]["geometry"]["coordinates"] = [[point[:2] for point in layer[0]["geometry"]["coordinates"][0]]]
    path = files.geojson(tmp_path / "pola.geojson", layer)
    publish_file(import_file, ruang, path, "--accept-refusals")
    out = tmp_path / "out.zip"
    assert ruang("plans", "export", "rdtr", 1, out).exit_code == 0
    before, after = read(path), read(out)
    assert list(before[0]) == list(after[0])
    assert [json.dumps(values) for _, values in after[2]] == [json.dumps(values) for _, values in before[2]]
    for (geometry, _), (wkb, _) in zip(before[2], after[2], strict=True):
        if geometry is None:
            assert wkb is None
            continue
        # The format turns rings around; every coordinate is the same double.
        one, other = shapely.from_wkb(geometry), shapely.from_wkb(wkb)
        assert shapely.normalize(one).equals_exact(shapely.normalize(other), 0)


def test_a_shapefile_that_came_in_goes_out_the_same(
    session: Session, tmp_path: Path, import_file: Import, ruang: Import
) -> None:
    (tmp_path / "shp").mkdir()
    shp = files.write(tmp_path / "shp" / "zones.shp", row_of_zones())
    publish_file(import_file, ruang, files.zipped(shp))
    out = tmp_path / "out.zip"
    assert ruang("plans", "export", "rdtr", 1, out).exit_code == 0
    before, after = read(shp), read(out)
    assert before[2] == after[2]
    assert list(before[0]) == list(after[0])


def test_a_repaired_version_exports_what_came_in_and_not_the_repair(
    session: Session, tmp_path: Path, ruang: Import
) -> None:
    layer = [feature(square(0, 0, width=1.25)), feature(square(1, 0), "K-1")]
    publish_zones(tmp_path, layer, accept_repairs=True)
    out = tmp_path / "out.geojson"
    assert ruang("plans", "export", "rdtr", 1, out).exit_code == 0
    assert [item["geometry"] for item in json.loads(out.read_text())["features"]] == [i["geometry"] for i in layer]


def test_an_export_that_fails_leaves_the_file_that_was_there(
    session: Session, tmp_path: Path, ruang: Import, import_file: Import
) -> None:
    layer = [feature(square(0, 0), Kolom=1, KOLOM=2)]
    publish_file(import_file, ruang, files.geojson(tmp_path / "pola.geojson", layer))
    out = tmp_path / "out.gpkg"
    out.write_text("yang lama")
    result = ruang("plans", "export", "rdtr", 1, out)
    assert result.exit_code == 2
    assert "KOLOM" in result.output
    assert out.read_text() == "yang lama"
    assert [item.name for item in tmp_path.iterdir() if item.name.startswith(".export")] == []


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        float("-inf"),
        b"",
        b"\x00\xff",
        {"$verbatim": "nan"},
        {"$verbatim": {"$verbatim": b"x"}},
        [1, {"a": b"y"}],
        2**200,
        -0.0,
        1e308,
        "\ud800",
        "\0",
        None,
        True,
        {"": {}},
    ],
)
def test_values_that_json_cannot_say_come_back(value: Any) -> None:
    text = verbatim.to_json({"kolom": value})
    text.encode("ascii")
    back = verbatim.from_json(json.loads(text))
    assert repr(back) == repr({"kolom": value})
