"""One published plan version in memory: what a point, a polygon or a million points lie in.

The index is immutable. It is built once per version, answers without the database, and is tested against SQL in
PostGIS. Zones are known by their position in the arrays it was built from; callers keep what belongs to a position
(identity, attributes, a serialised part of an answer) beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from gis.crs import MetricCrs
from gis.errors import InvalidGeometry
from gis.point_index import GeometryArray, PointIndex

# A metre is at least this many degrees anywhere on the ellipsoid (along a meridian at the poles, 111.7 km per degree);
# used with a margin to ask the tree in degrees for what is then measured in metres.
_DEGREES_PER_METRE = 1 / 110_000
# The longest edges asked about are some 60 km, which the projection bends by far less than this (about 100 m).
_BENT_DEG = 0.001


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A zone near the point that does not hold it."""

    position: int
    distance_m: float


@dataclass(frozen=True, slots=True)
class Location:
    """Where a point lies.

    zones: positions of the zones that hold it within the border tolerance, ascending.
    edge_m: distance to the nearest border of the first of them, where a border is within the radius asked; else None.
    neighbours: other zones within the radius, nearest first.
    """

    zones: tuple[int, ...]
    edge_m: float | None = None
    neighbours: tuple[Neighbour, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """A polygon's part in one zone, in m2 of the plan's metric CRS, and in per cent of the polygon."""

    position: int
    area_m2: float
    pct: float


@dataclass(frozen=True)
class Shares:
    """A polygon split by the zones.

    shares: parts of at least sliver_m2, largest first. touching: smaller parts, and zones that only touch (0 m2).
    All areas of shares and touching, less overlap_m2, plus outside_m2, add up to area_m2.
    """

    area_m2: float
    shares: tuple[Share, ...]
    touching: tuple[Share, ...]
    outside_m2: float
    overlap_m2: float
    sliver_m2: float


class ZoningIndex:
    """Zones of one plan version.

    geometries: MultiPolygons in EPSG:4326. metric: the plan's metric CRS. accuracy_m: how exact the drawing is; a point
    within it of a border is near the border. tolerance_deg: a point this near to a zone belongs to it.
    """

    def __init__(
        self,
        geometries: Sequence[shapely.Geometry] | GeometryArray,
        metric: MetricCrs,
        *,
        accuracy_m: float = 0.0,
        tolerance_deg: float = 1e-7,
    ) -> None:
        self.geometries: GeometryArray = np.asarray(geometries, dtype=object)
        self.metric = metric
        self.accuracy_m = accuracy_m
        _west, south, _east, north = shapely.total_bounds(self.geometries) if len(self.geometries) else (0, 0, 0, 0)
        clearance_deg = _degrees(accuracy_m, max(abs(south), abs(north)))
        self._points = PointIndex(self.geometries, tolerance_deg=tolerance_deg, clearance_deg=clearance_deg)
        shapely.prepare(self.geometries)
        self._metric: dict[int, shapely.Geometry] = {}
        self._borders: dict[int, shapely.Geometry] = {}

    def __len__(self) -> int:
        return len(self.geometries)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        return self._points.bounds

    def locate(self, lon: float, lat: float, *, asker_accuracy_m: float = 0.0) -> Location:
        """The zones at a point, and those near it.

        lon, lat: degrees. asker_accuracy_m: how exactly the asker knows the position, in metres; borders and zones
        within ``accuracy_m + asker_accuracy_m`` are reported.
        """
        if asker_accuracy_m <= 0:
            label = self._points.label(lon, lat)
            if label >= 0:
                return Location((label,))
            if label == -1:
                return Location(())
        radius = self.accuracy_m + max(asker_accuracy_m, 0.0)
        if radius <= 0:
            return Location(tuple(self._points.exact(lon, lat)))
        zones, others = self._points.near(lon, lat, _degrees(radius, lat))
        point = shapely.Point(self.metric.forward(lon, lat))
        edge = float(shapely.distance(self._metric_border(zones[0]), point)) if zones else None
        neighbours = [
            Neighbour(other, float(shapely.distance(self._metric_geometry(other), point))) for other in others
        ]
        return Location(
            tuple(zones),
            edge if edge is not None and edge <= radius else None,
            tuple(sorted((item for item in neighbours if item.distance_m <= radius), key=lambda item: item.distance_m)),
        )

    def locate_many(
        self, lons: npt.NDArray[np.float64], lats: npt.NDArray[np.float64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """All (point, zone) pairs of many points within the tolerance; see ``PointIndex.at_many``."""
        return self._points.at_many(lons, lats)

    def nearest(
        self, lon: float, lat: float, positions: npt.NDArray[np.int64], *, count: int = 3
    ) -> list[tuple[int, float, float, float]]:
        """The nearest of the given zones: (position, distance in m, lon, lat of its nearest point), nearest first.

        Distances are measured in the plan's metric CRS, never in degrees.
        """
        if not len(positions):
            return []
        point = shapely.Point(self.metric.forward(lon, lat))
        metric = np.array([self._metric_geometry(position) for position in positions.tolist()], dtype=object)
        distances = shapely.distance(metric, point)
        nearest = np.lexsort((positions, distances))[:count]
        ends = shapely.get_point(shapely.shortest_line(point, metric[nearest]), -1)
        found = []
        for place, end in zip(nearest.tolist(), ends, strict=True):
            end_lon, end_lat = self.metric.inverse(end.x, end.y)
            found.append((int(positions[place]), float(distances[place]), end_lon, end_lat))
        return found

    def along(self, lon: float, lat: float, *, east: int, north: int, radius_m: float) -> tuple[Neighbour, ...]:
        """The other zones that a straight line from the point meets, in the order in which it meets them.

        east, north: direction along the axes of the metric CRS, each -1, 0 or 1. Zones that hold the point itself are
        passed over. Distances in metres, of at most radius_m, to where the line first enters a zone.
        """
        held = set(self._points.exact(lon, lat))
        x, y = self.metric.forward(lon, lat)
        end_lon, end_lat = self.metric.inverse(x + east * radius_m, y + north * radius_m)
        ray = shapely.LineString([(lon, lat), (end_lon, end_lat)])
        point = shapely.Point(x, y)
        metric_ray = self.metric.to_metric(ray)
        met: list[Neighbour] = []
        for position in np.sort(self._points.tree.query(ray, predicate="intersects")).tolist():
            if position in held:
                continue
            crossed = shapely.intersection(self._metric_geometry(position), metric_ray)
            distance = float(point.distance(crossed)) if not crossed.is_empty else float("inf")
            if distance <= radius_m:
                met.append(Neighbour(position, distance))
        return tuple(sorted(met, key=lambda zone: (zone.distance_m, zone.position)))

    def shares(self, polygon: shapely.Geometry, *, sliver_m2: float = 1.0) -> Shares:
        """Split a polygon by the zones that cover it.

        polygon: Polygon or MultiPolygon, lon/lat, EPSG:4326. sliver_m2: pieces smaller than this are reported as
        touching, not as shares. Areas are in m2 in the plan's metric CRS.
        Raises InvalidGeometry when the polygon crosses itself, and says where.
        """
        InvalidGeometry.check(polygon)
        whole = _valid(self.metric.to_metric(polygon))
        total = float(shapely.area(whole))
        positions, pieces = self._pieces(polygon, whole)
        areas = np.asarray(shapely.area(pieces), dtype=np.float64)
        parts = [
            Share(position, area, min(100.0, 100 * area / total) if total else 0.0)
            for position, area in zip(positions.tolist(), areas.tolist(), strict=True)
        ]
        parts.sort(key=lambda share: (-share.area_m2, share.position))
        covered = shapely.union_all(pieces) if len(pieces) else shapely.Polygon()
        outside = float(shapely.area(shapely.difference(whole, covered)))
        overlap = max(0.0, float(np.sum(areas)) - float(shapely.area(covered)))
        return Shares(
            area_m2=total,
            shares=tuple(share for share in parts if share.area_m2 >= sliver_m2),
            touching=tuple(share for share in parts if share.area_m2 < sliver_m2),
            outside_m2=outside,
            overlap_m2=overlap,
            sliver_m2=sliver_m2,
        )

    def _pieces(
        self, polygon: shapely.Geometry, whole: shapely.Geometry
    ) -> tuple[npt.NDArray[np.int64], GeometryArray]:
        """Zones that meet a polygon, and its part in each; cut in the metric plane.

        polygon: in degrees; whole: the same in metres. Cut in degrees, parts of a large polygon would not add up to it:
        an edge that is straight there is slightly bent in the plane in which areas are measured.
        """
        near = np.sort(self._points.tree.query(polygon, predicate="dwithin", distance=_BENT_DEG)).astype(np.int64)
        zones = np.array([_valid(self._metric_geometry(position)) for position in near.tolist()], dtype=object)
        pieces: GeometryArray = np.asarray(shapely.intersection(zones, whole), dtype=object)
        kept = shapely.intersects(self.geometries[near], polygon) | (shapely.area(pieces) > 0)
        return near[kept], pieces[kept]

    def area_m2(self) -> npt.NDArray[np.float64]:
        """Area of every zone, in m2 of the metric CRS, by position."""
        return np.asarray(self.metric.area_m2(self.geometries), dtype=np.float64)

    def nbytes(self) -> int:
        """Bytes of the label grid and of the geometries' coordinates."""
        return self._points.nbytes() + 16 * int(shapely.get_num_coordinates(self.geometries).sum())

    def _metric_geometry(self, position: int) -> shapely.Geometry:
        """The zone in metres; kept once made, as the same borders are asked about again and again."""
        geometry = self._metric.get(position)
        if geometry is None:
            geometry = self.metric.to_metric(self.geometries[position])
            self._metric[position] = geometry
        return geometry

    def _metric_border(self, position: int) -> shapely.Geometry:
        """The zone's border in metres, kept likewise."""
        border = self._borders.get(position)
        if border is None:
            border = shapely.boundary(self._metric_geometry(position))
            self._borders[position] = border
        return border


def _valid(geometry: shapely.Geometry) -> shapely.Geometry:
    """The geometry, mended where projecting its nodes made a needle cross itself."""
    return geometry if shapely.is_valid(geometry) else shapely.make_valid(geometry)


def _degrees(metres: float, lat: float) -> float:
    """Degrees that are surely as long as the metres, in every direction at this latitude."""
    # Longitude degrees shrink with the cosine of the latitude.
    return 1.02 * metres * _DEGREES_PER_METRE / max(math.cos(math.radians(lat)), 0.01)
