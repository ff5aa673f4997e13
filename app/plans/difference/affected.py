"""Who and what lies on land that changes: parcels, and whatever else other parts of the platform keep by place.

A part that keeps places registers a function here when the application is wired; what nobody registered is reported as not
recorded, which is not the same as none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from shapely import STRtree

from app.places import service as places
from gis.changed_land import Piece
from gis.crs import MetricCrs

KINDS = ("parcels", "watched_places", "documents")
# A parcel that only touches changed land, or shares a hand's breadth along a border, is not affected.
_LEAST_M2 = 1.0


@dataclass(frozen=True)
class Affected:
    """Things of one kind on changed land. listed: each with its label and place, for those who may see them."""

    kind: str
    count: int
    listed: tuple[dict[str, Any], ...]


# Given the land whose sub-zone changes, and the metric plane, what lies on it.
Finder = Callable[[Sequence[Piece], MetricCrs], Affected]
_finders: dict[str, Finder] = {}


def register(kind: str, finder: Finder) -> None:
    """Let a part of the platform say what it keeps on changed land. kind: one of KINDS, or another word."""
    _finders[kind] = finder


def affected(pieces: Sequence[Piece], metric: MetricCrs) -> list[Affected | str]:
    """What lies on the land whose sub-zone changes, by kind; the mere word for a kind that nobody keeps."""
    land = [piece for piece in pieces if piece.changes_code]
    kinds = (*KINDS, *sorted(_finders.keys() - set(KINDS)))
    return [_finders[kind](land, metric) if kind in _finders else kind for kind in kinds]


def parcels(land: Sequence[Piece], metric: MetricCrs) -> Affected:
    """Parcels of which at least a square metre gets another sub-zone; the largest part first."""
    near = places.parcels_near([piece.geometry for piece in land])
    if not near:
        return Affected("parcels", 0, ())
    shapes = [metric.to_metric(geometry) for _, geometry in near]
    changed: dict[int, list[tuple[Piece, float]]] = {}
    ground = [metric.to_metric(piece.geometry) for piece in land]
    of_piece, of_parcel = STRtree(shapes).query(ground, predicate="intersects")
    for at, parcel in zip(of_piece.tolist(), of_parcel.tolist(), strict=True):
        area = float(shapely.area(shapely.intersection(ground[at], shapes[parcel])))
        changed.setdefault(parcel, []).append((land[at], area))
    rows = [
        _parcel(near[parcel], float(shapely.area(shapes[parcel])), parts)
        for parcel, parts in changed.items()
        if sum(area for _, area in parts) >= _LEAST_M2
    ]
    rows.sort(key=lambda row: (-row["changed_m2"], row["label"]))
    return Affected("parcels", len(rows), tuple(rows))


def _parcel(parcel: tuple[str, shapely.Geometry], area_m2: float, parts: list[tuple[Piece, float]]) -> dict[str, Any]:
    nib, geometry = parcel
    largest = max(parts, key=lambda part: part[1])[0]
    centre = shapely.point_on_surface(geometry)
    return {
        "label": nib,
        "lon": round(float(shapely.get_x(centre)), 7),
        "lat": round(float(shapely.get_y(centre)), 7),
        "area_m2": round(area_m2, 1),
        "changed_m2": round(sum(area for _, area in parts), 1),
        "from_code": largest.old_code,
        "to_code": largest.new_code,
    }


register("parcels", parcels)
