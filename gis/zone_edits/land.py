"""Land that changes hands: split, merge, carve, give.

All geometries lon/lat, EPSG:4326. ``zones`` must hold every zone that touches those an operation concerns; it may hold
more. Zones that an operation makes get negative placeholders, below those in ``zones``, unless numbers are given: a
caller that gives part of a plan and keeps new zones elsewhere has to give them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
import shapely

from gis.edit_errors import EditError
from gis.errors import InvalidGeometry
from gis.zone_edits.check import ROUNDING_DEG, checked
from gis.zone_edits.cutting import CutPart, connected, cut, joined, share_edge, without
from gis.zone_edits.model import Edit, Footprint, Lineage, ZoneId, Zones, new_ids
from gis.zone_edits.noding import Noded, line_coordinates, node_lines, polygon_rings, with_nodes
from gis.zone_edits.outlines import (
    SAME_NODE_DEG,
    Edge,
    build,
    directed_edges,
    faces_of,
    lies_inside,
    multipolygon,
    near,
    undirected,
    union_of,
)


def split(zones: Zones, zone: ZoneId, line: shapely.LineString, *, ids: Iterable[ZoneId] | None = None) -> Edit:
    """Divide a zone by a drawn line.

    line: from border to border or beyond; only what crosses the zone counts, and its neighbours get the nodes where it
    meets their common border. Of the pieces the largest keeps the identity, with the parts that the line does not
    cross; each other piece is a new zone, largest first. ids: their numbers, of which as many are taken as there
    are pieces (``itertools.count(-7, -1)`` will do). Raises EditError "edit_line_misses".
    """
    outline = known_outline(zones, zone)
    noded = node_lines({zone: outline}, [line_coordinates(line)])
    across = _dividing(cut(with_nodes({zone: outline}, noded.inserts).get(zone, outline), noded.edges), noded)
    if not across:
        raise EditError("edit_line_misses", zones=[zone])
    # Once more with the dividing stretches alone, so that no border gets a node from a loose end.
    noded = node_lines({zone: outline}, [np.array(edge) for edge in sorted(across)])
    touched = with_nodes(zones, noded.inserts)
    parts = cut(touched.get(zone, outline), noded.edges)
    pieces = sorted((face for part in parts if len(part.faces) > 1 for face in part.faces), key=_size)
    made = pieces[1:]
    numbers = _numbers(zones, ids, len(made))
    outlines: dict[ZoneId, shapely.Geometry | None] = {**touched, zone: without(parts, made, outline)}
    outlines.update({number: build([piece], outline) for number, piece in zip(numbers, made, strict=True)})
    return checked(zones, outlines, lineage=[Lineage(zone, number, "split") for number in numbers])


def merge(zones: Zones, ids: Iterable[ZoneId], *, keep: ZoneId | None = None) -> Edit:
    """Make one zone of neighbours.

    keep: whose identity remains; None takes the largest. Nodes that the others' borders ended in stay, as neighbours
    have them. Raises EditError "edit_not_neighbours" unless all hang together by shared edges.
    """
    members = {zone: known_outline(zones, zone) for zone in dict.fromkeys(ids)}
    if len(members) < 2:
        raise EditError("edit_too_few_zones", zones=members)
    keep = min(members, key=lambda zone: _size(members[zone])) if keep is None else keep
    if keep not in members:
        raise EditError("edit_zone_unknown", zones=[keep])
    if not connected(members):
        raise EditError("edit_not_neighbours", zones=sorted(members))
    gone = [zone for zone in members if zone != keep]
    outlines: dict[ZoneId, shapely.Geometry | None] = dict.fromkeys(gone)
    outlines[keep] = joined(members[keep], [members[zone] for zone in gone])
    return checked(zones, outlines, lineage=[Lineage(zone, keep, "merge") for zone in gone])


def carve(
    zones: Zones,
    polygon: shapely.Geometry,
    *,
    new_id: ZoneId | None = None,
    outside: Literal["refuse", "cut"] = "refuse",
) -> Edit:
    """Make a new zone out of all land that a polygon covers; zones covered whole vanish.

    outside: what to do where the polygon reaches beyond all zones. Raises EditError "edit_outside_plan" with the place,
    "edit_misses_plan".
    """
    drawn = polygon_rings(polygon)
    concerned = _meeting(zones, polygon)
    noded = node_lines(concerned, drawn)
    land = _land(polygon, noded)
    touched = with_nodes(zones, noded.inserts)
    outlines: dict[ZoneId, shapely.Geometry | None] = dict(touched)
    taken: dict[ZoneId, list[shapely.Geometry]] = {}
    for zone in concerned:
        rest, faces = taken_from(touched.get(zone, zones[zone]), noded, land)
        if faces:
            outlines[zone], taken[zone] = rest, faces
    if not taken:
        raise EditError("edit_misses_plan")
    made = union_of(face for faces in taken.values() for face in faces)
    if outside == "refuse":
        _refuse_outside(land, made)
    (number,) = _numbers(zones, None if new_id is None else [new_id], 1)
    kinds = [zones[zone] for zone in taken]
    outlines[number] = build(made, max(kinds, key=shapely.get_type_id))
    return checked(zones, outlines, lineage=[Lineage(zone, number, "carve") for zone in taken])


def give(
    zones: Zones,
    polygon: shapely.Geometry,
    source: ZoneId | None,
    target: ZoneId,
    *,
    apart: bool = False,
    footprint: Footprint = "keep",
) -> Edit:
    """Give the land of one zone that a polygon covers to another.

    source: None gives land that no zone has, which changes the plan's footprint unless it is allowed to; a zone that
    gives all it has vanishes into the target. apart: whether the land may lie away from the target. Raises EditError
    "edit_misses_zone", "edit_land_apart".
    """
    if source == target:
        raise EditError("edit_same_zone", zones=[target])
    outline = known_outline(zones, target)
    drawn = polygon_rings(polygon)
    concerned = _meeting(zones, polygon) if source is None else {source: known_outline(zones, source)}
    noded = node_lines(concerned, drawn)
    land = _land(polygon, noded)
    touched = with_nodes(zones, noded.inserts)
    outlines: dict[ZoneId, shapely.Geometry | None] = dict(touched)
    if source is None:
        faces = _free({**concerned, **touched}, noded, land)
    else:
        outlines[source], faces = taken_from(touched.get(source, zones[source]), noded, land)
    if not faces:
        raise EditError("edit_misses_zone", zones=[] if source is None else [source])
    outline = touched.get(target, outline)
    if not apart:
        _refuse_apart(faces, outline, target)
    outlines[target] = joined(outline, faces)
    gone = source is not None and outlines[source] is None
    lineage = [Lineage(source, target, "merge")] if source is not None and gone else []
    return checked(zones, outlines, lineage=lineage, footprint=footprint)


def known_outline(zones: Zones, zone: ZoneId) -> shapely.Geometry:
    """A zone's outline. Raises EditError "edit_zone_unknown"."""
    if zone not in zones:
        raise EditError("edit_zone_unknown", zones=[zone])
    return zones[zone]


def _meeting(zones: Zones, polygon: shapely.Geometry) -> dict[ZoneId, shapely.Geometry]:
    """Zones within reach of a drawn polygon."""
    around = near(zones, shapely.bounds(polygon))
    return {zone: zones[zone] for zone in around if shapely.dwithin(zones[zone], polygon, SAME_NODE_DEG)}


def _size(geometry: shapely.Geometry) -> tuple[float, list[float]]:
    """Sorts the largest first, and decides between equals by place."""
    return -float(shapely.area(geometry)), shapely.bounds(geometry).tolist()


def _numbers(zones: Zones, ids: Iterable[ZoneId] | None, count: int) -> list[ZoneId]:
    if ids is None:
        free = new_ids(zones)
        return [next(free) for _ in range(count)]
    taken = list(itertools.islice(ids, count))
    if len(set(taken)) < count or not set(taken).isdisjoint(zones):
        raise EditError("edit_id_in_use", zones=taken)
    return taken


def _dividing(parts: Sequence[CutPart], noded: Noded) -> set[Edge]:
    """Edges of the drawn line with a face of the zone on either side."""
    own = {undirected(edge) for part in parts for edge in directed_edges(part.polygon)}
    faces = [face for part in parts if len(part.faces) > 1 for face in part.faces]
    return {undirected(edge) for face in faces for edge in directed_edges(face)} & (noded.edges - own)


def _land(polygon: shapely.Geometry, noded: Noded) -> shapely.Geometry:
    """The drawn polygon with all nodes. Raises where snapping to borders leaves nothing of it, or makes it invalid."""
    polygons = noded.polygons(polygon)
    if not polygons:
        raise EditError("edit_misses_plan")
    land = build(polygons, polygon)
    InvalidGeometry.check(land)
    return land


def taken_from(
    outline: shapely.Geometry, noded: Noded, land: shapely.Geometry
) -> tuple[shapely.Geometry | None, list[shapely.Geometry]]:
    """What is left of a zone outside of land, None when nothing is, and its faces inside."""
    boundary = directed_edges(land)
    parts = cut(outline, noded.edges)
    faces = [face for part in parts for face in part.faces if lies_inside(face, boundary, land)]
    return without(parts, faces, outline), faces


def _free(zones: Zones, noded: Noded, land: shapely.Geometry) -> list[shapely.Geometry]:
    """Faces of land that no zone has. zones: those near it, with the nodes of the land's edges."""
    boundaries = {zone: directed_edges(outline) for zone, outline in zones.items()}
    edges = {undirected(edge) for boundary in boundaries.values() for edge in boundary} | noded.edges
    drawn = directed_edges(land)
    return [
        face
        for face in faces_of(edges)
        if lies_inside(face, drawn, land)
        and not any(lies_inside(face, boundaries[zone], outline) for zone, outline in zones.items())
    ]


def _refuse_outside(land: shapely.Geometry, made: Sequence[shapely.Geometry]) -> None:
    """Raise when the drawn land is more than what zones gave, beyond the rounding of nodes."""
    difference = directed_edges(land) ^ directed_edges(multipolygon(made))
    for face in faces_of(difference):
        if not shapely.is_empty(shapely.buffer(face, -ROUNDING_DEG)):
            place = shapely.point_on_surface(face)
            raise EditError("edit_outside_plan", place=(place.x, place.y))


def _refuse_apart(faces: Sequence[shapely.Geometry], outline: shapely.Geometry, target: ZoneId) -> None:
    for polygon in union_of(faces):
        if not share_edge(polygon, outline):
            place = shapely.point_on_surface(polygon)
            raise EditError("edit_land_apart", place=(place.x, place.y), zones=[target])
