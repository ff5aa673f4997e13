"""What a straight line from a point meets: by hand on a row of squares south and north of the equator."""

from __future__ import annotations

import itertools

import pytest
import shapely

from gis.crs import MetricCrs
from gis.rdtr.codes import is_road
from gis.zoning_index import ZoningIndex

# One square is 0.001 degree wide, some 111 m; the third is a road of 0.0001 degree, and one is missing.
EDGES = [0.0, 0.001, 0.002, 0.0021, 0.003]


@pytest.fixture(params=[(117.48, 0.12, 50, False), (106.8, -6.2, 48, True)], ids=["north", "south"])
def row(request: pytest.FixtureRequest) -> tuple[ZoningIndex, float, float]:
    """An index of four squares in a row from west to east, and its south-west corner."""
    west, south, zone, below = request.param
    boxes = [shapely.box(west + a, south, west + b, south + 0.001) for a, b in itertools.pairwise(EDGES)]
    return ZoningIndex(boxes, MetricCrs(zone, south=below)), west, south


def test_zones_come_in_the_order_in_which_the_line_meets_them(row: tuple[ZoningIndex, float, float]) -> None:
    index, west, south = row
    met = index.along(west + 0.0005, south + 0.0005, east=1, north=0, radius_m=250)
    assert [zone.position for zone in met] == [1, 2, 3]
    distances = [zone.distance_m for zone in met]
    assert distances == pytest.approx([55.6, 166.8, 177.9], rel=0.01)


def test_the_radius_ends_the_line(row: tuple[ZoningIndex, float, float]) -> None:
    index, west, south = row
    assert [zone.position for zone in index.along(west + 0.0005, south + 0.0005, east=1, north=0, radius_m=170)] == [
        1,
        2,
    ]
    assert index.along(west + 0.0005, south + 0.0005, east=1, north=0, radius_m=50) == ()


@pytest.mark.parametrize(("east", "north"), [(-1, 0), (0, 1), (0, -1)])
def test_where_nothing_lies_nothing_is_met(row: tuple[ZoningIndex, float, float], east: int, north: int) -> None:
    index, west, south = row
    assert index.along(west + 0.0005, south + 0.0005, east=east, north=north, radius_m=200) == ()


@pytest.mark.parametrize(
    ("domain_code", "zone", "road"),
    [
        ("32010000", None, True),
        (None, "Badan Jalan", True),
        (None, " BADAN JALAN ", True),
        ("31010000", "Badan Air", False),
        (None, None, False),
    ],
)
def test_the_land_of_roads(domain_code: str | None, zone: str | None, road: bool) -> None:
    assert is_road(domain_code, zone) is road
