"""Plus codes: the specification's own examples, and short codes near a place that is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.places.plus_codes import read_plus_code

CITY = (117.487, 0.127)
SOUTHERN_CITY = (106.82, -6.175)
DIGITS = "23456789CFGHJMPQRVWX"


@pytest.mark.parametrize(
    ("text", "lon", "lat"),
    [
        # From the test data of the specification: the middle of the cell.
        ("8FVC2222+22", 8.0000625, 47.0000625),
        ("7FG49QCJ+2V", 2.7821875, 20.3700625),
        ("7FG49QCJ+2VX", 2.782234375, 20.3701125),
        ("4VCPPQGP+Q9", 174.7859375, -41.2730625),
        ("8fvc2222+22", 8.0000625, 47.0000625),
        ("8FVC2222+22 Kilchberg", 8.0000625, 47.0000625),
    ],
)
def test_full_codes_stand_alone(text: str, lon: float, lat: float) -> None:
    assert read_plus_code(text, near=CITY) == pytest.approx((lon, lat), abs=1e-9)


def test_a_longer_code_lies_in_the_cell_of_the_shorter_one() -> None:
    lon, lat = read_plus_code("7FG49QCJ+2VXGJ", near=CITY) or (0, 0)
    # The eleventh digit names a cell of 1/40,000 by 1/32,000 degree.
    assert lon == pytest.approx(2.782234375, abs=1 / 32_000 / 2)
    assert lat == pytest.approx(20.3701125, abs=1 / 40_000 / 2)


@pytest.mark.parametrize("text", ["4FJR+9W", "4FJR+9W Api-Api, Kota Bontang", "Bontang 4fjr+9w"])
def test_short_codes_mean_the_cell_near_the_city(text: str) -> None:
    lon, lat = read_plus_code(text, near=CITY) or (0, 0)
    assert (lon, lat) == pytest.approx((117.4923125, 0.1309375), abs=1e-9)


def test_a_short_code_beyond_the_edge_of_a_block() -> None:
    assert read_plus_code("2222+22", near=(8.9999, 47.9999)) == pytest.approx((9.0000625, 48.0000625))
    assert read_plus_code("XXXX+XX", near=(9.0001, 48.0001)) == pytest.approx((8.9999375, 47.9999375))


@pytest.mark.parametrize("near", [CITY, SOUTHERN_CITY])
@given(code=st.text(alphabet=DIGITS, min_size=6, max_size=6))
def test_a_short_code_is_never_further_away_than_half_a_block(near: tuple[float, float], code: str) -> None:
    lon, lat = read_plus_code(f"{code[:4]}+{code[4:]}", near=near) or (0, 0)
    assert abs(lon - near[0]) <= 0.5
    assert abs(lat - near[1]) <= 0.5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "C++",
        "Jalan RX 8",
        "4FJR9W",
        "4FJR+",
        "4FJR+9",
        "1FJR+9W",
        "AAAA+AA",
        "zz4FJR+9W",
        "64740303+000001",
        "XXXXXXXX+XX",
    ],
)
def test_what_is_no_plus_code_is_none(text: str) -> None:
    assert read_plus_code(text, near=CITY) is None
