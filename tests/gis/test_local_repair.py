"""A repair mends its place and leaves everything else bit by bit."""

from __future__ import annotations

import pytest
import shapely

from gis.coverage import as_array, mend, validate
from gis.crs import MetricCrs
from gis.edit_errors import EditError
from gis.local_repair import by_border, close_gap, dissolve, match_borders, mend_outline, take_overlap
from gis.zone_edits import Edit, Zones, same_bits
from tests.gis.zone_edits.coverages import grid, multi, place, square

METRIC = MetricCrs(50, south=False)


def applied(zones: Zones, edit: Edit) -> dict[int, shapely.Geometry]:
    """The zones after an edit, which must be a coverage."""
    after = {zone: outline for zone, outline in zones.items() if zone not in edit.changes}
    after |= {zone: delta.new for zone, delta in edit.changes.items() if delta.new is not None}
    report = validate(as_array(after.values()), METRIC)
    assert report.edge_matched
    assert not report.blocks_publishing
    return after


def zone_of(*ring: tuple[float, float]) -> shapely.Geometry:
    return multi(shapely.Polygon([place(*node) for node in ring]))


@pytest.mark.parametrize("depth", [0.3, 0.01, 2e-5, 1e-5])
@pytest.mark.parametrize("to", [1, 2])
def test_a_gap_of_any_width(depth: float, to: int) -> None:
    """Down to one step of the grid of nodes, 1 mm."""
    whole = grid(2, 1)
    zones = {**whole, 1: zone_of((0, 0), (1, 0), (1 - depth, 0.5), (1, 1), (0, 1))}
    gap = shapely.difference(whole[1], zones[1])
    after = applied(zones, close_gap(zones, gap, to, METRIC))
    assert METRIC.area_m2(shapely.union_all(list(after.values()))) == pytest.approx(METRIC.area_m2(square(0, 0, 2)))
    if depth > 1e-4:
        assert METRIC.area_m2(after[to]) == pytest.approx(METRIC.area_m2(zones[to]) + METRIC.area_m2(gap))


def test_the_neighbour_with_the_longest_border_comes_first() -> None:
    zones = {
        1: multi(square(0, 0, 3, 1)),
        2: multi(square(0, 2, 1, 1)),
        3: multi(square(1, 2, 2, 1)),
        4: multi(square(9, 9)),
    }
    assert by_border(zones, square(0, 1, 3, 1), zones) == [1, 3, 2]


@pytest.mark.parametrize(("loser", "winner"), [(1, 2), (2, 1)])
def test_an_overlap_goes_to_either(loser: int, winner: int) -> None:
    zones = {1: multi(square(0, 0, 1.2)), 2: multi(square(1, 0)), 3: multi(square(2, 0))}
    land = shapely.intersection(zones[1], zones[2])
    after = applied(zones, take_overlap(zones, loser, winner, land, METRIC))
    assert shapely.equals(after[winner], zones[winner])
    assert same_bits(after[3], zones[3])


def test_a_sliver_goes_into_its_neighbour() -> None:
    zones = {1: multi(square(0, 0)), 2: multi(square(1, 0, 1e-4)), 3: multi(square(1.0001, 0, 1))}
    edit = dissolve(zones, 2, zones[2].geoms[0], 3, METRIC)
    after = applied(zones, edit)
    assert after.keys() == {1, 3}
    assert [(link.parent, link.child) for link in edit.lineage] == [(2, 3)]


def test_borders_get_the_same_nodes() -> None:
    zones = {1: zone_of((0, 0), (1, 0), (1, 0.5), (1, 1), (0, 1)), 2: multi(square(1, 0)), 3: multi(square(2, 0))}
    edges = shapely.union_all(shapely.coverage_invalid_edges(as_array(zones.values())))
    after = applied(zones, match_borders(zones, edges, METRIC))
    assert list(place(1, 0.5)) in shapely.get_coordinates(after[2]).tolist()
    assert same_bits(after[3], zones[3])


def test_borders_that_match_need_no_repair() -> None:
    zones = grid(2, 1)
    with pytest.raises(EditError):
        match_borders(zones, shapely.LineString([place(1, 0), place(1, 1)]), METRIC)


def test_an_outline_that_crosses_itself() -> None:
    crossing = zone_of((0, 0), (1, 0), (1, 1), (0, 1), (0.3, 0.3), (0.3, 0.6), (0, 0.4))
    assert not shapely.is_valid(crossing)
    zones = {1: mend(crossing), 2: multi(square(1, 0))}
    after = applied(zones, mend_outline(zones, 1, crossing, METRIC))
    assert same_bits(after[2], zones[2])
    nodes = shapely.get_coordinates(after[1])
    assert (nodes == nodes.round(8)).all()


def test_an_outline_of_which_nothing_is_left() -> None:
    spike = zone_of((0, 0), (1, 0), (0, 0))
    with pytest.raises(EditError) as refused:
        mend_outline({1: mend(spike)}, 1, spike, METRIC)
    assert refused.value.code == "edit_ring_collapses"
