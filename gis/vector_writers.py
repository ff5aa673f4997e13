"""Writing GeoPackage and Shapefile so that every column, value and coordinate comes back as it was."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import fiona
import shapely

from gis.archives import COLUMNS_FILE
from gis.errors import FileError, geometry_type
from gis.geojson_stream import Properties, geometry_object
from gis.shapefile_columns import KEY, field_type, short_names, squeeze, write_columns

Record = tuple[shapely.Geometry | None, Properties]

_NATIVE: Final = {"int32", "int64", "int", "float", "bool", "date", "time", "datetime", "bytes"}


def write_geopackage(
    path: Path,
    features: Iterable[Record],
    *,
    columns: Mapping[str, str],
    crs: str,
    layer: str,
    kind: str | None = None,
    append: bool = False,
) -> int:
    """Write a layer of a GeoPackage; returns the number of features.

    features: (geometry, properties), geometry in ``crs``, kept bit by bit with Z and ring order. columns:
    name to type, in order, as ``VectorLayer.columns`` gives them; mixed types ("json") are written as JSON
    text. crs: such as EPSG:4326. kind: fiona's name of the geometry type, for layers that may be empty; default what all
    geometries have. An existing file is replaced, with ``append`` it gets another layer. Raises FileError (column_clash)
    for names that differ in case only.
    """
    _refuse_clashes(columns, "GeoPackage")
    rows = list(features)
    if not append:
        path.unlink(missing_ok=True)
    schema = {
        "geometry": kind or _common_type(geometry for geometry, _ in rows),
        "properties": {name: _geopackage_type(kind) for name, kind in columns.items()},
    }
    with (
        fiona.Env(),
        fiona.open(path, "w", driver="GPKG", crs=crs, schema=schema, layer=layer, encoding="utf-8") as sink,
    ):
        for geometry, properties in rows:
            values = {name: _geopackage_value(properties.get(name), kind) for name, kind in columns.items()}
            sink.write(_record(geometry, values))
    return len(rows)


def write_shapefile_zip(
    path: Path, features: Iterable[Record], *, columns: Mapping[str, str], crs: str, layer: str
) -> int:
    """Write a zipped Shapefile; returns the number of features. Parameters as in ``write_geopackage``.

    What a Shapefile cannot hold goes into ``columns.csv`` in the same archive (see ``shapefile_columns``),
    from which ``open_layer`` restores it. A Shapefile turns outer rings clockwise: geometries come back
    equal, not bit by bit.
    """
    rows = list(features)
    short = short_names(columns)
    schema = {
        "geometry": _shapefile_type(_common_type(geometry for geometry, _ in rows)),
        "properties": {KEY: "int:9"} | {short[name]: field_type(kind) for name, kind in columns.items()},
    }
    with tempfile.TemporaryDirectory(prefix="shapefile-") as folder:
        main = Path(folder) / f"{layer}.shp"
        with (
            fiona.Env(),
            fiona.open(main, "w", driver="ESRI Shapefile", crs=crs, schema=schema, encoding="utf-8") as sink,
        ):
            for number, (geometry, properties) in enumerate(rows, start=1):
                values = {short[name]: squeeze(properties.get(name), kind) for name, kind in columns.items()}
                sink.write(_record(geometry, {KEY: number} | values))
        write_columns(main.parent / COLUMNS_FILE, (properties for _, properties in rows), columns)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for item in sorted(main.parent.iterdir()):
                archive.write(item, item.name)
    return len(rows)


def _record(geometry: shapely.Geometry | None, values: Properties) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry_object(geometry), "properties": values}


def _common_type(geometries: Iterable[shapely.Geometry | None]) -> str:
    """fiona's name of the type that all geometries have; "Unknown" where they differ or there are none."""
    found = {
        ("3D " if shapely.has_z(geometry) else "") + geometry_type(geometry)
        for geometry in geometries
        if geometry is not None
    }
    return found.pop() if len(found) == 1 else ("Unknown" if found else "None")


def _shapefile_type(common: str) -> str:
    """A Shapefile has one type for polygons of one and of several parts, and no mixture of others."""
    return "Polygon" if common in ("Unknown", "None") else common.replace("Multi", "")


def _geopackage_type(kind: str) -> str:
    base = kind.partition(":")[0]
    return kind if base in _NATIVE or base == "str" else "str"


def _geopackage_value(value: Any, kind: str) -> Any:
    """A value of mixed type as JSON text; all others as they are."""
    if value is None or kind.partition(":")[0] in _NATIVE or (isinstance(value, str) and kind != "json"):
        return value
    return json.dumps(value, ensure_ascii=False)


def _refuse_clashes(columns: Iterable[str], file_format: str) -> None:
    seen: dict[str, str] = {}
    for name in columns:
        other = seen.setdefault(name.lower(), name)
        if other != name:
            raise FileError("column_clash", first=other, second=name, format=file_format)
