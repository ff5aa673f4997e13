"""Places: where a point lies, what a name or number means, and loading a city's areas, parcels, roads and landmarks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from flask_babel import gettext

from app.database import copy_rows, db, transaction
from app.errors import NotFound
from app.places import models, queries
from app.places.coordinates import is_short_link, read_position
from app.places.models import Area, Landmark, Parcel, Road
from app.places.plus_codes import read_plus_code
from app.runtime import runtime
from gis.point_index import PointIndex

# Classes of roads that rules and questions may name.
ROAD_CLASSES = models.ROAD_CLASSES
_TERRITORY_LEVELS = ("kelurahan", "neighbour", "sea")
_MOST_OUTLINES = 2_000
_NIB_DIGITS = 14
_BUSINESS_DIGITS = 13
# "NIB tanah 6474 ...", as certificates and this application itself write it.
_NIB_LABEL = re.compile(
    r"^\s*(?:no(?:mor)?\b\.?\s*)?(?:nib|bidang)\b\.?(?:\s*tanah\b)?\s*[:=]?\s*(?=\d)", re.IGNORECASE
)
_ROAD_WORDS = {"jalan": "jalan", "jln": "jalan", "jl": "jalan", "gang": "gang", "gg": "gang"}
_ROAD_WORD = re.compile(rf"^({'|'.join(_ROAD_WORDS)})\b", re.IGNORECASE)
# What follows a street in an address and names no street: house, block, RT and RW, or a comma and the kelurahan.
_AFTER_STREET = re.compile(r"\s*(?:,|\b(?:no|nomor|nomer|blok|rt|rw)\b[\s.:]*\d).*$", re.IGNORECASE)
# Words that everybody writes differently, or leaves out; they say nothing about which place is meant.
_NOISE = re.compile(r"\b(kelurahan|kel|kecamatan|kec|jalan|jln|jl|gang|gg|kota|desa)\b\.?", re.IGNORECASE)


@dataclass(frozen=True)
class Territory:
    """Land or sea that a point lies in. level: kelurahan, neighbour or sea."""

    level: str
    code: str
    name: str
    parent_name: str | None


class TerritoryIndex:
    """Kelurahan, sea and neighbouring regions in memory."""

    def __init__(self, rows: list[Any], parents: dict[str, str]) -> None:
        geometries = np.array([shapely.from_wkb(bytes(row.wkb)) for row in rows], dtype=object)
        self._index = PointIndex(geometries, max_cells=4_000_000)
        self._areas = [Territory(row.level, row.code, row.name, parents.get(row.parent_code)) for row in rows]
        self.bounds = self._index.bounds if rows else None

    def at(self, lon: float, lat: float) -> Territory | None:
        """The area at a point; of several on a border the kelurahan first, then the lowest code."""
        positions = self._index.at(lon, lat)
        if len(positions) == 1:
            return self._areas[positions[0]]
        found = [self._areas[position] for position in positions]
        return min(found, key=lambda area: (_TERRITORY_LEVELS.index(area.level), area.code), default=None)


def territory() -> TerritoryIndex:
    """The index of this process, built at first use and dropped by ``forget``."""
    caches = runtime().caches
    if "territory" not in caches:
        rows = list(queries.areas(db.session, _TERRITORY_LEVELS))
        parents = {row.code: row.name for row in queries.areas(db.session, ("kecamatan",))}
        caches["territory"] = TerritoryIndex(rows, parents)
    index: TerritoryIndex = caches["territory"]
    return index


def forget() -> None:
    """Drop what is held in memory, after places were loaded anew."""
    for name in ("territory", "kelurahan_names", "kelurahan_outlines"):
        runtime().caches.pop(name, None)


def fold(text: str) -> str:
    """A name as it is compared: lower case, no marks, one space, without words like "kelurahan" and "jalan"."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    without = _NOISE.sub(" ", plain)
    kept = without if re.search(r"\w", without) else plain
    return re.sub(r"[\s\-_.,]+", " ", kept).strip().lower()


def search(q: str) -> dict[str, Any]:
    """What a line of text may mean: a position, a parcel, a place.

    Returns {"results": [{kind, label, lon, lat, bbox, id}], "notice": {"code", "text"} | None}; nothing found is an
    empty list. A notice explains a number or link that looks like something else.
    """
    q = q.strip()[:300]
    if not q:
        return {"results": [], "notice": None}
    if is_short_link(q):
        text = gettext("A shortened link hides the place. Open it in the map app and copy the coordinates instead.")
        return {"results": [], "notice": {"code": "short_link", "text": text}}
    position = read_position(q)
    if position is not None:
        return _position_result(position.lon, position.lat, ordered=position.ordered)
    coded = read_plus_code(q, near=runtime().city.city.centre)
    if coded is not None:
        return _position_result(*coded, ordered=True)
    digits = re.sub(r"[\s.\-]", "", _NIB_LABEL.sub("", q))
    if digits.isdigit() and len(digits) >= 8:
        return _number_result(digits)
    road = _ROAD_WORD.match(q)
    folded = fold(_AFTER_STREET.sub("", q) if road else q)
    if not folded:
        return {"results": [], "notice": None}
    rows = list(queries.search_names(db.session, q=folded, limit=runtime().settings.search_results))
    if road:
        # Of names that fit equally well, first those that are called "Jalan" where "jl." was typed.
        called = _ROAD_WORDS[road[1].lower()]
        rows.sort(key=lambda row: (-row.score, not row.label.lower().startswith(called)))
    results = [
        {
            "kind": row.kind,
            "label": row.label,
            "lon": row.lon,
            "lat": row.lat,
            "bbox": row.bbox,
            "id": str(row.ref_id),
        }
        for row in rows
    ]
    return {"results": results, "notice": None}


def _inside(bounds: tuple[float, float, float, float], lon: float, lat: float) -> bool:
    return bounds[0] <= lon <= bounds[2] and bounds[1] <= lat <= bounds[3]


def _position_result(lon: float, lat: float, *, ordered: bool) -> dict[str, Any]:
    bounds = runtime().city.city.bounds
    if not ordered and not _inside(bounds, lon, lat) and _inside(bounds, lat, lon):
        # Written without letters and only the other order lies in the city: longitude came first.
        lon, lat = lat, lon
    label = f"{lat:.6f}, {lon:.6f}"
    found = {
        "kind": "coordinates",
        "label": label,
        "lon": lon,
        "lat": lat,
        "bbox": [lon, lat, lon, lat],
        "id": label,
    }
    notice = None
    if not _inside(bounds, lon, lat):
        text = gettext("This position lies outside %(city)s.", city=runtime().city.city.name)
        notice = {"code": "outside_region", "text": text}
    return {"results": [found], "notice": notice}


def _number_result(digits: str) -> dict[str, Any]:
    if len(digits) == _BUSINESS_DIGITS:
        text = gettext(
            "This is a number of 13 digits: a business number (Nomor Induk Berusaha). A piece of land has a NIB tanah"
            " (Nomor Identifikasi Bidang) of %(digits)s digits; it stands on the land certificate.",
            digits=_NIB_DIGITS,
        )
        return {"results": [], "notice": {"code": "business_number", "text": text}}
    found = queries.parcel_by_nib(db.session, digits)
    if found is None:
        text = gettext("No parcel with this NIB tanah is on the map. Old certificates are often not on it yet.")
        return {"results": [], "notice": {"code": "unknown_parcel", "text": text}}
    parcel, geometry = found
    point = geometry.point_on_surface()
    result = {
        "kind": "parcel",
        "label": f"NIB tanah {parcel.nib}",
        "lon": point.x,
        "lat": point.y,
        "bbox": list(geometry.bounds),
        "id": parcel.nib,
    }
    return {"results": [result], "notice": None}


def parcel(nib: str) -> tuple[Parcel, shapely.Geometry] | None:
    """A parcel by its NIB tanah with its geometry (EPSG:4326); None where there is none."""
    digits = re.sub(r"[\s.\-]", "", nib)
    # What is no number is no parcel, and must not reach the database (a null byte would be an error there).
    return queries.parcel_by_nib(db.session, digits) if digits.isascii() and digits.isdigit() else None


def parcels_near(land: Sequence[shapely.Geometry]) -> list[tuple[str, shapely.Geometry]]:
    """Parcels that meet any of some polygons, with their geometry, by NIB tanah. EPSG:4326, both."""
    parts = [part for geometry in land for part in shapely.get_parts(geometry) if not shapely.is_empty(part)]
    if not parts:
        return []
    rows = queries.parcels_meeting(db.session(), shapely.to_wkb(shapely.MultiPolygon(parts)))
    return [(row.nib, shapely.from_wkb(bytes(row.wkb))) for row in rows]


def first_nib() -> str | None:
    """The lowest NIB tanah there is; None without parcels."""
    return queries.first_nib(db.session)


def outlines_near(box: tuple[float, float, float, float]) -> dict[str, list[shapely.Geometry]]:
    """Outlines of parcels, roads and areas near a box (degrees, EPSG:4326), to draw along; at most 2,000 of each."""
    found = queries.outlines_near(db.session(), box, _MOST_OUTLINES)
    return {kind: shapely.from_wkb([bytes(item) for item in items]).tolist() for kind, items in found.items()}


def kelurahan_name(code: str | None) -> str | None:
    """The name of a kelurahan by its Kemendagri code."""
    if code is None:
        return None
    caches = runtime().caches
    if "kelurahan_names" not in caches:
        caches["kelurahan_names"] = {row.code: row.name for row in queries.areas(db.session, ("kelurahan",))}
    name: str | None = caches["kelurahan_names"].get(code)
    return name


def kelurahan_outlines() -> list[shapely.Geometry]:
    """The outlines of the city's kelurahan (EPSG:4326), to draw other things upon."""
    caches = runtime().caches
    if "kelurahan_outlines" not in caches:
        rows = queries.areas(db.session(), ("kelurahan",))
        caches["kelurahan_outlines"] = [shapely.from_wkb(bytes(row.wkb)) for row in rows]
    outlines: list[shapely.Geometry] = caches["kelurahan_outlines"]
    return outlines


def places_version() -> int:
    """A number that changes when places are loaded anew; it is part of the tiles' address."""
    return queries.version(db.session)


def kelurahan_codes() -> list[str]:
    """The codes of the city's kelurahan, sorted."""
    return list(queries.codes(db.session(), "kelurahan"))


def is_empty() -> bool:
    """Whether no place was loaded yet."""
    return queries.extent(db.session) == (0, 0)


def load(path: Path) -> dict[str, int]:
    """Replace all places by those of a GeoPackage with layers areas, roads, landmarks and (optionally) parcels.

    One transaction: a file that cannot be read leaves everything as it was. Returns how many rows each layer gave.
    """
    from app.places.files import read_places

    layers = read_places(path)
    with transaction() as session:
        queries.clear(session)
        for model, rows in (
            (Area, layers.areas),
            (Parcel, layers.parcels),
            (Road, layers.roads),
            (Landmark, layers.landmarks),
        ):
            copy_rows(session, model, rows)
        queries.fill_names(session, fold)
        queries.raise_version(session)
    forget()
    return {
        "areas": len(layers.areas),
        "parcels": len(layers.parcels),
        "roads": len(layers.roads),
        "landmarks": len(layers.landmarks),
    }


TILE_LAYERS = queries.TILE_LAYERS


def place_tile(layer: str, version: int, z: int, x: int, y: int) -> bytes:
    """A vector tile of places, of the version loaded now; raises NotFound for another."""
    if version != places_version():
        raise NotFound(gettext("These places were replaced by newer ones. Load the page again."))
    return queries.tile(db.session, layer, z, x, y)
