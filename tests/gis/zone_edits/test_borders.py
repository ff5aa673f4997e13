"""Borders between zones, moved in parallel by metres."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from gis.crs import MetricCrs
from gis.edit_errors import EditError
from gis.zone_edits import Lineage, insert_node, merge, offset_border, shared_borders
from tests.gis.zone_edits.checks import apply_checked
from tests.gis.zone_edits.coverages import grid, multi, place, square

UTM = MetricCrs(50, south=False)
WIDTH_M = float(UTM.to_metric(shapely.LineString([place(0, 0), place(1, 0)])).length)


def path(*places: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([place(x, y) for x, y in places])


def with_road() -> dict[int, shapely.Geometry]:
    """Four zones below, a road of full width, four zones above."""
    zones = grid(4, 3)
    return merge(zones, [5, 6, 7, 8], keep=5).apply(zones)


def test_a_border_has_its_first_zone_to_the_left() -> None:
    zones = grid(2, 1)
    (border,) = shared_borders(zones, 1, 2)
    assert border.equals_exact(path((1, 0), (1, 1)), 0)
    assert shared_borders(zones, 2, 1)[0].equals_exact(path((1, 1), (1, 0)), 0)
    assert shared_borders(grid(3, 3), 1, 5) == []
    with pytest.raises(EditError):
        shared_borders(zones, 1, 99)


def test_borders_of_several_stretches_come_longest_first() -> None:
    zones = {1: multi(square(0, 0, 3, 1)), 2: multi(square(0, 1, 1, 1), square(1.5, 1, 1.5, 1))}
    zones = {1: multi(shapely.Polygon([place(0, 0), place(3, 0), *(place(x, 1) for x in (3, 1.5, 1, 0))])), 2: zones[2]}
    first, second = shared_borders(zones, 1, 2)
    assert first.length > second.length
    assert first.equals(path((1.5, 1), (3, 1)))


@pytest.mark.parametrize("distance_m", [10.0, -10.0])
def test_a_straight_border_moves_by_the_distance(distance_m: float) -> None:
    zones = grid(3, 3)
    (border,) = shared_borders(zones, 5, 6)
    after = apply_checked(offset_border(zones, border, distance_m, UTM), zones)
    moved = UTM.to_metric(shared_borders(after, 5, 6)[0])
    assert shapely.distance(moved, UTM.to_metric(border)) == pytest.approx(abs(distance_m), abs=0.003)
    gained = UTM.area_m2(after[6]) - UTM.area_m2(zones[6])
    assert gained == pytest.approx(distance_m * UTM.to_metric(border).length, rel=0.001)


def test_a_widened_road_takes_the_strip_from_all_who_front_it() -> None:
    zones = with_road()
    north = path(*[(x, 2) for x in range(5)])
    edit = offset_border(zones, north, 8, UTM)
    assert set(edit.changes) == {5, 9, 10, 11, 12}
    after = apply_checked(edit, zones)
    for zone in (9, 10, 11, 12):
        assert UTM.area_m2(zones[zone]) - UTM.area_m2(after[zone]) == pytest.approx(8 * WIDTH_M, rel=0.01)


def test_a_narrowed_road_gives_each_the_stretch_in_front_of_it() -> None:
    zones = with_road()
    north = path(*[(x, 2) for x in range(5)])
    edit = offset_border(zones, north, -8, UTM)
    after = apply_checked(edit, zones)
    for zone in (9, 10, 11, 12):
        assert UTM.area_m2(after[zone]) - UTM.area_m2(zones[zone]) == pytest.approx(8 * WIDTH_M, rel=0.01)


def test_nobody_loses_land_but_those_at_the_border() -> None:
    zones = grid(3, 3)
    (border,) = shared_borders(zones, 5, 6)
    edit = offset_border(zones, border, WIDTH_M * 1.5, UTM)
    # Zone 5 goes whole; zone 4 behind it keeps all it has.
    assert edit.changes[5].new is None
    assert edit.lineage == (Lineage(5, 6, "merge"),)
    after = apply_checked(edit, zones)
    assert UTM.area_m2(after[4]) == pytest.approx(UTM.area_m2(zones[4]))


def test_an_open_corner_is_cut_up_to_the_border_behind_it() -> None:
    # The zone that loses land has an angle of 120 degrees at the upper end.
    lean = math.tan(math.radians(30))
    left = shapely.Polygon([place(0, 0), place(1, 0), place(1, 1), place(0, 1 + lean)])
    above = shapely.Polygon([place(1, 1), place(2, 1), place(2, 2), place(0, 2), place(0, 1 + lean)])
    zones = {1: multi(left), 2: multi(square(1, 0)), 3: multi(above)}
    after = apply_checked(offset_border(zones, shared_borders(zones, 1, 2)[0], 10, UTM), zones)
    assert len(after[1].geoms[0].exterior.coords) == 5
    # The node in the leaning border is rounded, nothing else.
    assert UTM.area_m2(after[3]) == pytest.approx(UTM.area_m2(zones[3]), abs=0.1)


def test_where_the_losing_zone_goes_straight_on_the_strip_ends_square() -> None:
    zones = {1: multi(shapely.Polygon([place(0, 0), *[place(1, y) for y in (0, 1, 2)], place(0, 2)]))}
    zones |= {2: multi(square(1, 0)), 3: multi(square(1, 1))}
    after = apply_checked(offset_border(zones, shared_borders(zones, 1, 2)[0], 10, UTM), zones)
    assert UTM.area_m2(after[3]) == pytest.approx(UTM.area_m2(zones[3]), rel=1e-6)
    assert UTM.area_m2(after[2]) - UTM.area_m2(zones[2]) == pytest.approx(10 * WIDTH_M, rel=0.01)


@pytest.mark.parametrize("distance_m", [5.0, -5.0])
def test_a_curved_border_keeps_its_distance(distance_m: float) -> None:
    bend = [place(1 + 0.3 * math.sin(y / 20 * math.pi), y / 20 * 2) for y in range(21)]
    zones = {
        1: multi(shapely.Polygon([place(0, 0), *bend, place(0, 2)])),
        2: multi(shapely.Polygon([place(2, 0), place(2, 2), *bend[::-1]])),
    }
    (border,) = shared_borders(zones, 1, 2)
    after = apply_checked(offset_border(zones, border, distance_m, UTM), zones)
    old, new = UTM.to_metric(border), UTM.to_metric(shared_borders(after, 1, 2)[0])
    inner = shapely.points(shapely.get_coordinates(new)[3:-3])
    assert shapely.distance(inner, old) == pytest.approx(np.full(len(inner), 5.0), abs=0.1)


@pytest.mark.parametrize(
    ("border", "distance_m", "code"),
    [
        (path((0, 0), (1, 0)), 5.0, "edit_border_outer"),
        (path((0.5, 0.5), (0.6, 0.6)), 5.0, "edit_no_edge"),
        (path((1, 0), (1, 1)), 0.0, "edit_distance_nothing"),
        (path((1, 0), (1, 1)), math.nan, "edit_distance_nothing"),
    ],
)
def test_borders_that_cannot_be_moved_are_refused(border: shapely.LineString, distance_m: float, code: str) -> None:
    with pytest.raises(EditError) as caught:
        offset_border(grid(2, 2), border, distance_m, UTM)
    assert caught.value.code == code


def test_a_border_is_named_by_all_its_nodes() -> None:
    zones = insert_node(grid(2, 1), (place(1, 0), place(1, 1))).apply(grid(2, 1))
    with pytest.raises(EditError) as caught:
        offset_border(zones, path((1, 0), (1, 1)), 5, UTM)
    assert caught.value.code == "edit_no_edge"
