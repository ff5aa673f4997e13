"""What a line of text may mean: places in any spelling, parcels, numbers that are something else, positions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.places import service
from app.places.service import fold
from tests.factories.places import changed, write_places

Search = Callable[[str], dict[str, Any]]


@pytest.fixture
def search(session: Session, client: FlaskClient, tmp_path: Path) -> Search:
    """Asks the API, with the places of the factory loaded."""
    service.load(write_places(tmp_path / "city.gpkg"))

    def ask(q: str) -> dict[str, Any]:
        answer = client.get("/api/v1/search", query_string={"q": q})
        assert answer.status_code == 200, answer.get_json()
        found: dict[str, Any] = answer.get_json()
        return found

    return ask


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Kelurahan Api-Api", "api api"),
        ("kel. Api-api", "api api"),
        ("Kec. Bontang Utara", "bontang utara"),
        ("Jl. Bhayangkara", "bhayangkara"),
        ("JALAN  BHAYANGKARA", "bhayangkara"),
        ("Gg. Mawar No.3", "mawar no 3"),
        ("Café Ñandú", "cafe nandu"),
        ("Jalan", "jalan"),
        ("Jalanan", "jalanan"),
        ("", ""),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=80))
def test_folding_twice_changes_no_plain_name_further(text: str) -> None:
    assert isinstance(fold(text), str)
    assert fold(text) == fold(f"  {text}  ")


@pytest.mark.parametrize(
    ("q", "kind", "label"),
    [
        ("Api-api", "kelurahan", "Api-api"),
        ("api api", "kelurahan", "Api-api"),
        ("APIAPI", "kelurahan", "Api-api"),
        ("kelurahan api api", "kelurahan", "Api-api"),
        ("kel. Apiapi", "kelurahan", "Api-api"),
        ("Lok Tuan", "kelurahan", "Loktuan"),
        ("loktuan", "kelurahan", "Loktuan"),
        ("Lok-Tuan", "kelurahan", "Loktuan"),
        ("loktua", "kelurahan", "Loktuan"),
        ("contoh utara", "kecamatan", "Contoh Utara"),
        ("Bhayangkara", "street", "Jalan Bhayangkara"),
        ("jl bhayangkara", "street", "Jalan Bhayangkara"),
        ("Jl. Bayangkara", "street", "Jalan Bhayangkara"),
        ("Jl. Bhayangkara No. 12 RT 3", "street", "Jalan Bhayangkara"),
        ("jalan bhayangkara nomor 7a", "street", "Jalan Bhayangkara"),
        ("Jalan Bhayangkara, RT 03, Api-api, Kota Contoh", "street", "Jalan Bhayangkara"),
        ("masjid al ikhlas", "landmark", "Masjid Al-Ikhlas, Api-api"),
        ("masjid raya", "landmark", "Masjid Al-Ikhlas, Api-api"),
        ("pasar rawa indah", "landmark", "Pasar Rawa Indah, Loktuan"),
        ("pasar rawa indah loktuan", "landmark", "Pasar Rawa Indah, Loktuan"),
        ("RT 03 Api-api", "rt", "RT 03 Api-api"),
        ("rt 03 api api", "rt", "RT 03 Api-api"),
    ],
)
def test_names_in_any_spelling(search: Search, q: str, kind: str, label: str) -> None:
    found = search(q)
    assert found["notice"] is None
    first = found["results"][0]
    assert (first["kind"], first["label"]) == (kind, label)
    west, south, east, north = first["bbox"]
    assert west <= first["lon"] <= east
    assert south <= first["lat"] <= north


def test_a_street_of_several_pieces_is_one_result(search: Search) -> None:
    assert [item["kind"] for item in search("Bhayangkara")["results"]].count("street") == 1


@pytest.mark.parametrize(
    ("q", "first"),
    [("jl. mawar", "Jalan Mawar"), ("Jalan Mawar", "Jalan Mawar"), ("gg mawar", "Gang Mawar"), ("mawar", "Gang Mawar")],
)
def test_a_lane_and_a_street_of_one_name(
    session: Session, client: FlaskClient, tmp_path: Path, q: str, first: str
) -> None:
    def add(roads: list[Any]) -> None:
        roads += [dict(roads[0], name="Gang Mawar"), dict(roads[0], name="Jalan Mawar")]

    service.load(write_places(tmp_path / "city.gpkg", changed("roads", add)))
    found = client.get("/api/v1/search", query_string={"q": q}).get_json()["results"]
    assert [item["label"] for item in found][:2] == [first, *({"Gang Mawar", "Jalan Mawar"} - {first})]


def test_an_alias_does_not_double_a_place(search: Search) -> None:
    assert [item["label"] for item in search("api api")["results"]].count("Api-api") == 1


@pytest.mark.parametrize(
    "q", ["", "   ", "zzzzqqqq", "%", "_", "\\", "'; DROP TABLE area; --", "😀", "-", "Kelurahan", "x" * 1900]
)
def test_nothing_found_is_an_empty_list(search: Search, q: str) -> None:
    assert search(q) == {"results": [], "notice": None}


@pytest.mark.parametrize(
    "q",
    [
        "17070101000001",
        " 1707 0101 000001 ",
        "17.07.01.01.000001",
        "17070101-000001",
        "NIB 17070101000001",
        "NIB tanah 17070101000001",
        "nib: 17.07.01.01.000001",
        "No. Bidang 17070101000001",
        "nomor bidang tanah 17070101000001",
    ],
)
def test_a_parcel_by_its_number(search: Search, q: str) -> None:
    found = search(q)
    assert [(item["kind"], item["id"]) for item in found["results"]] == [("parcel", "17070101000001")]
    assert found["results"][0]["bbox"] == pytest.approx([117.48, 0.12, 117.4802, 0.1202])


@pytest.mark.parametrize(
    ("q", "code"),
    [
        ("1234567890123", "business_number"),
        ("1234 5678 90123", "business_number"),
        ("99999999999999", "unknown_parcel"),
        ("12345678", "unknown_parcel"),
        ("https://maps.app.goo.gl/AbCdEf", "short_link"),
    ],
)
def test_numbers_and_links_that_are_something_else_are_explained(search: Search, q: str, code: str) -> None:
    found = search(q)
    assert found["results"] == []
    assert found["notice"]["code"] == code
    assert len(found["notice"]["text"]) > 40


@pytest.mark.parametrize(
    ("q", "lon", "lat"),
    [
        ("0.125, 117.483", 117.483, 0.125),
        ("117.483, 0.125", 117.483, 0.125),
        ("0,125 117,483", 117.483, 0.125),
        ("0°7'30\"N 117°28'58.8\"E", 117.483, 0.125),
        ("https://www.google.com/maps/@0.125,117.483,17z", 117.483, 0.125),
        ("4FFM+26 Kota Contoh", 117.4830625, 0.1225625),
    ],
)
def test_positions(search: Search, q: str, lon: float, lat: float) -> None:
    found = search(q)
    [item] = found["results"]
    assert item["kind"] == "coordinates"
    assert (item["lon"], item["lat"]) == pytest.approx((lon, lat), abs=1e-9)
    assert found["notice"] is None


def test_a_position_elsewhere_says_so(search: Search) -> None:
    found = search("-6.2, 106.8")
    assert [(item["lon"], item["lat"]) for item in found["results"]] == [(106.8, -6.2)]
    assert found["notice"]["code"] == "outside_region"


def test_where_a_point_lies(search: Search) -> None:
    at = service.territory().at
    found = at(117.481, 0.121)
    assert found is not None
    assert (found.level, found.name, found.code, found.parent_name) == (
        "kelurahan",
        "Api-api",
        "99.01.01.1001",
        "Contoh Utara",
    )
    border = at(117.485, 0.125)
    assert border is not None
    assert border.code == "99.01.01.1001"
    sea = at(117.495, 0.125)
    assert sea is not None
    assert (sea.level, sea.name) == ("sea", "Laut Contoh")
    assert at(117.52, 0.125) is None
