"""What is wrong with the zones of a plan, kept up to date while they are edited.

All geometries are lon/lat, EPSG:4326; areas are m2 in the plan's metric CRS. Zones are known by their numbers. Where an
earlier inspection is at hand, only the surroundings of what changed are looked at again; the land of all zones is joined
each time, because whether a place is enclosed cannot be told from nearby.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import shapely
from shapely import STRtree

from gis.coverage import (
    Gap,
    InvalidZone,
    Overlap,
    Sliver,
    as_array,
    filled,
    find_gaps,
    find_overlaps,
    find_slivers,
    land_of,
    valid_zones,
)
from gis.crs import MetricCrs
from gis.zone_edits.model import ZoneId, Zones
from gis.zone_edits.outlines import SAME_NODE_DEG

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class Inspection:
    """What was found. zones: as given. sound: the same with invalid outlines mended, the very objects where valid.

    invalid, slivers: by zone; their own ``zone`` is its number. edges: by zone, the edges that its neighbours do not
    have node by node, as lines. overlaps: by pair (first < second). holes: enclosed land that no zone has, largest
    first; the ``zones`` around it are numbers.
    """

    zones: Zones
    sound: Zones
    invalid: Mapping[ZoneId, InvalidZone]
    slivers: Mapping[ZoneId, tuple[Sliver, ...]]
    edges: Mapping[ZoneId, shapely.Geometry]
    overlaps: Mapping[tuple[ZoneId, ZoneId], Overlap]
    holes: tuple[Gap, ...]


def inspect(zones: Zones, metric: MetricCrs, before: Inspection | None = None) -> Inspection:
    """Look at all zones as a coverage.

    zones: Polygons and MultiPolygons. before: an inspection of these zones as they were; a zone that is the very same
    object in both has not changed.
    """
    if before is None:
        return _with_holes(_look(zones, metric), metric)
    changed = {zone for zone, outline in zones.items() if before.zones.get(zone) is not outline}
    gone = before.zones.keys() - zones.keys()
    moved = [before.zones[zone] for zone in {*changed, *gone} if zone in before.zones]
    near = _meeting(zones, [*moved, *(zones[zone] for zone in changed)]) | changed
    context = near | _meeting(zones, [zones[zone] for zone in near])
    fresh = _look({zone: outline for zone, outline in zones.items() if zone in context}, metric)
    again = near | gone
    result = Inspection(
        zones=zones,
        sound=_joined(before.sound, fresh.sound, again.__contains__),
        invalid=_joined(before.invalid, fresh.invalid, again.__contains__),
        slivers=_joined(before.slivers, fresh.slivers, again.__contains__),
        edges=_joined(before.edges, fresh.edges, again.__contains__),
        overlaps=_joined(before.overlaps, fresh.overlaps, lambda pair: not again.isdisjoint(pair)),
        holes=(),
    )
    return _with_holes(result, metric)


def _look(zones: Zones, metric: MetricCrs) -> Inspection:
    """Everything but the holes."""
    ids = list(zones)
    sound, invalid = valid_zones(as_array(zones.values()))
    edges = shapely.coverage_invalid_edges(sound)
    unmatched = ~shapely.is_empty(edges)
    slivers: dict[ZoneId, list[Sliver]] = {}
    for sliver in find_slivers(sound, metric):
        zone = ids[sliver.zone]
        slivers.setdefault(zone, []).append(replace(sliver, zone=zone))
    overlaps = {}
    for item in find_overlaps(sound, unmatched, metric):
        first, second = sorted((ids[item.first], ids[item.second]))
        overlaps[first, second] = replace(item, first=first, second=second)
    return Inspection(
        zones=zones,
        sound=dict(zip(ids, sound, strict=True)),
        invalid={ids[item.zone]: replace(item, zone=ids[item.zone]) for item in invalid},
        slivers={zone: tuple(items) for zone, items in slivers.items()},
        edges={ids[position]: edges[position] for position in np.flatnonzero(unmatched).tolist()},
        overlaps=overlaps,
        holes=(),
    )


def _with_holes(inspection: Inspection, metric: MetricCrs) -> Inspection:
    ids = list(inspection.sound)
    sound = as_array(inspection.sound.values())
    land = land_of(sound, np.array([zone in inspection.edges for zone in ids], dtype=bool))
    holes = [
        replace(gap, zones=tuple(sorted(ids[position] for position in gap.zones)))
        for gap in find_gaps(sound, land, filled(land), metric)
    ]
    return replace(inspection, holes=tuple(sorted(holes, key=lambda gap: -gap.area_m2)))


def _meeting(zones: Zones, outlines: Sequence[shapely.Geometry]) -> set[ZoneId]:
    """Zones whose box meets the box of one of the outlines, to within the rounding of nodes."""
    if not outlines or not zones:
        return set()
    ids = list(zones)
    reach = shapely.bounds(as_array(outlines)) + np.array([-1, -1, 1, 1]) * SAME_NODE_DEG
    _, found = STRtree(as_array(zones.values())).query(shapely.box(*reach.T), predicate=None)
    return {ids[position] for position in np.unique(found).tolist()}


def _joined(old: Mapping[K, V], new: Mapping[K, V], again: Callable[[K], bool]) -> dict[K, V]:
    """What was found before, replaced where it was looked at again."""
    return {key: value for key, value in old.items() if not again(key)} | {
        key: value for key, value in new.items() if again(key)
    }
