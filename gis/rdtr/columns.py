"""The 31 columns of the official zone layer (pola ruang) and the overlays among them.

Source: Permen ATR/BPN 14/2021, attribute table of the pola ruang layer of an RDTR.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

# In the order of the regulation.
OFFICIAL_COLUMNS: Final = (
    "NAMOBJ", "NAMZON", "KODZON", "NAMSZN", "KODSZN", "JNSRPR", "KODEWP", "KODSWP", "KODBLK", "KODSBL",
    "WADMPR", "WADMKK", "WADMKC", "WADMKD", "KKOP_1", "LP2B_2", "KRB_03", "TOD_04", "TEB_05", "PUSLIT",
    "CAGBUD", "RESAIR", "KSMPDN", "HANKAM", "KKARST", "PTBGMB", "MGRSAT", "RDBUMI", "TPZ_00", "REMARK",
    "LUASHA",
)  # fmt: skip


class Overlay(StrEnum):
    """A special provision (ketentuan khusus), by the name of its column.

    All of them are listed in every answer.
    """

    KKOP_1 = "KKOP_1"
    LP2B_2 = "LP2B_2"
    KRB_03 = "KRB_03"
    TOD_04 = "TOD_04"
    TEB_05 = "TEB_05"
    PUSLIT = "PUSLIT"
    CAGBUD = "CAGBUD"
    RESAIR = "RESAIR"
    KSMPDN = "KSMPDN"
    HANKAM = "HANKAM"
    KKARST = "KKARST"
    PTBGMB = "PTBGMB"
    MGRSAT = "MGRSAT"
    RDBUMI = "RDBUMI"

    @property
    def name_id(self) -> str:
        """The Indonesian name."""
        return _NAMES[self][0]

    @property
    def name_en(self) -> str:
        """The English name."""
        return _NAMES[self][1]


_NAMES: Final[Mapping[Overlay, tuple[str, str]]] = {
    Overlay.KKOP_1: ("Kawasan Keselamatan Operasi Penerbangan", "Aviation safety area"),
    Overlay.LP2B_2: ("Lahan Pertanian Pangan Berkelanjutan", "Protected farmland"),
    Overlay.KRB_03: ("Kawasan Rawan Bencana", "Hazard-prone area"),
    Overlay.TOD_04: ("Kawasan Berorientasi Transit", "Transit-oriented area"),
    Overlay.TEB_05: ("Tempat Evakuasi Bencana", "Disaster evacuation place"),
    Overlay.PUSLIT: ("Kawasan Pusat Penelitian", "Research area"),
    Overlay.CAGBUD: ("Kawasan Cagar Budaya", "Heritage area"),
    Overlay.RESAIR: ("Kawasan Resapan Air", "Water recharge area"),
    Overlay.KSMPDN: ("Kawasan Sempadan", "Setback area"),
    Overlay.HANKAM: ("Kawasan Pertahanan dan Keamanan", "Defence and security area"),
    Overlay.KKARST: ("Kawasan Karst", "Karst area"),
    Overlay.PTBGMB: ("Kawasan Pertambangan Mineral dan Batubara", "Mineral and coal mining area"),
    Overlay.MGRSAT: ("Kawasan Migrasi Satwa", "Wildlife movement area"),
    Overlay.RDBUMI: ("Ruang Dalam Bumi", "Underground space"),
}


def missing_columns(present: Iterable[str]) -> list[str]:
    """Official columns that a layer lacks, in official order; names are compared without regard to case."""
    found = {name.upper() for name in present}
    return [name for name in OFFICIAL_COLUMNS if name not in found]


def lookup(properties: Mapping[str, Any], column: str) -> Any:
    """The value of a column, whose name may have been put into another case; None when it is absent."""
    if column in properties:
        return properties[column]
    wanted = column.upper()
    return next((value for name, value in properties.items() if name.upper() == wanted), None)


def as_text(value: Any) -> str | None:
    """A value as stripped text; None for null, blank, NaN. A whole float loses its ".0" and nothing else."""
    if value is None or value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None
