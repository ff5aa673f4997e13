"""Restore a zone from an older version into the draft, from the page of its history: first shown, then done.

The change itself is the draft's operation "restore" (``app.plans.drafts``); areas are m2 of the plan's metric plane.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext

from app.accounts.roles import Actor
from app.errors import Malformed
from app.plans.difference.history import ZoneHistory
from app.plans.drafts import service as drafts
from app.plans.drafts.operations import Restore


@dataclass(frozen=True)
class Gain:
    """What a zone has before and after; None where it is not there."""

    zone_id: int
    before_m2: float | None
    after_m2: float | None

    @property
    def change_m2(self) -> float:
        """How much more it has."""
        return (self.after_m2 or 0.0) - (self.before_m2 or 0.0)


@dataclass(frozen=True)
class Planned:
    """What restoring would do. base: by zone, the revision that was looked at."""

    code: str
    zone_id: int
    seq: int
    gains: tuple[Gain, ...]
    base: Mapping[int, int]

    @property
    def base_text(self) -> str:
        """The base as a form carries it; ``base_of`` reads it."""
        return ",".join(f"{zone}:{revision}" for zone, revision in sorted(self.base.items()))


def may_restore(actor: Actor, history: ZoneHistory) -> bool:
    """Whether the actor could restore something of this zone now: a planner, with a draft that is open for changes."""
    return actor.has("planner") and any(moment.version.state == "draft" for moment in history.moments)


def plan(actor: Actor, code: str, zone_id: int, seq: int) -> Planned:
    """What restoring a zone would do; nothing is kept. Raises what the operation raises."""
    request = drafts.Request(uuid.uuid4(), {}, dry_run=True)
    tried = drafts.operate(actor, code, request, Restore(kind="restore", zone=zone_id, seq=seq))
    gains = tuple(Gain(item["zone_id"], item["before_m2"], item["after_m2"]) for item in tried["changes"])
    present = drafts.features(actor, code, ids=[gain.zone_id for gain in gains])
    base = {item["id"]: item["properties"]["revision_id"] for item in present["features"]}
    return Planned(code, zone_id, seq, tuple(sorted(gains, key=lambda gain: -abs(gain.change_m2))), base)


def restore(actor: Actor, code: str, zone_id: int, seq: int, key: uuid.UUID, base: Mapping[int, int]) -> None:
    """Restore the zone. base: what was looked at; raises EditConflict where somebody has changed it since."""
    drafts.operate(actor, code, drafts.Request(key, base), Restore(kind="restore", zone=zone_id, seq=seq))


def base_of(text: str) -> dict[int, int]:
    """The base that a form carries. Raises Malformed."""
    try:
        pairs = [part.split(":") for part in text.split(",") if part]
        return {int(zone): int(revision) for zone, revision in pairs}
    except ValueError:
        raise Malformed(gettext("This form is not one of ours."), hint=gettext("Open the page again.")) from None
