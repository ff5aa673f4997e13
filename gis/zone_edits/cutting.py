"""Zones cut along noded lines into faces, and put together again of those they keep and those they gain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import shapely

from gis.zone_edits.outlines import (
    Edge,
    Part,
    arranged,
    build,
    directed_edges,
    faces_of,
    lies_inside,
    parts_of,
    polygon_of,
    undirected,
    union_of,
)


@dataclass(frozen=True)
class CutPart:
    """One part of a zone and the faces it falls into: the part itself where no line crosses it."""

    part: Part
    polygon: shapely.Geometry
    faces: tuple[shapely.Geometry, ...]

    def without(self, taken: Iterable[shapely.Geometry]) -> list[shapely.Geometry]:
        """What is left without some of the faces, as polygons; the part bit by bit when none was taken."""
        gone = {id(face) for face in taken}
        kept = [face for face in self.faces if id(face) not in gone]
        if len(kept) == len(self.faces):
            return [self.polygon]
        return [arranged(polygon, self.part[0]) for polygon in union_of(kept)]


def cut(outline: shapely.Geometry, edges: Iterable[Edge]) -> list[CutPart]:
    """The parts of an outline with the faces into which undirected edges, noded with it, divide them."""
    edges = set(edges)
    parts = []
    for part in parts_of(outline):
        polygon = polygon_of(part)
        boundary = directed_edges(polygon)
        own = {undirected(edge) for edge in boundary}
        across = _within(edges - own, shapely.bounds(polygon).tolist())
        faces = [face for face in faces_of(own | across) if lies_inside(face, boundary, polygon)] if across else []
        parts.append(CutPart(part, polygon, tuple(faces) if len(faces) > 1 else (polygon,)))
    return parts


def without(
    parts: Sequence[CutPart], taken: Sequence[shapely.Geometry], like: shapely.Geometry
) -> shapely.Geometry | None:
    """The zone without some faces of its parts; None when nothing is left."""
    polygons = [polygon for part in parts for polygon in part.without(taken)]
    return build(polygons, like) if polygons else None


def joined(outline: shapely.Geometry, faces: Sequence[shapely.Geometry]) -> shapely.Geometry:
    """The zone with faces added that share whole edges with it or lie apart."""
    if not faces:
        return outline
    like = parts_of(outline)
    polygons = union_of([outline, *faces])
    untouched = {shapely.to_wkb(shapely.normalize(polygon_of(part))): polygon_of(part) for part in like}
    result = []
    for polygon in polygons:
        same = untouched.get(shapely.to_wkb(shapely.normalize(polygon)))
        result.append(arranged(polygon, _closest(polygon, like)[0]) if same is None else same)
    return build(result, outline)


def faces_within(parts: Sequence[CutPart], inside: Callable[[shapely.Geometry], bool]) -> list[shapely.Geometry]:
    """Faces of the parts for which the test holds."""
    return [face for part in parts for face in part.faces if inside(face)]


def share_edge(first: shapely.Geometry, second: shapely.Geometry) -> bool:
    """Whether two outlines share an edge, land on either side of it."""
    other = directed_edges(second)
    return any((end, start) in other for start, end in directed_edges(first))


def connected(outlines: Mapping[int, shapely.Geometry]) -> bool:
    """Whether zones hang together by shared edges, whatever parts each has."""
    edges = {zone: directed_edges(outline) for zone, outline in outlines.items()}
    waiting = set(edges)
    reached = [waiting.pop()]
    while reached:
        reverse = {(end, start) for start, end in edges[reached.pop()]}
        found = {zone for zone in waiting if not reverse.isdisjoint(edges[zone])}
        waiting -= found
        reached += found
    return not waiting


def _within(edges: Iterable[Edge], box: Sequence[float]) -> set[Edge]:
    west, south, east, north = box
    return {
        ((ax, ay), (bx, by))
        for (ax, ay), (bx, by) in edges
        if max(ax, bx) >= west and min(ax, bx) <= east and max(ay, by) >= south and min(ay, by) <= north
    }


def _closest(polygon: shapely.Geometry, parts: Sequence[Part]) -> Part:
    """The part with which a polygon has most nodes of its shell in common."""
    nodes = set(map(tuple, shapely.get_coordinates(shapely.get_exterior_ring(polygon)).tolist()))
    return max(parts, key=lambda part: len(nodes.intersection(map(tuple, part[0].tolist()))))
