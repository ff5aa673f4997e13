"""Rule tables: what is wrong is named by file, row and column; nothing is filled in, nothing half loaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy.orm import Session

from app.config import REPOSITORY
from app.errors import Conflict, Unprocessable
from app.plans import editing
from tests.factories.plans import RULES, import_zones, publish_zones, row_of_zones, write_rules

Rows = Callable[..., list[tuple[Any, ...]]]
INTENSITY = RULES["intensity.csv"].splitlines()[0]


def replaced(table: str, old: str, new: str) -> dict[str, str]:
    """The rules with one table changed in one place."""
    content = RULES[f"{table}.csv"]
    assert content.count(old) == 1, (table, old)
    return {table: content.replace(old, new)}


def appended(table: str, row: str) -> dict[str, str]:
    """The rules with one more row in one table."""
    return {table: RULES[f"{table}.csv"] + row + "\n"}


def intensity(**cells: str) -> dict[str, str]:
    """One row of intensity, in row 2, of which only these cells are filled."""
    named = {"subzone_code": "R-2", **cells}
    return {"intensity": INTENSITY + "\n" + ",".join(named.get(column, "") for column in INTENSITY.split(",")) + "\n"}


WRONG: list[tuple[dict[str, str], tuple[str, ...]]] = [
    (replaced("subzones", "#ff6464", "merah"), ("subzones.csv", "3", "colour", "merah")),
    (replaced("subzones", "#ff6464", "#ff646g"), ("subzones.csv", "3", "colour", "#ff646g")),
    (
        replaced("subzones", "budi daya,#ff6464,true", "budi daya,#ff6464,ya"),
        ("subzones.csv", "3", "colour_official", "ya"),
    ),
    (replaced("subzones", "K-1,32112100", "r-2,32112100"), ("subzones.csv", "3", "code", "r-2")),
    (replaced("subzones", "RTH-2,31031200", "RTH-2,32112100"), ("subzones.csv", "4", "domain_code", "32112100")),
    (replaced("subzones", "K-1,32112100", ",32112100"), ("subzones.csv", "3", "code")),
    (replaced("subzones", "Taman Kota", ""), ("subzones.csv", "4", "name")),
    (replaced("subzones", ",colour_official", ",official"), ("subzones.csv", "colour_official")),
    (
        {"subzones": RULES["subzones.csv"].replace("R-2,,Perumahan Kepadatan Tinggi,", "R-2,,Perumahan, tinggi,")},
        ("subzones.csv", "2", "8", "7"),
    ),
    (appended("conditions", "T1,limited,Lagi,"), ("conditions.csv", "3", "code", "T1")),
    (appended("conditions", "B1,bersyarat,Lagi,"), ("conditions.csv", "3", "kind", "bersyarat")),
    (appended("conditions", "B1,limited,Lagi,"), ("conditions.csv", "3", "kind", "limited")),
    (appended("conditions", "B1,conditional,,"), ("conditions.csv", "3", "text")),
    (appended("activities", "warung,,,Lagi,,x,"), ("activities.csv", "4", "activity_id", "warung")),
    (appended("activities", "kios,471x2,2020,Kios,,x,"), ("activities.csv", "4", "kbli", "471x2")),
    (appended("activities", "kios,47112,,Kios,,x,"), ("activities.csv", "4", "kbli_edition")),
    (appended("activities", "kios,,,,,x,"), ("activities.csv", "4", "title")),
    (replaced("itbx", "warung,T1,I,X", "warung,T2,I,X"), ("itbx.csv", "2", "R-2", "T2")),
    (replaced("itbx", "warung,T1,I,X", "warung,T1,Y,X"), ("itbx.csv", "2", "K-1", "Y")),
    (replaced("itbx", "warung,T1,I,X", 'warung,T1,I,"X,T1"'), ("itbx.csv", "2", "RTH-2", "X,T1")),
    (replaced("itbx", ",RTH-2", ",RTH-9"), ("itbx.csv", "1", "RTH-9")),
    (replaced("itbx", ",RTH-2", ",K-1"), ("itbx.csv", "1", "K-1")),
    (appended("itbx", "salon,I,I,I"), ("itbx.csv", "4", "activity_id", "salon")),
    (appended("itbx", "rumah,X,X,X"), ("itbx.csv", "4", "activity_id", "rumah")),
    (appended("itbx", "\nsalon,I,I,I"), ("itbx.csv", "5", "activity_id", "salon")),
    (intensity(subzone_code="R-9"), ("intensity.csv", "2", "subzone_code", "R-9")),
    (intensity(kdb_max_pct="60%"), ("intensity.csv", "2", "kdb_max_pct", "60%")),
    (intensity(klb_max_ratio='"1,8"'), ("intensity.csv", "2", "klb_max_ratio", "1,8")),
    (intensity(kdh_min_pct="nan"), ("intensity.csv", "2", "kdh_min_pct", "nan")),
    (intensity(gsb_min_m="inf"), ("intensity.csv", "2", "gsb_min_m", "inf")),
    (intensity(gsb_min_m="-5"), ("intensity.csv", "2", "gsb_min_m", "-5")),
    (intensity(floors_max="2.5"), ("intensity.csv", "2", "floors_max", "2.5")),
    (intensity(road_class="tol"), ("intensity.csv", "2", "road_class", "tol")),
    (intensity(lot_min_m2="200", lot_max_m2="100"), ("intensity.csv", "2", "lot_max_m2", "100")),
    (appended("overlays", "KRB_3,x,*,,"), ("overlays.csv", "3", "kind", "KRB_3")),
    (appended("overlays", "KRB_03,x,Banjir,,"), ("overlays.csv", "3", "class", "Banjir")),
    (appended("overlays", "KRB_03,x,,,"), ("overlays.csv", "3", "class")),
    (appended("articles", "Pasal contoh 3,x,y"), ("articles.csv", "3", "number", "Pasal contoh 3")),
    (appended("articles", '"Pasal contoh 4,x,y'), ("articles.csv",)),
]


@pytest.fixture
def draft(session: Session, tmp_path: Path) -> int:
    """A draft with rules."""
    outcome = import_zones(tmp_path, row_of_zones())
    editing.load_rules("rdtr", outcome.seq, write_rules(tmp_path))
    return outcome.seq


@pytest.mark.parametrize(("changed", "words"), WRONG, ids=["-".join(words)[:40] for _, words in WRONG])
def test_an_error_names_file_row_and_column_and_leaves_the_rules_as_they_were(
    session: Session,
    tmp_path: Path,
    draft: int,
    rows: Rows,
    ruang: Any,
    changed: dict[str, str],
    words: tuple[str, ...],
) -> None:
    counted = (
        "SELECT (SELECT count(*) FROM subzone), (SELECT count(*) FROM permitted_use), (SELECT count(*) FROM article)"
    )
    before = rows(counted)
    result: Result = ruang("plans", "rules", write_rules(tmp_path, **changed), "--plan", "rdtr", "--version", draft)
    assert result.exit_code == 2, result.output
    for word in words:
        assert word in result.output
    assert rows(counted) == before


def test_a_folder_without_a_code_list(session: Session, tmp_path: Path, draft: int) -> None:
    rules = write_rules(tmp_path)
    (rules / "subzones.csv").unlink()
    with pytest.raises(Unprocessable, match=r"subzones\.csv"):
        editing.load_rules("rdtr", draft, rules)


def test_a_table_in_another_encoding(session: Session, tmp_path: Path, draft: int) -> None:
    rules = write_rules(tmp_path)
    (rules / "articles.csv").write_bytes("number,title,text\nPasal 1,é,x\n".encode("latin-1"))
    with pytest.raises(Unprocessable, match=r"articles\.csv.*UTF-8"):
        editing.load_rules("rdtr", draft, rules)


def test_what_a_table_leaves_empty_stays_empty(session: Session, draft: int, rows: Rows) -> None:
    assert rows(
        "SELECT kdb_max_pct, klb_max_ratio, ktb_max_pct, side_min_m, lot_max_m2, floors_max FROM intensity_rule"
        " ORDER BY position"
    ) == [(60.0, 1.8, None, None, None, 3), (70.0, 1.4, None, None, 200.0, 2)]
    assert rows("SELECT verdict, cell FROM permitted_use WHERE activity_id = 'rumah' AND subzone_code = 'K-1'") == [
        ("undecided", "")
    ]
    assert rows("SELECT kbli, kbli_edition FROM activity WHERE activity_id = 'rumah'") == [([], None)]


def test_a_cell_is_kept_as_it_stands_beside_what_it_was_read_as(
    session: Session, tmp_path: Path, draft: int, rows: Rows
) -> None:
    changed = replaced("itbx", "warung,T1,I,X", 'warung," t1, B1.B2 ",I,X') | {
        "conditions": RULES["conditions.csv"] + "B1,conditional,Izin tetangga,\nB2,conditional,Parkir,Pasal contoh 3\n"
    }
    editing.load_rules("rdtr", draft, write_rules(tmp_path, **changed))
    found = rows(
        "SELECT cell, verdict, conditions FROM permitted_use WHERE activity_id = 'warung' AND subzone_code = 'R-2'"
    )
    assert found == [("t1, B1.B2", "limited_conditional", ["T1", "B1", "B2"])]


def test_loading_again_replaces_all_rules(session: Session, tmp_path: Path, draft: int, rows: Rows) -> None:
    counts = editing.load_rules("rdtr", draft, write_rules(tmp_path, overlays="kind,name,class,text,article\n"))
    assert counts == {
        "subzone": 3,
        "use_condition": 1,
        "activity": 2,
        "permitted_use": 6,
        "intensity_rule": 2,
        "overlay_rule": 0,
        "article": 1,
    }
    assert rows("SELECT count(*) FROM overlay_rule") == [(0,)]


def test_spreadsheets_save_with_a_mark_blank_rows_and_windows_line_ends(
    session: Session, tmp_path: Path, draft: int, rows: Rows
) -> None:
    rules = write_rules(tmp_path)
    text = "\ufeff" + RULES["articles.csv"] + ',,\n\nPasal contoh 4,Judul,"Baris satu\nbaris dua"\n'
    (rules / "articles.csv").write_bytes(text.replace("\n", "\r\n").encode())
    editing.load_rules("rdtr", draft, rules)
    assert [row[0] for row in rows("SELECT number FROM article ORDER BY position")] == [
        "Pasal contoh 3",
        "Pasal contoh 4",
    ]


def test_correspondences_of_editions(session: Session, tmp_path: Path, draft: int, rows: Rows, ruang: Any) -> None:
    rules = write_rules(tmp_path)
    table = rules / "kbli_correspondence.csv"
    table.write_text(
        "from_edition,from_code,to_edition,to_code,note\n2020,47112,2025,47119,\n2020,47112,2025,47118,pecah\n"
    )
    editing.load_rules("rdtr", draft, rules)
    editing.load_rules("rdtr", draft, rules)
    assert rows("SELECT to_code, note FROM kbli_correspondence ORDER BY 1") == [("47118", "pecah"), ("47119", None)]
    table.write_text("from_edition,from_code,to_edition,to_code,note\n2020,47112,,47119,\n")
    result = ruang("plans", "rules", rules, "--plan", "rdtr", "--version", draft)
    assert result.exit_code == 2
    assert all(word in result.output for word in ("kbli_correspondence.csv", "2", "to_edition"))


def test_rules_of_a_published_version_are_closed(session: Session, tmp_path: Path) -> None:
    outcome = publish_zones(tmp_path)
    with pytest.raises(Conflict):
        editing.load_rules("rdtr", outcome.seq, write_rules(tmp_path))


@pytest.mark.parametrize("folder", sorted((REPOSITORY / "data").glob("*/rules_*")), ids=lambda folder: folder.name)
def test_the_rules_that_come_with_a_city_can_be_loaded(session: Session, draft: int, folder: Path) -> None:
    counts = editing.load_rules("rdtr", draft, folder)
    assert all(counts.values()), counts
