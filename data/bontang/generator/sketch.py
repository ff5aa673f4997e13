"""The hand-drawn sketch (inputs/sketch.toml) turned into organic lines and areas. Metres."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from .frame import INPUTS, Array, dice, points_m
from .shapes import Noise, Warp, curve, densified

# Half of the width between the building lines, by road class.
HALF_WIDTH_M = {"arteri": 12.0, "kolektor": 8.0, "lokal": 5.0, "lingkungan": 2.5}
STREETS_IN = ("settlement", "village", "office", "KPI", "PL-6", "PTL")


@dataclass(frozen=True)
class Road:
    """One road: its class, name and centre line."""

    road_class: str
    name: str
    line: LineString


@dataclass(frozen=True)
class River:
    """One river: its middle, and the water's surface as a polygon."""

    name: str
    line: LineString
    water: Polygon


@dataclass(frozen=True)
class Region:
    """A piece of land use: a sub-zone code, or a kind of settlement that streets will divide."""

    kind: str
    name: str
    area: BaseGeometry


@cache
def read_sketch() -> dict[str, list[dict[str, Any]]]:
    """Read sketch.toml."""
    with (INPUTS / "sketch.toml").open("rb") as file:
        return tomllib.load(file)


def main_roads() -> list[Road]:
    """Return the arterial and collector roads of the sketch, bent a little."""
    wave = Warp("main roads", 26.0, 260.0)
    return [
        Road(row["class"], row["name"], LineString(wave(curve(points_m(row["path"]), 22.0))))
        for row in read_sketch()["roads"]
    ]


def rivers() -> list[River]:
    """Return the rivers of the sketch, meandering, wider towards the mouth."""
    meander, ripple = Warp("meander", 95.0, 330.0), Noise("river width", 200.0)
    result = []
    for row in read_sketch()["rivers"]:
        points = meander(curve(points_m(row["path"]), 12.0))
        start, end = row["half_width"]
        along = np.linspace(0, 1, len(points))
        width = (start + (end - start) * along**1.5) * (1 + 0.25 * ripple(points[:, 0], points[:, 1]))
        pieces = shapely.buffer(
            shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1)), width[:-1], quad_segs=2
        )
        line = LineString(points)
        water = shapely.union_all(pieces).buffer(1.5, quad_segs=2).buffer(-1.5, quad_segs=2).simplify(0.8)
        result.append(River(row["name"], line, _largest(water)))
    return result


def regions() -> list[Region]:
    """Return the land-use areas in their order of precedence; later ones may reach under earlier ones."""
    wave = Warp("regions", 150.0, 620.0)
    ripple = Warp("region edges", 26.0, 110.0)
    drawn = [
        Region(row["kind"], row["name"], _closed(ripple(wave(densified(_ring(row["path"]), 30.0)))))
        for row in read_sketch()["regions"]
    ]
    rural = drawn[-1]
    return [*drawn[:-1], *_countryside(rural.area, wave, ripple)]


def _ring(path: list[float]) -> Array:
    points = points_m(path)
    return np.vstack([points, points[:1]])


def _closed(ring: Array) -> Polygon:
    return _largest(Polygon(ring).buffer(0)).simplify(2.0)


def _largest(area: BaseGeometry) -> Polygon:
    return max(shapely.get_parts(area), key=shapely.area)


def _countryside(area: Polygon, wave: Warp, ripple: Warp) -> list[Region]:
    """Divide the countryside into fields, woods and hamlets of some tens of hectares."""
    rng = dice("countryside")
    west, south, east, north = area.bounds
    spots = rng.uniform((west, south), (east, north), (int(area.area / 380_000), 2))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(spots)))
    kinds = rng.choice(["RTH-1", "R-4", "P-1", "W", "HPK"], len(cells), p=[0.34, 0.16, 0.2, 0.04, 0.26])
    found = []
    for cell, kind in zip(cells, kinds, strict=True):
        ring = ripple(wave(densified(shapely.get_coordinates(cell.exterior), 30.0)))
        piece = shapely.intersection(Polygon(ring).buffer(0), area)
        if piece.area > 0:
            found.append(Region(str(kind), "countryside", _closed(shapely.get_coordinates(_largest(piece).exterior))))
    return found
