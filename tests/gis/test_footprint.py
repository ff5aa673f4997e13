"""What a plan must cover is what it began with, changed only by what was meant to change it."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis.coverage import as_array, validate
from gis.crs import MetricCrs
from gis.footprint import BorderMove, difference_from, opened_since
from gis.zone_edits import Zones, give, insert_node, move_node
from tests.gis.zone_edits.coverages import grid, multi, place, square

METRIC = MetricCrs(50, south=False)


def changed(before: Zones, after: Zones) -> dict[int, shapely.Geometry | None]:
    """What ``difference_from`` is told of the beginning."""
    return {zone: before.get(zone) for zone in {*before, *after} if before.get(zone) is not after.get(zone)}


def dented() -> shapely.Geometry:
    ring = [place(0, 0), place(1, 0), place(0.9, 0.5), place(1, 1), place(0, 1)]
    return multi(shapely.Polygon(ring))


def test_a_border_moved_on_one_side_only() -> None:
    """The hard case: GEOS's check passes it, as do all others that look at the zones alone."""
    before = grid(2, 1)
    after = {**before, 1: dented()}
    assert shapely.coverage_is_valid(as_array(after.values()))
    assert not validate(as_array(after.values()), METRIC).blocks_publishing
    (gap,) = difference_from(changed(before, after), after, [], METRIC).lost
    assert gap.zones == (1, 2)
    assert gap.area_m2 == pytest.approx(METRIC.area_m2(square(0, 0)) * 0.05, rel=1e-3)


def test_nothing_changed_is_nothing_lost() -> None:
    zones = grid(2, 2)
    found = difference_from({}, zones, [], METRIC)
    assert (found.lost, found.gained) == ((), ())


def test_an_edit_that_was_meant_to_move_the_border() -> None:
    before = grid(2, 1)
    edit = move_node(before, place(0, 0), place(-0.5, -0.2), footprint="may_change")
    after = edit.apply(before)
    unmeant = difference_from(changed(before, after), after, [], METRIC)
    assert [excess.zone for excess in unmeant.gained] == [1]
    move = BorderMove(as_array([before[1]]), as_array([after[1]]))
    meant = difference_from(changed(before, after), after, [move], METRIC)
    assert (meant.lost, meant.gained) == ((), ())
    # There and back again, each meant.
    back = BorderMove(as_array([after[1]]), as_array([before[1]]))
    returned = {**before, 1: shapely.from_wkb(shapely.to_wkb(before[1]))}
    found = difference_from({1: before[1]}, returned, [move, back], METRIC)
    assert (found.lost, found.gained) == ((), ())


def test_land_given_back_after_the_border_moved_is_lost_again() -> None:
    before = grid(2, 1)
    wider = {**before, 1: multi(square(-1, 0, 2))}
    move = BorderMove(as_array([before[1]]), as_array([wider[1]]))
    found = difference_from({1: before[1]}, before | {1: multi(square(0, 0))}, [move], METRIC)
    assert [gap.area_m2 for gap in found.lost] == [pytest.approx(METRIC.area_m2(square(-1, 0)))]


def test_nodes_rounded_on_the_outer_border_are_no_loss() -> None:
    zones = grid(1, 1)
    zones = move_node(zones, place(0, 0), place(-0.3137, -0.2713), footprint="may_change").apply(zones)
    start, now = zones, zones
    for _ in range(6):
        nodes = shapely.get_coordinates(now[1])
        first, second = (tuple(nodes[at].tolist()) for at in (0, 1))
        now = insert_node(now, (first, second)).apply(now)
    found = difference_from(changed(start, now), now, [], METRIC)
    assert (found.lost, found.gained) == ((), ())


def test_a_gap_of_a_millimetre_between_two_zones_is_one() -> None:
    before = grid(2, 1)
    ring = [place(0, 0), place(1, 0), place(1 - 1e-5, 0.5), place(1, 1), place(0, 1)]
    after = {**before, 1: multi(shapely.Polygon(ring))}
    (gap,) = difference_from(changed(before, after), after, [], METRIC).lost
    assert gap.area_m2 == pytest.approx(0.062, rel=0.02)


def test_land_handed_from_zone_to_zone_is_neither() -> None:
    before = grid(3, 1)
    after = give(before, square(1, 0, 0.4), 2, 1).apply(before)
    found = difference_from(changed(before, after), after, [], METRIC)
    assert (found.lost, found.gained) == ((), ())


def test_a_zone_that_is_gone_and_one_that_is_new() -> None:
    before = grid(2, 1)
    after = {2: before[2], -1: multi(square(0, 0, 1, 0.5))}
    (gap,) = difference_from(changed(before, after), after, [], METRIC).lost
    assert gap.zones == (-1, 2)
    assert gap.area_m2 == pytest.approx(METRIC.area_m2(square(0, 0.5, 1, 0.5)))


def test_whether_a_hole_was_opened_since() -> None:
    ring = {zone: outline for zone, outline in grid(3, 3).items() if zone != 5}
    (hole,) = validate(as_array(ring.values()), METRIC).gaps
    assert not opened_since(hole, {1: ring[1]})
    assert opened_since(hole, {5: grid(3, 3)[5]})
    assert not opened_since(hole, dict.fromkeys([7]))


def test_everything_replaced_at_once() -> None:
    before = grid(5, 5)
    after = {zone: shapely.from_wkb(shapely.to_wkb(outline)) for zone, outline in before.items()}
    found = difference_from(before, after, [], METRIC)
    assert (found.lost, found.gained) == ((), ())
    shifted = {
        zone: shapely.transform(outline, lambda places: places + np.array([1e-4, 0])) for zone, outline in after.items()
    }
    found = difference_from(before, shifted, [], METRIC)
    assert len(found.lost) == 1
    assert {excess.zone for excess in found.gained} == {5, 10, 15, 20, 25}
