"""The land that changes hands or code between two sets of zones, piece by piece, as shapes."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import STRtree

from gis.coverage import mend, polygonal
from gis.crs import MetricCrs
from gis.zone_difference import NOISE_M2, Difference, ZoneState, lost_and_gained
from gis.zone_edits import ZoneId

_Land = Mapping[ZoneId, shapely.Geometry]


@dataclass(frozen=True)
class Piece:
    """Land of one zone before and of one zone after; None where no zone had it, or has it.

    old_code, new_code: its sub-zone before and after. geometry: lon/lat, EPSG:4326. area_m2: in the metric plane.
    """

    source: ZoneId | None
    target: ZoneId | None
    old_code: Hashable
    new_code: Hashable
    geometry: shapely.Geometry
    area_m2: float

    @property
    def changes_code(self) -> bool:
        """Whether what holds there is another sub-zone now."""
        return self.old_code != self.new_code


def changed_land(
    old: Mapping[ZoneId, ZoneState],
    new: Mapping[ZoneId, ZoneState],
    found: Difference,
    metric: MetricCrs,
    *,
    code: str = "subzone_code",
    noise_m2: float = NOISE_M2,
) -> tuple[Piece, ...]:
    """Every piece of land that another zone has afterwards, or that keeps its zone but not its code; largest first.

    old, new: lon/lat, EPSG:4326, at least all zones that differ. found: their difference. noise_m2: smaller pieces are
    left out.
    """
    whole, lost, gained = lost_and_gained(old, new, found.added, found.removed, found.reshaped, metric)
    lands = [
        (source, target, land)
        for source, target, land in (*_handed_over(lost, gained, noise_m2), *_kept(old, found, whole, lost, metric))
        if shapely.area(land) >= noise_m2
    ]
    # All at once: tens of thousands of pieces would each wait for a transformation of their own.
    drawn = metric.to_lonlat(np.array([land for _, _, land in lands], dtype=object)) if lands else ()
    pieces = [
        Piece(
            source,
            target,
            None if source is None else old[source].attributes.get(code),
            None if target is None else new[target].attributes.get(code),
            geometry,
            float(shapely.area(land)),
        )
        for (source, target, land), geometry in zip(lands, drawn, strict=True)
    ]
    return tuple(sorted(pieces, key=lambda piece: (-piece.area_m2, f"{piece.source} {piece.target}")))


def _handed_over(
    lost: _Land, gained: _Land, noise_m2: float
) -> Iterable[tuple[ZoneId | None, ZoneId | None, shapely.Geometry]]:
    """Land lost by one zone and gained by another; then what goes to nobody, and what comes from nobody."""
    givers, takers = list(lost), list(gained)
    losing, gaining = np.array(list(lost.values()), dtype=object), np.array(list(gained.values()), dtype=object)
    explained: dict[tuple[str, ZoneId], list[shapely.Geometry]] = {}
    if givers and takers:
        found, near = STRtree(gaining).query(losing, predicate="intersects")
        shared = shapely.intersection(losing[found], gaining[near])
        for giver, taker, land in zip(found.tolist(), near.tolist(), shared, strict=True):
            land = polygonal(land)
            if shapely.area(land) >= noise_m2:
                explained.setdefault(("lost", givers[giver]), []).append(land)
                explained.setdefault(("gained", takers[taker]), []).append(land)
                yield givers[giver], takers[taker], land
    for zone, land in lost.items():
        yield zone, None, _rest(land, explained.get(("lost", zone), []), noise_m2)
    for zone, land in gained.items():
        yield None, zone, _rest(land, explained.get(("gained", zone), []), noise_m2)


def _rest(land: shapely.Geometry, parts: list[shapely.Geometry], noise_m2: float) -> shapely.Geometry:
    # Areas tell at once, in nearly every case, that nothing is left.
    if float(shapely.area(land)) - sum(float(shapely.area(part)) for part in parts) < noise_m2:
        return shapely.MultiPolygon()
    return polygonal(shapely.difference(land, shapely.union_all(parts))) if parts else land


def _kept(
    old: Mapping[ZoneId, ZoneState], found: Difference, whole: _Land, lost: _Land, metric: MetricCrs
) -> Iterable[tuple[ZoneId, ZoneId, shapely.Geometry]]:
    """Land that stays with its zone, where the zone has another code now."""
    for zone in found.recoded:
        if zone in whole:
            yield zone, zone, polygonal(shapely.difference(whole[zone], lost[zone]))
        else:
            yield zone, zone, mend(metric.to_metric(old[zone].geometry))
