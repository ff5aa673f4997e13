"""A repair is a proposal: it settles, says whose land moves, and leaves alone what is clean."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.coverage import validate
from gis.coverage_repair import repair
from gis.crs import Geometries, MetricCrs

UTM = MetricCrs(50, south=False)
SIDE = 0.001


def block(columns: int, rows: int) -> Geometries:
    """Squares with shared nodes, as MultiPolygons, which plans are made of."""
    lons = np.round(117.4 + SIDE * np.arange(columns + 1), 9)
    lats = np.round(0.1 + SIDE * np.arange(rows + 1), 9)
    squares = [shapely.box(lons[x], lats[y], lons[x + 1], lats[y + 1]) for y in range(rows) for x in range(columns)]
    return np.array([shapely.MultiPolygon([square]) for square in squares], dtype=object)


def test_a_clean_coverage_comes_back_as_it_is() -> None:
    zones = block(4, 3)
    proposal = repair(zones, UTM)
    assert proposal.stable
    assert proposal.rounds == 0
    assert proposal.changed == ()
    assert proposal.moved_m2 == 0
    assert all(after is before for after, before in zip(proposal.geometries, zones, strict=True))


def test_overlapping_land_goes_to_one_zone_and_is_accounted_for() -> None:
    zones = block(2, 1)
    zones[1] = shapely.MultiPolygon([shapely.box(117.4009, 0.1, 117.402, 0.101)])
    (overlap,) = validate(zones, UTM).overlaps
    proposal = repair(zones, UTM)
    assert proposal.stable
    assert proposal.moved_m2 == pytest.approx(overlap.area_m2, abs=0.01)
    (transfer,) = proposal.transfers
    assert {transfer.source, transfer.target} == {0, 1}
    assert not validate(proposal.geometries, UTM).blocks_publishing
    assert all(isinstance(zone, shapely.MultiPolygon) for zone in proposal.geometries)


def test_a_zone_that_vanishes_is_listed_with_its_taker() -> None:
    zones = np.append(block(2, 1), [block(2, 1)[0]])
    proposal = repair(zones, UTM)
    (gone,) = proposal.emptied
    assert {gone.zone, gone.taker} == {0, 2}
    assert gone.area_m2 == pytest.approx(UTM.area_m2(zones[0]))
    assert proposal.geometries[gone.zone].is_empty


def test_gaps_are_left_unless_their_closing_is_asked_for() -> None:
    zones = block(2, 1)
    zones[1] = shapely.MultiPolygon([shapely.box(117.401 + 5e-6, 0.1, 117.402, 0.101)])
    frame = shapely.MultiPolygon(
        [shapely.box(117.39, 0.09, 117.41, 0.11).difference(shapely.box(117.4, 0.1, 117.402, 0.101))]
    )
    zones = np.append(zones, [frame])
    (gap,) = validate(zones, UTM).gaps
    assert len(validate(repair(zones, UTM).geometries, UTM).gaps) == 1
    closed = repair(zones, UTM, gap_width_m=1.0)
    assert validate(closed.geometries, UTM).gaps == ()
    assert closed.moved_m2 == pytest.approx(gap.area_m2, rel=0.01)
    assert {transfer.source for transfer in closed.transfers} == {None}


def test_untouched_zones_keep_every_bit() -> None:
    zones = block(5, 1)
    # Coordinates with more decimals than the grid of new nodes.
    zones[4] = shapely.MultiPolygon([shapely.box(117.404, 0.1, 117.4051234567890123, 0.101)])
    zones[1] = shapely.MultiPolygon([shapely.box(117.4009, 0.1, 117.402, 0.101)])
    proposal = repair(zones, UTM)
    assert 4 not in proposal.changed
    assert proposal.geometries[4] is zones[4]


def test_new_nodes_lie_on_the_grid() -> None:
    left = shapely.box(117.4, 0.1, 117.401, 0.101)
    slanted = shapely.from_wkt(
        "POLYGON((117.4007 0.0993, 117.402 0.1, 117.402 0.101, 117.4009 0.1017, 117.4007 0.0993))"
    )
    zones = np.array([left, slanted], dtype=object)
    given_nodes = {tuple(node) for node in shapely.get_coordinates(zones).tolist()}
    proposal = repair(zones, UTM)
    assert proposal.stable
    new = [node for node in shapely.get_coordinates(proposal.geometries).tolist() if tuple(node) not in given_nodes]
    assert new
    for lon, lat in new:
        assert (lon, lat) == (round(lon, 8), round(lat, 8))


def test_an_invalid_outline_is_mended() -> None:
    zones = block(2, 1)
    zones[1] = shapely.from_wkt("POLYGON((117.402 0.1, 117.404 0.102, 117.404 0.1, 117.402 0.102, 117.402 0.1))")
    proposal = repair(zones, UTM)
    assert proposal.stable
    assert proposal.changed == (1,)
    assert shapely.is_valid(proposal.geometries).all()


@given(
    shifts=st.lists(st.tuples(st.floats(-3e-4, 3e-4), st.floats(-3e-4, 3e-4)), min_size=25, max_size=25),
)
def test_whatever_is_shaken_settles_and_stays_settled(shifts: list[tuple[float, float]]) -> None:
    """Each corner of each square is moved by itself, so that borders gape and overlap everywhere."""
    zones = block(3, 2)
    corners = shapely.get_coordinates(zones)
    moves = np.array([shifts[index % len(shifts)] for index in range(len(corners))])
    rings = np.arange(len(corners)).reshape(-1, 5)
    moves[rings[:, 4]] = moves[rings[:, 0]]
    shaken = shapely.set_coordinates(zones.copy(), corners + moves)
    land = shapely.union_all(shaken)
    proposal = repair(shaken, UTM)
    assert proposal.stable
    assert shapely.is_valid(proposal.geometries).all()
    assert validate(proposal.geometries, UTM).overlaps == ()
    # No land is lost or won beyond the rounding of nodes, a millimetre along each border.
    assert UTM.area_m2(shapely.union_all(proposal.geometries)) == pytest.approx(UTM.area_m2(land), abs=5.0)
    again = repair(proposal.geometries, UTM)
    assert again.changed == ()
    assert again.moved_m2 == 0
