"""Nodes move, come and go in every zone that has them."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis.edit_errors import EditError
from gis.errors import GisError, InvalidGeometry
from gis.zone_edits import delete_node, insert_node, move_node, move_nodes, set_outline
from tests.gis.zone_edits.checks import apply_checked, assert_coverage
from tests.gis.zone_edits.coverages import grid, multi, place, reversed_rings, square


def has_node(zone: shapely.Geometry, node: tuple[float, float]) -> bool:
    return bool((shapely.get_coordinates(zone) == node).all(axis=1).any())


def with_island() -> dict[int, shapely.Geometry]:
    """A zone with a hole, an island in it, and a zone of two parts that touches both sides of the first."""
    frame = shapely.Polygon(square(1, 0, 3, 3).exterior, [square(2, 1).exterior])
    return {1: multi(frame), 2: multi(square(2, 1)), 3: multi(square(0, 0, 1, 3), square(4, 0, 1, 3))}


def test_a_node_of_four_zones_moves_in_all_of_them() -> None:
    zones = grid(3, 3)
    edit = move_node(zones, place(1, 1), place(1.2, 1.3))
    assert set(edit.changes) == {1, 2, 4, 5}
    after = apply_checked(edit, zones)
    assert all(
        has_node(after[zone], place(1.2, 1.3)) and not has_node(after[zone], place(1, 1)) for zone in (1, 2, 4, 5)
    )


def test_a_closing_node_moves_at_both_ends_of_its_ring() -> None:
    zones = grid(2, 2)
    first = shapely.get_coordinates(zones[4])[0]
    start = (float(first[0]), float(first[1]))
    after = move_node(zones, start, (start[0] - 1e-4, start[1] + 1e-4), footprint="may_change").apply(zones)
    assert_coverage(after)
    ring = shapely.get_coordinates(after[4])
    assert tuple(ring[0]) == tuple(ring[-1]) != start


def test_holes_and_parts_of_multipolygons_follow() -> None:
    zones = with_island()
    edit = move_node(zones, place(2, 1), place(2.1, 1.1))
    assert set(edit.changes) == {1, 2}
    apply_checked(edit, zones)
    edit = insert_node(zones, (place(4, 0), place(4, 3)))
    assert set(edit.changes) == {1, 3}
    after = apply_checked(edit, zones)
    assert set(move_node(after, place(4, 1.5), place(3.8, 1.5)).changes) == {1, 3}


def test_rings_that_run_the_other_way_follow_as_well() -> None:
    zones = {zone: reversed_rings(outline) if zone % 2 else outline for zone, outline in grid(3, 3).items()}
    apply_checked(move_node(zones, place(1, 1), place(1.2, 1.3)), zones)
    apply_checked(insert_node(zones, (place(1, 1), place(1, 2))), zones)


def test_new_places_are_rounded_and_all_other_nodes_keep_every_bit() -> None:
    east = place(3, 0)[0]
    odd = shapely.transform(square(2, 0), lambda nodes: np.where(nodes == east, east + 1.23456789e-10, nodes))
    zones = {**grid(2, 1), 3: multi(odd)}
    edit = move_node(zones, place(2, 1), (117.40211111111111, 0.1009999999999), footprint="may_change")
    after = edit.apply(zones)
    assert has_node(after[2], (117.40211111, 0.101))
    before, now = shapely.get_coordinates(zones[3]), shapely.get_coordinates(after[3])
    kept = ~(before == place(2, 1)).all(axis=1)
    assert np.array_equal(before[kept], now[kept])


def test_several_nodes_move_at_once_where_one_by_one_would_not_do() -> None:
    zones = grid(3, 1)
    moves = {
        place(1, 0): place(2.4, 0),
        place(1, 1): place(2.4, 1),
        place(2, 0): place(2.6, 0),
        place(2, 1): place(2.6, 1),
    }
    with pytest.raises(EditError):
        move_node(zones, place(1, 0), place(2.4, 0))
    apply_checked(move_nodes(zones, moves), zones)


def test_a_node_on_the_outer_border_moves_only_when_that_is_said() -> None:
    zones = grid(2, 1)
    with pytest.raises(EditError) as caught:
        move_node(zones, place(2, 1), place(1.9, 1))
    assert caught.value.code == "edit_opens_gap"
    assert caught.value.zones == (2,)
    with pytest.raises(EditError) as caught:
        move_node(zones, place(2, 1), place(2.1, 1))
    assert caught.value.code == "edit_leaves_footprint"
    assert caught.value.lon is not None
    assert 117.402 <= caught.value.lon <= 117.4021
    assert_coverage(move_node(zones, place(2, 1), place(2.1, 1), footprint="may_change").apply(zones))


def test_even_a_footprint_that_may_change_opens_no_gap_inside() -> None:
    zones = grid(3, 3)
    bent = multi(shapely.Polygon([place(1, 1), place(2, 1), place(1.7, 1.5), place(2, 2), place(1, 2)]))
    with pytest.raises(EditError) as caught:
        set_outline(zones, {5: bent}, footprint="may_change")
    assert caught.value.code == "edit_opens_gap"
    # The same beside the outer border is a change of the footprint, and allowed.
    outer = multi(shapely.Polygon([place(2, 1), place(3, 1), place(2.7, 1.5), place(3, 2), place(2, 2)]))
    assert_coverage(set_outline(zones, {6: outer}, footprint="may_change").apply(zones))


def test_a_node_dropped_on_its_neighbour_becomes_it() -> None:
    zones = insert_node(grid(2, 1), (place(1, 0), place(1, 1))).apply(grid(2, 1))
    lon, lat = place(1, 1)
    after = apply_checked(move_node(zones, place(1, 0.5), (lon + 1e-8, lat - 1e-8)), zones)
    assert shapely.get_num_coordinates(after[1]) == 5


def test_a_node_dropped_on_an_edge_is_put_into_it() -> None:
    zones = {1: multi(square(0, 0, 2, 1)), 2: multi(shapely.Polygon([place(0, 1), place(1, 1.5), place(0, 2)]))}
    edit = move_node(zones, place(1, 1.5), place(1, 1), footprint="may_change")
    assert set(edit.changes) == {1, 2}
    assert_coverage(edit.apply(zones))
    # Its own far edge is no place for it: the zone would touch itself along a line.
    with pytest.raises(EditError) as caught:
        move_node(zones, place(1, 1.5), place(0, 1.5), footprint="may_change")
    assert caught.value.code in ("edit_invalid_outline", "edit_ring_collapses")


def test_a_move_that_turns_a_zone_inside_out_is_refused_with_its_place() -> None:
    with pytest.raises(EditError) as caught:
        move_node(grid(3, 3), place(1, 1), place(2.5, 1.5))
    assert caught.value.code == "edit_invalid_outline"
    assert caught.value.lon is not None
    assert caught.value.hint


@pytest.mark.parametrize("bad", [(float("nan"), 0.1), (117.4, float("inf"))])
def test_places_that_are_no_numbers_are_refused(bad: tuple[float, float]) -> None:
    zones = grid(2, 2)
    with pytest.raises(InvalidGeometry, match="finite"):
        move_node(zones, place(1, 1), bad)
    with pytest.raises(InvalidGeometry, match="finite"):
        delete_node(zones, bad)


def test_places_off_the_earth_or_without_a_node_are_refused() -> None:
    zones = grid(2, 2)
    with pytest.raises(GisError, match="not degrees on the earth"):
        move_node(zones, place(1, 1), (200.0, 0.1))
    with pytest.raises(EditError) as caught:
        move_node(zones, place(0.5, 0.5), place(0.6, 0.6))
    assert caught.value.code == "edit_no_node"


def test_a_node_is_inserted_in_both_zones_and_taken_out_again() -> None:
    zones = grid(3, 3)
    edit = insert_node(zones, (place(1, 1), place(2, 1)))
    assert set(edit.changes) == {2, 5}
    after = apply_checked(edit, zones)
    back = apply_checked(delete_node(after, place(1.5, 1)), after)
    assert all(zones[zone].equals_exact(back[zone], 0, normalize=True) for zone in zones)


def test_a_node_inserted_off_its_edge_moves_the_border() -> None:
    zones = grid(2, 1)
    after = apply_checked(insert_node(zones, (place(1, 0), place(1, 1)), place(1.3, 0.5)), zones)
    assert after[1].area > zones[1].area
    assert after[2].area < zones[2].area


def test_edges_that_are_none_and_nodes_that_exist_are_refused() -> None:
    zones = grid(2, 2)
    with pytest.raises(EditError) as caught:
        insert_node(zones, (place(0, 0), place(1, 1)))
    assert caught.value.code == "edit_no_edge"
    with pytest.raises(EditError) as caught:
        insert_node(zones, (place(1, 0), place(1, 1)), place(1, 1))
    assert caught.value.code == "edit_node_exists"


@pytest.mark.parametrize("node", [place(1, 1), place(1, 0)])
def test_nodes_where_borders_end_or_cross_are_not_deleted(node: tuple[float, float]) -> None:
    with pytest.raises(EditError) as caught:
        delete_node(grid(2, 2), node)
    assert caught.value.code == "edit_node_junction"
    assert caught.value.zones


def test_a_t_junction_is_not_deleted_from_the_zone_it_lies_straight_in() -> None:
    zones = {1: multi(shapely.Polygon([place(0, 0), place(2, 0), place(2, 1), place(1, 1), place(0, 1)]))}
    zones |= {2: multi(square(0, 1)), 3: multi(square(1, 1))}
    assert_coverage(zones)
    with pytest.raises(EditError) as caught:
        delete_node(zones, place(1, 1))
    assert caught.value.zones == (1, 2, 3)


def test_an_outer_corner_is_deleted_only_when_the_footprint_may_change() -> None:
    zones = grid(2, 2)
    with pytest.raises(EditError) as caught:
        delete_node(zones, place(2, 2))
    assert caught.value.code == "edit_opens_gap"
    assert_coverage(delete_node(zones, place(2, 2), footprint="may_change").apply(zones))


def test_a_triangle_keeps_its_corners() -> None:
    triangle = shapely.Polygon([place(0, 0), place(1, 0), place(0, 1)])
    rest = shapely.Polygon([place(1, 0), place(1, 1), place(0, 1)])
    zones = {1: multi(triangle), 2: multi(rest)}
    with pytest.raises(EditError) as caught:
        delete_node(zones, place(0, 0), footprint="may_change")
    assert caught.value.code == "edit_ring_collapses"


def test_an_edit_says_when_it_no_longer_fits() -> None:
    zones = grid(2, 2)
    edit = move_node(zones, place(1, 1), place(1.1, 1.1))
    with pytest.raises(EditError) as caught:
        edit.apply(edit.apply(zones))
    assert caught.value.code == "edit_stale"
    assert caught.value.zones == (1, 2, 3, 4)


def test_two_edits_become_one_and_cancel_out() -> None:
    zones = grid(2, 2)
    first = move_node(zones, place(1, 1), place(1.1, 1.1))
    second = move_node(first.apply(zones), place(1.1, 1.1), place(1, 1))
    assert first.then(second).changes == {}
    with pytest.raises(EditError):
        second.then(second)
