"""The same few zones in every file format, and files that are broken in one way each."""

from __future__ import annotations

import csv
import json
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import fiona
import shapely
from shapely.geometry import mapping, shape

from gis.crs import MetricCrs

Features = Sequence[Mapping[str, Any]]
_SCHEMA = {"NAMOBJ": "str:50", "KODSZN": "str:20", "KODBLK": "str:20", "KRB_03": "str:50", "LUASHA": "float:24.6"}
_DRIVERS = {".gpkg": "GPKG", ".shp": "ESRI Shapefile"}


def write(path: Path, features: Features, *, crs: str | None = "EPSG:4326", layer: str | None = None) -> Path:
    """A GeoPackage or Shapefile by fiona, not by the code under test. Coordinates are written as they are."""
    schema = {"geometry": "Polygon", "properties": _SCHEMA}
    options = {"layer": layer} if layer else {}
    with fiona.open(path, "w", driver=_DRIVERS[path.suffix], crs=crs, schema=schema, **options) as sink:
        for item in features:
            values = {name: item["properties"].get(name) for name in _SCHEMA}
            sink.write({"type": "Feature", "geometry": item["geometry"], "properties": values})
    return path


def zipped(shp: Path, *, without: Sequence[str] = (), name: str = "zones.zip") -> Path:
    """The parts of a Shapefile in an archive."""
    path = shp.parent / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(shp.parent.glob(f"{shp.stem}.*")):
            if part.suffix not in (*without, ".zip"):
                archive.write(part, part.name)
    return path


def in_metres(features: Features, plane: MetricCrs) -> list[dict[str, Any]]:
    """The same features with UTM metres for degrees."""
    return [{**item, "geometry": mapping(plane.to_metric(shape(item["geometry"])))} for item in features]


def geojson(path: Path, features: Features, **members: Any) -> Path:
    """GeoJSON with members of the caller's choice."""
    path.write_text(json.dumps({"type": "FeatureCollection", **members, "features": list(features)}))
    return path


def cut(path: Path, share: float = 0.6) -> Path:
    """The same file, broken off after a share of its bytes."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def zip_bomb(path: Path) -> Path:
    """100 MB of blanks in 100 KB."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zones.geojson", b" " * 100_000_000)
    return path


def protected_zip(path: Path, content: bytes = b"{}") -> Path:
    """An archive whose one member is marked as encrypted, which Python cannot write itself."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("zones.geojson", content)
    data = bytearray(path.read_bytes())
    directory = data.index(b"PK\x01\x02")
    for at in (6, directory + 8):
        struct.pack_into("<H", data, at, 1)
    path.write_bytes(bytes(data))
    return path


def mirrored(features: Features) -> list[dict[str, Any]]:
    """The same features on the other side of the equator."""
    turned = (shapely.transform(shape(item["geometry"]), lambda xy: xy * [1, -1]) for item in features)
    return [{**item, "geometry": mapping(geometry)} for item, geometry in zip(features, turned, strict=True)]


def findings(folder: Path) -> list[dict[str, str]]:
    """The table of the import report in the folder."""
    with (folder / "report" / "findings.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
