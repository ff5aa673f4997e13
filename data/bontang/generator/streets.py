"""The street network: streets follow a smooth field of directions, as wide apart as the quarter is dense. Metres.

Two families of lines, along and across the field, are grown one by one: first local streets, then the lanes between
them. A line ends where it comes too near to a parallel one; what dangles is cut back to the last crossing. The field
bends along the main roads and elsewhere wanders around a slope of about 28 degrees, so that there is no grid.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import rasterio.features
import shapely
from affine import Affine
from numpy.typing import NDArray
from shapely.geometry import LineString

from .frame import Array, dice, points_m
from .shapes import Noise
from .sketch import STREETS_IN, Region, Road

CELL_M = 20.0
STEP_M = 14.0
# Centres of the city, how far they reach and how dense they are: lon, lat, reach in metres, density 0 to 1.
CENTRES = (
    (117.4860, 0.1260, 2100.0, 1.0),
    (117.4790, 0.1160, 1100.0, 0.95),
    (117.4745, 0.1670, 1000.0, 0.75),
    (117.4560, 0.1440, 1500.0, 0.6),
    (117.4930, 0.1420, 1100.0, 0.8),
    (117.4780, 0.1440, 1300.0, 0.7),
    (117.4450, 0.1230, 900.0, 0.35),
    (117.4800, 0.1900, 1200.0, 0.35),
    (117.4450, 0.0620, 900.0, 0.35),
)


def density(x: Array, y: Array) -> Array:
    """Return how dense the city is at x, y (metres): 0 in the countryside, 1 in the centre."""
    best = np.zeros_like(np.asarray(x, dtype=np.float64))
    for lon, lat, reach, peak in CENTRES:
        ((east, north),) = points_m((lon, lat))
        best = np.maximum(best, peak * np.exp(-(((x - east) ** 2 + (y - north) ** 2) / reach**2)))
    return best


@dataclass
class Grid:
    """A raster over the mainland: where streets may go and which way."""

    west: float
    north: float
    allowed: NDArray[np.bool_]
    kind: NDArray[np.uint8]
    theta: Array
    dense: Array

    def __post_init__(self) -> None:
        self.cos, self.sin = np.cos(self.theta), np.sin(self.theta)

    def cell(self, x: float, y: float) -> tuple[int, int]:
        return int((self.north - y) / CELL_M), int((x - self.west) / CELL_M)


def build_grid(mainland: shapely.Polygon, areas: list[Region], roads: list[Road]) -> Grid:
    """Draw the field of directions and the places where streets are wanted."""
    west, south, east, north = mainland.bounds
    shape = (int((north - south) / CELL_M) + 2, int((east - west) / CELL_M) + 2)
    transform = Affine(CELL_M, 0.0, west, 0.0, -CELL_M, north)
    kinds = [*STREETS_IN, "nature"]
    burn = [(area.area, kinds.index(area.kind if area.kind in STREETS_IN else "nature")) for area in reversed(areas)]
    kind = np.asarray(rasterio.features.rasterize(burn, shape, transform=transform, dtype=np.uint8), dtype=np.uint8)
    inside = rasterio.features.rasterize([(mainland.buffer(-12), 1)], shape, transform=transform, dtype=np.uint8)
    x, y = np.meshgrid(west + (np.arange(shape[1]) + 0.5) * CELL_M, north - (np.arange(shape[0]) + 0.5) * CELL_M)
    allowed = (inside == 1) & (kind < len(STREETS_IN))
    return Grid(west, north, allowed, kind, _directions(x, y, roads, allowed), density(x, y))


def _directions(x: Array, y: Array, roads: list[Road], wanted: NDArray[np.bool_]) -> Array:
    """Return the angle of the field: the city's slope, bent to the nearest main road; four-fold symmetric."""
    wander = Noise("street direction", 1900.0, 2)
    angle = np.radians(27) + np.radians(21) * wander(x, y)
    field = np.exp(4j * angle)
    spots, turns = [], []
    for road in roads:
        points = shapely.get_coordinates(shapely.segmentize(road.line.simplify(3.0), 60.0))
        edges = np.diff(points, axis=0)
        spots.append((points[:-1] + points[1:]) / 2)
        turns.append(np.arctan2(edges[:, 1], edges[:, 0]))
    tree = shapely.STRtree(shapely.points(np.vstack(spots)))
    cells = np.flatnonzero(wanted)
    here, nearest = tree.query_nearest(
        shapely.points(x.ravel()[cells], y.ravel()[cells]), max_distance=420.0, all_matches=False
    )
    gap = np.hypot(*(np.column_stack([x.ravel()[cells][here], y.ravel()[cells][here]]) - np.vstack(spots)[nearest]).T)
    pull = 2.2 * np.exp(-gap / 170.0)
    field.ravel()[cells[here]] += pull * np.exp(4j * np.concatenate(turns)[nearest])
    return np.asarray(np.angle(field) / 4)


class Streets:
    """Grows the streets, pass by pass, on one grid."""

    def __init__(self, grid: Grid, roads: list[Road]) -> None:
        self.grid = grid
        self.lines: list[tuple[int, str, Array]] = []
        self._walls = np.zeros(grid.theta.shape, dtype=bool)
        for road in roads:
            self._keep(shapely.get_coordinates(shapely.segmentize(road.line, 20.0)), road.road_class)

    def _keep(self, points: Array, road_class: str) -> None:
        """File a main road under the family it runs along, piece by piece."""
        self._wall(points)
        edges = np.diff(points, axis=0)
        rows = ((self.grid.north - points[:-1, 1]) / CELL_M).astype(int).clip(0, self.grid.theta.shape[0] - 1)
        columns = ((points[:-1, 0] - self.grid.west) / CELL_M).astype(int).clip(0, self.grid.theta.shape[1] - 1)
        turn = np.arctan2(edges[:, 1], edges[:, 0]) - self.grid.theta[rows, columns]
        family = (np.abs(np.sin(turn)) > 0.7071).astype(int)
        for position, which in enumerate(family):
            self.lines.append((int(which), road_class, points[position : position + 2]))

    def grow(self, road_class: str, spacing: Array, families: tuple[int, ...], where: NDArray[np.bool_]) -> None:
        """Add the streets of one class, spacing metres apart (an array over the grid), where they are wanted."""
        rng = dice(f"streets {road_class} {families}")
        busy = [self._occupied(family, spacing) for family in (0, 1)]
        rows, columns = np.nonzero(where)
        for position, seed in enumerate(rng.permutation(len(rows))):
            family = families[position % len(families)]
            row, column = int(rows[seed]), int(columns[seed])
            if busy[family][row, column]:
                continue
            x = self.grid.west + (column + rng.random()) * CELL_M
            y = self.grid.north - (row + rng.random()) * CELL_M
            # Half of the lanes end at the first street, the others cross it.
            shy = road_class == "lingkungan" and rng.random() < 0.6
            walker = Walker(self.grid, busy[family], self._walls, where, shy, float(spacing[row, column]))
            back, forth = walker.walk(x, y, family, -1.0), walker.walk(x, y, family, 1.0)
            if len(back) + len(forth) >= 4:
                points = np.array([*back[::-1], (x, y), *forth])
                self.lines.append((family, road_class, points))
                self._stamp(busy[family], points, spacing)
                self._wall(points)

    def _wall(self, points: Array) -> None:
        """Mark the cells a street passes, and their neighbours."""
        rows = ((self.grid.north - points[:, 1]) / CELL_M).astype(int).clip(1, self._walls.shape[0] - 2)
        columns = ((points[:, 0] - self.grid.west) / CELL_M).astype(int).clip(1, self._walls.shape[1] - 2)
        for down, right in ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)):
            self._walls[rows + down, columns + right] = True

    def _occupied(self, family: int, spacing: Array) -> NDArray[np.bool_]:
        """Return the cells nearer to a line of this family than the spacing there."""
        busy = np.zeros(spacing.shape, dtype=bool)
        for which, _, points in self.lines:
            if which == family:
                self._stamp(busy, points, spacing)
        return busy

    def _stamp(self, busy: NDArray[np.bool_], points: Array, spacing: Array) -> None:
        """Mark the surroundings of a line as taken."""
        height, width = busy.shape
        for x, y in points[:: 2 if len(points) > 4 else 1]:
            row, column = self.grid.cell(x, y)
            if not (0 <= row < height and 0 <= column < width):
                continue
            reach = spacing[row, column] * 0.78
            cells = max(1, round(reach / CELL_M))
            top, left = max(0, row - cells), max(0, column - cells)
            disc = _disc(cells)
            part = busy[top : row + cells + 1, left : column + cells + 1]
            part |= disc[top - row + cells :, left - column + cells :][: part.shape[0], : part.shape[1]]


@dataclass
class Walker:
    """Walks along the field from a seed until a street ends.

    Near a parallel street it goes on, for as far as the spacing, to the next crossing one; without it, it turns back.
    """

    grid: Grid
    busy: NDArray[np.bool_]
    walls: NDArray[np.bool_]
    where: NDArray[np.bool_]
    shy: bool
    patience_m: float

    def walk(self, x: float, y: float, family: int, sign: float) -> list[tuple[float, float]]:
        """Return the points passed, without the seed itself."""
        points: list[tuple[float, float]] = []
        angle = float(self.grid.theta[self.grid.cell(x, y)]) + family * np.pi / 2
        dx, dy = sign * float(np.cos(angle)), sign * float(np.sin(angle))
        late, free = 0, 0
        for step in range(130):
            dx, dy = self._turned(x, y, dx, dy)
            x, y = x + dx * STEP_M, y + dy * STEP_M
            points.append((x, y))
            row, column = self.grid.cell(x, y)
            if not (0 <= row < self.busy.shape[0] and 0 <= column < self.busy.shape[1]):
                return points
            late = late + 1 if self.busy[row, column] or not self.where[row, column] else 0
            free = len(points) if not late else free
            if step > 1 and self.walls[row, column] and (late or self.shy):
                return [*points, *((x + dx * STEP_M * n, y + dy * STEP_M * n) for n in (1, 2, 3))]
            if late * STEP_M > (40 if not self.where[row, column] else 1.3 * self.patience_m):
                return points[: free if self.where[row, column] else len(points)]
        return points

    def _turned(self, x: float, y: float, dx: float, dy: float) -> tuple[float, float]:
        """Turn a heading towards the nearest of the field's four directions."""
        row, column = self.grid.cell(x, y)
        row, column = min(max(row, 0), self.busy.shape[0] - 1), min(max(column, 0), self.busy.shape[1] - 1)
        cx, cy = self.grid.cos[row, column], self.grid.sin[row, column]
        ahead, aside = dx * cx + dy * cy, -dx * cy + dy * cx
        if abs(ahead) > abs(aside):
            tx, ty = (cx, cy) if ahead > 0 else (-cx, -cy)
        else:
            tx, ty = (-cy, cx) if aside > 0 else (cy, -cx)
        dx, dy = 0.6 * dx + 0.4 * tx, 0.6 * dy + 0.4 * ty
        length = (dx * dx + dy * dy) ** 0.5
        return float(dx / length), float(dy / length)


@cache
def _disc(cells: int) -> NDArray[np.bool_]:
    y, x = np.ogrid[-cells : cells + 1, -cells : cells + 1]
    return np.asarray(x * x + y * y <= cells * cells)


def grow_streets(
    mainland: shapely.Polygon, areas: list[Region], roads: list[Road]
) -> tuple[list[LineString], list[LineString]]:
    """Return the centre lines of the local streets and of the lanes, not yet cut at their crossings."""
    grid = build_grid(mainland, areas, roads)
    streets = Streets(grid, roads)
    vary = 1 + 0.14 * Noise("street spacing", 480.0, 2)(*_centres(grid))
    kind = grid.kind
    industrial = (kind == STREETS_IN.index("KPI")) | (kind == STREETS_IN.index("PTL"))
    local = np.where(industrial, 650.0, 405.0 - 200.0 * grid.dense) * vary
    lanes = (112.0 - 50.0 * grid.dense) * vary
    homes = grid.allowed & (kind <= STREETS_IN.index("office"))
    streets.grow("lokal", local, (0, 1), grid.allowed)
    streets.grow("lingkungan", lanes, (0,), homes)
    lines: dict[str, list[LineString]] = {"lokal": [], "lingkungan": []}
    for _, road_class, points in streets.lines:
        if road_class in lines:
            lines[road_class].append(LineString(points).simplify(0.8))
    return lines["lokal"], lines["lingkungan"]


def _centres(grid: Grid) -> tuple[Array, Array]:
    height, width = grid.theta.shape
    x, y = np.meshgrid(grid.west + (np.arange(width) + 0.5) * CELL_M, grid.north - (np.arange(height) + 0.5) * CELL_M)
    return x, y
