"""GeoJSON comes and goes exactly as it is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis import geojson_stream
from gis.errors import FileError
from gis.geojson_stream import GeoJsonFile, MalformedGeometryError, parse_geometry, write_geojson

RING = [[117.4, 0.1], [117.5, 0.1], [117.5, 0.2], [117.4, 0.1]]
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=20)
)


def collection(features: list[Any], **members: Any) -> str:
    return json.dumps({"type": "FeatureCollection", **members, "features": features})


def feature(properties: dict[str, Any], geometry: Any = None) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


@given(
    rows=st.lists(st.dictionaries(st.text(min_size=1, max_size=8), VALUES, max_size=5), max_size=8),
    chunk=st.integers(1, 40),
    indent=st.sampled_from([None, 2]),
)
def test_values_types_and_order_survive_in_chunks_of_any_size(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], chunk: int, indent: int | None
) -> None:
    path = tmp_path_factory.mktemp("geojson") / "a.geojson"
    document = {"type": "FeatureCollection", "features": [feature(row) for row in rows], "name": "zona"}
    path.write_text(json.dumps(document, indent=indent, ensure_ascii=False), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geojson_stream, "_CHUNK", chunk)
        found = [item["properties"] for item in GeoJsonFile(path).features()]
    assert found == rows
    assert [list(row.items()) for row in found] == [list(row.items()) for row in rows]
    assert [[type(value) for value in row.values()] for row in found] == [
        [type(value) for value in row.values()] for row in rows
    ]


@given(
    coordinates=st.lists(
        st.tuples(st.floats(-180, 180), st.floats(-90, 90), st.floats(-100, 9000)), min_size=3, max_size=12
    ),
    with_height=st.booleans(),
)
def test_coordinates_come_back_bit_by_bit(
    tmp_path_factory: pytest.TempPathFactory, coordinates: list[tuple[float, float, float]], with_height: bool
) -> None:
    path = tmp_path_factory.mktemp("geojson") / "a.geojson"
    ring = [position if with_height else position[:2] for position in [*coordinates, coordinates[0]]]
    polygon = shapely.Polygon(ring)
    assert write_geojson(path, iter([(polygon, {"a": 1}), (None, {})]), name="zona", crs="EPSG:4326") == 2
    first, second = GeoJsonFile(path).features()
    read = parse_geometry(first["geometry"])
    assert read is not None
    assert shapely.to_wkb(read) == shapely.to_wkb(polygon)
    assert second["geometry"] is None


@pytest.mark.parametrize(
    ("members", "crs"),
    [
        ({}, "OGC:CRS84"),
        ({"crs": None}, None),
        (
            {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32650"}}},
            "urn:ogc:def:crs:EPSG::32650",
        ),
        ({"crs": {"type": "link", "properties": {"href": "http://example.invalid/"}}}, '{"type": "link"'),
    ],
)
def test_the_older_crs_member_is_read_and_no_link_is_followed(
    tmp_path: Path, members: dict[str, Any], crs: str | None
) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(collection([feature({})], **members), encoding="utf-8")
    document = GeoJsonFile(path)
    list(document.features())
    assert document.crs == crs or (crs is not None and (document.crs or "").startswith(crs))


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("", "file_unreadable", "ends in the middle"),
        ("hello", "file_unreadable", "{ expected"),
        ('{"type": "Topology"}', "file_unreadable", "not a FeatureCollection"),
        ('{"type": "FeatureCollection"}', "file_unreadable", "not a FeatureCollection"),
        (collection([feature({})])[:-1], "file_damaged", "after feature 1: the file ends in the middle"),
        (collection([feature({}), feature({})])[:-20], "file_damaged", "after feature 1"),
        (collection([feature({"a": "b"})])[:60], "file_unreadable", "ends in the middle"),
        (collection([feature({})]) + "x", "file_damaged", "something follows"),
        ('{"type": "FeatureCollection", "features": [{"a": tru}]}', "file_unreadable", "expecting value"),
        ('{"features": ' + "[" * 100_000, "file_unreadable", "nested too deeply"),
    ],
)
def test_damage_is_told_with_its_place(tmp_path: Path, text: str, code: str, said: str) -> None:
    path = tmp_path / "zones.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError) as caught:
        list(GeoJsonFile(path).features())
    assert caught.value.code == code
    assert said in str(caught.value)
    assert caught.value.hint


def test_text_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "zones.geojson"
    path.write_bytes(collection([feature({"a": "x"})]).replace("x", "é").encode("latin-1"))
    with pytest.raises(FileError, match="not UTF-8"):
        list(GeoJsonFile(path).features())


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "zones.geojson"
    path.write_text("\ufeff" + collection([feature({"a": 1})]), encoding="utf-8")
    assert [item["properties"] for item in GeoJsonFile(path).features()] == [{"a": 1}]


def test_one_feature_or_one_geometry_is_a_layer_too(tmp_path: Path) -> None:
    path = tmp_path / "zone.geojson"
    polygon = {"type": "Polygon", "coordinates": [RING]}
    path.write_text(json.dumps(feature({"a": 1}, polygon)), encoding="utf-8")
    assert [item["properties"] for item in GeoJsonFile(path).features()] == [{"a": 1}]
    path.write_text(json.dumps(polygon), encoding="utf-8")
    assert [item["geometry"] for item in GeoJsonFile(path).features()] == [polygon]


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        ("x", "not an object"),
        ({"type": "Polygon"}, "no coordinates"),
        ({"type": "Blob", "coordinates": []}, "not a kind of geometry"),
        ({"type": "Polygon", "coordinates": [[["x", 0.1], *RING[1:]]]}, '"x" is not a number'),
        ({"type": "Polygon", "coordinates": [[[True, 0.1], *RING[1:]]]}, "true is not a number"),
        ({"type": "Polygon", "coordinates": [[[float("nan"), 0.1], *RING[1:]]]}, "not a finite number"),
        ({"type": "Polygon", "coordinates": [[[117.4], *RING[1:]]]}, "1 numbers"),
        ({"type": "Polygon", "coordinates": [RING[:2]]}, "2 positions, 4 are needed"),
        ({"type": "Polygon", "coordinates": [[*RING[:3], [117.4, 0.3]]]}, "not closed"),
        ({"type": "Polygon", "coordinates": RING}, "not nested"),
        ({"type": "Polygon", "coordinates": [[[*RING[0], 5], *RING[1:3], [*RING[0], 5]]]}, "some have none"),
        ({"type": "GeometryCollection"}, "no geometries"),
    ],
)
def test_a_malformed_geometry_says_why(geometry: Any, reason: str) -> None:
    with pytest.raises(MalformedGeometryError, match=reason):
        parse_geometry(geometry)
