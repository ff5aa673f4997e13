"""Where features come from: one class per way of reading, all with the same few attributes.

fiona streams GeoPackage, Shapefile and FileGDB; pyogrio reads KML, as fiona has no driver that keeps its
columns; GeoJSON has a reader of its own (``geojson_stream``), as GDAL does not keep its values.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import fiona
import numpy as np
import shapely
from fiona.errors import FionaError, FionaValueError
from shapely.errors import ShapelyError
from shapely.geometry import shape

from gis.errors import FileError, Problem
from gis.geojson_stream import GeoJsonFile, MalformedGeometryError, Properties, parse_geometry
from gis.shapefile_columns import wider_type

_DRIVERS: Final = {".gpkg": "GPKG", ".shp": "ESRI Shapefile", ".gdb": "OpenFileGDB"}
# What LIBKML says about drawing, on every feature whether stated or not; none of it is an attribute.
_KML_DRAWING: Final = frozenset(
    ["id", "timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon"]
)


class RawFeature(NamedTuple):
    """A feature as a file holds it. number: from 1 in file order. geometry: in the file's own system."""

    number: int
    fid: str | None
    geometry: shapely.Geometry | None
    properties: Properties
    problem: Problem | None


class Source(Protocol):
    """name: of the layer.

    crs and columns (name to type, in order) are final once the features have been read.
    """

    name: str
    crs: str | None
    columns: dict[str, str]

    def features(self) -> Iterator[RawFeature]:
        """All features, from the beginning."""
        ...


def open_source(path: Path, layer: str | None) -> Source:
    """The layer of a plain file or .gdb folder. layer: needed when there are several."""
    suffix = path.suffix.lower()
    if suffix in (".geojson", ".json"):
        return _GeoJsonSource(path)
    if suffix == ".kml":
        return _KmlSource(path, layer)
    return _FionaSource(path, layer)


class _GeoJsonSource:
    def __init__(self, path: Path) -> None:
        self._file = GeoJsonFile(path)
        self.name = path.stem
        self.columns: dict[str, str] = {}

    @property
    def crs(self) -> str | None:
        return self._file.crs

    @crs.setter
    def crs(self, value: str | None) -> None:
        self._file.crs = value

    def features(self) -> Iterator[RawFeature]:
        for number, item in enumerate(self._file.features(), start=1):
            if item.get("type") != "Feature":
                problem = Problem("feature_unreadable", {"reason": "it is not a GeoJSON Feature"})
                yield RawFeature(number, None, None, {}, problem)
                continue
            properties = item.get("properties")
            properties = properties if isinstance(properties, dict) else {}
            for key, value in properties.items():
                self.columns[key] = wider_type(self.columns.get(key), value)
            fid = item.get("id")
            yield RawFeature(number, None if fid is None else str(fid), *_geojson_geometry(item, properties))
        self.name = self._file.name or self.name


def _geojson_geometry(
    item: dict[str, Any], properties: Properties
) -> tuple[shapely.Geometry | None, Properties, Problem | None]:
    try:
        return parse_geometry(item.get("geometry")), properties, None
    except (MalformedGeometryError, ShapelyError, ValueError, TypeError, RecursionError) as error:
        return None, properties, Problem("geometry_malformed", {"reason": _reason(error)})


class _FionaSource:
    """GeoPackage, Shapefile, FileGDB."""

    def __init__(self, path: Path, layer: str | None) -> None:
        self._path = path
        self._driver = _DRIVERS[path.suffix.lower()]
        if self._driver == "GPKG":
            _check_geopackage(path)
        if self._driver == "ESRI Shapefile":
            _check_shapefile(path)
            layer = None
        with self._reading():
            names = fiona.listlayers(path) if self._driver != "ESRI Shapefile" else [path.stem]
        self.name = pick_layer(path, names, layer)
        with self._reading(), self._open() as collection:
            self.crs: str | None = collection.crs_wkt or None
            self.columns: dict[str, str] = dict(collection.schema["properties"])

    def _open(self) -> fiona.Collection:
        return fiona.open(self._path, layer=self.name, enabled_drivers=[self._driver])

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            with _messages(), fiona.Env():
                yield
        except (FionaError, FionaValueError, OSError) as error:
            raise FileError("file_unreadable", name=self._path.name, reason=_reason(error)) from None

    def features(self) -> Iterator[RawFeature]:
        with self._reading(), self._open() as collection:
            records = iter(collection)
            number = 0
            while True:
                number += 1
                with _messages() as messages:
                    try:
                        record = next(records)
                    except StopIteration:
                        break
                    except (FionaError, ValueError, KeyError, TypeError) as error:
                        problem = Problem("feature_unreadable", {"reason": _reason(error)})
                        yield RawFeature(number, None, None, {}, problem)
                        continue
                yield _from_record(number, record, messages)
            if messages:
                raise FileError("file_damaged", name=self._path.name, number=number - 1, reason=_lower(messages[0]))


def _from_record(number: int, record: fiona.Feature, messages: list[str]) -> RawFeature:
    properties = dict(record.properties)
    geometry, problem = None, None
    if record.geometry is not None:
        try:
            geometry = shape(record.geometry)
        except (ShapelyError, ValueError, TypeError, AttributeError) as error:
            problem = Problem("geometry_malformed", {"reason": _reason(error)})
    elif messages:
        problem = Problem("geometry_malformed", {"reason": _lower(messages[0])})
    return RawFeature(number, record.id, geometry, properties, problem)


class _KmlSource:
    """KML, read at once: its attributes come through pyogrio's LIBKML only, which reads whole layers."""

    def __init__(self, path: Path, layer: str | None) -> None:
        _check_kml(path)
        # pyogrio brings pandas-sized imports of its own; only KML needs it.
        import pyogrio

        self._raw = pyogrio.raw
        self._path = path
        try:
            names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
            self.name = pick_layer(path, names, layer)
            meta, self._fids, self._geometries, self._values = self._raw.read(path, layer=self.name, return_fids=True)
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
            raise FileError("file_unreadable", name=path.name, reason=_reason(error)) from None
        self.crs: str | None = meta["crs"]
        self._keep = [name not in _KML_DRAWING for name in meta["fields"]]
        types = {"OFTString": "str", "OFTReal": "float", "OFTInteger": "int32", "OFTInteger64": "int64"}
        self.columns: dict[str, str] = {
            str(name): types.get(kind, "str")
            for name, kind, keep in zip(meta["fields"], meta["ogr_types"], self._keep, strict=True)
            if keep
        }

    def features(self) -> Iterator[RawFeature]:
        values = [column for column, keep in zip(self._values, self._keep, strict=True) if keep]
        for row, fid in enumerate(self._fids):
            properties = {name: _plain(column[row]) for name, column in zip(self.columns, values, strict=True)}
            blob = self._geometries[row]
            try:
                geometry = None if blob is None else shapely.from_wkb(blob)
                problem = None
            except ShapelyError as error:
                geometry, problem = None, Problem("geometry_malformed", {"reason": _reason(error)})
            yield RawFeature(row + 1, str(fid), geometry, properties, problem)


def _plain(value: Any) -> Any:
    """A numpy value as Python's own; NaN and NaT, pyogrio's nulls, as None."""
    plain = value.item() if isinstance(value, np.generic) else value
    return None if plain != plain else plain


def pick_layer(path: Path, names: list[str], layer: str | None) -> str:
    """The only layer, or the one asked for. Raises FileError that lists what there is."""
    listed = ", ".join(names)
    if layer is not None:
        if layer in names:
            return layer
        raise FileError("layer_missing", name=path.name, layer=layer, layers=listed)
    if not names:
        raise FileError("layer_empty", name=path.name, layer="")
    if len(names) > 1:
        raise FileError("layer_ambiguous", name=path.name, layers=listed)
    return names[0]


def _check_geopackage(path: Path) -> None:
    """SQLite's own check: GDAL would read a file that was cut off as one with fewer features."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            found = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        raise FileError("file_unreadable", name=path.name, reason=str(error)) from None
    if found is None or found[0] != "ok":
        reason = str(found[0]).splitlines()[-1] if found else "no answer"
        raise FileError("file_unreadable", name=path.name, reason=_lower(reason))


def _check_shapefile(path: Path) -> None:
    """Compare stated and true sizes of .shp and .dbf: GDAL would pass over what is missing."""
    table = path.with_suffix(".dbf")
    try:
        with path.open("rb") as stream:
            code, words = struct.unpack(">i20xi", stream.read(28))
        with table.open("rb") as stream:
            rows, head, width = struct.unpack("<4xIHH", stream.read(12))
    except struct.error:
        raise FileError("file_unreadable", name=path.name, reason="it is shorter than its own header") from None
    if code != 9994:
        raise FileError("file_unreadable", name=path.name, reason="it is not a Shapefile")
    for part, stated in ((path, 2 * words), (table, head + rows * width)):
        size = part.stat().st_size
        if size < stated:
            raise FileError(
                "file_unreadable",
                name=part.name,
                reason=f"it has {size} bytes where its header states {stated}: it was cut off",
            )


def _check_kml(path: Path) -> None:
    with path.open("rb") as stream:
        head = stream.read(4096)
        stream.seek(max(0, path.stat().st_size - 256))
        tail = stream.read().rstrip()
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise FileError("file_unreadable", name=path.name, reason="it carries a document type definition")
    if not tail.endswith(b"kml>"):
        raise FileError("file_unreadable", name=path.name, reason="it ends in the middle")


@contextmanager
def _messages() -> Iterator[list[str]]:
    """What GDAL says through fiona's log in this thread meanwhile; not everything it says is raised."""
    handler = _Collector()
    logger = logging.getLogger("fiona")
    logger.addHandler(handler)
    try:
        yield handler.messages
    finally:
        logger.removeHandler(handler)


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the errors of the thread that reads."""
        if record.thread == self._thread:
            self.messages.append(record.getMessage())


def _reason(error: BaseException) -> str:
    """One line about an exception, without this machine's paths."""
    lines = re.sub(r"(/[^/\s']+)+/", "", str(error).strip()).splitlines()
    return _lower(lines[0].rstrip(".")) if lines else type(error).__name__


def _lower(reason: str) -> str:
    return reason[:1].lower() + reason[1:] if reason[1:2].islower() else reason
