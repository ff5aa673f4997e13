"""Errors and findings of the spatial library, all of them in one table.

An error carries a stable ``code``, ``params`` and a ``hint``; its text is a %-template in English. Whoever
speaks to a person translates the template by its text and fills in the same params, so that a message means
the same in every language. Findings about one feature of a file (``Problem``) come from the same table but
are collected, not raised.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import shapely

from gis.edit_texts import EDIT_TEXTS


class Text(NamedTuple):
    """What is said: a template with named %-fields, and what to do next (no fields), or an empty string."""

    template: str
    hint: str = ""


_STATE_CRS: Final = "State the right one with --crs, for instance --crs EPSG:32650."
_STATE_REGION: Final = (
    "Check that this is the right file; if the plan does lie there, state the area with --region WEST,SOUTH,EAST,NORTH."
)
_RE_EXPORT: Final = "Export the layer again from the program that made it."

TEXTS: Final[Mapping[str, Text]] = {
    # Geometry
    "invalid_geometry": Text(
        "The geometry is not valid at %(lon).7f, %(lat).7f: %(reason)s.",
        "Mend the outline there: a polygon may not cross or touch itself along a line.",
    ),
    "not_a_polygon": Text("A polygon is needed here, not a %(type)s.", "Send a Polygon or a MultiPolygon."),
    "empty_geometry": Text("The geometry is empty.", "Send a geometry with coordinates."),
    "not_finite": Text("A coordinate is not a finite number.", "Every coordinate must be a plain number."),
    "not_lonlat": Text(
        "Longitude %(lon)s and latitude %(lat)s are not degrees on the earth.",
        "Longitude goes from -180 to 180 and comes first, latitude from -90 to 90.",
    ),
    "too_many_vertices": Text(
        "There are %(count)d vertices; at most %(limit)d are taken.",
        "Simplify the geometry or send it in parts.",
    ),
    "too_wide": Text(
        "The polygon is %(extent_km)s km wide or high; at most %(limit_km)s km are taken.",
        "Ask about a smaller piece of land.",
    ),
    # Coordinate reference systems
    "crs_missing": Text(
        "The file does not say which coordinate reference system it uses. "
        "Its coordinates go from %(west)s, %(south)s to %(east)s, %(north)s.",
        "State it with --crs, for instance --crs EPSG:4326 for degrees or --crs EPSG:32650 for UTM metres; "
        "a Shapefile needs its .prj file.",
    ),
    "crs_unknown": Text("The coordinate reference system %(found)s is not known.", _STATE_CRS),
    "crs_unsupported": Text(
        "The coordinate reference system %(found)s is not read here: only WGS 84 and SRGI2013, in degrees or in UTM.",
        "Convert the layer to EPSG:4326 first; where its coordinates are WGS 84 or SRGI2013 all the same, "
        "say so with --crs.",
    ),
    "crs_metres_as_degrees": Text(
        "The file says %(found)s, which is in degrees, but its coordinates go from %(west)s, %(south)s to "
        "%(east)s, "
        "%(north)s: these look like metres.",
        _STATE_CRS,
    ),
    "crs_degrees_as_metres": Text(
        "The file says %(found)s, which is in metres, but its coordinates go from %(west)s, %(south)s to "
        "%(east)s, "
        "%(north)s: these look like degrees.",
        "State the right one with --crs, for instance --crs EPSG:4326.",
    ),
    "crs_axes_swapped": Text(
        "The coordinates go from %(west)s, %(south)s to %(east)s, %(north)s as %(found)s: that lies in the "
        "area of the "
        "plan only with both axes exchanged.",
        "Write longitude (easting) before latitude (northing) and export the layer again.",
    ),
    "crs_wrong_hemisphere": Text(
        "As %(found)s the layer lies on the wrong side of the equator, around latitude %(latitude)s; "
        "in the other hemisphere it would lie in the area of the plan.",
        "State the right hemisphere with --crs, for instance EPSG:32650 for UTM 50 north or EPSG:32750 for "
        "UTM 50 south; "
        "degrees with the wrong sign must be exported again.",
    ),
    "crs_outside_region": Text(
        "As %(found)s no feature lies in the area of the plan: the layer lies around longitude "
        "%(longitude)s, latitude "
        "%(latitude)s; the plan goes from %(region_west)s, %(region_south)s to %(region_east)s, "
        "%(region_north)s.",
        _STATE_REGION,
    ),
    # Files
    "file_not_found": Text("There is no file %(name)s.", "Check the path."),
    "file_empty": Text("The file %(name)s is empty.", _RE_EXPORT),
    "file_format": Text(
        "The file %(name)s is of a kind that is not read here.",
        "Use GeoJSON (.geojson, .json), GeoPackage (.gpkg), Shapefile (.shp, or .zip of its files), "
        "FileGDB (.gdb.zip) or KML (.kml).",
    ),
    "file_unreadable": Text("The file %(name)s cannot be read: %(reason)s.", _RE_EXPORT),
    "file_damaged": Text(
        "The file %(name)s breaks off or is damaged after feature %(number)d: %(reason)s.",
        "Copy or download the file again, and compare its size.",
    ),
    "file_too_large": Text(
        "The file %(name)s has %(size)d bytes; at most %(limit)d are read.",
        "Split the layer, or raise the limit.",
    ),
    "zip_bomb": Text(
        "The archive %(name)s would unpack to %(size)d bytes, over the limit of %(limit)d bytes or of "
        "%(ratio)d times its size.",
        "Pack only the files of one layer, or raise the limit.",
    ),
    "zip_damaged": Text("The archive %(name)s is damaged: %(reason)s.", "Pack or download the archive again."),
    "zip_encrypted": Text("The archive %(name)s is protected by a password.", "Pack it without a password."),
    "zip_unsafe_name": Text(
        "The archive %(name)s holds a file whose name leads outside: %(member)s.",
        "Pack the files in one plain folder.",
    ),
    "zip_no_layer": Text(
        "The archive %(name)s holds no layer that is read here.",
        "Pack the files of one Shapefile, GeoPackage, GeoJSON, KML or FileGDB.",
    ),
    "zip_several_layers": Text(
        "The archive %(name)s holds several files that could be meant: %(layers)s.",
        "Pack one of them only, or name it with --layer.",
    ),
    "shapefile_incomplete": Text(
        "The Shapefile %(name)s lacks its %(missing)s file.",
        "A Shapefile is at least .shp, .dbf and .prj side by side under one name: copy or pack them together.",
    ),
    "layer_missing": Text(
        "The file %(name)s has no layer %(layer)s; it has: %(layers)s.", "Name one of them with --layer."
    ),
    "layer_ambiguous": Text(
        "The file %(name)s has several layers: %(layers)s.", "Name the one that is meant with --layer."
    ),
    "layer_empty": Text("The layer %(layer)s of %(name)s has no features.", _RE_EXPORT),
    "too_many_features": Text(
        "The layer has %(count)d features; at most %(limit)d are read.",
        "Split the layer, or raise the limit.",
    ),
    "column_clash": Text(
        "The columns %(first)s and %(second)s differ only in upper and lower case, which %(format)s cannot hold.",
        "Rename one of them, or write GeoJSON.",
    ),
    # Findings about one feature
    "geometry_missing": Text("The feature has no geometry.", "Draw it, or leave the row out."),
    "geometry_malformed": Text(
        "The geometry cannot be read: %(reason)s.", "Export this feature again, or mend its coordinates."
    ),
    "geometry_type": Text(
        "The feature is a %(type)s, where a %(expected)s is needed.",
        "Leave it out, or export the right layer.",
    ),
    "outside_region": Text(
        "The feature lies outside the area of the plan, around %(lon).6f, %(lat).6f.",
        "Leave it out, or state the area with --region.",
    ),
    "shx_restored": Text(
        "The Shapefile came without its .shx file; it was made anew from the .shp file.",
        "The features were read in the order in which the .shp file holds them.",
    ),
    "columns_restored": Text("Columns and values were taken from %(member)s, as the Shapefile alone cannot hold them."),
    "feature_unreadable": Text("The feature cannot be read: %(reason)s.", _RE_EXPORT),
    # The plan's vocabulary
    "code_missing": Text(
        "The feature states no sub-zone: none of %(columns)s holds a code.",
        "Fill in KODSZN, or name the column in a mapping file (--mapping).",
    ),
    "code_unknown": Text(
        "The sub-zone code %(found)s in %(column)s is not in the code list.",
        "Add it to subzones.csv, or map it in a mapping file.",
    ),
    "code_contradiction": Text(
        "The columns disagree about the sub-zone: %(found)s.",
        "Correct the columns, or name one in a mapping file.",
    ),
    "code_list_duplicate": Text(
        "The code list holds %(code)s twice.", "Each code and each number may stand for one sub-zone only."
    ),
    "code_list_column": Text(
        "The code list lacks the column %(column)s.",
        "It needs at least the columns code, domain_code and name.",
    ),
    "value_unmapped": Text(
        "The value %(found)s in %(column)s is not in the mapping file.",
        'Add it under [codes], or set unmapped = "verbatim" to take the layer\'s own text as the code.',
    ),
    "column_missing": Text("The layer has no column %(column)s.", "Name the right column in the mapping file."),
    "column_absent": Text("The layer lacks the official column %(column)s.", "Nothing is assumed in its place."),
    "number_unreadable": Text(
        "The value %(found)s in %(column)s is not a number.",
        "Write it with digits and one decimal point or comma.",
    ),
    "area_differs": Text(
        "LUASHA states %(legal_ha)s ha, the geometry measures %(measured_ha)s ha.",
        "Both are shown; the stated one is never overwritten.",
    ),
    "mapping_invalid": Text("The mapping file cannot be used: %(reason)s.", "See gis/rdtr/README.md for its form."),
    "table_unreadable": Text("The table %(name)s cannot be read: %(reason)s.", "Save it again as .xlsx or .csv."),
    "table_heading": Text(
        "The table %(name)s has no heading row with %(wanted)s.",
        "Keep the heading rows as they were published.",
    ),
    "cell_blank": Text("The cell %(found)s holds stray blanks.", "It is read without them."),
    "cell_separator": Text(
        "The cell %(found)s separates codes by something else than a comma.", "It is read as a list."
    ),
    "cell_case": Text("The cell %(found)s is written in lower case.", "It is read in upper case."),
    "cell_repeated": Text("The cell %(found)s repeats a code.", "It is read once."),
    "cell_contradiction": Text(
        "The cell %(found)s allows or forbids and states conditions at once.",
        "Nothing is decided until it is mended.",
    ),
    "cell_unknown": Text(
        "The cell %(found)s is none of I, T1.., B1.., X or blank.", "Nothing is decided until it is mended."
    ),
    # Editing zones
    **{code: Text(*text) for code, text in EDIT_TEXTS.items()},
}


_TYPE_NAMES: Final[Mapping[str, str]] = {
    "LINESTRING": "LineString",
    "LINEARRING": "LinearRing",
    "MULTIPOINT": "MultiPoint",
    "MULTILINESTRING": "MultiLineString",
    "MULTIPOLYGON": "MultiPolygon",
    "GEOMETRYCOLLECTION": "GeometryCollection",
}


class GisError(ValueError):
    """An error meant for the person who gave the data.

    code: stable key into ``TEXTS``. params: values for the template. hint: what to do next, or None.
    """

    def __init__(self, code: str, /, **params: object) -> None:
        text = TEXTS[code]
        self.code = code
        self.params: dict[str, object] = params
        self.template: str = text.template
        self.hint: str | None = text.hint or None
        super().__init__(text.template % params)


class InvalidGeometry(GisError):
    """A geometry that crosses itself, is empty, or is of the wrong kind.

    lon, lat: where, in degrees, when known.
    """

    def __init__(self, code: str = "invalid_geometry", /, **params: object) -> None:
        super().__init__(code, **params)
        lon, lat = params.get("lon"), params.get("lat")
        self.lon = float(lon) if isinstance(lon, int | float) else None
        self.lat = float(lat) if isinstance(lat, int | float) else None

    @classmethod
    def check(cls, geometry: shapely.Geometry, *, max_vertices: int | None = None) -> None:
        """Raise unless the geometry is a valid Polygon or MultiPolygon in lon/lat (EPSG:4326).

        max_vertices: most vertices taken, checked first as validity costs time; LimitExceeded beyond it.
        """
        if geometry is None or shapely.is_empty(geometry):
            raise cls("empty_geometry")
        if shapely.get_type_id(geometry) not in (
            shapely.GeometryType.POLYGON,
            shapely.GeometryType.MULTIPOLYGON,
        ):
            raise cls("not_a_polygon", type=geometry_type(geometry))
        count = int(shapely.get_num_coordinates(geometry))
        if max_vertices is not None and count > max_vertices:
            raise LimitExceeded("too_many_vertices", count=count, limit=max_vertices)
        if not np.isfinite(shapely.get_coordinates(geometry)).all():
            raise cls("not_finite")
        west, south, east, north = shapely.bounds(geometry).tolist()
        if west < -180 or east > 180 or south < -90 or north > 90:
            lon, lat = (west if west < -180 else east), (south if south < -90 else north)
            raise cls("not_lonlat", lon=lon, lat=lat)
        fault = find_fault(geometry)
        if fault is not None:
            raise cls("invalid_geometry", lon=fault.x, lat=fault.y, reason=fault.reason)


class CrsError(GisError):
    """A coordinate reference system that is missing, unknown, or contradicted by the coordinates."""


class FileError(GisError):
    """A file that cannot be read, or not as it is."""


class LimitExceeded(GisError):
    """Larger than a configured limit: a file, an archive, a layer, a geometry."""


class VocabularyError(GisError):
    """A code list, mapping file or table of rules that cannot be used."""


def geometry_type(geometry: shapely.Geometry) -> str:
    """The kind of a geometry as GeoJSON names it, such as ``MultiPolygon``."""
    name = shapely.GeometryType(int(shapely.get_type_id(geometry))).name
    return _TYPE_NAMES.get(name, name.title())


class Fault(NamedTuple):
    """Where a geometry is invalid (its own coordinates) and why (GEOS's reason)."""

    x: float
    y: float
    reason: str


def find_fault(geometry: shapely.Geometry) -> Fault | None:
    """The first place where a geometry is invalid, in its own coordinates; None when it is valid."""
    if shapely.is_valid(geometry):
        return None
    # GEOS says "Self-intersection[117.5 0.1]"; a fault without a place falls back to the first coordinate.
    reason, _, place = str(shapely.is_valid_reason(geometry)).partition("[")
    numbers = place.rstrip("]").split()
    try:
        x, y = float(numbers[0]), float(numbers[1])
    except (IndexError, ValueError):
        first = shapely.get_coordinates(geometry)
        x, y = (float(first[0][0]), float(first[0][1])) if len(first) else (float("nan"), float("nan"))
    return Fault(x, y, reason.strip())


@dataclass(frozen=True)
class Problem:
    """A finding about one feature, cell or value: collected and reported, not raised.

    code, params: as in ``GisError``. lon, lat: where, in degrees, when known.
    """

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    lon: float | None = None
    lat: float | None = None

    @property
    def template(self) -> str:
        """The %-template in English, the key of its translations."""
        return TEXTS[self.code].template

    @property
    def hint(self) -> str | None:
        """What to do next."""
        return TEXTS[self.code].hint or None

    @property
    def message(self) -> str:
        """The finding in English."""
        return self.template % self.params
