"""A GeoPackage of places: two kelurahan, an RT, streets, landmarks, parcels; any layer may be changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import fiona
from shapely.geometry import LineString, MultiPolygon, Point, box, mapping

Row = dict[str, Any]
_SCHEMAS = {
    "areas": ("Unknown", ("level", "code", "bps_code", "name", "parent_code", "aliases")),
    "roads": ("Unknown", ("name", "road_class")),
    "landmarks": ("Unknown", ("name", "kind", "aliases", "kelurahan_code")),
    "parcels": ("Unknown", ("nib", "kelurahan_code")),
}


def place_rows(west: float = 117.48, south: float = 0.12) -> dict[str, list[Row]]:
    """Rows of all four layers, with their geometry under "geom". west, south: corner of a square of 0.01 degree."""
    east, north, middle = west + 0.01, south + 0.01, west + 0.005
    left, right = box(west, south, middle, north), box(middle, south, east, north)
    return {
        "areas": [
            {"level": "city", "code": "99.01", "name": "Kota Contoh", "geom": left.union(right)},
            {
                "level": "kecamatan",
                "code": "99.01.01",
                "name": "Contoh Utara",
                "parent_code": "99.01",
                "geom": left.union(right),
            },
            {
                "level": "kelurahan",
                "code": "99.01.01.1001",
                "bps_code": "9901010001",
                "name": "Api-api",
                "parent_code": "99.01.01",
                "aliases": "Api Api;Apiapi",
                "geom": left,
            },
            {
                "level": "kelurahan",
                "code": "99.01.01.1002",
                "name": "Loktuan",
                "parent_code": "99.01.01",
                "geom": right,
            },
            {
                "level": "rt",
                "code": "99.01.01.1001.003",
                "name": "RT 03 Api-api",
                "parent_code": "99.01.01.1001",
                "geom": box(west, south, west + 0.002, south + 0.002),
            },
            {
                "level": "sea",
                "code": "laut",
                "name": "Laut Contoh",
                "geom": MultiPolygon([box(east, south, east + 0.01, north)]),
            },
        ],
        "roads": [
            {
                "name": "Jalan Bhayangkara",
                "road_class": "kolektor",
                "geom": LineString([(west, south), (middle, north)]),
            },
            {
                "name": "Jalan Bhayangkara",
                "road_class": "kolektor",
                "geom": LineString([(middle, north), (east, north)]),
            },
            {"name": None, "road_class": "lingkungan", "geom": LineString([(west, north), (east, south)])},
        ],
        "landmarks": [
            {
                "name": "Masjid Al-Ikhlas",
                "kind": "masjid",
                "aliases": "masjid raya",
                "kelurahan_code": "99.01.01.1001",
                "geom": Point(west + 0.001, south + 0.001),
            },
            {
                "name": "Pasar Rawa Indah",
                "kind": "pasar",
                "kelurahan_code": "99.01.01.1002",
                "geom": Point(east - 0.001, north - 0.001),
            },
        ],
        "parcels": [
            {
                "nib": "17070101000001",
                "kelurahan_code": "99.01.01.1001",
                "geom": box(west, south, west + 0.0002, south + 0.0002),
            },
            {
                "nib": "17070101000002",
                "kelurahan_code": "99.01.01.1001",
                "geom": MultiPolygon([box(west + 0.0009, south, west + 0.0011, south + 0.0002)]),
            },
        ],
    }


def write_places(path: Path, rows: dict[str, list[Row]] | None = None, *, crs: str = "EPSG:4326") -> Path:
    """A GeoPackage with a layer for each key."""
    path.unlink(missing_ok=True)
    for layer, items in (rows or place_rows()).items():
        geometry, columns = _SCHEMAS[layer]
        schema = {"geometry": geometry, "properties": dict.fromkeys(columns, "str")}
        with fiona.open(path, "w", driver="GPKG", layer=layer, crs=crs, schema=schema) as sink:
            for row in items:
                properties = {column: row.get(column) for column in columns}
                geom = row["geom"]
                sink.write(
                    {
                        "type": "Feature",
                        "geometry": mapping(geom) if geom is not None else None,
                        "properties": properties,
                    }
                )
    return path


def changed(layer: str, change: Callable[[list[Row]], object]) -> dict[str, list[Row]]:
    """The rows with one layer changed."""
    rows = place_rows()
    change(rows[layer])
    return rows
