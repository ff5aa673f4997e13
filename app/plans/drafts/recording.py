"""Write a changeset: new revisions, the manifest that points to them, what was changed by whom, the lineage."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geoalchemy2.shape import from_shape
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.roles import Actor
from app.plans.drafts.states import StoredZone, columns_of
from app.plans.models import (
    Changeset,
    ChangesetZone,
    PlanVersion,
    VersionZone,
    Zone,
    ZoneLineage,
    ZoneRevision,
)
from gis.changeset import ZoneState
from gis.crs import MetricCrs


@dataclass(frozen=True)
class Change:
    """A zone's revision before and after; None where it is not there. position: its place in the manifest."""

    zone_id: int
    old_revision_id: int | None
    new_revision_id: int | None
    position: int


@dataclass(frozen=True)
class Entry:
    """Who writes what kind of changeset, and why."""

    actor: Actor
    kind: str
    comment: str
    key: uuid.UUID | None = None
    reverts_id: int | None = None
    moves_footprint: bool = False


def write_states(
    session: Session,
    version: PlanVersion,
    entry: Entry,
    current: Mapping[int, StoredZone],
    changes: Mapping[int, ZoneState | None],
    links: list[tuple[int, int, str]],
    metric: MetricCrs,
) -> tuple[Changeset, list[Change]]:
    """Store states as new revisions. changes: by zone, negative for new ones; links (parent, child, kind) may name these.

    current: the zones as the draft has them. Returns the changeset and what it changed, under the numbers stored.
    """
    numbers = _number_new(session, version, [zone for zone in changes if zone < 0])
    lineage = [(numbers.get(parent, parent), numbers.get(child, child), kind) for parent, child, kind in links]
    changeset = _changeset(session, version, entry, _add_lineage(session, version, lineage))
    last = session.scalar(select(func.max(VersionZone.position)).where(VersionZone.version_id == version.id)) or 0
    written: list[tuple[Change, ZoneRevision | None]] = []
    for zone, state in changes.items():
        known = current.get(zone)
        if known is None:
            last += 1
        number, position = numbers.get(zone, zone), last if known is None else known.position
        revision = None
        if state is not None:
            revision = ZoneRevision(zone_id=number, changeset_id=changeset.id, **_columns(state, metric))
            session.add(revision)
        written.append((Change(number, None if known is None else known.revision_id, None, position), revision))
    session.flush()
    done = [
        Change(change.zone_id, change.old_revision_id, None if revision is None else revision.id, change.position)
        for change, revision in written
    ]
    point_manifest(session, version, changeset, done)
    return changeset, done


def write_reversal(
    session: Session, version: PlanVersion, entry: Entry, reverted: Changeset, changes: list[Change]
) -> Changeset:
    """Store the undoing or redoing of a changeset: the manifest points to revisions that there are already."""
    if entry.kind == "undo":
        for parent, child, _kind in reverted.lineage:
            session.execute(
                delete(ZoneLineage).where(
                    ZoneLineage.version_id == version.id,
                    ZoneLineage.parent_zone_id == parent,
                    ZoneLineage.child_zone_id == child,
                )
            )
    else:
        _add_lineage(session, version, [(parent, child, kind) for parent, child, kind in reverted.lineage])
    changeset = _changeset(session, version, entry, [])
    point_manifest(session, version, changeset, changes)
    return changeset


def point_manifest(session: Session, version: PlanVersion, changeset: Changeset, changes: list[Change]) -> None:
    """Let the draft hold the new revisions, and write down what was changed."""
    session.execute(
        delete(VersionZone).where(
            VersionZone.version_id == version.id, VersionZone.zone_id.in_([change.zone_id for change in changes])
        )
    )
    rows = [
        {
            "version_id": version.id,
            "zone_id": change.zone_id,
            "revision_id": change.new_revision_id,
            "position": change.position,
        }
        for change in changes
        if change.new_revision_id is not None
    ]
    if rows:
        session.execute(insert(VersionZone), rows)
    session.execute(
        insert(ChangesetZone),
        [
            {
                "changeset_id": changeset.id,
                "zone_id": change.zone_id,
                "old_revision_id": change.old_revision_id,
                "new_revision_id": change.new_revision_id,
                "position": change.position,
            }
            for change in changes
        ],
    )


def _columns(state: ZoneState, metric: MetricCrs) -> dict[str, Any]:
    columns = columns_of(state, metric)
    # As WKB: every coordinate arrives bit by bit.
    return {**columns, "geom": from_shape(columns["geom"], srid=4326)}


def _changeset(session: Session, version: PlanVersion, entry: Entry, lineage: list[list[Any]]) -> Changeset:
    changeset = Changeset(
        version_id=version.id,
        author=entry.actor.display_name or "operator",
        comment=entry.comment,
        account_id=entry.actor.account_id,
        kind=entry.kind,
        key=entry.key,
        reverts_id=entry.reverts_id,
        moves_footprint=entry.moves_footprint,
        lineage=lineage,
    )
    session.add(changeset)
    session.flush()
    return changeset


def _number_new(session: Session, version: PlanVersion, placeholders: list[int]) -> dict[int, int]:
    """Lasting numbers for the placeholders of new zones."""
    zones = {placeholder: Zone(plan_id=version.plan_id) for placeholder in placeholders}
    session.add_all(zones.values())
    session.flush()
    return {placeholder: zone.id for placeholder, zone in zones.items()}


def _add_lineage(session: Session, version: PlanVersion, links: list[tuple[int, int, str]]) -> list[list[Any]]:
    """Add what is not known yet; returns what was added, for taking it back."""
    added: list[list[Any]] = []
    for parent, child, kind in links:
        statement = insert(ZoneLineage).values(
            version_id=version.id, parent_zone_id=parent, child_zone_id=child, kind=kind
        )
        new = session.execute(statement.on_conflict_do_nothing().returning(ZoneLineage.kind)).first()
        if new is not None:
            added.append([parent, child, kind])
    return added
