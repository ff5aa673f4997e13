"""Overlaps, gaps, slivers and broken outlines are found, with the place and the m2."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.coverage import mend, polygonal, validate
from gis.crs import Geometries, MetricCrs

UTM = MetricCrs(50, south=False)
STEP = 0.001


def grid(columns: int, rows: int) -> Geometries:
    """Squares of 0.001 degree side by side, all nodes shared."""
    return np.array(
        [
            shapely.box(117.4 + x * STEP, 0.1 + y * STEP, 117.4 + (x + 1) * STEP, 0.1 + (y + 1) * STEP)
            for y in range(rows)
            for x in range(columns)
        ],
        dtype=object,
    )


def matched(columns: int, rows: int) -> Geometries:
    """The same with coordinates equal on both sides of each border (the sums above differ in the last bit)."""
    return np.array([shapely.set_precision(zone, 1e-9) for zone in grid(columns, rows)], dtype=object)


def test_a_clean_coverage_has_no_findings() -> None:
    report = validate(matched(4, 3), UTM, sliver_m2=1.0)
    assert not report.blocks_publishing
    assert report.edge_matched
    assert (report.invalid, report.overlaps, report.gaps, report.slivers, report.duplicates) == ((), (), (), (), ())


def test_an_overlap_names_both_zones_and_its_area() -> None:
    zones = matched(2, 1)
    zones[1] = shapely.box(117.4009, 0.1, 117.402, 0.101)
    report = validate(zones, UTM)
    (overlap,) = report.overlaps
    assert (overlap.first, overlap.second) == (0, 1)
    expected = UTM.area_m2(shapely.box(117.4009, 0.1, 117.401, 0.101))
    assert overlap.area_m2 == pytest.approx(expected, rel=1e-6)
    assert 117.4009 <= overlap.lon <= 117.401
    assert report.blocks_publishing
    assert report.overlap_m2 == overlap.area_m2


def test_a_zone_inside_another_overlaps_it() -> None:
    zones = np.array([shapely.box(117.4, 0.1, 117.41, 0.11), shapely.box(117.404, 0.104, 117.405, 0.105)], dtype=object)
    (overlap,) = validate(zones, UTM).overlaps
    assert overlap.area_m2 == pytest.approx(UTM.area_m2(zones[1]))


def test_zones_that_only_touch_do_not_overlap() -> None:
    # The right one has a node in the middle of the shared border that the left one lacks.
    left = shapely.box(117.4, 0.1, 117.401, 0.101)
    right = shapely.from_wkt(
        "POLYGON((117.401 0.1, 117.402 0.1, 117.402 0.101, 117.401 0.101, 117.401 0.1005, 117.401 0.1))"
    )
    report = validate(np.array([left, right], dtype=object), UTM)
    assert report.overlaps == ()
    assert not report.edge_matched
    assert report.unmatched
    assert not report.blocks_publishing


def test_a_gap_that_the_coverage_itself_passes_is_found() -> None:
    zones = np.delete(matched(3, 3), 4)
    assert shapely.coverage_is_valid(zones)
    report = validate(zones, UTM)
    (gap,) = report.gaps
    assert gap.area_m2 == pytest.approx(UTM.area_m2(matched(3, 3)[4]))
    assert gap.zones == tuple(range(8))
    assert report.blocks_publishing


def test_a_gap_at_the_edge_needs_the_footprint() -> None:
    zones = np.delete(matched(3, 1), 2)
    footprint = shapely.union_all(matched(3, 1))
    assert validate(zones, UTM).gaps == ()
    (gap,) = validate(zones, UTM, footprint).gaps
    assert gap.zones == (1,)


def test_land_outside_the_footprint_is_measured() -> None:
    zones = matched(2, 1)
    assert validate(zones, UTM, zones[0]).outside_m2 == pytest.approx(UTM.area_m2(zones[1]))


def test_an_invalid_outline_is_placed() -> None:
    zones = matched(2, 1)
    zones[1] = shapely.from_wkt("POLYGON((117.401 0.1, 117.403 0.102, 117.403 0.1, 117.401 0.102, 117.401 0.1))")
    (found,) = validate(zones, UTM).invalid
    assert found.zone == 1
    assert (found.lon, found.lat) == pytest.approx((117.402, 0.101))
    assert found.reason == "Self-intersection"


def test_duplicates_empty_zones_and_slivers() -> None:
    zones = np.append(matched(2, 1), [matched(2, 1)[0], shapely.Polygon(), None])
    thin = shapely.box(117.41, 0.1, 117.42, 0.1 + 5e-7)
    zones = np.append(zones, [shapely.MultiPolygon([shapely.box(117.43, 0.1, 117.44, 0.11), thin])])
    report = validate(zones, UTM)
    assert report.duplicates == ((0, 2),)
    assert report.empty == (3, 4)
    (sliver,) = report.slivers
    assert (sliver.zone, sliver.part) == (5, 1)
    assert sliver.width_m == pytest.approx(0.055, rel=0.02)
    tiny = validate(np.array([shapely.box(117.4, 0.1, 117.400005, 0.100005)], dtype=object), UTM, sliver_m2=1.0)
    assert [item.zone for item in tiny.slivers] == [0]


@given(
    missing=st.sets(st.integers(0, 15), max_size=4),
    widen=st.sets(st.integers(0, 15), max_size=3),
)
def test_gaps_and_overlaps_add_up_to_the_footprint(missing: set[int], widen: set[int]) -> None:
    zones = matched(4, 4)
    footprint = shapely.union_all(zones)
    kept = [position for position in range(16) if position not in missing]
    drawn = zones[kept]
    for place, position in enumerate(kept):
        if position in widen:
            west, south, east, north = drawn[place].bounds
            drawn[place] = shapely.intersection(shapely.box(west, south, east + STEP / 4, north), footprint)
    report = validate(drawn, UTM, footprint, noise_m2=0.0)
    land = float(np.sum(UTM.area_m2(drawn)))
    # Squares are widened to the east only, so that no piece of land is claimed three times.
    assert land - report.overlap_m2 + report.gap_m2 == pytest.approx(UTM.area_m2(footprint), abs=0.01)
    assert len(report.gaps) <= len(missing)


def test_mending_keeps_what_is_valid_and_drops_what_has_no_area() -> None:
    square = shapely.box(0, 0, 1, 1)
    assert mend(square) is square
    assert mend(None).is_empty
    assert mend(shapely.from_wkt("POLYGON((0 0, 1 1, 0 0))")).is_empty
    bowtie = mend(shapely.from_wkt("POLYGON((0 0, 2 2, 2 0, 0 2, 0 0))"))
    assert bowtie.is_valid
    assert bowtie.area == pytest.approx(2.0)


def test_polygonal_takes_the_polygons_out_of_a_collection() -> None:
    mixed = shapely.from_wkt("GEOMETRYCOLLECTION(POINT(0 0), POLYGON((0 0, 1 0, 1 1, 0 0)), LINESTRING(0 0, 1 1))")
    assert polygonal(mixed).equals(shapely.from_wkt("POLYGON((0 0, 1 0, 1 1, 0 0))"))
    assert polygonal(shapely.Point(0, 0)).is_empty
    assert polygonal(None).is_empty
