"""Land changes hands between the zones that are named, and nobody else."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis.crs import MetricCrs
from gis.edit_errors import EditError
from gis.errors import InvalidGeometry
from gis.zone_edits import Lineage, carve, clear_overlap, give, merge, same_bits, set_outline, split
from tests.gis.zone_edits.checks import apply_checked, assert_coverage, footprint, outlines
from tests.gis.zone_edits.coverages import grid, multi, place, reversed_rings, square

UTM = MetricCrs(50, south=False)


def line(*places: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([place(x, y) for x, y in places])


def test_a_split_gives_its_neighbours_the_new_nodes_and_the_largest_part_the_identity() -> None:
    zones = grid(3, 3)
    edit = split(zones, 5, line((0.5, 1.3), (2.5, 1.6)))
    assert set(edit.changes) == {4, 5, 6, -1}
    assert edit.lineage == (Lineage(5, -1, "split"),)
    after = apply_checked(edit, zones)
    assert after[5].area > after[-1].area
    assert after[5].area + after[-1].area == pytest.approx(zones[5].area, rel=1e-6)
    assert isinstance(after[-1], shapely.MultiPolygon)


def test_a_split_from_node_to_node_touches_no_neighbour() -> None:
    zones = grid(3, 3)
    assert set(split(zones, 5, line((1, 1), (2, 2))).changes) == {5, -1}


def test_a_split_into_several_parts_numbers_them_by_size() -> None:
    zones = {1: multi(square(0, 0, 4, 1))}
    zigzag = line((0.5, -0.5), (0.5, 1.5), (2, 1.5), (2, -0.5))
    edit = split(zones, 1, zigzag, ids=[71, 72, 73])
    after = apply_checked(edit, zones)
    assert [round(after[zone].area / 1e-6, 2) for zone in (1, 71, 72)] == [2.0, 1.5, 0.5]
    with pytest.raises(EditError) as caught:
        split(zones, 1, zigzag, ids=[1, 72])
    assert caught.value.code == "edit_id_in_use"


def test_loose_ends_of_the_line_put_no_nodes_into_borders() -> None:
    zones = {1: multi(square(0, 0, 2, 2))}
    loop = line((0.5, -0.5), (0.5, 2.5), (3, 2.5), (3, 1), (1.5, 1))
    after = apply_checked(split(zones, 1, loop), zones)
    assert not any(tuple(node) == place(2, 1) for node in shapely.get_coordinates(outlines(after)).tolist())


def test_parts_and_holes_that_the_line_does_not_cross_stay() -> None:
    shell = shapely.Polygon(square(0, 0, 3, 3).exterior, [square(2, 2, 0.5, 0.5).exterior])
    zones = {1: multi(square(5, 0), shell), 2: multi(square(2, 2, 0.5, 0.5))}
    after = apply_checked(split(zones, 1, line((1, -1), (1, 4))), zones)
    assert after[1].geoms[0].equals_exact(zones[1].geoms[0], 0)
    assert len(after[1].geoms[1].interiors) == 1
    assert len(after[-1].geoms) == 1
    after = apply_checked(split(zones, 1, line((2.2, -1), (2.2, 4))), zones)
    assert set(after) == {1, 2, -1}
    assert not any(part.interiors for part in after[1].geoms)


@pytest.mark.parametrize(
    ("drawn", "code"),
    [
        (line((1.2, 1.5), (1.8, 1.5)), "edit_line_misses"),
        (line((0.2, 0.5), (0.8, 0.5)), "edit_line_misses"),
        (line((1, 0), (1, 3)), "edit_line_misses"),
        (line((0.5, 1.5), (2.5, 1.5), (2.5, 1.2), (1.5, 1.9)), "edit_line_crosses_itself"),
        (shapely.Point(place(1, 1)), "edit_line_needed"),
    ],
)
def test_lines_that_divide_nothing_are_refused(drawn: shapely.Geometry, code: str) -> None:
    with pytest.raises(EditError) as caught:
        split(grid(3, 3), 5, drawn)
    assert caught.value.code == code


def test_a_line_that_is_no_place_is_refused() -> None:
    broken = shapely.set_coordinates(line((0, 0), (1, 1)), [[float("nan"), 0], [1, 1]])
    with pytest.raises(InvalidGeometry, match="finite"):
        split(grid(3, 3), 5, broken)
    with pytest.raises(InvalidGeometry, match="degrees on the earth"):
        split(grid(3, 3), 5, shapely.LineString([(0, 0), (500, 1)]))


def test_neighbours_merge_and_the_largest_or_the_chosen_keeps_its_identity() -> None:
    zones = grid(3, 3)
    edit = merge(zones, [5, 6], keep=6)
    assert edit.lineage == (Lineage(5, 6, "merge"),)
    after = apply_checked(edit, zones)
    assert 5 not in after
    assert after[6].area == pytest.approx(2 * zones[6].area)
    wide = {**zones, 2: multi(square(1, 0, 1, 1))}
    wide[1] = multi(square(-1, 0, 2, 1))
    assert merge(wide, [2, 1]).lineage == (Lineage(2, 1, "merge"),)


def test_a_merge_around_a_zone_leaves_a_hole_for_it() -> None:
    zones = grid(3, 3)
    after = apply_checked(merge(zones, [1, 2, 3, 4, 6, 7, 8, 9], keep=1), zones)
    assert len(after[1].geoms) == 1
    assert len(after[1].geoms[0].interiors) == 1


def test_a_merge_keeps_parts_that_lie_apart() -> None:
    zones = {1: multi(square(0, 0), square(5, 0)), 2: multi(square(1, 0)), 3: multi(square(7, 0))}
    after = apply_checked(merge(zones, [1, 2], keep=2), zones)
    assert len(after[2].geoms) == 2


@pytest.mark.parametrize("ids", [[1, 5], [1, 3], [1, 2, 9]])
def test_zones_that_meet_in_a_point_or_not_at_all_do_not_merge(ids: list[int]) -> None:
    with pytest.raises(EditError) as caught:
        merge(grid(3, 3), ids)
    assert caught.value.code == "edit_not_neighbours"


def test_a_merge_needs_two_zones_that_are_there() -> None:
    with pytest.raises(EditError, match="At least two"):
        merge(grid(2, 2), [1, 1])
    with pytest.raises(EditError, match="77"):
        merge(grid(2, 2), [1, 77])


def test_carving_takes_from_all_it_covers_and_swallows_what_it_covers_whole() -> None:
    zones = grid(4, 4)
    edit = carve(zones, square(0.5, 0.5, 2.7, 2.7), new_id=-9)
    gone = {zone for zone, delta in edit.changes.items() if delta.new is None}
    assert gone == {6, 7, 10, 11}
    assert {lineage.child for lineage in edit.lineage} == {-9}
    assert {lineage.parent for lineage in edit.lineage} == set(range(1, 17))
    after = apply_checked(edit, zones)
    assert UTM.area_m2(after[-9]) == pytest.approx(UTM.area_m2(square(0.5, 0.5, 2.7, 2.7)), rel=1e-6)


def test_carving_inside_one_zone_leaves_a_hole() -> None:
    zones = grid(3, 3)
    edit = carve(zones, square(1.2, 1.2, 0.5, 0.5))
    assert set(edit.changes) == {5, -1}
    after = apply_checked(edit, zones)
    assert len(after[5].geoms[0].interiors) == 1
    # The shell comes back as it was, node by node.
    assert after[5].geoms[0].exterior.equals_exact(zones[5].geoms[0].exterior, 0)


def test_carving_with_a_hole_leaves_the_zones_in_it() -> None:
    zones = grid(3, 3)
    ring = shapely.Polygon(square(0.5, 0.5, 2, 2).exterior, [square(1, 1).exterior])
    edit = carve(zones, ring)
    assert 5 not in edit.changes
    after = apply_checked(edit, zones)
    assert len(after[-1].geoms[0].interiors) == 1


def test_carving_beyond_the_plan_is_refused_with_the_place_or_cut() -> None:
    zones = grid(3, 3)
    beyond = square(2.5, 0.5, 2, 1)
    with pytest.raises(EditError) as caught:
        carve(zones, beyond)
    assert caught.value.code == "edit_outside_plan"
    assert caught.value.lon is not None
    assert caught.value.lon > place(3, 0)[0]
    after = apply_checked(carve(zones, beyond, outside="cut"), zones)
    assert after[-1].bounds[2] == place(3, 0)[0]
    with pytest.raises(EditError) as caught:
        carve(zones, square(7, 7))
    assert caught.value.code == "edit_misses_plan"


def test_carving_along_borders_follows_their_nodes() -> None:
    # Drawn a millimetre off the borders, which have nodes in the middle that the drawing lacks.
    zones = grid(3, 3)
    drawn = shapely.Polygon([(x + 9e-9, y - 8e-9) for x, y in square(0, 1, 3, 1).exterior.coords[:-1]])
    edit = carve(zones, drawn)
    assert set(edit.changes) == {4, 5, 6, -1}
    apply_checked(edit, zones)


def test_land_is_given_from_one_zone_to_its_neighbour() -> None:
    zones = grid(3, 3)
    edit = give(zones, square(1, 1, 0.3, 3), 5, 4)
    assert set(edit.changes) == {2, 4, 5, 8}
    after = apply_checked(edit, zones)
    assert after[4].area == pytest.approx(1.3 * zones[4].area, rel=1e-6)


def test_a_zone_that_gives_all_it_has_vanishes_into_the_other() -> None:
    zones = grid(3, 3)
    edit = give(zones, square(0.9, 0.9, 1.2, 1.2), 5, 4)
    assert edit.changes[5].new is None
    assert edit.lineage == (Lineage(5, 4, "merge"),)
    apply_checked(edit, zones)


def test_land_apart_from_the_receiver_is_given_only_when_that_is_said() -> None:
    zones = grid(3, 3)
    with pytest.raises(EditError) as caught:
        give(zones, square(1.5, 1.5, 1, 1), 5, 4)
    assert caught.value.code == "edit_land_apart"
    after = apply_checked(give(zones, square(1.5, 1.5, 1, 1), 5, 4, apart=True), zones)
    assert len(after[4].geoms) == 2


def test_gifts_that_are_none_are_refused() -> None:
    zones = grid(3, 3)
    for source, target, polygon, code in (
        (5, 5, square(1, 1), "edit_same_zone"),
        (5, 99, square(1, 1), "edit_zone_unknown"),
        (5, 4, square(0, 0), "edit_misses_zone"),
    ):
        with pytest.raises(EditError) as caught:
            give(zones, polygon, source, target)
        assert caught.value.code == code


def test_land_that_no_zone_has_is_given_only_when_the_footprint_may_change() -> None:
    zones = {zone: outline for zone, outline in grid(3, 3).items() if zone != 5}
    with pytest.raises(EditError) as caught:
        give(zones, square(0.9, 0.9, 1.2, 1.2), None, 4)
    assert caught.value.code == "edit_leaves_footprint"
    after = give(zones, square(0.9, 0.9, 1.2, 1.2), None, 4, footprint="may_change").apply(zones)
    assert_coverage(after)
    assert footprint(after).equals(footprint(grid(3, 3)))


@pytest.mark.parametrize("upside_down", [False, True])
def test_an_overlap_goes_to_the_zone_that_is_named(upside_down: bool) -> None:
    zones = {**grid(3, 2), 1: multi(square(0, 0, 1.2, 1))}
    if upside_down:
        zones = {zone: reversed_rings(outline) for zone, outline in zones.items()}
    after = clear_overlap(zones, 1, 2).apply(zones)
    assert_coverage(after)
    assert after[1].equals(square(0, 0))
    assert same_bits(after[2], zones[2])
    after = clear_overlap(zones, 2, 1).apply(zones)
    assert_coverage(after)
    assert after[2].equals(square(1.2, 0, 0.8, 1))
    with pytest.raises(EditError, match="no land in common"):
        clear_overlap(after, 1, 2)


def test_overlapping_borders_that_cross_get_their_node_in_all_zones() -> None:
    zones = {1: multi(square(0, 0, 2, 2)), 2: multi(shapely.Polygon([place(1, 1), place(3, 0.5), place(3, 3)]))}
    after = clear_overlap(zones, 1, 2).apply(zones)
    assert_coverage(after)
    assert shapely.area(shapely.intersection(after[1], after[2])) == 0
    after = clear_overlap({1: multi(square(0, 0)), 2: multi(square(0, 0))}, 1, 2)
    assert after.lineage == (Lineage(1, 2, "merge"),)


def test_a_sliver_can_be_merged_away() -> None:
    zones = {1: multi(square(0, 0)), 2: multi(square(1, 0, 5e-5, 1)), 3: multi(square(1.00005, 0))}
    after = apply_checked(merge(zones, [2, 3], keep=3), zones)
    assert set(after) == {1, 3}


def moved_side(zone: shapely.Geometry, x: float, to: float) -> shapely.Geometry:
    return shapely.transform(zone, lambda nodes: np.where(nodes == place(x, 0)[0], place(to, 0)[0], nodes))


def test_a_one_sided_move_that_opens_a_gap_is_refused_although_the_coverage_passes_it() -> None:
    zones = grid(3, 3)
    pulled = multi(shapely.Polygon([place(1, 1), place(2, 1), place(1.7, 1.5), place(2, 2), place(1, 2)]))
    assert shapely.coverage_is_valid(outlines({**zones, 5: pulled}))
    with pytest.raises(EditError) as caught:
        set_outline(zones, {5: pulled})
    error = caught.value
    assert error.code == "edit_opens_gap"
    assert {5, 6} <= set(error.zones)
    (fault,) = error.faults
    assert fault.geometry.equals(shapely.Polygon([place(2, 1), place(2, 2), place(1.7, 1.5)]))
    assert shapely.covers(fault.geometry, shapely.Point(fault.lon, fault.lat))


def test_a_one_sided_move_over_the_neighbour_is_refused() -> None:
    zones = grid(3, 3)
    with pytest.raises(EditError) as caught:
        set_outline(zones, {5: moved_side(zones[5], 2, 2.3)})
    assert caught.value.code == "edit_overlaps"
    assert caught.value.zones == (5, 6)


def test_every_place_is_reported() -> None:
    zones = grid(3, 3)
    pulled = multi(
        shapely.Polygon([place(1, 1), place(2, 1), place(1.7, 1.5), place(2, 2), place(1, 2), place(1.2, 1.5)])
    )
    with pytest.raises(EditError) as caught:
        set_outline(zones, {5: pulled})
    assert len(caught.value.faults) == 2


def test_outlines_drawn_together_are_accepted_and_neighbours_get_their_nodes() -> None:
    zones = grid(3, 3)
    bent = [place(2, 1), place(2.3, 1.5), place(2, 2)]
    first = multi(shapely.Polygon([place(1, 1), place(1.5, 1), *bent, place(1, 2)]))
    second = multi(shapely.Polygon([bent[0], place(3, 1), place(3, 2), bent[2], bent[1]]))
    edit = set_outline(zones, {5: first, 6: second})
    # Zone 2 gets the node that the first outline has in their common border.
    assert set(edit.changes) == {2, 5, 6}
    apply_checked(edit, zones)


def test_outlines_given_back_unchanged_change_nothing() -> None:
    zones = grid(3, 3)
    assert set_outline(zones, {5: zones[5], 6: shapely.from_wkb(shapely.to_wkb(zones[6]))}).changes == {}


def test_outlines_that_are_none_are_refused() -> None:
    zones = grid(3, 3)
    for bad in (shapely.Polygon(), shapely.Point(1, 1), shapely.from_wkt("POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))")):
        with pytest.raises(InvalidGeometry):
            set_outline(zones, {5: bad})
    with pytest.raises(EditError):
        set_outline(zones, {99: zones[5]})
