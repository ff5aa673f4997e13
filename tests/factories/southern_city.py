"""An invented small city south of the equator: another UTM zone and time zone, two plans, its own numbers and names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shapely.geometry import box, mapping

WEST, SOUTH = 140.70, -2.56
STEP = 0.001
PROJ = "+proj=utm +zone=54 +south +ellps=GRS80 +units=m +no_defs"
PROFILE = """
everyday_activities = ["rumah", "warung"]

[city]
code = "99.71"
bps_code = "9971"
name = "Kota Teluk Selatan"
name_short = "Teluk Selatan"
province = "Provinsi Karang"
time_zone = "Asia/Jayapura"
bounds = [140.6, -2.7, 140.8, -2.5]
centre = [140.705, -2.555]
default_zoom = 13
languages = ["id", "en"]
slogan = "Kota di ujung timur"

[brand]
colour = "#334488"
accent = "#884433"
logo = "logo.svg"

[[plans]]
code = "rdtr-teluk"
name = "RDTR Teluk Selatan"
kind = "rdtr"
utm_zone = 54
hemisphere = "S"
scale = 5000
accuracy_m = 2.5
sample = false
region = [140.6, -2.7, 140.8, -2.5]
priority = 1

[[plans]]
code = "rtrw-teluk"
name = "RTRW Kota Teluk Selatan"
kind = "rtrw"
utm_zone = 54
hemisphere = "S"
scale = 25000
accuracy_m = 12.5
sample = false
region = [140.6, -2.7, 140.8, -2.5]
priority = 2

[[agencies]]
code = "tr"
name = "Dinas Tata Ruang Teluk Selatan"
name_short = "DTR"
role = "spatial planning"
contact = ""

[emergency]
general = "0967-555"
"""


def write_profile(folder: Path) -> Path:
    """The city's folder with its profile."""
    folder.mkdir()
    (folder / "city.toml").write_text(PROFILE, encoding="utf-8")
    (folder / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>')
    return folder


def zone(
    column: float, row: float, code: str, *, width: float = 1, height: float = 1, **columns: Any
) -> dict[str, Any]:
    """A rectangular zone on the city's grid of 0.001 degree."""
    geometry = box(
        round(WEST + column * STEP, 8),
        round(SOUTH + row * STEP, 8),
        round(WEST + (column + width) * STEP, 8),
        round(SOUTH + (row + height) * STEP, 8),
    )
    return {"type": "Feature", "properties": {"KODSZN": code, **columns}, "geometry": mapping(geometry)}


def detailed_plan(first: str = "R-2") -> list[dict[str, Any]]:
    """Three zones side by side in the west of the city."""
    return [zone(column, 0, code, height=4) for column, code in enumerate((first, "K-1", "RTH-2"))]


def general_plan() -> list[dict[str, Any]]:
    """Two zones over the whole city, with columns of their own."""
    made = [zone(0, 0, "", width=6, height=5), zone(6, 0, "", width=4, height=5)]
    for item, text in zip(made, ("Kawasan Permukiman", "Kawasan Lindung Pesisir"), strict=True):
        item["properties"] = {"Hirarki": text}
    return made
