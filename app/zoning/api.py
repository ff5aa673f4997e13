"""The zoning API: card of a point, shares of a polygon, parcels, uses, activities."""

from __future__ import annotations

from typing import Any

import orjson
import shapely
import shapely.errors
from flask import Blueprint, Response, request
from flask_babel import gettext
from shapely.geometry import shape

from app import params
from app.errors import Malformed, Unprocessable, UnsupportedMedia
from app.http import json_response
from app.places.service import ROAD_CLASSES
from app.security import csrf, limiter, read_limit, write_limit
from app.zoning import service
from app.zoning.finding import Question

zoning_api = Blueprint("zoning_api", __name__, url_prefix="/api/v1")
_PLACE = {"lon", "lat"}
_GEOJSON_TYPES = ("application/geo+json", "application/json", "application/vnd.geo+json")


def question() -> Question:
    """The question that the query string asks."""
    if request.args.keys() <= _PLACE:
        # Nearly every request: the rest need not be looked for.
        return Question(params.number("lon"), params.number("lat"))
    return Question(
        lon=params.number("lon"),
        lat=params.number("lat"),
        on=params.optional_date("on"),
        accuracy_m=params.accuracy(),
        activity=params.optional_text("activity", maximum=100),
        road_class=params.optional_choice("road_class", ROAD_CLASSES),
        lot_m2=params.optional_number("lot_m2", minimum=0, maximum=1e9),
        plan=params.optional_text("plan", maximum=40),
    )


@zoning_api.get("/zoning")
@limiter.limit(read_limit)
def point() -> Response:
    """The zoning card of a point."""
    return json_response(service.card_bytes(question()))


@zoning_api.post("/zoning")
@csrf.exempt
@limiter.limit(write_limit)
def polygon() -> Response:
    """The shares of a polygon by zone, with all areas adding up to the polygon's."""
    answer = service.polygon_shares(
        _polygon(), on=params.optional_date("on"), plan=params.optional_text("plan", maximum=40)
    )
    return json_response(answer)


@zoning_api.get("/parcels/<nib>")
@limiter.limit(read_limit)
def parcel(nib: str) -> Response:
    """A parcel by its NIB tanah, its shares and its card."""
    return json_response(service.parcel_card(nib, on=params.optional_date("on")))


@zoning_api.get("/plans/<code>/versions/<int:seq>/subzones/<subzone>/uses")
@limiter.limit(read_limit)
def uses(code: str, seq: int, subzone: str) -> Response:
    """All activities of a sub-zone with verdict and conditions."""
    return json_response(service.uses(code, seq, subzone))


@zoning_api.get("/activities")
@limiter.limit(read_limit)
def activities() -> Response:
    """Activities by plain word, synonym, typo or code."""
    q = params.optional_text("q", maximum=100) or ""
    found = service.activities(q, plan=params.optional_text("plan", maximum=40), on=params.optional_date("on"))
    return json_response({"results": found})


def _polygon() -> shapely.Geometry:
    """The polygon of the body: a GeoJSON geometry or Feature."""
    if request.mimetype not in _GEOJSON_TYPES:
        raise UnsupportedMedia(
            gettext(
                "Send the polygon as application/geo+json, not %(type)s.",
                type=request.mimetype or gettext("nothing"),
            )
        )
    try:
        body: Any = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise Malformed(
            gettext("The body is not JSON: %(reason)s.", reason=str(error)),
            hint=gettext("JSON has no NaN or Infinity, and no comma after the last value."),
        ) from None
    geometry = body.get("geometry") if isinstance(body, dict) and body.get("type") == "Feature" else body
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        found = geometry.get("type") if isinstance(geometry, dict) else type(geometry).__name__
        raise Unprocessable(
            gettext(
                "A Polygon or MultiPolygon is needed, or a Feature of one; this is: %(found)s.",
                found=str(found)[:40],
            )
        )
    try:
        return shapely.force_2d(shape(geometry))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError):
        raise Unprocessable(
            gettext("The coordinates of the polygon cannot be read."),
            hint=gettext(
                "A ring is a list of [longitude, latitude] pairs; it has at least four, the last equal to the first."
            ),
        ) from None
