"""Plans: what is public, what a version holds, and what an activity is called."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from app.database import db
from app.errors import NotFound
from app.places.service import fold
from app.plans import queries
from app.plans.models import (
    Activity,
    Article,
    IntensityRule,
    OverlayRule,
    Plan,
    PlanVersion,
    Subzone,
    UseCondition,
)
from app.plans.review import queries as review
from app.plans.review.models import Erratum
from app.plans.timeline import Correction, HearingNotice, PlanTimeline, VersionEntry
from app.runtime import runtime
from gis.crs import MetricCrs


@dataclass(frozen=True)
class VersionContent:
    """Everything that one version says, as read in one go. zones carry their geometry as WKB in EPSG:4326."""

    zones: Sequence[Any]
    subzones: Sequence[Subzone]
    intensity: Sequence[IntensityRule]
    activities: Sequence[Activity]
    permitted_uses: Sequence[Any]
    conditions: Sequence[UseCondition]
    overlays: Sequence[OverlayRule]
    articles: Sequence[Article]


def timelines() -> tuple[PlanTimeline, ...]:
    """Every plan with a public version, the one that answers first at the front."""
    extents = queries.extents(db.session)
    errata = review.errata(db.session())
    hearings = {
        plan.id: HearingNotice(hearing.id, hearing.first_day, hearing.last_day)
        for hearing, _version, plan in review.all_hearings(db.session())
    }
    plans: dict[int, tuple[Plan, list[VersionEntry]]] = {}
    for version, plan in queries.timeline(db.session):
        plans.setdefault(plan.id, (plan, []))[1].append(
            _entry(version, extents.get(version.id), errata.get(version.id, []))
        )
    return tuple(
        PlanTimeline(
            plan_id=plan.id,
            code=plan.code,
            name=plan.name,
            kind=plan.kind,
            scale=plan.scale,
            accuracy_m=plan.accuracy_m,
            sample=plan.sample,
            metric=MetricCrs(plan.utm_zone, plan.south),
            region=(plan.region[0], plan.region[1], plan.region[2], plan.region[3]),
            versions=tuple(entries),
            hearing=hearings.get(plan.id),
        )
        for plan, entries in plans.values()
    )


def _entry(
    version: PlanVersion, extent: tuple[float, float, float, float] | None, errata: Sequence[Erratum]
) -> VersionEntry:
    valid = version.valid
    # A public version always has a beginning: a check constraint holds it.
    assert valid is not None and valid.lower is not None  # noqa: S101, PT018 - for the type checker
    return VersionEntry(
        version_id=version.id,
        seq=version.seq,
        state=version.state,
        legal_reference=version.legal_reference,
        valid_from=valid.lower,
        valid_to=valid.upper,
        overlaps_m2=version.overlaps_m2 or 0.0,
        gaps_m2=version.gaps_m2 or 0.0,
        withdrawal_reason=version.withdrawal_reason,
        extent=extent,
        summary=version.summary,
        errata=tuple(Correction(erratum.day, erratum.concerns, erratum.text) for erratum in errata),
    )


def content(version_id: int) -> VersionContent:
    """All that one version holds."""
    session = db.session
    return VersionContent(
        zones=queries.zones(session, version_id),
        subzones=queries.subzones(session, version_id),
        intensity=queries.intensity(session, version_id),
        activities=queries.activities(session, version_id),
        permitted_uses=queries.permitted_uses(session, version_id),
        conditions=queries.use_conditions(session, version_id),
        overlays=queries.overlay_rules(session, version_id),
        articles=queries.articles(session, version_id),
    )


def public_plans() -> list[dict[str, Any]]:
    """Plans with a public version; "current" is what is in force today."""
    today = runtime().city.today()
    listed = []
    for timeline in timelines():
        current = timeline.on(today)
        listed.append(
            {
                "code": timeline.code,
                "name": timeline.name,
                "kind": timeline.kind,
                "scale": timeline.scale,
                "accuracy_m": timeline.accuracy_m,
                "sample": timeline.sample,
                "current": current.as_json() if current else None,
            }
        )
    return listed


def public_timeline(code: str) -> PlanTimeline:
    """One plan; raises NotFound where no plan of this code has a public version."""
    for timeline in timelines():
        if timeline.code == code:
            return timeline
    raise NotFound(gettext("There is no published plan with the code %(code)s.", code=code), field="code")


def public_versions(code: str) -> list[dict[str, Any]]:
    """The public versions of a plan, newest first."""
    entries = public_timeline(code).versions
    return [entry.as_json() for entry in sorted(entries, key=lambda entry: -entry.seq)]


def public_version(code: str, seq: int) -> tuple[PlanTimeline, VersionEntry]:
    """One public version; raises NotFound."""
    timeline = public_timeline(code)
    for entry in timeline.versions:
        if entry.seq == seq:
            return timeline, entry
    raise NotFound(gettext("The plan %(code)s has no published version %(seq)s.", code=code, seq=seq), field="seq")


def search_activities(version_id: int, q: str, *, limit: int = 12) -> list[dict[str, Any]]:
    """Activities by plain word, synonym, typo or KBLI code; [{activity_id, kbli, edition, title, matched}].

    A code of a later KBLI edition is led back through the correspondence table. The same code may stand in several
    editions for different things: every candidate is listed, each saying by which edition it was found.
    """
    q = q.strip()[:100]
    if states_code(q):
        return _by_code(version_id, _bare(q))[:limit]
    folded = fold(q)
    if len(folded) < 2:
        return []
    rows = queries.search_activities(db.session, version_id, q=folded, limit=limit)
    return [
        {
            "activity_id": row.activity_id,
            "kbli": row.kbli,
            "edition": row.kbli_edition,
            "title": row.title,
            "matched": _matched(folded, row.title, row.synonyms),
        }
        for row in rows
    ]


def states_code(q: str) -> bool:
    """Whether a question is a code: two to five digits, or a code that the correspondence table leads back from."""
    code = _bare(q)
    return (code.isascii() and code.isdigit() and 2 <= len(code) <= 5) or bool(queries.earlier_codes(db.session, code))


def _bare(q: str) -> str:
    """A code without the points and blanks that people write into it."""
    return q.replace(".", "").replace(" ", "")


def _by_code(version_id: int, code: str) -> list[dict[str, Any]]:
    """By a code of the plan's own edition, and by one of a later edition; each activity once."""
    found = {
        activity.activity_id: (activity, code)
        for activity in queries.activities_by_code(db.session, version_id, [code])
    }
    for edition, earlier in queries.earlier_codes(db.session, code).items():
        for activity in queries.activities_by_code(db.session, version_id, earlier):
            found.setdefault(activity.activity_id, (activity, f"{code} (KBLI {edition})"))
    return [
        {
            "activity_id": activity.activity_id,
            "kbli": activity.kbli,
            "edition": activity.kbli_edition,
            "title": activity.title,
            "matched": matched,
        }
        for activity, matched in found.values()
    ]


def _matched(folded: str, title: str, synonyms: Sequence[str]) -> str:
    """The word that the query was found by, the title before synonyms."""
    for name in (title, *synonyms):
        if folded in fold(name):
            return name
    return title


def version_on(timeline: PlanTimeline, on: dt.date | None) -> VersionEntry | None:
    """The version in force on a day, today where none is named."""
    return timeline.on(on or runtime().city.today())


def public_version_detail(code: str, seq: int) -> dict[str, Any]:
    """One public version with its code list, the area of each sub-zone in m2, and its articles."""
    timeline, entry = public_version(code, seq)
    areas = queries.subzone_areas(db.session, entry.version_id)
    known = [
        {
            "code": row.code,
            "domain_code": row.domain_code,
            "name": row.name,
            "zone": row.zone,
            "group": row.group,
            "colour": row.colour,
            "colour_official": row.colour_official,
            "zones": areas.get(row.code, (0, 0.0))[0],
            "area_m2": areas.get(row.code, (0, 0.0))[1],
        }
        for row in queries.subzones(db.session, entry.version_id)
    ]
    articles = [
        {"number": row.number, "title": row.title, "text": row.text}
        for row in queries.articles(db.session, entry.version_id)
    ]
    return {
        **entry.as_json(),
        "plan": {
            "code": timeline.code,
            "name": timeline.name,
            "kind": timeline.kind,
            "sample": timeline.sample,
        },
        "overlaps_m2": entry.overlaps_m2,
        "gaps_m2": entry.gaps_m2,
        "extent": entry.extent,
        "subzones": known,
        "articles": articles,
    }


def zone_tile(layer: str, version_id: int, z: int, x: int, y: int) -> bytes:
    """A vector tile of a public version, layer zones or zone_labels; raises NotFound for any other version."""
    if not queries.is_public(db.session, version_id):
        raise NotFound(gettext("There is no published version with the number %(id)s.", id=version_id))
    read = queries.zone_tile if layer == "zones" else queries.label_tile
    return read(db.session, version_id, z, x, y)


def is_empty() -> bool:
    """Whether there is no plan yet."""
    return not queries.plans(db.session)


def describe_all() -> list[str]:
    """One line per version of every plan, drafts included, for the operator."""
    lines = []
    for plan in queries.plans(db.session):
        for version in plan.versions:
            valid = f", from {version.valid.lower} to {version.valid.upper or '...'}" if version.valid else ""
            lines.append(f"{plan.code} {version.seq}: {version.state}, {version.legal_reference}{valid}")
    return lines
