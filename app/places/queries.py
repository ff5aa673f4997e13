"""SQL for places: search by name, areas for the territory index, tiles' layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import shapely
from sqlalchemy import Row, delete, func, select, text, update
from sqlalchemy.orm import Session

from app.places.models import Area, Landmark, Parcel, PlaceName, Road

# search_text is filled with the spelling here and folded in Python afterwards, by the same function as queries, so that
# there is one way of folding.
_FILL = text(
    r"""
    WITH named AS (
        SELECT 'kelurahan' AS kind, id, name, aliases, geom, 0 AS rank, NULL::text AS context
        FROM area WHERE level = 'kelurahan'
        UNION ALL
        SELECT 'kecamatan', id, name, aliases, geom, 1, NULL FROM area WHERE level = 'kecamatan'
        UNION ALL
        SELECT 'rt', rt.id, rt.name, rt.aliases, rt.geom, 4, kelurahan.name
        FROM area rt LEFT JOIN area kelurahan ON kelurahan.level = 'kelurahan' AND kelurahan.code = rt.parent_code
        WHERE rt.level = 'rt'
        UNION ALL
        SELECT 'landmark', landmark.id, landmark.name, landmark.aliases, landmark.geom, 2, kelurahan.name
        FROM landmark
        LEFT JOIN area kelurahan ON kelurahan.level = 'kelurahan' AND kelurahan.code = landmark.kelurahan_code
        UNION ALL
        SELECT 'street', min(id), name, '{}', ST_Collect(geom), 3, NULL FROM road WHERE name IS NOT NULL GROUP BY name
    ), spelled AS (
        -- The kelurahan is added where the name does not say it already.
        SELECT kind, id, name, unnest(name || coalesce(aliases, '{}')) AS spelling, geom, rank,
               CASE WHEN strpos(lower(name), lower(context)) = 0 THEN context END AS context
        FROM named
    ), placed AS (
        SELECT *, CASE WHEN kind = 'street' THEN ST_ClosestPoint(geom, ST_Centroid(geom))
                       ELSE ST_PointOnSurface(geom) END AS point
        FROM spelled
    )
    INSERT INTO place_name (kind, ref_id, label, name, search_text, rank, lon, lat, bbox)
    SELECT kind, id, name || coalesce(', ' || context, ''), spelling, spelling || coalesce(' ' || context, ''), rank,
           ST_X(point), ST_Y(point), ARRAY[ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom)]
    FROM placed
    """
)

# Whole-word similarity finds "lok tuan" in "loktuan" and "jl bhayangkara" in "jalan bhayangkara"; a name that begins
# with what was typed comes first, as people type from the front.
_BY_NAME = text(
    """
    SELECT kind, ref_id, label, lon, lat, bbox, score FROM (
        -- A place with several spellings is found once, by the one that fits best.
        SELECT DISTINCT ON (kind, ref_id) * FROM (
            SELECT kind, ref_id, label, lon, lat, bbox, rank,
                   greatest(similarity(search_text, :q), word_similarity(:q, search_text) * 0.95)
                   + CASE WHEN replace(search_text, ' ', '') = replace(:q, ' ', '') THEN 1
                          WHEN search_text LIKE :prefix THEN 0.5 ELSE 0 END - rank * 0.02 AS score
            FROM place_name
            WHERE search_text % :q OR :q <% search_text OR search_text LIKE :prefix
               OR replace(search_text, ' ', '') = replace(:q, ' ', '')
        ) spelled
        ORDER BY kind, ref_id, score DESC
    ) found
    WHERE score >= :threshold
    ORDER BY score DESC, rank, label
    LIMIT :limit
    """
)


def search_names(session: Session, *, q: str, limit: int, threshold: float = 0.42) -> Sequence[Row[Any]]:
    """Names like q, best first. q must be folded."""
    escaped = q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return session.execute(_BY_NAME, {"q": q, "prefix": f"{escaped}%", "limit": limit, "threshold": threshold}).all()


def parcel_by_nib(session: Session, nib: str) -> tuple[Parcel, shapely.Geometry] | None:
    """A parcel and its geometry (EPSG:4326)."""
    row = session.execute(select(Parcel, func.ST_AsBinary(Parcel.geom)).where(Parcel.nib == nib)).first()
    return None if row is None else (row[0], shapely.from_wkb(bytes(row[1])))


def parcels_meeting(session: Session, land: bytes) -> Sequence[Row[Any]]:
    """Parcels that meet an area, by number, with their geometry as WKB. land: WKB of polygons in EPSG:4326."""
    area = func.ST_SetSRID(func.ST_GeomFromWKB(land), 4326)
    # Taken apart: the index is asked for the box of each polygon, not for one box around all.
    parts = select(func.ST_Dump(area).geom.label("geom")).cte("parts")
    return session.execute(
        select(Parcel.nib, func.ST_AsBinary(Parcel.geom).label("wkb"))
        .where(select(parts.c.geom).where(func.ST_Intersects(Parcel.geom, parts.c.geom)).exists())
        .order_by(Parcel.nib)
    ).all()


def first_nib(session: Session) -> str | None:
    """The lowest NIB tanah."""
    return session.scalar(select(Parcel.nib).order_by(Parcel.nib).limit(1))


def areas(session: Session, levels: Sequence[str]) -> Sequence[Row[Any]]:
    """Areas of the given levels with their geometry as WKB, in a fixed order."""
    return session.execute(
        select(Area.level, Area.code, Area.name, Area.parent_code, func.ST_AsBinary(Area.geom).label("wkb"))
        .where(Area.level.in_(levels))
        .order_by(Area.level, Area.code)
    ).all()


def codes(session: Session, level: str) -> Sequence[str]:
    """The codes of the areas of a level, sorted."""
    return session.scalars(select(Area.code).where(Area.level == level).order_by(Area.code)).all()


def outlines_near(session: Session, box: tuple[float, float, float, float], limit: int) -> dict[str, list[Any]]:
    """Parcels, roads and areas whose box meets a box (west, south, east, north; EPSG:4326), as WKB, by kind.

    No numbers and names: only where the lines run.
    """
    envelope = func.ST_MakeEnvelope(*box, 4326)
    return {
        kind: list(
            session.scalars(
                select(func.ST_AsBinary(model.geom))
                .where(model.geom.op("&&")(envelope))
                .order_by(model.id)
                .limit(limit)
            )
        )
        for kind, model in (("parcels", Parcel), ("roads", Road), ("areas", Area))
    }


def clear(session: Session) -> None:
    """Remove every place; the caller loads others in the same transaction."""
    for table in (PlaceName, Area, Parcel, Road, Landmark):
        session.execute(delete(table))


def fill_names(session: Session, fold: Callable[[str], str]) -> None:
    """Rebuild the searchable names from areas, roads and landmarks; ``fold`` is what queries are folded with."""
    session.execute(delete(PlaceName))
    session.execute(_FILL)
    spelled = session.execute(select(PlaceName.id, PlaceName.search_text)).all()
    session.execute(update(PlaceName), [{"id": row.id, "search_text": fold(row.search_text)} for row in spelled])


def extent(session: Session) -> tuple[int, int]:
    """Counts of areas and parcels, to tell an empty database."""
    return (
        session.scalar(select(func.count()).select_from(Area)) or 0,
        session.scalar(select(func.count()).select_from(Parcel)) or 0,
    )


def version(session: Session) -> int:
    """The number of the places loaded last."""
    return session.execute(text("SELECT last_value FROM places_version")).scalar_one()


def raise_version(session: Session) -> None:
    """Give the places now loaded a new number, and tell every process."""
    session.execute(text("SELECT nextval('places_version')"))
    session.execute(text("NOTIFY ruang_places"))


# Each layer: what it selects, from where, from which zoom on, under which condition, and how far beyond the tile it is
# drawn, in tile units. Constants only: nothing here comes from a request.
_TILE_LAYERS = {
    "parcels": ("nib", "parcel", 15, "TRUE", 64),
    "roads": (
        "name, road_class", "road", 9,
        "(:z >= 14 OR road_class IN ('arteri', 'kolektor') OR (:z >= 12 AND road_class = 'lokal'))", 64,
    ),
    "boundaries": (
        "level, name", "area", 5,
        "(level IN ('city', 'neighbour', 'sea') OR (level = 'kecamatan' AND :z >= 8)"
        " OR (level = 'kelurahan' AND :z >= 10) OR (level = 'rt' AND :z >= 15))", 64,
    ),
    # A name stands once, in the tile that holds its point: boundaries cut by tiles would be named in each of them.
    "area_labels": (
        "level, name", "(SELECT level, name, ST_PointOnSurface(geom) AS geom FROM area WHERE level = 'kelurahan') AS label",
        8, "TRUE", 0,
    ),
    "landmarks": ("name, kind", "landmark", 11, "TRUE", 64),
}  # fmt: skip
TILE_LAYERS = tuple(_TILE_LAYERS)
_TILES = {
    layer: text(
        f"""
        WITH tile AS (
            SELECT ST_TileEnvelope(:z, :x, :y) AS box,
                   ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.0625), 4326) AS lonlat
        )
        SELECT ST_AsMVT(feature, '{layer}', 4096, 'geom') FROM (
            SELECT {columns}, ST_AsMVTGeom(ST_Transform(geom, 3857), tile.box, 4096, {buffer}) AS geom
            FROM tile, {table} WHERE geom && tile.lonlat AND {condition}
        ) feature WHERE geom IS NOT NULL
        """  # noqa: S608 - the parts are the constants above
    )
    for layer, (columns, table, _zoom, condition, buffer) in _TILE_LAYERS.items()
}


def tile(session: Session, layer: str, z: int, x: int, y: int) -> bytes:
    """One layer of one tile as a Mapbox Vector Tile; empty bytes where there is nothing, or below the layer's zoom."""
    if z < _TILE_LAYERS[layer][2]:
        return b""
    return bytes(session.execute(_TILES[layer], {"z": z, "x": x, "y": y}).scalar_one())
