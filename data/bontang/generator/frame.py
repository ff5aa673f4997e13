"""The plane in which the sample city is drawn, the rounding of its coordinates, and its dice.

Everything is drawn in metres (UTM zone 50 north on GRS80, as the city's plan) and stored in lon/lat, EPSG:4326,
rounded to 1e-8 degree (about 1 mm). Each part of the city has dice of its own, named, so that a change in one part
leaves the others as they are.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

Array = NDArray[np.float64]

SEED = 6474
GRID_DEG = 1e-8
METRIC_CRS = "+proj=utm +zone=50 +ellps=GRS80 +units=m +no_defs"
GEOGRAPHIC_CRS = "+proj=longlat +ellps=GRS80 +no_defs"
INPUTS = Path(__file__).resolve().parent.parent / "inputs"

_TO_METRES = Transformer.from_crs(GEOGRAPHIC_CRS, METRIC_CRS, always_xy=True)
_TO_DEGREES = Transformer.from_crs(METRIC_CRS, GEOGRAPHIC_CRS, always_xy=True)


def _transformed(transformer: Transformer) -> Callable[[Array], Array]:
    def apply(coordinates: Array) -> Array:
        x, y = transformer.transform(coordinates[:, 0], coordinates[:, 1])
        return np.column_stack([x, y])

    return apply


def metres(geometry: Any) -> Any:
    """Turn a geometry, or an array of them, from lon/lat into metres of METRIC_CRS."""
    return shapely.transform(geometry, _transformed(_TO_METRES))


def degrees(geometry: Any) -> Any:
    """Turn a geometry, or an array of them, from metres of METRIC_CRS into lon/lat, not rounded."""
    return shapely.transform(geometry, _transformed(_TO_DEGREES))


def rounded(geometry: Any) -> Any:
    """Round the coordinates of a lon/lat geometry, or of an array of them, to GRID_DEG."""
    return shapely.transform(geometry, lambda coordinates: np.round(coordinates, 8))


def points_m(lonlat: Any) -> Array:
    """Turn an (n, 2) list of lon/lat into an (n, 2) array of metres."""
    return _transformed(_TO_METRES)(np.asarray(lonlat, dtype=np.float64).reshape(-1, 2))


def dice(name: str) -> np.random.Generator:
    """Return the random generator of one named part of the city, always the same."""
    return np.random.default_rng([SEED, zlib.crc32(name.encode())])
