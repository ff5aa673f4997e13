"""Figures with points and commas; what is not stated stays unstated; one rule per road class."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import VocabularyError
from gis.rdtr.intensity import read_intensity
from gis.rdtr.tables import number_or_none, read_number


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("60", 60.0), ("2.4", 2.4), ("2,4", 2.4), ("1.234,5", 1234.5), ("12.345.678,9", 12345678.9),
        (" 22,5 ", 22.5), ("-", None), ("–", None), ("", None), (None, None), (5, 5.0), (float("nan"), None),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(value: object, number: float | None) -> None:
    assert read_number(value) == number


@pytest.mark.parametrize("value", ["3 lantai", "1,234.5", "12..5", "sesuai", "10%"])
def test_what_is_no_number_is_not_guessed(value: str) -> None:
    with pytest.raises(ValueError, match=value):
        read_number(value)
    assert number_or_none(value) is None


@given(st.floats(-1e6, 1e6).map(lambda number: round(number, 3)))
def test_point_and_comma_mean_the_same(number: float) -> None:
    text = f"{number:.3f}"
    assert read_number(text) == read_number(text.replace(".", ",")) == float(text)


def test_a_table_per_sub_zone(tmp_path: Path) -> None:
    path = tmp_path / "intensitas.csv"
    path.write_text(
        "Zona,SubZona,Jenis,KDB Maks (%),KDH Min (%),KLB Maks,KTB Maks (%),Luas Kavling Min (m2)\n"
        "Zona Lindung,Badan Air,-,,,,,\n"
        'Zona Budidaya,Pariwisata,"persil di\n sebelah barat",50.0,40.0,"2,4",,\n'
        "Zona Budidaya,Perumahan Kepadatan Tinggi,-,80,20,lihat peta,60,120.0\n",
        encoding="utf-8",
    )
    table = read_intensity(path)
    water, tourism, housing = table.rules
    assert (water.subzone, water.zone, water.applies, water.kdb_max_pct) == ("Badan Air", "Zona Lindung", None, None)
    assert (tourism.applies, tourism.klb_max_ratio) == ("persil di sebelah barat", 2.4)
    assert (housing.kdb_max_pct, housing.ktb_max_pct, housing.lot_min_m2, housing.klb_max_ratio) == (80, 60, 120, None)
    ((row, problem),) = table.problems
    assert row == 4
    assert problem.params == {"found": "lihat peta", "column": "KLB Maks"}


def test_a_table_per_road_class(tmp_path: Path) -> None:
    path = tmp_path / "tata_bangunan.csv"
    path.write_text(
        "Sub Zona,Jenis,Tinggi Bangunan Maks. (m) - Arteri,Tinggi Bangunan Maks. (m) - Lokal,"
        "Lantai Bangunan Maks. - Arteri,Lantai Bangunan Maks. - Lokal,"
        "Garis Sempadan Bangunan Min. (m) - Arteri,Garis Sempadan Bangunan Min. (m) - Lokal,"
        "Jarak Bebas Samping Min. (m),Jarak Bebas Belakang Min. (m),Tampilan Bangunan,Keterangan\n"
        "Zona Lindung - Badan Air,-,-,-,-,-,-,-,-,-,-,-\n"
        'Zona Budidaya - SPU Skala Kota,-,16,12,3 lantai,2 lantai,"22,5",12.5,1,1,"a) Atap.\n b) Motif.",-\n',
        encoding="utf-8",
    )
    water, arterial, local = read_intensity(path).rules
    assert (water.road_class, water.gsb_min_m, water.zone) == (None, None, "Zona Lindung")
    assert (arterial.road_class, arterial.height_max_m, arterial.floors_max, arterial.gsb_min_m) == (
        "arteri",
        16,
        3,
        22.5,
    )
    assert (local.road_class, local.height_max_m, local.floors_max, local.gsb_min_m) == ("lokal", 12, 2, 12.5)
    assert arterial.side_min_m == local.side_min_m == 1
    assert (local.appearance, local.remark) == ("a) Atap. b) Motif.", None)


def test_a_table_without_heading_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(VocabularyError) as caught:
        read_intensity(path)
    assert caught.value.code == "table_heading"
