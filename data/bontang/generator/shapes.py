"""Organic lines: fractal displacement, smooth noise, curves through control points. All in metres."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from .frame import Array, dice


class Noise:
    """Smooth noise over the plane: a sum of octaves of interpolated lattice values, about -1 to 1."""

    def __init__(self, name: str, scale_m: float, octaves: int = 3) -> None:
        self._table = dice(f"noise {name}").uniform(-1.0, 1.0, (64, 64))
        self._scale_m = scale_m
        self._octaves = octaves

    def __call__(self, x: Array, y: Array) -> Array:
        """Return the noise at the points x, y (metres, any shape)."""
        total = np.zeros_like(np.asarray(x, dtype=np.float64))
        strength, scale = 1.0, self._scale_m
        for octave in range(self._octaves):
            total += strength * self._lattice(
                np.asarray(x) / scale + 17.3 * octave, np.asarray(y) / scale + 5.7 * octave
            )
            strength, scale = strength / 2, scale / 2.03
        return total / (2 - 2.0 ** (1 - self._octaves))

    def _lattice(self, u: Array, v: Array) -> Array:
        column, row = np.floor(u).astype(int), np.floor(v).astype(int)
        a, b = u - column, v - row
        a, b = a * a * (3 - 2 * a), b * b * (3 - 2 * b)
        table, size = self._table, len(self._table)
        low = table[row % size, column % size] * (1 - a) + table[row % size, (column + 1) % size] * a
        high = table[(row + 1) % size, column % size] * (1 - a) + table[(row + 1) % size, (column + 1) % size] * a
        return np.asarray(low * (1 - b) + high * b)


class Warp:
    """Moves points a little, neighbours alike: borders drawn with a ruler become organic and still meet."""

    def __init__(self, name: str, strength_m: float, scale_m: float) -> None:
        self._strength_m = strength_m
        self._east = Noise(f"{name} east", scale_m)
        self._north = Noise(f"{name} north", scale_m)

    def __call__(self, points: Array) -> Array:
        """Return the (n, 2) points moved by up to strength_m in each direction."""
        x, y = points[:, 0], points[:, 1]
        return np.column_stack([x + self._strength_m * self._east(x, y), y + self._strength_m * self._north(x, y)])


def fractal(points: Array, roughness: float, step_m: float, rng: np.random.Generator) -> Array:
    """Displace the middle of each edge sideways, again and again, until edges are shorter than step_m.

    roughness: sideways deviation as a share of the edge's length. The points given stay where they are.
    """
    while True:
        edges = np.diff(points, axis=0)
        lengths = np.hypot(edges[:, 0], edges[:, 1])
        if lengths.max() <= step_m:
            return points
        long = lengths > step_m
        normals = np.column_stack([-edges[:, 1], edges[:, 0]])
        shift = rng.normal(0.0, roughness, len(edges)).clip(-2 * roughness, 2 * roughness)
        middles = (points[:-1] + points[1:]) / 2 + normals * shift[:, None]
        slots = np.flatnonzero(long) + 1
        points = np.insert(points, slots, middles[long], axis=0)


def curve(points: Array, step_m: float) -> Array:
    """Return a smooth curve (centripetal-like Catmull-Rom) through the points, with a vertex about every step_m."""
    ends = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    pieces = []
    for before, start, end, after in zip(ends[:-3], ends[1:-2], ends[2:-1], ends[3:], strict=True):
        count = max(2, int(np.hypot(*(end - start)) / step_m))
        t = np.linspace(0, 1, count, endpoint=False)[:, None]
        pieces.append(
            0.5
            * (
                2 * start
                + (end - before) * t
                + (2 * before - 5 * start + 4 * end - after) * t**2
                + (3 * start - before - 3 * end + after) * t**3
            )
        )
    return np.vstack([*pieces, points[-1:]])


def densified(points: Array, step_m: float) -> Array:
    """Return the points with more of them in between, none further apart than step_m."""
    return shapely.get_coordinates(shapely.segmentize(LineString(points), step_m))


def smoothed(points: Array, rounds: int = 2) -> Array:
    """Cut the corners of an open line (Chaikin), keeping its ends."""
    for _ in range(rounds):
        quarter = 0.75 * points[:-1] + 0.25 * points[1:]
        three = 0.25 * points[:-1] + 0.75 * points[1:]
        inner = np.empty((2 * len(quarter), 2))
        inner[0::2], inner[1::2] = quarter, three
        points = np.vstack([points[:1], inner[1:-1], points[-1:]])
    return points


def blob(centre: Array, area_m2: float, rng: np.random.Generator) -> Polygon:
    """Return an island-like shape of exactly this area (metres) around a centre."""
    angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    radius = np.ones_like(angle)
    for wave in range(2, 9):
        radius += rng.normal(0, 0.30 / wave) * np.cos(wave * angle + rng.uniform(0, 2 * np.pi))
    radius = radius.clip(0.35)
    stretch, turn = rng.uniform(1.15, 1.6), rng.uniform(0, np.pi)
    ring = np.column_stack([radius * np.cos(angle) * stretch, radius * np.sin(angle) / stretch])
    ring = ring @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    shape = Polygon(ring)
    return Polygon(ring * np.sqrt(area_m2 / shape.area) + centre)
