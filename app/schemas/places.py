"""Answers about places: search."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.schemas.base import N_, Answer, Bounds, Latitude, Longitude


class SearchHit(Answer):
    """One thing that the words may mean."""

    kind: Literal["coordinates", "parcel", "kelurahan", "kecamatan", "rt", "street", "landmark"]
    label: str
    lon: Longitude
    lat: Latitude
    bbox: Bounds
    id: str = Field(description=N_("For a parcel its NIB tanah, which /parcels takes; otherwise a name for this hit."))


class SearchNotice(Answer):
    """An explanation of a number or link that looks like something else."""

    code: Literal["short_link", "outside_region", "business_number", "unknown_parcel"]
    text: str


class SearchAnswer(Answer):
    """What was found, best first; nothing found is an empty list."""

    results: list[SearchHit]
    notice: SearchNotice | None
