"""All lines of the city noded once, and the faces between them: everything else is a union of these faces.

Because every layer (areas, neighbourhoods, zones) is a union of the same faces, shared borders are the same numbers,
bit by bit, and nothing gapes or overlaps. Faces are lon/lat, EPSG:4326, rounded to 1e-8 degree; areas are m2 in the
plan's CRS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from .frame import GRID_DEG, Array, degrees, metres
from .kelurahan import Partition
from .land import Land, neighbour_strips
from .sketch import HALF_WIDTH_M, Region, River, Road
from .streets import density

BODY_CLASSES = ("arteri", "kolektor", "lokal")
RIVER_SETBACK_M = 15.0
FRONTAGE_M = {"arteri": 48.0, "kolektor": 40.0}
COAST_STRIP_M = 50.0
GREEN_BELT_M = 45.0


@dataclass
class Layout:
    """The areas that decide what a face is. Metres; visible regions do not overlap."""

    bodies: dict[str, BaseGeometry]
    water: list[Polygon]
    setback: BaseGeometry
    frontage: BaseGeometry
    regions: list[Region]


def build_layout(land: Land, roads: list[Road], rivers: list[River], regions: list[Region]) -> Layout:
    """Draw road bodies, rivers' setbacks, strips along main roads, and the visible part of each region."""
    bodies = {
        name: shapely.union_all(
            [road.line.buffer(HALF_WIDTH_M[name], quad_segs=3) for road in roads if road.road_class == name]
        ).simplify(0.3)
        for name in BODY_CLASSES
    }
    water = [river.water for river in rivers]
    setback = shapely.union_all(water).buffer(RIVER_SETBACK_M, quad_segs=3).simplify(0.8)
    frontage = shapely.union_all(
        [
            road.line.buffer(HALF_WIDTH_M[road.road_class] + FRONTAGE_M[road.road_class], quad_segs=4)
            for road in roads
            if road.road_class in FRONTAGE_M
        ]
    ).simplify(0.8)
    return Layout(bodies, water, setback, frontage, _visible(land, regions))


def _visible(land: Land, regions: list[Region]) -> list[Region]:
    """Cut each region by those before it; the rest of the mainland is settlement; add belts and the coastal strip."""
    drawn = np.array([region.area for region in regions], dtype=object)
    touching = shapely.STRtree(drawn).query(drawn, predicate="intersects")
    seen: list[Region] = []
    for position, region in enumerate(regions):
        earlier = touching[1][(touching[0] == position) & (touching[1] < position)]
        area = region.area.difference(shapely.union_all(drawn[earlier]))
        if not land.mainland.contains_properly(area):
            area = area.intersection(land.mainland)
        if area.area > 2000:
            seen.append(Region(region.kind, region.name, area))
    rest = land.mainland.difference(shapely.union_all(drawn))
    seen.append(Region("settlement", "the city", rest))
    homes = shapely.union_all([region.area for region in seen if region.kind == "settlement"])
    shore = land.coast.buffer(COAST_STRIP_M, quad_segs=3).simplify(1.0)
    belt = homes.buffer(GREEN_BELT_M, quad_segs=3).simplify(1.0)
    result: list[Region] = []
    for region in seen:
        if region.kind == "KPI":
            result += _split(region, belt, "RTH-8", "green belt")
        elif region.kind in ("settlement", "village", "R-4", "RTH-1", "P-1") and region.name != "kampung Bontang Kuala":
            result += _split(region, shore, "PS", "coastal strip")
        else:
            result.append(region)
    return result


def _split(region: Region, mask: BaseGeometry, kind: str, name: str) -> list[Region]:
    """Give the part of a region under a mask another kind."""
    under = shapely.get_parts(region.area.intersection(mask))
    part = MultiPolygon([piece for piece in under if piece.geom_type == "Polygon" and piece.area > 7000])
    if part.is_empty:
        return [region]
    return [Region(kind, name, part), Region(region.kind, region.name, region.area.difference(part))]


@dataclass
class Faces:
    """The faces of the arrangement and what is known of each; all arrays have one entry per face.

    polygon: lon/lat; kelurahan: position in kelurahan.csv; body: 'arteri'.. 'lokal', 'water', 'setback' or ''; region:
    position in the layout's regions, or -1 - n on the n-th island; cell: the block of the centre lines it lies in.
    pairs: positions of two faces that share an edge, border_m: the length they share. outside: the sea ('sea') and the
    neighbours' strips by name, in lon/lat; they share the land's border but are no faces of it.
    """

    polygon: NDArray[np.object_]
    point: Array
    area_m2: Array
    kelurahan: NDArray[np.int64]
    body: NDArray[np.str_]
    region: NDArray[np.int64]
    frontage: NDArray[np.bool_]
    cell: NDArray[np.int64]
    pairs: NDArray[np.int64]
    border_m: Array
    outside: dict[str, BaseGeometry]


def build_faces(land: Land, partition: Partition, roads: list[Road], layout: Layout) -> Faces:
    """Node all lines, find the faces on land, and label each by a point inside it."""
    borders = partition.borders()
    outer = {"sea": land.seaward, **neighbour_strips(land)}
    lines = _all_lines(land, borders, roads, layout, list(outer.values()))
    noded = shapely.union_all(degrees(np.array(lines, dtype=object)), grid_size=GRID_DEG)
    polygons = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    inner = shapely.point_on_surface(polygons)
    inner_m = metres(inner)
    shapely.prepare(land.mainland)
    island = _first_containing(land.islands, inner_m)
    on_land = shapely.contains(land.mainland, inner_m) | (island >= 0)
    outside = _outside(outer, polygons[~on_land], inner_m[~on_land])
    polygons, inner_m, island = polygons[on_land], inner_m[on_land], island[on_land]
    kelurahan = _kelurahan(partition, borders, inner_m)
    kelurahan[island >= 0] = np.array(partition.island_owners)[island[island >= 0]]
    region = _first_containing([region.area for region in layout.regions], inner_m)
    region = np.where(island >= 0, -1 - island, region)
    pairs, border = _neighbours(polygons)
    return Faces(
        polygons,
        shapely.get_coordinates(inner_m),
        shapely.area(metres(polygons)),
        kelurahan,
        _bodies(layout, inner_m),
        region,
        shapely.contains(layout.frontage, inner_m),
        _cells(land, borders, roads, inner_m),
        pairs,
        border,
        outside,
    )


def _all_lines(
    land: Land, borders: list[LineString], roads: list[Road], layout: Layout, outer: Sequence[BaseGeometry]
) -> list[BaseGeometry]:
    """Return every line that bounds something; those outside end just inside the land, where they bound nothing."""
    inshore = land.mainland.buffer(-3)
    return [
        land.mainland.exterior,
        *(island.exterior for island in land.islands),
        *borders,
        *(body.boundary for body in layout.bodies.values()),
        *(water.boundary for water in layout.water),
        layout.setback.boundary,
        *(region.area.boundary for region in layout.regions),
        *(road.line for road in roads),
        *_island_lines(land),
        *_frontage_lines(layout),
        *(area.boundary.difference(inshore) for area in outer),
    ]


def _outside(
    outer: dict[str, BaseGeometry], polygons: NDArray[np.object_], points: NDArray[np.object_]
) -> dict[str, BaseGeometry]:
    """Unite the faces off the land by what they lie in, the sea first."""
    which = _first_containing(list(outer.values()), points)
    return {name: shapely.coverage_union_all(polygons[which == i]) for i, name in enumerate(outer)}


def _island_lines(land: Land) -> list[BaseGeometry]:
    """Return a line inside each larger island: mangrove outside, land inside."""
    return [island.buffer(-70).simplify(3).boundary for island in land.islands if island.area > 300_000]


def _frontage_lines(layout: Layout) -> list[BaseGeometry]:
    """Return the back line of the plots along main roads, where the city is dense."""
    homes = shapely.union_all([region.area for region in layout.regions if region.kind in ("settlement", "village")])
    parts = shapely.get_parts(layout.frontage.boundary.intersection(homes))
    middles = shapely.get_coordinates(shapely.line_interpolate_point(parts, 0.5, normalized=True))
    return list(parts[density(middles[:, 0], middles[:, 1]) > 0.12])


def _first_containing(areas: Sequence[BaseGeometry], points: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return for each point the position of the first area that contains it, or -1."""
    found = np.full(len(points), len(areas), dtype=np.int64)
    which, area = shapely.STRtree(points).query(np.array(areas, dtype=object), predicate="contains")
    np.minimum.at(found, area, which)
    found[found == len(areas)] = -1
    return found


def _bodies(layout: Layout, points: NDArray[np.object_]) -> NDArray[np.str_]:
    names = [*BODY_CLASSES, *["water"] * len(layout.water), "setback", ""]
    areas = [*layout.bodies.values(), *layout.water, layout.setback]
    return np.array(names)[_first_containing(areas, points)]


def _kelurahan(partition: Partition, borders: list[LineString], points: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the kelurahan of points on the mainland, from the faces between the border lines."""
    noded = shapely.union_all([*borders, partition.frame.exterior], grid_size=0.001)
    faces = [face for face in shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))) if face.area > 1.0]
    owners = np.array([partition.label(face.representative_point()) for face in faces])
    return np.asarray(owners[_first_containing(faces, points)], dtype=np.int64)


def _cells(land: Land, borders: list[LineString], roads: list[Road], points: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the block between centre lines, borders and shore in which each point lies."""
    lines = [
        land.mainland.exterior,
        *(island.exterior for island in land.islands),
        *borders,
        *(road.line for road in roads),
    ]
    noded = shapely.union_all(lines, grid_size=0.001)
    cells = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    return _first_containing(list(cells), points)


def _neighbours(polygons: NDArray[np.object_]) -> tuple[NDArray[np.int64], Array]:
    """Find which faces share edges: their edges are the same two points, so equal numbers are enough."""
    coordinates, ring_of = shapely.get_coordinates(shapely.get_rings(polygons), return_index=True)
    _, face_of_ring = shapely.get_rings(polygons, return_index=True)
    whole = np.rint(coordinates * 1e8).astype(np.int64)
    start, end = whole[:-1], whole[1:]
    same = ring_of[:-1] == ring_of[1:]
    start, end, face = start[same], end[same], face_of_ring[ring_of[:-1][same]]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    start[swap], end[swap] = end[swap], start[swap].copy()
    order = np.lexsort((end[:, 1], end[:, 0], start[:, 1], start[:, 0]))
    keys = np.column_stack([start, end])[order]
    twin = np.flatnonzero((keys[1:] == keys[:-1]).all(axis=1))
    pair = np.sort(np.column_stack([face[order[twin]], face[order[twin + 1]]]), axis=1)
    length = np.hypot(*(keys[twin, 2:] - keys[twin, :2]).T) * 1e-8 * 111_000
    unique, position = np.unique(pair, axis=0, return_inverse=True)
    return unique, np.bincount(position.ravel(), weights=length)


def components(count: int, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the groups of things that pairs connect (union-find), in the order of their first member."""
    parent = list(range(count))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for a, b in pairs.tolist():
        a, b = root(a), root(b)
        if a != b:
            parent[max(a, b)] = min(a, b)
    roots = np.array([root(i) for i in range(count)])
    return np.unique(roots, return_inverse=True)[1].astype(np.int64)
