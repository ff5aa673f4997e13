"""Roads cut to what connects, and named. Metres."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry import LineString

from .frame import dice
from .land import Land, read_rows
from .sketch import Region, Road
from .streets import grow_streets

OVERSHOOT_M = 0.25


def build_roads(land: Land, regions: list[Region], main: list[Road]) -> list[Road]:
    """Return all roads: the main ones, and the local streets and lanes that lead somewhere, with their names."""
    local, lanes = grow_streets(land.mainland, regions, main)
    edges = [land.mainland.exterior, *(region.area.boundary for region in regions)]
    noded = shapely.union_all([*(road.line for road in main), *local, *lanes, *edges], grid_size=0.01)
    dangles = shapely.get_parts(shapely.polygonize_full(shapely.get_parts(noded))[2])
    stubs = shapely.buffer(dangles, 0.05, cap_style="flat")
    roads = list(main)
    used = {road.name for road in main}
    for road_class, lines in (("lokal", local), ("lingkungan", lanes)):
        kept = _without(lines, stubs, land)
        names = _names(road_class, len(kept), used)
        roads += [Road(road_class, name, line) for name, line in zip(names, kept, strict=True)]
    return roads


def _without(lines: list[LineString], stubs: np.ndarray, land: Land) -> list[LineString]:
    """Cut the stubs and all that lies outside the mainland off the lines."""
    array = np.array(lines)
    which, near = shapely.STRtree(stubs).query(array, predicate="intersects")
    for position in np.unique(which):
        array[position] = array[position].difference(shapely.union_all(stubs[near[which == position]]))
    shapely.prepare(land.mainland)
    outside = ~shapely.contains_properly(land.mainland, array)
    array[outside] = shapely.intersection(array[outside], land.mainland)
    parts = shapely.get_parts(array)
    return [_reaching(part) for part in parts if part.length > 25.0]


def _reaching(line: LineString) -> LineString:
    """Lengthen a line a little at both ends, so that it surely meets the one at which it was cut."""
    points = shapely.get_coordinates(line)
    for end, before in ((0, 1), (-1, -2)):
        step = points[end] - points[before]
        points[end] += step / np.hypot(*step) * OVERSHOOT_M
    return LineString(points)


def _names(road_class: str, count: int, used: set[str]) -> list[str]:
    """Return as many different street names: Jalan for local streets, Gang for lanes; none means a real street."""
    prefix = "Jalan" if road_class == "lokal" else "Gang"
    words = [row["word"] for row in read_rows("street_words.csv")]
    order = dice(f"names {road_class}").permutation(len(words))
    names: list[str] = []
    number = 0
    while len(names) < count:
        for position in order:
            name = f"{prefix} {words[position]}" + (f" {number}" if number else "")
            if name not in used:
                used.add(name)
                names.append(name)
        number += 1
    return names[:count]
