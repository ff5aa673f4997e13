"""Lines drawn over zones get the zones' nodes, and the zones' edges get the lines': afterwards both meet in nodes only.

New nodes are rounded once and put into every edge concerned by the same pair of doubles. Where a line comes within
1.5 mm of a node or an edge it runs through it, so that a line drawn along a border becomes that border.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely import STRtree

from gis.edit_errors import EditError
from gis.errors import InvalidGeometry
from gis.zone_edits.check import check_outline
from gis.zone_edits.model import ZoneId, Zones
from gis.zone_edits.outlines import (
    ON_EDGE_DEG,
    SAME_NODE_DEG,
    Edge,
    Node,
    Part,
    Ring,
    build,
    lines_of,
    near,
    parts_of,
    polygon_of,
    ring_edges,
    rounded,
    tidy_ring,
    undirected,
    union_of,
    with_inserted,
)

# Each round bends edges by less than the rounding of nodes; two or three settle everything but near-parallel lines.
_ROUNDS: Final = 8


@dataclass(frozen=True)
class Noded:
    """inserts: nodes for the zones' edges, by undirected edge in its order. lines: the drawn ones, with all nodes."""

    inserts: Mapping[Edge, Sequence[Node]]
    lines: tuple[Ring, ...]

    @property
    def edges(self) -> set[Edge]:
        """Undirected edges of the lines."""
        return {undirected(edge) for line in self.lines for edge in ring_edges(line) if edge[0] != edge[1]}

    def polygons(self, drawn: shapely.Geometry) -> list[shapely.Geometry]:
        """The lines as the polygons whose rings they were, without rings of which snapping left nothing."""
        rings = iter(self.lines)
        result: list[shapely.Geometry] = []
        for part in shapely.get_parts(drawn):
            noded = [tidy_ring([(x, y) for x, y in next(rings).tolist()]) for _ in shapely.get_rings(part)]
            if noded[0] is not None:
                result.append(polygon_of([ring for ring in noded if ring is not None]))
        return result


def node_lines(zones: Zones, lines: Iterable[Ring], *, known: Collection[Node] = ()) -> Noded:
    """Let lines and the edges of zones meet in nodes.

    zones: those whose edges the lines meet; others that share these edges take the same inserts. lines: shape (n, 2),
    lon/lat, closed ones with the first row repeated. known: nodes of the lines that stay where they are. Raises
    EditError "edit_not_settled".
    """
    edges = _edges_near(zones, lines := list(lines))
    nodes = np.array(sorted({node for edge in edges for node in edge}), dtype=np.float64).reshape(-1, 2)
    drawn = [_snapped(line, nodes, known) for line in lines]
    pieces: dict[Edge, list[Node]] = {edge: list(edge) for edge in edges}
    for _ in range(_ROUNDS):
        on_zones, on_lines = _meetings(_segments(pieces.values()), _segments(drawn))
        if not on_zones and not on_lines:
            inserts = {edge: tuple(path[1:-1]) for edge, path in pieces.items() if len(path) > 2}
            return Noded(inserts, tuple(np.array(line, dtype=np.float64) for line in drawn))
        pieces = {edge: _with(path, on_zones) for edge, path in pieces.items()}
        drawn = [_with(line, on_lines) for line in drawn]
    place = next(iter((on_lines or on_zones).values()))[0]
    raise EditError("edit_not_settled", place=place)


def with_nodes(zones: Zones, inserts: Mapping[Edge, Sequence[Node]]) -> dict[ZoneId, shapely.Geometry]:
    """The zones that have one of the edges, with the nodes put into them; all others are left out.

    An outline with a neck narrower than the rounding of nodes falls apart there. Raises EditError
    "edit_invalid_outline" where nothing valid is left.
    """
    if not inserts:
        return {}
    extent = shapely.total_bounds(lines_of(inserts))
    result = {}
    for zone in near(zones, extent):
        parts, changed = [], False
        for part in parts_of(zones[zone]):
            new = [with_inserted(ring, inserts) for ring in part]
            changed |= any(len(after) != len(before) for after, before in zip(new, part, strict=True))
            parts.append(new)
        if changed:
            result[zone] = _outline(zone, zones[zone], parts)
    return result


def _outline(zone: ZoneId, like: shapely.Geometry, parts: Sequence[Part]) -> shapely.Geometry:
    outline = build([polygon_of(part) for part in parts], like)
    if shapely.is_valid(outline):
        return outline
    # Where a rounded node brought two stretches of a ring together they cancel out, and what remains is rebuilt.
    polygons = [piece for part in parts for piece in union_of([polygon_of(part)])]
    if not polygons:
        raise EditError("edit_ring_collapses", zones=[zone])
    outline = build(polygons, like)
    check_outline(zone, outline)
    return outline


def line_coordinates(line: shapely.Geometry) -> Ring:
    """Places of a drawn line. Raises for anything but a line in lon/lat that does not cross itself."""
    if line is None or shapely.get_type_id(line) not in (1, 2):
        raise EditError("edit_line_needed")
    places = shapely.get_coordinates(line)
    if not np.isfinite(places).all():
        raise InvalidGeometry("not_finite")
    if len(places) and (np.abs(places) > (180, 90)).any():
        lon, lat = places[(np.abs(places) > (180, 90)).any(axis=1)][0].tolist()
        raise InvalidGeometry("not_lonlat", lon=lon, lat=lat)
    if len(np.unique(places, axis=0)) < 2:
        raise EditError("edit_line_needed")
    if not shapely.is_simple(line):
        crossing = shapely.get_coordinates(shapely.get_parts(shapely.node(line)))
        seen, counts = np.unique(crossing, axis=0, return_counts=True)
        lon, lat = seen[np.argmax(counts)].tolist()
        raise EditError("edit_line_crosses_itself", place=(lon, lat))
    return places


def polygon_rings(polygon: shapely.Geometry) -> list[Ring]:
    """Rings of a drawn polygon. Raises InvalidGeometry unless it is a valid polygon in lon/lat."""
    InvalidGeometry.check(polygon)
    return [ring for part in parts_of(polygon) for ring in part]


def _edges_near(zones: Zones, lines: Sequence[Ring]) -> list[Edge]:
    """Undirected edges of zones whose boxes meet that of a line."""
    found: set[Edge] = set()
    boxes = np.array([(*line.min(axis=0), *line.max(axis=0)) for line in lines]) + SAME_NODE_DEG * np.array(
        [-1, -1, 1, 1]
    )
    for zone in near(zones, (*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0))):
        for part in parts_of(zones[zone]):
            for ring in part:
                low, high = np.minimum(ring[:-1], ring[1:]), np.maximum(ring[:-1], ring[1:])
                hit = np.zeros(len(low), dtype=bool)
                for box in boxes:
                    hit |= (low <= box[2:]).all(axis=1) & (high >= box[:2]).all(axis=1)
                for position in np.flatnonzero(hit).tolist():
                    a, b = ring[position].tolist(), ring[position + 1].tolist()
                    found.add(undirected(((a[0], a[1]), (b[0], b[1]))))
    return sorted(found)


def _snapped(line: Ring, nodes: npt.NDArray[np.float64], known: Collection[Node]) -> list[Node]:
    """A drawn line on nodes it comes within 2 mm of, and rounded elsewhere."""
    result: list[Node] = []
    for lon, lat in line.tolist():
        node = (lon, lat) if (lon, lat) in known else rounded(lon, lat)
        if len(nodes) and (lon, lat) not in known:
            distance = np.hypot(nodes[:, 0] - lon, nodes[:, 1] - lat)
            nearest = int(distance.argmin())
            if distance[nearest] <= SAME_NODE_DEG:
                node = float(nodes[nearest, 0]), float(nodes[nearest, 1])
        if not result or result[-1] != node:
            result.append(node)
    return result


def _segments(paths: Iterable[Sequence[Node]]) -> list[Edge]:
    return sorted({undirected((a, b)) for path in paths for a, b in itertools.pairwise(path) if a != b})


def _meetings(zone_edges: list[Edge], line_edges: list[Edge]) -> tuple[dict[Edge, list[Node]], dict[Edge, list[Node]]]:
    """Nodes to put into edges of zones, and into edges of lines, where they meet without sharing a node."""
    on_zones: dict[Edge, list[Node]] = {}
    on_lines: dict[Edge, list[Node]] = {}
    if not zone_edges or not line_edges:
        return on_zones, on_lines
    tree = STRtree(lines_of(zone_edges))
    lines = lines_of(line_edges)
    for line_at, zone_at in tree.query(lines, predicate="dwithin", distance=ON_EDGE_DEG).T.tolist():
        theirs, ours = line_edges[line_at], zone_edges[zone_at]
        if theirs == ours:
            continue
        for_ours = [node for node in theirs if node not in ours and _on_edge(node, ours)]
        for_theirs = [node for node in ours if node not in theirs and _on_edge(node, theirs)]
        if not for_ours and not for_theirs and not set(ours) & set(theirs):
            crossing = _crossing(ours, theirs)
            if crossing is None:
                continue
            # A crossing that rounds to an end of one edge is a node for the other alone.
            for_ours = [crossing] if crossing not in ours else []
            for_theirs = [crossing] if crossing not in theirs else []
        if for_ours:
            on_zones.setdefault(ours, []).extend(for_ours)
        if for_theirs:
            on_lines.setdefault(theirs, []).extend(for_theirs)
    return on_zones, on_lines


def _on_edge(node: Node, edge: Edge) -> bool:
    """Whether a node lies within 1.5 mm of an edge, between its ends."""
    (ax, ay), (bx, by) = edge
    dx, dy = bx - ax, by - ay
    px, py = node[0] - ax, node[1] - ay
    square = dx * dx + dy * dy
    along = (px * dx + py * dy) / square
    return 0 < along < 1 and abs(px * dy - py * dx) <= ON_EDGE_DEG * square**0.5


def _crossing(first: Edge, second: Edge) -> Node | None:
    """Where two edges cross, as a node: an end of one of them within 2 mm, else rounded; None where they do not."""
    (ax, ay), (bx, by) = first
    (cx, cy), (dx, dy) = second
    # Relative to one end, as differences of degrees are far more exact than their products.
    rx, ry, sx, sy, qx, qy = bx - ax, by - ay, dx - cx, dy - cy, cx - ax, cy - ay
    cross = rx * sy - ry * sx
    if cross == 0:
        return None
    along, across = (qx * sy - qy * sx) / cross, (qx * ry - qy * rx) / cross
    if not (0 <= along <= 1 and 0 <= across <= 1):
        return None
    x, y = ax + along * rx, ay + along * ry
    ends = min((*first, *second), key=lambda node: (node[0] - x) ** 2 + (node[1] - y) ** 2)
    if (ends[0] - x) ** 2 + (ends[1] - y) ** 2 <= SAME_NODE_DEG**2:
        return ends
    return rounded(x, y)


def _with(path: Sequence[Node], inserts: Mapping[Edge, Sequence[Node]]) -> list[Node]:
    """The path with nodes put between those of each of its edges, in the order along it."""
    result = [path[0]]
    for start, end in itertools.pairwise(path):
        new = {node for node in inserts.get(undirected((start, end)), ()) if node not in (start, end)}
        result += sorted(new, key=lambda node: _along(node, start, end))
        result.append(end)
    return result


def _along(node: Node, start: Node, end: Node) -> float:
    return (node[0] - start[0]) * (end[0] - start[0]) + (node[1] - start[1]) * (end[1] - start[1])
