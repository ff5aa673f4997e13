"""Which zones differ, who gives land to whom, and how many hectares change their code."""

from __future__ import annotations

import pytest
import shapely

from gis.coverage_repair import Transfer
from gis.crs import MetricCrs
from gis.outline_merge import same_outline
from gis.zone_difference import ZoneState, changed_zones, difference
from gis.zone_edits import carve, give, insert_node, merge, split
from tests.gis.zone_edits.coverages import grid, multi, place, reversed_rings, square

UTM = MetricCrs(50, south=False)
ONE_M2 = UTM.area_m2(square(0, 0))


def states(zones: dict[int, shapely.Geometry], **codes: str) -> dict[int, ZoneState]:
    """Zones with R-1 as their code, or as named by z<number>."""
    return {
        zone: ZoneState(outline, {"subzone_code": codes.get(f"z{zone}", "R-1"), "block": "A"})
        for zone, outline in zones.items()
    }


def test_equal_sets_do_not_differ_however_rings_run() -> None:
    zones = grid(3, 3)
    turned = {zone: reversed_rings(shapely.from_wkb(shapely.to_wkb(outline))) for zone, outline in zones.items()}
    found = difference(states(zones), states(turned), UTM)
    assert found.is_empty
    assert found.transfers == ()
    assert changed_zones(states(zones), states(turned)) == {}


def test_one_bit_in_one_node_is_a_reshaped_zone() -> None:
    zones = grid(2, 1)
    lon, lat = place(0, 0)
    moved = shapely.transform(zones[1], lambda nodes: nodes + ((nodes == (lon, lat)).all(axis=1) * 1e-13)[:, None])
    assert not same_outline(zones[1], moved)
    found = difference(states(zones), states({**zones, 1: moved}), UTM)
    assert found.reshaped == (1,)
    assert found.transfers == ()


def test_holes_and_parts_count_for_an_outline() -> None:
    hole = shapely.Polygon(square(0, 0, 3, 3).exterior, [square(1, 1).exterior])
    assert not same_outline(multi(hole), multi(square(0, 0, 3, 3)))
    assert same_outline(multi(hole, square(5, 0)), multi(square(5, 0), hole))
    assert not same_outline(multi(hole), None)
    assert same_outline(None, None)


def test_land_given_is_counted_between_the_two_zones() -> None:
    zones = grid(3, 3)
    after = give(zones, square(1, 1, 0.5, 1), 5, 4).apply(zones)
    found = difference(states(zones, z5="RTH-2"), states(after, z5="RTH-2"), UTM)
    assert found.reshaped == (2, 4, 5, 8)
    (transfer,) = found.transfers
    assert (transfer.source, transfer.target) == (5, 4)
    assert transfer.area_m2 == pytest.approx(ONE_M2 / 2, rel=1e-4)
    assert found.transitions_ha == {("RTH-2", "R-1"): pytest.approx(ONE_M2 / 2e4, rel=1e-4)}


def test_split_merge_and_carve_show_as_added_and_removed_with_their_land() -> None:
    zones = grid(3, 3)
    halves = split(zones, 5, shapely.LineString([place(1, 1), place(2, 2)]), ids=[50]).apply(zones)
    found = difference(states(zones), states(halves), UTM)
    assert (found.added, found.removed, found.reshaped) == ((50,), (), (5,))
    assert found.transfers == (Transfer(5, 50, pytest.approx(ONE_M2 / 2, rel=1e-4)),)
    # The same code on both sides of the new border: no hectare changes its code.
    assert found.transitions_m2 == {}
    merged = merge(zones, [5, 6], keep=6).apply(zones)
    found = difference(states(zones, z5="K-1"), states(merged), UTM)
    assert (found.added, found.removed, found.reshaped) == ((), (5,), (6,))
    assert found.transitions_m2 == {("K-1", "R-1"): pytest.approx(ONE_M2, rel=1e-4)}
    carved = carve(zones, square(0.5, 0.5, 2, 2), new_id=90).apply(zones)
    found = difference(states(zones), states(carved, z90="SPU-1"), UTM)
    assert found.removed == (5,)
    assert {transfer.source for transfer in found.transfers} == set(zones)
    assert sum(found.transitions_m2.values()) == pytest.approx(4 * ONE_M2, rel=1e-4)


def test_land_from_nowhere_and_to_nowhere() -> None:
    zones = grid(2, 1)
    found = difference(states(zones), states({1: zones[1], 3: multi(square(5, 0))}), UTM)
    assert {(transfer.source, transfer.target) for transfer in found.transfers} == {(2, None), (None, 3)}
    assert [transfer.area_m2 for transfer in found.transfers] == pytest.approx([ONE_M2, ONE_M2], rel=1e-4)
    assert set(found.transitions_m2) == {("R-1", None), (None, "R-1")}


def test_recoded_zones_count_with_the_land_they_keep() -> None:
    zones = grid(3, 3)
    after = give(zones, square(1, 1, 0.25, 1), 5, 4).apply(zones)
    found = difference(states(zones), states(after, z5="RTH-2"), UTM)
    assert found.recoded == (5,)
    assert found.attributes == {5: {"subzone_code": ("R-1", "RTH-2")}}
    assert found.transitions_m2 == {("R-1", "RTH-2"): pytest.approx(0.75 * ONE_M2, rel=1e-4)}
    untouched = difference(states(zones), states(zones, z1="K-1"), UTM)
    assert untouched.transitions_m2 == {("R-1", "K-1"): pytest.approx(ONE_M2, rel=1e-6)}


def test_attributes_are_compared_by_value_and_name() -> None:
    zones = grid(1, 1)
    old = {1: ZoneState(zones[1], {"subzone_code": "R-1", "legal_area_ha": 1.0})}
    new = {1: ZoneState(zones[1], {"subzone_code": "R-1", "remarks": "new"})}
    found = difference(old, new, UTM)
    assert found.attributes == {1: {"legal_area_ha": (1.0, None), "remarks": (None, "new")}}
    assert (found.recoded, found.reshaped) == ((), ())
    assert changed_zones(old, new) == new


def test_a_node_in_a_straight_border_moves_no_land() -> None:
    zones = grid(3, 3)
    after = insert_node(zones, (place(1, 1), place(1, 2)), place(1, 1.333333333)).apply(zones)
    found = difference(states(zones), states(after), UTM)
    assert found.reshaped == (4, 5)
    assert found.transfers == ()
