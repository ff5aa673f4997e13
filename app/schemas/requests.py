"""The GeoJSON (RFC 7946) that may be sent in. Members that are not named here are allowed and not read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from app.schemas.base import N_

Position = Annotated[
    list[float],
    Field(
        min_length=2, max_length=3, description=N_("Longitude, latitude in degrees, EPSG:4326; a height is not read.")
    ),
]
Ring = Annotated[list[Position], Field(min_length=4, description=N_("The last position equals the first."))]


class _GeoJson(BaseModel):
    model_config = ConfigDict(extra="allow")


class PolygonIn(_GeoJson):
    """A GeoJSON Polygon."""

    type: Literal["Polygon"]
    coordinates: Annotated[list[Ring], Field(min_length=1)]


class MultiPolygonIn(_GeoJson):
    """A GeoJSON MultiPolygon."""

    type: Literal["MultiPolygon"]
    coordinates: Annotated[list[Annotated[list[Ring], Field(min_length=1)]], Field(min_length=1)]


class FeatureIn(_GeoJson):
    """A GeoJSON Feature of a Polygon or MultiPolygon; its properties are not read."""

    type: Literal["Feature"]
    geometry: Annotated[PolygonIn | MultiPolygonIn, Field(discriminator="type")]
    properties: dict[str, Any] | None = None


class PolygonBody(RootModel[Annotated[PolygonIn | MultiPolygonIn | FeatureIn, Field(discriminator="type")]]):
    """A polygon on the earth: a geometry, or a Feature of one."""
