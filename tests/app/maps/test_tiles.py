"""Tiles of the sample city, read back by PostGIS' own count of features and GDAL's reader of vector tiles."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import fiona
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.database import db
from app.maps.tiles import tile_cache
from app.places import service as places
from app.runtime import runtime_of
from app.zoning import service as zoning


def tiles_around(west: float, south: float, east: float, north: float, z: int) -> list[tuple[int, int]]:
    """Columns and rows of the tiles that cover a box in degrees (the usual web map scheme)."""

    def column(lon: float) -> int:
        return int((lon + 180) / 360 * 2**z)

    def row(lat: float) -> int:
        return int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)

    return [(x, y) for x in range(column(west), column(east) + 1) for y in range(row(north), row(south) + 1)]


def names_in(tile: bytes, layer: str, folder: Path) -> list[str]:
    """The names of the features of one layer."""
    path = folder / "tile.mvt"
    path.write_bytes(tile)
    with fiona.open(path, layer=layer, driver="MVT", allow_unsupported_drivers=True) as source:
        return [feature.properties["name"] for feature in source]


@pytest.mark.parametrize("z", [10, 12, 14])
def test_each_kelurahan_is_named_once(sample_app: Flask, sample_client: FlaskClient, tmp_path: Path, z: int) -> None:
    """At every zoom, however many tiles its area lies in."""
    with sample_app.app_context():
        version = places.places_version()
        west, south, east, north = db.session.execute(
            text("SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM (SELECT ST_Extent(geom) e FROM area) box")
        ).one()
        expected = set(db.session.scalars(text("SELECT name FROM area WHERE level = 'kelurahan'")))
    named: Counter[str] = Counter()
    for x, y in tiles_around(west, south, east, north, z):
        answer = sample_client.get(f"/api/v1/tiles/area_labels/{version}/{z}/{x}/{y}.mvt")
        if answer.status_code == 200:
            named.update(names_in(answer.data, "area_labels", tmp_path))
    assert named == dict.fromkeys(expected, 1)
    assert len(expected) == 15


def test_a_tile_of_an_older_loading_is_gone(sample_app: Flask, sample_client: FlaskClient) -> None:
    with sample_app.app_context():
        version = places.places_version()
    answer = sample_client.get(f"/api/v1/tiles/parcels/{version + 1}/16/54156/32744.mvt")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


def test_tiles_are_kept_for_ever_and_empty_ones_say_so(sample_app: Flask, sample_client: FlaskClient) -> None:
    with sample_app.app_context():
        version = zoning.registry().timelines()[0].versions[0].version_id
    full = sample_client.get(f"/api/v1/tiles/zones/{version}/10/846/511.mvt")
    assert full.status_code == 200
    assert "immutable" in full.headers["Cache-Control"]
    empty = sample_client.get(f"/api/v1/tiles/zones/{version}/10/0/0.mvt")
    assert (empty.status_code, empty.data) == (204, b"")


@pytest.mark.parametrize("encoding", ["gzip", "identity", "gzip;q=0", "gzip, deflate, br, zstd"])
def test_a_kept_tile_is_the_one_that_was_made(sample_app: Flask, sample_client: FlaskClient, encoding: str) -> None:
    """A tile that the process keeps is sent before Flask begins: the same bytes under the same headers."""
    with sample_app.app_context():
        version = zoning.registry().timelines()[0].versions[0].version_id
    address = f"/api/v1/tiles/zones/{version}/11/1692/1023.mvt"
    tile_cache(runtime_of(sample_app)).clear()
    made = sample_client.get(address, headers={"Accept-Encoding": encoding})
    kept = sample_client.get(address, headers={"Accept-Encoding": encoding})
    assert made.status_code == kept.status_code == 200
    assert made.data == kept.data
    assert sorted(made.headers) == sorted(kept.headers)
    packed = made.headers.get("Content-Encoding") == "gzip"
    assert packed is (encoding in ("gzip", "gzip, deflate, br, zstd"))
    assert made.data.startswith(b"\x1f\x8b") is packed
