"""Which polygons hold a point: an immutable index that answers in microseconds, without a database.

Two structures answer together. A label grid (rasterio) covers the extent: each cell holds one polygon, nothing, or
"border". Most points fall into cells that no border comes near, and the grid alone answers them. Points in border cells
are looked up in an STRtree over the geometries themselves, by distance. The grid never decides a doubtful case: every
cell that a border comes near to, within the tolerance and the clearance asked for, is a border cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from rasterio import features
from shapely import STRtree

GeometryArray = npt.NDArray[np.object_]

OUTSIDE: Final = 0
BORDER: Final = 1
_FIRST: Final = 2
_MAX_CELLS: Final = 8_000_000
# GDAL draws a line that is vertical or horizontal within a hundredth of a cell into one column or row, also where it
# touches the next: twice that is added to the distance that labelled cells keep.
_SLACK_CELLS: Final = 0.02


@dataclass(frozen=True)
class _Grid:
    """labels: rows from north to south. Row = (north - lat) / cell, column = (lon - west) / cell."""

    labels: npt.NDArray[np.uint32] | npt.NDArray[np.uint16]
    west: float
    north: float
    cell: float
    rows: int
    columns: int


class PointIndex:
    """An immutable index over polygons in EPSG:4326.

    geometries: polygons or multipolygons, lon/lat degrees. They may overlap, touch, or be invalid: a point belongs to
    each polygon within ``tolerance_deg`` of it, as ``ST_DWithin`` in PostGIS says on the same coordinates.
    clearance_deg: labelled cells keep at least this distance from every border.
    """

    def __init__(
        self,
        geometries: GeometryArray,
        *,
        tolerance_deg: float = 1e-7,
        clearance_deg: float = 0.0,
        max_cells: int = _MAX_CELLS,
    ) -> None:
        self.geometries = geometries
        self.tolerance_deg = tolerance_deg
        self.tree = STRtree(geometries)
        self.bounds: tuple[float, float, float, float] = (
            tuple(float(value) for value in shapely.total_bounds(geometries))  # type: ignore[assignment]
            if len(geometries)
            else (0.0, 0.0, 0.0, 0.0)
        )
        self._grid = _build_grid(geometries, self.bounds, max(tolerance_deg, clearance_deg), max_cells)

    def __len__(self) -> int:
        return len(self.geometries)

    def label(self, lon: float, lat: float) -> int:
        """Position of the polygon whose cell the point lies in; -1 for surely none; -2 for near a border."""
        grid = self._grid
        if grid is None:
            return -2
        column = (lon - grid.west) / grid.cell
        row = (grid.north - lat) / grid.cell
        if column < 0 or row < 0 or column >= grid.columns or row >= grid.rows:
            # The grid reaches beyond every polygon by more than the clearance.
            return -1
        value = int(grid.labels[int(row), int(column)])
        if value == BORDER:
            return -2
        return value - _FIRST if value else -1

    def at(self, lon: float, lat: float) -> list[int]:
        """Positions of all polygons within the tolerance of the point, ascending; empty where there is none."""
        label = self.label(lon, lat)
        if label >= 0:
            return [label]
        if label == -1:
            return []
        return self.exact(lon, lat)

    def exact(self, lon: float, lat: float) -> list[int]:
        """The same as ``at``, from the geometries alone."""
        found = self.tree.query(shapely.Point(lon, lat), predicate="dwithin", distance=self.tolerance_deg)
        return [int(position) for position in np.sort(found)]

    def near(self, lon: float, lat: float, radius_deg: float) -> tuple[list[int], list[int]]:
        """Positions of the polygons that hold the point within the tolerance, and of others within the radius.

        radius_deg: degrees, at least the tolerance. Both lists ascend.
        """
        point = shapely.Point(lon, lat)
        found = np.sort(self.tree.query(point, predicate="dwithin", distance=max(radius_deg, self.tolerance_deg)))
        holding = shapely.dwithin(self.geometries[found], point, self.tolerance_deg)
        return found[holding].tolist(), found[~holding].tolist()

    def at_many(
        self, lons: npt.NDArray[np.float64], lats: npt.NDArray[np.float64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """All (point, polygon) pairs for many points, ordered by point and then by polygon.

        lons, lats: arrays of equal length, degrees. Returns two arrays of positions; a point in no polygon is absent.
        """
        labels = self._labels(lons, lats)
        sure = np.flatnonzero(labels >= 0)
        doubtful = np.flatnonzero(labels == -2)
        near_points, near_polygons = self._near_many(np.asarray(shapely.points(lons[doubtful], lats[doubtful])))
        order = np.lexsort((near_polygons, near_points))
        points = np.concatenate([sure, doubtful[near_points[order]]])
        polygons = np.concatenate([labels[sure], near_polygons[order]])
        # Two runs that are each in order: a stable sort only merges them.
        order = np.argsort(points, kind="stable")
        return points[order].astype(np.int64), polygons[order].astype(np.int64)

    def _near_many(self, points: GeometryArray) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """All (point, polygon) pairs within the tolerance, from the geometries alone, in no order."""
        if len(points) < len(self.geometries):
            near_points, near_polygons = self.tree.query(points, predicate="dwithin", distance=self.tolerance_deg)
        else:
            # GEOS prepares what is looked up in a tree: with many points that had better be the polygons.
            near_polygons, near_points = STRtree(points).query(
                self.geometries, predicate="dwithin", distance=self.tolerance_deg
            )
        return near_points, near_polygons

    def border_share(self) -> float:
        """Share of the grid's cells that are border cells, for measurements."""
        return 1.0 if self._grid is None else float(np.mean(self._grid.labels == BORDER))

    def nbytes(self) -> int:
        """Bytes that the grid takes."""
        return 0 if self._grid is None else int(self._grid.labels.nbytes)

    def _labels(self, lons: npt.NDArray[np.float64], lats: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        grid = self._grid
        if grid is None:
            return np.full(len(lons), -2, dtype=np.int64)
        columns = (lons - grid.west) / grid.cell
        rows = (grid.north - lats) / grid.cell
        inside = (columns >= 0) & (rows >= 0) & (columns < grid.columns) & (rows < grid.rows)
        found = np.full(len(lons), -1, dtype=np.int64)
        values = grid.labels[rows[inside].astype(np.int64), columns[inside].astype(np.int64)].astype(np.int64)
        found[inside] = np.where(values == BORDER, -2, values - _FIRST)
        # OUTSIDE is 0, which the line above turned into -2; say -1 for it.
        found[np.flatnonzero(inside)[values == OUTSIDE]] = -1
        return found


def _build_grid(
    geometries: GeometryArray, bounds: tuple[float, float, float, float], clearance: float, max_cells: int
) -> _Grid | None:
    """Rasterise the polygons, then mark border cells; None where there is nothing to rasterise."""
    width, height = bounds[2] - bounds[0], bounds[3] - bounds[1]
    if not len(geometries) or width <= 0 or height <= 0:
        return None
    # What _border_cells marks is complete only for cells more than twice as wide as its reach.
    cell = max(float(np.sqrt(width * height / max_cells)), 2.2 * clearance, 1e-6)
    margin = 3 * cell
    west, north = bounds[0] - margin, bounds[3] + margin
    columns, rows = int(np.ceil((width + 2 * margin) / cell)), int(np.ceil((height + 2 * margin) / cell))
    transform = Affine(cell, 0.0, west, 0.0, -cell, north)
    small = len(geometries) + _FIRST < np.iinfo(np.uint16).max
    labels = features.rasterize(
        ((geometry, position + _FIRST) for position, geometry in enumerate(geometries) if not geometry.is_empty),
        out_shape=(rows, columns),
        transform=transform,
        fill=OUTSIDE,
        dtype="uint16" if small else "uint32",
    )
    labels[_border_cells(geometries, (rows, columns), transform, clearance + _SLACK_CELLS * cell)] = BORDER
    return _Grid(labels, west, north, cell, rows, columns)


def _border_cells(
    geometries: GeometryArray, shape: tuple[int, int], transform: Affine, reach: float
) -> npt.NDArray[np.bool_]:
    """Cells that any border comes within ``reach`` of (along both axes), and cells where two polygons overlap.

    A border swept over the square of half side ``reach`` touches a cell. As the cell is wider than that square, one of
    the square's corners then draws the border through the cell: four shifted copies mark what the swept area does.
    """
    # Boundaries as lines: rasterio burns nothing, and says nothing, for a LinearRing.
    borders = shapely.boundary(geometries)
    borders = borders[~shapely.is_empty(borders)]
    marked = np.zeros(shape, dtype=np.uint8)
    for east, north in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
        # Moving the grid the other way moves the borders over it.
        shifted = Affine.translation(-east * reach, -north * reach) @ transform
        features.rasterize(((border, 1) for border in borders), out=marked, transform=shifted, all_touched=True)
    overlaps = _overlaps(geometries)
    if overlaps:
        features.rasterize(((overlap, 1) for overlap in overlaps), out=marked, transform=transform, all_touched=True)
    return marked.astype(bool)


def _overlaps(geometries: GeometryArray) -> list[shapely.Geometry]:
    """Polygons that two geometries share: the grid has one label per cell and must not decide there."""
    if shapely.coverage_is_valid(geometries):
        return []
    valid = np.array([geometry if geometry.is_valid else shapely.make_valid(geometry) for geometry in geometries])
    left, right = STRtree(valid).query(valid, predicate="intersects")
    pairs = left < right
    shared = shapely.intersection(valid[left[pairs]], valid[right[pairs]])
    return [geometry for geometry in shared if geometry.area > 0]
