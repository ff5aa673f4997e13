"""Repairs of one place in a coverage, as edits that are checked like any other.

All geometries lon/lat, EPSG:4326. ``zones`` must hold every zone that touches those concerned, with valid outlines.
Every function raises EditError where the place cannot be repaired this way.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from gis.coverage import as_array
from gis.coverage_repair import repair
from gis.crs import MetricCrs
from gis.edit_errors import EditError
from gis.zone_edits import Delta, Edit, Lineage, ZoneId, Zones, checked, clear_overlap, give
from gis.zone_edits.outlines import DECIMALS, SAME_NODE_DEG, build, nodes_of

_METRES_PER_DEGREE: Final = 111_320.0
# A gap is several times as wide at its widest as it is on average.
_WIDER: Final = 4.0


def by_border(zones: Zones, land: shapely.Geometry, candidates: Iterable[ZoneId]) -> list[ZoneId]:
    """Zones that touch land, the one with the longest common border first."""
    collar = shapely.buffer(land, SAME_NODE_DEG)
    box = shapely.bounds(collar).tolist()
    shared = {
        # Cut to the place first: a zone may be a whole network of roads.
        zone: float(shapely.area(shapely.intersection(shapely.clip_by_rect(zones[zone], *box), collar)))
        for zone in candidates
    }
    return sorted((zone for zone in shared if shared[zone] > 0), key=lambda zone: (-shared[zone], zone))


def close_gap(zones: Zones, land: shapely.Geometry, to: ZoneId, metric: MetricCrs) -> Edit:
    """Give land that no zone has to one that touches it."""
    try:
        return give(zones, land, None, to, footprint="may_change")
    except EditError as refused:
        # Narrower than what drawing can hit: GEOS closes it along the border.
        return _cleaned(zones, land, metric, refused, gap_width_m=_WIDER * _width_m(land))


def take_overlap(zones: Zones, loser: ZoneId, winner: ZoneId, land: shapely.Geometry, metric: MetricCrs) -> Edit:
    """Take the land that two zones have from one of them."""
    try:
        return clear_overlap(zones, loser, winner)
    except EditError as refused:
        return _cleaned(zones, land, metric, refused)


def dissolve(zones: Zones, zone: ZoneId, part: shapely.Geometry, to: ZoneId, metric: MetricCrs) -> Edit:
    """Give a part of a zone to a neighbour; a zone of that part alone goes into the neighbour."""
    try:
        return give(zones, part, zone, to)
    except EditError as refused:
        return _cleaned(zones, part, metric, refused)


def match_borders(zones: Zones, edges: shapely.Geometry, metric: MetricCrs) -> Edit:
    """Let the zones along some edges have the same nodes."""
    concerned = [zone for zone, outline in zones.items() if shapely.intersects(outline, edges)]
    return _cleaned(zones, edges, metric, EditError("edit_borders_differ", zones=concerned, place=_middle(edges)))


def mend_outline(zones: Zones, zone: ZoneId, given: shapely.Geometry, metric: MetricCrs) -> Edit:
    """Replace an invalid outline by the polygons that it encloses.

    zones: with the mended outline. given: the invalid one, whose nodes stay as they are; new ones are rounded.
    """
    known = nodes_of(given)
    mended = shapely.transform(shapely.force_2d(zones[zone]), lambda places: _on_grid(places, known))
    if shapely.is_empty(mended) or not shapely.is_valid(mended):
        raise EditError("edit_ring_collapses", zones=[zone], place=_middle(given))
    mended = build(list(shapely.get_parts(mended)), given)
    current = {**zones, zone: mended}
    try:
        others = checked(zones, {zone: mended}, footprint="may_change").changes
    except EditError as refused:
        others = _cleaned(current, mended, metric, refused).changes
    return Edit({zone: Delta(given, mended), **others})


def _cleaned(
    zones: Zones, place: shapely.Geometry, metric: MetricCrs, refused: EditError, *, gap_width_m: float = 0.0
) -> Edit:
    """The zones around a place cleaned by GEOS. refused: raised where that is no coverage either, or changes nothing."""
    reach = shapely.box(*(np.array(shapely.bounds(place)) + np.array([-1, -1, 1, 1]) * SAME_NODE_DEG))
    ids = [zone for zone, outline in zones.items() if shapely.intersects(outline, reach)]
    proposal = repair(as_array(zones[zone] for zone in ids), metric, gap_width_m=gap_width_m)
    if not proposal.stable or not proposal.changed:
        raise refused
    outlines: dict[ZoneId, shapely.Geometry | None] = {}
    for position in proposal.changed:
        outline = proposal.geometries[position]
        outlines[ids[position]] = None if shapely.is_empty(outline) else outline
    lineage = [Lineage(ids[item.zone], ids[item.taker], "merge") for item in proposal.emptied if item.taker is not None]
    return checked(zones, outlines, lineage=lineage, footprint="may_change")


def _on_grid(places: npt.NDArray[np.float64], known: set[tuple[float, float]]) -> npt.NDArray[np.float64]:
    kept = np.array([(lon, lat) in known for lon, lat in places.tolist()], dtype=bool)
    return np.where(kept[:, None], places, np.round(places, DECIMALS))


def _width_m(land: shapely.Geometry) -> float:
    """The mean width of narrow land in metres: twice its area over its perimeter."""
    length = float(shapely.length(land))
    return 2 * float(shapely.area(land)) / length * _METRES_PER_DEGREE if length else 0.0


def _middle(geometry: shapely.Geometry) -> tuple[float, float]:
    lon, lat = shapely.get_coordinates(geometry)[0].tolist()
    return lon, lat
