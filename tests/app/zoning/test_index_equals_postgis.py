"""Every answer of the index equals PostGIS on the same stored zones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
import shapely
from flask import Flask
from sqlalchemy import text

from app import create_app
from app.database import db
from app.operations.bootstrap import connect, with_database
from app.zoning import service
from app.zoning.snapshot import Snapshot
from tests.app.zoning.postgis_truth import Pairs, Points, border_points, random_points, zones_at
from tests.conftest import make_settings


def index_pairs(snapshot: Snapshot, points: Points) -> Pairs:
    """What the index says, as (point number, zone id); asked one by one and all at once, which must agree."""
    numbers, positions = snapshot.index.locate_many(points.lons, points.lats)
    at_once = {(int(n), snapshot.zones[p].zone_id) for n, p in zip(numbers, positions, strict=True)}
    one_by_one = {
        (number, snapshot.zones[position].zone_id)
        for number, (lon, lat) in enumerate(zip(points.lons.tolist(), points.lats.tolist(), strict=True))
        for position in snapshot.index.locate(lon, lat).zones
    }
    assert at_once == one_by_one
    return at_once


def versions_of_sample(app: Flask) -> list[int]:
    with app.app_context():
        return [entry.version_id for timeline in service.registry().timelines() for entry in timeline.versions]


@pytest.mark.parametrize("which", [0, 1])
def test_random_points_have_the_zones_that_postgis_finds(sample_app: Flask, which: int) -> None:
    version_id = versions_of_sample(sample_app)[which]
    with sample_app.app_context():
        points = random_points(db.session(), version_id, 10_000, seed=20 + which)
        expected = zones_at(db.session(), version_id, points)
        assert index_pairs(service.snapshot_of(version_id), points) == expected
        assert len(expected) > 2_000


def test_border_points_have_all_the_zones_that_postgis_finds(sample_app: Flask) -> None:
    version_id = versions_of_sample(sample_app)[0]
    with sample_app.app_context():
        points = border_points(db.session(), version_id, 2_000, seed=7)
        expected = zones_at(db.session(), version_id, points)
        assert index_pairs(service.snapshot_of(version_id), points) == expected
    zones_per_point = Counter(Counter(number for number, _zone in expected).values())
    assert sum(count for zones, count in zones_per_point.items() if zones >= 2) >= 1_000
    assert sum(count for zones, count in zones_per_point.items() if zones >= 3) >= 100


def test_a_broken_stored_zone_is_noticed(
    admin_url: str, new_database: Callable[..., str], sample_template: str
) -> None:
    """The comparison can fail: a zone moved by 20 m behind the index's back makes the two differ."""
    database = new_database("broken", sample_template)
    application = create_app(make_settings(admin_url, database))
    with application.app_context():
        version_id = service.registry().timelines()[0].versions[0].version_id
        snapshot = service.snapshot_of(version_id)
        points = border_points(db.session(), version_id, 2_000, seed=7)
        assert index_pairs(snapshot, points) == zones_at(db.session(), version_id, points)
        _numbers, positions = snapshot.index.locate_many(points.lons, points.lats)
        busiest = snapshot.zones[int(np.bincount(positions).argmax())].revision_id
        db.session.rollback()
        with connect(with_database(admin_url, database), autocommit=True) as server:
            server.execute("ALTER TABLE zone_revision DISABLE TRIGGER ALL")
            server.execute("UPDATE zone_revision SET geom = ST_Translate(geom, 0.0002, 0) WHERE id = %s", [busiest])
        assert index_pairs(snapshot, points) != zones_at(db.session(), version_id, points)
        db.session.remove()
        db.engine.dispose()


def test_distances_to_borders_equal_postgis(sample_app: Flask) -> None:
    """near_border: the distance to each neighbour, in metres of the plan's CRS, as PostGIS measures it."""
    with sample_app.app_context():
        timeline = service.registry().timelines()[0]
        snapshot = service.snapshot_of(timeline.versions[0].version_id)
        points = border_points(db.session(), timeline.versions[0].version_id, 200, seed=3)
        random = np.random.default_rng(5)
        compared = 0
        for lon, lat in zip(points.lons, points.lats, strict=True):
            asked = (float(lon + random.normal(0, 1e-4)), float(lat + random.normal(0, 1e-4)))
            found = snapshot.index.locate(*asked, asker_accuracy_m=15)
            for neighbour in found.neighbours:
                expected = db.session.execute(
                    text(
                        "SELECT ST_Distance(ST_Transform(geom, :lonlat, :metric),"
                        " ST_Transform(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :lonlat, :metric))"
                        " FROM zone_revision WHERE id = :revision"
                    ),
                    {
                        "lonlat": "+proj=longlat +ellps=GRS80 +no_defs",
                        "metric": timeline.metric.proj,
                        "lon": asked[0],
                        "lat": asked[1],
                        "revision": snapshot.zones[neighbour.position].revision_id,
                    },
                ).scalar_one()
                assert neighbour.distance_m == pytest.approx(expected, abs=1e-4)
                compared += 1
    assert compared >= 100


def test_shares_add_up_and_equal_postgis(sample_app: Flask) -> None:
    """Parcels that cross zone borders: the area in each zone, within 0.01 m2."""
    with sample_app.app_context():
        timeline = service.registry().timelines()[0]
        version_id = timeline.versions[0].version_id
        snapshot = service.snapshot_of(version_id)
        rows = db.session.execute(
            text(
                """
                WITH crossing AS (
                    SELECT parcel.id, parcel.geom, ST_AsBinary(parcel.geom) AS wkb FROM parcel
                    WHERE (SELECT count(*) FROM version_zone JOIN zone_revision revision ON revision.id = revision_id
                           WHERE version_id = :version AND ST_Intersects(revision.geom, parcel.geom)) > 1
                    ORDER BY parcel.id LIMIT 60
                )
                SELECT crossing.id, wkb, ST_Area(ST_Transform(crossing.geom, :lonlat, :metric)) AS total,
                       array_agg(version_zone.zone_id) AS zones,
                       array_agg(ST_Area(ST_Intersection(ST_Transform(revision.geom, :lonlat, :metric),
                                                        ST_Transform(crossing.geom, :lonlat, :metric)))) AS areas
                FROM crossing JOIN zone_revision revision ON ST_Intersects(revision.geom, crossing.geom)
                JOIN version_zone ON version_zone.revision_id = revision.id AND version_id = :version
                GROUP BY crossing.id, wkb, crossing.geom
                """
            ),
            {
                "version": version_id,
                "lonlat": "+proj=longlat +ellps=GRS80 +no_defs",
                "metric": timeline.metric.proj,
            },
        ).all()
        assert len(rows) == 60
        for row in rows:
            split = snapshot.index.shares(shapely.from_wkb(bytes(row.wkb)), sliver_m2=1.0)
            areas = {snapshot.zones[s.position].zone_id: s.area_m2 for s in (*split.shares, *split.touching)}
            assert set(areas) == set(row.zones)
            for zone_id, expected in zip(row.zones, row.areas, strict=True):
                assert areas[zone_id] == pytest.approx(expected, abs=0.01)
            assert sum(areas.values()) + split.outside_m2 - split.overlap_m2 == pytest.approx(row.total, abs=0.01)
            assert all(share.area_m2 >= 1.0 for share in split.shares)
            assert all(share.area_m2 < 1.0 for share in split.touching)
