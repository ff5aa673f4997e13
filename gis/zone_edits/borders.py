"""Borders between zones as lines, and moving them in parallel by a distance."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import shapely

from gis.crs import MetricCrs
from gis.edit_errors import EditError
from gis.zone_edits.check import checked
from gis.zone_edits.cutting import cut, joined, without
from gis.zone_edits.model import Edit, Lineage, ZoneId, Zones
from gis.zone_edits.noding import line_coordinates, node_lines, with_nodes
from gis.zone_edits.outlines import (
    Edge,
    Node,
    Ring,
    directed_edges,
    lines_of,
    near,
    ring_edges,
    rounded,
    undirected,
    with_inserted,
)

# Up to this angle a corner of the zone that loses land is cut up to its other border, beyond it square to the line.
_OPEN_CORNER: Final = math.radians(150)
_MITRE_LIMIT: Final = 3.0


def shared_borders(zones: Zones, first: ZoneId, second: ZoneId) -> list[shapely.LineString]:
    """The borders that two zones share, each as one line with the first zone to its left; longest first.

    Lon/lat, EPSG:4326, nodes bit by bit. An empty list when they share none.
    """
    missing = [zone for zone in (first, second) if zone not in zones]
    if missing:
        raise EditError("edit_zone_unknown", zones=missing)
    other = directed_edges(zones[second])
    shared = sorted((start, end) for start, end in directed_edges(zones[first]) if (end, start) in other)
    if not shared:
        return []
    lines = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines_of(shared)), directed=True))
    return sorted(lines, key=lambda line: (-line.length, shapely.bounds(line).tolist()))


def offset_border(zones: Zones, border: shapely.LineString, distance_m: float, metric: MetricCrs) -> Edit:
    """Move a border in parallel, such as the edge of a road that is widened.

    border: nodes of existing edges, zones on both sides, as ``shared_borders`` gives it. distance_m: metres in the plane
    ``metric``, positive to the left of the border as it runs, negative to the right. The zones on that side give the
    strip to those opposite, each the stretch in front of it; nobody else loses land, however wide the strip. A zone
    that gives all it has vanishes into the one that took most. Raises EditError "edit_border_outer",
    "edit_distance_nothing".
    """
    path = line_coordinates(border)
    if distance_m < 0:
        path = path[::-1]
    if not math.isfinite(distance_m) or distance_m == 0:
        raise EditError("edit_distance_nothing", distance_m=distance_m)
    losing, gaining = _sides(zones, path)
    strip, lines = _strip(zones, path, losing, gaining, abs(distance_m), metric)
    losers = {zone: zones[zone] for zone in sorted(set(losing))}
    noded = node_lines(losers, lines)
    touched = with_nodes(zones, noded.inserts)
    along = _noded_owners(path, gaining, noded.inserts)
    parts = {zone: cut(touched.get(zone, outline), noded.edges) for zone, outline in losers.items()}
    inside = [
        (zone, face)
        for zone, cut_parts in parts.items()
        for part in cut_parts
        for face in part.faces
        if shapely.intersects(strip, shapely.point_on_surface(face))
    ]
    takers = _takers([face for _, face in inside], along, metric)
    if not takers:
        raise EditError("edit_distance_nothing", distance_m=distance_m)
    outlines: dict[ZoneId, shapely.Geometry | None] = dict(touched)
    for zone, outline in losers.items():
        taken = [face for at, (owner, face) in enumerate(inside) if owner == zone and at in takers]
        outlines[zone] = without(parts[zone], taken, outline)
    for zone in sorted(set(takers.values())):
        gained = [inside[at][1] for at, taker in takers.items() if taker == zone]
        rest = outlines.get(zone, zones[zone])
        outlines[zone] = joined(zones[zone] if rest is None else rest, gained)
    lineage = [Lineage(zone, _main_taker(zone, inside, takers), "merge") for zone in losers if outlines[zone] is None]
    return checked(zones, outlines, lineage=lineage)


def _sides(zones: Zones, path: Ring) -> tuple[list[ZoneId], list[ZoneId]]:
    """The zones to the left and to the right of each edge of a path."""
    around = near(zones, (*path.min(axis=0), *path.max(axis=0)))
    owners = {edge: zone for zone in around for edge in directed_edges(zones[zone])}
    left, right = [], []
    for start, end in ring_edges(path):
        here, there = owners.get((start, end)), owners.get((end, start))
        if here is None and there is None:
            raise EditError("edit_no_edge", place=start, to_lon=end[0], to_lat=end[1])
        if here is None or there is None:
            middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
            raise EditError("edit_border_outer", place=middle)
        left.append(here)
        right.append(there)
    return left, right


def _strip(
    zones: Zones, path: Ring, losing: Sequence[ZoneId], gaining: Sequence[ZoneId], distance_m: float, metric: MetricCrs
) -> tuple[shapely.Geometry, list[Ring]]:
    """The land within the distance of a path, and the lines that bound and divide it, all in lon/lat.

    Both sides of the path are in it; only the losing zones are cut.
    """
    places = np.column_stack(metric.forward(path[:, 0], path[:, 1]))
    reach = places.copy()
    reach[0] += _beyond(places[::-1], _corner(zones[losing[0]], path[::-1], metric, ahead=False), distance_m)
    reach[-1] += _beyond(places, _corner(zones[losing[-1]], path, metric, ahead=True), distance_m)
    strip = shapely.LineString(reach).buffer(distance_m, cap_style="flat", join_style="mitre", mitre_limit=_MITRE_LIMIT)
    rules: list[shapely.Geometry] = [shapely.boundary(strip)]
    for at in range(1, len(path) - 1):
        if gaining[at - 1] != gaining[at]:
            rules.append(_divider(places[at - 1 : at + 2], distance_m))
    noded = shapely.get_parts(shapely.line_merge(shapely.union_all(rules)))
    # Rounded here already, so that lines that meet still do.
    lines = [
        np.array([rounded(lon, lat) for lon, lat in shapely.get_coordinates(line)]) for line in metric.to_lonlat(noded)
    ]
    drawn: shapely.Geometry = metric.to_lonlat(strip)
    return drawn, lines


def _corner(outline: shapely.Geometry, path: Ring, metric: MetricCrs, *, ahead: bool) -> float:
    """The angle inside a zone where a path along its border ends, in radians; pi where the border runs straight on.

    ahead: the zone lies to the left of the path as given, else to its right.
    """
    last, end = (tuple(path[-2].tolist()), tuple(path[-1].tolist()))
    edges = directed_edges(outline)
    others = sorted(
        (there if ahead else start)
        for start, there in edges
        if (start if ahead else there) == end and (there if ahead else start) != last
    )
    if not others:
        return math.pi
    nodes = np.array([last, end, others[0]])
    (ax, ay), (bx, by), (cx, cy) = np.column_stack(metric.forward(nodes[:, 0], nodes[:, 1])).tolist()
    turn = math.atan2(ay - by, ax - bx) - math.atan2(cy - by, cx - bx)
    return (turn if ahead else -turn) % (2 * math.pi)


def _beyond(places: Ring, corner: float, distance_m: float) -> Ring:
    """How far the strip goes on beyond the last place, so that an open corner is cut up to its other border."""
    ahead = places[-1] - places[-2]
    length = float(np.hypot(*ahead))
    reach = 0.0
    if math.pi / 2 < corner < _OPEN_CORNER:
        reach = distance_m * math.tan(corner - math.pi / 2) * 1.01 + 0.01
    result: Ring = ahead / length * reach
    return result


def _divider(places: Ring, distance_m: float) -> shapely.LineString:
    """The line to the left of a bend's middle place that divides the strip between the zones before and after."""
    before, after = places[1] - places[0], places[2] - places[1]
    ahead = before / np.hypot(*before) + after / np.hypot(*after)
    length = float(np.hypot(*ahead))
    left = (
        np.array([-before[1], before[0]]) / np.hypot(*before)
        if length == 0
        else np.array([-ahead[1], ahead[0]]) / length
    )
    # At a bend the strip is wider than the distance, by the mitre's limit at most; what sticks out is a loose end.
    reach = places[1] + left * distance_m * (_MITRE_LIMIT + 0.1)
    return shapely.LineString([places[1], reach])


def _noded_owners(path: Ring, gaining: Sequence[ZoneId], inserts: Mapping[Edge, Sequence[Node]]) -> dict[Edge, ZoneId]:
    """The gaining zone of each undirected edge along the path, after nodes were put into it."""
    owners = {}
    for edge, zone in zip(ring_edges(path), gaining, strict=True):
        for piece in ring_edges(with_inserted(np.array(edge), inserts)):
            owners[undirected(piece)] = zone
    return owners


def _takers(faces: Sequence[shapely.Geometry], along: Mapping[Edge, ZoneId], metric: MetricCrs) -> dict[int, ZoneId]:
    """Who takes each face of the strip: the zone with most of the path in front of it, else a neighbour face's taker.

    Faces that do not hang together with the path are left out: the strip reaches over land behind it.
    """
    edges = [{undirected(edge) for edge in directed_edges(face)} for face in faces]
    takers: dict[int, ZoneId] = {}
    for at, own in enumerate(edges):
        lengths: dict[ZoneId, float] = {}
        for edge in own & along.keys():
            lengths[along[edge]] = lengths.get(along[edge], 0.0) + math.dist(*edge)
        if lengths:
            takers[at] = max(sorted(lengths), key=lambda zone: lengths[zone])
    waiting = [at for at in range(len(faces)) if at not in takers]
    while found := {
        at: takers[other] for at in waiting for other in sorted(takers) if not edges[at].isdisjoint(edges[other])
    }:
        takers.update(found)
        waiting = [at for at in waiting if at not in found]
    return takers


def _main_taker(
    zone: ZoneId, inside: Iterable[tuple[ZoneId, shapely.Geometry]], takers: Mapping[int, ZoneId]
) -> ZoneId:
    areas: dict[ZoneId, float] = {}
    for at, (owner, face) in enumerate(inside):
        if owner == zone and at in takers:
            areas[takers[at]] = areas.get(takers[at], 0.0) + float(shapely.area(face))
    return max(sorted(areas), key=lambda taker: areas[taker])
