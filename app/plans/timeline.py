"""Which version of which plan is in force on which day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from gis.crs import MetricCrs


@dataclass(frozen=True)
class Correction:
    """A correction notice on a public version: its day, what it concerns, what it says. The content stays as it is."""

    day: dt.date
    concerns: str
    text: str

    def as_json(self) -> dict[str, Any]:
        """The notice as the API shows it."""
        return {"date": self.day.isoformat(), "concerns": self.concerns, "text": self.text}


@dataclass(frozen=True)
class VersionEntry:
    """One public version. valid_to is the first day on which it is no longer in force, or None. summary: what changed
    and why. errata: oldest first."""

    version_id: int
    seq: int
    state: str
    legal_reference: str
    valid_from: dt.date
    valid_to: dt.date | None
    overlaps_m2: float
    gaps_m2: float
    withdrawal_reason: str | None
    extent: tuple[float, float, float, float] | None
    summary: str | None = None
    errata: tuple[Correction, ...] = ()

    def covers(self, on: dt.date) -> bool:
        """Whether the day lies in its validity."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)

    def as_json(self) -> dict[str, Any]:
        """The version as the API lists it."""
        return {
            "seq": self.seq,
            "version_id": self.version_id,
            "state": self.state,
            "legal_reference": self.legal_reference,
            "valid_from": self.valid_from.isoformat(),
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
            "withdrawal_reason": self.withdrawal_reason,
            "summary": self.summary,
            "errata": [erratum.as_json() for erratum in self.errata],
        }


@dataclass(frozen=True)
class HearingNotice:
    """A public hearing of a draft of a plan: first and last day, both included."""

    hearing_id: int
    first_day: dt.date
    last_day: dt.date


@dataclass(frozen=True)
class PlanTimeline:
    """A plan with its public versions, published ones first, newest first. hearing: the one that stands, if any."""

    plan_id: int
    code: str
    name: str
    kind: str
    scale: int
    accuracy_m: float
    sample: bool
    metric: MetricCrs
    region: tuple[float, float, float, float]
    versions: tuple[VersionEntry, ...]
    hearing: HearingNotice | None = None

    def hearing_on(self, day: dt.date) -> HearingNotice | None:
        """The public hearing that takes comments on a day."""
        hearing = self.hearing
        return hearing if hearing is not None and hearing.first_day <= day <= hearing.last_day else None

    def on(self, day: dt.date) -> VersionEntry | None:
        """The version in force on a day: a published one, else one that was withdrawn, else None."""
        return next((version for version in self.versions if version.covers(day)), None)

    def first_day(self) -> dt.date | None:
        """The first day on which any version was in force."""
        return min((version.valid_from for version in self.versions), default=None)

    def covers(self, lon: float, lat: float) -> bool:
        """Whether the point lies within the extent of any version."""
        return any(
            extent[0] <= lon <= extent[2] and extent[1] <= lat <= extent[3]
            for extent in (version.extent for version in self.versions)
            if extent is not None
        )

    def in_region(self, lon: float, lat: float) -> bool:
        """Whether the point lies in the region that the plan is about."""
        return self.region[0] <= lon <= self.region[2] and self.region[1] <= lat <= self.region[3]
