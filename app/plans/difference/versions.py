"""Which two versions are compared, and who may see them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.accounts.roles import Actor, require
from app.errors import NotFound, Unprocessable
from app.plans import queries as plan_queries
from app.plans.models import Plan, PlanVersion
from app.plans.review import hearings
from gis.crs import MetricCrs

# How a version that is not public yet is named in addresses.
DRAFT = "draft"
DRAFT_READERS = ("planner", "approver")


@dataclass(frozen=True)
class PlanRef:
    """A plan, without its database row. accuracy_m: how exact the drawing is."""

    plan_id: int
    code: str
    name: str
    kind: str
    sample: bool
    accuracy_m: float
    metric: MetricCrs

    def as_json(self) -> dict[str, Any]:
        """The plan as the API names it."""
        return {"code": self.code, "name": self.name, "kind": self.kind, "sample": self.sample}


@dataclass(frozen=True)
class VersionRef:
    """A version, without its database row. valid_to: the first day on which it is no longer in force, or None.

    summary: what changed in it and why, in the words of those who published it.
    """

    version_id: int
    seq: int
    state: str
    legal_reference: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    withdrawal_reason: str | None
    base_version_id: int | None
    summary: str | None = None

    @property
    def is_public(self) -> bool:
        """Whether its content can no longer change and everybody may read it."""
        return self.state in plan_queries.PUBLIC_STATES

    @property
    def name(self) -> str:
        """How it is named in addresses: its number, or "draft"."""
        return str(self.seq) if self.is_public else DRAFT

    def as_json(self) -> dict[str, Any]:
        """The version as the API lists it."""
        return {
            "seq": self.seq,
            "version_id": self.version_id,
            "state": self.state,
            "legal_reference": self.legal_reference,
            "valid_from": self.valid_from.isoformat() if self.valid_from else None,
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
            "withdrawal_reason": self.withdrawal_reason,
        }


def may_see(actor: Actor, version_id: int, state: str) -> bool:
    """Whether somebody may read a version: everybody what is public, and a draft while its hearing shows it.

    The one place that decides it for differences and histories.
    """
    if state in plan_queries.PUBLIC_STATES or actor.has(*DRAFT_READERS):
        return True
    return any(found.is_visible and found.version.id == version_id for found in hearings.under_way())


def plan_of(session: Session, actor: Actor, code: str) -> tuple[PlanRef, list[VersionRef]]:
    """A plan with the versions that the actor may see, oldest first.

    Raises NotFound where there is no such plan, or nothing of it that the actor may see.
    """
    plan = plan_queries.plan_by_code(session, code)
    seen = [] if plan is None else [_version(row) for row in plan.versions if _visible(actor, row)]
    if plan is None or not seen:
        raise NotFound(gettext("There is no published plan with the code %(code)s.", code=code), field="code")
    return _plan(plan), seen


def chosen(actor: Actor, code: str, seen: list[VersionRef], name: str, field: str) -> VersionRef:
    """The version of this name (a number, or "draft").

    Raises Unprocessable for another word, NotFound for a version that is not there, NotSignedIn and Forbidden for a draft
    that the actor may not see.
    """
    if name == DRAFT:
        found = next((version for version in seen if not version.is_public), None)
        if found is None:
            require(actor, *DRAFT_READERS)
            raise NotFound(gettext("No draft of this plan is open."), field=field)
        return found
    if not (name.isascii() and name.isdigit() and len(name) < 10):
        raise Unprocessable(gettext("A version is named by its number, or “draft”."), field=field)
    found = next((version for version in seen if version.is_public and version.seq == int(name)), None)
    if found is None:
        raise NotFound(
            gettext("The plan %(code)s has no published version %(seq)s.", code=code, seq=int(name)), field=field
        )
    return found


def pair(
    actor: Actor, code: str, seen: list[VersionRef], old: str | None, new: str | None
) -> tuple[VersionRef, VersionRef]:
    """The two versions to compare.

    Without ``new`` the newest public one, without ``old`` the one that ``new`` was made from, or the public one before it;
    the first version is compared with itself: nothing is before it.
    """
    public = [version for version in seen if version.is_public]
    later = (public or seen)[-1] if new is None else chosen(actor, code, seen, new, "to")
    if old is not None:
        return chosen(actor, code, seen, old, "from"), later
    return before(public, later) or later, later


def before(public: list[VersionRef], version: VersionRef) -> VersionRef | None:
    """The public version that a version was made from, or the one numbered before it; None for the first."""
    base = next((item for item in public if item.version_id == version.base_version_id), None)
    earlier = [item for item in public if item.seq < version.seq]
    return base or (earlier[-1] if earlier else None)


def _visible(actor: Actor, version: PlanVersion) -> bool:
    return may_see(actor, version.id, version.state)


def _plan(plan: Plan) -> PlanRef:
    return PlanRef(
        plan.id, plan.code, plan.name, plan.kind, plan.sample, plan.accuracy_m, MetricCrs(plan.utm_zone, plan.south)
    )


def _version(version: PlanVersion) -> VersionRef:
    return VersionRef(
        version.id,
        version.seq,
        version.state,
        version.legal_reference,
        version.valid.lower if version.valid else None,
        version.valid.upper if version.valid else None,
        version.withdrawal_reason,
        version.base_version_id,
        version.summary,
    )
