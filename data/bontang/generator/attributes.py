"""The 31 official columns of the pola ruang layer for each zone (Permen ATR/BPN 14/2021, in its order)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from .frame import dice, metres, points_m
from .kelurahan import Kelurahan
from .land import Land, read_rows
from .sketch import Region, River
from .zoning import Zone

OVERLAYS = (
    "KKOP_1",
    "LP2B_2",
    "KRB_03",
    "TOD_04",
    "TEB_05",
    "PUSLIT",
    "CAGBUD",
    "RESAIR",
    "KSMPDN",
    "HANKAM",
    "KKARST",
    "PTBGMB",
    "MGRSAT",
    "RDBUMI",
)
COLUMNS = (
    "NAMOBJ",
    "NAMZON",
    "KODZON",
    "NAMSZN",
    "KODSZN",
    "JNSRPR",
    "KODEWP",
    "KODSWP",
    "KODBLK",
    "KODSBL",
    "WADMPR",
    "WADMKK",
    "WADMKC",
    "WADMKD",
    *OVERLAYS,
    "TPZ_00",
    "REMARK",
    "LUASHA",
)
SWP = {"Bontang Utara": "A", "Bontang Selatan": "B", "Bontang Barat": "C"}
ABSENT = "Tidak Ada"
AIRPORT = (117.4752, 0.1195)
Value = str | float | None


@dataclass(frozen=True)
class Surroundings:
    """Distances from one zone, in metres, to what the special provisions are about."""

    river: float
    coast: float
    industry: float
    airport: float


class Describer:
    """Fills the official columns of zones; the same zone gets the same values whatever the others are."""

    def __init__(self, kelurahan: list[Kelurahan], land: Land, rivers: list[River], regions: list[Region]) -> None:
        self._kelurahan = kelurahan
        self._subzones = {row["code"]: row for row in read_rows("subzones.csv")}
        self._rivers = shapely.union_all([river.line for river in rivers]).simplify(2)
        self._coast = land.coast.simplify(10)
        plants = [region.area for region in regions if region.kind in ("KPI", "PTL")]
        self._industry = shapely.union_all(plants).simplify(10)
        self._airport = shapely.Point(points_m(AIRPORT)[0])
        self._known: dict[int, tuple[Zone, dict[str, Value]]] = {}
        for shape in (self._rivers, self._coast, self._industry):
            shapely.prepare(shape)

    def describe(self, zones: list[Zone]) -> list[dict[str, Value]]:
        """Return the 31 columns of each zone; a zone described before is not measured again."""
        new = [zone for zone in zones if id(zone) not in self._known]
        self._known |= {id(zone): (zone, row) for zone, row in zip(new, self._measure(new), strict=True)}
        return [self._known[id(zone)][1] for zone in zones]

    def _measure(self, zones: list[Zone]) -> list[dict[str, Value]]:
        shapes = metres(np.array([zone.polygon for zone in zones]))
        distances = np.column_stack(
            [
                shapely.distance(shapes, self._rivers),
                shapely.distance(shapes, self._coast),
                shapely.distance(shapes, self._industry),
                shapely.distance(shapes, self._airport),
            ]
        )
        return [self._row(zone, Surroundings(*map(float, row))) for zone, row in zip(zones, distances, strict=True)]

    def _row(self, zone: Zone, near: Surroundings) -> dict[str, Value]:
        kelurahan, subzone = self._kelurahan[zone.kelurahan], self._subzones[zone.code]
        swp = SWP[kelurahan.kecamatan]
        mark = shapely.get_coordinates(zone.polygon.centroid)[0]
        rng = dice(f"zone {zone.code} {mark[0]:.7f} {mark[1]:.7f}")
        digits, local = subzone["domain_code"], rng.random()
        code = digits if digits and local > 0.15 else zone.code.lower() if local < 0.03 else zone.code
        block = f"I.{swp}.{int(kelurahan.code[-2:])}"
        row: dict[str, Value] = {
            "NAMOBJ": subzone["name"],
            "NAMZON": subzone["zone"],
            "KODZON": zone.code.split("-")[0],
            "NAMSZN": subzone["name"],
            "KODSZN": code,
            "JNSRPR": "Kawasan Lindung" if subzone["group"] == "lindung" else "Kawasan Budi Daya",
            "KODEWP": "I",
            "KODSWP": f"SWP-{swp}",
            "KODBLK": block,
            "KODSBL": f"{block}.{'abc'[int(rng.integers(3))]}" if zone.area_m2 > 60_000 else None,
            "WADMPR": "Kalimantan Timur",
            "WADMKK": "Kota Bontang",
            "WADMKC": kelurahan.kecamatan,
            "WADMKD": kelurahan.name,
        }
        row |= self._overlays(zone, near, kelurahan, rng)
        off = rng.choice([-1.0, 1.0]) * rng.uniform(0.011, 0.03) if rng.random() < 0.05 else 0.0
        row |= {
            "TPZ_00": "b" if zone.notes.get("tpz") else None,
            "REMARK": zone.code,
            "LUASHA": round(zone.area_m2 / 1e4 * (1 + off), 2),
        }
        return row

    def _overlays(
        self, zone: Zone, near: Surroundings, kelurahan: Kelurahan, rng: np.random.Generator
    ) -> dict[str, Value]:
        """Return the 14 special provisions: a class, 'Tidak Ada', or None where nobody checked."""
        code, remote = zone.code, kelurahan.name == "Bontang Lestari"
        flight = (
            "Kawasan Di Bawah Permukaan Transisi"
            if near.airport < 700
            else "Kawasan Di Bawah Permukaan Horizontal Dalam"
            if near.airport < 4000
            else None
            if remote
            else ABSENT
        )
        shore = "Sempadan Pantai" if near.coast < 100 else "Sempadan Sungai" if near.river < 22 else ABSENT
        if code in ("HL", "KS") or (remote and code in ("P-1", "HPK", "RTH-1")):
            shore = shore if shore != ABSENT else None
        farmland = "Ya" if code == "P-1" and kelurahan.name != "Kanaan" else None if code == "P-1" else ABSENT
        return {
            "KKOP_1": flight,
            "LP2B_2": farmland,
            "KRB_03": _hazard(code, near, rng),
            "TOD_04": "Ya" if code == "TR" else ABSENT if code in ("C-1", "K-1") else None,
            "TEB_05": _evacuation(code, zone.area_m2),
            "PUSLIT": None,
            "CAGBUD": "Ya"
            if kelurahan.name == "Bontang Kuala" and code in ("R-4", "W")
            else None
            if kelurahan.name == "Guntung"
            else ABSENT,
            "RESAIR": "Ya" if code in ("HL", "RTH-1", "HPK") else None if code.startswith("R-") and remote else ABSENT,
            "KSMPDN": shore,
            "HANKAM": "Ya" if code == "HK" else None if code in ("BJ", "BA") else ABSENT,
            "KKARST": ABSENT,
            "PTBGMB": None if remote else ABSENT,
            "MGRSAT": "Ya" if code == "KS" else None if code == "HL" else ABSENT,
            "RDBUMI": None,
        }


def _hazard(code: str, near: Surroundings, rng: np.random.Generator) -> str | None:
    """Return the hazard class of a zone; some have not been surveyed."""
    if rng.random() < 0.06:
        return None
    if code in ("HL", "KS", "HPK"):
        return "Longsor Sedang"
    if near.industry < 350 and code not in ("EM", "BA"):
        return "Kegagalan Teknologi"
    if near.coast < 160 and code != "BA":
        return "Rob"
    for reach, name in ((18, "Banjir Tinggi"), (120, "Banjir Sedang"), (280, "Banjir Rendah")):
        if near.river < reach:
            return name
    return ABSENT


def _evacuation(code: str, area_m2: float) -> str | None:
    """Return the part a zone plays in an evacuation."""
    if code in ("RTH-2", "RTH-3", "SPU-1"):
        return "Tempat Evakuasi Sementara"
    if code == "BJ":
        return "Jalur Evakuasi" if area_m2 > 20_000 else ABSENT
    return ABSENT if code.startswith(("R-", "K-", "C-", "SPU")) else None
