"""Outlines that were drawn elsewhere, and zones that claim the same land, brought back into the coverage.

All geometries lon/lat, EPSG:4326. ``zones`` must hold every zone that touches those an operation concerns.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping

import shapely

from gis.edit_errors import EditError
from gis.errors import InvalidGeometry
from gis.zone_edits.check import checked
from gis.zone_edits.land import known_outline, taken_from
from gis.zone_edits.model import Edit, Footprint, Lineage, ZoneId, Zones
from gis.zone_edits.noding import node_lines, polygon_rings, with_nodes
from gis.zone_edits.outlines import (
    SAME_NODE_DEG,
    Edge,
    Node,
    Part,
    Ring,
    build,
    directed_edges,
    lines_of,
    nodes_of,
    parts_of,
    polygon_of,
    ring_edges,
    tidy_ring,
    undirected,
)


def set_outline(zones: Zones, changed: Mapping[ZoneId, shapely.Geometry], *, footprint: Footprint = "keep") -> Edit:
    """Accept outlines of zones as they were drawn elsewhere, if the zones are still a coverage with the same footprint.

    changed: by zone, all that were redrawn. Nodes that a zone had come back bit by bit, others are rounded; nodes of a
    redrawn edge that lie on a neighbour's edge are put into it, and the other way round. Raises EditError whose
    ``faults`` name every place.
    """
    current = dict(zones)
    for zone, outline in changed.items():
        like = known_outline(zones, zone)
        InvalidGeometry.check(outline)
        current[zone] = build(list(shapely.get_parts(shapely.force_2d(outline))), like)
    redrawn = {zone: _edges(current[zone]) - _edges(zones[zone]) for zone in changed}
    outlines = _met(current, redrawn, zones)
    return checked(zones, {zone: outlines[zone] for zone in outlines}, footprint=footprint)


def with_shared_nodes(before: Zones, after: Zones) -> dict[ZoneId, shapely.Geometry]:
    """The zones of a layer that was redrawn elsewhere, with a node of each other wherever redrawn edges meet them.

    before: the zones as they were; new ones in ``after`` have numbers of their own. Outlines that did not change are the
    very same objects in both, and stay so unless a node is put in. Nothing is checked: see ``find_faults``. Raises
    EditError "edit_not_settled", "edit_ring_collapses".
    """
    changed = {zone: outline for zone, outline in after.items() if outline is not before.get(zone)}
    known = {
        edge for zone, outline in before.items() if zone not in after or zone in changed for edge in _edges(outline)
    }
    redrawn = {zone: _edges(outline) - known for zone, outline in changed.items()}
    # The nodes of a new zone are where they are meant to be, as those of the zone that it was split from.
    return _met(after, {zone: edges for zone, edges in redrawn.items() if edges}, {**after, **before})


def clear_overlap(zones: Zones, loser: ZoneId, winner: ZoneId) -> Edit:
    """Take away from one zone the land that another has as well.

    The winner keeps its outline, but for nodes where other borders meet it there. A loser that has no land of its own
    vanishes into the winner. Raises EditError "edit_no_overlap".
    """
    if loser == winner:
        raise EditError("edit_same_zone", zones=[winner])
    losing, winning = known_outline(zones, loser), known_outline(zones, winner)
    noded = node_lines({loser: losing}, polygon_rings(winning), known=nodes_of(winning))
    land = build(noded.polygons(winning), winning)
    rest, faces = taken_from(with_nodes({loser: losing}, noded.inserts).get(loser, losing), noded, land)
    if not faces:
        raise EditError("edit_no_overlap", zones=[loser, winner])
    current = {zone: outline for zone, outline in zones.items() if zone != loser}
    redrawn = {winner: _edges_at(winning, shapely.union_all(faces))}
    if rest is not None:
        current[loser] = rest
        redrawn = {loser: _edges(rest) - _edges(losing), **redrawn}
    outlines: dict[ZoneId, shapely.Geometry | None] = {loser: None, **_met(current, redrawn, zones)}
    return checked(zones, outlines, lineage=[Lineage(loser, winner, "merge")] if rest is None else [])


def _edges(outline: shapely.Geometry) -> set[Edge]:
    return {undirected(edge) for edge in directed_edges(outline)}


def _edges_at(outline: shapely.Geometry, land: shapely.Geometry) -> set[Edge]:
    """Undirected edges of an outline along or inside of land."""
    edges = sorted(_edges(outline))
    near = shapely.dwithin(lines_of(edges), land, SAME_NODE_DEG)
    return {edge for edge, meets in zip(edges, near.tolist(), strict=True) if meets}


def _met(zones: Zones, redrawn: Mapping[ZoneId, Collection[Edge]], before: Zones) -> dict[ZoneId, shapely.Geometry]:
    """The zones after redrawn edges and the others have each other's nodes where they meet.

    redrawn: undirected edges by zone; all others stay as they are. before: the zones whose nodes are not rounded.
    """
    current = dict(zones)
    edges = {zone: set(own) for zone, own in redrawn.items()}
    # What one redrawn outline puts into another has to be met by the rest: once more where there are several.
    for zone in [*redrawn, *(redrawn if len(redrawn) > 1 else ())]:
        others = {other: outline for other, outline in current.items() if other != zone}
        stretches = [_stretches(ring, edges[zone]) for part in parts_of(current[zone]) for ring in part]
        lines = [line for found in stretches for line, new in found if new]
        if not lines:
            continue
        noded = node_lines(others, lines, known=nodes_of(before[zone]))
        current.update(with_nodes(others, noded.inserts))
        edges[zone] |= noded.edges
        for other in edges.keys() - {zone}:
            edges[other] |= {piece for edge, nodes in noded.inserts.items() for piece in _pieces(edge, nodes)}
        current[zone] = _rebuilt(zone, current[zone], stretches, list(noded.lines))
    return current


def _stretches(ring: Ring, redrawn: Collection[Edge]) -> list[tuple[Ring, bool]]:
    """A ring as stretches of redrawn edges (True) and of others (False), in its order and from its own start."""
    flags = [undirected(edge) in redrawn for edge in ring_edges(ring)]
    stretches = []
    start = 0
    for at in range(1, len(flags) + 1):
        if at == len(flags) or flags[at] != flags[start]:
            stretches.append((ring[start : at + 1], flags[start]))
            start = at
    return stretches


def _rebuilt(
    zone: ZoneId, outline: shapely.Geometry, stretches: list[list[tuple[Ring, bool]]], lines: list[Ring]
) -> shapely.Geometry:
    """The outline with its redrawn stretches replaced by the lines, in order."""
    found = iter(stretches)
    polygons = []
    for part in parts_of(outline):
        rings: Part = []
        for ring in part:
            nodes: list[Node] = []
            for stretch, new in next(found):
                nodes += [(x, y) for x, y in (lines.pop(0) if new else stretch).tolist()]
            tidied = tidy_ring(nodes)
            if tidied is None:
                raise EditError("edit_ring_collapses", place=(ring[0, 0], ring[0, 1]), zones=[zone])
            rings.append(tidied)
        polygons.append(polygon_of(rings))
    return build(polygons, outline)


def _pieces(edge: Edge, nodes: Collection[Node]) -> list[Edge]:
    path = [edge[0], *nodes, edge[1]]
    return [undirected((start, end)) for start, end in itertools.pairwise(path)]
