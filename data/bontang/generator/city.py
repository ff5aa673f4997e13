"""Puts the sample city together and writes its layers."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from .arrangement import build_faces, build_layout
from .attributes import COLUMNS, Describer
from .frame import degrees, rounded
from .kelurahan import Partition, read_kelurahan
from .land import Land, build_land
from .network import build_roads
from .parcels import build_parcels
from .places import build_areas, build_landmarks
from .sketch import River, Road, main_roads, regions, rivers
from .versions import Revision
from .zoning import Zone, assign_codes, build_zones

CRS = "EPSG:4326"


def generate(out_dir: Path) -> None:
    """Write city.gpkg, zones_2023.gpkg and zones_2026.gpkg into out_dir, replacing what is there.

    All layers are EPSG:4326, rounded to 1e-8 degree. city.gpkg: areas, parcels, roads, rivers, landmarks;
    zones_*.gpkg: pola_ruang with the 31 official columns.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    kelurahan = read_kelurahan()
    land = build_land(sum(k.area_m2 for k in kelurahan))
    partition = Partition(kelurahan, land)
    water, areas_of_use = rivers(), regions()
    roads = build_roads(land, areas_of_use, main_roads())
    layout = build_layout(land, roads, water, areas_of_use)
    faces = build_faces(land, partition, roads, layout)
    codes, block = assign_codes(faces, layout)
    zones = build_zones(faces, codes, block)
    describer = Describer(kelurahan, land, water, layout.regions)
    _write_zones(out_dir / "zones_2023.gpkg", zones, describer)
    _write_zones(out_dir / "zones_2026.gpkg", Revision(faces, zones).revise(), describer)
    areas = build_areas(faces, kelurahan, codes)
    city = out_dir / "city.gpkg"
    city.unlink(missing_ok=True)
    _write(city, "areas", [asdict(area) | {"geometry": _multi(area.geometry)} for area in areas])
    numbers, owners, lots = build_parcels(faces, codes, kelurahan)
    _write(city, "parcels", {"nib": numbers, "kelurahan_code": owners, "geometry": lots})
    _write(city, "roads", _lines(roads, land))
    _write(city, "rivers", _lines(water, land))
    _write(city, "landmarks", [asdict(mark) for mark in build_landmarks(areas, zones, kelurahan)])


def _multi(geometry: BaseGeometry) -> shapely.MultiPolygon:
    return shapely.multipolygons(shapely.get_parts(geometry))


def _lines(things: list[Road] | list[River], land: Land) -> list[dict[str, Any]]:
    """Return roads or rivers as rows, cut to the mainland: the longest piece of each."""
    rows = []
    for thing in things:
        line = thing.line
        if not land.mainland.contains(line):
            pieces = shapely.get_parts(shapely.line_merge(line.intersection(land.mainland)))
            line = max(pieces, key=shapely.length)
        row: dict[str, Any] = {"name": thing.name}
        if isinstance(thing, Road):
            row["road_class"] = thing.road_class
        rows.append(row | {"geometry": rounded(degrees(line))})
    return rows


def _write_zones(path: Path, zones: list[Zone], describer: Describer) -> None:
    path.unlink(missing_ok=True)
    frame = pd.DataFrame(describer.describe(zones), columns=list(COLUMNS))
    columns: dict[str, Any] = {name: frame[name].to_numpy(dtype=object) for name in COLUMNS if name != "LUASHA"}
    columns["LUASHA"] = frame["LUASHA"].to_numpy(dtype=np.float64)
    _write(path, "pola_ruang", columns | {"geometry": [zone.polygon for zone in zones]})


def _write(path: Path, layer: str, rows: list[dict[str, Any]] | dict[str, Any]) -> None:
    frame = gpd.GeoDataFrame(pd.DataFrame(rows), geometry="geometry", crs=CRS)
    frame.to_file(path, layer=layer, driver="GPKG", engine="pyogrio")
