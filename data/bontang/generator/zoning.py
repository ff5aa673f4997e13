"""Which sub-zone each face belongs to, and the zones: connected faces of one sub-zone in one block. Metres.

The rules are those a planner draws by: road bodies first, water, setbacks, then nature and industry as sketched; in the
settlements the plots along main roads trade, the centre lives densely, and parks, schools and offices are spread about.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from .arrangement import BODY_CLASSES, Faces, Layout, components
from .frame import Array, dice, metres, points_m
from .shapes import Noise
from .streets import density

HOMES = ("settlement", "village", "office")
INDUSTRY = ("KPI", "PTL")
SMALLEST_M2 = 260.0
THINNEST_M = 2.2


@dataclass
class Zone:
    """One zone: its sub-zone's letters, its faces, and its polygon in lon/lat."""

    code: str
    faces: NDArray[np.int64]
    kelurahan: int
    polygon: shapely.Polygon
    area_m2: float
    notes: dict[str, str] = field(default_factory=dict)


# Uses that need a place of their own: code, how many, size in hectares, least distance between two, density wanted.
SPREAD = (
    ("RTH-2", 7, (1.0, 5.0), 1200.0, (0.35, 1.0)),
    ("RTH-3", 4, (0.8, 4.0), 2000.0, (0.15, 1.0)),
    ("SPU-1", 13, (1.2, 6.0), 700.0, (0.25, 1.0)),
    ("HK", 6, (0.8, 5.0), 900.0, (0.15, 0.9)),
    ("RTH-7", 15, (0.6, 3.0), 800.0, (0.05, 0.7)),
    ("TR", 3, (0.7, 4.0), 1500.0, (0.3, 1.0)),
    ("PL-3", 4, (0.5, 3.0), 1800.0, (0.05, 0.6)),
    ("PL-4", 4, (0.4, 3.0), 1800.0, (0.1, 0.8)),
    ("PP", 5, (0.3, 1.5), 1500.0, (0.05, 0.6)),
    ("PL-6", 5, (0.7, 4.0), 900.0, (0.05, 0.5)),
    ("SPU-2", 28, (0.5, 2.5), 480.0, (0.1, 1.0)),
    ("RTH-4", 30, (0.3, 1.6), 420.0, (0.08, 1.0)),
    ("SPU-3", 75, (0.2, 1.4), 230.0, (0.04, 1.0)),
    ("KT", 16, (0.4, 2.5), 350.0, (0.3, 1.0)),
    ("RTH-6", 55, (0.03, 0.35), 160.0, (0.05, 1.0)),
)
# Uses that stand at one known kind of spot: code, lon, lat. The block nearest to it takes the use.
PLACED = (
    ("TR", 117.4752, 0.1195),
    ("TR", 117.4835, 0.1745),
    ("TR", 117.4978, 0.1162),
    ("TR", 117.4705, 0.1395),
    ("HK", 117.4900, 0.1180),
    ("SPU-1", 117.4800, 0.1335),
    ("SPU-1", 117.4895, 0.1290),
    ("RTH-2", 117.4905, 0.1345),
    ("K-1", 117.4880, 0.1215),
    ("K-1", 117.4775, 0.1660),
    ("W", 117.5125, 0.1335),
    ("W", 117.5090, 0.1350),
    ("PL-3", 117.4560, 0.1180),
    ("PL-4", 117.4845, 0.1500),
)


def assign_codes(faces: Faces, layout: Layout) -> tuple[NDArray[np.str_], NDArray[np.int64]]:
    """Return the sub-zone's letters of each face, and the block it belongs to."""
    kind = _kinds(faces, layout)
    homes = np.isin(kind, HOMES)
    group = _groups(faces, kind, homes)
    same = group[faces.pairs[:, 0]] == group[faces.pairs[:, 1]]
    block = components(len(kind), faces.pairs[same])
    codes = kind.astype("<U6")
    _settle(faces, codes, kind, block, homes)
    _place(faces, codes, block, homes)
    return codes, block


def _kinds(faces: Faces, layout: Layout) -> NDArray[np.str_]:
    """Return what each face is before settlements are divided: a sub-zone or a kind of settlement."""
    kinds = np.array([region.kind for region in layout.regions])
    kind = np.where(faces.region >= 0, kinds[faces.region.clip(0)], "EM").astype("<U12")
    for island, code in enumerate(("EM", "EM", "EM", "EM", "W", "EM", "RTH-1", "EM", "W")):
        kind[faces.region == -1 - island] = code
    _dry_islands(faces, kind)
    body = faces.body
    industry = np.isin(kind, INDUSTRY)
    kind[(body == "setback") & ~np.isin(kind, ("EM", "IK-1", "IK-2"))] = "PS"
    kind[body == "water"] = "BA"
    kind[np.isin(body, BODY_CLASSES) & ~(industry & (body == "lokal"))] = "BJ"
    return np.asarray(kind)


def _dry_islands(faces: Faces, kind: NDArray[np.str_]) -> None:
    """Give the inner part of the larger islands, ringed by mangrove, a use of its own."""
    for island, code in ((0, "RTH-1"), (1, "W"), (2, "RTH-1"), (3, "KS")):
        parts = np.flatnonzero(faces.region == -1 - island)
        if len(parts) > 1:
            rims = [len(faces.polygon[part].interiors) for part in parts]
            kind[parts[np.array(rims) == 0]] = code


def _groups(faces: Faces, kind: NDArray[np.str_], homes: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Number what may become one block: same kelurahan, same land use, same side of the frontage line."""
    dense = density(*faces.point.T) > 0.12
    strip = np.where(homes & faces.frontage & dense, 1, 0)
    cell = np.where(np.isin(kind, INDUSTRY), faces.cell, 0)
    body = np.where(kind == "BJ", np.unique(faces.body, return_inverse=True)[1], 0)
    region = np.where(np.isin(kind, ("BJ", "BA", "PS")), -99, faces.region)
    keys = np.column_stack([faces.kelurahan, np.unique(kind, return_inverse=True)[1], region, strip, cell, body])
    return np.unique(keys, axis=0, return_inverse=True)[1].ravel().astype(np.int64)


def _settle(
    faces: Faces, codes: NDArray[np.str_], kind: NDArray[np.str_], block: NDArray[np.int64], homes: NDArray[np.bool_]
) -> None:
    """Give every block of the settlements its housing or trade."""
    mood, fortune = Noise("trade", 520.0, 2), Noise("housing", 900.0, 2)
    count = int(block.max()) + 1
    weight = np.bincount(block, faces.area_m2, minlength=count)
    x, y = (np.bincount(block, faces.area_m2 * faces.point[:, axis], minlength=count) / weight for axis in (0, 1))
    crowd, trade = density(x, y) + 0.10 * fortune(x, y), mood(x, y)
    first = np.unique(block, return_index=True)[1]
    for number in np.unique(block[homes]):
        here = first[number]
        strip = bool(faces.frontage[here]) and crowd[number] > 0.12
        codes[block == number] = _block_code(str(kind[here]), float(crowd[number]), float(trade[number]), strip)


def _block_code(kind: str, crowd: float, trade: float, strip: bool) -> str:
    if kind == "office":
        return "KT" if trade > -0.05 else "R-3"
    if kind == "village":
        return "R-3" if crowd > 0.27 else "R-4"
    if strip and crowd > 0.72:
        return "C-1" if trade > 0.05 else "K-1"
    if strip and crowd > 0.3:
        return ("K-1" if crowd > 0.5 else "K-3") if trade > -0.12 else "R-2" if crowd > 0.55 else "R-3"
    if strip:
        return "K-3" if trade > 0.16 else "R-3"
    if crowd > 0.6:
        return "C-1" if trade > 0.42 else "R-2"
    return "R-3" if crowd > 0.2 else "R-4"


def _place(faces: Faces, codes: NDArray[np.str_], block: NDArray[np.int64], homes: NDArray[np.bool_]) -> None:
    """Put parks, schools, offices, graves and works into faces of the right size, well apart."""
    rng = dice("uses")
    crowd = density(*faces.point.T)
    free = homes & (faces.area_m2 > 300)
    for code, lon, lat in PLACED:
        spot = points_m((lon, lat))[0]
        candidates = np.flatnonzero(free & (faces.area_m2 > 3000))
        nearest = candidates[np.hypot(*(faces.point[candidates] - spot).T).argmin()]
        codes[nearest], free[nearest] = code, False
    for code, count, (least, most), apart, (thin, thick) in SPREAD:
        fits = free & (faces.area_m2 > least * 1e4) & (faces.area_m2 < most * 1e4) & (crowd > thin) & (crowd <= thick)
        if code.startswith(("RTH", "SPU-3", "PL", "PP")):
            fits &= ~faces.frontage
        chosen: list[int] = []
        for candidate in rng.permutation(np.flatnonzero(fits)):
            gaps = [np.hypot(*(faces.point[candidate] - faces.point[other])) for other in chosen]
            if not gaps or min(gaps) > apart:
                chosen.append(int(candidate))
            if len(chosen) == count:
                break
        codes[chosen] = code
        free[chosen] = False


def build_zones(faces: Faces, codes: NDArray[np.str_], block: NDArray[np.int64]) -> list[Zone]:
    """Unite the faces of one code in one block, let slivers join a neighbour, and return the zones."""
    left, right = faces.pairs.T
    same = (block[left] == block[right]) & (codes[left] == codes[right])
    zone_of = components(len(codes), faces.pairs[same])
    zone_of = _without_slivers(faces, codes, zone_of)
    zones = []
    for members in _members(zone_of):
        largest = members[faces.area_m2[members].argmax()]
        zones.append(make_zone(faces, str(codes[largest]), members))
    return zones


def make_zone(faces: Faces, code: str, members: NDArray[np.int64]) -> Zone:
    """Return the zone that these faces make."""
    polygon = shapely.coverage_union_all(faces.polygon[members])
    return Zone(code, members, int(faces.kelurahan[members[0]]), polygon, float(metres(polygon).area))


def _members(zone_of: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    order = np.argsort(zone_of, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(zone_of[order])) + 1)


def _without_slivers(faces: Faces, codes: NDArray[np.str_], zone_of: NDArray[np.int64]) -> NDArray[np.int64]:
    """Let zones that are too small or too thin join the neighbour with which they share most, in their kelurahan."""
    for _ in range(6):
        groups = _members(zone_of)
        areas = np.array([faces.area_m2[members].sum() for members in groups])
        left, right = zone_of[faces.pairs[:, 0]], zone_of[faces.pairs[:, 1]]
        outer = left != right
        length = np.bincount(
            np.concatenate([left[outer], right[outer]]), np.tile(faces.border_m[outer], 2), minlength=len(groups)
        )
        code_of = np.array([codes[members[0]] for members in groups])
        own = np.isin(code_of, ("BJ", "BA"))
        poor = (areas < np.where(own, 60.0, SMALLEST_M2)) | (areas / np.maximum(length, 1.0) < THINNEST_M)
        merged = _merge(faces, zone_of, poor, areas, code_of)
        if (merged == zone_of).all():
            break
        zone_of = np.unique(merged, return_inverse=True)[1].astype(np.int64)
    return zone_of


def _merge(
    faces: Faces, zone_of: NDArray[np.int64], poor: NDArray[np.bool_], areas: Array, code_of: NDArray[np.str_]
) -> NDArray[np.int64]:
    """Return new numbers of zones: each poor one takes the number of its best neighbour that is not poor."""
    shared: dict[int, dict[int, float]] = {}
    for (a, b), length in zip(zone_of[faces.pairs].tolist(), faces.border_m.tolist(), strict=True):
        if a != b:
            for one, other in ((a, b), (b, a)):
                if poor[one]:
                    shared.setdefault(one, {})
                    shared[one][other] = shared[one].get(other, 0.0) + length
    kelurahan = np.zeros(len(areas), dtype=np.int64)
    kelurahan[zone_of] = faces.kelurahan
    target = np.arange(len(areas))
    for one in sorted(shared, key=lambda zone: (areas[zone], zone)):
        options = {
            other: length * (3.0 if code_of[other] == code_of[one] else 0.4 if code_of[other] == "BJ" else 1.0)
            for other, length in shared[one].items()
            if kelurahan[other] == kelurahan[one] and target[other] == other and areas[other] >= areas[one]
        }
        if options:
            target[one] = max(options, key=lambda other: (options[other], -other))
    return np.asarray(target[zone_of])
