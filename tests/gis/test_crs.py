"""Metres agree with PostGIS; a coordinate reference system is never guessed."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.crs import LONLAT, LONLAT_PROJ, MetricCrs, parse_crs, resolve_source_crs, utm_for
from gis.errors import CrsError

REGION = (117.2, -0.1, 117.7, 0.3)
DEGREES = (117.40, 0.05, 117.50, 0.15)
METRES = (544_500.0, 5_500.0, 555_600.0, 16_600.0)

# PostGIS 3.3.2, PROJ 9.1.1:
#   SELECT ST_X(g), ST_Y(g) FROM (SELECT ST_Transform(ST_MakePoint(lon, lat), LONLAT_PROJ, proj) AS g) AS q
POSTGIS_POINTS = [
    (117.5, 0.13, 50, False, 555638.0501819787, 14369.457072144378),
    (117.0, 0.0, 50, False, 500000.0, 0.0),
    (114.05, 0.21, 50, False, 171594.94564684236, 23242.3182759245),
    (106.8272, -6.1754, 48, True, 702183.3220510168, 9317059.383050453),
    (109.9, 1.33, 49, False, 377622.7355624507, 147032.4955723549),
    (123.9, 1.0, 50, False, 1269554.9212059071, 111341.85926659436),
]
# SELECT ST_Area(ST_Transform(wkt::geometry, LONLAT_PROJ, '+proj=utm +zone=50 +ellps=GRS80 +units=m +no_defs'))
POSTGIS_AREAS = [
    ("POLYGON((117.4 0.1,117.5 0.1,117.5 0.2,117.4 0.2,117.4 0.1))", 122999512.51579341),
    (
        "MULTIPOLYGON(((117.45 0.12,117.46 0.12,117.455 0.13,117.45 0.12)),"
        "((117.48 0.05,117.49 0.05,117.49 0.06,117.48 0.06,117.48 0.05),"
        "(117.482 0.052,117.482 0.054,117.484 0.054,117.484 0.052,117.482 0.052)))",
        1795809.495270875,
    ),
]


@pytest.mark.parametrize(("lon", "lat", "zone", "south", "x", "y"), POSTGIS_POINTS)
def test_points_fall_where_postgis_puts_them(
    lon: float, lat: float, zone: int, south: bool, x: float, y: float
) -> None:
    assert MetricCrs(zone, south).forward(lon, lat) == pytest.approx((x, y), abs=1e-6)


@pytest.mark.parametrize(("wkt", "area"), POSTGIS_AREAS)
def test_areas_are_those_of_postgis(utm50n: MetricCrs, wkt: str, area: float) -> None:
    assert utm50n.area_m2(shapely.from_wkt(wkt)) == pytest.approx(area, abs=1e-5)


def test_the_proj_strings_are_those_that_postgis_gets() -> None:
    assert MetricCrs(50, south=False).proj == "+proj=utm +zone=50 +ellps=GRS80 +units=m +no_defs"
    assert MetricCrs(48, south=True).proj == "+proj=utm +zone=48 +south +ellps=GRS80 +units=m +no_defs"
    assert LONLAT_PROJ == "+proj=longlat +ellps=GRS80 +no_defs"


def test_no_datum_path_is_chosen(utm50n: MetricCrs) -> None:
    # Through EPSG:9480 pyproj may shift by 16 cm; the named operation never does.
    plain = pyproj.Proj(utm50n.proj)(117.5, 0.13)
    assert utm50n.forward(117.5, 0.13) == pytest.approx(plain, abs=1e-9)


@given(
    lon=st.floats(114, 120),
    lat=st.floats(-10, 10),
    south=st.booleans(),
)
def test_there_and_back_is_within_a_micrometre(lon: float, lat: float, south: bool) -> None:
    metric = MetricCrs(50, south)
    back = metric.inverse(*metric.forward(lon, lat))
    assert back == pytest.approx((lon, lat), abs=1e-11)


def test_the_plane_is_close_to_the_ellipsoid(utm50n: MetricCrs) -> None:
    square = shapely.box(117.4, 0.1, 117.5, 0.2)
    geodesic, _ = pyproj.Geod(ellps="GRS80").geometry_area_perimeter(square)
    assert utm50n.area_m2(square) == pytest.approx(geodesic, rel=0.001)
    assert utm50n.area_m2(square) < geodesic


def test_geometries_keep_their_shape_and_none_stays_none(utm50n: MetricCrs) -> None:
    zones = np.array([shapely.box(117.4, 0.1, 117.5, 0.2), None, shapely.Polygon()], dtype=object)
    plane = utm50n.to_metric(zones)
    assert plane[1] is None
    assert plane[2].is_empty
    assert shapely.get_num_coordinates(plane[0]) == 5
    areas = utm50n.area_m2(zones)
    assert areas[0] == pytest.approx(plane[0].area)
    assert math.isnan(areas[1])
    assert shapely.equals_exact(utm50n.to_lonlat(plane[0]), zones[0], tolerance=1e-11)


def test_threads_share_one_plane(utm50n: MetricCrs) -> None:
    lons = np.linspace(117.2, 117.7, 2_000)
    expected = utm50n.forward(lons, lons - 117.4)

    def once(_: int) -> bool:
        x, y = utm50n.forward(lons, lons - 117.4)
        return bool((x == expected[0]).all() and (y == expected[1]).all())

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(once, range(64)))


@pytest.mark.parametrize(
    ("lon", "lat", "zone", "south"),
    [(117.5, 0.1, 50, False), (106.8, -6.2, 48, True), (-180, 5, 1, False), (180, 5, 60, False), (0, -1, 31, True)],
)
def test_utm_zone_of_a_place(lon: float, lat: float, zone: int, south: bool) -> None:
    assert utm_for(lon, lat) == MetricCrs(zone, south)


def test_there_is_no_utm_zone_of_nowhere() -> None:
    with pytest.raises(CrsError):
        utm_for(200, 0)
    with pytest.raises(CrsError):
        MetricCrs(61, south=False)


@pytest.mark.parametrize(
    "text",
    [
        "EPSG:4326",
        "EPSG:4979",
        "EPSG:9470",
        "OGC:CRS84",
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:EPSG::4326",
        LONLAT_PROJ,
        pyproj.CRS(4326).to_wkt("WKT1_ESRI"),
        pyproj.CRS(9470).to_wkt("WKT1_GDAL"),
    ],
)
def test_degrees_of_wgs84_and_srgi2013_are_one(text: str) -> None:
    source = parse_crs(text)
    assert source.plane is None
    point = shapely.Point(117.5, 0.13)
    assert source.to_lonlat(point) is point


@pytest.mark.parametrize(
    ("text", "plane"),
    [
        ("EPSG:32650", MetricCrs(50, south=False)),
        ("EPSG:32750", MetricCrs(50, south=True)),
        ("EPSG:9480", MetricCrs(50, south=False)),
        ("EPSG:9487", MetricCrs(47, south=True)),
        (pyproj.CRS(9480).to_wkt("WKT1_ESRI"), MetricCrs(50, south=False)),
        (pyproj.CRS(32748).to_wkt("WKT1_ESRI"), MetricCrs(48, south=True)),
        (MetricCrs(50, south=False).proj, MetricCrs(50, south=False)),
    ],
)
def test_utm_is_known_by_its_parameters(text: str, plane: MetricCrs) -> None:
    assert parse_crs(text).plane == plane


@pytest.mark.parametrize("text", ["EPSG:3857", "EPSG:4755", "EPSG:23870", "EPSG:32661", "EPSG:4258"])
def test_other_systems_are_refused_by_name(text: str) -> None:
    with pytest.raises(CrsError) as caught:
        parse_crs(text)
    assert caught.value.code == "crs_unsupported"
    assert text in str(caught.value)


def test_nonsense_is_no_system() -> None:
    with pytest.raises(CrsError) as caught:
        parse_crs("somewhere near the coast")
    assert caught.value.code == "crs_unknown"


def test_a_system_that_fits_is_taken() -> None:
    assert resolve_source_crs("EPSG:4326", None, DEGREES, REGION) == LONLAT
    assert resolve_source_crs("EPSG:32650", None, METRES, REGION).plane == MetricCrs(50, south=False)


@pytest.mark.parametrize(
    ("declared", "stated", "bounds", "code", "said"),
    [
        (None, None, DEGREES, "crs_missing", "117.4"),
        ("EPSG:4326", None, METRES, "crs_metres_as_degrees", "544500"),
        ("EPSG:32650", None, DEGREES, "crs_degrees_as_metres", "117.4"),
        (None, "EPSG:4326", METRES, "crs_metres_as_degrees", "look like metres"),
        ("EPSG:4326", None, (0.05, 117.40, 0.15, 117.50), "crs_axes_swapped", "exchanged"),
        ("EPSG:32650", None, (5_500.0, 544_500.0, 16_600.0, 555_600.0), "crs_axes_swapped", "exchanged"),
        ("EPSG:32750", None, METRES, "crs_wrong_hemisphere", "other hemisphere"),
        ("EPSG:4326", None, (117.40, -0.25, 117.50, -0.15), "crs_wrong_hemisphere", "-0.2"),
        ("EPSG:4326", None, (107.40, 0.05, 107.50, 0.15), "crs_outside_region", "107.45"),
        ("EPSG:32649", None, METRES, "crs_outside_region", "111.449"),
    ],
)
def test_a_contradiction_says_what_was_found(
    declared: str | None, stated: str | None, bounds: tuple[float, float, float, float], code: str, said: str
) -> None:
    with pytest.raises(CrsError) as caught:
        resolve_source_crs(declared, stated, bounds, REGION)
    assert caught.value.code == code
    assert said in str(caught.value)
    assert caught.value.hint
    assert "--crs" in caught.value.hint or "--region" in caught.value.hint or code == "crs_axes_swapped"


def test_what_the_person_states_overrides_the_file() -> None:
    source = resolve_source_crs("EPSG:4326", "EPSG:32650", METRES, REGION)
    assert source.plane == MetricCrs(50, south=False)


def test_one_stray_feature_does_not_decide_for_the_layer() -> None:
    boxes = np.array([DEGREES] * 9 + [METRES, (np.nan,) * 4])
    assert resolve_source_crs("EPSG:4326", None, boxes, REGION) == LONLAT
    boxes = np.array([METRES] * 9 + [(0.0, 0.0, 0.0, 0.0)])
    with pytest.raises(CrsError) as caught:
        resolve_source_crs("EPSG:4326", None, boxes, REGION)
    assert caught.value.code == "crs_metres_as_degrees"


def test_without_a_region_only_the_earth_is_asked_for() -> None:
    assert resolve_source_crs("EPSG:4326", None, (10, 10, 11, 11), None) == LONLAT
    with pytest.raises(CrsError):
        resolve_source_crs("EPSG:4326", None, METRES, None)


def test_definitions_for_writers() -> None:
    assert LONLAT.definition == "EPSG:4326"
    assert parse_crs("EPSG:9480").definition == "EPSG:32650"
    assert parse_crs("EPSG:32748").definition == "EPSG:32748"
