"""Outlines as what they are made of: parts, rings, nodes and directed edges.

A node is a pair of doubles, lon and lat in degrees, compared bit by bit. A ring is an array of shape (n, 2) whose
last row repeats the first. Heights are dropped from whatever is taken apart here.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from gis.crs import Geometries

Node: TypeAlias = tuple[float, float]
Edge: TypeAlias = tuple[Node, Node]
Ring: TypeAlias = npt.NDArray[np.float64]
# One polygon: its shell, then its holes.
Part: TypeAlias = list[Ring]

DECIMALS: Final = 8
# New nodes are rounded to 1e-8 degree; what lies closer than this is on the edge, or is the node, to within that.
ON_EDGE_DEG: Final = 1.5e-8
SAME_NODE_DEG: Final = 2e-8
# Up to so many changed outlines lie close together, as those of one edit do.
_FEW: Final = 16


def rounded(lon: float, lat: float) -> Node:
    """A new node, on the grid of 1e-8 degree (a millimetre)."""
    return round(float(lon), DECIMALS) + 0.0, round(float(lat), DECIMALS) + 0.0


def same_bits(first: shapely.Geometry | None, second: shapely.Geometry | None) -> bool:
    """Whether two outlines are the same bit by bit: kind, order of parts and rings, first node, every coordinate."""
    if first is second or first is None or second is None:
        return first is second
    return bool(shapely.to_wkb(first) == shapely.to_wkb(second))


def parts_of(geometry: shapely.Geometry) -> list[Part]:
    """Polygons of a Polygon or MultiPolygon, as rings."""
    return [[shapely.get_coordinates(ring) for ring in shapely.get_rings(part)] for part in shapely.get_parts(geometry)]


def polygon_of(part: Part) -> shapely.Polygon:
    """A polygon of its rings."""
    return shapely.Polygon(part[0], part[1:])


def multipolygon(polygons: Sequence[shapely.Geometry]) -> shapely.Geometry:
    """A MultiPolygon of polygons, in their order."""
    # One geometry for one list, which the type stubs do not tell from many.
    return shapely.multipolygons(np.array(polygons, dtype=object))  # type: ignore[return-value]


def build(polygons: Sequence[shapely.Geometry], like: shapely.Geometry) -> shapely.Geometry:
    """One zone of several polygons; a MultiPolygon where ``like`` is one, even of a single part."""
    if len(polygons) == 1 and shapely.get_type_id(like) == shapely.GeometryType.POLYGON:
        return polygons[0]
    return multipolygon(polygons)


def rings_of(geometry: shapely.Geometry) -> Geometries:
    """All rings of all parts."""
    rings: Geometries = shapely.get_rings(shapely.get_parts(geometry))
    return rings


def nodes_of(geometry: shapely.Geometry) -> set[Node]:
    """All nodes."""
    return set(map(tuple, shapely.get_coordinates(geometry).tolist()))


def ring_edges(ring: Ring) -> Iterator[Edge]:
    """Edges of a ring or line, in its own direction."""
    nodes = [(x, y) for x, y in ring.tolist()]
    return itertools.pairwise(nodes)


def directed_edges(geometry: shapely.Geometry) -> set[Edge]:
    """Edges of a valid outline, each with the zone's land to its left.

    In a coverage every shared edge occurs once in each direction, so that those left over are its outer border.
    """
    rings, owners = shapely.get_rings(shapely.get_parts(geometry), return_index=True)
    shells = np.ones(len(rings), dtype=bool)
    shells[1:] = owners[1:] != owners[:-1]
    backwards = shapely.is_ccw(rings) != shells
    coordinates, of_ring = shapely.get_coordinates(rings, return_index=True)
    inside_ring = of_ring[1:] == of_ring[:-1]
    starts, ends = coordinates[:-1][inside_ring], coordinates[1:][inside_ring]
    swap = backwards[of_ring[:-1][inside_ring]][:, None]
    rows = np.hstack([np.where(swap, ends, starts), np.where(swap, starts, ends)]).tolist()
    return {((a, b), (c, d)) for a, b, c, d in rows}


def undirected(edge: Edge) -> Edge:
    """The same key for both directions of an edge."""
    return edge if edge[0] <= edge[1] else (edge[1], edge[0])


def lines_of(edges: Iterable[Edge]) -> Geometries:
    """Edges as LineStrings of two nodes."""
    flat = np.array(list(edges), dtype=np.float64).reshape(-1, 2, 2)
    lines = shapely.linestrings(flat)
    return np.asarray(lines, dtype=object)


def faces_of(edges: Iterable[Edge]) -> list[shapely.Geometry]:
    """Polygons that noded edges enclose, the nodes bit by bit those of the edges; loose ends are dropped."""
    lines = lines_of({undirected(edge) for edge in edges})
    return list(shapely.get_parts(shapely.polygonize(lines)))


def tidy_ring(ring: Sequence[Node]) -> Ring | None:
    """A closed ring without repeated nodes and without spikes (there and straight back); None when nothing is left.

    ring: closed or open.
    """
    nodes = list(ring[:-1]) if len(ring) > 1 and ring[0] == ring[-1] else list(ring)
    position = 0
    while nodes and position < len(nodes):
        count = len(nodes)
        if count > 1 and nodes[position] == nodes[(position + 1) % count]:
            del nodes[(position + 1) % count]
        elif count > 2 and nodes[position - 1] == nodes[(position + 1) % count]:
            del nodes[position]
        else:
            position += 1
            continue
        position = max(position - 2, 0)
    return np.array([*nodes, nodes[0]], dtype=np.float64) if len(nodes) >= 3 else None


def with_inserted(ring: Ring, inserts: Mapping[Edge, Sequence[Node]]) -> Ring:
    """The ring with nodes put into its edges.

    inserts: by undirected edge, the nodes in the order from its first to its second end.
    """
    result: list[Node] = []
    for edge in ring_edges(ring):
        result.append(edge[0])
        between = inserts.get(undirected(edge), ())
        result += between if edge[0] <= edge[1] else reversed(between)
    result.append((float(ring[-1, 0]), float(ring[-1, 1])))
    return np.array(result, dtype=np.float64)


def rewritten(geometry: shapely.Geometry, parts: Sequence[Part]) -> shapely.Geometry:
    """The geometry with new rings in its parts; a part whose rings are unchanged stays bit by bit."""
    return build([polygon_of(part) for part in parts], geometry)


def near(zones: Mapping[int, shapely.Geometry], extent: npt.ArrayLike, margin: float = SAME_NODE_DEG) -> list[int]:
    """Zones whose box meets a box (west, south, east, north, in degrees), in the order given."""
    ids = list(zones)
    if not ids:
        return []
    west, south, east, north = np.asarray(extent, dtype=np.float64)
    boxes = shapely.bounds(np.fromiter(zones.values(), dtype=object, count=len(ids)))
    hit = (boxes[:, 0] <= east + margin) & (boxes[:, 2] >= west - margin)
    hit &= (boxes[:, 1] <= north + margin) & (boxes[:, 3] >= south - margin)
    return [ids[position] for position in np.flatnonzero(hit).tolist()]


def near_any(zones: Mapping[int, shapely.Geometry], geometries: Sequence[shapely.Geometry]) -> list[int]:
    """Zones whose box meets that of one of the geometries, in the order given; for many changes all over a plan."""
    if len(geometries) <= _FEW:
        return near(zones, shapely.total_bounds(np.array(geometries, dtype=object)))
    ids = list(zones)
    boxes = shapely.bounds(np.array(geometries, dtype=object)) + SAME_NODE_DEG * np.array([-1, -1, 1, 1])
    _, found = shapely.STRtree(list(zones.values())).query(shapely.box(*boxes.T))
    return [ids[position] for position in np.unique(found).tolist()]


def lies_inside(face: shapely.Geometry, boundary: set[Edge], land: shapely.Geometry) -> bool:
    """Whether a face lies in land, of which it is a part or to which it is outside.

    boundary: directed edges of land, with whose edges the face is noded: a shared edge decides exactly; a face that
    shares none is decided by a point of it.
    """
    for start, end in directed_edges(face):
        if (start, end) in boundary:
            return True
        if (end, start) in boundary:
            return False
    return bool(shapely.intersects(land, shapely.point_on_surface(face)))


def union_of(polygons: Iterable[shapely.Geometry]) -> list[shapely.Geometry]:
    """The union of polygons that meet in whole edges: what is left of their edges when shared ones are taken out."""
    edges = {edge for polygon in polygons for edge in directed_edges(polygon)}
    border = {edge for edge in edges if (edge[1], edge[0]) not in edges}
    faces = faces_of(border)
    land = [face for face in faces if not border.isdisjoint(directed_edges(face))]
    return sorted(land, key=lambda face: shapely.bounds(face).tolist())


def arranged(polygon: shapely.Geometry, like: Ring) -> shapely.Geometry:
    """The same polygon, its rings running and beginning as they did in ``like`` where they still have its nodes."""
    ccw = bool(shapely.is_ccw(shapely.linearrings(like)))
    places = {(x, y): position for position, (x, y) in reversed(list(enumerate(like.tolist())))}
    rings = []
    for number, ring in enumerate(shapely.get_rings(polygon)):
        nodes = shapely.get_coordinates(ring)
        if bool(shapely.is_ccw(ring)) != (ccw if number == 0 else not ccw):
            nodes = nodes[::-1]
        first = min(range(len(nodes) - 1), key=lambda at: places.get((nodes[at, 0], nodes[at, 1]), len(like)))
        rings.append(np.vstack([nodes[first:-1], nodes[: first + 1]]))
    return polygon_of(rings)
