"""A published plan, a draft of it that a planner changed, and the people of its review."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.accounts.roles import Actor
from app.plans.review import milestones, publication, service
from tests.app.plans.drafts.conftest import Desk, actor, colleague, desk, draft, planner

__all__ = ["actor", "colleague", "desk", "draft", "planner"]
CODE = "rdtr"
EFFECT = dt.date(2026, 3, 1)


@pytest.fixture
def approver(session: Session) -> Actor:
    return actor(session, "approver", email="approver@example.org", name="Citra")


@pytest.fixture
def other_approver(session: Session) -> Actor:
    return actor(session, "approver", email="second@example.org", name="Dewi")


@pytest.fixture
def resident(session: Session) -> Actor:
    return actor(session, "resident", email="resident@example.org", name="Eko")


@pytest.fixture
def changed(desk: Desk) -> Desk:
    """The draft after a planner gave one zone another sub-zone."""
    desk.do("attributes", zones=[desk.ids[0]], values={"subzone_code": "K-1"})
    return desk


def pass_all(who: Actor, day: dt.date = dt.date(2026, 2, 1)) -> None:
    """Record every milestone of the open version."""
    for kind in milestones.kinds():
        milestones.pass_milestone(who, CODE, kind, document=f"Dokumen {kind}", day=day)


def publish(who: Actor, **changes: Any) -> None:
    """Publish the open version as a page does: start, then carry out."""
    values = {"legal_reference": "Perwali contoh 9 Tahun 2026", "valid_from": EFFECT, "language": "id", **changes}
    publication.carry_out(who, CODE, publication.start(who, CODE, **values))


@pytest.fixture
def steps(planner: Actor, approver: Actor) -> dict[str, Callable[[], object]]:
    """What each step of the workflow is done with, by its name."""
    return {
        "submit": lambda: service.submit(planner, CODE, "Blok pasar menjadi zona perdagangan."),
        "take_back": lambda: service.take_back(planner, CODE),
        "send_back": lambda: service.send_back(approver, CODE, "Batas di utara belum tepat."),
        "approve": lambda: service.approve(approver, CODE),
        "milestones": lambda: pass_all(planner),
        "publish": lambda: publish(approver),
        "withdraw": lambda: publication.withdraw(approver, CODE, 2, "Dibatalkan pengadilan."),
    }
