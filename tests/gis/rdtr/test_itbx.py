"""Cells are read with their slips, annexes with their headings; what is doubtful decides nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import VocabularyError
from gis.rdtr.itbx import Verdict, parse_cell, read_itbx

CONDITIONS = [f"{letter}{number}" for letter in "TB" for number in range(1, 10)]


@pytest.mark.parametrize(
    ("value", "verdict", "conditions"),
    [
        ("I", Verdict.ALLOWED, ()),
        ("X", Verdict.FORBIDDEN, ()),
        ("T1,T3", Verdict.LIMITED, ("T1", "T3")),
        ("B1", Verdict.CONDITIONAL, ("B1",)),
        ("T1,B2", Verdict.LIMITED_CONDITIONAL, ("T1", "B2")),
        ("", Verdict.UNDECIDED, ()),
        (None, Verdict.UNDECIDED, ()),
        ("-", Verdict.UNDECIDED, ()),
    ],
)
def test_cells_of_the_form(value: Any, verdict: Verdict, conditions: tuple[str, ...]) -> None:
    cell = parse_cell(value)
    assert (cell.verdict, cell.conditions, cell.warnings) == (verdict, conditions, ())


@pytest.mark.parametrize(
    ("value", "verdict", "conditions", "warning"),
    [
        (" B1", Verdict.CONDITIONAL, ("B1",), "cell_blank"),
        ("T1, B1,B2", Verdict.LIMITED_CONDITIONAL, ("T1", "B1", "B2"), "cell_blank"),
        ("B1.B2", Verdict.CONDITIONAL, ("B1", "B2"), "cell_separator"),
        ("T1;B2", Verdict.LIMITED_CONDITIONAL, ("T1", "B2"), "cell_separator"),
        ("i", Verdict.ALLOWED, (), "cell_case"),
        ("B1,B1", Verdict.CONDITIONAL, ("B1",), "cell_repeated"),
        ("I,B1", Verdict.UNDECIDED, (), "cell_contradiction"),
        ("I,X", Verdict.UNDECIDED, (), "cell_contradiction"),
        ("T", Verdict.UNDECIDED, (), "cell_unknown"),
        ("B0", Verdict.UNDECIDED, (), "cell_unknown"),
        ("boleh", Verdict.UNDECIDED, (), "cell_unknown"),
        ("T1,?", Verdict.UNDECIDED, (), "cell_unknown"),
        ("Ié", Verdict.UNDECIDED, (), "cell_unknown"),
    ],
)
def test_slips_are_read_and_warned_about(
    value: str, verdict: Verdict, conditions: tuple[str, ...], warning: str
) -> None:
    cell = parse_cell(value)
    assert (cell.verdict, cell.conditions) == (verdict, conditions)
    assert warning in [problem.code for problem in cell.warnings]
    assert all(problem.params["found"] == value for problem in cell.warnings)


@given(
    codes=st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=5, unique=True),
    separators=st.lists(st.sampled_from([",", ", ", ".", ";", " ", " , "]), min_size=4, max_size=4),
)
def test_separators_never_change_the_meaning(codes: list[str], separators: list[str]) -> None:
    text = codes[0] + "".join(separator + code for separator, code in zip(separators, codes[1:], strict=False))
    cell = parse_cell(text)
    assert cell.conditions == tuple(codes)
    assert cell.verdict is parse_cell(",".join(codes)).verdict


@given(st.text(max_size=12))
def test_no_text_breaks_it_and_only_known_codes_decide(text: str) -> None:
    cell = parse_cell(text)
    assert set(cell.conditions) <= {f"{letter}{number}" for letter in "TB" for number in range(1, 100)}
    if cell.verdict in (Verdict.ALLOWED, Verdict.FORBIDDEN):
        assert {letter for letter in text.upper() if letter.isalnum()} in ({"I"}, {"X"})


@pytest.fixture
def annex(tmp_path: Path) -> Path:
    """A small annex in the form in which they are published."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in [
        [None, None, None, "LAMPIRAN IV"],
        ["TABEL KETENTUAN KEGIATAN DAN PENGGUNAAN LAHAN"],
        [],
        ["No", "Kode", "Kegiatan", "Zona Lindung", None, "Zona Budi Daya", None],
        [None, None, None, "Badan Air", "Ruang Terbuka Hijau", "Zona Perumahan", None],
        [None, None, None, None, "Taman Kota", "Kepadatan Tinggi", "Kepadatan Sedang"],
        [None, None, None, "BA", "RTH-2", "R-2", "R-3"],
        ["A", None, "PERTANIAN"],
        [1, "01111", "Pertanian  Jagung", "X", "X", " B1", "T1,T3"],
        [2, 96200, "Penatu", "X", "X", "I", "B1.B2"],
        [1795, "-", "Tempat peribadatan", "X", None, "I", "I"],
        [],
        ["I : Diizinkan"],
        ["T1 : Terbatas luas 20%"],
        ["B1 : Bersyarat izin warga; "],
        ["X : Tidak diperbolehkan"],
    ]:
        sheet.append(row)
    sheet.merge_cells("D4:E4")
    sheet.merge_cells("A2:G2")
    path = tmp_path / "itbx.xlsx"
    workbook.save(path)
    return path


def test_an_annex_is_read_below_its_headings(annex: Path) -> None:
    table = read_itbx(annex)
    assert table.subzones == ("BA", "RTH-2", "R-2", "R-3")
    assert table.names == {
        "BA": "Badan Air", "RTH-2": "Taman Kota", "R-2": "Kepadatan Tinggi", "R-3": "Kepadatan Sedang",
    }  # fmt: skip
    assert [activity.title for activity in table.activities] == ["Pertanian Jagung", "Penatu", "Tempat peribadatan"]
    # A running number of four digits is not a code.
    assert [activity.kbli for activity in table.activities] == ["01111", "96200", None]
    assert table.activities[0].cells["R-2"].conditions == ("B1",)
    assert table.activities[0].raw["R-2"] == " B1"
    assert table.activities[2].cells["RTH-2"].verdict is Verdict.UNDECIDED
    assert table.conditions == {"T1": "Terbatas luas 20%", "B1": "Bersyarat izin warga;"}
    assert [(row, code, problem.code) for row, code, problem in table.warnings()] == [
        (9, "R-2", "cell_blank"),
        (10, "R-3", "cell_separator"),
    ]


def test_a_table_without_sub_zones_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(VocabularyError) as caught:
        read_itbx(path)
    assert caught.value.code == "table_heading"
    (tmp_path / "b.xlsx").write_bytes(b"not a workbook")
    with pytest.raises(VocabularyError) as caught:
        read_itbx(tmp_path / "b.xlsx")
    assert caught.value.code == "table_unreadable"
