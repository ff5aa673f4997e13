"""Administrative areas down to RT, and landmarks. Polygons in lon/lat, unions of the same faces as the zones."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from .arrangement import Faces
from .frame import Array, degrees
from .kelurahan import Kelurahan
from .sketch import read_sketch
from .zoning import Zone

CITY_CODE, CITY_NAME = "64.74", "Kota Bontang"
NEIGHBOUR_CODES = {"Kabupaten Kutai Timur": "64.08", "Kabupaten Kutai Kartanegara": "64.02"}
HECTARES_PER_RT, FEWEST_RT, MOST_RT = 9.0, 15, 50


@dataclass(frozen=True)
class Area:
    """One row of the layer areas; bps_code stays empty: the statistics office's codes are not among the facts."""

    level: str
    code: str
    name: str
    parent_code: str | None
    aliases: str
    geometry: BaseGeometry
    bps_code: str | None = None


@dataclass(frozen=True)
class Landmark:
    """One row of the layer landmarks: where people say they are."""

    name: str
    kind: str
    aliases: str
    kelurahan_code: str
    geometry: shapely.Point


def build_areas(faces: Faces, kelurahan: list[Kelurahan], codes: NDArray[np.str_]) -> list[Area]:
    """Return city, kecamatan, kelurahan, RT, the city's sea and the neighbours' strip."""
    shapes = [shapely.coverage_union_all(faces.polygon[faces.kelurahan == i]) for i in range(len(kelurahan))]
    whole = shapely.coverage_union_all(shapes)
    areas = [Area("city", CITY_CODE, CITY_NAME, None, "Bontang", whole)]
    for name in dict.fromkeys(k.kecamatan for k in kelurahan):
        parts = [shape for k, shape in zip(kelurahan, shapes, strict=True) if k.kecamatan == name]
        code = next(k.code for k in kelurahan if k.kecamatan == name).rsplit(".", 1)[0]
        areas.append(Area("kecamatan", code, name, CITY_CODE, "", shapely.coverage_union_all(parts)))
    for k, shape in zip(kelurahan, shapes, strict=True):
        areas.append(Area("kelurahan", k.code, k.name, k.code.rsplit(".", 1)[0], k.aliases.replace(",", ";"), shape))
    for position, k in enumerate(kelurahan):
        areas += _neighbourhoods(faces, position, k, codes)
    areas.append(Area("sea", CITY_CODE, "Laut Kota Bontang", CITY_CODE, "", faces.outside["sea"]))
    areas += [Area("neighbour", code, name, None, "", faces.outside[name]) for name, code in NEIGHBOUR_CODES.items()]
    return areas


def _neighbourhoods(faces: Faces, position: int, k: Kelurahan, codes: NDArray[np.str_]) -> list[Area]:
    """Divide a kelurahan into RT: blocks between streets gather around evenly spread centres of housing."""
    own = np.flatnonzero(faces.kelurahan == position)
    unit_of_cell, unit = np.unique(faces.cell[own], return_inverse=True)
    count = len(unit_of_cell)
    homes = np.char.startswith(codes[own], "R-") | np.isin(codes[own], ("C-1", "K-1", "K-3"))
    housing = np.bincount(unit, np.where(homes, faces.area_m2[own], 0.0), minlength=count)
    area = np.bincount(unit, faces.area_m2[own], minlength=count)
    middle = np.column_stack([np.bincount(unit, faces.area_m2[own] * faces.point[own, i]) / area for i in (0, 1)])
    wanted = int(np.clip(round(housing.sum() / 1e4 / HECTARES_PER_RT), FEWEST_RT, MOST_RT))
    seeds = _spread(middle, housing, min(wanted, count))
    nearest = _gather(middle, _links(faces, own, unit), seeds)
    order = np.lexsort((middle[seeds, 0].round(-2), -middle[seeds, 1].round(-3)))
    rows = []
    for number, seed in enumerate(order, start=1):
        shape = shapely.coverage_union_all(faces.polygon[own[nearest[unit] == seed]])
        name = f"RT {number:02d}"
        aliases = f"{name} {k.name};RT {number} {k.name}"
        rows.append(Area("rt", f"{k.code}.{number:02d}", name, k.code, aliases, shape))
    return rows


def _spread(middle: Array, housing: Array, count: int) -> NDArray[np.int64]:
    """Choose units far from one another, those with housing first."""
    worth = 0.15 + np.sqrt(housing / max(float(housing.max()), 1.0))
    chosen = [int(housing.argmax())]
    gap = np.hypot(*(middle - middle[chosen[0]]).T)
    while len(chosen) < count:
        best = int((gap * worth).argmax())
        chosen.append(best)
        gap = np.minimum(gap, np.hypot(*(middle - middle[best]).T))
    return np.array(chosen)


def _links(faces: Faces, own: NDArray[np.int64], unit: NDArray[np.int64]) -> dict[int, set[int]]:
    """Return which units of a kelurahan touch."""
    place = np.full(len(faces.polygon), -1)
    place[own] = unit
    pairs = place[faces.pairs]
    pairs = pairs[(pairs >= 0).all(axis=1) & (pairs[:, 0] != pairs[:, 1])]
    links: dict[int, set[int]] = {}
    for a, b in pairs.tolist():
        links.setdefault(a, set()).add(b)
        links.setdefault(b, set()).add(a)
    return links


def _gather(middle: Array, links: dict[int, set[int]], seeds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the position of the nearest seed of each unit, along touching units; islands take the nearest by air."""
    owner = np.full(len(middle), -1)
    queue = [(0.0, int(unit), position) for position, unit in enumerate(seeds)]
    while queue:
        far, unit, position = heapq.heappop(queue)
        if owner[unit] >= 0:
            continue
        owner[unit] = position
        for other in sorted(links.get(unit, ())):
            if owner[other] < 0:
                heapq.heappush(queue, (far + float(np.hypot(*(middle[other] - middle[unit]))), other, position))
    for unit in np.flatnonzero(owner < 0):
        owner[unit] = int(np.hypot(*(middle[seeds] - middle[unit]).T).argmin())
    return owner


def build_landmarks(areas: list[Area], zones: list[Zone], kelurahan: list[Kelurahan]) -> list[Landmark]:
    """Return the sketch's landmarks, and sample ones in the zones of public services."""
    codes = {k.name: k.code for k in kelurahan}
    shapes = {area.code: area.geometry for area in areas if area.level == "kelurahan"}
    marks = []
    for row in read_sketch()["landmarks"]:
        point = shapely.Point(*np.round(row["at"], 8))
        code = (
            codes[row["kelurahan"]] if "kelurahan" in row else min(shapes, key=lambda c: (shapes[c].distance(point), c))
        )
        marks.append(Landmark(row["name"], row["kind"], row.get("aliases", ""), code, point))
    for k in kelurahan:
        spot = shapely.Point(*np.round(shapely.get_coordinates(degrees(shapely.Point(*k.centre)))[0] + [2e-4, 1e-4], 8))
        marks.append(Landmark(f"Kantor Kelurahan {k.name}", "kantor", f"kantor lurah {k.name}", k.code, spot))
    return marks + _services(zones, kelurahan)


_SERVICES = {
    "SPU-1": (
        ("rumah sakit", "Rumah Sakit Contoh"),
        ("sekolah", "SMA Contoh"),
        ("masjid", "Masjid Agung Contoh"),
        ("gedung", "Gedung Serbaguna Contoh"),
    ),
    "SPU-2": (
        ("sekolah", "SMP Contoh"),
        ("puskesmas", "Puskesmas Contoh"),
        ("pasar", "Pasar Contoh"),
        ("gereja", "Gereja Contoh"),
    ),
    "SPU-3": (
        ("sekolah", "SD Contoh"),
        ("masjid", "Masjid Contoh"),
        ("posyandu", "Posyandu Contoh"),
        ("sekolah", "TK Contoh"),
    ),
    "RTH-2": (("taman", "Taman Kota Contoh"),),
    "RTH-3": (("taman", "Taman Kecamatan Contoh"),),
    "RTH-4": (("taman", "Taman Contoh"),),
    "RTH-7": (("pemakaman", "TPU Contoh"),),
    "KT": (("kantor", "Kantor Contoh"),),
    "HK": (("kantor", "Pos Keamanan Contoh"),),
    "PP": (("persampahan", "TPS 3R Contoh"),),
    "PL-3": (("air", "IPAM Contoh"),),
}


def _services(zones: list[Zone], kelurahan: list[Kelurahan]) -> list[Landmark]:
    """Put an invented landmark into each zone of public services."""
    count: dict[str, int] = {}
    marks = []
    for zone in zones:
        options = _SERVICES.get(zone.code)
        if not options:
            continue
        turn = count.get(zone.code, 0)
        count[zone.code] = turn + 1
        kind, name = options[turn % len(options)]
        k = kelurahan[zone.kelurahan]
        spot = shapely.get_coordinates(shapely.point_on_surface(zone.polygon))[0].round(8)
        marks.append(Landmark(f"{name} {turn // len(options) + 1} {k.name}", kind, "", k.code, shapely.Point(*spot)))
    return marks
