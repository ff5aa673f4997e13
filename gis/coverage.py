"""Zones of one plan form a coverage: no overlaps, no gaps inside the plan's footprint. Check it, and propose
repairs.

All geometries are lon/lat, EPSG:4326; areas are m2 in the plan's metric CRS. Zones are known by their
position in the array given. Nothing here changes what it is given: a repair is a proposal, with the land that
changes hands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely import STRtree

from gis.crs import Geometries, MetricCrs
from gis.errors import find_fault

Flags = npt.NDArray[np.bool_]

# Overlaps and gaps below this are noise of double precision along borders, not findings.
NOISE_M2: Final = 0.01
_SLIVER_WIDTH_M: Final = 0.1
# A gap touches the zones around it but for the last bits of its coordinates.
_TOUCH_DEG: Final = 1e-9
_EMPTY: Final = shapely.Polygon()
_POLYGONAL: Final = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True)
class InvalidZone:
    """A zone whose outline is not valid. lon, lat: where first; reason: GEOS's word for it."""

    zone: int
    lon: float
    lat: float
    reason: str


@dataclass(frozen=True)
class Overlap:
    """Land that two zones claim. first < second."""

    first: int
    second: int
    area_m2: float
    lon: float
    lat: float
    geometry: shapely.Geometry


@dataclass(frozen=True)
class Gap:
    """Land inside the footprint that no zone claims. zones: those around it, ascending."""

    area_m2: float
    lon: float
    lat: float
    zones: tuple[int, ...]
    geometry: shapely.Geometry


@dataclass(frozen=True)
class Sliver:
    """A part of a zone too small or too thin to be meant.

    part: its position in the zone. width_m: 2 area / perimeter.
    """

    zone: int
    part: int
    area_m2: float
    width_m: float
    lon: float
    lat: float


@dataclass(frozen=True)
class CoverageReport:
    """What was found.

    edge_matched: shared borders have the same nodes on both sides (GEOS's ``coverage_is_valid``). unmatched:
    zones whose borders do not. overlaps, gaps: of at least ``noise_m2``, largest first. duplicates: pairs
    with the same outline. outside_m2: land of zones outside the footprint that was given.
    """

    invalid: tuple[InvalidZone, ...]
    overlaps: tuple[Overlap, ...]
    gaps: tuple[Gap, ...]
    slivers: tuple[Sliver, ...]
    duplicates: tuple[tuple[int, int], ...]
    empty: tuple[int, ...]
    unmatched: tuple[int, ...]
    edge_matched: bool
    outside_m2: float

    @property
    def blocks_publishing(self) -> bool:
        """Whether anything found stands against publishing: invalid or empty zones, overlaps, gaps."""
        return bool(self.invalid or self.overlaps or self.gaps or self.empty)

    @property
    def overlap_m2(self) -> float:
        """Area of all overlaps, pair by pair."""
        return sum(overlap.area_m2 for overlap in self.overlaps)

    @property
    def gap_m2(self) -> float:
        """Area of all gaps."""
        return sum(gap.area_m2 for gap in self.gaps)


def validate(
    geometries: Geometries,
    metric: MetricCrs,
    footprint: shapely.Geometry | None = None,
    *,
    sliver_m2: float = 1.0,
    noise_m2: float = NOISE_M2,
) -> CoverageReport:
    """Check zones as a coverage.

    geometries: Polygons and MultiPolygons. footprint: what the plan must cover; None takes the zones' own
    outline with its holes filled, so that a gap open to the outside is not seen. sliver_m2: smaller parts are
    slivers, as are parts thinner than 10 cm. noise_m2: smaller overlaps and gaps are not reported.
    """
    zones, invalid = valid_zones(geometries)
    edge_matched = bool(shapely.coverage_is_valid(zones))
    unmatched = np.zeros(len(zones), dtype=bool) if edge_matched else _unmatched(zones)
    overlaps = [] if edge_matched else find_overlaps(zones, unmatched, metric, noise_m2)
    land = land_of(zones, unmatched)
    outside = 0.0 if footprint is None else float(metric.area_m2(shapely.difference(land, footprint)))
    gaps = find_gaps(zones, land, filled(land) if footprint is None else footprint, metric, noise_m2)
    return CoverageReport(
        invalid=tuple(invalid),
        overlaps=tuple(sorted(overlaps, key=lambda item: -item.area_m2)),
        gaps=tuple(sorted(gaps, key=lambda item: -item.area_m2)),
        slivers=tuple(find_slivers(zones, metric, sliver_m2)),
        duplicates=tuple(_duplicates(zones)),
        empty=tuple(np.flatnonzero(shapely.is_empty(zones)).tolist()),
        unmatched=tuple(np.flatnonzero(unmatched).tolist()),
        edge_matched=edge_matched and not invalid,
        outside_m2=outside,
    )


def polygonal(geometry: shapely.Geometry | None) -> shapely.Geometry:
    """A valid geometry's polygons alone; an empty Polygon where there are none."""
    if geometry is None or shapely.is_empty(geometry):
        return _EMPTY
    if shapely.get_type_id(geometry) in _POLYGONAL:
        return geometry
    parts = [part for part in shapely.get_parts(geometry) if shapely.get_type_id(part) in _POLYGONAL]
    flat = shapely.get_parts(np.array(parts, dtype=object)).tolist()
    if not flat:
        return _EMPTY
    return flat[0] if len(flat) == 1 else shapely.MultiPolygon(flat)


def mend(geometry: shapely.Geometry | None) -> shapely.Geometry:
    """An invalid outline as the valid polygons it encloses (GEOS's structure method); a valid one as it is.

    Z is kept where GEOS keeps it. The result may be an empty Polygon.
    """
    if geometry is None:
        return _EMPTY
    if shapely.is_valid(geometry):
        return geometry
    return polygonal(shapely.make_valid(geometry, method="structure", keep_collapsed=False))


def as_array(outlines: Iterable[shapely.Geometry]) -> Geometries:
    """Geometries one by one: numpy would take a list of MultiPolygons apart."""
    items = list(outlines)
    result = np.empty(len(items), dtype=object)
    result[:] = items
    return result


def valid_zones(geometries: Geometries) -> tuple[Geometries, list[InvalidZone]]:
    """The zones with invalid outlines mended, and those that were; the very same objects where they are valid."""
    zones = np.array([_EMPTY if item is None else item for item in geometries], dtype=object)
    invalid = []
    for position in np.flatnonzero(~shapely.is_valid(zones)).tolist():
        fault = find_fault(zones[position])
        if fault is not None:
            invalid.append(InvalidZone(position, fault.x, fault.y, fault.reason))
        zones[position] = mend(zones[position])
    return zones, invalid


def _unmatched(zones: Geometries) -> Flags:
    return ~np.asarray(shapely.is_empty(shapely.coverage_invalid_edges(zones)), dtype=bool)


def land_of(zones: Geometries, unmatched: Flags) -> shapely.Geometry:
    """The union of all zones; those whose borders match are joined the fast way first."""
    joined = shapely.coverage_union_all(zones[~unmatched])
    return shapely.union_all([joined, *zones[unmatched]]) if unmatched.any() else joined


def mend_all(geometries: Geometries) -> Geometries:
    """``mend`` for many: the very same objects where they are valid."""
    zones = np.array([_EMPTY if item is None else item for item in geometries], dtype=object)
    for position in np.flatnonzero(~shapely.is_valid(zones)).tolist():
        zones[position] = mend(zones[position])
    return zones


def find_overlaps(zones: Geometries, unmatched: Flags, metric: MetricCrs, noise_m2: float = NOISE_M2) -> list[Overlap]:
    """Pairs whose interiors meet.

    Of such a pair at least one has invalid edges, which spares most intersections.
    """
    suspects = np.flatnonzero(unmatched)
    if not len(suspects):
        return []
    tree = STRtree(zones)
    found, other = tree.query(zones[suspects], predicate="intersects")
    pairs = np.sort(np.column_stack([suspects[found], other]), axis=1)
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    if not len(pairs):
        return []
    shared = shapely.intersection(zones[pairs[:, 0]], zones[pairs[:, 1]])
    shared = np.array([polygonal(item) for item in shared], dtype=object)
    areas = metric.area_m2(shared)
    overlaps = []
    for index in np.flatnonzero((areas > 0) & (areas >= noise_m2)).tolist():
        lon, lat = place_in(shared[index])
        first, second = pairs[index].tolist()
        overlaps.append(Overlap(first, second, float(areas[index]), lon, lat, shared[index]))
    return overlaps


def find_gaps(
    zones: Geometries,
    land: shapely.Geometry,
    footprint: shapely.Geometry,
    metric: MetricCrs,
    noise_m2: float = NOISE_M2,
) -> list[Gap]:
    """Parts of the footprint that no zone has. land: the union of zones."""
    parts = shapely.get_parts(polygonal(shapely.difference(footprint, land)))
    areas = metric.area_m2(parts) if len(parts) else np.zeros(0)
    keep = np.flatnonzero((areas > 0) & (areas >= noise_m2)).tolist()
    if not keep:
        return []
    # Parts of zones, not zones: a plan may hold a zone of hundreds of parts, and each gap touches few of them.
    pieces, owners = shapely.get_parts(zones, return_index=True)
    found, near = STRtree(pieces).query(parts[keep], predicate="dwithin", distance=_TOUCH_DEG)
    around: list[set[int]] = [set() for _ in keep]
    for place, piece in zip(found.tolist(), near.tolist(), strict=True):
        around[place].add(int(owners[piece]))
    gaps = []
    for index, zones_around in zip(keep, around, strict=True):
        lon, lat = place_in(parts[index])
        gaps.append(Gap(float(areas[index]), lon, lat, tuple(sorted(zones_around)), parts[index]))
    return gaps


def filled(land: shapely.Geometry) -> shapely.Geometry:
    """The outline without its holes."""
    parts = shapely.get_parts(polygonal(land))
    if not len(parts):
        return _EMPTY
    return shapely.union_all(shapely.polygons(shapely.get_exterior_ring(parts)))


def find_slivers(zones: Geometries, metric: MetricCrs, sliver_m2: float = 1.0) -> Iterator[Sliver]:
    """Parts smaller than sliver_m2 or thinner than 10 cm."""
    parts, owners = shapely.get_parts(zones, return_index=True)
    plane = metric.to_metric(parts)
    areas, lengths = shapely.area(plane), shapely.length(plane)
    widths = np.divide(2 * areas, lengths, out=np.zeros_like(areas), where=lengths > 0)
    first = np.searchsorted(owners, owners)
    small = (areas < sliver_m2) | (widths < _SLIVER_WIDTH_M)
    for index in np.flatnonzero(small & ~shapely.is_empty(parts)).tolist():
        lon, lat = place_in(parts[index])
        yield Sliver(
            zone=int(owners[index]),
            part=index - int(first[index]),
            area_m2=float(areas[index]),
            width_m=float(widths[index]),
            lon=lon,
            lat=lat,
        )


def _duplicates(zones: Geometries) -> Iterator[tuple[int, int]]:
    seen: dict[bytes, int] = {}
    for position, outline in enumerate(shapely.to_wkb(shapely.normalize(shapely.force_2d(zones)))):
        if shapely.is_empty(zones[position]):
            continue
        first = seen.setdefault(outline, position)
        if first != position:
            yield first, position


def place_in(geometry: shapely.Geometry) -> tuple[float, float]:
    """A point of the geometry, for people to look at."""
    point = shapely.point_on_surface(geometry)
    if shapely.is_empty(point):
        point = shapely.get_point(shapely.get_exterior_ring(shapely.get_parts(geometry)[0]), 0)
    return float(shapely.get_x(point)), float(shapely.get_y(point))
