"""Edits on a real plan, which is not part of the project: other zones keep every bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely import STRtree

from gis.coverage_repair import repair
from gis.crs import MetricCrs
from gis.edit_errors import EditError
from gis.vector_files import open_layer
from gis.zone_edits import (
    Edit,
    carve,
    insert_node,
    merge,
    move_node,
    offset_border,
    same_bits,
    shared_borders,
    split,
)
from tests.gis.zone_edits.checks import assert_coverage, footprint

pytestmark = pytest.mark.real

REGION = (109.0, 0.0, 111.0, 3.0)
UTM = MetricCrs(49, south=False)
Zones = dict[int, shapely.Geometry]


@pytest.fixture(scope="module")
def official(real_data: Path) -> Zones:
    """A plan in the official layout after its repair, by position; thirteen zones drawn twice are left out."""
    with open_layer(real_data / "jagoibabang_rdtr_zones.geojson", region=REGION) as layer:
        drawn = np.array([feature.lonlat for feature in layer], dtype=object)
    proposal = repair(drawn, UTM)
    assert proposal.stable
    return {number: zone for number, zone in enumerate(proposal.geometries, start=1) if not zone.is_empty}


def around(zones: Zones, zone: int) -> Zones:
    """What a server gives to an operation: the zone and all that touch it or those."""
    ids = list(zones)
    tree = STRtree(list(zones.values()))
    near = tree.query(zones[zone], predicate="dwithin", distance=1e-7)
    wider = tree.query([zones[ids[at]] for at in near], predicate="dwithin", distance=1e-7)[1]
    return {ids[at]: zones[ids[at]] for at in np.unique(wider).tolist()}


def edits(near: Zones, zone: int) -> list[Callable[[], Edit]]:
    """One edit of each kind on a zone."""
    west, south, east, north = near[zone].bounds
    nodes = shapely.get_coordinates(near[zone]).tolist()
    first, second = (nodes[0][0], nodes[0][1]), (nodes[1][0], nodes[1][1])
    neighbour = next(other for other in near if other != zone and shared_borders(near, zone, other))
    middle = near[zone].representative_point()
    return [
        lambda: insert_node(near, (first, second), footprint="may_change"),
        lambda: move_node(near, first, (first[0] + 1e-7, first[1] - 1e-7), footprint="may_change"),
        lambda: split(near, zone, shapely.LineString([(west, middle.y), (east, middle.y)])),
        lambda: merge(near, [zone, neighbour]),
        lambda: carve(near, middle.buffer((north - south) / 5), outside="cut"),
        lambda: offset_border(near, shared_borders(near, zone, neighbour)[0], 0.5, UTM),
    ]


def attempt(operation: Callable[[], Edit]) -> Edit | None:
    """The edit, or None where it was refused: slivers of less than a millimetre are everywhere in this plan."""
    try:
        return operation()
    except EditError:
        return None


def test_edits_of_a_real_plan_leave_all_other_zones_as_they_were(official: Zones) -> None:
    large = sorted(official, key=lambda zone: -official[zone].area)
    done = 0
    for zone in large[20:400:80]:
        near = around(official, zone)
        land = footprint(near)
        for edit in filter(None, map(attempt, edits(near, zone))):
            done += 1
            after = edit.apply(official)
            assert all(after[other] is official[other] for other in official if other not in edit.changes)
            patch = {other: after[other] for other in {*near, *edit.changes} & after.keys()}
            assert_coverage(patch)
            # Nodes moved on the outer border went 1e-7 degree.
            change = shapely.symmetric_difference(footprint(patch), land)
            assert change.area <= 1e-7 * shapely.length(land)
            restored = edit.inverse().apply(after)
            assert all(same_bits(restored[other], official[other]) for other in official)
    assert done >= 24


def test_slivers_of_a_real_plan_are_merged_away(official: Zones) -> None:
    slivers = sorted(official, key=lambda zone: official[zone].area)[:60]
    merged = 0
    for zone in slivers:
        near = around(official, zone)
        keep = next(other for other in near if other != zone and shared_borders(near, zone, other))
        edit = attempt(lambda near=near, zone=zone, keep=keep: merge(near, [zone, keep], keep=keep))
        if edit is not None:
            merged += 1
            assert zone not in edit.apply(official)
    assert merged >= 55
