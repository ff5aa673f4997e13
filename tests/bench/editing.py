"""What is measured of the editor of zones inside one process: a plan of 10,000 zones with 800,000 nodes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import STRtree

from gis.changeset import ZoneState, changed_zones, merge_changeset
from gis.crs import MetricCrs
from gis.zone_difference import difference
from gis.zone_edits import (
    Edit,
    carve,
    delete_node,
    insert_node,
    merge,
    move_node,
    offset_border,
    shared_borders,
    split,
)
from tests.bench.databases import coverage

_REGION = (117.4, 0.05, 117.6, 0.25)
_METRIC = MetricCrs(50, south=False)
_STEPS = 20
_ROUNDS = 200
_NEAR_DEG = 1e-7
_SEED = 117

Outlines = dict[int, shapely.Geometry]


@dataclass(frozen=True)
class Figure:
    """One line of the table: the median and the slowest of several runs, in milliseconds."""

    what: str
    median_ms: float
    slowest_ms: float


@dataclass(frozen=True)
class Plan:
    """Zones by number with an index, as a server keeps them."""

    zones: Outlines
    tree: STRtree

    def around(self, zone: int) -> Outlines:
        """A zone and all that touch it."""
        found = np.sort(self.tree.query(self.zones[zone], predicate="dwithin", distance=_NEAR_DEG))
        return {number: self.zones[number] for number in (found + 1).tolist()}


def large_plan(zones: int = 10_000) -> Plan:
    """Crooked four-sided zones of 80 nodes each, MultiPolygons, numbered from 1."""
    rings = shapely.polygons(coverage(zones, _REGION, steps=_STEPS))
    outlines = np.array([shapely.MultiPolygon([ring]) for ring in rings], dtype=object)
    return Plan(dict(enumerate(outlines, start=1)), STRtree(outlines))


def edit_figures(plan: Plan) -> Iterator[Figure]:
    """Each operation on zones all over the plan, checked, given the zone and its neighbours; then whole changesets."""
    random = np.random.default_rng(_SEED)
    chosen = random.choice(list(plan.zones), _ROUNDS, replace=False).tolist()
    yield _figure("find a zone's neighbours", [lambda zone=zone: plan.around(zone) for zone in chosen])
    for what, operation in _OPERATIONS.items():
        runs = [(plan.around(zone), zone) for zone in chosen]
        yield _figure(what, [lambda run=run, operation=operation: operation(*run) for run in runs])
    yield from _changesets(plan, chosen)


def _changesets(plan: Plan, chosen: list[int]) -> Iterator[Figure]:
    before = {zone: ZoneState(outline, {"subzone_code": "R-2"}) for zone, outline in plan.zones.items()}
    after = dict(plan.zones)
    for zone in chosen:
        near = {number: after[number] for number in plan.around(zone)}
        after = _move(near, zone).apply(near) | {number: after[number] for number in after.keys() - near.keys()}
    edited = {zone: ZoneState(outline, {"subzone_code": "R-2"}) for zone, outline in sorted(after.items())}
    yield _figure(f"changeset of {_ROUNDS} moves", [lambda: changed_zones(before, edited)] * 3)
    yield _figure(f"difference of {_ROUNDS} moves", [lambda: difference(before, edited, _METRIC)] * 3)
    mine = changed_zones(before, edited)
    half = {zone: state for zone, state in mine.items() if zone % 2}
    yield _figure("merge with another planner's", [lambda: merge_changeset(before, mine, half)] * 3)


def _move(zones: Outlines, zone: int) -> Edit:
    lon, lat = shapely.get_coordinates(zones[zone])[_STEPS // 2].tolist()
    return move_node(zones, (lon, lat), (lon + 1e-6, lat + 2e-6), footprint="may_change")


def _insert(zones: Outlines, zone: int) -> Edit:
    (a, b), (c, d) = shapely.get_coordinates(zones[zone])[:2].tolist()
    return insert_node(zones, ((a, b), (c, d)), footprint="may_change")


def _delete(zones: Outlines, zone: int) -> Edit:
    lon, lat = shapely.get_coordinates(zones[zone])[_STEPS // 2].tolist()
    return delete_node(zones, (lon, lat), footprint="may_change")


def _split(zones: Outlines, zone: int) -> Edit:
    west, south, east, north = zones[zone].bounds
    return split(zones, zone, shapely.LineString([(west, south), (east, north)]))


def _neighbour(zones: Outlines, zone: int) -> int:
    return next(other for other in zones if other != zone and shared_borders(zones, zone, other))


def _merge(zones: Outlines, zone: int) -> Edit:
    return merge(zones, [zone, _neighbour(zones, zone)])


def _carve(zones: Outlines, zone: int) -> Edit:
    west, south, east, north = zones[zone].bounds
    middle = shapely.Point((west + east) / 2, (south + north) / 2)
    return carve(zones, middle.buffer((east - west) * 0.4, quad_segs=8), outside="cut")


def _offset(zones: Outlines, zone: int) -> Edit:
    return offset_border(zones, shared_borders(zones, zone, _neighbour(zones, zone))[0], 3.0, _METRIC)


_OPERATIONS: dict[str, Callable[[Outlines, int], Edit]] = {
    "move a node": _move,
    "insert a node": _insert,
    "delete a node": _delete,
    "split a zone": _split,
    "merge two zones": _merge,
    "carve a zone": _carve,
    "move a border by 3 m": _offset,
}


def _figure(what: str, runs: list[Callable[[], object]]) -> Figure:
    taken = []
    for run in runs:
        started = time.perf_counter()
        run()
        taken.append((time.perf_counter() - started) * 1000)
    return Figure(what, statistics.median(taken), max(taken))
