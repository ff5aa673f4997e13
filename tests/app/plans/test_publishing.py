"""Publishing: what stands against it, when a version is in force, and what it is called by its content."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import create_app
from app.city import CityProfile
from app.database import db
from app.errors import Conflict, NotFound, Unprocessable
from app.plans import editing, publishing
from tests.conftest import make_settings
from tests.factories.plans import RULES, feature, import_zones, publish_zones, row_of_zones, square, write_rules

Rows = Callable[..., list[tuple[Any, ...]]]
FIRST = dt.date(2023, 1, 1)
OVERLAPPING = [feature(square(0, 0, width=1.25)), feature(square(1, 0), "K-1"), feature(square(2, 0), "RTH-2")]
RING = [feature(square(column, row)) for column in range(3) for row in range(3) if (column, row) != (1, 1)]
INSIDE = {"lon": 117.4804, "lat": 0.1204}


@pytest.fixture
def card(app: Flask, client: FlaskClient) -> Callable[..., Any]:
    """Asks for a card with what is published now."""

    def ask(**query: Any) -> Any:
        app.extensions["ruang"].caches.clear()
        return client.get("/api/v1/zoning", query_string={**INSIDE, **query})

    return ask


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets the date it is in the city."""

    def freeze(day: str) -> None:
        monkeypatch.setattr(CityProfile, "today", lambda _self: dt.date.fromisoformat(day))

    return freeze


# --- what stands against it


@pytest.mark.parametrize(
    ("layer", "option", "place", "words"),
    [
        (OVERLAPPING, "accept_overlaps", {"lon": 117.4811, "lat": 0.1204}, "tumpang tindih"),
        (RING, "accept_gaps", {"lon": 117.4815, "lat": 0.1215}, "celah"),
    ],
)
def test_overlaps_and_gaps_block_until_accepted_and_answers_then_say_so(
    session: Session,
    tmp_path: Path,
    card: Callable[..., Any],
    rows: Rows,
    layer: list[dict[str, Any]],
    option: str,
    place: dict[str, float],
    words: str,
) -> None:
    assert import_zones(tmp_path, layer).kept
    with pytest.raises(Unprocessable) as caught:
        editing.publish_version("rdtr", 1, valid_from=FIRST)
    assert caught.value.hint is not None
    assert f"--{option.replace('_', '-')}" in caught.value.hint
    assert rows("SELECT state, valid, content_hash FROM plan_version") == [("draft", None, None)]
    editing.publish_version("rdtr", 1, valid_from=FIRST, **{option: True})
    answer = card(**place).get_json()
    assert [note for note in answer["notes"] if words in note.lower()]
    if words == "celah":
        assert (answer["status"], answer["zones"]) == ("plan_gap", [])
    else:
        assert answer["status"] == "border"
        assert sorted(zone["subzone"]["code"] for zone in answer["zones"]) == ["K-1", "R-2"]


def test_a_plan_without_faults_says_nothing_of_them(session: Session, tmp_path: Path, card: Callable[..., Any]) -> None:
    publish_zones(tmp_path)
    assert not [note for note in card().get_json()["notes"] if "tumpang" in note.lower() or "celah" in note.lower()]


def test_codes_that_the_rules_dropped_block(session: Session, tmp_path: Path) -> None:
    outcome = import_zones(tmp_path, row_of_zones(("R-2", "XX-1", "RTH-2")))
    editing.load_rules("rdtr", outcome.seq, write_rules(tmp_path))
    with pytest.raises(Unprocessable, match="XX-1"):
        editing.publish_version("rdtr", 1, valid_from=FIRST)


def test_what_is_not_there_or_no_draft_cannot_be_published(session: Session, tmp_path: Path) -> None:
    publish_zones(tmp_path)
    with pytest.raises(NotFound):
        editing.publish_version("lain", 1, valid_from=FIRST)
    with pytest.raises(NotFound):
        editing.publish_version("rdtr", 2, valid_from=FIRST)
    with pytest.raises(Conflict):
        editing.publish_version("rdtr", 1, valid_from=dt.date(2024, 1, 1))


@pytest.mark.parametrize("day", [FIRST, FIRST - dt.timedelta(days=1)])
def test_a_version_begins_after_the_one_before(session: Session, tmp_path: Path, rows: Rows, day: dt.date) -> None:
    publish_zones(tmp_path, valid_from=FIRST)
    import_zones(tmp_path, row_of_zones())
    with pytest.raises(Conflict) as caught:
        editing.publish_version("rdtr", 2, valid_from=day)
    assert "1 Januari 2023" in caught.value.detail
    assert rows("SELECT state FROM plan_version ORDER BY seq") == [("published",), ("draft",)]
    editing.publish_version("rdtr", 2, valid_from=FIRST + dt.timedelta(days=1))


def test_a_draft_whose_base_is_no_longer_the_latest_is_a_conflict(session: Session, tmp_path: Path, rows: Rows) -> None:
    publish_zones(tmp_path, valid_from=FIRST)
    publish_zones(tmp_path, valid_from=dt.date(2024, 1, 1))
    import_zones(tmp_path, row_of_zones())
    editing.withdraw_version("rdtr", 2, "Dibatalkan")
    with pytest.raises(Conflict) as caught:
        editing.publish_version("rdtr", 3, valid_from=dt.date(2025, 1, 1))
    assert "2" in caught.value.detail
    assert caught.value.hint is not None
    assert rows("SELECT state FROM plan_version WHERE seq = 3") == [("draft",)]


def test_a_failure_in_the_middle_publishes_nothing(
    session: Session, tmp_path: Path, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_zones(tmp_path, valid_from=FIRST)
    import_zones(tmp_path, row_of_zones())

    def fail(*_arguments: Any) -> str:
        raise OSError("disk full")

    monkeypatch.setattr(publishing, "content_hash", fail)
    with pytest.raises(OSError, match="disk full"):
        editing.publish_version("rdtr", 2, valid_from=dt.date(2024, 1, 1))
    assert rows("SELECT state, upper(valid) FROM plan_version ORDER BY seq") == [("published", None), ("draft", None)]
    assert rows("SELECT count(*) FROM tile_zone WHERE version_id = (SELECT id FROM plan_version WHERE seq = 2)") == [
        (0,)
    ]


# --- when it is in force


def code_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.get_json()
    return str(answer.get_json()["zones"][0]["subzone"]["code"])


def test_a_version_of_the_future_takes_effect_by_itself(
    session: Session, tmp_path: Path, card: Callable[..., Any], today: Callable[[str], None]
) -> None:
    publish_zones(tmp_path, valid_from=FIRST)
    publish_zones(tmp_path, row_of_zones(("K-1", "R-2", "RTH-2")), valid_from=dt.date(2030, 6, 1))
    today("2030-05-31")
    assert code_of(card()) == "R-2"
    ahead = card(on="2030-06-01")
    assert code_of(ahead) == "K-1"
    assert [note for note in ahead.get_json()["notes"] if "mendatang" in note or "akan datang" in note]
    assert code_of(card(on="2030-05-31")) == "R-2"
    today("2030-06-01")
    assert code_of(card()) == "K-1"
    assert card().get_json()["plan"]["version"] == 2
    assert code_of(card(on="2030-05-31")) == "R-2"


def test_before_the_first_version_is_404_with_the_first_day(
    session: Session, tmp_path: Path, card: Callable[..., Any]
) -> None:
    publish_zones(tmp_path, valid_from=FIRST)
    answer = card(on="2022-12-31")
    assert answer.status_code == 404
    assert answer.get_json()["first_date"] == "2023-01-01"
    assert code_of(card(on="2023-01-01")) == "R-2"


def test_a_draft_is_not_public(session: Session, tmp_path: Path, card: Callable[..., Any], client: FlaskClient) -> None:
    publish_zones(tmp_path, valid_from=FIRST)
    import_zones(tmp_path, row_of_zones(("K-1", "K-1", "K-1")))
    assert code_of(card(on="2099-01-01")) == "R-2"
    assert len(client.get("/api/v1/plans/rdtr/versions").get_json()["results"]) == 1
    assert client.get("/api/v1/plans/rdtr/versions/2").status_code == 404


def test_a_withdrawn_version_says_so_on_its_days_and_only_there(
    session: Session, tmp_path: Path, card: Callable[..., Any]
) -> None:
    publish_zones(tmp_path, valid_from=FIRST)
    publish_zones(tmp_path, row_of_zones(("K-1", "R-2", "RTH-2")), valid_from=dt.date(2024, 1, 1))
    editing.withdraw_version("rdtr", 2, "Dibatalkan Mahkamah Agung")
    answer = card(on="2024-06-01").get_json()
    assert answer["status"] == "withdrawn"
    assert answer["zones"] == []
    assert [note for note in answer["notes"] if "Dibatalkan Mahkamah Agung" in note]
    assert code_of(card(on="2023-12-31")) == "R-2"


def test_a_version_after_a_withdrawn_one_does_not_bring_its_days_back(
    session: Session, tmp_path: Path, card: Callable[..., Any], rows: Rows
) -> None:
    publish_zones(tmp_path, valid_from=FIRST)
    publish_zones(tmp_path, valid_from=dt.date(2024, 1, 1))
    editing.withdraw_version("rdtr", 2, "Dibatalkan")
    publish_zones(tmp_path, row_of_zones(("K-1", "R-2", "RTH-2")), valid_from=dt.date(2025, 1, 1))
    assert card(on="2024-06-01").get_json()["status"] == "withdrawn"
    assert code_of(card(on="2025-01-01")) == "K-1"
    assert rows("SELECT seq, lower(valid), upper(valid) FROM plan_version WHERE state = 'published' ORDER BY seq") == [
        (1, FIRST, dt.date(2024, 1, 1)),
        (3, dt.date(2025, 1, 1), None),
    ]


# --- what it is called by its content


@pytest.fixture(scope="module")
def two_apps(admin_url: str, new_database: Callable[..., str]) -> Any:
    """The application on two databases."""
    made = [create_app(make_settings(admin_url, new_database(name))) for name in ("hash_one", "hash_two")]
    yield made
    for app in made:
        with app.app_context():
            db.engine.dispose()


def hash_of(app: Flask, tmp_path: Path, plan: str, layer: list[dict[str, Any]], **rules: str) -> str:
    """Import, load rules and publish; the hash of the content."""
    with app.app_context():
        outcome = import_zones(tmp_path, layer, plan=plan)
        editing.load_rules(plan, outcome.seq, write_rules(tmp_path, **rules))
        editing.publish_version(plan, outcome.seq, valid_from=FIRST)
        found = db.session.execute(
            text("SELECT content_hash FROM plan_version JOIN plan ON plan.id = plan_id WHERE code = :code"),
            {"code": plan},
        ).scalar_one()
        db.session.remove()
    return str(found)


def test_the_hash_is_that_of_the_content_wherever_it_is_stored(two_apps: list[Flask], tmp_path: Path) -> None:
    one, other = two_apps
    with other.app_context():
        # Other ids than in the first database.
        import_zones(tmp_path, row_of_zones(), plan="buang")
        editing.discard_draft("buang", 1)
        db.session.remove()
    first = hash_of(one, tmp_path, "sama", row_of_zones())
    assert first == hash_of(other, tmp_path, "sama", row_of_zones())
    assert first == hash_of(one, tmp_path, "sama-lagi", row_of_zones())
    moved = row_of_zones()
    moved[2] = feature(square(2, 0, width=1.00001), "RTH-2")
    remarked = row_of_zones()
    remarked[0]["properties"]["REMARK"] = "x"
    changed = [
        hash_of(one, tmp_path, "kode", row_of_zones(("R-2", "R-2", "RTH-2"))),
        hash_of(one, tmp_path, "bentuk", moved),
        hash_of(one, tmp_path, "kolom", remarked),
        hash_of(one, tmp_path, "urutan", row_of_zones()[::-1]),
        *(
            hash_of(
                one, tmp_path, f"aturan-{table}", row_of_zones(), **{table: RULES[f"{table}.csv"].replace(old, new)}
            )
            for table, old, new in (
                ("subzones", "#ffdc00", "#ffdc01"),
                ("activities", "kios", "kiosk"),
                ("conditions", "40 m2", "41 m2"),
                ("itbx", "rumah,I,,X", "rumah,I,X,X"),
                ("intensity", "60,1.8", "60,1.9"),
                ("overlays", "dinaikkan", "ditinggikan"),
                ("articles", "40 m2", "41 m2"),
            )
        ),
    ]
    assert len({first, *changed}) == 1 + len(changed)
