"""Restore a zone from an older version: what it was then, looked up, and the operation that makes it so again.

Outlines are lon/lat (EPSG:4326).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import shapely
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.errors import NotFound, Unprocessable
from app.plans import queries as plan_queries
from app.plans.drafts import queries
from app.plans.drafts.operations import Box, Context, Restore, Result, near, result_of
from app.plans.models import PlanVersion
from gis import zone_edits
from gis.changeset import ZoneState


@dataclass(frozen=True)
class Restoration:
    """A zone's state of then, ready to be made so again.

    owners: the zones around its present land as they were then.
    """

    zone: int
    seq: int
    state: ZoneState
    owners: Mapping[int, shapely.Geometry]

    @property
    def comment(self) -> str:
        """What the changeset says where the planner writes nothing."""
        return gettext("Zone %(zone)s as it was in version %(seq)s", zone=self.zone, seq=self.seq)

    @property
    def changeset_kind(self) -> str:
        """How the changeset is filed."""
        return "restore"

    def named(self) -> set[int]:
        """The zone itself, and those that may get land back."""
        return {self.zone, *self.owners}

    def boxes(self) -> list[Box]:
        """Where its land was."""
        return [_box(self.state.geometry)]

    def run(self, context: Context) -> Result:
        """Give the zone its land and attributes of then. Raises EditError with the place where that cannot be."""
        code = self.state.attributes["subzone_code"]
        if code not in context.codes:
            raise Unprocessable(
                gettext("The code list of this draft has no sub-zone %(code)s.", code=code),
                field="seq",
                hint=gettext("Choose one of the list, or add it to the code list first."),
            )
        edit = zone_edits.restore(
            context.outlines, self.zone, self.state.geometry, self.owners, footprint=context.footprint
        )
        done = result_of(context, edit)
        known = context.zones.get(self.zone)
        outline = done.changes.get(self.zone) or known
        if outline is None:
            raise Unprocessable(gettext("This changes nothing."))
        if known is None or outline is not known or dict(known.attributes) != dict(self.state.attributes):
            done.changes[self.zone] = ZoneState(outline.geometry, self.state.attributes)
        return done


def prepared(session: Session, draft: PlanVersion, operation: Restore) -> Restoration:
    """Look up what a zone was. Raises NotFound where the plan has no such public version, or that version no such zone."""
    version = plan_queries.version(session, draft.plan_id, operation.seq)
    if version is None or version.state not in plan_queries.PUBLIC_STATES:
        raise NotFound(gettext("This plan has no published version %(seq)s.", seq=operation.seq), field="seq")
    then = queries.zone_in_version(session, operation.zone, version.id)
    if then is None:
        raise NotFound(
            gettext("Version %(seq)s has no zone %(zone)s.", seq=operation.seq, zone=operation.zone), field="zone"
        )
    now = queries.zone_in_version(session, operation.zone, draft.id)
    around = {} if now is None else queries.zones(session, version.id, boxes=near([_box(now.state.geometry)]))
    owners = {zone: item.state.geometry for zone, item in around.items() if zone != operation.zone}
    return Restoration(operation.zone, operation.seq, then.state, owners)


def _box(geometry: shapely.Geometry) -> Box:
    west, south, east, north = shapely.bounds(geometry).tolist()
    return west, south, east, north
