"""The difference between two versions of a plan: zones, land that changes hands and code, rules, green space, parcels.

Geometries are lon/lat (EPSG:4326), areas m2 in the plan's metric plane. Two public versions never change and are compared
once; a draft is compared anew each time. Every function raises NotFound, NotSignedIn and Forbidden as ``versions`` says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cachetools import LRUCache
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.accounts.roles import Actor
from app.database import db
from app.places import service as places
from app.plans import queries as plan_queries
from app.plans.difference import queries, versions
from app.plans.difference.affected import Affected, affected
from app.plans.difference.green_space import GreenShare, share
from app.plans.difference.rules import RuleChanges, rule_changes
from app.plans.difference.versions import PlanRef, VersionRef
from app.plans.drafts.states import StoredZone
from app.runtime import runtime
from gis.changed_land import Piece, changed_land
from gis.zone_difference import Difference, difference

_KEPT = 6


@dataclass(frozen=True)
class SubzoneArea:
    """What is drawn of a sub-zone in both versions. name: None where neither code list has it. colour: #rrggbb."""

    code: str
    name: str | None
    colour: str
    before_m2: float
    after_m2: float

    @property
    def change_m2(self) -> float:
        """How much more there is."""
        return self.after_m2 - self.before_m2


@dataclass(frozen=True)
class Reason:
    """Why something was changed, in the words of then. seq: of the version; at: ISO 8601, UTC, None for a version as such."""

    seq: int
    at: str | None
    text: str


@dataclass(frozen=True)
class Lineage:
    """child has land of parent since version seq. kind: split, merge, carve or repair."""

    seq: int
    parent: int
    child: int
    kind: str


@dataclass(frozen=True)
class Comparison:
    """Everything that differs. before, after: zones that are not the same revision in both, by number."""

    plan: PlanRef
    old: VersionRef
    new: VersionRef
    before: Mapping[int, StoredZone]
    after: Mapping[int, StoredZone]
    found: Difference
    pieces: tuple[Piece, ...]
    lineage: tuple[Lineage, ...]
    areas: tuple[SubzoneArea, ...]
    green: tuple[GreenShare, GreenShare]
    rules: RuleChanges
    reasons: tuple[Reason, ...]
    affected: tuple[Affected | str, ...]

    @property
    def edited(self) -> tuple[int, ...]:
        """Zones of which only attributes other than the code differ."""
        others = {*self.found.recoded, *self.found.reshaped}
        return tuple(zone for zone in self.found.attributes if zone not in others)

    @property
    def changed_m2(self) -> float:
        """The land that gets another sub-zone."""
        return sum(piece.area_m2 for piece in self.pieces if piece.changes_code)

    @property
    def names(self) -> dict[str, SubzoneArea]:
        """The sub-zones of both versions by code."""
        return {area.code: area for area in self.areas}

    @property
    def is_empty(self) -> bool:
        """Whether the two versions say the same."""
        return self.found.is_empty and self.rules.count == 0


def compare(actor: Actor, code: str, old: str | None, new: str | None) -> Comparison:
    """Compare two versions of a plan, each named by its number or "draft"; left out, the newest and the one before it."""
    session = db.session()
    plan, seen = versions.plan_of(session, actor, code)
    earlier, later = versions.pair(actor, code, seen, old, new)
    between = [version for version in seen if earlier.seq < version.seq <= later.seq]
    if not (earlier.is_public and later.is_public):
        return _compared(session, plan, earlier, later, between)
    kept = runtime().caches.setdefault("differences", LRUCache(_KEPT))
    key = (earlier, later, places.places_version())
    if key not in kept:
        kept[key] = _compared(session, plan, earlier, later, between)
    found: Comparison = kept[key]
    return found


def kept_document(comparison: Comparison, language: str, make: Callable[[], bytes]) -> bytes:
    """A document about a comparison in a language: made once where neither version can change any more.

    It must say the same to everybody.
    """
    old, new = comparison.old, comparison.new
    if not (old.is_public and new.is_public):
        return make()
    kept = runtime().caches.setdefault("difference_documents", LRUCache(_KEPT))
    key = (old, new, where(old), where(new), places.places_version(), language)
    if key not in kept:
        kept[key] = make()
    document: bytes = kept[key]
    return document


def sees_parcels(actor: Actor) -> bool:
    """Whether the numbers of affected parcels are listed: never for the public, which would be a bulk download."""
    return actor.has(*versions.DRAFT_READERS)


def _compared(
    session: Session, plan: PlanRef, old: VersionRef, new: VersionRef, between: Sequence[VersionRef]
) -> Comparison:
    before = queries.differing(session, old.version_id, new.version_id)
    after = queries.differing(session, new.version_id, old.version_id)
    old_states = {zone: item.state for zone, item in before.items()}
    new_states = {zone: item.state for zone, item in after.items()}
    found = difference(old_states, new_states, plan.metric)
    pieces = changed_land(old_states, new_states, found, plan.metric)
    areas = _areas(session, old, new)
    seqs = {version.version_id: version.seq for version in between}
    return Comparison(
        plan=plan,
        old=old,
        new=new,
        before=before,
        after=after,
        found=found,
        pieces=pieces,
        lineage=tuple(
            Lineage(seqs[row.version_id], row.parent_zone_id, row.child_zone_id, row.kind)
            for row in queries.lineage(session, seqs)
        ),
        areas=areas,
        green=(
            share({area.code: area.before_m2 for area in areas}),
            share({area.code: area.after_m2 for area in areas}),
        ),
        rules=rule_changes(session, old.version_id, new.version_id),
        reasons=_reasons(session, between),
        affected=tuple(affected(pieces, plan.metric)),
    )


def _reasons(session: Session, between: Sequence[VersionRef]) -> tuple[Reason, ...]:
    """What was published about each version, then what planners wrote about single changes."""
    seqs = {version.version_id: version.seq for version in between}
    said = [Reason(version.seq, None, version.summary) for version in between if version.summary]
    said += [
        Reason(seqs[row.version_id], row.created_at.isoformat(), row.comment) for row in queries.comments(session, seqs)
    ]
    return tuple(said)


def _areas(session: Session, old: VersionRef, new: VersionRef) -> tuple[SubzoneArea, ...]:
    """Every sub-zone that is drawn in either version, in the order of the new code list, then of the old."""
    before = plan_queries.subzone_areas(session, old.version_id)
    after = plan_queries.subzone_areas(session, new.version_id)
    listed = {row.code: row for row in plan_queries.subzones(session, new.version_id)}
    for row in plan_queries.subzones(session, old.version_id):
        listed.setdefault(row.code, row)
    drawn = [code for code in listed if code in before or code in after]
    drawn += sorted((before.keys() | after.keys()) - listed.keys())
    return tuple(
        SubzoneArea(
            code,
            listed[code].name if code in listed else None,
            listed[code].colour if code in listed else "#9aa0a6",
            before.get(code, (0, 0.0))[1],
            after.get(code, (0, 0.0))[1],
        )
        for code in drawn
    )


def plans_with_versions(actor: Actor) -> list[tuple[PlanRef, list[VersionRef]]]:
    """Every plan of which the actor may see a version, with these, oldest first."""
    session = db.session()
    found = []
    for plan in plan_queries.plans(session):
        if any(versions.may_see(actor, version.id, version.state) for version in plan.versions):
            found.append(versions.plan_of(session, actor, plan.code))
    return found


def plan_with_versions(actor: Actor, code: str) -> tuple[PlanRef, list[VersionRef]]:
    """One plan with the versions that the actor may see, oldest first."""
    return versions.plan_of(db.session(), actor, code)


def where(version: VersionRef) -> str:
    """What a version is today: in force, coming, past, withdrawn, or a draft."""
    today = runtime().city.today()
    if not version.is_public:
        return "draft"
    if version.state == "withdrawn":
        return "withdrawn"
    if version.valid_from is not None and today < version.valid_from:
        return "future"
    if version.valid_to is not None and version.valid_to <= today:
        return "past"
    return "in_force"


def subzone_name(comparison: Comparison, code: Any) -> str:
    """A sub-zone's name with its code; words for land without a zone."""
    if code is None:
        return gettext("no zone")
    known = comparison.names.get(code)
    return f"{known.name} ({code})" if known is not None and known.name else str(code)
