"""Zones that come back from another tool, such as QGIS: which is which, what was done to them, are they a coverage.

All geometries lon/lat, EPSG:4326. A tool that splits a zone gives both pieces its number; one that merges zones keeps the
number of one of them; one that draws a zone gives it none. None of them moves a border in both zones unless it is told to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from shapely import STRtree

from gis.coverage import mend
from gis.crs import MetricCrs
from gis.edit_errors import EditError, Fault
from gis.outline_merge import same_outline
from gis.zone_difference import ZoneState
from gis.zone_edits import (
    Delta,
    Footprint,
    Lineage,
    ZoneId,
    clear_overlap,
    find_faults,
    give,
    same_bits,
    with_shared_nodes,
)
from gis.zone_edits.outlines import DECIMALS, SAME_NODE_DEG

# A zone that has less than this share of another's land has touched it, not come from it.
_LEAST_SHARE: Final = 0.02
# A repair may open another place beside the first; one that is still open after so many is a person's to decide.
_MOST_REPAIRS: Final = 2_000


@dataclass(frozen=True)
class ReturnedZone:
    """One feature as it came back. zone: the number it carries, None for one drawn anew.

    values: attributes that the file has a column for; those it lacks stay as they were.
    """

    zone: ZoneId | None
    geometry: shapely.Geometry
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Identified:
    """states: every zone after the other tool, new ones with negative numbers, untouched ones the very same objects.

    unknown: numbers that the file has and the base lacks. pieces: of zones that came back in several features, the new
    numbers. lineage: who came from whom, by land.
    """

    states: dict[ZoneId, ZoneState]
    unknown: tuple[ZoneId, ...]
    pieces: Mapping[ZoneId, tuple[ZoneId, ...]]
    lineage: tuple[Lineage, ...]


@dataclass(frozen=True)
class Repair:
    """Land that only one of two neighbours was redrawn for, and who gets it. source is None where nobody had it."""

    kind: str
    source: ZoneId | None
    target: ZoneId
    area_m2: float
    lon: float
    lat: float


@dataclass(frozen=True)
class Joined:
    """outlines: of every zone, as repaired. repairs: what that took. faults: what is left for a person."""

    outlines: dict[ZoneId, shapely.Geometry]
    repairs: tuple[Repair, ...]
    faults: tuple[Fault, ...]


def identify(
    base: Mapping[ZoneId, ZoneState], returned: Sequence[ReturnedZone], *, first_new: ZoneId = -1
) -> Identified:
    """Which zone each feature is. first_new: the number of the first new zone, counted down from there.

    Of several features with one number the largest keeps it. Nodes within 2 mm of a node of the base are that node, all
    others are rounded to 1e-8 degree.
    """
    nodes = _Nodes(base)
    by_zone: dict[ZoneId, list[ReturnedZone]] = {}
    drawn: list[ReturnedZone] = []
    for item in returned:
        if item.zone is None:
            drawn.append(item)
        else:
            by_zone.setdefault(item.zone, []).append(item)
    numbers = iter(range(first_new, first_new - len(returned) - 1, -1))
    states: dict[ZoneId, ZoneState] = {}
    pieces: dict[ZoneId, tuple[ZoneId, ...]] = {}
    links: list[Lineage] = []
    for zone in base.keys() & by_zone.keys():
        largest, *others = sorted(by_zone[zone], key=lambda item: -float(shapely.area(item.geometry)))
        states[zone] = _state(base[zone], largest, nodes)
        if others:
            pieces[zone] = tuple(next(numbers) for _ in others)
            states |= {piece: _state(base[zone], item, nodes) for piece, item in zip(pieces[zone], others, strict=True)}
            links += [Lineage(zone, piece, "split") for piece in pieces[zone]]
    for item in drawn:
        number = next(numbers)
        states[number] = ZoneState(nodes.settled(item.geometry), dict(item.values))
        links += [Lineage(parent, number, "carve") for parent in _sources(base, states[number].geometry)]
    ordered = {
        zone: states[zone]
        for zone in [*base, *sorted((new for new in states if new < 0), reverse=True)]
        if zone in states
    }
    for gone in base.keys() - states.keys():
        links += [Lineage(gone, taker, "merge") for taker in _takers(base, ordered, gone)]
    unknown = tuple(sorted(by_zone.keys() - base.keys()))
    return Identified(ordered, unknown, pieces, tuple(sorted(links, key=lambda link: (link.parent, link.child))))


def origins(base: Mapping[ZoneId, ZoneState], after: Mapping[ZoneId, ZoneState]) -> list[Lineage]:
    """Who came from whom when a whole layer was replaced: new zones from those on whose land they lie, and those that
    are gone into who has their land now."""
    links = {
        Lineage(parent, zone, "carve")
        for zone, state in after.items()
        if zone not in base
        for parent in _sources(base, state.geometry)
    }
    known = {(link.parent, link.child) for link in links}
    for gone in base.keys() - after.keys():
        links |= {Lineage(gone, taker, "merge") for taker in _takers(base, after, gone) if (gone, taker) not in known}
    return sorted(links, key=lambda link: (link.parent, link.child))


def join(
    base: Mapping[ZoneId, shapely.Geometry],
    after: Mapping[ZoneId, shapely.Geometry],
    metric: MetricCrs,
    *,
    footprint: Footprint = "keep",
) -> Joined:
    """Let redrawn zones and their neighbours meet again.

    Where only one of two neighbours was redrawn, the redrawn outline is what was meant: the other one gives up the land
    that both have now, or takes the land that nobody has. Where both were redrawn, or the outer border of the plan
    changed, a fault is left. metric: for the areas in m2.
    """
    try:
        current = with_shared_nodes(base, after)
    except EditError as error:
        place = Fault(
            error.code, error.lon or 0.0, error.lat or 0.0, error.zones, shapely.Point(error.lon or 0, error.lat or 0)
        )
        return Joined(dict(after), (), (place,))
    redrawn = {zone for zone in after if after[zone] is not base.get(zone)}
    repairs: list[Repair] = []
    left: list[Fault] = []
    faults = _faults(base, current, footprint)
    while faults and len(repairs) < _MOST_REPAIRS:
        repaired = False
        left = []
        for fault in faults:
            repair = _mended(current, fault, redrawn, metric, footprint)
            if repair is None:
                left.append(fault)
                continue
            current, made = repair
            repairs.append(made)
            repaired = True
        if not repaired:
            break
        faults = _faults(base, current, footprint)
        left = faults
    return Joined(current, tuple(repairs), tuple(left))


def _faults(
    base: Mapping[ZoneId, shapely.Geometry], current: Mapping[ZoneId, shapely.Geometry], footprint: Footprint
) -> list[Fault]:
    changes = {
        zone: Delta(base.get(zone), current.get(zone))
        for zone in base.keys() | current.keys()
        if base.get(zone) is not current.get(zone) and not same_bits(base.get(zone), current.get(zone))
    }
    return find_faults(base, changes, footprint)


def _mended(
    current: Mapping[ZoneId, shapely.Geometry],
    fault: Fault,
    redrawn: set[ZoneId],
    metric: MetricCrs,
    footprint: Footprint,
) -> tuple[dict[ZoneId, shapely.Geometry], Repair] | None:
    """The zones after a repair of one fault, or None where it is not for us to decide."""
    there = [zone for zone in fault.zones if zone in current]
    still = [zone for zone in there if zone not in redrawn]
    area = float(metric.area_m2(mend(fault.geometry)))
    try:
        if fault.code == "edit_overlaps":
            moved = [zone for zone in there if zone in redrawn]
            if len(moved) != 1 or len(still) != 1:
                return None
            edit = clear_overlap(current, still[0], moved[0])
            made = Repair("overlap", still[0], moved[0], area, fault.lon, fault.lat)
        elif fault.code == "edit_opens_gap" and still:
            target = max(still, key=lambda zone: _shared_border(current[zone], fault.geometry))
            # The gap lies within the land that the plan had: giving it away keeps the plan's own border.
            edit = give(current, fault.geometry, None, target, footprint="may_change")
            made = Repair("gap", None, target, area, fault.lon, fault.lat)
        else:
            return None
    except EditError:
        return None
    return edit.apply(current), made


def _shared_border(outline: shapely.Geometry, land: shapely.Geometry) -> float:
    near = shapely.buffer(land, SAME_NODE_DEG)
    return float(shapely.length(shapely.intersection(shapely.boundary(outline), near)))


def _state(base: ZoneState, item: ReturnedZone, nodes: _Nodes) -> ZoneState:
    """The zone after the other tool; the base's own state where nothing differs."""
    changed = {name: value for name, value in item.values.items() if base.attributes.get(name) != value}
    outline = item.geometry
    if not same_outline(base.geometry, outline):
        outline = nodes.settled(outline)
    if same_outline(base.geometry, outline):
        outline = base.geometry
    if not changed and outline is base.geometry:
        return base
    return ZoneState(outline, {**base.attributes, **changed} if changed else base.attributes)


def _sources(base: Mapping[ZoneId, ZoneState], land: shapely.Geometry) -> list[ZoneId]:
    """Zones of the base on whose land a new zone lies."""
    zones = list(base)
    outlines = np.array([base[zone].geometry for zone in zones], dtype=object)
    near = STRtree(outlines).query(land, predicate="intersects")
    shares = shapely.area(shapely.intersection(shapely.make_valid(outlines[near]), shapely.make_valid(land)))
    whole = float(shapely.area(land))
    return [zones[at] for at, share in zip(near.tolist(), shares.tolist(), strict=True) if share > _LEAST_SHARE * whole]


def _takers(base: Mapping[ZoneId, ZoneState], after: Mapping[ZoneId, ZoneState], gone: ZoneId) -> list[ZoneId]:
    """Zones that have the land of one that did not come back, and had not before."""
    changed = {
        zone: state.geometry
        for zone, state in after.items()
        if zone not in base or state.geometry is not base[zone].geometry
    }
    if not changed:
        return []
    land = base[gone].geometry
    found = shapely.area(shapely.intersection(shapely.make_valid(np.array(list(changed.values()), dtype=object)), land))
    whole = float(shapely.area(land))
    return [zone for zone, share in zip(changed, found.tolist(), strict=True) if share > _LEAST_SHARE * whole]


class _Nodes:
    """The nodes of the base: what lies within 2 mm of one is it."""

    def __init__(self, base: Mapping[ZoneId, ZoneState]) -> None:
        self._base = base
        self._nodes: np.ndarray[Any, Any] | None = None
        self._tree: STRtree | None = None

    def settled(self, geometry: shapely.Geometry) -> shapely.Geometry:
        """The geometry as a MultiPolygon without Z, its nodes on those of the base or on the grid of 1e-8 degree."""
        flat = shapely.force_2d(geometry)
        parts: Iterable[shapely.Geometry] = shapely.get_parts(flat)
        multi = shapely.multipolygons(list(parts))
        return shapely.transform(multi, self._place)  # type: ignore[return-value]

    def _place(self, places: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        if self._tree is None:
            outlines = np.array([state.geometry for state in self._base.values()], dtype=object)
            self._nodes = np.unique(shapely.get_coordinates(outlines), axis=0)
            self._tree = STRtree(np.asarray(shapely.points(self._nodes), dtype=object))
        assert self._nodes is not None  # noqa: S101 - for the type checker; made with the tree
        result = np.round(places, DECIMALS) + 0.0
        found, near = self._tree.query_nearest(shapely.points(places), max_distance=SAME_NODE_DEG, all_matches=False)
        result[found] = self._nodes[near]
        return result
