"""A KBLI code may belong to the plan's own edition, to a later one, or to both with different meanings."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.plans import editing
from app.plans import service as plans
from app.zoning import service as zoning
from tests.factories.plans import import_zones, row_of_zones, write_rules

ACTIVITIES = (
    "activity_id,kbli,kbli_edition,title,kbli_title,category,synonyms\n"
    "warung,47112,2020,Warung,,perdagangan,kios\n"
    "kios-pulsa,47412,2020,Kios pulsa,,perdagangan,\n"
    "bengkel,45407,2020,Bengkel,,jasa,\n"
)
ITBX = "activity_id,R-2,K-1,RTH-2\nwarung,T1,I,X\nkios-pulsa,X,I,X\nbengkel,X,X,X\n"
# One to one, two to one, and a later code that is an earlier one's number with another meaning.
LATER = (
    "from_edition,from_code,to_edition,to_code,note\n"
    "2020,47112,contoh-2025,90001,\n"
    "2020,47112,contoh-2025,90002,\n"
    "2020,47412,contoh-2025,90002,\n"
    "2020,45407,contoh-2025,47112,\n"
    "2020,45407,contoh-2025,contoh-7,\n"
)


@pytest.fixture
def version_id(session: Session, tmp_path: Path) -> int:
    """A published version with these tables."""
    outcome = import_zones(tmp_path, row_of_zones())
    rules = write_rules(tmp_path, activities=ACTIVITIES, itbx=ITBX)
    (rules / "kbli_correspondence.csv").write_text(LATER)
    editing.load_rules("rdtr", outcome.seq, rules)
    return editing.publish_version("rdtr", outcome.seq, valid_from=dt.date(2023, 1, 1)).version_id


def found(version_id: int, q: str) -> dict[str, str]:
    return {item["activity_id"]: item["matched"] for item in plans.search_activities(version_id, q)}


def test_a_code_of_a_later_edition_leads_back(version_id: int) -> None:
    assert found(version_id, "90001") == {"warung": "90001 (KBLI contoh-2025)"}


def test_a_code_that_joins_two_lists_both(version_id: int) -> None:
    assert set(found(version_id, "90002")) == {"warung", "kios-pulsa"}


def test_a_code_of_both_editions_lists_both_meanings(version_id: int) -> None:
    assert found(version_id, "47112") == {"warung": "47112", "bengkel": "47112 (KBLI contoh-2025)"}


def test_points_and_blanks_do_not_matter(version_id: int) -> None:
    assert found(version_id, "471.12") == found(version_id, "47112") == found(version_id, "4711 2")


def test_a_later_code_need_not_be_digits(version_id: int) -> None:
    assert found(version_id, "contoh-7") == {"bengkel": "contoh-7 (KBLI contoh-2025)"}


def test_an_unknown_code_finds_nothing(version_id: int) -> None:
    assert found(version_id, "11111") == {}


def test_the_card_decides_nothing_for_an_ambiguous_code(version_id: int) -> None:
    answer = zoning.card(117.4805, 0.1205, activity="47112")["activity"]
    assert answer["ambiguous"] is True
    verdicts = {item["activity_id"]: item["verdicts"][0]["verdict"] for item in answer["candidates"]}
    assert verdicts == {"warung": "limited", "bengkel": "forbidden"}
    assert answer["verdicts"] == answer["nearest_allowed"] == []
