"""Fixtures for the spatial library; real input comes from the root's ``real_data``."""

from __future__ import annotations

import pytest
from hypothesis import settings

from gis.crs import MetricCrs

# The same examples on every run and every machine; time limits belong to benchmarks.
settings.register_profile("gis", derandomize=True, deadline=None, max_examples=60)
settings.load_profile("gis")


@pytest.fixture(scope="session")
def utm50n() -> MetricCrs:
    """UTM 50 north, as on the north-east of Borneo."""
    return MetricCrs(50, south=False)
