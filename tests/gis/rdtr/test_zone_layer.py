"""Records of zones, from official and from other layers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import VocabularyError
from gis.rdtr.codes import CodeList, Subzone
from gis.rdtr.columns import OFFICIAL_COLUMNS, Overlay
from gis.rdtr.mapping import LayerMapping
from gis.rdtr.overlays import OverlayStatus
from gis.rdtr.zone_layer import area_problem, check_columns, codes_of_layer, read_zone

CODES = CodeList([Subzone("R-2", "32103200", "Perumahan Kepadatan Tinggi"), Subzone("KS", None, "Konservasi")])
OTHER = LayerMapping.parse('[columns]\nsubzone = "Hirarki_3"\n[codes]\n"Kawasan Pelestarian Alam" = "KS"\n')
VERBATIM = LayerMapping.parse('unmapped = "verbatim"\n[columns]\nsubzone = "Hirarki_3"\n')


def test_an_official_feature() -> None:
    record = read_zone(
        {
            "NAMSZN": 32103200.0, "KODSZN": "32103200", "KODBLK": "II.A.1", "KODSBL": " ", "WADMKD": "Gunung Elai",
            "KRB_03": "Rawan Banjir", "LP2B_2": "Tidak Ada", "KKOP_1": None, "REMARK": "R-2", "LUASHA": "1,25",
        },
        CODES,
    )  # fmt: skip
    assert (record.subzone_code, record.code_known) == ("R-2", True)
    assert (record.block, record.sub_block, record.kelurahan) == ("II.A.1", None, "Gunung Elai")
    assert record.legal_area_ha == 1.25
    assert record.overlays[Overlay.KRB_03].value == "Rawan Banjir"
    assert record.overlays[Overlay.LP2B_2].status is OverlayStatus.DOES_NOT_APPLY
    assert record.overlays[Overlay.KKOP_1].status is OverlayStatus.NOT_CHECKED
    assert len(record.overlays) == 14
    assert record.problems == ()


def test_an_unreadable_legal_area_is_not_stated_and_reported() -> None:
    record = read_zone({"KODSZN": "R-2", "LUASHA": "kurang lebih 2"}, CODES)
    assert record.legal_area_ha is None
    assert [problem.code for problem in record.problems] == ["number_unreadable"]


@given(
    st.dictionaries(
        st.sampled_from(OFFICIAL_COLUMNS),
        st.one_of(st.none(), st.text(max_size=10), st.integers(), st.floats(), st.booleans()),
    )
)
def test_whatever_a_layer_holds_a_record_comes_of_it(properties: dict[str, Any]) -> None:
    before = repr(properties)
    record = read_zone(properties, CODES)
    assert repr(properties) == before
    assert (record.subzone_code in ("R-2", "KS")) >= record.code_known
    assert record.code_known or record.problems


def test_a_mapped_layer() -> None:
    record = read_zone({"Hirarki_3": "kawasan pelestarian  alam"}, CODES, OTHER)
    assert (record.subzone_code, record.code_known, record.problems) == ("KS", True, ())
    unmapped = read_zone({"Hirarki_3": "Kawasan Industri"}, CODES, OTHER)
    assert (unmapped.subzone_code, unmapped.code_known) == ("Kawasan Industri", False)
    assert [problem.code for problem in unmapped.problems] == ["value_unmapped"]
    empty = read_zone({"Hirarki_3": None}, CODES, OTHER)
    assert [problem.code for problem in empty.problems] == ["code_missing"]


def test_the_layers_own_text_can_be_the_code() -> None:
    rows = [{"Hirarki_3": "Kawasan Industri"}, {"Hirarki_3": "Kawasan Militer"}, {"Hirarki_3": "Kawasan Industri"}]
    codes = codes_of_layer(rows, VERBATIM)
    assert [subzone.code for subzone in codes.subzones] == ["Kawasan Industri", "Kawasan Militer"]
    record = read_zone(rows[1], codes, VERBATIM)
    assert (record.subzone_code, record.code_known, record.problems) == ("Kawasan Militer", True, ())
    with pytest.raises(VocabularyError):
        codes_of_layer(rows, OTHER)


def test_other_columns_can_be_named() -> None:
    mapping = LayerMapping.parse('[columns]\nblock = "BLOK"\nKRB_03 = "BENCANA"\nlegal_area_ha = "luas_ha"\n')
    record = read_zone({"KODSZN": "R-2", "BLOK": "A2", "BENCANA": "Ya", "luas_ha": 2}, CODES, mapping)
    assert (record.subzone_code, record.block, record.legal_area_ha) == ("R-2", "A2", 2.0)
    assert record.overlays[Overlay.KRB_03].value == "Ya"
    missing = check_columns(["KODSZN", "blok", "luas_ha"], mapping)
    assert [problem.params["column"] for problem in missing] == ["BENCANA"]


@pytest.mark.parametrize(
    "text",
    [
        "[columns",
        '[columns]\nsub_zone = "A"',
        '[colums]\nsubzone = "A"',
        "[codes]\na = 1",
        'unmapped = "guess"',
        'columns = "A"',
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(VocabularyError) as caught:
        LayerMapping.parse(text)
    assert caught.value.code == "mapping_invalid"


def test_a_mapping_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "peta.toml"
    path.write_text('[columns]\nsubzone = "Hirarki_3"\n', encoding="utf-8")
    assert LayerMapping.read(path).column("subzone") == "Hirarki_3"
    assert LayerMapping.read(path).column("block") == "KODBLK"
    with pytest.raises(VocabularyError):
        LayerMapping.read(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("legal", "measured_m2", "differs"),
    [
        (1.0, 10_000, False),
        (1.0, 10_099, False),
        (1.0, 10_102, True),
        (1.0, 9_898, True),
        (0.0, 5, True),
        (None, 5, False),
    ],
)
def test_a_stated_area_off_by_more_than_one_per_cent_is_pointed_out(
    legal: float | None, measured_m2: float, differs: bool
) -> None:
    assert (area_problem(legal, measured_m2) is not None) is differs
