"""Parcels: rows of lots along streets and lanes, of uneven width; some reach over a zone's border. Metres."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry import Polygon

from .arrangement import Faces
from .frame import Array, degrees, dice, metres, rounded
from .kelurahan import Kelurahan
from .streets import density

BUILT = ("R-2", "R-3", "R-4", "K-1", "K-3", "C-1", "KT", "SPU-3", "SPU-2", "W")
LANE_HALF_M = 2.6
SMALLEST_M2 = 85.0


def build_parcels(
    faces: Faces, codes: np.ndarray, kelurahan: list[Kelurahan]
) -> tuple[list[str], list[str], np.ndarray]:
    """Return the parcels' numbers (NIB tanah), the codes of their kelurahan, and their polygons in lon/lat."""
    built = np.flatnonzero(np.isin(codes, BUILT) & (faces.area_m2 > 350))
    blocks = _blocks(faces, codes, built)
    crowd = density(*shapely.get_coordinates(shapely.centroid([area for area, _ in blocks])).T)
    lots, owners = [], []
    for number, ((area, owner), dense) in enumerate(zip(blocks, crowd.tolist(), strict=True)):
        rng = dice(f"parcels {number}")
        # Some quarters have not been measured, more of them far out.
        if rng.random() < 0.06 + 0.6 * (1 - dense) ** 1.5:
            continue
        found = _lots(area, dense, rng)
        lots += found
        owners += [owner] * len(found)
    polygons, kept = _stored(lots)
    owners = [owners[i] for i in kept]
    return _numbers(kelurahan, owners), [kelurahan[owner].code for owner in owners], polygons


def _blocks(faces: Faces, codes: np.ndarray, built: np.ndarray) -> list[tuple[Polygon, int]]:
    """Unite the plots behind one another where no lane divides them, so that lots may cross the zones' border."""
    keys = np.column_stack([faces.cell[built], faces.kelurahan[built]])
    _, group = np.unique(keys, axis=0, return_inverse=True)
    blocks = []
    for number in range(group.max() + 1):
        members = built[group.ravel() == number]
        area = metres(shapely.coverage_union_all(faces.polygon[members]))
        inset = area.buffer(-LANE_HALF_M, join_style="mitre")
        blocks += [(part, int(faces.kelurahan[members[0]])) for part in shapely.get_parts(inset) if part.area > 200]
    return blocks


def _lots(block: Polygon, dense: float, rng: np.random.Generator) -> list[Polygon]:
    """Cut a block into rows as deep as a lot along its length, and the rows into lots."""
    along, across, centre = _axes(block)
    points = (shapely.get_coordinates(block) - centre) @ np.column_stack([along, across])
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    depth = (25.0 + 26.0 * (1 - dense)) * rng.uniform(0.9, 1.12)
    width = (10.0 + 22.0 * (1 - dense) ** 1.1) * rng.uniform(0.85, 1.25)
    rows = max(1, min(40, round((north - south) / depth)))
    if north - south > 8 * depth or east - west > 900:
        return []
    levels = np.linspace(south, north, rows + 1)
    tilt = rng.uniform(-0.02, 0.02)
    ends = [((west - 9, level), (east + 9, level + tilt * (east - west))) for level in levels[1:-1]]
    for low, high in pairwise(levels):
        steps = west - 0.4 * width + np.cumsum(width * rng.uniform(0.75, 1.35, int((east - west) / width * 1.5) + 3))
        steps = steps[(steps > west + 0.5 * width) & (steps < east - 0.5 * width)]
        lean, rise = rng.normal(0, 0.35, len(steps)), tilt * (steps - west)
        ends += zip(
            zip(steps - lean, low + rise - 2, strict=True), zip(steps + lean, high + rise + 2, strict=True), strict=True
        )
    cuts = shapely.linestrings(np.array(ends).reshape(-1, 2, 2) @ np.array([along, across]) + centre)
    # Each cut across reaches a little over its row; an end that meets nothing bounds no face and so leaves no trace.
    noded = shapely.union_all([block.boundary, *cuts], grid_size=0.001)
    pieces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    inner = shapely.contains(block, shapely.point_on_surface(pieces))
    sizes = shapely.area(pieces)
    return list(pieces[inner & (sizes > SMALLEST_M2) & (sizes < 12_000)])


def _axes(block: Polygon) -> tuple[Array, Array, Array]:
    """Return the direction along a block, the one across it, and its middle."""
    corners = shapely.get_coordinates(shapely.oriented_envelope(block))
    sides = np.diff(corners[:3], axis=0)
    longer = sides[np.hypot(*sides.T).argmax()]
    along = longer / np.hypot(*longer)
    return along, np.array([-along[1], along[0]]), corners[:4].mean(axis=0)


def _stored(lots: list[Polygon]) -> tuple[np.ndarray, list[int]]:
    """Round the lots to lon/lat as they are stored and leave out those that rounding spoils."""
    polygons = rounded(degrees(np.array(lots, dtype=object)))
    good = np.flatnonzero(shapely.is_valid(polygons))
    return polygons[good], [int(i) for i in good]


def _numbers(kelurahan: list[Kelurahan], owners: list[int]) -> list[str]:
    """Return a parcel number of 14 digits each: area code of the kelurahan (8 digits) and a running number (6)."""
    count = [0] * len(kelurahan)
    numbers = []
    for owner in owners:
        count[owner] += 1
        digits = kelurahan[owner].code.replace(".", "")
        numbers.append(f"{digits[:6]}{digits[-2:]}{count[owner]:06d}")
    return numbers
