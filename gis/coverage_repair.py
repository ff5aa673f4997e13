"""Repair of a coverage as a proposal: clean, round what is new, check, again until it holds.

Nodes that a repair makes or moves are rounded to 1e-8 degree; a zone that it leaves alone comes back bit by
bit. A zone that vanishes is listed with the zone that took its land. A coverage that is clean already comes
back as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import shapely
from shapely import STRtree

from gis.coverage import mend, mend_all, polygonal
from gis.crs import Geometries, MetricCrs

MergeStrategy = Literal["longest_border", "max_area", "min_area", "min_index"]

_GRID_DEG: Final = 1e-8
_METRES_PER_DEGREE: Final = 111_320.0
# Snapping distance of each round of cleaning, in degrees, the finest first: GEOS's own choice (about 1e-8) empties
# zones that are merely small, and none at all (0) loses land.
_SNAPPING_DEG: Final = (1e-12, 1e-11, 1e-10, 1e-9, 1e-9, 1e-8, 1e-8, 1e-8)
# Land below this is noise of double precision, not a change of hands.
_NOISE_M2: Final = 1e-4


@dataclass(frozen=True)
class Transfer:
    """Land that changes hands. source, target: zones; None is land that no zone had, or has afterwards."""

    source: int | None
    target: int | None
    area_m2: float


@dataclass(frozen=True)
class Emptied:
    """A zone of which nothing is left.

    taker: the zone that took its land, or the nearest one when it had none.
    """

    zone: int
    taker: int | None
    area_m2: float


@dataclass(frozen=True)
class RepairProposal:
    """geometries: by position, the very objects given where nothing changed; an emptied zone is an empty
    Polygon.

    changed: positions. moved_m2: sum of all transfers. rounds: of cleaning. stable: whether the result is a
    coverage; when not, the rest needs a person.
    """

    geometries: Geometries
    changed: tuple[int, ...]
    transfers: tuple[Transfer, ...]
    emptied: tuple[Emptied, ...]
    rounds: int
    stable: bool

    @property
    def moved_m2(self) -> float:
        """Land that changes hands, in m2."""
        return sum(transfer.area_m2 for transfer in self.transfers)


def repair(
    geometries: Geometries,
    metric: MetricCrs,
    *,
    gap_width_m: float = 0.0,
    merge_strategy: MergeStrategy = "longest_border",
) -> RepairProposal:
    """Propose a coverage for zones that are none.

    geometries: Polygons and MultiPolygons, lon/lat, EPSG:4326. gap_width_m: gaps narrower than this go to the
    neighbour with the longest border; 0 leaves gaps. merge_strategy: to whom overlapping land goes, as in
    ``shapely.coverage_clean``.
    """
    given = np.array([shapely.Polygon() if item is None else item for item in geometries], dtype=object)
    current = mend_all(given)
    known: npt.NDArray[np.complex128] | None = None
    gap_width = gap_width_m / _METRES_PER_DEGREE
    rounds = 0
    for snapping in _SNAPPING_DEG:
        if _holds(current, gap_width, rounds):
            break
        rounds += 1
        known = _coordinate_keys(given) if known is None else known
        part = _to_clean(current, gap_width)
        current[part] = _round_new(_clean(current[part], gap_width, snapping, merge_strategy), known)
    result = np.array([_like_given(before, after) for before, after in zip(given, current, strict=True)], dtype=object)
    changed = [index for index in range(len(given)) if result[index] is not given[index]]
    return RepairProposal(
        geometries=result,
        changed=tuple(changed),
        transfers=tuple(_transfers(given, result, changed, metric)),
        emptied=tuple(_emptied(given, result, metric)),
        rounds=rounds,
        stable=_is_coverage(result),
    )


def _is_coverage(zones: Geometries) -> bool:
    return bool(shapely.is_valid(zones).all() and shapely.coverage_is_valid(zones))


def _holds(zones: Geometries, gap_width: float, rounds: int) -> bool:
    """A coverage, and cleaned at least once where narrow gaps are to be closed and there are any."""
    if not _is_coverage(zones):
        return False
    return rounds > 0 or gap_width == 0 or bool(shapely.coverage_is_valid(zones, gap_width=gap_width))


def _to_clean(zones: Geometries, gap_width: float) -> npt.NDArray[np.int64]:
    """Positions of the zones to clean: those whose borders do not match, with their neighbours.

    Where gaps are to be closed it is all of them: the place of a zone left out would look like a gap. None of them is
    empty, which the cleaner does not take.
    """
    filled = np.flatnonzero(~shapely.is_empty(zones))
    if gap_width > 0:
        return filled
    edges = shapely.coverage_invalid_edges(zones[filled])
    unmatched = zones[filled][~shapely.is_empty(edges)]
    _, near = STRtree(zones[filled]).query(unmatched, predicate="intersects")
    touched: npt.NDArray[np.int64] = filled[np.unique(near)]
    return touched


def _clean(zones: Geometries, gap_width: float, snapping: float, merge_strategy: MergeStrategy) -> Geometries:
    """One pass of GEOS's cleaner; gap_width and snapping in degrees."""
    # The published type stubs end before shapely 2.2, which brought this function.
    cleaned: Geometries = shapely.coverage_clean(  # type: ignore[attr-defined]
        shapely.force_2d(zones),
        gap_width=gap_width,
        snapping_distance=snapping,
        merge_strategy=merge_strategy,
    )
    return cleaned


def _round_new(zones: Geometries, known: npt.NDArray[np.complex128]) -> Geometries:
    """Round every node that none of the given zones had; the same node is rounded alike in all zones."""
    coordinates = shapely.get_coordinates(zones)
    keys = coordinates[:, 0] + 1j * coordinates[:, 1]
    new = ~np.isin(keys, known)
    if not new.any():
        return zones
    coordinates[new] = np.round(coordinates[new] / _GRID_DEG) * _GRID_DEG
    # Rounding to decimals once more gives the double that the decimal text reads back as.
    coordinates[new] = np.round(coordinates[new], 8)
    rounded = shapely.set_coordinates(shapely.force_2d(zones), coordinates)
    # Mending first: a ring that rounding has collapsed cannot be rid of its repeated points.
    return shapely.remove_repeated_points(mend_all(rounded))


def _coordinate_keys(zones: Geometries) -> npt.NDArray[np.complex128]:
    coordinates = shapely.get_coordinates(zones)
    return np.unique(coordinates[:, 0] + 1j * coordinates[:, 1])


def _like_given(before: shapely.Geometry, after: shapely.Geometry) -> shapely.Geometry:
    """The object given when the repair only reordered it; else the new one, a MultiPolygon where that was given."""
    if before is after or (shapely.is_empty(before) and shapely.is_empty(after)):
        return before
    one_part = shapely.get_type_id(after) == shapely.GeometryType.POLYGON and not shapely.is_empty(after)
    if shapely.get_type_id(before) == shapely.GeometryType.MULTIPOLYGON and one_part:
        parts: list[Any] = [after]
        after = shapely.MultiPolygon(parts)
    if shapely.is_valid(before) and shapely.equals_exact(shapely.force_2d(before), after, normalize=True):
        return before
    return after


def _transfers(given: Geometries, result: Geometries, changed: list[int], metric: MetricCrs) -> list[Transfer]:
    """Land lost by each changed zone by who has it now, and land gained that no zone had."""
    if not changed:
        return []
    before = mend_all(given)
    tree_before, tree_after = STRtree(before), STRtree(result)
    transfers = []
    for index in changed:
        lost = polygonal(shapely.difference(before[index], result[index]))
        transfers += _split(lost, index, result, tree_after, metric)
        gained = polygonal(shapely.difference(result[index], before[index]))
        near = tree_before.query(gained, predicate="intersects")
        for other in near.tolist():
            gained = polygonal(shapely.difference(gained, before[other]))
        area = metric.area_m2(gained)
        if area >= _NOISE_M2:
            transfers.append(Transfer(None, index, area))
    return transfers


def _split(lost: shapely.Geometry, index: int, result: Geometries, tree: STRtree, metric: MetricCrs) -> list[Transfer]:
    total = metric.area_m2(lost)
    if total < _NOISE_M2:
        return []
    transfers = []
    for target in np.sort(tree.query(lost, predicate="intersects")).tolist():
        area = metric.area_m2(polygonal(shapely.intersection(lost, result[target])))
        if area >= _NOISE_M2:
            transfers.append(Transfer(index, target, area))
            total -= area
    if total >= _NOISE_M2:
        transfers.append(Transfer(index, None, total))
    return transfers


def _emptied(given: Geometries, result: Geometries, metric: MetricCrs) -> list[Emptied]:
    gone = np.flatnonzero(shapely.is_empty(result) & ~shapely.is_empty(given)).tolist()
    if not gone:
        return []
    tree = STRtree(result)
    return [Emptied(index, _taker(given[index], result, tree), metric.area_m2(mend(given[index]))) for index in gone]


def _taker(zone: shapely.Geometry, result: Geometries, tree: STRtree) -> int | None:
    """The zone that has most of the land now, then of the outline, then the nearest."""
    outline = shapely.union_all(shapely.linestrings([shapely.get_coordinates(zone)]))
    candidates = np.sort(tree.query(outline, predicate="intersects"))
    if not len(candidates):
        nearest = tree.nearest(shapely.get_point(shapely.get_parts(outline)[0], 0))
        return None if nearest is None else int(nearest)
    area = shapely.area(shapely.intersection(result[candidates], mend(zone)))
    length = shapely.length(shapely.intersection(result[candidates], outline))
    return int(candidates[np.lexsort((candidates, -length, -area))[0]])
