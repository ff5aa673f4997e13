"""Bulk loading through COPY, and what PostgreSQL then knows of the tables."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.database import copy_rows, transaction
from app.plans.models import KbliCorrespondence


def rows(count: int) -> list[dict[str, str | None]]:
    return [
        {
            "from_edition": "test",
            "from_code": f"{number:05}",
            "to_edition": "later",
            "to_code": f"{number:05}",
            "note": None,
        }
        for number in range(count)
    ]


@pytest.mark.parametrize(("count", "known"), [(2000, True), (10, False)])
def test_statistics_follow_a_bulk_load(session: Session, count: int, known: bool) -> None:
    with transaction() as writing:
        assert copy_rows(writing, KbliCorrespondence, rows(count)) == count
    columns = text("SELECT count(*) FROM pg_stats WHERE tablename = 'kbli_correspondence'")
    assert (session.execute(columns).scalar_one() > 0) is known


def test_nothing_is_kept_of_a_load_that_failed(session: Session) -> None:
    def load() -> None:
        with transaction() as writing:
            copy_rows(writing, KbliCorrespondence, rows(2000))
            raise InterruptedError

    with pytest.raises(InterruptedError):
        load()
    assert session.query(KbliCorrespondence).filter_by(from_edition="test").count() == 0
