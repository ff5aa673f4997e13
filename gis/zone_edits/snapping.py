"""The node or edge that a clicked or typed place is meant to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely

from gis.crs import Geometries
from gis.zone_edits.outlines import Edge, Node, Ring, rounded


@dataclass(frozen=True)
class Snapped:
    """kind: what was met. at: a node bit by bit, or a place on an edge, rounded to 1e-8 degree.

    candidate: its position among those given. edge: the edge met, in the candidate's direction; None for a node.
    """

    kind: Literal["node", "edge"]
    at: Node
    candidate: int
    distance_deg: float
    edge: Edge | None = None


def snap(place: Node, candidates: Geometries, *, tolerance_deg: float) -> Snapped | None:
    """The nearest node within the tolerance, else the nearest edge, else None.

    place: lon, lat. candidates: polygons and lines of zones, parcels, roads, boundaries; leave out what moves along
    with the place. tolerance_deg: about 1e-5 is a metre. Ties go to the first candidate.
    """
    candidates = np.asarray(candidates, dtype=object)
    nodes: list[Snapped] = []
    edges: list[Snapped] = []
    for candidate in np.flatnonzero(shapely.dwithin(candidates, shapely.Point(place), tolerance_deg)).tolist():
        for path in _paths(candidates[candidate]):
            nodes.append(_nearest_node(path, place, candidate))
            if len(path) > 1:
                edges.append(_nearest_edge(path, place, candidate))
    for found in (nodes, edges):
        best = min(found, key=lambda snapped: snapped.distance_deg, default=None)
        if best is not None and best.distance_deg <= tolerance_deg:
            return best
    return None


def _paths(geometry: shapely.Geometry) -> list[Ring]:
    """Rings and lines of a geometry of any kind, a point as a path of one place."""
    paths: list[Ring] = []
    for part in shapely.get_parts(geometry):
        kind = shapely.get_type_id(part)
        if kind >= shapely.GeometryType.MULTIPOINT:
            paths += _paths(part)
        else:
            rings = shapely.get_rings(part) if kind == shapely.GeometryType.POLYGON else [part]
            paths += [shapely.get_coordinates(ring) for ring in rings]
    return paths


def _nearest_node(path: Ring, place: Node, candidate: int) -> Snapped:
    distances = np.hypot(path[:, 0] - place[0], path[:, 1] - place[1])
    best = int(distances.argmin())
    return Snapped("node", (float(path[best, 0]), float(path[best, 1])), candidate, float(distances[best]))


def _nearest_edge(path: Ring, place: Node, candidate: int) -> Snapped:
    start, end = path[:-1], path[1:]
    delta, offset = end - start, np.asarray(place) - start
    square = (delta**2).sum(axis=1)
    along = np.divide((delta * offset).sum(axis=1), square, out=np.zeros(len(square)), where=square > 0)
    foot = start + delta * np.clip(along, 0, 1)[:, None]
    distances = np.hypot(foot[:, 0] - place[0], foot[:, 1] - place[1])
    best = int(distances.argmin())
    (ax, ay), (bx, by) = start[best].tolist(), end[best].tolist()
    at = rounded(foot[best, 0], foot[best, 1])
    return Snapped("edge", at, candidate, float(distances[best]), ((ax, ay), (bx, by)))
