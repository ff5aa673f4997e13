"""What differs between two sets of zones: which zones, who gives land to whom, how many m2 change their code."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely
from shapely import STRtree

from gis.coverage import mend, polygonal
from gis.coverage_repair import Transfer
from gis.crs import MetricCrs
from gis.outline_merge import same_outline
from gis.zone_edits import ZoneId

# Along a border that got a rounded node, less than a millimetre wide, land changes hands that nobody meant.
NOISE_M2: Final = 0.1
_M2_PER_HA: Final = 10_000.0


@dataclass(frozen=True)
class ZoneState:
    """A zone at one moment. geometry: lon/lat, EPSG:4326. attributes: by name, values that compare."""

    geometry: shapely.Geometry
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """Zones by number, ascending.

    reshaped: another outline, compared ring by ring and bit by bit. recoded: another value in the code's attribute.
    attributes: by zone and name, old and new value, the code among them. transfers: land that changes hands, largest
    first; None is land that no zone had, or has. transitions_m2: land by its old and its new code where these differ,
    largest first; None is land without a zone.
    """

    added: tuple[ZoneId, ...]
    removed: tuple[ZoneId, ...]
    reshaped: tuple[ZoneId, ...]
    recoded: tuple[ZoneId, ...]
    attributes: Mapping[ZoneId, Mapping[str, tuple[Any, Any]]]
    transfers: tuple[Transfer, ...]
    transitions_m2: Mapping[tuple[Hashable, Hashable], float]

    @property
    def transitions_ha(self) -> dict[tuple[Hashable, Hashable], float]:
        """The same in hectares."""
        return {pair: area / _M2_PER_HA for pair, area in self.transitions_m2.items()}

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.added or self.removed or self.reshaped or self.attributes)


def difference(
    old: Mapping[ZoneId, ZoneState],
    new: Mapping[ZoneId, ZoneState],
    metric: MetricCrs,
    *,
    code: str = "subzone_code",
    noise_m2: float = NOISE_M2,
) -> Difference:
    """Compare two sets of zones.

    metric: the plane in which areas are measured and zones intersected, changed zones only. code: the attribute that
    holds the sub-zone. noise_m2: smaller transfers are left out.
    """
    both = sorted(old.keys() & new.keys())
    added, removed = sorted(new.keys() - old.keys()), sorted(old.keys() - new.keys())
    reshaped = _reshaped(old, new, both)
    attributes = {zone: values for zone in both if (values := _changed_values(old[zone], new[zone]))}
    recoded = [zone for zone, values in attributes.items() if code in values]
    whole, lost, gained = lost_and_gained(old, new, added, removed, reshaped, metric)
    transfers = sorted(_transfers(lost, gained, noise_m2), key=_by_area)
    staying = {
        zone: float(shapely.area(whole[zone]) - shapely.area(lost[zone]))
        if zone in whole
        else metric.area_m2(mend(old[zone].geometry))
        for zone in recoded
    }
    return Difference(
        added=tuple(added),
        removed=tuple(removed),
        reshaped=tuple(reshaped),
        recoded=tuple(recoded),
        attributes=attributes,
        transfers=tuple(transfers),
        transitions_m2=_transitions(old, new, transfers, staying, code),
    )


def changed_zones(old: Mapping[ZoneId, ZoneState], new: Mapping[ZoneId, ZoneState]) -> dict[ZoneId, ZoneState | None]:
    """Zones of ``new`` that are not in ``old`` or differ in outline or attributes, and None for those that are gone."""
    both = sorted(old.keys() & new.keys())
    reshaped = set(_reshaped(old, new, both))
    changes: dict[ZoneId, ZoneState | None] = {
        zone: new[zone] for zone in both if zone in reshaped or _changed_values(old[zone], new[zone])
    }
    changes.update({zone: new[zone] for zone in sorted(new.keys() - old.keys())})
    changes.update(dict.fromkeys(sorted(old.keys() - new.keys())))
    return changes


def lost_and_gained(
    old: Mapping[ZoneId, ZoneState],
    new: Mapping[ZoneId, ZoneState],
    added: Iterable[ZoneId],
    removed: Iterable[ZoneId],
    reshaped: Iterable[ZoneId],
    metric: MetricCrs,
) -> tuple[dict[ZoneId, shapely.Geometry], dict[ZoneId, shapely.Geometry], dict[ZoneId, shapely.Geometry]]:
    """By zone, in the metric plane: the old outline of zones that lose land, the land they lose, the land zones gain."""
    kept = list(reshaped)
    whole = _plane({zone: old[zone].geometry for zone in [*removed, *kept]}, metric)
    gained = _plane({zone: new[zone].geometry for zone in [*added, *kept]}, metric)
    lost = dict(whole)
    for zone in kept:
        before, after = whole[zone], gained[zone]
        lost[zone] = polygonal(shapely.difference(before, after))
        gained[zone] = polygonal(shapely.difference(after, before))
    return whole, lost, gained


def _reshaped(old: Mapping[ZoneId, ZoneState], new: Mapping[ZoneId, ZoneState], both: list[ZoneId]) -> list[ZoneId]:
    candidates = [zone for zone in both if old[zone].geometry is not new[zone].geometry]
    if not candidates:
        return []
    # All at once: comparing bytes spares nearly every zone the comparison ring by ring.
    before = shapely.to_wkb(np.array([old[zone].geometry for zone in candidates], dtype=object))
    after = shapely.to_wkb(np.array([new[zone].geometry for zone in candidates], dtype=object))
    return [
        zone
        for zone, equal in zip(candidates, (before == after).tolist(), strict=True)
        if not equal and not same_outline(old[zone].geometry, new[zone].geometry)
    ]


def _changed_values(old: ZoneState, new: ZoneState) -> dict[str, tuple[Any, Any]]:
    if old.attributes is new.attributes:
        return {}
    names = sorted(old.attributes.keys() | new.attributes.keys())
    pairs = {name: (old.attributes.get(name), new.attributes.get(name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _plane(zones: Mapping[ZoneId, shapely.Geometry], metric: MetricCrs) -> dict[ZoneId, shapely.Geometry]:
    return {zone: mend(metric.to_metric(geometry)) for zone, geometry in zones.items()}


def _transfers(
    lost: Mapping[ZoneId, shapely.Geometry], gained: Mapping[ZoneId, shapely.Geometry], noise_m2: float
) -> Iterable[Transfer]:
    """Land lost by one zone and gained by another; what is left over comes from nobody or goes to nobody."""
    givers, takers = list(lost), list(gained)
    left_over = {zone: float(shapely.area(land)) for zone, land in lost.items()}
    unexplained = {zone: float(shapely.area(land)) for zone, land in gained.items()}
    if givers and takers:
        tree = STRtree(list(gained.values()))
        found, near = tree.query(list(lost.values()), predicate="intersects")
        shared = shapely.intersection(
            np.array(list(lost.values()), dtype=object)[found], np.array(list(gained.values()), dtype=object)[near]
        )
        for giver, taker, area in zip(found.tolist(), near.tolist(), shapely.area(shared).tolist(), strict=True):
            left_over[givers[giver]] -= area
            unexplained[takers[taker]] -= area
            if area >= noise_m2:
                yield Transfer(givers[giver], takers[taker], area)
    yield from (Transfer(zone, None, area) for zone, area in left_over.items() if area >= noise_m2)
    yield from (Transfer(None, zone, area) for zone, area in unexplained.items() if area >= noise_m2)


def _transitions(
    old: Mapping[ZoneId, ZoneState],
    new: Mapping[ZoneId, ZoneState],
    transfers: Iterable[Transfer],
    staying: Mapping[ZoneId, float],
    code: str,
) -> dict[tuple[Hashable, Hashable], float]:
    areas: dict[tuple[Hashable, Hashable], float] = {}
    moves = [
        (
            None if transfer.source is None else old[transfer.source].attributes.get(code),
            None if transfer.target is None else new[transfer.target].attributes.get(code),
            transfer.area_m2,
        )
        for transfer in transfers
    ]
    moves += [(old[zone].attributes[code], new[zone].attributes[code], area) for zone, area in staying.items()]
    for before, after, area in moves:
        if before != after:
            areas[before, after] = areas.get((before, after), 0.0) + area
    return dict(sorted(areas.items(), key=lambda item: (-item[1], str(item[0]))))


def _by_area(transfer: Transfer) -> tuple[float, str]:
    return -transfer.area_m2, f"{transfer.source} {transfer.target}"
