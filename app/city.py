"""The city profile: what differs between one city and the next, read from ``city.toml``.

Nothing outside the profile's folder names a city, its codes, its CRS, its time zone or its agencies.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from gis.crs import MetricCrs

Bounds = tuple[float, float, float, float]


class _Profile(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class PlanProfile(_Profile):
    """One plan of the city. region: west, south, east, north in EPSG:4326; accuracy_m: how exact the drawing is."""

    code: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    name: str
    kind: Literal["rdtr", "rtrw", "other"] = "rdtr"
    utm_zone: int = Field(ge=1, le=60)
    hemisphere: Literal["N", "S"]
    scale: int = Field(gt=0)
    accuracy_m: float = Field(ge=0)
    sample: bool = False
    region: Bounds
    priority: int = 1

    @property
    def metric_crs(self) -> MetricCrs:
        """The plane in which this plan is measured."""
        return MetricCrs(self.utm_zone, self.hemisphere == "S")


class SampleVersion(_Profile):
    """One version of a sample plan: files named relative to the generator's output and the city's folder."""

    plan: str
    zones: str
    rules: str
    legal_reference: str
    valid_from: dt.date


class Sample(_Profile):
    """How the sample data of the city is made: a module that is run with the folder to write to."""

    generator: str
    versions: list[SampleVersion] = []


class CityCore(_Profile):
    """Names and codes. code is Kemendagri's, bps_code the statistics office's: never derived from each other."""

    code: str
    bps_code: str
    name: str
    name_short: str
    province: str
    time_zone: str
    bounds: Bounds
    centre: tuple[float, float]
    default_zoom: float = 12
    languages: list[str] = ["id", "en"]
    slogan: str | None = None


class CityProfile(_Profile):
    """The whole of ``city.toml``."""

    city: CityCore
    plans: list[PlanProfile] = []
    brand: dict[str, Any] = {}
    emergency: Any = None
    agencies: list[dict[str, Any]] = []
    holidays: list[Any] = []
    sample: Sample | None = None
    # Activities that the summary of an answer names, by activity_id, most asked first.
    everyday_activities: list[str] = []
    folder: Path

    @cached_property
    def time_zone(self) -> ZoneInfo:
        """The city's civil time, for people; the database keeps UTC."""
        return ZoneInfo(self.city.time_zone)

    def today(self) -> dt.date:
        """The date it is in the city."""
        return dt.datetime.now(self.time_zone).date()

    def plan(self, code: str) -> PlanProfile | None:
        """The plan of this code as the profile declares it, or None."""
        return next((plan for plan in self.plans if plan.code == code), None)


def load_city(folder: Path) -> CityProfile:
    """Read ``city.toml`` in the folder.

    Raises FileNotFoundError where there is none and pydantic.ValidationError where a key is missing or wrong.
    """
    with (folder / "city.toml").open("rb") as file:
        return CityProfile.model_validate({**tomllib.load(file), "folder": folder})
