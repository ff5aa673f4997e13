"""Nodes of shared borders, moved, inserted and deleted in every zone that has them.

All places lon/lat, EPSG:4326. ``zones`` must hold every zone that touches those an operation concerns; it may hold
more. A node or edge is named by its exact coordinates; ``gis.zone_edits.snap`` finds them from a typed or clicked place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from gis.edit_errors import EditError
from gis.errors import InvalidGeometry
from gis.zone_edits.check import checked
from gis.zone_edits.model import Edit, Footprint, ZoneId, Zones
from gis.zone_edits.noding import with_nodes
from gis.zone_edits.outlines import (
    ON_EDGE_DEG,
    SAME_NODE_DEG,
    Edge,
    Node,
    Part,
    Ring,
    build,
    near,
    parts_of,
    polygon_of,
    rounded,
    tidy_ring,
    undirected,
)

_TWO_BORDERS: Final = 2


def move_node(zones: Zones, node: Node, to: Node, *, footprint: Footprint = "keep") -> Edit:
    """Move a node in every zone that has it: shells, holes and all parts, closing nodes included.

    node: exact. to: rounded to 1e-8 degree; within 2 mm of another node it becomes that node. footprint: "may_change"
    allows to move a node of the plan's outer border. Raises EditError "edit_no_node" and what ``checked`` finds.
    """
    return move_nodes(zones, {node: to}, footprint=footprint)


def move_nodes(zones: Zones, moves: Mapping[Node, Node], *, footprint: Footprint = "keep") -> Edit:
    """Move several nodes at once, as ``move_node`` does; the result is checked only when all have moved."""
    owners = {node: _having(zones, node) for node in moves}
    targets = {node: _target(zones, node, to, moves) for node, to in moves.items()}
    outlines: dict[ZoneId, shapely.Geometry] = {}
    for zone in dict.fromkeys(zone for having in owners.values() for zone in having):
        here = {node: target for node, target in targets.items() if zone in owners[node]}
        outlines[zone] = _moved(zone, zones[zone], here)
    outlines = _with_junctions(zones, outlines, [target for node, target in targets.items() if target != node])
    return checked(zones, outlines, footprint=footprint)


def insert_node(zones: Zones, edge: Edge, at: Node | None = None, *, footprint: Footprint = "keep") -> Edit:
    """Put a node into an edge, in every zone that has the edge.

    edge: both ends, exact, in either order. at: rounded to 1e-8 degree; None is the middle. Raises EditError
    "edit_no_edge", "edit_node_exists".
    """
    key = undirected(edge)
    (ax, ay), (bx, by) = key
    node = _target(zones, None, at if at is not None else ((ax + bx) / 2, (ay + by) / 2), ())
    if node in key:
        raise EditError("edit_node_exists", place=node)
    outlines = with_nodes(zones, {key: (node,)})
    if not outlines:
        raise EditError("edit_no_edge", place=edge[0], to_lon=edge[1][0], to_lat=edge[1][1])
    return checked(zones, _with_junctions(zones, outlines, [node]), footprint=footprint)


def delete_node(zones: Zones, node: Node, *, footprint: Footprint = "keep") -> Edit:
    """Take a node out of every zone that has it.

    Only where one border passes through: a node with more than two edges, where borders end or cross, is refused, as
    is one whose ring would have fewer than three corners. On the plan's outer border it must lie within 2 mm of the
    straight line, unless the footprint may change. Raises EditError "edit_no_node", "edit_node_junction",
    "edit_ring_collapses".
    """
    owners = _having(zones, node)
    ends: set[Node] = set()
    outlines = {}
    for zone in owners:
        parts: list[Part] = []
        for part in parts_of(zones[zone]):
            rings = []
            for ring in part:
                ends |= _ends(ring, node)
                rings.append(_without(zone, ring, node))
            parts.append(rings)
        outlines[zone] = build([polygon_of(part) for part in parts], zones[zone])
    if len(ends) != _TWO_BORDERS:
        raise EditError("edit_node_junction", place=node, zones=sorted(owners))
    return checked(zones, outlines, footprint=footprint)


def _having(zones: Zones, node: Node) -> list[ZoneId]:
    """Zones with a node, bit by bit."""
    _check_place(node)
    lon, lat = node
    found = []
    for zone in near(zones, (lon, lat, lon, lat)):
        places = shapely.get_coordinates(zones[zone])
        if ((places[:, 0] == lon) & (places[:, 1] == lat)).any():
            found.append(zone)
    if not found:
        raise EditError("edit_no_node", place=node)
    return found


def _check_place(place: Node) -> None:
    lon, lat = place
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise InvalidGeometry("not_finite")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InvalidGeometry("not_lonlat", lon=lon, lat=lat)


def _target(zones: Zones, node: Node | None, to: Node, moving: Mapping[Node, Node] | tuple[()]) -> Node:
    """Where a node goes: to another node within 2 mm of the place, which is not moving itself, else rounded."""
    _check_place(to)
    lon, lat = to
    best: tuple[float, Node] | None = None
    for zone in near(zones, (lon, lat, lon, lat)):
        places = shapely.get_coordinates(zones[zone])
        distances = np.hypot(places[:, 0] - lon, places[:, 1] - lat)
        for position in np.flatnonzero(distances <= SAME_NODE_DEG).tolist():
            candidate = float(places[position, 0]), float(places[position, 1])
            if candidate not in moving and (best is None or (distances[position], candidate) < best):
                best = float(distances[position]), candidate
    if best is not None:
        return best[1]
    return node if node is not None and to == node else rounded(lon, lat)


def _moved(zone: ZoneId, outline: shapely.Geometry, targets: Mapping[Node, Node]) -> shapely.Geometry:
    """An outline with nodes at their new places; rings whose nodes fall together lose the repeats."""
    places, rings = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(outline)), return_index=True)
    new = places.copy()
    for node, target in targets.items():
        new[(places[:, 0] == node[0]) & (places[:, 1] == node[1])] = target
    repeats = (new[1:] == new[:-1]).all(axis=1) & (rings[1:] == rings[:-1])
    if not repeats.any():
        return shapely.set_coordinates(shapely.force_2d(outline), new)
    parts: list[Part] = []
    start = 0
    for part in parts_of(outline):
        tidied = []
        for ring in part:
            nodes = [(x, y) for x, y in new[start : start + len(ring)].tolist()]
            start += len(ring)
            tidied.append(_closed(zone, tidy_ring(nodes), nodes[0]))
        parts.append(tidied)
    return build([polygon_of(part) for part in parts], outline)


def _with_junctions(
    zones: Zones, outlines: Mapping[ZoneId, shapely.Geometry], nodes: list[Node]
) -> dict[ZoneId, shapely.Geometry]:
    """Put new nodes into edges of any zone that they lie on, so that both sides of a border have them."""
    result = dict(outlines)
    inserts: dict[Edge, list[Node]] = {}
    for lon, lat in nodes:
        for zone in near(zones, (lon, lat, lon, lat)):
            for ring in (ring for part in parts_of(result.get(zone, zones[zone])) for ring in part):
                for edge in _edges_through(ring, (lon, lat)):
                    found = inserts.setdefault(edge, [])
                    if (lon, lat) not in found:
                        found.append((lon, lat))
    if inserts:
        ordered = {edge: sorted(found, key=lambda node: math.dist(node, edge[0])) for edge, found in inserts.items()}
        result.update(with_nodes({**zones, **result}, ordered))
    return result


def _edges_through(ring: Ring, node: Node) -> list[Edge]:
    """Undirected edges of a ring that pass within 1.5 mm of a node without ending there."""
    start, end = ring[:-1], ring[1:]
    along, across = _relative(start, end, node)
    hit = (along > 0) & (along < 1) & (across <= ON_EDGE_DEG)
    hit &= ~((start == node).all(axis=1) | (end == node).all(axis=1))
    edges = []
    for position in np.flatnonzero(hit).tolist():
        (ax, ay), (bx, by) = start[position].tolist(), end[position].tolist()
        edges.append(undirected(((ax, ay), (bx, by))))
    return edges


def _relative(start: Ring, end: Ring, node: Node) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """A node's place relative to edges: along, 0 at the start and 1 at the end, and the distance across in degrees."""
    delta, offset = end - start, np.asarray(node) - start
    square = (delta**2).sum(axis=1)
    along = np.divide((delta * offset).sum(axis=1), square, out=np.full(len(square), -1.0), where=square > 0)
    length = np.sqrt(square)
    area = np.abs(delta[:, 0] * offset[:, 1] - delta[:, 1] * offset[:, 0])
    return along, np.divide(area, length, out=np.full(len(square), np.inf), where=length > 0)


def _ends(ring: Ring, node: Node) -> set[Node]:
    """The other ends of a ring's edges at a node."""
    at = (ring == node).all(axis=1)
    places = np.vstack([ring[1:][at[:-1]], ring[:-1][at[1:]]])
    return set(map(tuple, places.tolist()))


def _without(zone: ZoneId, ring: Ring, node: Node) -> Ring:
    keep = ~(ring == node).all(axis=1)
    if keep.all():
        return ring
    return _closed(zone, tidy_ring([(x, y) for x, y in ring[keep].tolist()]), node)


def _closed(zone: ZoneId, ring: Ring | None, place: Node) -> Ring:
    if ring is None:
        raise EditError("edit_ring_collapses", place=place, zones=[zone])
    return ring
