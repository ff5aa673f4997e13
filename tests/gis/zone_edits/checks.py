"""What every edit must leave behind."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely

from gis.zone_edits import Edit, same_bits

Zones = Mapping[int, shapely.Geometry]


def outlines(zones: Zones) -> np.ndarray:
    """The geometries as an array."""
    return np.array(list(zones.values()), dtype=object)


def footprint(zones: Zones) -> shapely.Geometry:
    """The land of all zones."""
    return shapely.union_all(outlines(zones))


def assert_coverage(zones: Zones) -> None:
    """Valid outlines, no overlaps, the same nodes on both sides of each border."""
    assert shapely.is_valid(outlines(zones)).all()
    assert shapely.coverage_is_valid(outlines(zones))


def assert_same_footprint(zones: Zones, before: shapely.Geometry, edits: int = 1) -> None:
    """The same outer border but for a rounded node per edit (1e-8 degree), and no hole that was not there."""
    after = footprint(zones)
    assert shapely.hausdorff_distance(shapely.boundary(after), shapely.boundary(before)) <= 1e-8 * edits + 1e-9
    assert shapely.symmetric_difference(after, before).area <= 1e-8 * edits * shapely.length(before)


def apply_checked(edit: Edit, zones: Zones) -> dict[int, shapely.Geometry]:
    """Apply an edit and hold it to its promises: coverage, footprint, other zones untouched, undone bit by bit."""
    after = edit.apply(zones)
    assert_coverage(after)
    assert_same_footprint(after, footprint(zones))
    assert all(after[zone] is zones[zone] for zone in zones if zone not in edit.changes)
    restored = edit.inverse().apply(after)
    assert restored.keys() == zones.keys()
    assert all(same_bits(restored[zone], zones[zone]) for zone in zones)
    return after
