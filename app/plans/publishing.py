"""Publish a version: checked as a whole, in one transaction, immutable from then on."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import shapely
import structlog
from flask_babel import format_date, gettext, lazy_gettext
from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from app.accounts.roles import OPERATOR, Actor
from app.accounts.service import record
from app.database import copy_rows
from app.errors import Conflict, NotFound, Unprocessable
from app.plans import queries
from app.plans.footprint import full_check
from app.plans.models import Plan, PlanVersion, TileZone
from gis.coverage import CoverageReport
from gis.crs import MetricCrs

# Half the circumference of the web map's square, in its metres, and the units along one side of a tile.
_WEB_HALF_M = 20_037_508.342789244
_TILE_UNITS = 4096
# Simplification in tile units: 2 still gave 300 KB tiles for 10,000 zones, 8 is not seen on a screen.
_SIMPLIFY_UNITS = 8
# What is done one after the other, for whoever watches.
STEPS: dict[str, Any] = {
    "coverage": lazy_gettext("checking the coverage"),
    "simplify": lazy_gettext("simplifying for small scales"),
    "seal": lazy_gettext("sealing"),
}

log = structlog.get_logger()


@dataclass(frozen=True)
class Published:
    """What was published, and what it was published in spite of."""

    version_id: int
    seq: int
    valid_from: dt.date
    report: CoverageReport


def lock_plan(session: Session, plan: Plan) -> None:
    """One writer per plan at a time, until the transaction ends."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('ruang_plan'), :plan)"), {"plan": plan.id})


def publish(
    session: Session,
    plan_code: str,
    seq: int,
    *,
    valid_from: dt.date,
    accept_overlaps: bool = False,
    accept_gaps: bool = False,
    progress: Callable[[str], None] = lambda step: None,
    actor: Actor = OPERATOR,
) -> Published:
    """Publish a draft with effect from a day, in the session's transaction; the caller commits.

    progress: told the name of each of STEPS as it begins. Raises NotFound; Conflict when it is no draft, its base is not
    the latest version, or the day is not after the beginning of the version before; Unprocessable when the zones do not
    form a coverage and that was not accepted.
    """
    plan, version = _draft(session, plan_code, seq)
    lock_plan(session, plan)
    session.refresh(version, with_for_update=True)
    if version.state not in ("draft", "review"):
        raise Conflict(gettext("Version %(seq)s is already %(state)s.", seq=seq, state=version.state))
    predecessor = _predecessor(session, version, valid_from)
    progress("coverage")
    zones, geometries, report = checked(
        session, plan, version, accept_overlaps=accept_overlaps, accept_gaps=accept_gaps
    )
    progress("simplify")
    _store_simplified(session, version, zones, geometries, valid_coverage=report.edge_matched)
    progress("seal")
    version.overlaps_m2, version.gaps_m2 = report.overlap_m2, report.gap_m2
    version.content_hash = content_hash(session, version.id, zones)
    version.valid = Range(valid_from, None, bounds="[)")
    session.flush()
    _end(session, predecessor, valid_from)
    now = session.execute(select(func.now())).scalar_one()
    version.state, version.published_at = "published", now
    session.flush()
    record(
        session,
        actor,
        "version_published",
        ("plan_version", version.id),
        plan=plan.code,
        seq=version.seq,
        valid_from=valid_from.isoformat(),
        content_hash=version.content_hash,
    )
    announce(session, plan)
    return Published(version.id, version.seq, valid_from, report)


def announce(session: Session, plan: Plan) -> None:
    """Tell every process, once this is committed, that what is public about a plan has changed."""
    session.execute(text("SELECT pg_notify('ruang_published', :code)"), {"code": plan.code})


def checked(
    session: Session, plan: Plan, version: PlanVersion, *, accept_overlaps: bool = False, accept_gaps: bool = False
) -> tuple[Any, Any, CoverageReport]:
    """The zones of a version with their geometries, when they may be published.

    Raises Unprocessable when there are none, their codes are not listed, or they form no coverage and that was not
    accepted.
    """
    zones = queries.zones(session, version.id)
    if not zones:
        raise Unprocessable(gettext("Version %(seq)s has no zones.", seq=version.seq))
    _check_codes(session, version, zones)
    geometries = shapely.from_wkb([bytes(zone.wkb) for zone in zones])
    metric = MetricCrs(plan.utm_zone, plan.south)
    report, standing = full_check(session, version, [zone.zone_id for zone in zones], geometries, metric)
    _check_coverage(standing, accept_overlaps=accept_overlaps, accept_gaps=accept_gaps)
    return zones, geometries, report


def _end(session: Session, predecessor: PlanVersion | None, day: dt.date) -> None:
    """Let the version before end where this one begins."""
    if predecessor is None or predecessor.valid is None:
        return
    # It may have ended before, when a version after it was withdrawn: those days stay withdrawn.
    ends = min(predecessor.valid.upper or day, day)
    predecessor.valid = Range(predecessor.valid.lower, ends, bounds="[)")
    session.flush()


def withdraw(session: Session, plan_code: str, seq: int, reason: str, actor: Actor = OPERATOR) -> None:
    """Withdraw a published version, in the session's transaction; its days answer "withdrawn" from then on."""
    plan = queries.plan_by_code(session, plan_code)
    version = queries.version(session, plan.id, seq) if plan else None
    if plan is None or version is None:
        raise NotFound(gettext("The plan %(code)s has no version %(seq)s.", code=plan_code, seq=seq))
    if version.state != "published":
        raise Conflict(
            gettext("Only a published version can be withdrawn; this one is %(state)s.", state=version.state)
        )
    if not reason.strip():
        raise Unprocessable(gettext("A withdrawal needs a reason."), field="reason")
    now = session.execute(select(func.now())).scalar_one()
    version.state, version.withdrawal_reason, version.withdrawn_at = "withdrawn", reason.strip(), now
    session.flush()
    record(session, actor, "version_withdrawn", ("plan_version", version.id), plan=plan.code, seq=version.seq)
    announce(session, plan)


def content_hash(session: Session, version_id: int, zones: Any) -> str:
    """SHA-256 over everything that the version says: zones with geometry and attributes, and all its rules.

    Ids are left out: they are this database's own, and the same content has the same hash in every other.
    """
    digest = hashlib.sha256()
    for zone in zones:
        values = (
            zone.subzone_code,
            zone.block,
            zone.sub_block,
            zone.legal_area_ha,
            zone.overlays,
            zone.remark,
        )
        digest.update(orjson.dumps(values, option=orjson.OPT_SORT_KEYS))
        digest.update(bytes(zone.wkb))
    for rows in (
        queries.subzones(session, version_id),
        queries.activities(session, version_id),
        queries.intensity(session, version_id),
        sorted(queries.use_conditions(session, version_id), key=lambda row: row.code),
        sorted(queries.overlay_rules(session, version_id), key=lambda row: (row.kind, row.class_)),
        queries.articles(session, version_id),
    ):
        for row in rows:
            values = {
                column.key: getattr(row, column.key)
                for column in row.__mapper__.column_attrs
                if column.key != "version_id"
            }
            digest.update(orjson.dumps(values, option=orjson.OPT_SORT_KEYS))
    uses = sorted(queries.permitted_uses(session, version_id), key=lambda row: (row.activity_id, row.subzone_code))
    for use in uses:
        digest.update(orjson.dumps(tuple(use)))
    return digest.hexdigest()


def _draft(session: Session, plan_code: str, seq: int) -> tuple[Plan, PlanVersion]:
    plan = queries.plan_by_code(session, plan_code)
    if plan is None:
        raise NotFound(gettext("There is no plan with the code %(code)s.", code=plan_code))
    version = queries.version(session, plan.id, seq)
    if version is None:
        known = ", ".join(str(item.seq) for item in plan.versions) or "-"
        raise NotFound(
            gettext("The plan %(code)s has no version %(seq)s.", code=plan_code, seq=seq),
            hint=gettext("It has: %(known)s.", known=known),
        )
    return plan, version


def _predecessor(session: Session, version: PlanVersion, valid_from: dt.date) -> PlanVersion | None:
    """The published version whose validity this one ends; it must be the latest, and begin earlier."""
    latest = queries.latest_published(session, version.plan_id, lock=True)
    if latest is None or latest.valid is None:
        return None
    if version.base_version_id != latest.id:
        base = session.get(PlanVersion, version.base_version_id) if version.base_version_id else None
        raise Conflict(
            gettext(
                "This draft is based on version %(base)s, but the latest published one is %(seq)s.",
                base=base.seq if base else "-",
                seq=latest.seq,
            ),
            hint=gettext("Discard the draft and import the layer again."),
        )
    if latest.valid.lower is not None and valid_from <= latest.valid.lower:
        raise Conflict(
            gettext(
                "The version before is in force from %(date)s; this one must begin later.",
                date=format_date(latest.valid.lower, "long"),
            ),
            field="from",
        )
    return latest


def _check_codes(session: Session, version: PlanVersion, zones: Any) -> None:
    known = {row.code for row in queries.subzones(session, version.id)}
    unknown = sorted({zone.subzone_code for zone in zones} - known)
    if unknown:
        raise Unprocessable(
            gettext("The code list of this version lacks: %(codes)s.", codes=", ".join(unknown[:20])),
            hint=gettext("Add them to subzones.csv and load the rules again."),
        )


def _check_coverage(report: CoverageReport, *, accept_overlaps: bool, accept_gaps: bool) -> None:
    _check_outside(report.outside_m2)
    if report.invalid:
        first = report.invalid[0]
        raise Unprocessable(
            gettext(
                "%(count)s zones have an invalid outline, the first at %(lon)s, %(lat)s.",
                count=len(report.invalid),
                lon=f"{first.lon:.6f}",
                lat=f"{first.lat:.6f}",
            ),
            hint=gettext("Import the layer again with --accept-repairs."),
        )
    if report.overlaps and not accept_overlaps:
        raise Unprocessable(
            gettext(
                "Zones overlap in %(count)s places, %(area)s m² in all.",
                count=len(report.overlaps),
                area=f"{report.overlap_m2:.2f}",
            ),
            hint=gettext("Mend the layer, or publish with --accept-overlaps: answers will then say so."),
        )
    if report.gaps and not accept_gaps:
        raise Unprocessable(
            gettext(
                "There are %(count)s gaps between zones, %(area)s m² in all.",
                count=len(report.gaps),
                area=f"{report.gap_m2:.2f}",
            ),
            hint=gettext(
                "Mend the layer, or publish with --accept-gaps: a point there will answer that the plan states nothing."
            ),
        )


def _check_outside(outside_m2: float) -> None:
    if outside_m2:
        raise Unprocessable(
            gettext("Zones reach beyond the outer border of the plan, %(area)s m² in all.", area=f"{outside_m2:.2f}"),
            hint=gettext("Draw them back, or repeat the change and say that the border is meant to move."),
        )


def _store_simplified(
    session: Session, version: PlanVersion, zones: Any, geometries: Any, *, valid_coverage: bool
) -> None:
    """Simplify all zones together, so that no slivers open between them, once per low zoom."""
    session.execute(delete(TileZone).where(TileZone.version_id == version.id))
    web = shapely.transform(geometries, _web_mercator)
    for zoom in queries.SIMPLIFIED_ZOOMS:
        tolerance = _SIMPLIFY_UNITS * 2 * _WEB_HALF_M / 2**zoom / _TILE_UNITS
        simple = _simplify(web, tolerance, valid_coverage=valid_coverage)
        copy_rows(
            session,
            TileZone,
            (
                {
                    "version_id": version.id,
                    "zoom": zoom,
                    "zone_id": zone.zone_id,
                    "geom": shapely.set_srid(_multi(geometry), 3857),
                }
                for zone, geometry in zip(zones, simple, strict=True)
                if not geometry.is_empty
            ),
        )


def _simplify(zones: Any, tolerance: float, *, valid_coverage: bool) -> Any:
    """Zones simplified together; each by itself where they are no coverage, or where GEOS cannot."""
    if valid_coverage:
        try:
            return shapely.coverage_simplify(zones, tolerance)
        except shapely.GEOSException:
            # GEOS gives up on some real coverages whose parts are smaller than the tolerance ("point array must
            # contain 0 or >1 elements"); slivers of a pixel at small scales are the lesser evil.
            log.warning("coverage not simplified as one", tolerance_m=round(tolerance))
    return shapely.simplify(zones, tolerance, preserve_topology=True)


def _multi(geometry: shapely.Geometry) -> shapely.Geometry:
    return geometry if geometry.geom_type == "MultiPolygon" else shapely.multipolygons([geometry])


def _web_mercator(lonlat: np.ndarray) -> np.ndarray:
    """Spherical Mercator as web maps use it (EPSG:3857), for drawing only."""
    x = lonlat[:, 0] * _WEB_HALF_M / 180
    y = np.log(np.tan((90 + lonlat[:, 1]) * np.pi / 360)) * _WEB_HALF_M / np.pi
    return np.column_stack([x, y])
