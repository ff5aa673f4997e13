"""What the check that ends every operation sees, and what it lets pass."""

from __future__ import annotations

import pytest
import shapely

from gis.edit_errors import EditError
from gis.zone_edits import checked, find_faults
from gis.zone_edits.model import Delta
from tests.gis.zone_edits.coverages import grid, multi, place, square


def test_a_gap_narrower_than_the_rounding_of_nodes_is_one_all_the_same() -> None:
    zones = grid(3, 3)
    lon, lat = place(2, 1.5)
    nearly = multi(shapely.Polygon([place(1, 1), place(2, 1), (lon - 1e-8, lat), place(2, 2), place(1, 2)]))
    with pytest.raises(EditError) as caught:
        checked(zones, {5: nearly})
    assert caught.value.code == "edit_opens_gap"
    assert shapely.coverage_is_valid([nearly, *(zones[zone] for zone in zones if zone != 5)])


def test_a_rounded_node_on_the_outer_border_is_none() -> None:
    zones = grid(1, 1)
    lon, lat = place(1, 0.5)
    nodes = [place(0, 0), place(1, 0), (lon - 1e-8, lat), place(1, 1), place(0, 1)]
    assert set(checked(zones, {1: multi(shapely.Polygon(nodes))}).changes) == {1}


def test_a_node_on_one_side_of_a_border_alone_is_told() -> None:
    zones = grid(2, 1)
    nodes = [place(0, 0), place(1, 0), place(1, 0.5), place(1, 1), place(0, 1)]
    with pytest.raises(EditError) as caught:
        checked(zones, {1: multi(shapely.Polygon(nodes))})
    assert caught.value.code == "edit_borders_differ"
    assert caught.value.zones == (1, 2)


def test_a_zone_that_goes_leaves_a_gap() -> None:
    with pytest.raises(EditError) as caught:
        checked(grid(3, 3), {5: None})
    assert caught.value.code == "edit_opens_gap"
    assert caught.value.zones == (1, 2, 3, 4, 5, 6, 7, 8, 9)
    # At the edge it is the plan that becomes smaller.
    assert checked(grid(3, 3), {3: None}, footprint="may_change").changes[3].new is None
    with pytest.raises(EditError):
        checked(grid(3, 3), {5: None}, footprint="may_change")


def test_a_zone_over_others_is_told_with_all_of_them() -> None:
    with pytest.raises(EditError) as caught:
        checked(grid(2, 1), {-1: multi(square(0.5, 0))}, footprint="may_change")
    assert caught.value.code == "edit_overlaps"
    assert {zone for fault in caught.value.faults for zone in fault.zones} == {-1, 1, 2}


def test_what_was_broken_may_stay_and_become_better_but_not_worse() -> None:
    zones = {**grid(3, 1), 1: multi(square(0, 0, 1.3, 1))}
    better, worse = multi(square(0, 0, 1.1, 1)), multi(square(0, 0, 1.5, 1))
    assert find_faults(zones, {1: Delta(zones[1], better)}) == []
    assert [fault.code for fault in find_faults(zones, {1: Delta(zones[1], worse)})] == ["edit_overlaps"]


def test_nothing_changed_is_no_edit() -> None:
    zones = grid(2, 2)
    assert checked(zones, {1: shapely.from_wkb(shapely.to_wkb(zones[1]))}).changes == {}
    assert find_faults(zones, {}) == []
