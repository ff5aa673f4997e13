"""SQL for reading plans, their versions, zones and rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import shapely
from sqlalchemy import Row, case, func, select, text
from sqlalchemy.orm import Session

from app.plans.models import (
    Activity,
    Article,
    Changeset,
    ChangesetZone,
    IntensityRule,
    KbliCorrespondence,
    OverlayRule,
    PermittedUse,
    Plan,
    PlanVersion,
    SourceFeature,
    SourceFile,
    Subzone,
    UseCondition,
    VersionZone,
    ZoneRevision,
)

PUBLIC_STATES = ("published", "withdrawn")


def plans(session: Session) -> Sequence[Plan]:
    """All plans, the one that answers first at the front."""
    return session.scalars(select(Plan).order_by(Plan.priority, Plan.code)).all()


def plan_by_code(session: Session, code: str) -> Plan | None:
    """The plan of this code."""
    return session.scalars(select(Plan).where(Plan.code == code)).first()


def version(session: Session, plan_id: int, seq: int) -> PlanVersion | None:
    """One version by its number within the plan."""
    return session.scalars(select(PlanVersion).where(PlanVersion.plan_id == plan_id, PlanVersion.seq == seq)).first()


def timeline(session: Session) -> Sequence[Row[Any]]:
    """Every public version of every plan with the plan's own columns; published before withdrawn, newest first."""
    return session.execute(
        select(PlanVersion, Plan)
        .join(Plan, Plan.id == PlanVersion.plan_id)
        .where(PlanVersion.state.in_(PUBLIC_STATES))
        .order_by(
            Plan.priority,
            Plan.code,
            case((PlanVersion.state == "published", 0), else_=1),
            func.lower(PlanVersion.valid).desc(),
        )
    ).all()


def extents(session: Session) -> dict[int, tuple[float, float, float, float]]:
    """West, south, east, north of the zones of every public version, by version id (EPSG:4326)."""
    box = func.ST_Extent(ZoneRevision.geom)
    rows = session.execute(
        select(
            VersionZone.version_id,
            func.ST_XMin(box),
            func.ST_YMin(box),
            func.ST_XMax(box),
            func.ST_YMax(box),
        )
        .join(ZoneRevision, ZoneRevision.id == VersionZone.revision_id)
        .join(PlanVersion, PlanVersion.id == VersionZone.version_id)
        .where(PlanVersion.state.in_(PUBLIC_STATES))
        .group_by(VersionZone.version_id)
    ).all()
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}


def zones(session: Session, version_id: int) -> Sequence[Row[Any]]:
    """Zones of one version in the order of its manifest; geometry as WKB (EPSG:4326)."""
    return session.execute(
        select(
            VersionZone.zone_id,
            VersionZone.revision_id,
            ZoneRevision.subzone_code,
            ZoneRevision.block,
            ZoneRevision.sub_block,
            ZoneRevision.legal_area_ha,
            ZoneRevision.area_m2,
            ZoneRevision.overlays,
            ZoneRevision.remark,
            func.ST_AsBinary(ZoneRevision.geom).label("wkb"),
        )
        .join(ZoneRevision, ZoneRevision.id == VersionZone.revision_id)
        .where(VersionZone.version_id == version_id)
        .order_by(VersionZone.position, VersionZone.zone_id)
    ).all()


def subzones(session: Session, version_id: int) -> Sequence[Subzone]:
    """The code list of one version, in its own order."""
    return session.scalars(select(Subzone).where(Subzone.version_id == version_id).order_by(Subzone.position)).all()


def intensity(session: Session, version_id: int) -> Sequence[IntensityRule]:
    """The intensity table of one version, in its own order."""
    return session.scalars(
        select(IntensityRule).where(IntensityRule.version_id == version_id).order_by(IntensityRule.position)
    ).all()


def permitted_uses(session: Session, version_id: int) -> Sequence[Row[Any]]:
    """All cells of the ITBX table: activity, sub-zone, verdict, conditions."""
    return session.execute(
        select(
            PermittedUse.activity_id, PermittedUse.subzone_code, PermittedUse.verdict, PermittedUse.conditions
        ).where(PermittedUse.version_id == version_id)
    ).all()


def activities(session: Session, version_id: int) -> Sequence[Activity]:
    """The activities of one version, in the order of its table."""
    return session.scalars(select(Activity).where(Activity.version_id == version_id).order_by(Activity.position)).all()


def use_conditions(session: Session, version_id: int) -> Sequence[UseCondition]:
    """What the condition codes of one version mean."""
    return session.scalars(select(UseCondition).where(UseCondition.version_id == version_id)).all()


def overlay_rules(session: Session, version_id: int) -> Sequence[OverlayRule]:
    """What the overlays of one version mean."""
    return session.scalars(select(OverlayRule).where(OverlayRule.version_id == version_id)).all()


def articles(session: Session, version_id: int) -> Sequence[Article]:
    """The articles of one version, in order."""
    return session.scalars(select(Article).where(Article.version_id == version_id).order_by(Article.position)).all()


# The title itself weighs more than a synonym; a title or synonym that begins with what was typed more than one that
# only resembles it. search_text holds the folded title and synonyms between bars, so that "|q" finds a beginning.
_ACTIVITIES = text(
    """
    SELECT activity_id, kbli, kbli_edition, title, kbli_title, category, synonyms, score
    FROM (
        SELECT *, greatest(word_similarity(:q, search_text), similarity(:q, search_text))
               + CASE WHEN search_text LIKE :whole THEN 1.2 WHEN search_text LIKE :begins THEN 0.6
                      WHEN search_text LIKE :inside THEN 0.3 ELSE 0 END AS score
        FROM activity
        WHERE version_id = :version_id AND (:q <% search_text OR search_text LIKE :inside)
    ) found
    WHERE score >= :threshold
    ORDER BY score DESC, position
    LIMIT :limit
    """
)


def search_activities(session: Session, version_id: int, *, q: str, limit: int) -> Sequence[Row[Any]]:
    """Activities by folded word, best first."""
    like = q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return session.execute(
        _ACTIVITIES,
        {
            "version_id": version_id,
            "q": q,
            "whole": f"%|{like}|%",
            "begins": f"%|{like}%",
            "inside": f"%{like}%",
            "threshold": 0.55,
            "limit": limit,
        },
    ).all()


def activities_by_code(session: Session, version_id: int, codes: Sequence[str]) -> Sequence[Activity]:
    """Activities that carry one of the codes, or a code that one of them begins (a group of three or four digits)."""
    return session.scalars(
        select(Activity)
        .where(
            Activity.version_id == version_id,
            text(
                "EXISTS (SELECT FROM unnest(activity.kbli) own, unnest(CAST(:codes AS text[])) asked"
                " WHERE starts_with(own, asked) OR starts_with(asked, own))"
            ).bindparams(codes=list(codes)),
        )
        .order_by(Activity.position)
    ).all()


def earlier_codes(session: Session, code: str) -> dict[str, list[str]]:
    """Codes of earlier editions that became this code, by the later edition that it belongs to."""
    rows = session.execute(
        select(KbliCorrespondence.to_edition, KbliCorrespondence.from_code)
        .where(func.lower(KbliCorrespondence.to_code) == code.lower())
        .order_by(KbliCorrespondence.to_edition, KbliCorrespondence.from_code)
    ).all()
    found: dict[str, list[str]] = {}
    for edition, earlier in rows:
        found.setdefault(edition, []).append(earlier)
    return found


def was_imported(session: Session, version_id: int) -> bool:
    """Whether a version began with the import of a layer, and not with the zones of the version before."""
    imports = select(Changeset.id).where(Changeset.version_id == version_id, Changeset.kind == "import").limit(1)
    return session.scalar(imports) is not None


def changes_since_beginning(session: Session, version_id: int) -> Sequence[Row[Any]]:
    """What was done to each zone of a version after it was opened or imported, in order: revisions before and after."""
    return session.execute(
        select(
            ChangesetZone.changeset_id,
            ChangesetZone.zone_id,
            ChangesetZone.old_revision_id,
            ChangesetZone.new_revision_id,
            Changeset.moves_footprint,
        )
        .join(Changeset, Changeset.id == ChangesetZone.changeset_id)
        .where(Changeset.version_id == version_id, Changeset.kind != "import")
        .order_by(ChangesetZone.changeset_id, ChangesetZone.zone_id)
    ).all()


def outlines(session: Session, revision_ids: Iterable[int]) -> dict[int, shapely.Geometry]:
    """Outlines of revisions (EPSG:4326), every bit as stored."""
    rows = session.execute(
        select(ZoneRevision.id, func.ST_AsBinary(ZoneRevision.geom)).where(ZoneRevision.id.in_(list(revision_ids)))
    ).all()
    found = shapely.from_wkb([bytes(row[1]) for row in rows])
    return dict(zip([row[0] for row in rows], found, strict=True))


def source_file(session: Session, version_id: int) -> SourceFile | None:
    """What a version was imported from."""
    return session.get(SourceFile, version_id)


def source_features(session: Session, version_id: int) -> Iterator[SourceFeature]:
    """The features of a version as they came in, in order, without holding them all."""
    query = select(SourceFeature).where(SourceFeature.version_id == version_id).order_by(SourceFeature.number)
    yield from session.scalars(query.execution_options(yield_per=500))


def latest_published(session: Session, plan_id: int, *, lock: bool = False) -> PlanVersion | None:
    """The published version that begins last; with ``lock`` its row is held until the transaction ends."""
    query = (
        select(PlanVersion)
        .where(PlanVersion.plan_id == plan_id, PlanVersion.state == "published")
        .order_by(func.lower(PlanVersion.valid).desc())
        .limit(1)
    )
    return session.scalars(query.with_for_update() if lock else query).first()


def subzone_areas(session: Session, version_id: int) -> dict[str, tuple[int, float]]:
    """Number of zones and area in m2 (metric CRS of the plan) per sub-zone code."""
    rows = session.execute(
        select(ZoneRevision.subzone_code, func.count(), func.sum(ZoneRevision.area_m2))
        .join(VersionZone, VersionZone.revision_id == ZoneRevision.id)
        .where(VersionZone.version_id == version_id)
        .group_by(ZoneRevision.subzone_code)
    ).all()
    return {row[0]: (row[1], float(row[2])) for row in rows}


# Zones above this zoom are drawn from their own geometry, up to it from geometry simplified as a coverage.
SIMPLIFIED_ZOOMS = (8, 9, 10, 11, 12)

# The tile's envelope is transformed to the data, never the data's column: the index on it is used.
_ZONE_TILE = text(
    """
    WITH tile AS (
        SELECT ST_TileEnvelope(:z, :x, :y) AS box,
               ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.0625), 4326) AS lonlat
    )
    SELECT ST_AsMVT(feature, 'zones', 4096, 'geom', 'zone_id') FROM (
        SELECT revision.zone_id, revision.subzone_code AS code, subzone.name,
               coalesce(subzone.colour, '#9aa0a6') AS colour,
               ST_AsMVTGeom(ST_Transform(revision.geom, 3857), tile.box, 4096, 64) AS geom
        FROM tile, version_zone manifest
        JOIN zone_revision revision ON revision.id = manifest.revision_id
        LEFT JOIN subzone ON subzone.version_id = manifest.version_id AND subzone.code = revision.subzone_code
        WHERE manifest.version_id = :version_id AND revision.geom && tile.lonlat
    ) feature WHERE geom IS NOT NULL
    """
)
_SIMPLIFIED_TILE = text(
    """
    WITH tile AS (
        SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_TileEnvelope(:z, :x, :y, margin => 0.0625) AS wide
    )
    SELECT ST_AsMVT(feature, 'zones', 4096, 'geom', 'zone_id') FROM (
        SELECT simple.zone_id, revision.subzone_code AS code, subzone.name,
               coalesce(subzone.colour, '#9aa0a6') AS colour,
               ST_AsMVTGeom(simple.geom, tile.box, 4096, 64) AS geom
        FROM tile, tile_zone simple
        JOIN version_zone manifest ON manifest.version_id = simple.version_id AND manifest.zone_id = simple.zone_id
        JOIN zone_revision revision ON revision.id = manifest.revision_id
        LEFT JOIN subzone ON subzone.version_id = manifest.version_id AND subzone.code = revision.subzone_code
        WHERE simple.version_id = :version_id AND simple.zoom = :zoom AND simple.geom && tile.wide
    ) feature WHERE geom IS NOT NULL
    """
)
# A label stands once, in the tile that holds its point, so that it is neither cut nor doubled at tile edges.
_LABEL_TILE = text(
    """
    WITH tile AS (
        SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y), 4326) AS lonlat
    )
    SELECT ST_AsMVT(feature, 'zone_labels', 4096, 'geom', 'zone_id') FROM (
        SELECT revision.zone_id, revision.subzone_code AS code, revision.area_m2::int AS area_m2,
               ST_AsMVTGeom(ST_Transform(label.point, 3857), tile.box, 4096, 0) AS geom
        FROM tile, version_zone manifest
        JOIN zone_revision revision ON revision.id = manifest.revision_id
        CROSS JOIN LATERAL (SELECT ST_PointOnSurface(revision.geom) AS point) label
        WHERE manifest.version_id = :version_id AND revision.geom && tile.lonlat
          AND revision.area_m2 > power(60 * 156543.03 / power(2, :z), 2) AND label.point && tile.lonlat
    ) feature WHERE geom IS NOT NULL
    """
)


def zone_tile(session: Session, version_id: int, z: int, x: int, y: int) -> bytes:
    """Zones of one tile as a Mapbox Vector Tile (layer "zones"); empty bytes where there are none."""
    values = {"version_id": version_id, "z": z, "x": x, "y": y}
    if z > SIMPLIFIED_ZOOMS[-1]:
        return bytes(session.execute(_ZONE_TILE, values).scalar_one())
    return bytes(session.execute(_SIMPLIFIED_TILE, {**values, "zoom": max(z, SIMPLIFIED_ZOOMS[0])}).scalar_one())


def label_tile(session: Session, version_id: int, z: int, x: int, y: int) -> bytes:
    """Label points of the zones of one tile (layer "zone_labels"), for zones large enough to hold one."""
    return bytes(session.execute(_LABEL_TILE, {"version_id": version_id, "z": z, "x": x, "y": y}).scalar_one())


def is_public(session: Session, version_id: int) -> bool:
    """Whether the version is published or withdrawn."""
    state = session.execute(select(PlanVersion.state).where(PlanVersion.id == version_id)).scalar()
    return state in PUBLIC_STATES


def delete_draft(session: Session, plan_id: int, version_id: int) -> None:
    """Delete a draft (its content goes by cascade), then revisions and zones that no version holds any more."""
    session.execute(text("DELETE FROM plan_version WHERE id = :version"), {"version": version_id})
    session.execute(
        text(
            "DELETE FROM zone_revision revision USING zone WHERE zone.id = revision.zone_id AND zone.plan_id = :plan"
            " AND NOT EXISTS (SELECT FROM version_zone WHERE version_zone.revision_id = revision.id)"
        ),
        {"plan": plan_id},
    )
    session.execute(
        text(
            # A zone that a repair emptied has no revision, but its version and its source still name it.
            "DELETE FROM zone WHERE plan_id = :plan AND NOT EXISTS (SELECT FROM zone_revision WHERE zone_id = zone.id)"
            " AND NOT EXISTS (SELECT FROM source_feature WHERE zone_id = zone.id)"
            " AND NOT EXISTS (SELECT FROM zone_lineage WHERE zone.id IN (parent_zone_id, child_zone_id))"
        ),
        {"plan": plan_id},
    )
