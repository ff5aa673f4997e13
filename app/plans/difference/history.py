"""What a zone was in every version, and what held a point in every version.

Points and outlines are lon/lat (EPSG:4326), areas m2 in the plan's metric plane.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely.geometry
from flask_babel import gettext

from app.accounts.roles import Actor
from app.database import db
from app.errors import NotFound
from app.plans import queries as plan_queries
from app.plans.difference import queries, service
from app.plans.difference.service import Lineage
from app.plans.difference.versions import PlanRef, VersionRef
from app.plans.drafts.states import PLAIN, overlays_of, state_of
from app.runtime import runtime
from gis.outline_merge import same_outline
from gis.zone_difference import ZoneState


@dataclass(frozen=True)
class ZoneMoment:
    """A zone in one version; state and revision_id are None where the version does not have it.

    changed: what differs from the version before, None where one of both does not have it.
    """

    version: VersionRef
    revision_id: int | None
    state: ZoneState | None
    area_m2: float | None
    name: str | None
    colour: str | None
    changed: tuple[str, ...] | None

    def as_json(self, *, geometry: bool) -> dict[str, Any]:
        """The moment as the API gives it."""
        state = self.state
        return {
            "version": self.version.as_json(),
            "changed": None if self.changed is None else list(self.changed),
            "state": None
            if state is None or self.area_m2 is None
            else {
                "revision_id": self.revision_id,
                **{name: state.attributes.get(name) for name in PLAIN},
                "overlays": overlays_of(state),
                "area_m2": round(self.area_m2, 1),
                "geometry": shapely.geometry.mapping(state.geometry) if geometry else None,
            },
        }


@dataclass(frozen=True)
class ZoneHistory:
    """A zone through all versions that the reader may see, oldest first."""

    plan: PlanRef
    zone_id: int
    moments: tuple[ZoneMoment, ...]
    lineage: tuple[Lineage, ...]

    def as_json(self, *, geometry: bool) -> dict[str, Any]:
        """The history as the API gives it."""
        return {
            "plan": self.plan.as_json(),
            "zone_id": self.zone_id,
            "moments": [moment.as_json(geometry=geometry) for moment in self.moments],
            "lineage": [
                {"seq": link.seq, "parent": link.parent, "child": link.child, "kind": link.kind}
                for link in self.lineage
            ],
        }


@dataclass(frozen=True)
class PointMoment:
    """What held a point in one version: no zone, one, or several on a border."""

    version: VersionRef
    zones: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class PointHistory:
    """A point through the versions of one plan, oldest first."""

    plan: PlanRef
    moments: tuple[PointMoment, ...]

    def as_json(self) -> dict[str, Any]:
        """The history as the API gives it."""
        return {
            "plan": self.plan.as_json(),
            "moments": [{"version": moment.version.as_json(), "zones": list(moment.zones)} for moment in self.moments],
        }


def zone_history(actor: Actor, code: str, zone_id: int) -> ZoneHistory:
    """A zone in every version of its plan that the actor may see. Raises NotFound where none of them has it."""
    session = db.session()
    plan, seen = service.plan_with_versions(actor, code)
    rows = {row.version_id: row for row in queries.revisions_of(session, zone_id, [item.version_id for item in seen])}
    if not rows:
        raise NotFound(
            gettext("No version of this plan has a zone with the number %(zone)s.", zone=zone_id), field="zone_id"
        )
    seqs = {version.version_id: version.seq for version in seen}
    moments: list[ZoneMoment] = []
    for version in seen:
        moments.append(_moment(plan, version, rows.get(version.version_id), moments[-1] if moments else None))
    links = tuple(
        Lineage(seqs[row.version_id], row.parent_zone_id, row.child_zone_id, row.kind)
        for row in queries.lineage(session, seqs, zone_id)
    )
    return ZoneHistory(plan, zone_id, tuple(moments), links)


def point_history(actor: Actor, lon: float, lat: float) -> list[PointHistory]:
    """What held a point in every version of every plan that the actor may see; plans that never did are left out."""
    session = db.session()
    found = []
    for plan, seen in service.plans_with_versions(actor):
        rows = queries.at_point(
            session, [item.version_id for item in seen], lon, lat, runtime().settings.border_tolerance_deg
        )
        if rows:
            moments = tuple(
                PointMoment(
                    version,
                    tuple(_zone(version, row) for row in rows if row.version_id == version.version_id),
                )
                for version in seen
            )
            found.append(PointHistory(plan, moments))
    return found


def _moment(plan: PlanRef, version: VersionRef, row: Any, before: ZoneMoment | None) -> ZoneMoment:
    if row is None:
        return ZoneMoment(version, None, None, None, None, None, None)
    state = state_of(row)
    changed = None if before is None or before.state is None else _changed(before.state, state)
    name, colour = _named(version, row.subzone_code)
    return ZoneMoment(
        version, row.revision_id, state, float(plan.metric.area_m2(state.geometry)), name, colour, changed
    )


def _changed(old: ZoneState, new: ZoneState) -> tuple[str, ...]:
    names = sorted(old.attributes.keys() | new.attributes.keys())
    differing = [name for name in names if old.attributes.get(name) != new.attributes.get(name)]
    return tuple(differing if same_outline(old.geometry, new.geometry) else ["geometry", *differing])


def _named(version: VersionRef, code: str) -> tuple[str | None, str]:
    listed = {row.code: row for row in _code_list(version)}
    return (listed[code].name, listed[code].colour) if code in listed else (None, "#9aa0a6")


def _code_list(version: VersionRef) -> Sequence[Any]:
    return plan_queries.subzones(db.session(), version.version_id)


def _zone(version: VersionRef, row: Any) -> dict[str, Any]:
    name, colour = _named(version, row.subzone_code)
    return {
        "zone_id": row.zone_id,
        "revision_id": row.revision_id,
        "subzone_code": row.subzone_code,
        "name": name,
        "colour": colour,
        "block": row.block,
        "area_m2": round(row.area_m2, 1),
    }
