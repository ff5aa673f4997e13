"""What a plan must cover, and how far its zones have left that while they were edited.

The footprint is the land of all zones at the beginning, changed only by edits that were meant to move the plan's outer
border. It is never built as a whole: only the surroundings of zones that changed can differ from it. All geometries are
lon/lat, EPSG:4326; areas m2 in the plan's metric CRS.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely
from shapely import STRtree

from gis.coverage import NOISE_M2, Gap, as_array, find_gaps, mend_all, place_in, polygonal
from gis.crs import Geometries, MetricCrs
from gis.zone_edits.model import ZoneId, Zones

# A node put into the outer border is rounded, and again when another comes beside it: land that is no wider than 1 cm
# and runs along the border is drift. Answers take a point within 1 cm of a zone as inside, so that nobody sees it.
_DRIFT_DEG: Final = 5e-8
_ALONG_BORDER: Final = 0.25


@dataclass(frozen=True)
class BorderMove:
    """The zones of one edit that was meant to move the plan's outer border, before and after."""

    before: Geometries
    after: Geometries


@dataclass(frozen=True)
class Excess:
    """Land that a zone has beyond the footprint."""

    zone: ZoneId
    area_m2: float
    lon: float
    lat: float
    geometry: shapely.Geometry


@dataclass(frozen=True)
class FootprintDifference:
    """lost: land of the footprint that no zone has; ``zones`` are the numbers of those around it. gained: the reverse.

    Both largest first.
    """

    lost: tuple[Gap, ...] = ()
    gained: tuple[Excess, ...] = ()


def difference_from(
    beginning: Mapping[ZoneId, shapely.Geometry | None],
    zones: Zones,
    moves: Sequence[BorderMove],
    metric: MetricCrs,
) -> FootprintDifference:
    """Compare zones with the footprint that they began with.

    beginning: the zones that changed since, as they were then; None for one that was not there. zones: all of them now.
    moves: in the order in which they were made.
    """
    if not beginning:
        return FootprintDifference()
    old = mend_all(as_array(outline for outline in beginning.values() if outline is not None))
    new = {zone: zones[zone] for zone in beginning if zone in zones}
    moved = [item for move in moves for item in (*move.before, *move.after)]
    still = _near(
        {zone: outline for zone, outline in zones.items() if zone not in beginning}, [*old, *new.values(), *moved]
    )
    around = mend_all(as_array([*new.values(), *still.values()]))
    land = _land(around)
    footprint = _land(np.concatenate([old, around[len(new) :]]))
    for move in moves:
        was, became = _land(mend_all(move.before)), _land(mend_all(move.after))
        kept = shapely.difference(footprint, shapely.difference(was, became))
        footprint = polygonal(shapely.union(kept, shapely.difference(became, was)))
    numbers = [*new, *still]
    return FootprintDifference(
        lost=tuple(_lost(around, numbers, land, footprint, metric)),
        gained=tuple(_gained(around[: len(new)], numbers, footprint, metric)),
    )


def opened_since(hole: Gap, beginning: Mapping[ZoneId, shapely.Geometry | None]) -> bool:
    """Whether any of the hole was land of a zone at the beginning."""
    old = mend_all(as_array(outline for outline in beginning.values() if outline is not None))
    return bool((shapely.area(shapely.intersection(old, hole.geometry)) > 0.01 * shapely.area(hole.geometry)).any())


def _lost(
    around: Geometries,
    numbers: Sequence[ZoneId],
    land: shapely.Geometry,
    footprint: shapely.Geometry,
    metric: MetricCrs,
) -> Iterator[Gap]:
    border = shapely.boundary(footprint)
    for gap in sorted(find_gaps(around, land, footprint, metric), key=lambda item: -item.area_m2):
        along = shapely.length(shapely.intersection(shapely.boundary(gap.geometry), border))
        drift = along > _ALONG_BORDER * shapely.length(gap.geometry) and _narrow(gap.geometry)
        if not drift:
            yield replace(gap, zones=tuple(sorted(numbers[position] for position in gap.zones)))


def _gained(
    changed: Geometries, numbers: Sequence[ZoneId], footprint: shapely.Geometry, metric: MetricCrs
) -> Iterator[Excess]:
    found = []
    for zone, outline in zip(numbers, changed, strict=False):
        for part in shapely.get_parts(polygonal(shapely.difference(outline, footprint))):
            area = float(metric.area_m2(part))
            if area >= NOISE_M2 and not _narrow(part):
                found.append(Excess(zone, area, *place_in(part), part))
    return iter(sorted(found, key=lambda item: -item.area_m2))


def _narrow(part: shapely.Geometry) -> bool:
    return bool(shapely.is_empty(shapely.buffer(part, -_DRIFT_DEG)))


def _land(outlines: Geometries) -> shapely.Geometry:
    """The union, the fast way where the outlines are a coverage."""
    if len(outlines) and shapely.coverage_is_valid(outlines):
        return shapely.coverage_union_all(outlines)
    return shapely.union_all(outlines)


def _near(zones: Zones, outlines: Sequence[shapely.Geometry]) -> dict[ZoneId, shapely.Geometry]:
    if not zones or not outlines:
        return {}
    ids = list(zones)
    _, found = STRtree(as_array(zones.values())).query(shapely.box(*shapely.bounds(as_array(outlines)).T))
    return {ids[position]: zones[ids[position]] for position in np.unique(found).tolist()}
