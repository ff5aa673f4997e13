"""Changed zones as drawings (SVG paths): on pages without JavaScript, in the PDF, and in the history of a zone.

Drawn in the plan's metric plane, north up, scaled to a width of 1,000 units. What is too small to be seen at that scale is
drawn by its border, which has a width of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from app.places import service as places
from app.plans.difference.history import ZoneHistory
from app.plans.difference.service import Comparison
from gis.crs import MetricCrs

WIDTH = 1_000.0
_TALLEST = 1_100.0
# Around what is drawn, as a part of its size; and the least that is shown of the surroundings, in metres.
_MARGIN = 0.06
_LEAST_M = 120.0
# Bends smaller than this part of a unit are not seen.
_DETAIL = 0.4


@dataclass(frozen=True)
class Shape:
    """One path. kind: removed, reshaped_old, reshaped, recoded, added, before, after; zone: its number."""

    kind: str
    path: str
    zone: int


@dataclass(frozen=True)
class Drawing:
    """Paths within a box of width and height units. ground: outlines that only help to see where. bar_m: of the scale."""

    width: float
    height: float
    ground: tuple[str, ...]
    shapes: tuple[Shape, ...]
    bar_m: float
    bar: float


@dataclass(frozen=True)
class _Frame:
    """The rectangle of the plane that is drawn: west, north, and units per metre."""

    west: float
    north: float
    scale: float
    width: float
    height: float

    @classmethod
    def around(cls, bounds: Sequence[float]) -> _Frame:
        west, south, east, north = bounds
        across = max(east - west, north - south, _LEAST_M)
        grow = across * _MARGIN
        middle_x, middle_y = (west + east) / 2, (south + north) / 2
        half_x = max((east - west) / 2, _LEAST_M / 2) + grow
        half_y = max((north - south) / 2, _LEAST_M / 2) + grow
        half_x = max(half_x, half_y * WIDTH / _TALLEST)
        scale = WIDTH / (2 * half_x)
        return cls(middle_x - half_x, middle_y + half_y, scale, WIDTH, 2 * half_y * scale)

    def path(self, plane: shapely.Geometry) -> str:
        """A geometry of the plane as SVG path data."""
        simple = shapely.simplify(plane, _DETAIL / self.scale)
        rings = shapely.get_rings(shapely.get_parts(simple))
        return "".join(self._ring(shapely.get_coordinates(ring)) for ring in rings)

    def _ring(self, places: np.ndarray) -> str:
        x = np.round((places[:-1, 0] - self.west) * self.scale, 1).tolist()
        y = np.round((self.north - places[:-1, 1]) * self.scale, 1).tolist()
        return "M" + "L".join(f"{a:g} {b:g}" for a, b in zip(x, y, strict=True)) + "Z"

    def drawing(
        self, ground: Iterable[shapely.Geometry], shapes: Iterable[tuple[str, int, shapely.Geometry]]
    ) -> Drawing:
        """Everything within the frame."""
        bar_m = _round_length(self.width / self.scale / 4)
        return Drawing(
            self.width,
            round(self.height, 1),
            tuple(self.path(plane) for plane in ground),
            tuple(Shape(kind, self.path(plane), zone) for kind, zone, plane in shapes),
            bar_m,
            round(bar_m * self.scale, 1),
        )


def overview(comparison: Comparison) -> Drawing | None:
    """All zones that were added, removed, reshaped or recoded, on the outlines of the kelurahan; None without any."""
    found, metric = comparison.found, comparison.plan.metric
    before, after = comparison.before, comparison.after
    shapes = [("removed", zone, metric.to_metric(before[zone].state.geometry)) for zone in found.removed]
    shapes += [("recoded", zone, metric.to_metric(after[zone].state.geometry)) for zone in found.recoded]
    shapes += [("reshaped_old", zone, metric.to_metric(before[zone].state.geometry)) for zone in found.reshaped]
    shapes += [("reshaped", zone, metric.to_metric(after[zone].state.geometry)) for zone in found.reshaped]
    shapes += [("added", zone, metric.to_metric(after[zone].state.geometry)) for zone in found.added]
    if not shapes:
        return None
    bounds = shapely.total_bounds(np.array([plane for _, _, plane in shapes], dtype=object))
    return _Frame.around(bounds.tolist()).drawing(_ground(metric, bounds.tolist()), shapes)


def moments(history: ZoneHistory) -> list[Drawing | None]:
    """A zone in each of its versions, all at one scale; with the outline of the version before, where that differs."""
    planes = [
        None if moment.state is None else history.plan.metric.to_metric(moment.state.geometry)
        for moment in history.moments
    ]
    bounds = shapely.total_bounds(np.array([plane for plane in planes if plane is not None], dtype=object)).tolist()
    frame = _Frame.around(bounds)
    drawings: list[Drawing | None] = []
    for at, plane in enumerate(planes):
        earlier = planes[at - 1] if at else None
        shapes = [] if plane is None else [("after", history.zone_id, plane)]
        if plane is not None and earlier is not None and "geometry" in (history.moments[at].changed or ()):
            shapes.append(("before", history.zone_id, earlier))
        drawings.append(frame.drawing((), shapes) if shapes else None)
    return drawings


def _ground(metric: MetricCrs, bounds: Sequence[float]) -> list[shapely.Geometry]:
    outlines = places.kelurahan_outlines()
    if not outlines:
        return []
    west, south, east, north = bounds
    grow = max(east - west, north - south, _LEAST_M)
    shown = shapely.box(west - grow, south - grow, east + grow, north + grow)
    planes = [metric.to_metric(outline) for outline in outlines]
    return [plane for plane in planes if shapely.intersects(plane, shown)]


def _round_length(metres: float) -> float:
    """A round length of at most so many metres: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(metres))
    return float(max(factor * power for factor in (1, 2, 5) if factor * power <= metres))
