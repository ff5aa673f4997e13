"""A question about a point, and what was found for it, before it is written out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.places.service import Territory
from app.zoning.snapshot import Snapshot
from gis.zoning_index import Location


@dataclass(frozen=True)
class Question:
    """A point, a day, and what is asked about it. plan: code, or None for the plan that rules there."""

    lon: float
    lat: float
    on: dt.date | None = None
    accuracy_m: float = 0.0
    activity: str | None = None
    road_class: str | None = None
    lot_m2: float | None = None
    plan: str | None = None


@dataclass(frozen=True)
class Finding:
    """What was found for a question, before it is written out."""

    question: Question
    day: dt.date
    status: str
    snapshot: Snapshot
    location: Location
    territory: Territory | None
