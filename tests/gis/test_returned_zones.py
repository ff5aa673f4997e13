"""Zones back from another tool: split, merged, drawn, deleted, and borders that were moved on one side only."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import shapely

from gis.coverage import validate
from gis.crs import MetricCrs
from gis.returned_zones import Identified, ReturnedZone, identify, join
from gis.zone_difference import ZoneState
from gis.zone_edits import Lineage

METRIC = MetricCrs(50, False)
WEST, SOUTH, STEP = 117.48, 0.12, 0.001


def box(column: float, row: float, width: float = 1, height: float = 1) -> shapely.Geometry:
    """A rectangle of the grid as a MultiPolygon."""
    west, south = round(WEST + column * STEP, 8), round(SOUTH + row * STEP, 8)
    east, north = round(WEST + (column + width) * STEP, 8), round(SOUTH + (row + height) * STEP, 8)
    return shapely.MultiPolygon([shapely.Polygon([(west, south), (east, south), (east, north), (west, north)])])


@pytest.fixture
def base() -> dict[int, ZoneState]:
    """Two rows of three squares, zones 1 to 6."""
    return {
        number + 1: ZoneState(box(number % 3, number // 3), {"subzone_code": "R-2", "block": None})
        for number in range(6)
    }


def as_they_are(base: Mapping[int, ZoneState], **changed: shapely.Geometry | None) -> list[ReturnedZone]:
    """The file as it went out, but for zones named z1, z2, ...; None leaves one out."""
    returned = []
    for zone, state in base.items():
        outline = changed.get(f"z{zone}", state.geometry)
        if outline is not None:
            returned.append(ReturnedZone(zone, outline, dict(state.attributes)))
    return returned


def outlines(states: Mapping[int, ZoneState]) -> dict[int, shapely.Geometry]:
    return {zone: state.geometry for zone, state in states.items()}


def joined(base: Mapping[int, ZoneState], found: Identified, **options: str) -> dict[int, shapely.Geometry]:
    """The zones after joining, of which no fault is left and which are a coverage of the same land."""
    result = join(outlines(base), outlines(found.states), METRIC, **options)  # type: ignore[arg-type]
    assert result.faults == ()
    report = validate(list(result.outlines.values()), METRIC)
    assert report.edge_matched
    assert not report.blocks_publishing
    before = shapely.union_all(list(outlines(base).values()))
    assert shapely.area(shapely.symmetric_difference(before, shapely.union_all(list(result.outlines.values())))) < 1e-12
    return result.outlines


def test_what_was_not_touched_is_the_very_same(base: dict[int, ZoneState]) -> None:
    turned = shapely.reverse(base[2].geometry)
    found = identify(base, as_they_are(base, z2=turned))
    assert all(found.states[zone] is base[zone] for zone in base)
    assert found.lineage == ()


def test_nodes_that_a_tool_rounded_are_those_of_the_base(base: dict[int, ZoneState]) -> None:
    moved = shapely.transform(base[2].geometry, lambda places: places + 4e-10)
    assert identify(base, as_they_are(base, z2=moved)).states[2] is base[2]


def test_recoded_only(base: dict[int, ZoneState]) -> None:
    returned = [ReturnedZone(zone, state.geometry, {"subzone_code": "K-1"}) for zone, state in base.items()]
    found = identify(base, returned)
    assert found.states[1].attributes == {"subzone_code": "K-1", "block": None}
    assert found.states[1].geometry is base[1].geometry


def test_a_split_gives_both_pieces_the_number(base: dict[int, ZoneState]) -> None:
    returned = as_they_are(base, z2=box(1, 0, 0.6))
    returned.append(ReturnedZone(2, box(1.6, 0, 0.4), {"subzone_code": "K-1"}))
    found = identify(base, returned)
    assert found.pieces == {2: (-1,)}
    assert found.lineage == (Lineage(2, -1, "split"),)
    assert found.states[-1].attributes["subzone_code"] == "K-1"
    after = joined(base, found)
    # The neighbour above was not touched in the other tool; it has the new node now.
    assert shapely.get_num_coordinates(after[5]) == 6


def test_merged_zones_keep_the_number_of_one(base: dict[int, ZoneState]) -> None:
    found = identify(base, as_they_are(base, z1=box(0, 0, 2), z2=None))
    assert found.lineage == (Lineage(2, 1, "merge"),)
    assert set(joined(base, found)) == {1, 3, 4, 5, 6}


def test_a_zone_drawn_anew_comes_from_those_it_lies_on(base: dict[int, ZoneState]) -> None:
    returned = as_they_are(base, z1=box(0, 0, 0.5), z2=box(1.5, 0, 0.5))
    returned.append(ReturnedZone(None, box(0.5, 0), {"subzone_code": "RTH-2"}))
    found = identify(base, returned)
    assert found.lineage == (Lineage(1, -1, "carve"), Lineage(2, -1, "carve"))
    joined(base, found)


def test_numbers_that_were_not_sent_out_are_named(base: dict[int, ZoneState]) -> None:
    found = identify(base, [*as_they_are(base), ReturnedZone(77, box(9, 9), {})])
    assert found.unknown == (77,)
    assert set(found.states) == set(base)


@pytest.mark.parametrize(
    ("east", "kind", "source", "target"), [(0.9, "gap", None, 2), (1.1, "overlap", 2, 1)], ids=["gap", "overlap"]
)
def test_a_border_moved_on_one_side_only(
    base: dict[int, ZoneState], east: float, kind: str, source: int | None, target: int
) -> None:
    found = identify(base, as_they_are(base, z1=box(0, 0, east)))
    result = join(outlines(base), outlines(found.states), METRIC)
    repair = result.repairs[0]
    assert (repair.kind, repair.source, repair.target) == (kind, source, target)
    assert repair.area_m2 == pytest.approx(1_233, rel=0.02)
    after = joined(base, found)
    assert shapely.equals(after[1], box(0, 0, east))
    assert shapely.area(after[2]) == pytest.approx(shapely.area(base[2].geometry) * (2 - east), rel=1e-6)


def test_both_sides_moved_differently_is_for_a_person(base: dict[int, ZoneState]) -> None:
    found = identify(base, as_they_are(base, z1=box(0, 0, 1.2), z2=box(0.9, 0, 1.1)))
    result = join(outlines(base), outlines(found.states), METRIC)
    assert [fault.code for fault in result.faults] == ["edit_overlaps"]
    assert set(result.faults[0].zones) == {1, 2}


def test_a_zone_that_was_deleted_leaves_land_that_nobody_has(base: dict[int, ZoneState]) -> None:
    found = identify(base, as_they_are(base, z2=None))
    result = join(outlines(base), outlines(found.states), METRIC)
    assert found.lineage == ()
    assert [(repair.kind, repair.source) for repair in result.repairs] == [("gap", None)]
    assert result.faults == ()


def test_the_plans_own_border_moves_only_where_it_may(base: dict[int, ZoneState]) -> None:
    found = identify(base, as_they_are(base, z1=box(-0.5, 0, 1.5)))
    kept = join(outlines(base), outlines(found.states), METRIC)
    assert [fault.code for fault in kept.faults] == ["edit_leaves_footprint"]
    assert join(outlines(base), outlines(found.states), METRIC, footprint="may_change").faults == ()
