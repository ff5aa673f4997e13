"""Three sides of a draft: as it went out, as it came back from another tool, and as others have left it meanwhile."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson
import shapely
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.errors import Conflict, Unprocessable
from app.plans import queries as plan_queries
from app.plans.drafts import queries
from app.plans.drafts.saving import Draft
from app.plans.drafts.states import StoredZone
from app.plans.exchange import gpkg
from app.plans.exchange.base import manifest_at
from app.plans.exchange.gpkg import Refusal
from app.plans.models import Changeset
from gis.changeset import Conflict as MergeConflict
from gis.changeset import ZoneState, changed_zones, merge_changeset
from gis.edit_errors import Fault
from gis.returned_zones import Identified, Joined, Repair, identify, join
from gis.zone_edits import Footprint, Lineage

Step = Callable[[float, str], None]
States = dict[int, ZoneState]


@dataclass(frozen=True)
class Comparison:
    """What came back against what went out (base) and what is stored now.

    changes: what can be taken: by zone, negative for new ones, None for those that are gone. conflicts: what somebody
    else changed otherwise meanwhile; held: zones that wait with them. faults: places that a person has to mend first.
    """

    draft: Draft
    base: States
    stored: dict[int, StoredZone]
    changes: dict[int, ZoneState | None]
    identified: Identified
    lineage: tuple[Lineage, ...]
    repairs: tuple[Repair, ...]
    faults: tuple[Fault, ...]
    conflicts: tuple[MergeConflict, ...]
    held: tuple[int, ...]
    refusals: tuple[Refusal, ...]
    features: int
    head: int

    @property
    def can_be_taken(self) -> bool:
        """Whether the rest lands in the draft when the planner says so."""
        return bool(self.changes) and not (self.faults or self.refusals or self.identified.unknown)

    @property
    def digest(self) -> str:
        """Of what would be written, over what: where it is the same, the planner has seen this very change."""
        digest = hashlib.sha256()
        for zone, state in sorted(self.changes.items()):
            known = self.stored.get(zone)
            outline = None if state is None else shapely.to_wkb(state.geometry, hex=True)
            values = None if state is None else dict(state.attributes)
            row = [zone, known.revision_id if known else None, outline, values]
            digest.update(orjson.dumps(row, option=orjson.OPT_SORT_KEYS))
        return digest.hexdigest()


def compare(session: Session, draft: Draft, path: Path, footprint: Footprint, step: Step) -> Comparison:
    """Read a file that came back and compare it. Raises GisError and RuangError for one that cannot be used."""
    step(0.05, gettext("reading the file"))
    bases: dict[int, dict[int, tuple[int, ZoneState]]] = {}

    def base_of(changeset_id: int) -> Mapping[int, tuple[int, ZoneState]]:
        _check_base(session, draft, changeset_id)
        bases[changeset_id] = manifest_at(session, draft.version.id, changeset_id)
        return bases[changeset_id]

    codes = {row.code for row in plan_queries.subzones(session, draft.version.id)}
    west, south, east, north = draft.plan.region
    returned = gpkg.read(path, base_of, codes, (west, south, east, north))
    base = {zone: state for zone, (_revision, state) in bases[returned.base_changeset].items()}
    step(0.4, gettext("finding out which zone is which"))
    identified = identify(base, returned.zones)
    step(0.6, gettext("checking the borders"))
    joined = join(_outlines(base), _outlines(identified.states), draft.metric, footprint=footprint)
    mine = changed_zones(base, _joined_states(identified, joined))
    step(0.8, gettext("comparing with what others did"))
    stored = queries.all_zones(session, draft.version.id)
    changes, conflicts, held = _merged(base, mine, stored, clean=not joined.faults)
    return Comparison(
        draft=draft,
        base=base,
        stored=stored,
        changes=changes,
        identified=identified,
        lineage=_lineage(identified, joined, base, changes),
        repairs=joined.repairs,
        faults=joined.faults,
        conflicts=conflicts,
        held=held,
        refusals=tuple(returned.refusals),
        features=len(returned.zones) + len(returned.refusals),
        head=queries.head(session, draft.version.id),
    )


def _check_base(session: Session, draft: Draft, changeset_id: int) -> None:
    if changeset_id == 0:
        return
    known = session.get(Changeset, changeset_id)
    if known is None or known.version_id != draft.version.id:
        raise Conflict(
            gettext("This file was downloaded from another draft."),
            hint=gettext("Download the draft that is open now, and bring the changes into that file."),
        )


def _outlines(states: Mapping[int, ZoneState]) -> dict[int, shapely.Geometry]:
    return {zone: state.geometry for zone, state in states.items()}


def _joined_states(identified: Identified, joined: Joined) -> States:
    """The states with the outlines that joining gave them."""
    return {
        zone: state
        if joined.outlines[zone] is state.geometry
        else ZoneState(_multi(joined.outlines[zone]), state.attributes)
        for zone, state in identified.states.items()
        if zone in joined.outlines
    }


def _multi(outline: shapely.Geometry) -> shapely.Geometry:
    return outline if outline.geom_type == "MultiPolygon" else shapely.multipolygons([outline])


def _merged(
    base: States, mine: Mapping[int, ZoneState | None], stored: Mapping[int, StoredZone], *, clean: bool
) -> tuple[dict[int, ZoneState | None], tuple[MergeConflict, ...], tuple[int, ...]]:
    """What can be written over what is stored now, what cannot, and what waits with it."""
    now = {zone: item.state for zone, item in stored.items()}
    theirs = changed_zones(base, now)
    if not theirs or not clean:
        return dict(mine), (), ()
    merge = merge_changeset(base, mine, theirs)
    return dict(merge.to_save), merge.conflicts, merge.held


def _lineage(
    identified: Identified, joined: Joined, base: States, changes: Mapping[int, ZoneState | None]
) -> tuple[Lineage, ...]:
    """Who came from whom, among what is written; a zone that is gone went to whom a repair gave its land, too."""
    links = set(identified.lineage)
    gone = [zone for zone in base if zone not in joined.outlines or zone not in identified.states]
    for repair in joined.repairs:
        place = shapely.Point(repair.lon, repair.lat)
        links |= {
            Lineage(zone, repair.target, "merge") for zone in gone if shapely.intersects(base[zone].geometry, place)
        }
    there = {zone for zone, state in changes.items() if state is not None}
    kept = [link for link in links if link.child in there and (link.parent in base)]
    return tuple(sorted(kept, key=lambda link: (link.parent, link.child)))


def refuse_what_cannot_be_taken(comparison: Comparison) -> None:
    """Raise Unprocessable with what has to be mended first."""
    if comparison.can_be_taken:
        return
    if not comparison.changes:
        raise Unprocessable(gettext("This changes nothing."))
    raise Unprocessable(
        gettext("This file cannot be taken as it is."),
        hint=gettext("Mend what its comparison lists, and send it again."),
    )
