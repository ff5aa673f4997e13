"""Repairs of findings: who would gain and lose how much, and how one is stored.

A repair is a changeset like any other, of kind "repair": it is checked as every edit is, and can be undone.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.accounts.roles import Actor
from app.accounts.service import record
from app.errors import Conflict, Unprocessable
from app.plans.drafts import queries
from app.plans.drafts.finding import Finding
from app.plans.drafts.inspecting import Inspected, inspected
from app.plans.drafts.recording import Entry, write_states
from app.plans.drafts.saving import Draft, Saved
from app.plans.drafts.states import with_values
from gis import local_repair
from gis.changeset import ZoneState
from gis.edit_errors import EditError
from gis.zone_edits import Edit, ZoneId
from gis.zone_edits.outlines import near

# Repairs that only their carrying out can tell the outcome of are tried for so many findings of a list.
MOST_TRIED = 20
_TRIED = ("invalid", "unmatched")


@dataclass(frozen=True)
class Transfer:
    """Land that changes hands; None is nobody."""

    source: ZoneId | None
    target: ZoneId | None
    area_m2: float


@dataclass(frozen=True)
class Proposal:
    """A repair before it is carried out. areas: by zone before and after, m2; None for a zone that vanishes.

    to: who gains. choices: who else could, the likeliest first. legal_area_ha: what the attribute becomes.
    """

    areas: Mapping[ZoneId, tuple[float, float | None]]
    transfers: tuple[Transfer, ...] = ()
    to: ZoneId | None = None
    choices: tuple[ZoneId, ...] = ()
    legal_area_ha: float | None = None


class FindingGone(Conflict):
    """The finding that was to be repaired is no longer there."""

    slug = "finding-gone"


class NotRepairable(Unprocessable):
    """A finding that only a person can mend."""

    slug = "not-repairable"


def proposals(session: Session, draft: Draft, found: Sequence[Finding]) -> dict[str, Proposal]:
    """By finding what could be done about it; without those that a person has to mend."""
    seen = inspected(session, draft)
    proposed: dict[str, Proposal] = {}
    tried = 0
    for finding in found:
        if finding.kind in _TRIED:
            tried += 1
            if tried > MOST_TRIED:
                continue
        proposal = _kept_or_proposed(draft, seen, finding)
        if proposal is not None:
            proposed[finding.id] = proposal
    return proposed


def _kept_or_proposed(draft: Draft, seen: Inspected, finding: Finding) -> Proposal | None:
    if finding.id not in seen.proposed:
        proposal = propose(draft, seen, finding)
        rests_on = {*finding.zones, *(() if proposal is None else (*proposal.areas, *proposal.choices))}
        seen.proposed[finding.id] = (frozenset(rests_on), proposal)
    known: Proposal | None = seen.proposed[finding.id][1]
    return known


def propose(draft: Draft, seen: Inspected, finding: Finding) -> Proposal | None:
    """What could be done about a finding; None where a person has to mend it."""
    if finding.kind == "legal_area":
        return Proposal({}, legal_area_ha=finding.values["drawn_ha"])
    if finding.kind in _TRIED:
        try:
            return _tried(draft, seen, _edit(draft, seen, finding, None))
        except EditError:
            return None
    choices = _choices(seen, finding)
    if not choices:
        return None
    return _moved(draft, seen, finding, choices)


def repair(
    session: Session,
    draft: Draft,
    actor: Actor,
    key: uuid.UUID,
    found: Sequence[Finding],
    finding_id: str,
    to: int | None,
) -> Saved:
    """Carry out the repair of one of the findings, and store it.

    to: who gains the land, one of the choices; None takes the first. Raises FindingGone, NotRepairable; EditError where
    the zones would be no coverage.
    """
    finding = next((item for item in found if item.id == finding_id), None)
    if finding is None:
        raise FindingGone(
            gettext("This is no longer so: somebody has changed the zones."), hint=gettext("Load the list again.")
        )
    seen = inspected(session, draft)
    if finding.kind == "legal_area":
        (zone,) = finding.zones
        stored = queries.zones(session, draft.version.id, ids=[zone])
        values = {"legal_area_ha": finding.values["drawn_ha"]}
        changes: dict[int, ZoneState | None] = {zone: with_values(stored[zone].state, values)}
        links: list[tuple[int, int, str]] = []
    else:
        edit = _edit(draft, seen, finding, to)
        stored = queries.zones(session, draft.version.id, ids=edit.changes)
        changes = {
            number: None if delta.new is None else ZoneState(delta.new, stored[number].state.attributes)
            for number, delta in edit.changes.items()
        }
        links = [(link.parent, link.child, link.kind) for link in edit.lineage]
    # A hole that the footprint never held becomes part of it.
    grows = finding.kind == "gap" and not finding.values["in_footprint"]
    entry = Entry(actor, "repair", finding.text[:500], key, moves_footprint=grows)
    changeset, done = write_states(session, draft.version, entry, stored, changes, links, draft.metric)
    record(session, actor, "draft_changed", ("plan_version", draft.version.id), changeset=changeset.id, zones=len(done))
    return Saved(changeset, done)


def as_json(finding: Finding, proposal: Proposal | None) -> dict[str, Any]:
    """The finding for the list and the map, in the reader's language."""
    return {
        "id": finding.id,
        "kind": finding.kind,
        "severity": finding.severity,
        "accepted": finding.accepted,
        "zones": finding.zones,
        "size_m2": None if finding.size_m2 is None else round(finding.size_m2, 2),
        "lon": finding.lon,
        "lat": finding.lat,
        "geometry": None if finding.geometry is None else shapely.geometry.mapping(finding.geometry),
        "text": finding.text,
        "repair": None if proposal is None else _proposal_json(proposal),
    }


def _proposal_json(proposal: Proposal) -> dict[str, Any]:
    return {
        "to": proposal.to,
        "choices": proposal.choices,
        "changes": [
            {
                "zone_id": zone,
                "before_m2": round(before, 2),
                "after_m2": None if after is None else round(after, 2),
            }
            for zone, (before, after) in proposal.areas.items()
        ],
        "transfers": [
            {"from": item.source, "to": item.target, "area_m2": round(item.area_m2, 2)} for item in proposal.transfers
        ],
        "legal_area_ha": proposal.legal_area_ha,
    }


def _choices(seen: Inspected, finding: Finding) -> tuple[ZoneId, ...]:
    """Who could gain the land of a finding, the likeliest first."""
    sound = seen.inspection.sound
    if finding.kind == "overlap":
        # The smaller zone would lose the larger part of itself.
        return tuple(sorted(finding.zones, key=lambda zone: (float(shapely.area(sound[zone])), zone)))
    if finding.geometry is None or finding.kind not in ("gap", "sliver"):
        return ()
    candidates = finding.zones if finding.kind == "gap" else _beside(seen, finding)
    return tuple(local_repair.by_border(sound, finding.geometry, candidates))


def _beside(seen: Inspected, finding: Finding) -> list[ZoneId]:
    met = near(seen.inspection.sound, shapely.bounds(finding.geometry))
    return [zone for zone in met if zone not in finding.zones]


def _moved(draft: Draft, seen: Inspected, finding: Finding, choices: tuple[ZoneId, ...]) -> Proposal:
    """What gaps, overlaps and slivers come to: their land goes to the first choice as a whole."""
    to, size = choices[0], finding.size_m2 or 0.0
    giver = next((zone for zone in finding.zones if zone != to), None) if finding.kind != "gap" else None
    areas: dict[ZoneId, tuple[float, float | None]] = {}
    if giver is not None:
        before = _area(draft, seen, giver)
        # What is left below a hundredth of a square metre is no zone.
        areas[giver] = (before, before - size if before - size >= 0.01 else None)
    before = _area(draft, seen, to)
    areas[to] = (before, before if finding.kind == "overlap" else before + size)
    return Proposal(areas, (Transfer(giver, to, size),), to, choices)


def _tried(draft: Draft, seen: Inspected, edit: Edit) -> Proposal:
    """What an edit comes to, zone by zone; who gives to whom is not told apart where several do."""
    areas = {
        zone: (
            _area(draft, seen, zone),
            None if delta.new is None else float(draft.metric.area_m2(delta.new)),
        )
        for zone, delta in edit.changes.items()
    }
    return Proposal(areas)


def _area(draft: Draft, seen: Inspected, zone: ZoneId) -> float:
    return float(draft.metric.area_m2(seen.inspection.sound[zone]))


def _edit(draft: Draft, seen: Inspected, finding: Finding, to: int | None) -> Edit:
    """The edit that repairs a finding. Raises NotRepairable where there is none, Unprocessable for a wrong choice."""
    metric = draft.metric
    zones = _around(seen, set(finding.zones))
    if finding.kind == "invalid":
        (zone,) = finding.zones
        return local_repair.mend_outline(zones, zone, seen.inspection.zones[zone], metric)
    if finding.geometry is not None and finding.kind == "unmatched":
        return local_repair.match_borders(zones, finding.geometry, metric)
    choices = _choices(seen, finding)
    if not choices or finding.geometry is None:
        raise NotRepairable(gettext("There is no repair that could be proposed for this: %(text)s", text=finding.text))
    if to is not None and to not in choices:
        raise Unprocessable(
            gettext("The land cannot go to zone %(zone)s.", zone=to),
            field="to",
            hint=gettext("Choose one of: %(zones)s.", zones=", ".join(map(str, choices[:10]))),
        )
    target = choices[0] if to is None else to
    zones = _around(seen, {*finding.zones, target})
    if finding.kind == "gap":
        return local_repair.close_gap(zones, finding.geometry, target, metric)
    if finding.kind == "overlap":
        (loser,) = (zone for zone in finding.zones if zone != target)
        return local_repair.take_overlap(zones, loser, target, finding.geometry, metric)
    return local_repair.dissolve(zones, finding.zones[0], finding.geometry, target, metric)


def _around(seen: Inspected, concerned: set[ZoneId]) -> dict[ZoneId, shapely.Geometry]:
    """Those concerned, and every zone whose box meets one of theirs."""
    sound = seen.inspection.sound
    found = {other for zone in concerned for other in near(sound, shapely.bounds(sound[zone]))}
    return {zone: sound[zone] for zone in sound if zone in found}
