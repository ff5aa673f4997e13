"""What all models share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


def N_(text: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """Mark a text for translation; it is looked up in the reader's language where it is shown."""
    return text


class Answer(BaseModel):
    """Part of an answer. Every member is always there; what is not known or not stated is null."""

    model_config = ConfigDict(extra="forbid")


Colour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$", description=N_("Colour as #rrggbb."))]
Longitude = Annotated[float, Field(ge=-180, le=180, description=N_("Longitude in degrees, EPSG:4326."))]
Latitude = Annotated[float, Field(ge=-90, le=90, description=N_("Latitude in degrees, EPSG:4326."))]
AreaM2 = Annotated[float, Field(ge=0, description=N_("Square metres in the plan's metric plane (UTM on GRS80)."))]
DistanceM = Annotated[float, Field(ge=0, description=N_("Metres in the plan's metric plane."))]
Bounds = Annotated[
    list[float],
    Field(min_length=4, max_length=4, description=N_("West, south, east, north in degrees, EPSG:4326.")),
]
