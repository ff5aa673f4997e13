"""The answer of every error: a problem document (RFC 9457)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import Field

from app.schemas.base import N_, Answer


class Problem(Answer):
    """What was wrong, where, and how to mend it. Sent as application/problem+json."""

    type: str = Field(description=N_("Address of the page that explains this kind of error."))
    title: str = Field(description=N_("The kind of error in words."))
    status: int = Field(ge=400, le=599, description=N_("The HTTP status."))
    detail: str = Field(description=N_("What was wrong with this request."))
    field: str | None = Field(description=N_("The parameter that was wrong, where it is one."))
    limit: float | str | None = Field(description=N_("The limit that was passed, where there is one."))
    hint: str | None = Field(description=N_("What to do about it."))
    code: str | None = Field(None, description=N_("A stable word for a fault of a geometry or file."))
    place: list[float] | None = Field(None, description=N_("Where, as longitude and latitude, where it has a place."))
    zones: list[int] | None = Field(None, description=N_("The zones concerned."))
    faults: list[dict[str, Any]] | None = Field(
        None,
        description=N_("Every place where the zones would be no coverage: code, detail, lon, lat, zones, geometry."),
    )
    conflicts: list[dict[str, Any]] | None = Field(
        None,
        description=N_("Zones that two people changed differently: zone_id, and base, mine and theirs as GeoJSON."),
    )
    first_date: dt.date | None = Field(None, description=N_("The first day that can be asked about."))
