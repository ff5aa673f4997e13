"""No edit leaves the coverage broken: outlines are valid, no land is lost or claimed twice, borders have the same
nodes on both sides.

The sum of all outlines as directed edges, in which a shared edge cancels out with its reverse, tells exactly who owns
how much: where it is the same after the edit, every place belongs to as many zones as before. GEOS's
``coverage_is_valid`` alone would pass a gap. What was broken before may stay as it was or become better, never worse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import shapely

from gis.crs import Geometries
from gis.edit_errors import EditError, Fault
from gis.errors import InvalidGeometry
from gis.zone_edits.model import Delta, Edit, Footprint, Lineage, ZoneId, Zones
from gis.zone_edits.outlines import DECIMALS, Edge, directed_edges, lines_of, near, near_any, same_bits, undirected

# Land narrower than twice this (2 mm) lies between an edge and the same edge with a rounded node in it.
ROUNDING_DEG: Final = 10.0**-DECIMALS
_SAME_LINE_DEG: Final = 1e-11


def checked(
    zones: Zones,
    outlines: Mapping[ZoneId, shapely.Geometry | None],
    *,
    lineage: Iterable[Lineage] = (),
    footprint: Footprint = "keep",
) -> Edit:
    """The edit that gives zones new outlines, after making sure that the coverage stays one.

    zones: must hold every zone that touches a changed one. outlines: None removes a zone. footprint: "may_change" lets
    the plan's outer border move, but opens no gap inside. Raises EditError with all places found.
    """
    changes = {
        zone: Delta(zones.get(zone), outline)
        for zone, outline in outlines.items()
        if not same_bits(zones.get(zone), outline)
    }
    for zone, delta in changes.items():
        if delta.new is not None:
            check_outline(zone, delta.new)
    faults = find_faults(zones, changes, footprint)
    if faults:
        raise EditError.of(faults)
    return Edit(changes, tuple(lineage))


def check_outline(zone: ZoneId, outline: shapely.Geometry) -> None:
    """Raise unless a zone's outline is valid, as an EditError that names the zone and the place."""
    if shapely.is_empty(outline):
        raise EditError("edit_ring_collapses", zones=[zone])
    try:
        InvalidGeometry.check(outline)
    except InvalidGeometry as error:
        if error.code != "invalid_geometry":
            raise
        place = None if error.lon is None or error.lat is None else (error.lon, error.lat)
        raise EditError("edit_invalid_outline", place=place, zones=[zone], reason=error.params["reason"]) from None


def find_faults(zones: Zones, changes: Mapping[ZoneId, Delta], footprint: Footprint = "keep") -> list[Fault]:
    """Where zones would be no coverage after changes whose outlines are valid; an empty list when they are one."""
    if not changes:
        return []
    touched = [item for delta in changes.values() for item in (delta.old, delta.new) if item is not None]
    before = {zone: zones[zone] for zone in near_any(zones, touched)}
    after = {zone: outline for zone, outline in before.items() if zone not in changes}
    after.update({zone: delta.new for zone, delta in changes.items() if delta.new is not None})
    faults = _land_faults(before, after, _difference(changes), footprint)
    return faults or _edge_faults(before, after)


def _difference(changes: Mapping[ZoneId, Delta]) -> list[Edge]:
    """Edges by which the sums of directed edges before and after differ, once each."""
    balance: Counter[Edge] = Counter()
    for delta in changes.values():
        old = directed_edges(delta.old) if delta.old is not None else set()
        new = directed_edges(delta.new) if delta.new is not None else set()
        for sign, edges in ((1, new - old), (-1, old - new)):
            for edge in edges:
                key = undirected(edge)
                balance[key] += sign if key == edge else -sign
    return [edge for edge, count in balance.items() if count]


def _land_faults(before: Zones, after: Zones, difference: Sequence[Edge], footprint: Footprint) -> list[Fault]:
    """Land that loses its only zone, or that a zone takes beyond its due; largest first."""
    if not difference:
        return []
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(lines_of(difference)))))
    wide = ~shapely.is_empty(shapely.buffer(faces, -ROUNDING_DEG))
    faults = [fault for face in faces[wide] if (fault := _land_fault(before, after, face))]
    if footprint == "may_change" and faults:
        holes = _new_holes(before, after)
        faults = [fault for fault in faults if fault.code == "edit_overlaps" or _is_gap_inside(fault, holes)]
    if not faults and not wide.all():
        faults = _thin_faults(before, after, faces[~wide], difference)
    return sorted(faults, key=lambda fault: -float(shapely.area(fault.geometry)))


def _land_fault(before: Zones, after: Zones, face: shapely.Geometry, otherwise: str | None = None) -> Fault | None:
    place = shapely.point_on_surface(face)
    had, has = _owners(before, place), _owners(after, place)
    code = _verdict(had, has) or otherwise
    if code is None:
        return None
    concerned = {*had, *has} if code in ("edit_overlaps", "edit_leaves_footprint") else {*had, *_touching(after, face)}
    return Fault(code, place.x, place.y, tuple(sorted(concerned)), face)


def _is_gap_inside(fault: Fault, holes: shapely.Geometry) -> bool:
    return fault.code == "edit_opens_gap" and bool(shapely.intersects(holes, shapely.Point(fault.lon, fault.lat)))


def _thin_faults(before: Zones, after: Zones, faces: Geometries, difference: Sequence[Edge]) -> list[Fault]:
    """Gaps and overlaps as narrow as the rounding of nodes.

    Along the plan's outer border such land comes and goes when an edge gets a rounded node: one side of it was outer
    border before. Inside the plan it may not.
    """
    border = shapely.buffer(shapely.union_all(lines_of(_unpaired(before, difference))), _SAME_LINE_DEG)
    sides = shapely.boundary(faces)
    inside = shapely.length(shapely.intersection(sides, border)) < shapely.length(sides) / 4
    faults = [_land_fault(before, after, face, "edit_borders_differ") for face in faces[inside]]
    return [fault for fault in faults if fault is not None]


def _unpaired(zones: Zones, edges: Sequence[Edge]) -> list[Edge]:
    """Those of the undirected edges that one zone has and none has the other way round."""
    wanted = set(edges)
    balance: Counter[Edge] = Counter()
    for zone in near(zones, shapely.total_bounds(lines_of(edges))):
        for edge in directed_edges(zones[zone]):
            key = undirected(edge)
            if key in wanted:
                balance[key] += 1 if key == edge else -1
    return [edge for edge, count in balance.items() if count]


def _verdict(had: Sequence[ZoneId], has: Sequence[ZoneId]) -> str | None:
    if had and not has:
        return "edit_opens_gap"
    if len(has) > max(len(had), 1):
        return "edit_overlaps"
    return "edit_leaves_footprint" if has and not had else None


def _owners(zones: Zones, place: shapely.Point) -> list[ZoneId]:
    return [zone for zone in near(zones, shapely.bounds(place)) if shapely.intersects(zones[zone], place)]


def _touching(zones: Zones, face: shapely.Geometry) -> list[ZoneId]:
    return [zone for zone in near(zones, shapely.bounds(face)) if shapely.dwithin(zones[zone], face, ROUNDING_DEG)]


def _new_holes(before: Zones, after: Zones) -> shapely.Geometry:
    """Land enclosed by the zones that no zone has, apart from holes that touch one that was there before."""
    old, new = _holes(before), _holes(after)
    return shapely.union_all([hole for hole in new if not shapely.intersects(hole, old).any()])


def _holes(zones: Zones) -> list[shapely.Geometry]:
    outlines = np.array(list(zones.values()), dtype=object)
    # The fast way holds for coverages only.
    join = shapely.coverage_union_all if shapely.coverage_is_valid(outlines) else shapely.union_all
    land = join(outlines)
    return [shapely.Polygon(ring) for part in shapely.get_parts(land) for ring in part.interiors]


def _edge_faults(before: Zones, after: Zones) -> list[Fault]:
    """Shared borders whose nodes differ, unless they did already."""
    ids = list(after)
    outlines = np.array([after[zone] for zone in ids], dtype=object)
    if shapely.coverage_is_valid(outlines):
        return []
    was = shapely.union_all(shapely.coverage_invalid_edges(np.array(list(before.values()), dtype=object)))
    edges = shapely.coverage_invalid_edges(outlines)
    pieces, owners = shapely.get_parts(edges, return_index=True)
    new = ~(shapely.is_empty(pieces) | shapely.intersects(pieces, was))
    faults = []
    for piece, owner in zip(pieces[new], owners[new], strict=True):
        middle = shapely.line_interpolate_point(piece, 0.5, normalized=True)
        others = _touching(after, middle)
        concerned = tuple(sorted({ids[int(owner)], *others}))
        faults.append(Fault("edit_borders_differ", middle.x, middle.y, concerned, piece))
    return faults
