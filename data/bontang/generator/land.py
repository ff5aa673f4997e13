"""The city's land and sea: the coarse outline made organic, the islands, the neighbours' strip. Metres."""

from __future__ import annotations

import csv
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from .frame import INPUTS, Array, dice, points_m
from .shapes import blob, fractal

# Positions in city_outline.csv: the coast runs from the first to the second, the border on land closes the ring.
COAST_FROM, COAST_TO = 4, 106
SEA_AREA_M2 = 345e6
NEIGHBOUR_WIDTH_M = 2000.0


@dataclass(frozen=True)
class Land:
    """mainland and islands: polygons; coast: the mainland's shore; seaward: all that lies east of the city's spine."""

    mainland: Polygon
    islands: list[Polygon]
    coast: BaseGeometry
    seaward: Polygon

    @property
    def all(self) -> BaseGeometry:
        """Mainland and islands in one geometry."""
        return shapely.union_all([self.mainland, *self.islands])


def read_rows(name: str) -> list[dict[str, str]]:
    """Read one of the input tables."""
    with (INPUTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def build_land(total_area_m2: float) -> Land:
    """Draw the coast and the islands so that the land measures total_area_m2."""
    outline = points_m([(row["lon"], row["lat"]) for row in read_rows("city_outline.csv")])
    rng = dice("coast")
    coast = fractal(outline[COAST_FROM : COAST_TO + 1], 0.10, 30.0, rng)
    inland = fractal(np.vstack([outline[COAST_TO:-1], outline[: COAST_FROM + 1]]), 0.06, 60.0, rng)
    rng = dice("islands")
    islands = [
        blob(points_m([(row["lon"], row["lat"])])[0], float(row["area_ha"]) * 1e4, rng)
        for row in read_rows("islands.csv")
    ]
    centres = points_m([(row["centre_lon"], row["centre_lat"]) for row in read_rows("kelurahan.csv")])
    rough = max(shapely.get_parts(shapely.make_valid(Polygon(np.vstack([coast, inland[1:-1]])))), key=shapely.area)
    # A centre of a kelurahan may stand at the very shore: the land reaches a little around it.
    rough = shapely.union_all([rough, *shapely.buffer(shapely.points(centres), 140)])
    mainland = _fitted(rough, total_area_m2 - sum(island.area for island in islands))
    seaward = _seaward(outline, mainland, islands)
    return Land(mainland, islands, mainland.exterior.intersection(seaward), seaward)


def _fitted(rough: Polygon, wanted_m2: float) -> Polygon:
    """Round off the outline and move it outward or inward until it has the wanted area."""
    low, high = -60.0, 60.0
    body = rough
    for _ in range(16):
        shift = (low + high) / 2
        grown = rough.buffer(shift + 12, quad_segs=3).buffer(-22, quad_segs=3).buffer(10, quad_segs=3)
        body = Polygon(max(shapely.get_parts(grown), key=shapely.area).exterior)
        low, high = (shift, high) if body.area < wanted_m2 else (low, shift)
    return body.simplify(1.5)


def _seaward(outline: Array, mainland: Polygon, islands: list[Polygon]) -> Polygon:
    """Return the polygon from the city's spine to the open sea; less the land it is the sea of the city."""
    spine = points_m(
        [(117.505, 0.0262), (117.48, 0.031), (117.45, 0.05), (117.455, 0.12), (117.472, 0.168), (117.478, 0.188)]
    )
    north, south = outline[COAST_FROM], outline[COAST_TO]

    def reaching(east: float) -> Polygon:
        corners = [south, (east - 900, south[1] - 600), (east, south[1] + 9000), (east - 1500, north[1] + 1100), north]
        return Polygon([*corners, *spine[::-1]])

    land = shapely.union_all([mainland, *islands])
    low, high = mainland.bounds[2], mainland.bounds[2] + 40000
    for _ in range(40):
        east = (low + high) / 2
        low, high = (east, high) if reaching(east).difference(land).area < SEA_AREA_M2 else (low, east)
    return reaching(low)


def neighbour_strips(land: Land) -> dict[str, BaseGeometry]:
    """Return the strip of each neighbouring regency around the land border, by name; it reaches over the land."""
    west, south, east, north = land.mainland.bounds
    inland = land.mainland.exterior.difference(land.seaward)
    strip = inland.buffer(NEIGHBOUR_WIDTH_M)
    end = points_m([(117.489, 0.2025), (117.518, 0.022)])
    at_sea = shapely.union_all(
        [
            box(end[0][0] + 300, end[0][1], east + 9e3, north + 9e3),
            box(end[1][0] + 300, south - 9e3, east + 9e3, end[1][1]),
        ]
    )
    strip = strip.difference(at_sea)
    southern = box(west - 9e3, south - 9e3, east + 9e3, south + 3300)
    return {
        "Kabupaten Kutai Timur": strip.difference(southern),
        "Kabupaten Kutai Kartanegara": strip.intersection(southern),
    }
