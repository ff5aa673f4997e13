"""Every code has its text; templates can be filled; faults are placed."""

from __future__ import annotations

import re

import pytest
import shapely

from gis.errors import TEXTS, FileError, InvalidGeometry, LimitExceeded, Problem, find_fault, geometry_type

BOWTIE = shapely.from_wkt("POLYGON((117.4 0.1, 117.5 0.2, 117.5 0.1, 117.4 0.2, 117.4 0.1))")


class _Anything(dict[str, object]):
    def __missing__(self, key: str) -> object:
        return 1


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_templates_use_named_fields_only(code: str) -> None:
    template, hint = TEXTS[code]
    assert template % _Anything()
    # Hints are translated as they are: a field in them would never be filled in.
    assert not re.search(r"%\(", hint)
    assert template.endswith((".", ".)"))


def test_an_error_carries_code_params_text_and_hint() -> None:
    error = FileError("file_too_large", name="zones.gpkg", size=10, limit=5)
    assert error.code == "file_too_large"
    assert error.params == {"name": "zones.gpkg", "size": 10, "limit": 5}
    assert str(error) == "The file zones.gpkg has 10 bytes; at most 5 are read."
    assert error.hint == "Split the layer, or raise the limit."


def test_a_problem_speaks_from_the_same_table() -> None:
    problem = Problem("code_unknown", {"found": "ZZ-9", "column": "KODSZN"})
    assert problem.message == "The sub-zone code ZZ-9 in KODSZN is not in the code list."
    assert problem.hint


def test_a_polygon_that_crosses_itself_is_told_where() -> None:
    with pytest.raises(InvalidGeometry) as caught:
        InvalidGeometry.check(BOWTIE)
    assert caught.value.code == "invalid_geometry"
    assert (caught.value.lon, caught.value.lat) == pytest.approx((117.45, 0.15))
    assert "117.45" in str(caught.value)


@pytest.mark.parametrize(
    ("wkt", "code"),
    [
        ("POLYGON EMPTY", "empty_geometry"),
        ("POINT(117.5 0.1)", "not_a_polygon"),
        ("POLYGON((0 0, 200 0, 200 1, 0 0))", "not_lonlat"),
        ("POLYGON((0 0, 1 0, 1 91, 0 0))", "not_lonlat"),
    ],
)
def test_what_is_no_polygon_on_the_earth_is_refused(wkt: str, code: str) -> None:
    with pytest.raises(InvalidGeometry) as caught:
        InvalidGeometry.check(shapely.from_wkt(wkt))
    assert caught.value.code == code


def test_a_coordinate_that_is_no_number_is_refused() -> None:
    square = shapely.box(0, 0, 1, 1)
    polygon = shapely.set_coordinates(square, [[0, 0], [1, 0], [float("nan"), 1], [0, 1], [0, 0]])
    with pytest.raises(InvalidGeometry, match="not a finite number"):
        InvalidGeometry.check(polygon)


def test_vertices_are_counted_before_anything_else_is_computed() -> None:
    circle = shapely.Point(117.5, 0.1).buffer(0.01, quad_segs=100)
    with pytest.raises(LimitExceeded) as caught:
        InvalidGeometry.check(circle, max_vertices=100)
    assert caught.value.params == {"count": 401, "limit": 100}
    InvalidGeometry.check(circle, max_vertices=401)


def test_find_fault_is_silent_about_valid_geometry() -> None:
    assert find_fault(shapely.box(0, 0, 1, 1)) is None
    fault = find_fault(BOWTIE)
    assert fault is not None
    assert fault.reason == "Self-intersection"


def test_kinds_are_named_as_geojson_names_them() -> None:
    assert geometry_type(shapely.from_wkt("MULTILINESTRING((0 0, 1 1))")) == "MultiLineString"
    assert geometry_type(shapely.from_wkt("POINT(0 0)")) == "Point"
