"""What is measured inside one process: the index of a version, without Flask and without HTTP."""

from __future__ import annotations

import time
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from app.plans import service as plans
from app.runtime import runtime
from app.zoning.snapshot import Snapshot
from gis.zoning_index import ZoningIndex

Points = npt.NDArray[np.float64]
_SEED = 117


@dataclass(frozen=True)
class Loaded:
    """The version in force, built here. Seconds: of the index alone, and of reading and building everything."""

    snapshot: Snapshot
    index_s: float
    total_s: float


def load_version() -> Loaded:
    """Read what is in force today for the first plan and build its index, timed. Needs an application context."""
    started = time.perf_counter()
    timeline = plans.timelines()[0]
    entry = timeline.on(runtime().city.today())
    assert entry is not None
    tolerance = runtime().settings.border_tolerance_deg
    snapshot = Snapshot(timeline, entry, plans.content(entry.version_id), tolerance_deg=tolerance)
    total_s = time.perf_counter() - started
    started = time.perf_counter()
    ZoningIndex(snapshot.index.geometries, timeline.metric, accuracy_m=timeline.accuracy_m, tolerance_deg=tolerance)
    return Loaded(snapshot, time.perf_counter() - started, total_s)


def points_within(index: ZoningIndex, count: int) -> Points:
    """Random points that lie in a zone: shape (count, 2), lon/lat. Rounded to 1e-7 degree, as devices give them."""
    random = np.random.default_rng(_SEED)
    west, south, east, north = index.bounds
    kept: list[Points] = []
    while sum(map(len, kept)) < count:
        tried = np.round(random.uniform((west, south), (east, north), (count, 2)), 7)
        inside, _ = index.locate_many(tried[:, 0], tried[:, 1])
        kept.append(tried[np.unique(inside)])
    return np.concatenate(kept)[:count]


def one_point_us(index: ZoningIndex, points: Points) -> float:
    """Microseconds for one point, the mean over many."""
    pairs = points.tolist()
    started = time.perf_counter()
    for lon, lat in pairs:
        index.locate(lon, lat)
    return (time.perf_counter() - started) / len(pairs) * 1e6


def many_s(index: ZoningIndex, points: Points) -> float:
    """Seconds for all points at once."""
    started = time.perf_counter()
    index.locate_many(points[:, 0], points[:, 1])
    return time.perf_counter() - started


def sjoin_s(index: ZoningIndex, points: Points) -> float:
    """Seconds that geopandas takes for the same points, its spatial index made beforehand."""
    zones = gpd.GeoDataFrame(geometry=index.geometries, crs="EPSG:4326")
    asked = gpd.GeoDataFrame(geometry=gpd.points_from_xy(points[:, 0], points[:, 1]), crs="EPSG:4326")
    zones.sindex  # noqa: B018 - made at first use
    started = time.perf_counter()
    gpd.sjoin(asked, zones, predicate="within")
    return time.perf_counter() - started
