"""SQL for differences and histories. Geometries are WKB in EPSG:4326; a version is named by its id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, exists, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from app.plans.drafts.states import StoredZone, state_of
from app.plans.models import Changeset, PlanVersion, VersionZone, ZoneLineage, ZoneRevision

_REVISION = (
    ZoneRevision.subzone_code,
    ZoneRevision.block,
    ZoneRevision.sub_block,
    ZoneRevision.legal_area_ha,
    ZoneRevision.area_m2,
    ZoneRevision.remark,
    ZoneRevision.overlays,
    func.ST_AsBinary(ZoneRevision.geom).label("wkb"),
)


def differing(session: Session, version_id: int, other_id: int) -> dict[int, StoredZone]:
    """Zones of a version that another does not hold in the very same revision, by number.

    What both hold as one revision is equal by definition and is not read at all.
    """
    theirs = aliased(VersionZone)
    same = exists().where(theirs.version_id == other_id, theirs.revision_id == VersionZone.revision_id)
    query = (
        select(VersionZone.zone_id, VersionZone.revision_id, VersionZone.position, *_REVISION)
        .join(ZoneRevision, ZoneRevision.id == VersionZone.revision_id)
        .where(VersionZone.version_id == version_id, ~same)
        .order_by(VersionZone.position)
    )
    return {
        row.zone_id: StoredZone(row.zone_id, row.revision_id, row.position, state_of(row))
        for row in session.execute(query)
    }


def lineage(session: Session, version_ids: Iterable[int], zone_id: int | None = None) -> Sequence[ZoneLineage]:
    """Who was split from or merged into whom in some versions; with a zone, only what concerns it."""
    query = select(ZoneLineage).where(ZoneLineage.version_id.in_(list(version_ids)))
    if zone_id is not None:
        query = query.where(or_(ZoneLineage.parent_zone_id == zone_id, ZoneLineage.child_zone_id == zone_id))
    return session.scalars(
        query.order_by(ZoneLineage.version_id, ZoneLineage.parent_zone_id, ZoneLineage.child_zone_id)
    ).all()


def comments(session: Session, version_ids: Iterable[int]) -> Sequence[Changeset]:
    """Changesets of versions in which somebody wrote why, in order.

    An import only says from which file; what was taken back again is no reason for anything.
    """
    rows = session.scalars(
        select(Changeset)
        .where(Changeset.version_id.in_(list(version_ids)), Changeset.kind != "import")
        .order_by(Changeset.version_id, Changeset.id)
    ).all()
    undone = {row.reverts_id: row.kind == "undo" for row in rows if row.reverts_id is not None}
    return [row for row in rows if row.comment and row.reverts_id is None and not undone.get(row.id, False)]


def summaries(session: Session, version_ids: Iterable[int]) -> Sequence[PlanVersion]:
    """Versions for which somebody wrote what changed and why, when they were handed in, in order."""
    return session.scalars(
        select(PlanVersion)
        .where(PlanVersion.id.in_(list(version_ids)), PlanVersion.summary.is_not(None))
        .order_by(PlanVersion.seq)
    ).all()


# Cells that are the same in both are left out by the database: a table has tens of thousands.
_USES = text(
    """
    SELECT coalesce(old.activity_id, new.activity_id) AS activity_id,
           coalesce(old.subzone_code, new.subzone_code) AS subzone_code,
           coalesce(new_activity.title, old_activity.title) AS title,
           old.verdict AS old_verdict, old.conditions AS old_conditions, old.cell AS old_cell,
           new.verdict AS new_verdict, new.conditions AS new_conditions, new.cell AS new_cell,
           count(*) OVER () AS total
    FROM (SELECT * FROM permitted_use WHERE version_id = :old) old
    FULL JOIN (SELECT * FROM permitted_use WHERE version_id = :new) new USING (activity_id, subzone_code)
    LEFT JOIN activity old_activity
        ON old_activity.version_id = :old AND old_activity.activity_id = coalesce(old.activity_id, new.activity_id)
    LEFT JOIN activity new_activity
        ON new_activity.version_id = :new AND new_activity.activity_id = coalesce(old.activity_id, new.activity_id)
    WHERE (old.verdict, old.conditions) IS DISTINCT FROM (new.verdict, new.conditions)
    ORDER BY coalesce(new_activity.position, old_activity.position), subzone_code
    LIMIT :limit
    """
)


def changed_uses(session: Session, old_id: int, new_id: int, *, limit: int) -> Sequence[Row[Any]]:
    """Cells of the ITBX table that differ, in the order of the table; ``total`` counts all, beyond the limit too."""
    return session.execute(_USES, {"old": old_id, "new": new_id, "limit": limit}).all()


def revisions_of(session: Session, zone_id: int, version_ids: Iterable[int]) -> Sequence[Row[Any]]:
    """One zone as each of some versions has it, oldest version first."""
    return session.execute(
        select(PlanVersion.id.label("version_id"), VersionZone.zone_id, VersionZone.revision_id, *_REVISION)
        .join(VersionZone, VersionZone.version_id == PlanVersion.id)
        .join(ZoneRevision, ZoneRevision.id == VersionZone.revision_id)
        .where(VersionZone.zone_id == zone_id, PlanVersion.id.in_(list(version_ids)))
        .order_by(PlanVersion.seq)
    ).all()


# The border's tolerance is given in degrees, as for every other lookup of a point; its box is what the index is asked for.
_AT_POINT = text(
    """
    SELECT manifest.version_id, manifest.zone_id, revision.id AS revision_id, revision.subzone_code, revision.block,
           revision.area_m2
    FROM version_zone manifest
    JOIN zone_revision revision ON revision.id = manifest.revision_id
    WHERE manifest.version_id = ANY(:versions)
      AND revision.geom && ST_Expand(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :tolerance)
      AND ST_DWithin(revision.geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :tolerance)
    ORDER BY manifest.version_id, manifest.zone_id
    """
)


def at_point(
    session: Session, version_ids: Iterable[int], lon: float, lat: float, tolerance_deg: float
) -> Sequence[Row[Any]]:
    """The zones that hold a point in each of some versions; on a border several."""
    return session.execute(
        _AT_POINT, {"versions": list(version_ids), "lon": lon, "lat": lat, "tolerance": tolerance_deg}
    ).all()
