"""The refusal of an edit: why, where, and which zones."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import shapely

from gis.errors import GisError


@dataclass(frozen=True)
class Fault:
    """One place where the result would be no coverage.

    code: as in ``gis.errors.TEXTS``. lon, lat: degrees. zones: those concerned, ascending. geometry: the land or
    edge, lon/lat, EPSG:4326.
    """

    code: str
    lon: float
    lat: float
    zones: tuple[int, ...]
    geometry: shapely.Geometry


class EditError(GisError):
    """An edit that is refused; nothing has changed.

    lon, lat: where, in degrees, None where it has no place. zones: those concerned. faults: every place, where an
    outline was checked; the error speaks of the first.
    """

    def __init__(
        self,
        code: str,
        /,
        *,
        place: tuple[float, float] | None = None,
        zones: Iterable[int] = (),
        faults: tuple[Fault, ...] = (),
        **params: object,
    ) -> None:
        self.zones = tuple(zones)
        self.faults = faults
        known = place if place is not None and all(map(math.isfinite, place)) else None
        self.lon: float | None = None if known is None else known[0]
        self.lat: float | None = None if known is None else known[1]
        super().__init__(
            code,
            lon=math.nan if self.lon is None else self.lon,
            lat=math.nan if self.lat is None else self.lat,
            zones=", ".join(map(str, self.zones)),
            **params,
        )

    @classmethod
    def of(cls, faults: Iterable[Fault]) -> EditError:
        """The refusal for faults, of which there is at least one."""
        found = tuple(faults)
        first = found[0]
        return cls(first.code, place=(first.lon, first.lat), zones=first.zones, faults=found)
