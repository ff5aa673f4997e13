"""How wide a polygon from outside may be, checked before anything is computed with it."""

from __future__ import annotations

import numpy as np
import shapely

from gis.crs import MetricCrs
from gis.errors import LimitExceeded


def check_extent(polygon: shapely.Geometry, metric: MetricCrs, *, max_extent_m: float) -> None:
    """Refuse a polygon wider or higher than the limit.

    polygon: lon/lat, EPSG:4326. metric: the plane in which it is measured, in metres. Raises LimitExceeded.
    """
    west, south, east, north = shapely.bounds(polygon).tolist()
    x, y = metric.forward(np.array([west, east, west, east]), np.array([south, south, north, north]))
    extent = max(float(np.ptp(x)), float(np.ptp(y)))
    # Far outside the plane's zone the projection has no finite answer; that is too far as well.
    if not extent <= max_extent_m:
        raise LimitExceeded("too_wide", extent_km=round(extent / 1000, 1), limit_km=round(max_extent_m / 1000, 1))
