"""A zone gets the outline back that it had; the coverage stays one, and nobody else loses land that was theirs."""

from __future__ import annotations

import pytest
import shapely

from gis.edit_errors import EditError
from gis.zone_edits import carve, give, merge, move_nodes, restore, split
from tests.gis.zone_edits.checks import apply_checked
from tests.gis.zone_edits.coverages import grid, multi, place, square, tricky

Zones = dict[int, shapely.Geometry]


def same_land(first: shapely.Geometry, second: shapely.Geometry) -> bool:
    """Equal but for rounded nodes along the border."""
    return bool(first.symmetric_difference(second).area <= 1e-8 * (first.length + second.length))


def test_a_zone_that_lost_land_gets_it_back_and_the_others_are_as_they_were() -> None:
    before = grid(3, 3)
    changed = give(before, square(1, 1, 0.5, 1), 5, 4).apply(before)
    after = apply_checked(restore(changed, 5, before[5], before), changed)
    assert all(same_land(after[zone], before[zone]) for zone in before)


def test_a_zone_that_gained_land_gives_it_back_to_who_had_it() -> None:
    before = grid(3, 3)
    changed = give(before, square(0.5, 1, 0.5, 1), 4, 5).apply(before)
    changed = give(changed, square(1, 0.5, 1, 0.5), 2, 5).apply(changed)
    after = apply_checked(restore(changed, 5, before[5], before), changed)
    assert all(same_land(after[zone], before[zone]) for zone in before)


def test_a_moved_border_goes_back_in_both_directions() -> None:
    before = grid(2, 2)
    changed = move_nodes(before, {place(1, 1): place(1.3, 0.8)}).apply(before)
    after = apply_checked(restore(changed, 1, before[1], before), changed)
    assert same_land(after[1], before[1])


def test_a_split_is_healed_and_the_piece_vanishes() -> None:
    before = grid(2, 2)
    line = shapely.LineString([place(0.4, -1), place(0.4, 2)])
    edit = split(before, 1, line)
    (piece,) = [zone for zone in edit.changes if zone < 0]
    changed = edit.apply(before)
    restored = restore(changed, 1, before[1], before)
    after = apply_checked(restored, changed)
    assert piece not in after
    assert same_land(after[1], before[1])


def test_a_merged_zone_is_made_again_under_its_number() -> None:
    before = grid(3, 1)
    changed = merge(before, [1, 2], keep=2).apply(before)
    edit = restore(changed, 1, before[1], before)
    after = apply_checked(edit, changed)
    assert after.keys() == before.keys()
    assert all(same_land(after[zone], before[zone]) for zone in before)


def test_a_zone_that_is_as_it_was_is_left_alone_bit_by_bit() -> None:
    zones = tricky(20, 3)
    assert all(not restore(zones, zone, zones[zone], zones).changes for zone in zones)


@pytest.mark.parametrize("seed", range(4))
def test_any_carved_zone_of_a_tricky_coverage_is_restored(seed: int) -> None:
    before = tricky(20, seed)
    frame = shapely.union_all(list(before.values()))
    drawn = frame.centroid.buffer(0.0006, quad_segs=3)
    changed = carve(before, drawn, outside="cut").apply(before)
    touched = [zone for zone in before if zone not in changed or not same_land(changed[zone], before[zone])]
    assert touched
    for zone in touched:
        after = apply_checked(restore(changed, zone, before[zone], before), changed)
        assert same_land(after[zone], before[zone])


def test_land_goes_back_to_nobody_who_is_gone() -> None:
    before = grid(3, 1)
    changed = merge(before, [1, 2], keep=2).apply(before)
    with pytest.raises(EditError) as refusal:
        restore(changed, 2, before[2], before)
    assert (refusal.value.code, refusal.value.zones) == ("edit_owner_gone", (1,))


def test_land_that_was_nobodys_then_is_refused_with_its_place() -> None:
    before = {1: multi(square(0, 0))}
    now = {1: multi(square(0, 0, 2, 1))}
    with pytest.raises(EditError) as refusal:
        restore(now, 1, before[1], before, footprint="may_change")
    assert refusal.value.code == "edit_land_unowned"
    assert refusal.value.lon is not None
    assert place(1, 0)[0] < refusal.value.lon < place(2, 0)[0]


def test_land_outside_the_plan_needs_its_border_to_be_meant_to_move() -> None:
    before = grid(2, 1)
    now = {1: before[1], 2: multi(square(1, 0, 0.5, 1))}
    with pytest.raises(EditError):
        restore(now, 2, before[2], before)
    after = restore(now, 2, before[2], before, footprint="may_change").apply(now)
    assert same_land(after[2], before[2])
