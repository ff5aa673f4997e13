"""Green open space (ruang terbuka hijau) of a version against the least that the law asks for.

UU 26/2007 art. 29: at least 30 per cent of the city's area, public green space at least 20 per cent of the city's area.
Which sub-zones count is data (data/codelists/green_space.csv), and what no source states is left open. The area that the
shares refer to is that of all zones of the plan, which stands for the city's where the plan covers it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.config import REPOSITORY

LIST = REPOSITORY / "data" / "codelists" / "green_space.csv"
LAW = "UU 26/2007, art. 29"
LEAST_GREEN_PCT = 30.0
LEAST_PUBLIC_PCT = 20.0


@dataclass(frozen=True)
class GreenEntry:
    """What the list says about a sub-zone. green: None where it is not stated whether it counts; ownership likewise."""

    code: str
    green: bool | None
    ownership: str | None
    source: str


@dataclass(frozen=True)
class GreenShare:
    """The green space of one version, in m2 and in per cent of all its zones.

    public_m2, private_m2: what is stated to be so; private_m2 is None where the list knows no private green space.
    open_m2: green, ownership not stated. undecided_m2: not stated whether green.
    """

    plan_m2: float
    green_m2: float
    public_m2: float
    private_m2: float | None
    open_m2: float
    undecided_m2: float

    def pct(self, area_m2: float | None) -> float | None:
        """An area in per cent of the plan; None for a plan without zones, and for no area."""
        return None if area_m2 is None or self.plan_m2 <= 0 else 100 * area_m2 / self.plan_m2

    def as_json(self) -> dict[str, Any]:
        """The share as the API gives it."""
        named = ("green", "public", "private", "open", "undecided")
        areas = {name: getattr(self, f"{name}_m2") for name in named}
        return {
            "plan_m2": _rounded(self.plan_m2),
            **{f"{name}_m2": _rounded(area) for name, area in areas.items()},
            **{f"{name}_pct": _rounded(self.pct(area)) for name, area in areas.items()},
        }


@cache
def green_list() -> Mapping[str, GreenEntry]:
    """The list by code."""
    with LIST.open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: GreenEntry(
                row["code"], True if row["green"] == "yes" else None, row["ownership"] or None, row["source"]
            )
            for row in csv.DictReader(file)
        }


def share(areas_m2: Mapping[str, float]) -> GreenShare:
    """The green space of a version. areas_m2: of each sub-zone, by code."""
    found = dict.fromkeys(("green", "public", "private", "open", "undecided"), 0.0)
    for code, area in areas_m2.items():
        entry = green_list().get(code)
        if entry is None:
            continue
        if entry.green is None:
            found["undecided"] += area
        else:
            found["green"] += area
            found[entry.ownership or "open"] += area
    private = found["private"] if any(entry.ownership == "private" for entry in green_list().values()) else None
    return GreenShare(
        sum(areas_m2.values()), found["green"], found["public"], private, found["open"], found["undecided"]
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
