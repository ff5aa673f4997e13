"""One bad feature costs one feature; what is wrong with a file is said before the first one."""

from __future__ import annotations

import json
import os
import struct
import zipfile
from pathlib import Path
from typing import Any

import fiona
import pytest
import shapely

from gis.errors import CrsError, FileError, GisError, LimitExceeded
from gis.vector_files import Limits, SourceFeature, open_layer, write_geopackage, write_shapefile_zip

REGION = (117.2, -0.1, 117.7, 0.3)
COLUMNS = {"KODSZN": "str", "LUASHA": "float", "FID_1": "int64"}


def square(west: float, south: float, size: float = 0.01) -> shapely.Polygon:
    return shapely.box(west, south, west + size, south + size)


ROWS: list[tuple[shapely.Geometry | None, dict[str, Any]]] = [
    (square(117.40, 0.10), {"KODSZN": "R-2", "LUASHA": 0.1 + 0.2, "FID_1": 2**53 + 1}),
    (square(117.41, 0.10), {"KODSZN": "", "LUASHA": None, "FID_1": 2}),
    (square(117.42, 0.10), {"KODSZN": None, "LUASHA": 1e-9, "FID_1": None}),
]


def geojson(path: Path, geometries: list[Any], **members: Any) -> Path:
    features = [
        {"type": "Feature", "properties": {"n": number}, "geometry": geometry}
        for number, geometry in enumerate(geometries, start=1)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", **members, "features": features}), encoding="utf-8")
    return path


def as_object(geometry: shapely.Geometry) -> Any:
    return json.loads(shapely.to_geojson(geometry))


def read(path: Path, **options: Any) -> list[SourceFeature]:
    with open_layer(path, **{"region": REGION, **options}) as layer:
        return list(layer)


def shapefile(folder: Path, name: str = "zones", crs: str | None = "EPSG:4326") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.shp"
    schema = {"geometry": "Polygon", "properties": {"KODSZN": "str:20"}}
    with fiona.open(path, "w", driver="ESRI Shapefile", crs=crs, schema=schema) as sink:
        for geometry, properties in ROWS:
            record = {"geometry": as_object(geometry), "properties": {"KODSZN": properties["KODSZN"]}}
            sink.write(record)
    return path


def zipped(path: Path, folder: Path, inside: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in sorted(folder.rglob("*")):
            if item.is_file():
                archive.write(item, inside + item.relative_to(folder).as_posix())
    return path


def test_bad_features_are_handed_out_with_number_place_and_reason(tmp_path: Path) -> None:
    bowtie = {
        "type": "Polygon",
        "coordinates": [[[117.4, 0.1], [117.5, 0.2], [117.5, 0.1], [117.4, 0.2], [117.4, 0.1]]],
    }
    path = geojson(
        tmp_path / "zones.geojson",
        [
            as_object(square(117.4, 0.1)),
            None,
            {"type": "Polygon", "coordinates": [[["x", 0.1], [117.5, 0.1], [117.5, 0.2], [117.4, 0.1]]]},
            bowtie,
            as_object(shapely.Point(117.4, 0.1)),
            as_object(square(100.0, 5.0)),
            {"type": "Polygon", "coordinates": []},
            as_object(square(117.41, 0.1)),
        ],
    )
    features = read(path)
    codes = [feature.problem.code if feature.problem else None for feature in features]
    assert codes == [
        None,
        "geometry_missing",
        "geometry_malformed",
        "invalid_geometry",
        "geometry_type",
        "outside_region",
        "geometry_missing",
        None,
    ]
    assert [feature.number for feature in features] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [feature.properties["n"] for feature in features] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [feature.refused for feature in features] == [False, True, True, False, True, True, True, False]
    invalid, outside = features[3].problem, features[5].problem
    assert invalid is not None
    assert outside is not None
    assert (invalid.lon, invalid.lat) == pytest.approx((117.45, 0.15))
    assert (outside.lon, outside.lat) == pytest.approx((100.005, 5.005))
    assert "Self-intersection" in invalid.message


def test_a_layer_can_be_read_again_and_knows_its_length(tmp_path: Path) -> None:
    path = geojson(tmp_path / "zones.geojson", [as_object(square(117.4, 0.1))] * 3, name="POLARUANG")
    with open_layer(path, region=REGION) as layer:
        assert len(layer) == 3
        assert len(list(layer)) == len(list(layer)) == 3
        assert layer.name == "POLARUANG"
        assert layer.columns == {"n": "int64"}
        assert layer.source_crs.name == "OGC:CRS84"


def test_degrees_are_the_very_same_object_and_metres_are_converted(tmp_path: Path) -> None:
    (feature,) = read(geojson(tmp_path / "a.geojson", [as_object(square(117.4, 0.1))]))
    assert feature.lonlat is feature.geometry
    metres = shapely.box(544_500, 11_000, 545_500, 12_000)
    path = geojson(
        tmp_path / "b.geojson", [as_object(metres)], crs={"type": "name", "properties": {"name": "EPSG:32650"}}
    )
    (feature,) = read(path)
    assert feature.geometry == metres
    assert feature.lonlat is not None
    assert feature.lonlat.bounds == pytest.approx((117.39990, 0.09952, 117.40889, 0.10856), abs=1e-4)


def test_heights_are_kept(tmp_path: Path) -> None:
    ring = [[117.4, 0.1, 5.5], [117.5, 0.1, 6.0], [117.5, 0.2, 7.25], [117.4, 0.1, 5.5]]
    (feature,) = read(geojson(tmp_path / "a.geojson", [{"type": "Polygon", "coordinates": [ring]}]))
    assert feature.geometry is not None
    assert shapely.get_coordinates(feature.geometry, include_z=True).tolist() == ring


def test_values_come_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    polygon = as_object(square(117.4, 0.1))
    values = {
        "big": 12345678901234567890,
        "empty": "",
        "null": None,
        "date": "2023/01/05",
        "float": 32103400.0,
        "mix": 1,
    }
    features = [
        {"type": "Feature", "properties": values, "geometry": polygon},
        {"type": "Feature", "properties": {"mix": "R-2"}, "geometry": polygon},
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    with open_layer(path, region=REGION) as layer:
        first, second = layer
        assert first.properties == values
        assert repr(first.properties["float"]) == "32103400.0"
        assert second.properties == {"mix": "R-2"}
        assert list(layer.columns) == list(values)
        assert layer.columns["mix"] == "json"


@pytest.mark.parametrize(
    ("members", "geometry", "code"),
    [
        ({"crs": None}, square(117.4, 0.1), "crs_missing"),
        ({}, shapely.box(544_500, 11_000, 545_500, 12_000), "crs_metres_as_degrees"),
        ({}, square(117.4, -0.25), "crs_wrong_hemisphere"),
        ({}, square(0.1, 117.4), "crs_axes_swapped"),
        ({}, square(100.0, 5.0), "crs_outside_region"),
    ],
)
def test_a_crs_that_cannot_be_right_is_an_error(
    tmp_path: Path, members: dict[str, Any], geometry: shapely.Geometry, code: str
) -> None:
    path = geojson(tmp_path / "zones.geojson", [as_object(geometry)] * 3, **members)
    with pytest.raises(CrsError) as caught:
        open_layer(path, region=REGION)
    assert caught.value.code == code


def test_a_stated_crs_mends_a_missing_or_wrong_one(tmp_path: Path) -> None:
    path = geojson(tmp_path / "zones.geojson", [as_object(shapely.box(544_500, 11_000, 545_500, 12_000))])
    (feature,) = read(path, crs="EPSG:32650")
    assert feature.problem is None


def test_the_kind_of_features_can_be_chosen(tmp_path: Path) -> None:
    path = geojson(tmp_path / "roads.geojson", [as_object(shapely.LineString([(117.4, 0.1), (117.5, 0.1)]))])
    assert read(path)[0].refused
    assert read(path, geometry="line")[0].problem is None
    assert read(path, geometry="any")[0].problem is None


# Shapefiles and archives


def test_a_shapefile_is_read_plain_and_zipped_in_any_folder(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "shp")
    assert [feature.properties["KODSZN"] for feature in read(path)] == ["R-2", None, None]
    assert len(read(zipped(tmp_path / "flat.zip", path.parent))) == 3
    assert len(read(zipped(tmp_path / "deep.zip", path.parent, "RDTR/2023/pola ruang/"))) == 3


def test_upper_case_parts_belong_together(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "shp")
    for item in list(path.parent.iterdir()):
        item.rename(item.with_suffix(item.suffix.upper()))
    assert len(read(path.with_suffix(".SHP"))) == 3


def test_a_missing_index_is_made_anew_and_said(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "shp")
    expected = path.with_suffix(".shx").read_bytes()
    path.with_suffix(".shx").unlink()
    before = sorted(item.name for item in path.parent.iterdir())
    with open_layer(path, region=REGION) as layer:
        assert [note.code for note in layer.notes] == ["shx_restored"]
        assert len(list(layer)) == 3
        assert expected
    assert sorted(item.name for item in path.parent.iterdir()) == before


def test_a_missing_prj_is_a_missing_crs(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "shp")
    path.with_suffix(".prj").unlink()
    with pytest.raises(CrsError) as caught:
        open_layer(path, region=REGION)
    assert caught.value.code == "crs_missing"
    assert ".prj" in (caught.value.hint or "")
    assert len(read(path, crs="EPSG:4326")) == 3


def test_a_missing_table_is_an_error(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "shp")
    path.with_suffix(".dbf").unlink()
    with pytest.raises(FileError) as caught:
        open_layer(path, region=REGION)
    assert caught.value.code == "shapefile_incomplete"
    assert ".dbf" in str(caught.value)


@pytest.mark.parametrize("part", [".shp", ".dbf", ".shx"])
@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.95])
def test_a_shapefile_that_was_cut_off_is_an_error(tmp_path: Path, part: str, kept: float) -> None:
    path = shapefile(tmp_path / "shp")
    target = path.with_suffix(part)
    content = target.read_bytes()
    target.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(GisError):
        open_layer(path, region=REGION)


def test_a_zip_bomb_is_refused_from_its_directory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zones.geojson", b"0" * 50_000_000)
    with pytest.raises(LimitExceeded) as caught:
        open_layer(path, region=REGION)
    assert caught.value.code == "zip_bomb"
    with pytest.raises(LimitExceeded):
        open_layer(path, region=REGION, limits=Limits(unpacked_bytes=1_000_000, unpacked_ratio=10**9))


def test_an_archive_may_not_lead_outside(tmp_path: Path) -> None:
    path = tmp_path / "slip.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../zones.geojson", "{}")
    with pytest.raises(FileError) as caught:
        open_layer(path, region=REGION)
    assert caught.value.code == "zip_unsafe_name"


def test_archives_without_or_with_several_layers(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing here")
    with pytest.raises(FileError) as caught:
        open_layer(tmp_path / "none.zip", region=REGION)
    assert caught.value.code == "zip_no_layer"
    shapefile(tmp_path / "shp", "roads")
    both = zipped(tmp_path / "both.zip", shapefile(tmp_path / "shp", "zones").parent)
    with pytest.raises(FileError) as caught:
        open_layer(both, region=REGION)
    assert caught.value.code == "zip_several_layers"
    assert "roads.shp, zones.shp" in str(caught.value)
    assert len(read(both, layer="zones")) == 3


def test_a_damaged_archive_is_an_error(tmp_path: Path) -> None:
    path = zipped(tmp_path / "zones.zip", shapefile(tmp_path / "shp").parent)
    content = path.read_bytes()
    for kept in (0.1, 0.5, 0.9):
        path.write_bytes(content[: int(len(content) * kept)])
        with pytest.raises(FileError) as caught:
            open_layer(path, region=REGION)
        assert caught.value.code == "zip_damaged"


# GeoPackage, FileGDB, KML


def test_several_layers_need_a_name(tmp_path: Path) -> None:
    path = tmp_path / "plan.gpkg"
    schema = {"geometry": "Polygon", "properties": {"KODSZN": "str"}}
    for name in ("zones", "blocks"):
        with fiona.open(path, "w", driver="GPKG", crs="EPSG:4326", schema=schema, layer=name) as sink:
            sink.write({"geometry": as_object(square(117.4, 0.1)), "properties": {"KODSZN": name}})
    with pytest.raises(FileError) as caught:
        open_layer(path, region=REGION)
    assert caught.value.code == "layer_ambiguous"
    assert "zones, blocks" in str(caught.value)
    assert read(path, layer="blocks")[0].properties == {"KODSZN": "blocks"}
    with pytest.raises(FileError) as caught:
        open_layer(path, layer="roads", region=REGION)
    assert caught.value.code == "layer_missing"


@pytest.mark.parametrize("kept", [0.01, 0.3, 0.6, 0.9, 0.99])
def test_a_geopackage_that_was_cut_off_is_an_error(tmp_path: Path, kept: float) -> None:
    path = tmp_path / "zones.gpkg"
    write_geopackage(path, ROWS * 40, columns=COLUMNS, crs="EPSG:4326", layer="zones")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(GisError) as caught:
        open_layer(path, region=REGION)
    assert caught.value.code in ("file_unreadable", "file_damaged")


@pytest.mark.parametrize("name", ["zones.gpkg", "zones.shp", "zones.kml", "zones.geojson", "zones.zip"])
def test_rubbish_is_refused_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(os.urandom(5_000))
    path.with_suffix(".dbf").write_bytes(os.urandom(100))
    with pytest.raises(GisError) as caught:
        open_layer(path, region=REGION)
    assert caught.value.hint


def test_a_file_geodatabase_is_read_as_a_folder_and_zipped(tmp_path: Path) -> None:
    database = tmp_path / "plan.gdb"
    schema = {"geometry": "Polygon", "properties": {"KODSZN": "str", "LUASHA": "float"}}
    with fiona.open(database, "w", driver="OpenFileGDB", crs="EPSG:4326", schema=schema, layer="zones") as sink:
        sink.write(
            {"geometry": as_object(square(117.4, 0.1)), "properties": {"KODSZN": "R-2", "LUASHA": 0.30000000000000004}}
        )
    assert read(database)[0].properties == {"KODSZN": "R-2", "LUASHA": 0.30000000000000004}
    archive = zipped(tmp_path / "plan.gdb.zip", tmp_path / "plan.gdb", "plan.gdb/")
    assert read(archive)[0].properties["KODSZN"] == "R-2"


KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document id="d"><Schema name="z" id="z">
<SimpleField name="KODSZN" type="string"/></Schema><Folder><name>zones</name><Placemark><name>Satu</name>
<ExtendedData><SchemaData schemaUrl="#z"><SimpleData name="KODSZN">R-2</SimpleData></SchemaData></ExtendedData>
<Polygon><outerBoundaryIs><LinearRing><coordinates>117.4,0.1 117.41,0.1 117.41,0.11 117.4,0.1</coordinates></LinearRing>
</outerBoundaryIs></Polygon></Placemark></Folder></Document></kml>
"""


def test_kml_keeps_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "zones.kml"
    path.write_text(KML, encoding="utf-8")
    (feature,) = read(path)
    assert feature.problem is None
    assert feature.properties == {"Name": "Satu", "description": None, "KODSZN": "R-2"}
    with zipfile.ZipFile(tmp_path / "zones.kmz", "w") as archive:
        archive.write(path, "doc.kml")
    assert read(tmp_path / "zones.kmz")[0].properties["KODSZN"] == "R-2"


def test_kml_that_was_cut_off_or_brings_entities_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "zones.kml"
    path.write_text(KML[:-30], encoding="utf-8")
    with pytest.raises(FileError, match="ends in the middle"):
        open_layer(path, region=REGION)
    path.write_text(KML.replace("<kml", '<!DOCTYPE kml [<!ENTITY a "b">]><kml', 1), encoding="utf-8")
    with pytest.raises(FileError, match="document type"):
        open_layer(path, region=REGION)


# Limits and paths


def test_limits_are_kept(tmp_path: Path) -> None:
    path = geojson(tmp_path / "zones.geojson", [as_object(square(117.4, 0.1))] * 10)
    for limits, code in (
        (Limits(file_bytes=100), "file_too_large"),
        (Limits(features=9), "too_many_features"),
        (Limits(vertices=49), "too_many_vertices"),
    ):
        with pytest.raises(LimitExceeded) as caught:
            open_layer(path, region=REGION, limits=limits)
        assert caught.value.code == code
    assert len(read(path, limits=Limits(features=10, vertices=50))) == 10


@pytest.mark.parametrize(
    ("name", "code"),
    [("nowhere.geojson", "file_not_found"), ("empty.geojson", "file_empty"), ("zones.dwg", "file_format")],
)
def test_paths_that_lead_to_no_layer(tmp_path: Path, name: str, code: str) -> None:
    if code != "file_not_found":
        (tmp_path / name).write_bytes(b"" if code == "file_empty" else b"x")
    with pytest.raises(FileError) as caught:
        open_layer(tmp_path / name)
    assert caught.value.code == code


def test_a_layer_without_features_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        open_layer(geojson(tmp_path / "zones.geojson", []))
    assert caught.value.code == "layer_empty"


def test_nothing_unpacked_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    archive = zipped(tmp_path / "zones.zip", shapefile(tmp_path / "shp").parent)
    with open_layer(archive, region=REGION) as layer:
        assert len(list(layer)) == 3
        assert list(scratch.iterdir())
    assert list(scratch.iterdir()) == []
    with pytest.raises(CrsError):
        open_layer(archive, region=(0.0, 0.0, 1.0, 1.0))
    assert list(scratch.iterdir()) == []


# Writing


def test_a_geopackage_brings_everything_back(tmp_path: Path) -> None:
    path = tmp_path / "zones.gpkg"
    assert write_geopackage(path, ROWS, columns=COLUMNS, crs="EPSG:4326", layer="zones") == 3
    with open_layer(path, region=REGION) as layer:
        features = list(layer)
        assert list(layer.columns) == list(COLUMNS)
    assert [feature.properties for feature in features] == [properties for _, properties in ROWS]
    assert [shapely.to_wkb(feature.geometry) for feature in features] == [shapely.to_wkb(item) for item, _ in ROWS]


def test_a_geopackage_keeps_kinds_heights_and_gaps(tmp_path: Path) -> None:
    path = tmp_path / "zones.gpkg"
    high = shapely.from_wkt("POLYGON Z((117.4 0.1 1.5, 117.41 0.1 2, 117.41 0.11 3, 117.4 0.1 1.5))")
    rows: list[tuple[shapely.Geometry | None, dict[str, Any]]] = [
        (high, {"a": {"b": [1]}}),
        (shapely.MultiPolygon([square(117.4, 0.1), square(117.43, 0.1)]), {"a": 1}),
        (None, {}),
    ]
    write_geopackage(path, rows, columns={"a": "json"}, crs="EPSG:4326", layer="zones")
    features = read(path)
    assert [feature.geometry for feature in features] == [geometry for geometry, _ in rows]
    assert shapely.get_coordinates(features[0].geometry, include_z=True)[1, 2] == 2
    assert [feature.properties["a"] for feature in features] == ['{"b": [1]}', "1", None]


def test_column_names_that_differ_in_case_only_do_not_fit(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        write_geopackage(tmp_path / "a.gpkg", ROWS, columns={"kode": "str", "KODE": "str"}, crs="EPSG:4326", layer="a")
    assert caught.value.code == "column_clash"


LONG_ROWS: list[tuple[shapely.Geometry | None, dict[str, Any]]] = [
    (square(117.40, 0.10), {"nama_objek_satu": "a" * 400, "nama_objek_dua": 0.1 + 0.2, "kode": "", "besar": 10**20}),
    (square(117.41, 0.10), {"nama_objek_satu": "é" * 200, "nama_objek_dua": 1e300, "kode": None, "besar": None}),
    (square(117.42, 0.10), {"nama_objek_satu": "kecil", "nama_objek_dua": -0.5}),
]
LONG_COLUMNS = {"nama_objek_satu": "str", "nama_objek_dua": "float", "kode": "str", "besar": "json"}


def test_a_shapefile_brings_back_what_it_cannot_hold(tmp_path: Path) -> None:
    path = tmp_path / "zones.zip"
    write_shapefile_zip(path, LONG_ROWS, columns=LONG_COLUMNS, crs="EPSG:4326", layer="zones")
    with open_layer(path, region=REGION) as layer:
        features = list(layer)
        assert [note.code for note in layer.notes] == ["columns_restored"]
        assert list(layer.columns) == list(LONG_COLUMNS)
    assert [feature.properties for feature in features] == [properties for _, properties in LONG_ROWS]
    for feature, (geometry, _) in zip(features, LONG_ROWS, strict=True):
        assert shapely.equals_exact(feature.geometry, geometry, normalize=True)


def test_an_edit_in_the_shapefile_wins_over_the_table_beside_it(tmp_path: Path) -> None:
    write_shapefile_zip(tmp_path / "a.zip", LONG_ROWS, columns=LONG_COLUMNS, crs="EPSG:4326", layer="zones")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(tmp_path / "edit")
    with fiona.open(tmp_path / "edit" / "zones.shp") as source:
        schema, records = source.schema, list(source)
    # The first zone is deleted and the others change places, one of them with a new name.
    with fiona.open(
        tmp_path / "edit" / "zones.shp", "w", driver="ESRI Shapefile", crs="EPSG:4326", schema=schema
    ) as sink:
        sink.write(records[2])
        sink.write({**records[1].__geo_interface__, "properties": {**records[1].properties, "nama_objek": "besar"}})
    first, second = read(zipped(tmp_path / "b.zip", tmp_path / "edit"))
    assert first.properties == LONG_ROWS[2][1]
    assert second.properties["nama_objek_satu"] == "besar"
    assert second.properties["nama_objek_dua"] == 1e300


def test_the_shx_made_anew_is_that_of_the_format(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "shp")
    index = path.with_suffix(".shx").read_bytes()
    path.with_suffix(".shx").unlink()
    with open_layer(path, region=REGION) as layer:
        made = next(Path(layer._folder.name).rglob("*.shx")).read_bytes()  # type: ignore[union-attr]
    assert made == index
    assert struct.unpack(">i", made[24:28])[0] * 2 == len(made)
