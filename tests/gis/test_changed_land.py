"""The pieces of land that change hands or code, as shapes."""

from __future__ import annotations

import pytest
import shapely

from gis.changed_land import Piece, changed_land
from gis.crs import MetricCrs
from gis.zone_difference import ZoneState, difference
from gis.zone_edits import carve, give, merge
from tests.gis.zone_edits.coverages import grid, square

UTM = MetricCrs(50, south=False)
States = dict[int, ZoneState]


def states(zones: dict[int, shapely.Geometry], **codes: str) -> States:
    """Zones with R-1 as their code, or as named by z<number>."""
    return {zone: ZoneState(outline, {"subzone_code": codes.get(f"z{zone}", "R-1")}) for zone, outline in zones.items()}


def pieces(old: States, new: States) -> tuple[Piece, ...]:
    return changed_land(old, new, difference(old, new, UTM), UTM)


def test_land_given_has_the_shape_that_was_given() -> None:
    zones = grid(3, 3)
    given = square(1, 1, 0.5, 1)
    old, new = states(zones, z5="RTH-2"), states(give(zones, given, 5, 4).apply(zones), z5="RTH-2")
    (piece,) = pieces(old, new)
    assert (piece.source, piece.target, piece.old_code, piece.new_code) == (5, 4, "RTH-2", "R-1")
    assert piece.geometry.symmetric_difference(given).area < given.area * 1e-6
    assert piece.area_m2 == pytest.approx(UTM.area_m2(given), rel=1e-6)
    assert piece.changes_code


def test_a_recoded_zone_is_one_piece_and_a_zone_between_equal_codes_changes_no_code() -> None:
    zones = grid(3, 1)
    old, new = states(zones), states(merge(zones, [1, 2], keep=1).apply(zones), z3="K-1")
    found = {(piece.source, piece.target): piece for piece in pieces(old, new)}
    assert set(found) == {(2, 1), (3, 3)}
    assert not found[2, 1].changes_code
    assert found[3, 3].changes_code
    assert found[3, 3].geometry.equals_exact(zones[3], 1e-8, normalize=True)


def test_reshaped_and_recoded_land_is_counted_once() -> None:
    zones = grid(2, 2)
    after = carve(zones, square(0.5, 0.5, 1, 1), new_id=9).apply(zones)
    old, new = states(zones, z1="K-1"), states(after, z1="K-2", z9="RTH-2")
    found = pieces(old, new)
    union = shapely.union_all([piece.geometry for piece in found])
    assert sum(piece.geometry.area for piece in found) == pytest.approx(union.area, rel=1e-9)
    changed = difference(old, new, UTM).transitions_m2
    for pair, area in changed.items():
        assert sum(p.area_m2 for p in found if (p.old_code, p.new_code) == pair) == pytest.approx(area, abs=0.2)


def test_land_that_comes_from_nobody_or_goes_to_nobody_is_a_piece_too() -> None:
    zones = grid(2, 1)
    old, new = states(zones), states({1: zones[1], 7: square(5, 5)})
    assert [(piece.source, piece.target, piece.new_code) for piece in pieces(old, new)] == [
        (None, 7, "R-1"),
        (2, None, None),
    ]
