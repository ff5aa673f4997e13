"""Changes of several people to the same zones: a changeset with its base, and the merge of two that met.

All geometries lon/lat, EPSG:4326. Nothing here ever lets the last one win: what two sides changed differently is a
conflict that carries base, mine and theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import shapely

from gis.edit_errors import EditError, Fault
from gis.outline_merge import OutlineConflict, merge_outline, same_outline
from gis.zone_difference import Difference, ZoneState, changed_zones, difference
from gis.zone_edits import Delta, Footprint, Lineage, ZoneId, find_faults
from gis.zone_edits.outlines import Edge, directed_edges, undirected

__all__ = [
    "Changes",
    "Changeset",
    "Conflict",
    "Difference",
    "Merge",
    "ZoneState",
    "changed_zones",
    "difference",
    "merge_changeset",
]

# By zone, the state it is given; None deletes it.
Changes: TypeAlias = Mapping[ZoneId, ZoneState | None]
States: TypeAlias = Mapping[ZoneId, ZoneState]
ConflictKind: TypeAlias = Literal["geometry", "attributes", "deleted", "overlap", "gap", "border"]

_FAULT_KINDS: Mapping[str, ConflictKind] = {
    "edit_overlaps": "overlap",
    "edit_opens_gap": "gap",
    "edit_leaves_footprint": "overlap",
    "edit_borders_differ": "border",
}


@dataclass(frozen=True)
class Changeset:
    """What one person changed since they loaded the zones.

    base: by zone, the revision that they had of every zone they changed or deleted; new zones have none and negative
    numbers. Raises EditError "changeset_incomplete" when one is missing, or a zone is both kept and deleted.
    """

    base: Mapping[ZoneId, Hashable]
    upserts: States
    deletes: frozenset[ZoneId] = frozenset()
    lineage: tuple[Lineage, ...] = ()

    def __post_init__(self) -> None:
        stored = {zone for zone in self.upserts if zone >= 0} | self.deletes
        wrong = sorted((stored - self.base.keys()) | (self.deletes & self.upserts.keys()))
        if wrong:
            raise EditError("changeset_incomplete", zones=wrong)

    @classmethod
    def between(
        cls,
        before: States,
        after: States,
        revisions: Mapping[ZoneId, Hashable],
        *,
        lineage: Iterable[Lineage] = (),
    ) -> Changeset:
        """The changeset that leads from one set of zones to another. revisions: of the zones before."""
        changes = changed_zones(before, after)
        return cls(
            base={zone: revisions[zone] for zone in changes if zone in before},
            upserts={zone: state for zone, state in changes.items() if state is not None},
            deletes=frozenset(zone for zone, state in changes.items() if state is None),
            lineage=tuple(lineage),
        )

    @property
    def changes(self) -> dict[ZoneId, ZoneState | None]:
        """Upserts and deletes in one."""
        return {**self.upserts, **dict.fromkeys(sorted(self.deletes))}

    def stale(self, current: Mapping[ZoneId, Hashable]) -> tuple[ZoneId, ...]:
        """Zones of which a newer revision is stored, or which are gone. current: revisions stored now, by zone."""
        return tuple(sorted(zone for zone, revision in self.base.items() if current.get(zone) != revision))


@dataclass(frozen=True)
class Conflict:
    """What a person has to decide.

    zones: those concerned, ascending. base, mine, theirs: their states, None where a zone is not there. fields:
    attributes that both set to different values. lon, lat: where, when it has a place.
    """

    kind: ConflictKind
    zones: tuple[ZoneId, ...]
    base: Mapping[ZoneId, ZoneState | None]
    mine: Mapping[ZoneId, ZoneState | None]
    theirs: Mapping[ZoneId, ZoneState | None]
    fields: tuple[str, ...] = ()
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Merge:
    """to_save: what of mine can be written over theirs, with the zones that merged. conflicts: what cannot.

    held: zones I changed that wait with a conflict, because saving them alone would break the coverage; they stay as
    theirs. Attributes in conflict stay as theirs while the outline of the zone is merged.
    """

    to_save: Changes
    conflicts: tuple[Conflict, ...] = ()
    held: tuple[ZoneId, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether nothing is left to decide."""
        return not self.conflicts


def merge_changeset(base: States, mine: Changes, theirs: Changes) -> Merge:
    """Bring my changes together with those that were stored since I loaded the zones.

    base: the zones as both began, at least those that either changed and all that touch them. A zone that one side
    changed passes; one that both changed merges node by node and attribute by attribute. Then the whole is checked as
    a coverage against theirs: two zones that grew into the same land are a conflict too. Of my changes, those that
    touch a conflict directly or through each other are held back together.
    """
    return _Merger(base, mine, theirs).run()


@dataclass
class _Merger:
    base: States
    mine: Changes
    theirs: Changes
    conflicts: list[Conflict] = field(default_factory=list)
    blocked: set[ZoneId] = field(default_factory=set)

    def run(self) -> Merge:
        merged = {zone: self._merged(zone) for zone in sorted(self.mine)}
        stored = self._after(self.theirs)
        groups = self._groups()
        alone = find_faults(_outlines(self.base), _deltas(self.base, self.mine))
        while True:
            held = {zone for group in groups if not group.isdisjoint(self.blocked) for zone in group}
            to_save = {zone: state for zone, state in merged.items() if zone not in held}
            faults = self._faults(stored, to_save, alone)
            if not faults:
                break
            self._block(faults, to_save)
        changes = {zone: state for zone, state in to_save.items() if not _same_state(stored.get(zone), state)}
        return Merge(changes, tuple(self.conflicts), tuple(sorted(held)))

    def _merged(self, zone: ZoneId) -> ZoneState | None:
        """A zone that I changed, after the merge; theirs where it is in conflict."""
        base, mine = self.base.get(zone), self.mine[zone]
        theirs = self.theirs.get(zone, base)
        if zone not in self.theirs or _same_state(theirs, base) or _same_state(mine, theirs):
            return mine
        if _same_state(mine, base):
            return theirs
        if mine is None or theirs is None or base is None:
            self._conflict("geometry" if base is None else "deleted", [zone])
            self.blocked.add(zone)
            return theirs
        attributes, fields = _merge_attributes(base.attributes, mine.attributes, theirs.attributes)
        if fields:
            self._conflict("attributes", [zone], fields=fields)
        try:
            outline = _merge_geometry(base.geometry, mine.geometry, theirs.geometry)
        except OutlineConflict as conflict:
            self._conflict("geometry", [zone], place=conflict.place)
            self.blocked.add(zone)
            return theirs
        return ZoneState(outline, attributes)

    def _conflict(
        self,
        kind: ConflictKind,
        zones: Iterable[ZoneId],
        *,
        fields: tuple[str, ...] = (),
        place: tuple[float, float] | None = None,
    ) -> None:
        concerned = tuple(sorted(zones))
        base = {zone: self.base.get(zone) for zone in concerned}
        lon, lat = place if place is not None else (None, None)
        self.conflicts.append(
            Conflict(
                kind,
                concerned,
                base,
                {zone: self.mine.get(zone, base[zone]) for zone in concerned},
                {zone: self.theirs.get(zone, base[zone]) for zone in concerned},
                fields,
                lon,
                lat,
            )
        )

    def _after(self, changes: Changes) -> dict[ZoneId, ZoneState]:
        states = {**self.base, **changes}
        return {zone: state for zone, state in states.items() if state is not None}

    def _groups(self) -> list[set[ZoneId]]:
        """Zones that I changed, together where the same edge came or went in both: there they gave land to another."""
        leader = {zone: zone for zone in self.mine}
        first: dict[Edge, ZoneId] = {}
        for zone, state in self.mine.items():
            for edge in _changed_edges(self.base.get(zone), state):
                leader[_leader(leader, zone)] = _leader(leader, first.setdefault(edge, zone))
        groups: dict[ZoneId, set[ZoneId]] = {}
        for zone in self.mine:
            groups.setdefault(_leader(leader, zone), set()).add(zone)
        return list(groups.values())

    def _faults(self, stored: States, to_save: Changes, alone: Collection[Fault]) -> list[Fault]:
        """Faults of my share on top of theirs. alone: those that my changes have on top of the base already."""
        merged = {zone: state for zone, state in to_save.items() if state is not self.mine[zone]}
        faults = _invalid(merged)
        if not faults:
            footprint: Footprint = "may_change" if alone else "keep"
            faults = find_faults(_outlines(stored), _deltas(stored, to_save), footprint)
        known = {(fault.code, shapely.to_wkb(fault.geometry)) for fault in alone}
        return [fault for fault in faults if (fault.code, shapely.to_wkb(fault.geometry)) not in known]

    def _block(self, faults: Iterable[Fault], to_save: Changes) -> None:
        """Make conflicts of faults; zones of mine that they concern are held back from now on."""
        for fault in faults:
            kind = _FAULT_KINDS.get(fault.code, "geometry")
            if not any((kind, fault.zones) == (known.kind, known.zones) for known in self.conflicts):
                self._conflict(kind, fault.zones, place=(fault.lon, fault.lat))
            # A fault that names none of my zones comes from the nearest of them all the same.
            self.blocked |= set(fault.zones) & to_save.keys() or {_nearest(fault, to_save)}


def _merge_geometry(base: shapely.Geometry, mine: shapely.Geometry, theirs: shapely.Geometry) -> shapely.Geometry:
    if same_outline(base, mine) or same_outline(mine, theirs):
        return theirs
    if same_outline(base, theirs):
        return mine
    return merge_outline(base, mine, theirs)


def _merge_attributes(
    base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Attributes with what either side changed, theirs where both did, and the names of those."""
    merged, conflicts = {}, []
    for name in dict.fromkeys([*base, *theirs, *mine]):
        before, own, other = base.get(name), mine.get(name), theirs.get(name)
        merged[name] = own if other == before else other
        if own != before and other not in (before, own):
            conflicts.append(name)
    return merged, tuple(conflicts)


def _same_state(first: ZoneState | None, second: ZoneState | None) -> bool:
    if first is second or first is None or second is None:
        return first is second
    return first.attributes == second.attributes and same_outline(first.geometry, second.geometry)


def _outlines(states: States) -> dict[ZoneId, shapely.Geometry]:
    return {zone: state.geometry for zone, state in states.items()}


def _deltas(states: States, changes: Changes) -> dict[ZoneId, Delta]:
    """Changes of outlines alone."""
    deltas = {}
    for zone, state in changes.items():
        old, new = states.get(zone), state
        before, after = (None if old is None else old.geometry), (None if new is None else new.geometry)
        if not same_outline(before, after):
            deltas[zone] = Delta(before, after)
    return deltas


def _leader(leader: dict[ZoneId, ZoneId], zone: ZoneId) -> ZoneId:
    """The zone that stands for a group, found over those that stood for its parts."""
    while leader[zone] != zone:
        leader[zone] = leader[leader[zone]]
        zone = leader[zone]
    return zone


def _changed_edges(base: ZoneState | None, mine: ZoneState | None) -> set[Edge]:
    """Undirected edges that a zone lost or got."""
    before, after = (set() if state is None else directed_edges(state.geometry) for state in (base, mine))
    return {undirected(edge) for edge in before ^ after}


def _invalid(changes: Changes) -> list[Fault]:
    """Merged outlines that are not valid, although each side's was."""
    faults = []
    for zone, state in changes.items():
        if state is not None and not shapely.is_valid(state.geometry):
            place = shapely.get_coordinates(state.geometry)[0].tolist()
            faults.append(Fault("edit_invalid_outline", place[0], place[1], (zone,), state.geometry))
    return faults


def _nearest(fault: Fault, changes: Changes) -> ZoneId:
    place = shapely.Point(fault.lon, fault.lat)
    states = {zone: state for zone, state in changes.items() if state is not None} or changes
    return min(states, key=lambda zone: _distance(states[zone], place))


def _distance(state: ZoneState | None, place: shapely.Point) -> float:
    return 0.0 if state is None else float(shapely.distance(state.geometry, place))
