"""Read a city's places from a GeoPackage: layers ``areas``, ``roads``, ``landmarks`` and, if any, ``parcels``."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fiona
import fiona.errors
import numpy as np
import shapely
from flask_babel import gettext
from shapely.geometry import shape

from app.errors import Unprocessable
from app.places.models import AREA_LEVELS, ROAD_CLASSES

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class PlaceLayers:
    """Rows as the tables take them; geometry in EPSG:4326."""

    areas: Rows
    parcels: Rows
    roads: Rows
    landmarks: Rows


def read_places(path: Path) -> PlaceLayers:
    """Read all layers; raises Unprocessable with layer, feature and column of what is wrong."""
    names = _layers(path)
    missing = {"areas", "roads", "landmarks"} - set(names)
    if missing:
        raise Unprocessable(
            gettext("%(file)s lacks the layers: %(layers)s.", file=path.name, layers=", ".join(sorted(missing))),
            hint=gettext("It holds: %(layers)s.", layers=", ".join(names)),
        )
    return PlaceLayers(
        areas=[_area(item) for item in _Layer(path, "areas").features()],
        parcels=[_parcel(item) for item in (_Layer(path, "parcels").features() if "parcels" in names else ())],
        roads=[_road(item) for item in _Layer(path, "roads").features()],
        landmarks=[_landmark(item) for item in _Layer(path, "landmarks").features()],
    )


def _layers(path: Path) -> list[str]:
    """Names of the layers; SQLite itself checks the file, as GDAL reads one that was cut off as a shorter one."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            whole = database.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
        names: list[str] = fiona.listlayers(path) if whole else []
    except (sqlite3.DatabaseError, fiona.errors.FionaError, OSError, ValueError):
        names = []
    if not names:
        raise Unprocessable(
            gettext("%(file)s cannot be read as a GeoPackage.", file=path.name),
            hint=gettext("Export the layers areas, roads, landmarks and parcels into one GeoPackage (EPSG:4326)."),
        )
    return names


class _Feature:
    """One feature of a layer; its methods raise Unprocessable that names layer, feature and column."""

    def __init__(self, layer: _Layer, number: int, properties: dict[str, Any], geometry: shapely.Geometry) -> None:
        self._layer = layer
        self._number = number
        self._properties = properties
        self._geometry = geometry

    def text(self, column: str) -> str | None:
        """A text, None where it is empty or the layer has no such column."""
        value = self._properties.get(column)
        return None if value is None else str(value).strip() or None

    def required(self, column: str) -> str:
        """A text that must be there."""
        value = self.text(column)
        if value is None:
            raise self._wrong(column, gettext("is empty"))
        return value

    def choice(self, column: str, choices: tuple[str, ...]) -> str:
        """One of a few words."""
        value = self.required(column)
        if value not in choices:
            raise self._wrong(column, gettext("is none of %(choices)s", choices=", ".join(choices)))
        return value

    def unique(self, column: str, *with_columns: str) -> str:
        """A text that no other feature of the layer has (together with those in ``with_columns``)."""
        value = self.required(column)
        key = (value, *(self.text(name) for name in with_columns))
        if key in self._layer.seen:
            raise self._wrong(column, gettext("“%(value)s” stands there twice", value=value))
        self._layer.seen.add(key)
        return value

    def several(self, column: str) -> list[str]:
        """A list written with semicolons."""
        return [part.strip() for part in (self.text(column) or "").split(";") if part.strip()]

    def geometry(self, single: str, make_multi: Callable[[Any], shapely.Geometry] | None = None) -> shapely.Geometry:
        """The geometry, of this kind: as one part, or with ``make_multi`` always as several."""
        found = self._geometry
        if found.geom_type == f"Multi{single}" and len(found.geoms) == 1:
            found = found.geoms[0]
        if found.geom_type == single:
            return make_multi([found]) if make_multi else found
        if found.geom_type == f"Multi{single}" and make_multi:
            return found
        reason = gettext("is a %(found)s, a %(wanted)s is needed", found=found.geom_type, wanted=single)
        raise self._wrong("geom", reason)

    def _wrong(self, column: str, reason: str) -> Unprocessable:
        return Unprocessable(
            gettext(
                "Layer %(layer)s, feature %(number)s, column %(column)s: it %(reason)s.",
                layer=self._layer.name,
                number=self._number,
                column=column,
                reason=reason,
            )
        )


class _Layer:
    """A layer of the file. seen: what ``unique`` has met."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self.name = name
        self.seen: set[tuple[str | None, ...]] = set()

    def features(self) -> list[_Feature]:
        """All features, checked to be in degrees and to have a geometry; the file is closed again."""
        with fiona.open(self._path, layer=self.name) as source:
            if source.crs.to_epsg() != 4326:
                raise Unprocessable(
                    gettext("Layer %(layer)s of %(file)s is not in EPSG:4326.", layer=self.name, file=self._path.name),
                    hint=gettext("Export it again in EPSG:4326 (longitude and latitude)."),
                )
            return [self._feature(number, record) for number, record in enumerate(source, start=1)]

    def _feature(self, number: int, record: Any) -> _Feature:
        geometry = None if record.geometry is None else shapely.force_2d(shape(record.geometry))
        if geometry is None or geometry.is_empty or not _on_earth(geometry):
            raise Unprocessable(
                gettext(
                    "Layer %(layer)s, feature %(number)s has no geometry in degrees.", layer=self.name, number=number
                ),
                hint=gettext("Draw it, or leave the row out."),
            )
        return _Feature(self, number, dict(record.properties), geometry)


def _on_earth(geometry: shapely.Geometry) -> bool:
    west, south, east, north = shapely.bounds(geometry)
    # A comparison with NaN is false, so that a coordinate which is no number counts as nowhere.
    inside = west >= -180 and east <= 180 and south >= -90 and north <= 90
    return bool(inside and np.isfinite(shapely.get_coordinates(geometry)).all())


def _area(item: _Feature) -> dict[str, Any]:
    return {
        "level": item.choice("level", AREA_LEVELS),
        "code": item.unique("code", "level"),
        "bps_code": item.text("bps_code"),
        "name": item.required("name"),
        "parent_code": item.text("parent_code"),
        "aliases": item.several("aliases"),
        "geom": item.geometry("Polygon", shapely.multipolygons),
    }


def _parcel(item: _Feature) -> dict[str, Any]:
    return {
        "nib": item.unique("nib"),
        "kelurahan_code": item.text("kelurahan_code"),
        "geom": item.geometry("Polygon"),
    }


def _road(item: _Feature) -> dict[str, Any]:
    return {
        "name": item.text("name"),
        "road_class": item.choice("road_class", ROAD_CLASSES),
        "geom": item.geometry("LineString", shapely.multilinestrings),
    }


def _landmark(item: _Feature) -> dict[str, Any]:
    return {
        "name": item.required("name"),
        "kind": item.required("kind"),
        "aliases": item.several("aliases"),
        "kelurahan_code": item.text("kelurahan_code"),
        "geom": item.geometry("Point"),
    }
