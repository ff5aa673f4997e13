"""The 15 kelurahan: drawn around their true centres, balanced until each has its published area. Metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import rasterio.features
import shapely
from affine import Affine
from numpy.typing import NDArray
from shapely.geometry import LineString, Point, Polygon, box, shape

from .frame import Array, points_m
from .land import Land, read_rows
from .shapes import Warp, densified, smoothed

CELL_M = 38.0
# A kelurahan that is not round gathers around further points besides its centre: name, lon, lat.
FURTHER = (
    ("Guntung", 117.5050, 0.2000),
    ("Guntung", 117.4750, 0.1930),
    ("Guntung", 117.5000, 0.1775),
    ("Bontang Kuala", 117.5050, 0.1500),
    ("Bontang Kuala", 117.5130, 0.1180),
    ("Bontang Baru", 117.4990, 0.1530),
    ("Bontang Baru", 117.4930, 0.1560),
    ("Gunung Elai", 117.4840, 0.1560),
    ("Lok Tuan", 117.4830, 0.1705),
    ("Tanjung Laut", 117.4895, 0.1215),
    ("Tanjung Laut Indah", 117.5000, 0.1125),
    ("Tanjung Laut Indah", 117.5045, 0.1085),
    ("Tanjung Laut Indah", 117.4935, 0.1145),
    ("Berbas Pantai", 117.4862, 0.1120),
    ("Kanaan", 117.4420, 0.1210),
    ("Bontang Lestari", 117.5000, 0.0500),
    ("Bontang Lestari", 117.4150, 0.0700),
    ("Bontang Lestari", 117.4300, 0.1000),
)
# Between 0 (cells like discs) and 1 (cells like rays): how the distance to a centre counts.
SHARPNESS = 0.85
# The kelurahan of each island, in the order of islands.csv: those in the south belong to the southern kelurahan.
ISLAND_OWNERS = (*["Bontang Lestari"] * 5, *["Bontang Kuala"] * 3, "Tanjung Laut Indah")


@dataclass(frozen=True)
class Kelurahan:
    """One kelurahan as the facts give it: area in m2, centre in metres."""

    code: str
    name: str
    kecamatan: str
    aliases: str
    area_m2: float
    centre: Array


def read_kelurahan() -> list[Kelurahan]:
    """Read kelurahan.csv."""
    return [
        Kelurahan(
            row["code"],
            row["kelurahan"],
            row["kecamatan"],
            row["aliases"],
            float(row["area_ha"]) * 1e4,
            points_m([(float(row["centre_lon"]), float(row["centre_lat"]))])[0],
        )
        for row in read_rows("kelurahan.csv")
    ]


class Partition:
    """Borders between the kelurahan on the mainland, and the kelurahan of each island.

    A place belongs to the kelurahan with the smallest distance to its centre less the kelurahan's reach; the reaches
    are balanced until the areas fit. By the triangle inequality every centre then lies in its own kelurahan.
    """

    def __init__(self, kelurahan: list[Kelurahan], land: Land) -> None:
        self.kelurahan = kelurahan
        self._centres = np.array([k.centre for k in kelurahan])
        names = [k.name for k in kelurahan]
        self.island_owners = [names.index(owner) for owner in ISLAND_OWNERS]
        wanted = np.array([k.area_m2 for k in kelurahan])
        for island, owner in zip(land.islands, self.island_owners, strict=True):
            wanted[owner] -= island.area
        west, south, east, north = land.mainland.bounds
        self._west, self._north = west - 600, north + 600
        x = np.arange(self._west + CELL_M / 2, east + 600, CELL_M)
        y = np.arange(self._north - CELL_M / 2, south - 600, -CELL_M)
        self.frame = box(west - 500, south - 500, east + 500, north + 500)
        self._labels = self._balanced(land.mainland, wanted, *np.meshgrid(x, y))

    def _distances(self, x: Array, y: Array) -> Array:
        """Return the distance of n points to each centre, as it counts: shape (n, kelurahan)."""
        broad, fine = Warp("broad border", 260.0, 1500.0), Warp("fine border", 60.0, 420.0)
        moved = fine(broad(np.column_stack([x, y])))
        columns = []
        for k in self.kelurahan:
            cores = [k.centre, *(points_m(spot)[0] for name, *spot in FURTHER if name == k.name)]
            cores = fine(broad(np.array(cores)))
            columns.append(np.hypot(moved[:, :1] - cores[:, 0], moved[:, 1:] - cores[:, 1]).min(axis=1))
        return np.asarray(500 * (np.column_stack(columns) / 500) ** SHARPNESS)

    def _balanced(self, mainland: Polygon, wanted: Array, x: Array, y: Array) -> NDArray[np.uint8]:
        """Return the position of its kelurahan for every cell of the grid, once the areas fit."""
        distance = self._distances(x.ravel(), y.ravel())
        land = distance[shapely.contains_xy(mainland, x.ravel(), y.ravel())]
        apart = self._distances(*self._centres.T)
        reach = np.zeros(len(wanted))
        for thinning, rounds, pace in ((36, 500, 0.06), (6, 250, 0.03), (1, 40, 0.02)):
            sample = land[::thinning]
            for _ in range(rounds):
                counts = np.bincount((sample - reach).argmin(axis=1), minlength=len(wanted))
                areas = counts * (mainland.area / len(sample))
                reach += (wanted - areas) / np.sqrt(wanted) * pace
                reach = np.maximum(reach, (reach[None, :] - apart).max(axis=1))
        labels = (distance - reach).argmin(axis=1).astype(np.uint8).reshape(x.shape)
        return np.asarray(rasterio.features.sieve(labels, 60), dtype=np.uint8)

    def label(self, point: Point) -> int:
        """Return the position of the kelurahan at a point, to the precision of the grid."""
        row, column = int((self._north - point.y) / CELL_M), int((point.x - self._west) / CELL_M)
        return int(self._labels[row, column])

    def borders(self) -> list[LineString]:
        """Return the border lines; they reach past the mainland's outline."""
        grid = Affine(CELL_M, 0.0, self._west, 0.0, -CELL_M, self._north)
        cells = [shape(cell).exterior for cell, _ in rasterio.features.shapes(self._labels, transform=grid)]
        lines = shapely.get_parts(shapely.line_merge(shapely.union_all(cells)))
        inner = [line for line in lines if line.intersects(self.frame)]
        ripple = Warp("border ripple", 16.0, 140.0)
        smooth = [densified(smoothed(np.array(line.simplify(CELL_M * 0.9).coords), 3), 20.0) for line in inner]
        return [LineString(ripple(points)).simplify(1.0) for points in smooth]
