"""Reading and writing vector files: GeoJSON, GeoPackage, Shapefile, FileGDB, KML; plain or zipped.

``open_layer`` reads as a stream, twice: once to count, measure and settle the coordinate reference system,
then as often as somebody iterates. One bad feature costs one feature: it is handed out with its problem. What
is wrong with the file as a whole is an error before the first feature is handed out. Values, their types and
order, and coordinates are handed out as the file holds them.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

import numpy as np
import shapely

from gis.archives import COLUMNS_FILE, MAIN_SUFFIXES, Limits, choose, unpack
from gis.crs import Array, Bounds, SourceCrs, meets, resolve_source_crs
from gis.errors import FileError, LimitExceeded, Problem, find_fault, geometry_type
from gis.geojson_stream import Properties, write_geojson
from gis.shapefile_columns import ColumnTable
from gis.vector_sources import RawFeature, Source, open_source
from gis.vector_writers import write_geopackage, write_shapefile_zip

__all__ = [
    "Limits",
    "Properties",
    "SourceFeature",
    "VectorLayer",
    "open_layer",
    "write_geojson",
    "write_geopackage",
    "write_shapefile_zip",
]

Kind = Literal["polygon", "line", "point", "any"]
_KINDS: Final[dict[Kind, tuple[str, ...]]] = {
    "polygon": ("Polygon", "MultiPolygon"),
    "line": ("LineString", "MultiLineString"),
    "point": ("Point", "MultiPoint"),
}
# Problems that a repair can mend; any other one leaves the feature without a usable geometry.
_REPAIRABLE: Final = {"invalid_geometry"}
_ZIP_SUFFIXES: Final = {".zip", ".kmz"}
_NOWHERE: Final = (float("nan"),) * 4


@dataclass(frozen=True)
class SourceFeature:
    """One feature of a file.

    number: from 1, in file order. fid: the file's own identifier, where it has one. geometry: as it stands in
    the file, in the file's system, Z kept; None where it cannot be read. lonlat: the same in EPSG:4326 (the
    very same object when the file is in degrees). properties: columns in file order, values verbatim.
    problem: what is wrong with it, or None.
    """

    number: int
    fid: str | None
    geometry: shapely.Geometry | None
    lonlat: shapely.Geometry | None
    properties: Properties
    problem: Problem | None

    @property
    def refused(self) -> bool:
        """Whether the feature cannot be used as it stands, nor after a repair."""
        return self.problem is not None and self.problem.code not in _REPAIRABLE


class VectorLayer:
    """An open layer: iterate for its ``SourceFeature`` (again and again), close it or use it with ``with``.

    name: of the layer. file_name: of the file as given. columns: name to type (fiona's names, or "json" for
    mixed types), in order. source_crs: settled, see ``resolve_source_crs``. notes: what was restored while
    opening.
    """

    def __init__(
        self,
        source: Source,
        *,
        file_name: str,
        crs: str | None,
        region: Bounds | None,
        limits: Limits,
        geometry: Kind,
        notes: tuple[Problem, ...] = (),
        folder: tempfile.TemporaryDirectory[str] | None = None,
        table: ColumnTable | None = None,
    ) -> None:
        self._source = source
        self._region = region
        self._kind = geometry
        self._folder = folder
        self._table = table
        self.file_name = file_name
        self.notes = notes
        boxes = self._scan(limits)
        self.name = source.name
        self.columns = table.columns if table else dict(source.columns)
        self.source_crs: SourceCrs = resolve_source_crs(source.crs, crs, boxes, region)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove what was unpacked."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[SourceFeature]:
        for raw in self._source.features():
            yield self._feature(raw)

    def _scan(self, limits: Limits) -> Array:
        """Count features and vertices against the limits; the box of each geometry, NaN for none."""
        boxes: list[tuple[float, ...]] = []
        vertices = 0
        for raw in self._source.features():
            if len(boxes) >= limits.features:
                raise LimitExceeded("too_many_features", count=len(boxes) + 1, limit=limits.features)
            vertices += int(shapely.get_num_coordinates(raw.geometry)) if raw.geometry is not None else 0
            if vertices > limits.vertices:
                raise LimitExceeded("too_many_vertices", count=vertices, limit=limits.vertices)
            boxes.append(tuple(shapely.bounds(raw.geometry).tolist()) if raw.geometry is not None else _NOWHERE)
        self._count = len(boxes)
        if not boxes:
            raise FileError("layer_empty", name=self.file_name, layer=self._source.name)
        return np.array(boxes, dtype=np.float64)

    def _feature(self, raw: RawFeature) -> SourceFeature:
        properties = self._table.restore(raw.properties) if self._table else raw.properties
        problem = raw.problem or _shape_problem(raw.geometry, self._kind)
        lonlat = None
        if problem is None and raw.geometry is not None:
            lonlat = self.source_crs.to_lonlat(raw.geometry)
            problem = self._place_problem(lonlat)
        return SourceFeature(raw.number, raw.fid, raw.geometry, lonlat, properties, problem)

    def _place_problem(self, lonlat: shapely.Geometry) -> Problem | None:
        box = shapely.bounds(lonlat)
        west, south, east, north = box.tolist()
        middle = {"lon": (west + east) / 2, "lat": (south + north) / 2}
        on_earth = west >= -180 and east <= 180 and south >= -90 and north <= 90
        if not on_earth or not meets(box.reshape(1, 4), self._region)[0]:
            return Problem("outside_region", middle, **middle)
        fault = find_fault(lonlat)
        if fault is None:
            return None
        place = {"lon": fault.x, "lat": fault.y}
        return Problem("invalid_geometry", {**place, "reason": fault.reason}, **place)


def _shape_problem(geometry: shapely.Geometry | None, kind: Kind) -> Problem | None:
    if geometry is None or shapely.is_empty(geometry):
        return Problem("geometry_missing")
    wanted = _KINDS.get(kind)
    found = geometry_type(geometry)
    if wanted and found not in wanted:
        return Problem("geometry_type", {"type": found, "expected": wanted[0]})
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        return Problem("not_finite")
    return None


def open_layer(
    path: Path,
    *,
    layer: str | None = None,
    crs: str | None = None,
    region: Bounds | None = None,
    limits: Limits | None = None,
    geometry: Kind = "polygon",
) -> VectorLayer:
    """Open one layer of a file.

    layer: its name, needed when there are several. crs: what the person states, overriding the file
    (``--crs``).
    region: west, south, east, north in degrees where the layer must lie. geometry: the kind of feature
    wanted.
    Raises FileError, CrsError or LimitExceeded, each with a hint; nothing is left behind then.
    """
    limits = limits or Limits()
    _check_file(path, limits)
    folder: tempfile.TemporaryDirectory[str] | None = None
    main, table = path, None
    notes: list[Problem] = []
    try:
        if path.suffix.lower() in _ZIP_SUFFIXES:
            folder = tempfile.TemporaryDirectory(prefix="layer-")
            main = choose(path, unpack(path, Path(folder.name), limits), layer)
            layer = None if main.suffix.lower() == ".shp" else _inner_layer(main, layer)
        if main.suffix.lower() == ".shp":
            folder = folder or tempfile.TemporaryDirectory(prefix="layer-")
            main, notes = _complete_shapefile(main, Path(folder.name))
        columns = main.parent / COLUMNS_FILE
        if folder is not None and main.suffix.lower() == ".shp" and columns.exists():
            table = ColumnTable.read(columns)
            if table is not None:
                notes.append(Problem("columns_restored", {"member": COLUMNS_FILE}))
        return VectorLayer(
            open_source(main, layer),
            file_name=path.name,
            crs=crs,
            region=region,
            limits=limits,
            geometry=geometry,
            notes=tuple(notes),
            folder=folder,
            table=table,
        )
    except BaseException:
        if folder is not None:
            folder.cleanup()
        raise


def _inner_layer(main: Path, layer: str | None) -> str | None:
    """``layer`` may have named the file within the archive; then it says nothing about the layer inside."""
    return None if layer in (main.name, main.stem) and main.suffix.lower() in (".geojson", ".json") else layer


def _check_file(path: Path, limits: Limits) -> None:
    suffix = path.suffix.lower()
    is_database = suffix == ".gdb" and path.is_dir()
    if not path.is_file() and not is_database:
        raise FileError("file_not_found", name=path.name)
    if suffix not in MAIN_SUFFIXES and suffix not in _ZIP_SUFFIXES:
        raise FileError("file_format", name=path.name)
    size = sum(item.stat().st_size for item in path.rglob("*")) if is_database else path.stat().st_size
    if size == 0:
        raise FileError("file_empty", name=path.name)
    if size > limits.file_bytes:
        raise LimitExceeded("file_too_large", name=path.name, size=size, limit=limits.file_bytes)


def _complete_shapefile(path: Path, folder: Path) -> tuple[Path, list[Problem]]:
    """The Shapefile with all its parts, in ``folder``; a missing .shx is made from the .shp."""
    parts = {
        item.suffix.lower(): item
        for item in path.parent.iterdir()
        if item.stem.lower() == path.stem.lower() and item.is_file()
    }
    if ".dbf" not in parts:
        raise FileError("shapefile_incomplete", name=path.name, missing=".dbf")
    wanted = (".shp", ".dbf", ".shx", ".prj", ".cpg")
    tidy = folder / "shapefile"
    tidy.mkdir(exist_ok=True)
    for suffix in wanted:
        if suffix in parts:
            shutil.copyfile(parts[suffix], tidy / f"{path.stem}{suffix}")
    columns = path.parent / COLUMNS_FILE
    if columns.exists():
        shutil.copyfile(columns, tidy / COLUMNS_FILE)
    main = tidy / f"{path.stem}.shp"
    if ".shx" in parts:
        return main, []
    _write_shx(main)
    return main, [Problem("shx_restored")]


def _write_shx(main: Path) -> None:
    """Make the index of a .shp file (ESRI Shapefile Technical Description, 1998)."""
    content = main.read_bytes()
    entries = bytearray()
    at = 100
    while at + 8 <= len(content):
        words = int.from_bytes(content[at + 4 : at + 8], "big")
        entries += (at // 2).to_bytes(4, "big") + words.to_bytes(4, "big")
        at += 8 + 2 * words
    header = bytearray(content[:100])
    header[24:28] = ((100 + len(entries)) // 2).to_bytes(4, "big")
    main.with_suffix(".shx").write_bytes(bytes(header + entries))
