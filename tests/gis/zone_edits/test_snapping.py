"""A clicked or typed place finds the node or the edge that is meant."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis.zone_edits import insert_node, snap
from tests.gis.zone_edits.checks import apply_checked, outlines
from tests.gis.zone_edits.coverages import grid, place


def test_a_node_wins_over_a_nearer_edge() -> None:
    lon, lat = place(1, 1)
    found = snap((lon + 3e-6, lat + 1e-6), outlines(grid(2, 2)), tolerance_deg=1e-5)
    assert found is not None
    assert (found.kind, found.at, found.candidate) == ("node", (lon, lat), 0)
    assert found.distance_deg == pytest.approx(10**0.5 * 1e-6)


def test_the_edge_comes_with_both_ends_so_that_a_node_can_be_put_into_it() -> None:
    zones = grid(2, 2)
    lon, lat = place(1, 0.4)
    found = snap((lon + 3e-6, lat), outlines(zones), tolerance_deg=1e-5)
    assert found is not None
    assert found.kind == "edge"
    assert found.at == (lon, lat)
    assert found.edge is not None
    edit = insert_node(zones, found.edge, found.at)
    assert set(edit.changes) == {1, 2}
    apply_checked(edit, zones)


def test_holes_lines_points_and_collections_are_met() -> None:
    hole = shapely.Polygon(shapely.box(0, 0, 9, 9).exterior, [shapely.box(4, 4, 5, 5).exterior])
    road = shapely.GeometryCollection([shapely.LineString([(2, 2), (3, 2)]), shapely.MultiPoint([(7, 7)])])
    candidates = np.array([hole, road], dtype=object)
    for asked, kind, at, owner in (
        ((4.05, 4.02), "node", (4, 4), 0),
        ((4.5, 4.02), "edge", (4.5, 4), 0),
        ((2.5, 2.04), "edge", (2.5, 2), 1),
        ((7.01, 7.02), "node", (7, 7), 1),
    ):
        found = snap(asked, candidates, tolerance_deg=0.1)
        assert found is not None
        assert (found.kind, found.at, found.candidate) == (kind, at, owner)


def test_nothing_near_is_nothing() -> None:
    assert snap(place(0.5, 0.5), outlines(grid(2, 2)), tolerance_deg=1e-5) is None
    assert snap(place(0, 0), np.array([], dtype=object), tolerance_deg=1.0) is None
