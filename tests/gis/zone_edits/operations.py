"""Edits drawn from four numbers between 0 and 1, so that a failing sequence shrinks to a short one."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable

import shapely
import shapely.affinity

from gis.crs import MetricCrs
from gis.zone_edits import (
    Edit,
    Node,
    carve,
    delete_node,
    give,
    insert_node,
    merge,
    move_node,
    offset_border,
    set_outline,
    shared_borders,
    split,
)
from gis.zone_edits.outlines import nodes_of
from tests.gis.zone_edits.coverages import STEP

Zones = dict[int, shapely.Geometry]
Numbers = tuple[float, float, float, float]
UTM = MetricCrs(50, south=False)


def pick(zones: Zones, number: float) -> int:
    """A zone."""
    ids = sorted(zones)
    return ids[min(int(number * len(ids)), len(ids) - 1)]


def edge_of(zone: shapely.Geometry, number: float) -> tuple[Node, Node]:
    """An edge of any ring of a zone."""
    rings = [shapely.get_coordinates(ring).tolist() for ring in shapely.get_rings(shapely.get_parts(zone))]
    edges = [(tuple(a), tuple(b)) for ring in rings for a, b in itertools.pairwise(ring)]
    start, end = edges[min(int(number * len(edges)), len(edges) - 1)]
    return (start[0], start[1]), (end[0], end[1])


def neighbour(zones: Zones, zone: int, number: float) -> int | None:
    """A zone that shares a border."""
    near = {other: zones[other] for other in zones if other != zone and shared_borders(zones, zone, other)}
    return pick(near, number) if near else None


def shifted(node: Node, x: float, y: float) -> Node:
    """A place up to half a step away."""
    return node[0] + (x - 0.5) * STEP, node[1] + (y - 0.5) * STEP


def ring_shape(centre: Node, x: float, y: float) -> shapely.Geometry:
    """A polygon around a place, every other one with a hole."""
    shape = shapely.Point(shifted(centre, x, y)).buffer((0.1 + 0.5 * x) * STEP, quad_segs=2)
    return shape.difference(shapely.affinity.scale(shape, 0.5, 0.5)) if y > 0.5 else shape


def _move(zones: Zones, a: float, b: float, c: float, d: float) -> Edit | None:
    node = edge_of(zones[pick(zones, a)], b)[0]
    return move_node(zones, node, shifted(node, c, d))


def _insert(zones: Zones, a: float, b: float, c: float, d: float) -> Edit | None:
    start, end = edge_of(zones[pick(zones, a)], b)
    return insert_node(zones, (start, end), (start[0] + c * (end[0] - start[0]), start[1] + c * (end[1] - start[1])))


def _delete(zones: Zones, a: float, b: float, c: float, d: float) -> Edit | None:
    counts = Counter(node for zone in zones.values() for node in nodes_of(zone))
    start, end = edge_of(zones[pick(zones, a)], b)
    # Where three zones meet it would be refused, as it is often enough.
    return delete_node(zones, min(start, end, key=lambda node: counts[node]))


def _split(zones: Zones, a: float, b: float, c: float, d: float) -> Edit | None:
    zone = pick(zones, a)
    west, south, east, north = zones[zone].bounds
    width, height = east - west, north - south
    middle = (west + (0.2 + 0.6 * c) * width, south + (0.2 + 0.6 * d) * height)
    ends = [(west - 1e-5, south + b * height), (east + 1e-5, south + (1 - b) * height)]
    return split(zones, zone, shapely.LineString([ends[0], middle, ends[1]]))


def _merge(zones: Zones, a: float, b: float, c: float, d: float) -> Edit | None:
    zone = pick(zones, a)
    other = neighbour(zones, zone, b)
    # Zones would soon be few and large: what is large already stays.
    return None if other is None or len(zones) < 12 else merge(zones, [zone, other])


def _carve(zones: Zones, a: float, b: float, c: float, d: float) -> Edit | None:
    polygon = ring_shape(edge_of(zones[pick(zones, a)], b)[0], c, d)
    return carve(zones, polygon, outside="cut" if a > b else "refuse")


def _give(zones: Zones, a: float, b: float, c: float, d: float) -> Edit | None:
    zone = pick(zones, a)
    other = neighbour(zones, zone, b)
    if other is None:
        return None
    return give(zones, ring_shape(edge_of(zones[other], c)[0], d, c), zone, other)


def _offset(zones: Zones, a: float, b: float, c: float, d: float) -> Edit | None:
    zone = pick(zones, a)
    other = neighbour(zones, zone, b)
    return None if other is None else offset_border(zones, shared_borders(zones, zone, other)[0], 40 * (c - 0.5), UTM)


def _redraw(zones: Zones, a: float, b: float, c: float, d: float) -> Edit | None:
    edit = _move(zones, a, b, c, d)
    assert edit is not None
    drawn = {zone: delta.new for zone, delta in edit.changes.items() if delta.new is not None}
    if d > 0.7:
        drawn.popitem()
    return set_outline(zones, drawn)


OPERATIONS: dict[str, Callable[[Zones, float, float, float, float], Edit | None]] = {
    "move": _move,
    "insert": _insert,
    "delete": _delete,
    "split": _split,
    "merge": _merge,
    "carve": _carve,
    "give": _give,
    "offset": _offset,
    "redraw": _redraw,
}
