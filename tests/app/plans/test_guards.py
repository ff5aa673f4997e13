"""What is published cannot change: tried as the role that serves, and as the owner, against the real triggers."""

# ruff: noqa: S608 - names of tables are constants of this file

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.database import APP_ROLE
from app.plans import editing
from tests.factories.accounts import make_account
from tests.factories.plans import import_zones, publish_zones, row_of_zones

# Every table whose rows belong to a version, and one column of it to try to change.
CONTENT = {
    "version_zone": "position = position + 1",
    "zone_lineage": "kind = 'split'",
    "source_file": "filename = 'other'",
    "source_feature": "refused = 'no'",
    "subzone": "name = 'other'",
    "activity": "title = 'other'",
    "permitted_use": "verdict = 'allowed'",
    "use_condition": "text = 'other'",
    "intensity_rule": "kdb_max_pct = 100",
    "overlay_rule": "text = 'other'",
    "article": "text = 'other'",
}
# What led to a version, and how a row of it is made; frozen with the version's publication.
RECORDS = {
    "milestone": "(version_id, kind, document, day, account_id) VALUES (:v, 'klhs', 'x', '2026-01-01', 1)",
    "ministry_remark": "(version_id, number, text) VALUES (:v, 1, 'x')",
    "review_thread": "(version_id) VALUES (:v)",
    "hearing": "(version_id, first_day, last_day, notice, account_id) VALUES (:v, '2026-01-01', '2026-01-02', 'x', 1)",
}


@pytest.fixture
def published(session: Session, tmp_path: Path) -> int:
    """The id of a published version with at least one row in every content table that an import fills."""
    outcome = publish_zones(tmp_path)
    return int(session.execute(text("SELECT id FROM plan_version WHERE seq = :seq"), {"seq": outcome.seq}).scalar_one())


def refused(session: Session, statement: str, **values: object) -> str:
    """Run a statement that must be refused; returns the database's words."""
    with pytest.raises(DBAPIError) as caught, session.begin_nested():
        session.execute(text(statement), values)
    return str(caught.value.orig)


def test_the_serving_role_is_not_the_owner(session: Session) -> None:
    assert session.execute(text("SELECT current_user")).scalar_one() == APP_ROLE
    owned = session.execute(text("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")).scalar_one()
    assert owned == 0


@pytest.mark.parametrize("table", sorted(set(CONTENT) - {"zone_lineage"}))
def test_content_of_a_published_version_cannot_be_changed(session: Session, published: int, table: str) -> None:
    count = session.execute(text(f"SELECT count(*) FROM {table} WHERE version_id = :v"), {"v": published}).scalar_one()
    assert count > 0
    assert refused(session, f"UPDATE {table} SET {CONTENT[table]} WHERE version_id = :v", v=published)
    assert "cannot" in refused(session, f"DELETE FROM {table} WHERE version_id = :v", v=published)
    assert "permission denied" in refused(session, f"TRUNCATE {table} CASCADE")


def test_nothing_can_be_added_to_a_published_version(session: Session, published: int) -> None:
    words = refused(
        session,
        "INSERT INTO article (version_id, number, title, text, position) VALUES (:v, 'x', 'x', 'x', 1)",
        v=published,
    )
    assert "nothing can be added" in words


def test_every_table_of_version_content_is_guarded(session: Session) -> None:
    """A new table with a version_id must get the trigger; derived tiles and the log of changes are no content.

    What led to a version freezes with its publication; its steps, corrections and tries at publishing are appended.
    """
    tables = session.execute(
        text(
            "SELECT table_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name = 'version_id'"
        )
    ).scalars()
    guarded = session.execute(
        text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'guard_content'")
    ).scalars()
    frozen = session.execute(
        text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'guard_record'")
    ).scalars()
    logs = {"tile_zone", "changeset", "rule_change", "review_event", "erratum", "publication_run"}
    assert set(tables) - logs - set(RECORDS) == set(guarded) == set(CONTENT)
    assert set(frozen) == set(RECORDS)


@pytest.mark.parametrize("table", sorted(RECORDS))
def test_what_led_to_a_published_version_cannot_be_added_to(session: Session, published: int, table: str) -> None:
    assert "cannot change" in refused(session, f"INSERT INTO {table} {RECORDS[table]}", v=published)


def test_a_correction_is_attached_to_public_versions_only_and_stays(session: Session, published: int) -> None:
    account = make_account("approver").id
    add = "INSERT INTO erratum (version_id, day, concerns, text, account_id) VALUES (:v, '2026-01-01', 'x', 'x', :a)"
    session.execute(text(add), {"v": published, "a": account})
    assert "permission denied" in refused(session, "UPDATE erratum SET text = 'y'")
    assert "permission denied" in refused(session, "DELETE FROM erratum")
    session.execute(
        text("INSERT INTO plan_version (plan_id, seq, legal_reference) SELECT plan_id, 9, 'x' FROM plan_version")
    )
    draft = session.execute(text("SELECT id FROM plan_version WHERE seq = 9")).scalar_one()
    assert "not published" in refused(session, add, v=draft, a=account)


def test_revisions_are_never_updated_nor_deleted(session: Session, published: int) -> None:
    revision = session.execute(
        text("SELECT revision_id FROM version_zone WHERE version_id = :v LIMIT 1"), {"v": published}
    ).scalar_one()
    assert "permission denied" in refused(
        session, "UPDATE zone_revision SET subzone_code = 'X' WHERE id = :r", r=revision
    )
    assert "foreign key" in refused(session, "DELETE FROM zone_revision WHERE id = :r", r=revision)
    assert "permission denied" in refused(session, "TRUNCATE zone_revision CASCADE")


@pytest.mark.parametrize(
    "change",
    [
        "legal_reference = 'other'",
        "content_hash = 'other'",
        "state = 'draft'",
        "valid = daterange('2020-01-01', NULL)",
        "valid = daterange('2023-01-01', '2024-01-01')",
        "published_at = NULL",
        "summary = 'other'",
    ],
)
def test_a_published_version_row_cannot_be_changed(session: Session, published: int, change: str) -> None:
    assert refused(session, f"UPDATE plan_version SET {change} WHERE id = :v", v=published)


def test_a_published_version_cannot_be_deleted(session: Session, published: int) -> None:
    assert "cannot be deleted" in refused(session, "DELETE FROM plan_version WHERE id = :v", v=published)
    assert refused(session, "TRUNCATE plan_version CASCADE")


def test_a_successor_ends_the_validity_and_nothing_else(session: Session, tmp_path: Path) -> None:
    publish_zones(tmp_path)
    publish_zones(tmp_path, valid_from=dt.date(2026, 1, 1))
    rows = session.execute(text("SELECT seq, lower(valid), upper(valid), state FROM plan_version ORDER BY seq")).all()
    assert [tuple(row) for row in rows] == [
        (1, dt.date(2023, 1, 1), dt.date(2026, 1, 1), "published"),
        (2, dt.date(2026, 1, 1), None, "published"),
    ]


def test_published_versions_never_overlap_in_time(session: Session, published: int) -> None:
    words = refused(
        session,
        "INSERT INTO plan_version (plan_id, seq, state, legal_reference, valid, content_hash, published_at)"
        " SELECT plan_id, 99, 'published', 'x', daterange('2023-06-01', '2023-07-01'), 'x', now()"
        " FROM plan_version WHERE id = :v",
        v=published,
    )
    assert "ex_plan_version_valid" in words


def test_a_withdrawn_version_is_closed_for_good(session: Session, published: int) -> None:
    editing.withdraw_version("rdtr", 1, "Dibatalkan pengadilan")
    assert refused(
        session,
        "UPDATE plan_version SET state = 'published', withdrawn_at = NULL, withdrawal_reason = NULL WHERE id = :v",
        v=published,
    )
    assert refused(session, "DELETE FROM version_zone WHERE version_id = :v", v=published)


def test_a_draft_can_be_discarded_whole(session: Session, tmp_path: Path) -> None:
    outcome = import_zones(tmp_path, row_of_zones())
    editing.discard_draft("rdtr", outcome.seq)
    for table in ("plan_version", "version_zone", "zone_revision", "zone", "source_feature", "subzone"):
        assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0, table


def test_discarding_a_draft_leaves_what_the_published_version_uses(
    session: Session, published: int, tmp_path: Path
) -> None:
    before = session.execute(text("SELECT count(*) FROM zone_revision")).scalar_one()
    outcome = import_zones(tmp_path, row_of_zones(("R-2", "R-2", "R-2")))
    editing.discard_draft("rdtr", outcome.seq)
    assert session.execute(text("SELECT count(*) FROM zone_revision")).scalar_one() == before
