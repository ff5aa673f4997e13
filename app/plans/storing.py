"""Write what was read: the source as it came in, and zones, revisions and manifest of the draft."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from flask_babel import gettext
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.database import copy_rows
from app.plans import matching, verbatim
from app.plans.models import (
    Changeset,
    Plan,
    PlanVersion,
    SourceFeature,
    SourceFile,
    VersionZone,
    Zone,
    ZoneLineage,
    ZoneRevision,
)
from app.plans.reading import ReadLayer
from gis.coverage_repair import RepairProposal
from gis.crs import MetricCrs
from gis.rdtr.overlays import OverlayStatus, OverlayValue
from gis.rdtr.zone_layer import ZoneRecord
from gis.vector_files import SourceFeature as FileFeature
from gis.vector_files import VectorLayer


@dataclass(frozen=True)
class Draft:
    """Where zones go: the new version of a plan, the published version it is based on, the plane for areas."""

    plan: Plan
    version: PlanVersion
    base: PlanVersion | None
    metric: MetricCrs


def _stored(overlay: OverlayValue) -> str | None:
    """An overlay as a revision keeps it: the value verbatim, "Tidak Ada", or null for not checked."""
    return "Tidak Ada" if overlay.status is OverlayStatus.DOES_NOT_APPLY else overlay.value


def store(
    session: Session,
    draft: Draft,
    layer: VectorLayer,
    path: Path,
    read: ReadLayer,
    geometries: Any,
    proposal: RepairProposal | None,
) -> None:
    """Write source, zones, revisions and manifest.

    geometries: MultiPolygons in EPSG:4326, one for each zone read, as repaired; an emptied zone is empty.
    """
    plan, version, base, metric = draft.plan, draft.version, draft.base, draft.metric
    changeset = Changeset(
        version_id=version.id,
        author="import",
        comment=gettext("Imported from %(file)s", file=layer.file_name),
    )
    session.add(changeset)
    session.add(_source_file(version, layer, path))
    session.flush()
    drafts = [zone_draft(record, geometry) for record, geometry in zip(read.records, geometries, strict=True)]
    kept = [position for position, draft in enumerate(drafts) if not draft.geometry.is_empty]
    known = matching.zones_of(session, base.id) if base is not None else []
    matches = matching.match([drafts[position] for position in kept], known, metric)
    zone_ids, revision_ids = _write_zones(session, plan, changeset, [drafts[p] for p in kept], matches, metric)
    by_position = dict(zip(kept, zone_ids, strict=True))
    copy_rows(
        session,
        VersionZone,
        (
            {"version_id": version.id, "zone_id": zone_id, "revision_id": revision_id, "position": position}
            for position, zone_id, revision_id in zip(kept, zone_ids, revision_ids, strict=True)
        ),
    )
    _write_emptied(session, plan, version, proposal, by_position)
    _write_sources(session, version, read, by_position, proposal)


def _source_file(version: PlanVersion, layer: VectorLayer, path: Path) -> SourceFile:
    return SourceFile(
        version_id=version.id,
        filename=layer.file_name,
        layer=layer.name,
        driver=path.suffix.lower().lstrip("."),
        crs=layer.source_crs.definition,
        sha256=_sha256(path),
        schema={"columns": layer.columns},
    )


def zone_draft(record: ZoneRecord, geometry: shapely.Geometry) -> matching.ZoneDraft:
    """A zone as it was read, with the outline that it gets."""
    return matching.ZoneDraft(
        geometry=geometry,
        subzone_code=record.subzone_code or "",
        block=record.block,
        sub_block=record.sub_block,
        legal_area_ha=record.legal_area_ha,
        overlays={kind.value: _stored(value) for kind, value in record.overlays.items()},
        remark=record.remark,
    )


def _write_zones(
    session: Session,
    plan: Plan,
    changeset: Changeset,
    drafts: list[matching.ZoneDraft],
    matches: list[matching.Match],
    metric: MetricCrs,
) -> tuple[list[int], list[int]]:
    """Ids of zone and revision for each draft; what is known already is used again."""
    new_zones = iter(_ids(session, "zone", sum(match.zone_id is None for match in matches)))
    new_revisions = iter(_ids(session, "zone_revision", sum(match.revision_id is None for match in matches)))
    areas = metric.area_m2(np.array([draft.geometry for draft in drafts], dtype=object))
    zone_ids, revision_ids, zones, revisions = [], [], [], []
    for draft, match, area in zip(drafts, matches, areas, strict=True):
        zone_id = match.zone_id
        if zone_id is None:
            zone_id = next(new_zones)
            zones.append({"id": zone_id, "plan_id": plan.id})
        revision_id = match.revision_id
        if revision_id is None:
            revision_id = next(new_revisions)
            revisions.append(
                {
                    "id": revision_id,
                    "zone_id": zone_id,
                    "changeset_id": changeset.id,
                    "subzone_code": draft.subzone_code,
                    "block": draft.block,
                    "sub_block": draft.sub_block,
                    "legal_area_ha": draft.legal_area_ha,
                    "area_m2": float(area),
                    "overlays": draft.overlays,
                    "remark": draft.remark,
                    "geom": draft.geometry,
                }
            )
        zone_ids.append(zone_id)
        revision_ids.append(revision_id)
    copy_rows(session, Zone, zones)
    copy_rows(session, ZoneRevision, revisions)
    return zone_ids, revision_ids


def _write_emptied(
    session: Session,
    plan: Plan,
    version: PlanVersion,
    proposal: RepairProposal | None,
    by_position: dict[int, int],
) -> None:
    """A zone that the repair emptied stays on record, linked to the zone that took its land."""
    emptied = proposal.emptied if proposal else ()
    for item, zone_id in zip(emptied, _ids(session, "zone", len(emptied)), strict=True):
        session.add(Zone(id=zone_id, plan_id=plan.id))
        session.flush()
        by_position[item.zone] = zone_id
        taker = by_position.get(item.taker) if item.taker is not None else None
        if taker is not None:
            session.add(ZoneLineage(version_id=version.id, parent_zone_id=zone_id, child_zone_id=taker, kind="repair"))
    session.flush()


def _write_sources(
    session: Session,
    version: PlanVersion,
    read: ReadLayer,
    by_position: dict[int, int],
    proposal: RepairProposal | None,
) -> None:
    """Every feature as it came in, refused ones too."""
    repaired = _repaired_m2(proposal)

    def row(feature: FileFeature, zone_id: int | None, refused: str | None, m2: float | None) -> dict[str, Any]:
        geometry = feature.geometry
        return {
            "version_id": version.id,
            "number": feature.number,
            "zone_id": zone_id,
            "properties": verbatim.to_json(feature.properties),
            "geometry": None if geometry is None else shapely.to_wkb(geometry),
            "refused": refused,
            "repaired_m2": m2,
        }

    rows = [
        row(feature, by_position.get(position), None, repaired.get(position))
        for position, feature in enumerate(read.features)
    ]
    rows += [row(feature, None, reason, None) for feature, reason in read.refused]
    copy_rows(session, SourceFeature, sorted(rows, key=lambda item: item["number"]))


def _ids(session: Session, table: str, count: int) -> list[int]:
    """New ids from the table's own sequence."""
    if not count:
        return []
    sequence = select(func.nextval(text("pg_get_serial_sequence(:table, 'id')"))).select_from(
        func.generate_series(1, count)
    )
    return list(session.scalars(sequence, {"table": table}))


def _sha256(path: Path) -> str:
    """Of the file's bytes; of a folder (FileGDB) its files in order."""
    digest = hashlib.sha256()
    for item in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if item.is_file():
            with item.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
    return digest.hexdigest()


def _repaired_m2(proposal: RepairProposal | None) -> dict[int, float]:
    """How many m2 each zone lost and gained by the repair, by position."""
    moved: dict[int, float] = {}
    for transfer in proposal.transfers if proposal else ():
        for position in (transfer.source, transfer.target):
            if position is not None:
                moved[position] = moved.get(position, 0.0) + transfer.area_m2
    return moved
