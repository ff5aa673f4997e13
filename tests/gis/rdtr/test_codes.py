"""A sub-zone is found however a layer spells it, and never where it contradicts itself."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import VocabularyError
from gis.rdtr.codes import CodeList, Subzone

TABLE = """code,domain_code,name,zone,group,colour,colour_official
BA,31010000,Badan Air,Badan Air,lindung,#97dbf2,true
R-2,,Perumahan Kepadatan Tinggi,Perumahan,budi daya,#ffdc00,true
R-4,32103400,Perumahan Kepadatan Rendah,Perumahan,budi daya,#fffa4b,true
PL-4,32106202,Instalasi Pengolahan Air Limbah (IPAL),Peruntukan Lainnya,budi daya,#888888,false
SS,,Sempadan Sungai,Perlindungan Setempat,lindung,,false
"""
CODES = CodeList.from_rows(csv.DictReader(io.StringIO(TABLE)))


@pytest.mark.parametrize(
    "properties",
    [
        {"KODSZN": "R-4"},
        {"KODSZN": " r-4 "},
        {"KODSZN": "r - 4"},
        {"KODSZN": "32103400"},
        {"KODSZN": "32103400.0"},
        {"KODSZN": 32103400},
        {"KODSZN": 32103400.0},
        {"kodszn": "R-4"},
        {"KODSZN": None, "NAMSZN": 32103400.0, "REMARK": "R-4"},
        {"KODSZN": "", "NAMSZN": "perumahan  kepadatan RENDAH"},
        {"REMARK": "R-4"},
        {"NAMZON": 32103000.0, "KODZON": 32103000.0, "NAMSZN": 32103400.0, "KODSZN": "32103400", "REMARK": "R-4"},
    ],
)
def test_every_spelling_of_a_sub_zone_is_read(properties: dict[str, Any]) -> None:
    match = CODES.match(properties)
    assert match.code == "R-4"
    assert match.problems == ()
    assert match.subzone is CODES["R-4"]


@given(
    code=st.sampled_from([subzone.code for subzone in CODES.subzones]),
    blanks=st.tuples(st.text(" \t", max_size=3), st.text(" \t", max_size=3)),
    lower=st.booleans(),
)
def test_case_and_blanks_never_matter(code: str, blanks: tuple[str, str], lower: bool) -> None:
    text = blanks[0] + (code.lower() if lower else code) + blanks[1]
    assert CODES.match({"KODSZN": text}).code == code


def test_a_zone_column_serves_when_it_names_a_sub_zone_by_itself() -> None:
    match = CODES.match({"NAMZON": 31010000.0, "KODSZN": None})
    assert (match.code, match.column) == ("BA", "NAMZON")


def test_letters_in_the_remark_help_a_number_that_the_list_lacks() -> None:
    match = CODES.match({"KODSZN": "32103200", "REMARK": "R-2"})
    assert (match.code, match.column, match.problems) == ("R-2", "REMARK", ())


def test_a_contradiction_chooses_no_code() -> None:
    match = CODES.match({"KODSZN": "R-2", "NAMSZN": 32103400.0})
    assert match.code is None
    (problem,) = match.problems
    assert problem.code == "code_contradiction"
    assert "KODSZN R-2" in problem.message
    assert "NAMSZN 32103400" in problem.message


def test_an_unknown_code_is_reported_and_not_lost() -> None:
    match = CODES.match({"KODSZN": " LS-9 ", "REMARK": "catatan"})
    assert match.subzone is None
    assert match.code == "LS-9"
    (problem,) = match.problems
    assert problem.code == "code_unknown"
    assert CODES.match({"KODSZN": 32999900.0}).code == "32999900"


def test_an_unknown_code_is_not_read_as_the_zone_around_it() -> None:
    match = CODES.match({"KODSZN": "ZZ", "NAMZON": "31010000"})
    assert (match.subzone, match.code) == (None, "ZZ")


@pytest.mark.parametrize("properties", [{}, {"KODSZN": None}, {"KODSZN": "  ", "REMARK": "tinjau ulang"}])
def test_a_feature_that_states_nothing_says_so(properties: dict[str, Any]) -> None:
    match = CODES.match(properties)
    assert match.code is None
    assert [problem.code for problem in match.problems] == ["code_missing"]


def test_the_list_keeps_what_it_is_given() -> None:
    assert len(CODES) == 5
    assert "r-2" in CODES
    assert "R-9" not in CODES
    assert CODES["BA"].colour_official
    assert CODES["SS"] == Subzone("SS", None, "Sempadan Sungai", "Perlindungan Setempat", "lindung", None, False)


def test_a_list_that_says_things_twice_is_refused() -> None:
    rows = [{"code": "R-2", "domain_code": "", "name": "a"}, {"code": "r-2", "domain_code": "", "name": "b"}]
    with pytest.raises(VocabularyError) as caught:
        CodeList.from_rows(rows)
    assert caught.value.code == "code_list_duplicate"
    with pytest.raises(VocabularyError) as caught:
        CodeList.from_rows([{"code": "R-2", "name": "a"}])
    assert caught.value.code == "code_list_column"


def test_a_name_that_stands_for_two_codes_says_nothing() -> None:
    codes = CodeList([Subzone("A", None, "Sama"), Subzone("B", None, "sama")])
    assert codes.find("Sama") is None
