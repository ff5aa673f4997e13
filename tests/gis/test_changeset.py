"""Two planners on the same zones: what merges by itself, and what only a person can decide."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import shapely

from gis.changeset import Changes, Changeset, ZoneState, changed_zones, merge_changeset
from gis.coverage_repair import repair
from gis.crs import MetricCrs
from gis.edit_errors import EditError
from gis.outline_merge import same_outline
from gis.zone_edits import (
    Edit,
    Lineage,
    delete_node,
    give,
    insert_node,
    merge,
    move_node,
    move_nodes,
    split,
)
from tests.gis.zone_edits.checks import assert_coverage, assert_same_footprint, footprint
from tests.gis.zone_edits.coverages import grid, multi, place, square, tricky

UTM = MetricCrs(50, south=False)
Zones = dict[int, shapely.Geometry]


def states(zones: Zones) -> dict[int, ZoneState]:
    return {zone: ZoneState(outline, {"subzone_code": "R-1", "block": "A"}) for zone, outline in zones.items()}


def changes(zones: Zones, *edits: Edit) -> Changes:
    """What a planner saves after edits."""
    after = zones
    for edit in edits:
        after = edit.apply(after)
    return changed_zones(states(zones), states(after))


def outcome(zones: Zones, theirs: Changes, saved: Changes) -> Zones:
    """The zones after theirs, and then mine as merged, are stored."""
    after: dict[int, ZoneState | None] = {**states(zones), **theirs, **saved}
    return {zone: state.geometry for zone, state in after.items() if state is not None}


def moved_border(zones: Zones, x: float, to: float) -> Edit:
    """The border x between the three zones of a row, moved."""
    return move_nodes(zones, {place(x, 0): place(to, 0), place(x, 1): place(to, 1)})


def assert_states(found: Mapping[int, ZoneState | None], expected: Mapping[int, ZoneState | None]) -> None:
    assert found.keys() == expected.keys()
    for zone, state in found.items():
        other = expected[zone]
        assert (state is None) == (other is None)
        assert state is None or other is None or same_outline(state.geometry, other.geometry)


def test_zones_that_one_side_changed_pass() -> None:
    zones = grid(6, 1)
    mine, theirs = changes(zones, moved_border(zones, 1, 1.2)), changes(zones, moved_border(zones, 5, 4.8))
    merged = merge_changeset(states(zones), mine, theirs)
    assert merged.is_clean
    assert_states(merged.to_save, mine)
    assert_coverage(outcome(zones, theirs, merged.to_save))


def test_two_planners_who_move_the_same_border_are_both_shown() -> None:
    zones = grid(3, 1)
    mine, theirs = changes(zones, moved_border(zones, 1, 1.2)), changes(zones, moved_border(zones, 1, 0.7))
    merged = merge_changeset(states(zones), mine, theirs)
    assert merged.to_save == {}
    assert {conflict.zones for conflict in merged.conflicts} == {(1,), (2,)}
    assert merged.held == (1, 2)
    for conflict in merged.conflicts:
        (zone,) = conflict.zones
        assert conflict.kind == "geometry"
        assert conflict.lon == place(1, 0)[0]
        assert_states(conflict.base, {zone: states(zones)[zone]})
        assert_states(conflict.mine, {zone: mine[zone]})
        assert_states(conflict.theirs, {zone: theirs[zone]})


def test_different_borders_of_one_zone_merge_by_themselves() -> None:
    zones = grid(3, 1)
    mine, theirs = changes(zones, moved_border(zones, 1, 1.2)), changes(zones, moved_border(zones, 2, 1.8))
    assert 2 in mine
    assert 2 in theirs
    merged = merge_changeset(states(zones), mine, theirs)
    assert merged.is_clean
    after = outcome(zones, theirs, merged.to_save)
    assert after[2].equals(square(1.2, 0, 0.6, 1))
    assert_coverage(after)
    assert footprint(after).equals(footprint(zones))


def test_two_planners_who_grow_different_zones_into_the_same_empty_land_conflict() -> None:
    zones = {zone: outline for zone, outline in grid(3, 1).items() if zone != 2}
    empty = square(1, 0)
    mine = changes(zones, give(zones, empty, None, 1, footprint="may_change"))
    theirs = changes(zones, give(zones, empty, None, 3, footprint="may_change"))
    assert not mine.keys() & theirs.keys()
    merged = merge_changeset(states(zones), mine, theirs)
    (conflict,) = merged.conflicts
    assert (conflict.kind, conflict.zones) == ("overlap", (1, 3))
    assert merged.to_save == {}
    assert merged.held == (1,)
    assert_states(conflict.mine, {1: mine[1], 3: states(zones)[3]})
    assert_states(conflict.theirs, {1: states(zones)[1], 3: theirs[3]})
    assert conflict.lon is not None
    assert shapely.covers(empty, shapely.Point(conflict.lon, conflict.lat))


def test_growing_into_different_empty_land_is_no_conflict() -> None:
    zones = {zone: outline for zone, outline in grid(5, 1).items() if zone in (1, 5)}
    mine = changes(zones, give(zones, square(1, 0), None, 1, footprint="may_change"))
    theirs = changes(zones, give(zones, square(3, 0), None, 5, footprint="may_change"))
    merged = merge_changeset(states(zones), mine, theirs)
    assert merged.is_clean
    assert_coverage(outcome(zones, theirs, merged.to_save))


def test_a_repair_of_a_clean_coverage_changes_nothing_after_normalisation() -> None:
    zones = tricky(40, 2)
    ids = sorted(zones)
    proposal = repair(np.array([zones[zone] for zone in ids], dtype=object), UTM)
    assert proposal.changed == ()
    assert changed_zones(states(zones), states(dict(zip(ids, proposal.geometries, strict=True)))) == {}
    # The cleaner turns and reorders rings; that is no change of an outline.
    cleaned = shapely.coverage_clean(np.array([zones[zone] for zone in ids], dtype=object))
    assert any(shapely.to_wkb(new) != shapely.to_wkb(zones[zone]) for zone, new in zip(ids, cleaned, strict=True))
    stored = {zone: multi(*shapely.get_parts(new)) for zone, new in zip(ids, cleaned, strict=True)}
    assert changed_zones(states(zones), states(stored)) == {}


def test_a_node_put_in_by_one_and_a_node_moved_by_the_other_merge() -> None:
    zones = grid(3, 3)
    theirs = changes(zones, insert_node(zones, (place(2, 1), place(2, 2)), place(2.2, 1.5)))
    mine = changes(zones, move_node(zones, place(1, 1), place(1.2, 1.2)))
    merged = merge_changeset(states(zones), mine, theirs)
    assert merged.is_clean
    after = outcome(zones, theirs, merged.to_save)
    assert_coverage(after)
    assert shapely.get_num_coordinates(after[5]) == 6


def test_the_same_change_by_both_is_none_to_save() -> None:
    zones = grid(3, 3)
    edit = move_node(zones, place(1, 1), place(1.2, 1.2))
    merged = merge_changeset(states(zones), changes(zones, edit), changes(zones, edit))
    assert merged.is_clean
    assert merged.to_save == {}


def test_different_nodes_put_into_one_edge_conflict() -> None:
    zones = grid(2, 1)
    edge = (place(1, 0), place(1, 1))
    mine = changes(zones, insert_node(zones, edge, place(1.2, 0.5)))
    theirs = changes(zones, insert_node(zones, edge, place(0.9, 0.4)))
    merged = merge_changeset(states(zones), mine, theirs)
    assert {conflict.kind for conflict in merged.conflicts} == {"geometry"}
    assert merged.held == (1, 2)


def test_a_node_deleted_by_one_and_moved_by_the_other_conflicts() -> None:
    zones = insert_node(grid(2, 1), (place(1, 0), place(1, 1)), place(1.2, 0.5)).apply(grid(2, 1))
    mine = changes(zones, delete_node(zones, place(1.2, 0.5)))
    theirs = changes(zones, move_node(zones, place(1.2, 0.5), place(1.3, 0.5)))
    assert not merge_changeset(states(zones), mine, theirs).is_clean
    assert not merge_changeset(states(zones), theirs, mine).is_clean


def test_a_split_by_one_and_a_moved_border_by_the_other_merge_where_they_do_not_meet() -> None:
    zones = insert_node(grid(3, 3), (place(1, 1), place(1, 2)), place(0.9, 1.5)).apply(grid(3, 3))
    line = shapely.LineString([place(1.8, 0.5), place(1.8, 2.5)])
    mine = changes(zones, split(zones, 5, line))
    theirs = changes(zones, move_node(zones, place(0.9, 1.5), place(0.8, 1.5)))
    merged = merge_changeset(states(zones), mine, theirs)
    assert merged.is_clean
    after = outcome(zones, theirs, merged.to_save)
    assert -1 in after
    assert_coverage(after)
    assert_same_footprint(after, footprint(zones), 2)


def test_a_zone_deleted_by_one_and_changed_by_the_other_conflicts() -> None:
    zones = grid(4, 1)
    merging = changes(zones, merge(zones, [1, 2], keep=1))
    moving = changes(zones, moved_border(zones, 2, 1.8))
    merged = merge_changeset(states(zones), merging, moving)
    (conflict,) = [conflict for conflict in merged.conflicts if conflict.kind == "deleted"]
    assert conflict.zones == (2,)
    assert conflict.mine == {2: None}
    # The zone that was to take the land waits as well.
    assert merged.held == (1, 2)
    assert merged.to_save == {}
    back = merge_changeset(states(zones), moving, merging)
    assert back.held == (2, 3)


def test_the_same_zone_merged_into_different_neighbours_conflicts() -> None:
    zones = grid(3, 1)
    mine, theirs = changes(zones, merge(zones, [1, 2], keep=1)), changes(zones, merge(zones, [2, 3], keep=3))
    merged = merge_changeset(states(zones), mine, theirs)
    assert not merged.is_clean
    assert 1 in merged.held
    assert_coverage(outcome(zones, theirs, merged.to_save))


def test_what_does_not_touch_a_conflict_is_saved() -> None:
    zones = grid(8, 1)
    mine = changes(zones, moved_border(zones, 1, 1.2), moved_border(moved_border(zones, 1, 1.2).apply(zones), 6, 6.2))
    theirs = changes(zones, moved_border(zones, 1, 0.8))
    merged = merge_changeset(states(zones), mine, theirs)
    assert merged.held == (1, 2)
    assert set(merged.to_save) == {6, 7}
    assert_coverage(outcome(zones, theirs, merged.to_save))


def test_a_zone_with_one_border_in_conflict_and_another_free_waits_whole() -> None:
    zones = grid(4, 1)
    first = moved_border(zones, 1, 1.2)
    mine = changes(zones, first, moved_border(first.apply(zones), 2, 2.2))
    theirs = changes(zones, moved_border(zones, 1, 0.8))
    merged = merge_changeset(states(zones), mine, theirs)
    assert merged.held == (1, 2, 3)
    assert_coverage(outcome(zones, theirs, merged.to_save))


def test_attributes_merge_by_name() -> None:
    zones = grid(2, 1)
    base = states(zones)
    mine = {1: ZoneState(zones[1], {"subzone_code": "K-1", "block": "A"})}
    theirs = {1: ZoneState(zones[1], {"subzone_code": "R-1", "block": "B", "remarks": "seen"})}
    merged = merge_changeset(base, mine, theirs)
    assert merged.is_clean
    assert merged.to_save == {1: ZoneState(zones[1], {"subzone_code": "K-1", "block": "B", "remarks": "seen"})}


def test_the_same_attribute_set_to_different_values_conflicts_and_the_outline_still_merges() -> None:
    zones = grid(3, 1)
    mine = dict(changes(zones, moved_border(zones, 1, 1.2)))
    assert mine[2] is not None
    mine[2] = ZoneState(mine[2].geometry, {"subzone_code": "K-1", "block": "C"})
    theirs = {2: ZoneState(zones[2], {"subzone_code": "RTH-2", "block": "A"})}
    merged = merge_changeset(states(zones), mine, theirs)
    (conflict,) = merged.conflicts
    assert (conflict.kind, conflict.zones, conflict.fields) == ("attributes", (2,), ("subzone_code",))
    assert merged.held == ()
    saved = merged.to_save[2]
    assert saved is not None
    assert saved.attributes == {"subzone_code": "RTH-2", "block": "C"}
    assert_coverage(outcome(zones, theirs, merged.to_save))


def test_the_same_attribute_set_to_the_same_value_is_no_conflict() -> None:
    zones = grid(1, 1)
    same = {1: ZoneState(zones[1], {"subzone_code": "K-1", "block": "A"})}
    merged = merge_changeset(states(zones), same, dict(same))
    assert merged.is_clean
    assert merged.to_save == {}


def test_merged_borders_that_would_cross_conflict() -> None:
    zones = grid(3, 1)
    mine, theirs = changes(zones, moved_border(zones, 1, 1.8)), changes(zones, moved_border(zones, 2, 1.3))
    merged = merge_changeset(states(zones), mine, theirs)
    assert not merged.is_clean
    assert merged.to_save == {}
    assert {zone for conflict in merged.conflicts for zone in conflict.zones} >= {2}


def test_holes_merge_as_well() -> None:
    shell = shapely.Polygon(square(0, 0, 4, 4).exterior, [square(1, 1).exterior, square(2.5, 2.5).exterior])
    zones = {1: multi(shell), 2: multi(square(1, 1)), 3: multi(square(2.5, 2.5))}
    mine = changes(zones, move_node(zones, place(1, 1), place(0.8, 0.8)))
    theirs = changes(zones, merge(zones, [1, 3], keep=1))
    merged = merge_changeset(states(zones), mine, theirs)
    assert merged.is_clean
    after = outcome(zones, theirs, merged.to_save)
    assert_coverage(after)
    assert len(after[1].geoms[0].interiors) == 1
    theirs = changes(zones, move_node(zones, place(3.5, 3.5), place(3.8, 3.6)))
    after = outcome(zones, theirs, merge_changeset(states(zones), mine, theirs).to_save)
    assert_coverage(after)


def test_parts_merge_as_well() -> None:
    zones = {1: multi(square(0, 0), square(3, 0)), 2: multi(square(1, 0, 2, 1))}
    mine, theirs = changes(zones, moved_border(zones, 1, 1.2)), changes(zones, moved_border(zones, 3, 2.6))
    merged = merge_changeset(states(zones), mine, theirs)
    assert merged.is_clean
    after = outcome(zones, theirs, merged.to_save)
    assert_coverage(after)
    assert len(after[1].geoms) == 2


def test_a_changeset_knows_its_base() -> None:
    zones = grid(3, 3)
    edit = split(zones, 5, shapely.LineString([place(1, 1), place(2, 2)]))
    after = merge(edit.apply(zones), [1, 2], keep=1).apply(edit.apply(zones))
    revisions = {zone: zone * 100 for zone in zones}
    saved = Changeset.between(states(zones), states(after), revisions, lineage=edit.lineage)
    assert saved.base == {1: 100, 2: 200, 5: 500}
    assert set(saved.upserts) == {1, 5, -1}
    assert saved.deletes == {2}
    assert saved.lineage == (Lineage(5, -1, "split"),)
    assert saved.changes[2] is None
    assert saved.stale(revisions) == ()
    assert saved.stale({**revisions, 5: 501}) == (5,)
    assert saved.stale({zone: revision for zone, revision in revisions.items() if zone != 2}) == (2,)


def test_a_changeset_without_a_base_is_refused() -> None:
    zones = states(grid(2, 1))
    with pytest.raises(EditError) as caught:
        Changeset(base={1: 100}, upserts={1: zones[1], 2: zones[2], -1: zones[1]})
    assert caught.value.zones == (2,)
    with pytest.raises(EditError):
        Changeset(base={1: 100}, upserts={1: zones[1]}, deletes=frozenset({1}))
