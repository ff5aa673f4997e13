"""GeoJSON (RFC 7946), one feature at a time, values and numbers exactly as they are written.

GDAL is not used for this format because it does not keep what came in: it clamps integers beyond 64 bits,
rewrites dates, turns columns of mixed types into other types, and hands out a malformed geometry as an empty
one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO, TypeAlias

import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from gis.errors import FileError

Properties: TypeAlias = dict[str, Any]

_CHUNK: Final = 1 << 18
_BLANK: Final = " \t\r\n"
# Levels of brackets below "coordinates" down to the numbers.
_DEPTHS: Final = {
    "Point": 1, "MultiPoint": 2, "LineString": 2, "MultiLineString": 3, "Polygon": 3, "MultiPolygon": 4,
}  # fmt: skip
_MIN_POSITIONS: Final = {"LineString": 2, "MultiLineString": 2, "Polygon": 4, "MultiPolygon": 4}
_CUT_OFF: Final = "the file ends in the middle"
# What RFC 7946 says of a file without a "crs" member, and of a file without any.
DEFAULT_CRS: Final = "OGC:CRS84"


class MalformedGeometryError(ValueError):
    """Coordinates that make no geometry; the message says why."""


@dataclass
class GeoJsonFile:
    """A GeoJSON document read as a stream. name and crs are known once the features have been read to the
    end.

    crs: the name in the older "crs" member; RFC 7946's default where there is none; None where it is null.
    """

    path: Path
    crs: str | None = DEFAULT_CRS
    name: str | None = None
    _features_seen: int = field(default=0, init=False)

    def features(self) -> Iterator[dict[str, Any]]:
        """The features as dictionaries, in order.

        Raises FileError: file_unreadable when it is no GeoJSON, file_damaged when it breaks off.
        """
        self._features_seen = 0
        try:
            with self.path.open(encoding="utf-8-sig") as stream:
                yield from self._document(_Scanner(stream))
        except UnicodeDecodeError:
            raise self._fault("the text is not UTF-8") from None
        except json.JSONDecodeError as error:
            raise self._fault(error.msg) from None
        except RecursionError:
            raise self._fault("it is nested too deeply") from None

    def _document(self, scanner: _Scanner) -> Iterator[dict[str, Any]]:
        """Members of the outermost object; "features" is walked through, all others are small."""
        members: dict[str, Any] = {}
        walked = False
        for key in scanner.members():
            if key == "features" and scanner.peek() == "[":
                walked = True
                yield from self._walk(scanner)
            else:
                members[key] = scanner.value()
        scanner.end()
        self.name = members.get("name") if isinstance(members.get("name"), str) else None
        self.crs = _crs_name(members)
        if not walked:
            yield from self._single(members)

    def _walk(self, scanner: _Scanner) -> Iterator[dict[str, Any]]:
        for value in scanner.items():
            self._features_seen += 1
            yield value if isinstance(value, dict) else {"type": type(value).__name__}

    def _single(self, members: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """A document that is one feature or one bare geometry."""
        kind = members.get("type")
        if kind == "Feature":
            yield members
        elif kind in _DEPTHS or kind == "GeometryCollection":
            yield {"type": "Feature", "properties": {}, "geometry": members}
        else:
            raise self._fault("it is not a FeatureCollection")

    def _fault(self, reason: str) -> FileError:
        if self._features_seen:
            return FileError("file_damaged", name=self.path.name, number=self._features_seen, reason=_lower(reason))
        return FileError("file_unreadable", name=self.path.name, reason=_lower(reason))


class _Scanner:
    """Reads JSON values one after the other from a text stream, holding no more than one value at a time."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._decoder = json.JSONDecoder()
        self._text = ""
        self._at = 0
        self._ended = False

    def members(self) -> Iterator[str]:
        """Keys of the object that begins here; the caller reads each value before asking for the next key."""
        self._expect("{")
        if self._take("}"):
            return
        while True:
            key = self.value()
            if not isinstance(key, str):
                raise self._error("a member has no name")
            self._expect(":")
            yield key
            if self._take("}"):
                return
            self._expect(",")

    def items(self) -> Iterator[Any]:
        """Values of the array that begins here."""
        self._expect("[")
        if self._take("]"):
            return
        while True:
            yield self.value()
            if self._take("]"):
                return
            self._expect(",")

    def value(self) -> Any:
        """The next value, however long."""
        wanted = _CHUNK
        while True:
            self.peek()
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                unfinished = error.msg.startswith("Unterminated") or error.pos >= len(self._text.rstrip())
                if not self._more(wanted):
                    raise self._error(_CUT_OFF if unfinished else error.msg) from None
                wanted *= 2
                continue
            # A number at the very end of what was read may go on.
            if end == len(self._text) and self._more(_CHUNK):
                continue
            self._at = end
            return value

    def peek(self) -> str:
        """The next character that is not blank; empty at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BLANK:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more(_CHUNK):
                return ""

    def end(self) -> None:
        """Nothing may follow the document."""
        if self.peek():
            raise self._error("something follows the end of the document")

    def _take(self, character: str) -> bool:
        if self.peek() != character:
            return False
        self._at += 1
        return True

    def _expect(self, character: str) -> None:
        if not self._take(character):
            raise self._error(f"{character} expected" if self.peek() else _CUT_OFF)

    def _more(self, size: int) -> bool:
        if self._ended:
            return False
        chunk = self._stream.read(size)
        self._ended = not chunk
        self._text = self._text[self._at :] + chunk
        self._at = 0
        return bool(chunk)

    @staticmethod
    def _error(reason: str) -> json.JSONDecodeError:
        return json.JSONDecodeError(reason, "", 0)


def parse_geometry(value: Any) -> shapely.Geometry | None:
    """A GeoJSON geometry object as it stands: Z kept, rings in their order. None for null.

    Raises MalformedGeometryError with the reason; nothing is closed, dropped or put right on the way.
    """
    if value is None:
        return None
    if not isinstance(value, dict):
        raise MalformedGeometryError("the geometry is not an object")
    kind = value.get("type")
    if kind == "GeometryCollection":
        members = value.get("geometries")
        if not isinstance(members, list):
            raise MalformedGeometryError("the collection has no geometries")
        return shapely.GeometryCollection([parse_geometry(member) for member in members])
    if kind not in _DEPTHS:
        raise MalformedGeometryError(f"{json.dumps(kind)} is not a kind of geometry")
    coordinates = value.get("coordinates")
    if not isinstance(coordinates, list):
        raise MalformedGeometryError("there are no coordinates")
    widths: set[int] = set()
    _check(coordinates, _DEPTHS[kind], kind, widths)
    if len(widths) > 1:
        raise MalformedGeometryError("some positions have a height and some have none")
    return shape({"type": kind, "coordinates": coordinates})


def _check(coordinates: list[Any], depth: int, kind: str, widths: set[int]) -> None:
    if depth == 1:
        widths.add(_check_position(coordinates))
        return
    for item in coordinates:
        if not isinstance(item, list):
            raise MalformedGeometryError("the coordinates are not nested as the geometry's kind asks")
        _check(item, depth - 1, kind, widths)
    needed = _MIN_POSITIONS.get(kind, 0)
    if depth == 2 and needed:
        if len(coordinates) < needed:
            raise MalformedGeometryError(f"a line has {len(coordinates)} positions, {needed} are needed")
        if needed == 4 and coordinates[0] != coordinates[-1]:
            raise MalformedGeometryError("a ring is not closed")


def _check_position(position: list[Any]) -> int:
    """The number of ordinates kept (2 or 3)."""
    for number in position[:3]:
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise MalformedGeometryError(f"{json.dumps(number)} is not a number")
        if not math.isfinite(number):
            raise MalformedGeometryError("a coordinate is not a finite number")
    if not 2 <= len(position) <= 3:
        raise MalformedGeometryError(f"a position has {len(position)} numbers")
    return len(position)


def _crs_name(members: dict[str, Any]) -> str | None:
    if "crs" not in members:
        return DEFAULT_CRS
    crs = members["crs"]
    if crs is None:
        return None
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return name if isinstance(name, str) else json.dumps(crs)


def _lower(reason: str) -> str:
    return reason[:1].lower() + reason[1:] if reason[1:2].islower() else reason


def write_geojson(
    path: Path,
    features: Iterator[tuple[shapely.Geometry | None, Properties]],
    *,
    name: str | None = None,
    crs: str = DEFAULT_CRS,
) -> int:
    """Write features one by one, with numbers that read back bit by bit; returns how many.

    features: (geometry, properties) with geometry in ``crs``. crs: written in the older "crs" member unless
    it is RFC 7946's own, as readers of planning data expect to find it.
    """
    head: dict[str, Any] = {"type": "FeatureCollection"}
    if name:
        head["name"] = name
    head["crs"] = {"type": "name", "properties": {"name": _urn(crs)}}
    count = 0
    with path.open("w", encoding="utf-8") as stream:
        stream.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "features": [')
        for count, (geometry, properties) in enumerate(features, start=1):
            feature = {"type": "Feature", "properties": properties, "geometry": geometry_object(geometry)}
            stream.write(",\n" if count > 1 else "\n")
            stream.write(json.dumps(feature, ensure_ascii=False))
        stream.write("\n]}\n")
    return count


def geometry_object(geometry: shapely.Geometry | None) -> dict[str, Any] | None:
    """A geometry as GeoJSON, coordinates as the doubles they are; null for None."""
    return dict(mapping(geometry)) if isinstance(geometry, BaseGeometry) else None


def _urn(crs: str) -> str:
    authority, _, code = crs.partition(":")
    return f"urn:ogc:def:crs:{authority}:{'1.3' if authority == 'OGC' else ''}:{code}"
