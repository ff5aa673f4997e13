"""Looking only around what changed finds what looking at everything finds."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.coverage_inspection import Inspection, inspect
from gis.crs import MetricCrs
from tests.gis.zone_edits.coverages import grid, multi, place, square, tricky

METRIC = MetricCrs(50, south=False)


def told(inspection: Inspection) -> dict[str, object]:
    """What was found, without the geometries themselves."""
    return {
        "invalid": {zone: item.reason for zone, item in inspection.invalid.items()},
        "slivers": {zone: [round(item.area_m2, 6) for item in items] for zone, items in inspection.slivers.items()},
        "edges": set(inspection.edges),
        "overlaps": {pair: round(item.area_m2, 4) for pair, item in inspection.overlaps.items()},
        "holes": sorted((round(item.area_m2, 4), item.zones) for item in inspection.holes),
        "sound": {zone: shapely.to_wkb(outline) for zone, outline in inspection.sound.items()},
    }


def test_a_clean_coverage_has_nothing() -> None:
    found = inspect(grid(3, 3), METRIC)
    assert not (found.invalid)
    assert not (found.slivers)
    assert not (found.edges)
    assert not (found.overlaps)
    assert not found.holes
    assert all(found.sound[zone] is outline for zone, outline in found.zones.items())


def test_a_hole_is_seen_from_far_away() -> None:
    """A ring of eight squares around nothing; then one of its corners goes, and the hole stays enclosed by none."""
    ring = {zone: outline for zone, outline in grid(3, 3).items() if zone != 5}
    first = inspect(ring, METRIC)
    (hole,) = first.holes
    assert hole.zones == (1, 2, 3, 4, 6, 7, 8, 9)
    opened = {zone: outline for zone, outline in ring.items() if zone != 2}
    assert told(inspect(opened, METRIC, first)) == told(inspect(opened, METRIC))
    assert inspect(opened, METRIC, first).holes == ()


def test_findings_carry_numbers_of_zones_and_not_positions() -> None:
    zones = {40: multi(square(0, 0)), 7: multi(square(0.9, 0)), 12: multi(square(5, 5, 0.001, 0.001))}
    found = inspect(zones, METRIC)
    assert found.overlaps.keys() == {(7, 40)}
    assert (found.overlaps[7, 40].first, found.overlaps[7, 40].second) == (7, 40)
    assert found.slivers[12][0].zone == 12
    crossed = shapely.Polygon([place(0, 0), place(1, 1), place(1, 0), place(0, 1)])
    assert inspect({31: multi(crossed)}, METRIC).invalid[31].zone == 31


@pytest.mark.parametrize("seed", range(3))
@given(
    changes=st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(["move", "drop", "shrink", "cross"])), max_size=5)
)
def test_step_by_step_is_the_same_as_at_once(seed: int, changes: list[tuple[int, str]]) -> None:
    zones = tricky(20, seed)
    kept = inspect(zones, METRIC)
    for number, kind in changes:
        zone = sorted(zones)[number % len(zones)]
        after = _changed(zones[zone], kind, number)
        zones = {**zones, zone: after} if after is not None else {k: v for k, v in zones.items() if k != zone}
        kept = inspect(zones, METRIC, kept)
    assert told(kept) == told(inspect(zones, METRIC))


def _changed(outline: shapely.Geometry, kind: str, number: int) -> shapely.Geometry | None:
    if kind == "drop":
        return None
    nodes = shapely.get_coordinates(outline)
    centre = nodes.mean(axis=0)
    if kind == "shrink":
        return shapely.transform(outline, lambda places: centre + 0.7 * (places - centre))
    chosen = nodes[number % len(nodes)]
    to = centre if kind == "cross" else chosen + 2e-4
    return shapely.transform(outline, lambda places: np.where((places == chosen).all(axis=1)[:, None], to, places))
