"""A published row of three squares, a draft on top of it, and planners who work on it."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.accounts.roles import Actor
from app.accounts.service import actor_of
from app.plans.drafts import service
from app.plans.drafts.operations import OPERATIONS
from tests.factories.accounts import make_account
from tests.factories.plans import SOUTH, STEP, WEST, feature, publish_zones, square


@pytest.fixture
def planner(session: Session) -> Actor:
    return actor(session, "planner", email="one@example.org", name="Ani")


@pytest.fixture
def colleague(session: Session) -> Actor:
    return actor(session, "planner", email="two@example.org", name="Budi")


def actor(session: Session, *roles: str, email: str, name: str = "") -> Actor:
    """Somebody with an account and roles."""
    someone = make_account(*roles, email=email, name=name, second_factor=False)
    return actor_of(session.get_one(Account, someone.id))


@pytest.fixture
def draft(session: Session, tmp_path: Path, planner: Actor) -> dict[str, Any]:
    """Two rows of three squares (zones 1 to 6 by position), published, and a draft of them."""
    codes = ("R-2", "K-1", "RTH-2", "K-1", "RTH-2", "R-2")
    squares = [feature(square(number % 3, number // 3), code) for number, code in enumerate(codes)]
    publish_zones(tmp_path, squares, valid_from=dt.date(2023, 1, 1))
    return service.open_draft(planner, "rdtr", "Perwali contoh 2", "id")


class Desk:
    """One planner's view of the draft: what they loaded, and what they do with it."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.load()

    def load(self) -> None:
        """Load every zone."""
        listed = service.features(self.actor, "rdtr", ids=[], box=(-180, -90, 180, 90))
        self.zones = {item["id"]: item for item in listed["features"]}

    @property
    def base(self) -> dict[int, int]:
        return {zone: item["properties"]["revision_id"] for zone, item in self.zones.items()}

    @property
    def ids(self) -> list[int]:
        """Numbers of the zones, in the order of the manifest."""
        return list(self.zones)

    def do(self, kind: str, *, key: uuid.UUID | None = None, **fields: Any) -> dict[str, Any]:
        """Do an operation, and take over what was answered."""
        options = {name: fields.pop(name) for name in ("footprint", "dry_run", "comment") if name in fields}
        request = service.Request(key or uuid.uuid4(), self.base, **options)
        return self.take(
            service.operate(self.actor, "rdtr", request, OPERATIONS.validate_python({"kind": kind, **fields}))
        )

    def undo(self) -> dict[str, Any]:
        return self.take(service.undo(self.actor, "rdtr", uuid.uuid4()))

    def redo(self) -> dict[str, Any]:
        return self.take(service.redo(self.actor, "rdtr", uuid.uuid4()))

    def take(self, saved: dict[str, Any]) -> dict[str, Any]:
        self.zones |= {item["id"]: item for item in saved["zones"]["features"]}
        for zone in saved["removed"]:
            self.zones.pop(zone, None)
        return saved


@pytest.fixture
def desk(draft: dict[str, Any], planner: Actor) -> Desk:
    return Desk(planner)


@pytest.fixture
def other_desk(draft: dict[str, Any], colleague: Actor) -> Desk:
    return Desk(colleague)


def node(column: float, row: float) -> tuple[float, float]:
    """A node of the grid of squares."""
    return round(WEST + column * STEP, 8), round(SOUTH + row * STEP, 8)
