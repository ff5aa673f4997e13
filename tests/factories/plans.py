"""Plans and layers for tests. Coordinates are degrees; one step of the grid is 0.001 degree, about 111 m."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.plans import editing
from app.plans.importing import ImportOptions, ImportOutcome

WEST, SOUTH, STEP = 117.48, 0.12, 0.001
RULES = {
    "subzones.csv": (
        "code,domain_code,name,zone,group,colour,colour_official\n"
        "R-2,,Perumahan Kepadatan Tinggi,Perumahan,budi daya,#ffdc00,true\n"
        "K-1,32112100,Perdagangan dan Jasa,Perdagangan dan Jasa,budi daya,#ff6464,true\n"
        "RTH-2,31031200,Taman Kota,Ruang Terbuka Hijau,lindung,#416900,true\n"
    ),
    "activities.csv": (
        "activity_id,kbli,kbli_edition,title,kbli_title,category,synonyms\n"
        "warung,47112,2020,Warung,,perdagangan,toko kelontong;kios\n"
        "rumah,,,Rumah tunggal,,hunian,rumah tinggal;house\n"
    ),
    "conditions.csv": "code,kind,text,article\nT1,limited,Paling luas 40 m2,Pasal contoh 3\n",
    "itbx.csv": "activity_id,R-2,K-1,RTH-2\nwarung,T1,I,X\nrumah,I,,X\n",
    "intensity.csv": (
        "subzone_code,applies,road_class,lot_min_m2,lot_max_m2,building_type,kdb_max_pct,klb_max_ratio,kdh_min_pct,"
        "ktb_max_pct,gsb_min_m,side_min_m,rear_min_m,height_max_m,floors_max,article\n"
        "R-2,Rumah,arteri,,,,60,1.8,20,,15,,,,3,Pasal contoh 13\n"
        "R-2,Rumah,lokal,,200,,70,1.4,10,,4,,,,2,Pasal contoh 13\n"
    ),
    "overlays.csv": "kind,name,class,text,article\nKRB_03,Rawan bencana,Banjir,Lantai dinaikkan,Pasal contoh 50\n",
    "articles.csv": "number,title,text\nPasal contoh 3,T1,Paling luas 40 m2\n",
}


def square(column: float, row: float, width: float = 1, height: float = 1) -> list[list[list[float]]]:
    """GeoJSON coordinates of a rectangle on the grid, counter-clockwise from its south-west corner."""
    west, south = round(WEST + column * STEP, 8), round(SOUTH + row * STEP, 8)
    east, north = round(WEST + (column + width) * STEP, 8), round(SOUTH + (row + height) * STEP, 8)
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def feature(coordinates: Any, code: str = "R-2", kind: str = "Polygon", **columns: Any) -> dict[str, Any]:
    """One feature of a zone layer."""
    properties = {"NAMOBJ": "zona", "KODSZN": code, "KODBLK": "I.A.1", "KRB_03": None, "LUASHA": None, **columns}
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def row_of_zones(codes: Sequence[str] = ("R-2", "K-1", "RTH-2")) -> list[dict[str, Any]]:
    """Adjacent squares, one per code."""
    return [feature(square(column, 0), code) for column, code in enumerate(codes)]


def write_layer(folder: Path, features: Sequence[Mapping[str, Any]], name: str = "zones.geojson") -> Path:
    """A GeoJSON file of features."""
    path = folder / name
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}))
    return path


def write_rules(folder: Path, **changed: str) -> Path:
    """A folder of rule tables; ``changed`` replaces tables by the name before ``.csv``."""
    rules = folder / "rules"
    rules.mkdir(exist_ok=True)
    for name, content in RULES.items():
        (rules / name).write_text(changed.get(name.removesuffix(".csv"), content))
    return rules


def import_zones(
    folder: Path,
    features: Sequence[Mapping[str, Any]],
    *,
    plan: str = "rdtr",
    reference: str = "Perwali contoh 1",
    **options: Any,
) -> ImportOutcome:
    """Import features as a draft."""
    path = write_layer(folder, features)
    return editing.import_layer(path, ImportOptions(plan=plan, legal_reference=reference, **options))


def publish_zones(
    folder: Path,
    features: Sequence[Mapping[str, Any]] | None = None,
    *,
    plan: str = "rdtr",
    valid_from: dt.date = dt.date(2023, 1, 1),
    rules: bool = True,
    **options: Any,
) -> ImportOutcome:
    """Import, load rules, publish."""
    outcome = import_zones(folder, features or row_of_zones(), plan=plan, **options)
    if rules:
        editing.load_rules(plan, outcome.seq, write_rules(folder))
    editing.publish_version(plan, outcome.seq, valid_from=valid_from)
    return outcome
