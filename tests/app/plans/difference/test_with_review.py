"""While a hearing shows a draft everybody reads what it would change, and what was said about a version is its reason."""

from __future__ import annotations

import datetime as dt

import pytest

from app.accounts.roles import Actor
from app.city import CityProfile
from app.plans.review import hearings, service
from tests.app.plans.difference.conftest import Ask, Desk

DRAFT = "?to=draft"
SUMMARY = "Blok pasar menjadi zona perdagangan."
FIRST, LAST = dt.date(2026, 5, 4), dt.date(2026, 5, 15)


@pytest.fixture
def announced(desk: Desk, planner: Actor, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A changed draft whose hearing begins on a later day."""
    desk.do("attributes", zones=[desk.ids[0]], values={"subzone_code": "K-1"}, comment="Pasar pindah")
    monkeypatch.setattr(CityProfile, "today", lambda _city: dt.date(2026, 5, 1))
    service.submit(planner, "rdtr", SUMMARY)
    hearings.announce(planner, "rdtr", first_day=FIRST, last_day=LAST, notice="Silakan beri tanggapan.")
    return desk


def test_a_hearing_opens_the_difference_on_its_first_day(
    announced: Desk, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone = announced.ids[0]
    ask(f"/api/v1/plans/rdtr/diff{DRAFT}", status=401)
    monkeypatch.setattr(CityProfile, "today", lambda _city: FIRST)
    answer = ask(f"/api/v1/plans/rdtr/diff{DRAFT}")
    assert (answer["to"]["state"], answer["summary"]["recoded"]) == ("review", 1)
    assert len(ask(f"/api/v1/plans/rdtr/zones/{zone}")["moments"]) == 2
    # Its map takes the tiles that the hearing shows; those of planners stay theirs.
    page = ask(f"/plans/rdtr/diff{DRAFT}")
    assert "/hearings/tiles/" in page
    assert "/draft/tiles/" not in page
    assert all(item["listed"] is None for item in answer["affected"])


def test_what_was_said_about_a_version_comes_before_single_changes(announced: Desk, ask: Ask, planner: Actor) -> None:
    reasons = ask(f"/api/v1/plans/rdtr/diff{DRAFT}", planner)["reasons"]
    assert [(reason["text"], reason["at"] is None) for reason in reasons] == [(SUMMARY, True), ("Pasar pindah", False)]
