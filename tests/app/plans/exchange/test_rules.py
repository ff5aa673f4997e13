"""Rule tables of a draft: a row in the grid, a workbook out and in, official forms, and back as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts.roles import Actor
from app.errors import Conflict, Forbidden, NotFound, Unprocessable
from app.plans.exchange import rule_editing
from app.plans.models import RULE_TABLES
from gis.errors import VocabularyError
from tests.app.plans.drafts.conftest import actor


def table(planner: Actor, name: str) -> rule_editing.RuleTable:
    return rule_editing.table(planner, "rdtr", name)


def change(planner: Actor, name: str, key: str | None, /, **values: str) -> rule_editing.RuleTable:
    return rule_editing.change_row(planner, "rdtr", name, key, values, table(planner, name).base)


@pytest.fixture
def book(draft: dict[str, Any], planner: Actor, tmp_path: Path) -> Any:
    """Downloads a table, lets a function change its sheet, and saves it."""

    def make(name: str, edit: Any = lambda sheet: None) -> Path:
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes(rule_editing.workbook(planner, "rdtr", name))
        workbook = openpyxl.load_workbook(path)
        edit(workbook[name])
        workbook.save(path)
        return path

    return make


@pytest.mark.parametrize("name", RULE_TABLES)
def test_a_workbook_sent_back_untouched_changes_nothing(book: Any, planner: Actor, name: str) -> None:
    proposal = rule_editing.propose(planner, "rdtr", name, book(name))
    assert proposal.changes == []
    assert proposal.rows == len(table(planner, name).rows) > 0


def test_a_cell_of_the_grid(draft: dict[str, Any], planner: Actor, session: Session) -> None:
    change(planner, "itbx", "warung", **{"K-1": "T1"})
    uses = text(
        "SELECT verdict, conditions FROM permitted_use JOIN plan_version v ON v.id = version_id"
        " WHERE v.state = 'draft' AND activity_id = 'warung' AND subzone_code = 'K-1'"
    )
    assert tuple(session.execute(uses).one()) == ("limited", ["T1"])
    log = session.execute(text("SELECT rule_table, kind, author FROM rule_change")).all()
    assert [tuple(row) for row in log] == [("itbx", "edit", "Ani")]
    audit = text("SELECT count(*) FROM audit_event WHERE action = 'rules_changed'")
    assert session.execute(audit).scalar() == 1
    published = text(
        "SELECT cell FROM permitted_use JOIN plan_version v ON v.id = version_id"
        " WHERE v.state = 'published' AND activity_id = 'warung' AND subzone_code = 'K-1'"
    )
    assert session.execute(published).scalar() == "I"


@pytest.mark.parametrize(
    ("name", "key", "values"),
    [
        ("itbx", "warung", {"K-1": "Q"}),
        ("itbx", "warung", {"K-1": "T9"}),
        ("intensity", "1", {"kdb_max_pct": "-5"}),
        ("intensity", "1", {"subzone_code": "XX"}),
        ("overlays", None, {"kind": "NOTHING", "name": "x", "class": "x"}),
        ("conditions", None, {"code": "T1", "kind": "limited", "text": "twice"}),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    draft: dict[str, Any], planner: Actor, name: str, key: str | None, values: dict[str, str]
) -> None:
    before = table(planner, name)
    with pytest.raises(Unprocessable):
        change(planner, name, key, **values)
    assert table(planner, name) == before


def test_a_condition_in_use_is_not_taken_out(draft: dict[str, Any], planner: Actor) -> None:
    with pytest.raises(Unprocessable, match="T1"):
        change(planner, "conditions", "T1")


def test_rows_are_added_and_taken_out(draft: dict[str, Any], planner: Actor) -> None:
    after = change(planner, "intensity", None, subzone_code="K-1", kdb_max_pct="80", article="Pasal contoh 9")
    assert after.rows["3"]["kdb_max_pct"] == "80"
    assert set(change(planner, "intensity", "1").rows) == {"1", "2"}


def test_a_stale_grid_is_refused(draft: dict[str, Any], planner: Actor, colleague: Actor) -> None:
    base = table(planner, "intensity").base
    change(colleague, "intensity", "1", kdb_max_pct="61")
    with pytest.raises(Conflict):
        rule_editing.change_row(planner, "rdtr", "intensity", "1", {"kdb_max_pct": "62"}, base)
    assert table(planner, "intensity").rows["1"]["kdb_max_pct"] == "61"


def test_a_stale_workbook_is_refused(book: Any, planner: Actor) -> None:
    path = book("intensity")
    change(planner, "intensity", "1", kdb_max_pct="61")
    with pytest.raises(Conflict):
        rule_editing.propose(planner, "rdtr", "intensity", path)


def test_a_workbook_is_compared_taken_and_put_back(book: Any, planner: Actor, session: Session) -> None:
    def edit(sheet: Any) -> None:
        sheet.cell(2, 7).value = 55  # kdb_max_pct: a number, as a spreadsheet makes of it
        sheet.delete_rows(3)

    before = table(planner, "intensity")
    path = book("intensity", edit)
    proposal = rule_editing.propose(planner, "rdtr", "intensity", path)
    assert [(item.key, item.fields, item.after is None) for item in proposal.changes] == [
        ("1", ["kdb_max_pct"], False),
        ("2", [], True),
    ]
    assert rule_editing.take(planner, "rdtr", "intensity", path, proposal.base) == 2
    assert [row["kdb_max_pct"] for row in table(planner, "intensity").rows.values()] == ["55"]
    change(planner, "intensity", "1", kdb_max_pct="56")
    first = session.execute(text("SELECT min(id) FROM rule_change")).scalar_one()
    rule_editing.restore(planner, "rdtr", "intensity", first)
    assert table(planner, "intensity") == before


def test_activities_come_back_in_their_order(book: Any, planner: Actor, session: Session) -> None:
    before = table(planner, "itbx")
    path = book("itbx", lambda sheet: sheet.delete_rows(2))
    rule_editing.take(planner, "rdtr", "itbx", path, before.base)
    assert list(table(planner, "itbx").rows) == ["rumah"]
    change_id = session.execute(text("SELECT max(id) FROM rule_change")).scalar_one()
    rule_editing.restore(planner, "rdtr", "itbx", change_id)
    assert table(planner, "itbx") == before
    assert list(table(planner, "itbx").rows) == list(before.rows)


def test_a_table_loaded_in_another_way_is_not_put_back_blindly(
    draft: dict[str, Any], planner: Actor, session: Session
) -> None:
    change(planner, "intensity", "1", kdb_max_pct="61")
    change_id = session.execute(text("SELECT max(id) FROM rule_change")).scalar_one()
    session.execute(
        text("DELETE FROM intensity_rule WHERE version_id = :v AND subzone_code = 'R-2' AND floors_max = 2"),
        {"v": draft["version_id"]},
    )
    with pytest.raises(Conflict):
        rule_editing.restore(planner, "rdtr", "intensity", change_id)


def test_bad_files(draft: dict[str, Any], planner: Actor, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(VocabularyError):
        rule_editing.propose(planner, "rdtr", "itbx", path)
    other = tmp_path / "x.doc"
    other.write_bytes(b"x")
    with pytest.raises(Unprocessable):
        rule_editing.propose(planner, "rdtr", "itbx", other)


def test_roles_and_names(draft: dict[str, Any], planner: Actor, session: Session) -> None:
    approver = actor(session, "approver", email="approver@example.org")
    base = table(approver, "itbx").base
    with pytest.raises(Forbidden):
        rule_editing.change_row(approver, "rdtr", "itbx", "warung", {"K-1": "X"}, base)
    with pytest.raises(Forbidden):
        rule_editing.table(actor(session, "resident", email="resident@example.org"), "rdtr", "itbx")
    with pytest.raises(NotFound):
        table(planner, "zones")


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "file", "least"),
    [
        ("itbx", "itbx_trikora_lampiran_xiv.xlsx", 1_700),
        ("intensity", "intensity_trikora.csv", 1),
        ("overlays", "special_provisions_trikora.xlsx", 5),
    ],
)
def test_official_forms_are_taken(
    draft: dict[str, Any], planner: Actor, real_data: Path, name: str, file: str, least: int
) -> None:
    proposal = rule_editing.propose(planner, "rdtr", name, real_data / file)
    assert proposal.rows >= least
    assert proposal.changes
    rule_editing.take(planner, "rdtr", name, real_data / file, proposal.base)
    again = rule_editing.propose(planner, "rdtr", name, real_data / file)
    assert [item for item in again.changes if item.after != item.before] == []
