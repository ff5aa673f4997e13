"""Three answers, never two; all fourteen overlays, always."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.rdtr.columns import OFFICIAL_COLUMNS, Overlay, as_text, missing_columns
from gis.rdtr.overlays import OverlayStatus, overlay_of, read_overlay, read_overlays, read_special_provisions


@pytest.mark.parametrize("value", [None, "", "   ", float("nan")])
def test_empty_means_that_nobody_checked(value: Any) -> None:
    found = read_overlay(Overlay.KRB_03, value)
    assert (found.status, found.value) == (OverlayStatus.NOT_CHECKED, None)


@pytest.mark.parametrize("value", ["Tidak Ada", "tidak ada", "TIDAK  ADA", " TidakAda ", "Tidak\tada"])
def test_tidak_ada_means_that_it_does_not_apply(value: str) -> None:
    found = read_overlay(Overlay.KRB_03, value)
    assert (found.status, found.value) == (OverlayStatus.DOES_NOT_APPLY, None)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Ya", "Ya"),
        ("Ada", "Ada"),
        ("Rawan Banjir Tinggi", "Rawan Banjir Tinggi"),
        ("Tidak", "Tidak"),
        (3.0, "3"),
        (" K09B ", " K09B "),
    ],
)
def test_anything_else_applies_verbatim(value: Any, shown: str) -> None:
    found = read_overlay(Overlay.KSMPDN, value)
    assert (found.status, found.value) == (OverlayStatus.APPLIES, shown)


@given(st.dictionaries(st.sampled_from(OFFICIAL_COLUMNS), st.one_of(st.none(), st.text(max_size=12)), max_size=31))
def test_all_fourteen_are_always_listed_in_official_order(properties: dict[str, Any]) -> None:
    overlays = read_overlays(properties)
    assert list(overlays) == [Overlay(name) for name in OFFICIAL_COLUMNS if name in Overlay.__members__]
    assert len(overlays) == 14
    for kind, found in overlays.items():
        assert (found.value is not None) == (found.status is OverlayStatus.APPLIES)
        assert (found.status is OverlayStatus.NOT_CHECKED) == (as_text(properties.get(kind.value)) is None)


def test_column_names_in_another_case_are_the_same_columns() -> None:
    assert read_overlays({"krb_03": "Ya"})[Overlay.KRB_03].status is OverlayStatus.APPLIES


def test_the_official_layer_has_31_columns() -> None:
    assert len(OFFICIAL_COLUMNS) == len(set(OFFICIAL_COLUMNS)) == 31
    assert missing_columns(name.lower() for name in OFFICIAL_COLUMNS) == []
    assert missing_columns(["NAMOBJ"])[:2] == ["NAMZON", "KODZON"]


def test_every_overlay_has_both_names() -> None:
    for kind in Overlay:
        assert kind.name_id
        assert kind.name_en
        assert kind.name_id != kind.name_en or kind is Overlay.KKARST
    assert len({kind.name_id for kind in Overlay}) == 14


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("TABEL KETENTUAN KHUSUS KAWASAN KESELAMATAN OPERASI PENERBANGAN", Overlay.KKOP_1),
        ("Ketentuan khusus kawasan rawan bencana", Overlay.KRB_03),
        ("Ketentuan khusus tempat evakuasi bencana", Overlay.TEB_05),
        ("KAWASAN SEMPADAN", Overlay.KSMPDN),
        ("Kawasan yang lain", None),
    ],
)
def test_headings_name_their_overlay(heading: str, kind: Overlay | None) -> None:
    assert overlay_of(heading) is kind


def test_a_table_of_special_provisions(tmp_path: Path) -> None:
    path = tmp_path / "ketentuan.csv"
    path.write_text(
        "Tabel,Kawasan Sempadan,Nama Sub-Zona,Kode SWP,Kode Blok,Luas (Ha),Ketentuan\n"
        'KETENTUAN KHUSUS KAWASAN SEMPADAN,Sempadan Sungai,Pariwisata,I.A,I.A.1,"1,10","1. Jarak\n2. Akses"\n'
        'KETENTUAN KHUSUS KAWASAN SEMPADAN,Total Sempadan Sungai (Ha),,,,"1,10",\n'
        ",,,,,,\n"
        "KETENTUAN KHUSUS KAWASAN SEMPADAN,Sempadan Pantai,Pariwisata,I.A,,lihat peta,\n",
        encoding="utf-8",
    )
    river, coast = read_special_provisions(path)
    assert (river.kind, river.name, river.area_ha, river.block) == (Overlay.KSMPDN, "Sempadan Sungai", 1.1, "I.A.1")
    assert river.text == "1. Jarak\n2. Akses"
    assert (coast.area_ha, coast.text) == (None, None)
