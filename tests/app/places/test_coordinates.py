"""A position in every notation that people use; a text that is no position is none."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.places.coordinates import is_short_link, read_position

NORTH = (117.4761, 0.1333)
SOUTH = (106.82, -6.175)

# What is read, and whether the text itself says which number is which.
NOTATIONS = [
    ("0.1333, 117.4761", NORTH, False),
    ("0.1333 117.4761", NORTH, False),
    ("0.1333,117.4761", NORTH, False),
    ("0.1333/117.4761", NORTH, False),
    ("(0.1333, 117.4761)", NORTH, False),
    ("[0.1333, 117.4761]", NORTH, False),
    ("0.1333° 117.4761°", NORTH, False),
    ("-6.175, 106.82", SOUTH, False),
    ("−6.175, 106.82", SOUTH, False),
    ("0,1333 117,4761", NORTH, False),
    ("0,1333; 117,4761", NORTH, False),
    ("0,1333, 117,4761", NORTH, False),
    ("117.4761 0.1333", NORTH, False),
    ("0.1333N, 117.4761E", NORTH, True),
    ("N0.1333 E117.4761", NORTH, True),
    ("117.4761 E 0.1333 N", NORTH, True),
    ("6.175S 106.82E", SOUTH, True),
    ("6.175 LS 106.82 BT", SOUTH, True),
    ("6,175 LS 106,82 BT", SOUTH, True),
    ("6,175 lintang selatan, 106,82 bujur timur", SOUTH, True),
    ("106,82 BT 6,175 LS", SOUTH, True),
    ("6.175 S 106.82 T", SOUTH, True),
    ("0.1333 LU 117.4761 BT", NORTH, True),
    ("lat: 0.1333, lon: 117.4761", NORTH, True),
    ("Lon 117.4761 Lat 0.1333", NORTH, True),
    ("Lat -6.175 Long 106.82", SOUTH, True),
    ("lintang 0,1333 bujur 117,4761", NORTH, True),
    ("Koordinat: 0.1333, 117.4761", NORTH, False),
    ("6°10'30\"S 106°49'12\"E", SOUTH, True),
    ("6° 10' 30\" LS, 106° 49' 12\" BT", SOUTH, True),
    ("6° 10′ 30″ LS, 106° 49′ 12″ BT", SOUTH, True),
    ("S 6° 10' 30\" E 106° 49' 12\"", SOUTH, True),
    ("LS 6° 10' 30,0\" BT 106° 49' 12,0\"", SOUTH, True),
    ("N 0° 7.998' E 117° 28.566'", NORTH, True),
    ("6 10 30 S 106 49 12 E", SOUTH, True),
    ("6 10.500 S 106 49.200 E", SOUTH, True),
    ("S 6 10.500 E 106 49.200", SOUTH, True),
    ("S6 10.500, E106 49.200", SOUTH, True),
    ("6 10,5 LS 106 49,2 BT", SOUTH, True),
    ("LU 0 7.998 BT 117 28.566", NORTH, True),
    ("6 derajat 10 menit 30 detik LS, 106 derajat 49 menit 12 detik BT", SOUTH, True),
    ("POINT(117.4761 0.1333)", NORTH, True),
    ("geo:0.1333,117.4761?z=15", NORTH, True),
    ("https://www.google.com/maps/@0.1333,117.4761,15z", NORTH, True),
    ("https://www.google.com/maps/place/X/@0.1,117.4,17z/data=!3m1!4b1!8m2!3d0.1333!4d117.4761", NORTH, True),
    ("https://maps.google.com/?q=0.1333,117.4761", NORTH, True),
    ("https://www.google.com/maps?q=loc:0.1333,117.4761", NORTH, True),
    ("https://www.google.com/maps/search/?api=1&query=0.1333%2C117.4761", NORTH, True),
    ("https://www.google.com/maps/search/0.1333,+117.4761", NORTH, True),
    ("https://www.google.com/maps/dir/?api=1&destination=-6.175%2C106.82", SOUTH, True),
    ("https://www.openstreetmap.org/?mlat=0.1333&mlon=117.4761#map=15/0.1/117.4", NORTH, True),
    ("https://www.openstreetmap.org/#map=15/-6.175/106.82", SOUTH, True),
    ("https://maps.apple.com/?ll=0.1333,117.4761", NORTH, True),
    ("https://waze.com/ul?ll=0.1333%2C117.4761&navigate=yes", NORTH, True),
    ("https://www.bing.com/maps?cp=0.1333~117.4761&lvl=15", NORTH, True),
    ("https://peta.example/map?lat=0.1333&lon=117.4761&z=16", NORTH, True),
]  # fmt: skip
NOT_A_POSITION = [
    "", "Tanjung Laut", "Jl. R.E. Martadinata No. 12", "RT 12", "081234567890", "12 13", "14 digits 12345678901234",
    "0.1333", "0.1333, 117.4761, 12.5", "91.5, 200.1", "0.1 N 0.2 N", "117.1 E 117.2 E", "6° 70' S 106° 10' E",
    "jalan 1.5, 2.5 blok", "nan, nan", "inf 0.1", "1e400 2e400", "https://example.com/", "https://example.com/?lat=x&lon=y",
    "geo:rumah", "POINT(300 1)",
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "ordered"), NOTATIONS)
def test_notations(text: str, expected: tuple[float, float], ordered: bool) -> None:
    found = read_position(text)
    assert found is not None
    assert (found.lon, found.lat) == pytest.approx(expected, abs=1e-9)
    assert found.ordered is ordered


@pytest.mark.parametrize("text", NOT_A_POSITION)
def test_texts_that_are_no_position(text: str) -> None:
    assert read_position(text) is None


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("https://maps.app.goo.gl/AbCdEf", True),
        ("https://goo.gl/maps/AbCdEf", True),
        ("https://osm.org/go/AbC--", True),
        ("https://www.google.com/maps/@0.1333,117.4761,15z", False),
        ("maps.app.goo.gl", False),
    ],
)
def test_short_links(text: str, short: bool) -> None:
    assert is_short_link(text) is short


LONGITUDES = st.floats(-180, 180)
LATITUDES = st.floats(-90, 90)


@given(LONGITUDES, LATITUDES)
def test_decimal_degrees_come_back(lon: float, lat: float) -> None:
    for text in (f"{lat:.8f}, {lon:.8f}", f"geo:{lat:.8f},{lon:.8f}", f"https://x.id/@{lat:.8f},{lon:.8f},15z"):
        found = read_position(text)
        assert found is not None
        assert (found.lon, found.lat) == pytest.approx((lon, lat), abs=1e-8)


def _dms(value: float, letters: tuple[str, str]) -> str:
    """Degrees, minutes and seconds to a thousandth, with the letter of the side."""
    seconds = round(abs(value) * 3600, 3)
    degrees, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{int(degrees)}° {int(minutes)}' {math.floor(rest * 1000) / 1000:.3f}\" {letters[value < 0]}"


@given(LONGITUDES, LATITUDES, st.booleans())
def test_degrees_minutes_seconds_come_back(lon: float, lat: float, indonesian: bool) -> None:
    north, east = (("LU", "LS"), ("BT", "BB")) if indonesian else (("N", "S"), ("E", "W"))
    for text in (f"{_dms(lat, north)}, {_dms(lon, east)}", f"{_dms(lon, east)} {_dms(lat, north)}"):
        found = read_position(text)
        assert found is not None
        assert found.ordered
        # Two thousandths of a second, one lost in rounding and one in flooring.
        assert (found.lon, found.lat) == pytest.approx((lon, lat), abs=2e-3 / 3600 + 1e-12)


@given(st.text(max_size=60))
def test_no_text_fails(text: str) -> None:
    found = read_position(text)
    assert found is None or (-180 <= found.lon <= 180 and -90 <= found.lat <= 90)
