"""Coverages to edit: squares, Voronoi cells, and what makes zones hard: holes, islands, several parts."""

from __future__ import annotations

import numpy as np
import shapely
import shapely.affinity

from gis.zone_edits.outlines import union_of

WEST, SOUTH, STEP = 117.4, 0.1, 0.001


def place(x: float, y: float) -> tuple[float, float]:
    """A place by columns and rows of the grid."""
    return round(WEST + x * STEP, 8), round(SOUTH + y * STEP, 8)


def square(x: float, y: float, width: float = 1.0, height: float = 1.0) -> shapely.Polygon:
    """A rectangle by columns and rows of the grid."""
    return shapely.box(*place(x, y), *place(x + width, y + height))


def multi(*polygons: shapely.Geometry) -> shapely.MultiPolygon:
    """A zone as it is stored."""
    return shapely.MultiPolygon(list(polygons))


def grid(columns: int, rows: int) -> dict[int, shapely.Geometry]:
    """Squares of 0.001 degree, numbered from 1 by rows from the south-west."""
    return {1 + y * columns + x: multi(square(x, y)) for y in range(rows) for x in range(columns)}


def voronoi(count: int, seed: int) -> dict[int, shapely.Geometry]:
    """Voronoi cells of random points in a box, nodes rounded to 1e-8 degree."""
    random = np.random.default_rng(seed)
    size = STEP * count**0.5
    frame = shapely.box(WEST, SOUTH, round(WEST + size, 8), round(SOUTH + size, 8))
    points = shapely.multipoints(random.uniform((WEST, SOUTH), frame.bounds[2:], (count, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=frame.buffer(size)))
    clipped = shapely.intersection(cells, frame)
    rounded = shapely.transform(clipped, lambda nodes: np.round(nodes, 8))
    return {number: multi(shapely.remove_repeated_points(cell)) for number, cell in enumerate(rounded, start=1)}


def tricky(count: int, seed: int) -> dict[int, shapely.Geometry]:
    """Voronoi cells of which some are joined: zones with holes, with an island in the hole, and of several parts."""
    zones = voronoi(count, seed)
    random = np.random.default_rng(seed + 1)
    cells = {number: zone.geoms[0] for number, zone in zones.items()}
    # A small zone inside a larger one, which touches nothing else.
    largest = max(cells, key=lambda number: cells[number].area)
    island = shapely.transform(shapely.affinity.scale(cells[largest], 0.4, 0.4), lambda nodes: np.round(nodes, 8))
    zones[count + 1] = multi(island)
    zones[largest] = multi(shapely.Polygon(cells[largest].exterior, [island.exterior]))
    # All neighbours of one inner cell become one zone around it.
    inner, ring = next(
        (number, near) for number in sorted(cells) if number != largest and (near := _around(cells, number, largest))
    )
    keep, *others = ring
    zones[keep] = multi(*union_of([cells[number] for number in ring]))
    for number in others:
        del zones[number]
    # Two zones far apart become one of two parts.
    free = [number for number in sorted(zones) if number not in (keep, inner, largest, count + 1)]
    first = free[int(random.integers(len(free)))]
    second = max(free, key=lambda number: shapely.distance(zones[first], zones[number]))
    if second != first:
        zones[first] = multi(*zones[first].geoms, *zones.pop(second).geoms)
    return zones


def _around(cells: dict[int, shapely.Geometry], inner: int, spared: int) -> list[int]:
    """The cells that enclose one; empty where it lies at the edge or the spared cell is among them."""
    near = [number for number in cells if number != inner and cells[number].touches(cells[inner])]
    land = union_of([cells[number] for number in near])
    return near if spared not in near and len(land) == 1 and len(land[0].interiors) == 1 else []


def reversed_rings(zone: shapely.Geometry) -> shapely.Geometry:
    """The same zone with all rings running the other way."""
    return shapely.reverse(zone)
