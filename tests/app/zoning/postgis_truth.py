"""What PostGIS says, by SQL only, for comparing the index with: never shapely against shapely."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import text
from sqlalchemy.orm import Session

TOLERANCE_DEG = 1e-7
Pairs = set[tuple[int, int]]


class Points(NamedTuple):
    """Points in degrees, with their number as position."""

    lons: npt.NDArray[np.float64]
    lats: npt.NDArray[np.float64]


def random_points(session: Session, version_id: int, count: int, *, seed: int) -> Points:
    """Points all over the extent of a version and a little beyond it."""
    west, south, east, north = session.execute(
        text(
            "SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box) FROM (SELECT ST_Extent(revision.geom) AS box"
            " FROM version_zone JOIN zone_revision revision ON revision.id = revision_id WHERE version_id = :version) extent"
        ),
        {"version": version_id},
    ).one()
    random = np.random.default_rng(seed)
    margin = 0.02 * max(east - west, north - south)
    return Points(
        random.uniform(west - margin, east + margin, count),
        random.uniform(south - margin, north + margin, count),
    )


def border_points(session: Session, version_id: int, count: int, *, seed: int) -> Points:
    """Corners of zones, and points on the segments between them, half and half; chosen by PostGIS from stored geometry."""
    rows = session.execute(
        text(
            """
            WITH corner AS (
                SELECT revision.id, dump.path, dump.geom AS point,
                       lead(dump.geom) OVER (PARTITION BY revision.id, dump.path[1], dump.path[2] ORDER BY dump.path[3]) AS next
                FROM version_zone JOIN zone_revision revision ON revision.id = revision_id,
                     LATERAL ST_DumpPoints(revision.geom) dump
                WHERE version_id = :version
            )
            SELECT ST_X(point) AS x, ST_Y(point) AS y, ST_X(next) AS next_x, ST_Y(next) AS next_y
            FROM corner WHERE next IS NOT NULL
            ORDER BY md5(:seed || id::text || path::text) LIMIT :count
            """
        ),
        {"version": version_id, "seed": str(seed), "count": count},
    ).all()
    along = np.random.default_rng(seed).uniform(0, 1, len(rows))
    along[::2] = 0.0
    lons = np.array([row.x + t * (row.next_x - row.x) for row, t in zip(rows, along, strict=True)])
    lats = np.array([row.y + t * (row.next_y - row.y) for row, t in zip(rows, along, strict=True)])
    return Points(lons, lats)


def zones_at(session: Session, version_id: int, points: Points) -> Pairs:
    """(point number, zone id) for every zone within the border tolerance of a point, by ST_DWithin."""
    session.execute(
        text("CREATE TEMP TABLE IF NOT EXISTS asked (number int, point geometry(Point, 4326)) ON COMMIT DROP")
    )
    session.execute(text("TRUNCATE asked"))
    session.execute(
        text(
            "INSERT INTO asked SELECT number - 1, ST_SetSRID(ST_MakePoint(lon, lat), 4326)"
            " FROM unnest(CAST(:lons AS float8[]), CAST(:lats AS float8[])) WITH ORDINALITY AS given(lon, lat, number)"
        ),
        {"lons": points.lons.tolist(), "lats": points.lats.tolist()},
    )
    session.execute(text("CREATE INDEX IF NOT EXISTS asked_point ON asked USING gist (point)"))
    session.execute(text("ANALYZE asked"))
    # Zones in the outer loop: one index search over the points for each zone.
    rows = session.execute(
        text(
            """
            SELECT asked.number, zone.zone_id
            FROM (SELECT version_zone.zone_id, revision.geom FROM version_zone
                  JOIN zone_revision revision ON revision.id = revision_id WHERE version_id = :version OFFSET 0) zone
            JOIN asked ON asked.point && ST_Expand(zone.geom, :tolerance) AND ST_DWithin(zone.geom, asked.point, :tolerance)
            """
        ),
        {"version": version_id, "tolerance": TOLERANCE_DEG},
    ).all()
    return {(row.number, row.zone_id) for row in rows}
