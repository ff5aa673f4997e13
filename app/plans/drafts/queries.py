"""SQL for drafts: zones near an edit, what changesets changed, tiles.

A box is west, south, east, north in degrees (EPSG:4326).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import shapely
from sqlalchemy import Row, Select, func, or_, select, text
from sqlalchemy.orm import Session

from app.plans.drafts.states import StoredZone, state_of
from app.plans.models import (
    Changeset,
    ChangesetZone,
    IntensityRule,
    PermittedUse,
    PlanVersion,
    Subzone,
    VersionZone,
    ZoneRevision,
)

Box = tuple[float, float, float, float]
_REVISION = (
    ZoneRevision.subzone_code,
    ZoneRevision.block,
    ZoneRevision.sub_block,
    ZoneRevision.legal_area_ha,
    ZoneRevision.remark,
    ZoneRevision.overlays,
    func.ST_AsBinary(ZoneRevision.geom).label("wkb"),
)


def open_version(session: Session, plan_id: int) -> PlanVersion | None:
    """The version of a plan that is not public yet; there is one at most."""
    return session.scalars(
        select(PlanVersion).where(PlanVersion.plan_id == plan_id, PlanVersion.state.in_(("draft", "review")))
    ).first()


def next_seq(session: Session, plan_id: int) -> int:
    """The number that the next version of a plan gets."""
    return (session.scalar(select(func.max(PlanVersion.seq)).where(PlanVersion.plan_id == plan_id)) or 0) + 1


def copy_manifest(session: Session, source: int, target: int) -> None:
    """Let a version hold the very revisions of another."""
    session.execute(
        text(
            "INSERT INTO version_zone (version_id, zone_id, revision_id, position)"
            " SELECT :target, zone_id, revision_id, position FROM version_zone WHERE version_id = :source"
        ),
        {"source": source, "target": target},
    )


def head(session: Session, version_id: int) -> int:
    """The number of the last changeset; 0 where there is none."""
    return session.scalar(select(func.max(Changeset.id)).where(Changeset.version_id == version_id)) or 0


def summary(session: Session, version_id: int) -> tuple[int, Box | None]:
    """How many zones a version has, and their box."""
    box = func.ST_Extent(ZoneRevision.geom)
    row = session.execute(
        select(func.count(), func.ST_XMin(box), func.ST_YMin(box), func.ST_XMax(box), func.ST_YMax(box))
        .select_from(VersionZone)
        .join(ZoneRevision, ZoneRevision.id == VersionZone.revision_id)
        .where(VersionZone.version_id == version_id)
    ).one()
    return row[0], None if row[1] is None else (row[1], row[2], row[3], row[4])


def listed(session: Session, version_id: int) -> Sequence[Row[Any]]:
    """Every zone without its outline: number, revision, attributes, area, box."""
    box = func.Box2D(ZoneRevision.geom)
    return session.execute(
        select(
            VersionZone.zone_id,
            VersionZone.revision_id,
            ZoneRevision.subzone_code,
            ZoneRevision.block,
            ZoneRevision.sub_block,
            ZoneRevision.area_m2,
            ZoneRevision.legal_area_ha,
            ZoneRevision.remark,
            func.ST_XMin(box).label("west"),
            func.ST_YMin(box).label("south"),
            func.ST_XMax(box).label("east"),
            func.ST_YMax(box).label("north"),
        )
        .join(ZoneRevision, ZoneRevision.id == VersionZone.revision_id)
        .where(VersionZone.version_id == version_id)
        .order_by(VersionZone.position)
    ).all()


def zones(
    session: Session,
    version_id: int,
    *,
    ids: Iterable[int] = (),
    boxes: Sequence[Box] = (),
    limit: int | None = None,
) -> dict[int, StoredZone]:
    """Zones of a version by number: those named, and those whose own box meets one of the boxes."""
    wanted = [VersionZone.zone_id.in_(list(ids))]
    # Given to the index one by one: a single box around all might cover the whole plan.
    wanted += [ZoneRevision.geom.op("&&")(func.ST_MakeEnvelope(*box, 4326)) for box in boxes]
    query = (
        select(VersionZone.zone_id, VersionZone.revision_id, VersionZone.position, *_REVISION)
        .join(ZoneRevision, ZoneRevision.id == VersionZone.revision_id)
        .where(VersionZone.version_id == version_id, or_(*wanted))
        .order_by(VersionZone.position)
        .limit(limit)
    )
    return {
        row.zone_id: StoredZone(row.zone_id, row.revision_id, row.position, state_of(row))
        for row in session.execute(query)
    }


def all_zones(session: Session, version_id: int) -> dict[int, StoredZone]:
    """Every zone of a version, in the order of its manifest."""
    query = (
        select(VersionZone.zone_id, VersionZone.revision_id, VersionZone.position, *_REVISION)
        .join(ZoneRevision, ZoneRevision.id == VersionZone.revision_id)
        .where(VersionZone.version_id == version_id)
        .order_by(VersionZone.position)
    )
    return {
        row.zone_id: StoredZone(row.zone_id, row.revision_id, row.position, state_of(row))
        for row in session.execute(query)
    }


def manifest(session: Session, version_id: int) -> dict[int, int]:
    """By zone its revision, in the order of the manifest."""
    rows = session.execute(
        select(VersionZone.zone_id, VersionZone.revision_id)
        .where(VersionZone.version_id == version_id)
        .order_by(VersionZone.position)
    )
    return {row.zone_id: row.revision_id for row in rows}


def all_outlines(session: Session, version_id: int) -> dict[int, shapely.Geometry]:
    """By revision the outline of every zone of a version."""
    rows = session.execute(
        select(ZoneRevision.id, func.ST_AsBinary(ZoneRevision.geom))
        .join(VersionZone, VersionZone.revision_id == ZoneRevision.id)
        .where(VersionZone.version_id == version_id)
    ).all()
    found = shapely.from_wkb([bytes(row[1]) for row in rows])
    return dict(zip([row[0] for row in rows], found, strict=True))


def codes(session: Session, version_id: int) -> set[str]:
    """Codes of the version's code list."""
    return set(session.scalars(select(Subzone.code).where(Subzone.version_id == version_id)))


def has_uses(session: Session, version_id: int) -> bool:
    """Whether the version has a table of activities."""
    return (
        session.scalar(select(PermittedUse.version_id).where(PermittedUse.version_id == version_id).limit(1))
        is not None
    )


def without_uses(session: Session, version_id: int) -> set[str]:
    """Sub-zones of the code list that no cell of the activity table decides on; none where there is no such table."""
    decided = select(PermittedUse.subzone_code).where(
        PermittedUse.version_id == version_id, PermittedUse.verdict != "undecided"
    )
    return _lacking(session, version_id, decided.distinct())


def without_intensity(session: Session, version_id: int) -> set[str]:
    """Sub-zones of the code list that no row of the intensity table speaks of; none where there is no such table."""
    stated = select(IntensityRule.subzone_code).where(IntensityRule.version_id == version_id)
    return _lacking(session, version_id, stated.distinct())


def _lacking(session: Session, version_id: int, spoken_of: Select[tuple[str]]) -> set[str]:
    stated = set(session.scalars(spoken_of))
    return codes(session, version_id) - stated if stated else set()


def revisions(session: Session, ids: Iterable[int]) -> dict[int, StoredZone]:
    """Revisions by their own number, whatever version holds them; position is 0."""
    query = select(ZoneRevision.zone_id, ZoneRevision.id.label("revision_id"), *_REVISION).where(
        ZoneRevision.id.in_(list(ids))
    )
    return {
        row.revision_id: StoredZone(row.zone_id, row.revision_id, 0, state_of(row)) for row in session.execute(query)
    }


def zone_in_version(session: Session, zone_id: int, version_id: int) -> StoredZone | None:
    """One zone as a version has it."""
    return zones(session, version_id, ids=[zone_id]).get(zone_id)


def by_key(session: Session, version_id: int, key: uuid.UUID) -> Changeset | None:
    """The changeset that was stored under a key."""
    return session.scalars(select(Changeset).where(Changeset.version_id == version_id, Changeset.key == key)).first()


def changesets_of(session: Session, version_id: int, account_id: int | None) -> Sequence[Changeset]:
    """What one person did in a draft, in order."""
    return session.scalars(
        select(Changeset)
        .where(Changeset.version_id == version_id, Changeset.account_id.is_not_distinct_from(account_id))
        .order_by(Changeset.id)
    ).all()


def history(session: Session, version_id: int, *, before: int | None, limit: int) -> Sequence[Changeset]:
    """Changesets of a draft, newest first."""
    query = select(Changeset).where(Changeset.version_id == version_id)
    if before is not None:
        query = query.where(Changeset.id < before)
    return session.scalars(query.order_by(Changeset.id.desc()).limit(limit)).all()


def since(session: Session, version_id: int, changeset_id: int) -> Sequence[Changeset]:
    """Changesets after one, in order."""
    return session.scalars(
        select(Changeset).where(Changeset.version_id == version_id, Changeset.id > changeset_id).order_by(Changeset.id)
    ).all()


def undone_among(session: Session, version_id: int) -> set[int]:
    """Changesets that are taken back at present: those last mentioned by an undoing and not by a redoing."""
    rows = session.execute(
        select(Changeset.kind, Changeset.reverts_id)
        .where(Changeset.version_id == version_id, Changeset.reverts_id.is_not(None))
        .order_by(Changeset.id)
    ).all()
    state = {reverts_id: kind == "undo" for kind, reverts_id in rows}
    return {changeset_id for changeset_id, undone in state.items() if undone and changeset_id is not None}


def changed(session: Session, changeset_ids: Iterable[int]) -> Sequence[ChangesetZone]:
    """What changesets did to zones, in order."""
    return session.scalars(
        select(ChangesetZone)
        .where(ChangesetZone.changeset_id.in_(list(changeset_ids)))
        .order_by(ChangesetZone.changeset_id, ChangesetZone.zone_id)
    ).all()


def changed_since(session: Session, version_id: int, changeset_id: int) -> set[int]:
    """Zones that any changeset after one touched."""
    return set(
        session.scalars(
            select(ChangesetZone.zone_id)
            .join(Changeset, Changeset.id == ChangesetZone.changeset_id)
            .where(Changeset.version_id == version_id, Changeset.id > changeset_id)
            .distinct()
        )
    )


def changes_of(session: Session, version_id: int, zone_ids: Iterable[int]) -> Sequence[Row[Any]]:
    """What was done to some zones in a draft, newest first: changeset, zone, revisions."""
    return session.execute(
        select(
            ChangesetZone.changeset_id,
            ChangesetZone.zone_id,
            ChangesetZone.old_revision_id,
            ChangesetZone.new_revision_id,
        )
        .join(Changeset, Changeset.id == ChangesetZone.changeset_id)
        .where(Changeset.version_id == version_id, ChangesetZone.zone_id.in_(list(zone_ids)))
        .order_by(ChangesetZone.changeset_id.desc())
    ).all()


def footprint_moves(session: Session, version_id: int) -> Sequence[Changeset]:
    """Changesets that meant to move the plan's outer border, in order."""
    return session.scalars(
        select(Changeset).where(Changeset.version_id == version_id, Changeset.moves_footprint).order_by(Changeset.id)
    ).all()


# The tile's envelope is transformed to the data, never the data's column: the index on it is used. Zones too small to
# be seen are left out before anything is done to them: what editors see of a whole plan are its large zones.
_TILE = text(
    """
    WITH tile AS (
        SELECT ST_TileEnvelope(:z, :x, :y) AS box,
               ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.0625), 4326) AS lonlat,
               40075016.68 / power(2, :z) / 4096 AS unit_m
    )
    SELECT ST_AsMVT(feature, 'zones', 4096, 'geom', 'zone_id') FROM (
        SELECT revision.zone_id, revision.subzone_code AS code, subzone.name,
               coalesce(subzone.colour, '#9aa0a6') AS colour,
               ST_AsMVTGeom(
                   CASE WHEN :z < 13 THEN ST_Simplify(ST_Transform(revision.geom, 3857), 4 * tile.unit_m, true)
                        ELSE ST_Transform(revision.geom, 3857) END,
                   tile.box, 4096, 64
               ) AS geom
        FROM tile, version_zone manifest
        JOIN zone_revision revision ON revision.id = manifest.revision_id
        LEFT JOIN subzone ON subzone.version_id = manifest.version_id AND subzone.code = revision.subzone_code
        WHERE manifest.version_id = :version_id AND revision.geom && tile.lonlat
          AND revision.area_m2 > 4 * tile.unit_m * tile.unit_m
    ) feature WHERE geom IS NOT NULL
    """
)


def tile(session: Session, version_id: int, z: int, x: int, y: int) -> bytes:
    """Zones of a draft as a vector tile (layer "zones"); empty bytes where there are none."""
    values = {"version_id": version_id, "z": z, "x": x, "y": y}
    return bytes(session.execute(_TILE, values).scalar_one())
