"""The API's description: the OpenAPI document for programs, and the same as a page for people."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from app.errors import RuangError
from app.http import json_response
from app.places import service as places
from app.runtime import runtime
from app.schemas import document as documents
from app.schemas import listing
from app.schemas.document import Call, component_schemas
from app.schemas.operations import TAGS
from app.schemas.parameters import ACTIVITY
from app.security import limiter, read_limit
from app.zoning import service as zoning

openapi = Blueprint("openapi", __name__, url_prefix="/api/v1")
_EXAMPLE_ZOOM = 15
# Half the side of the example polygon, in degrees: about 55 m.
_HALF_SIDE_DEG = 0.0005


@openapi.get("/openapi.json")
@limiter.limit(read_limit)
def document() -> Response:
    """This description as an OpenAPI 3.1 document, in English."""
    title = f"Ruang {runtime().city.city.name_short}"
    return json_response(documents.build(current_app, runtime().settings, title=title, examples=examples()))


@openapi.get("/")
@limiter.limit(read_limit)
def page() -> ResponseReturnValue:
    """Every call with its parameters, examples that work, and the shape of its answer, as a page."""
    values = examples()
    listed = list(documents.calls(current_app))
    return render_template(
        "openapi/page.html",
        groups=[(tag, text, [call for call in listed if call.operation.tag == tag]) for tag, text in TAGS.items()],
        schemas=[(name, schema, listing.members(schema)) for name, schema in component_schemas().items()],
        settings=runtime().settings,
        type_of=listing.type_of,
        example_links=lambda call: list(example_links(call, values)),
        polygon=values.get("polygon"),
    )


def examples() -> dict[str, Any]:
    """Values for the parameters that work on the data loaded now: those of the city's centre.

    Without a published plan only what needs none is there. No parcel of a real city is ever given as an example.
    """
    lon, lat = runtime().city.city.centre
    found: dict[str, Any] = {"lon": lon, "lat": lat, "place": f"{lat}, {lon}"}
    try:
        card = zoning.card(lon, lat)
    except RuangError:
        return found
    plan = card["plan"]
    found |= {"code": plan["code"], "seq": plan["version"], "version_id": plan["version_id"], "layer": "zones"}
    found |= _tile_at(lon, lat)
    found["polygon"] = _square(lon, lat)
    if card["zones"]:
        found["subzone"] = card["zones"][0]["subzone"]["code"]
        found["zone_id"] = card["zones"][0]["zone_id"]
    if card["place"] and card["place"]["kelurahan"]:
        found["place"] = card["place"]["kelurahan"]
    snapshot = zoning.snapshot_of(plan["version_id"])
    if snapshot.content.activities:
        activity = snapshot.content.activities[0]
        found |= {"activity": activity.activity_id, "activity_word": activity.title}
    if plan["sample"]:
        nib = places.first_nib()
        found |= {"nib": nib} if nib else {}
    return found


def example_links(call: Call, values: dict[str, Any]) -> Iterator[str]:
    """Addresses of a GET call that answer everyone on the data loaded now, without and with the optional parameters."""
    if call.method != "GET" or call.operation.roles:
        return
    required = [item for item in call.operation.parameters if item.required]
    if any(item.example is None or item.example not in values for item in required):
        return
    needed = {item.name: values[item.example] for item in required if item.example}
    # A call that takes no point is of little use without its words.
    words = {
        item.name: values[item.example]
        for item in call.operation.parameters
        if item.example in values and not item.required and item is not ACTIVITY
    }
    yield url_for(call.endpoint, **needed, **words)
    if ACTIVITY in call.operation.parameters and ACTIVITY.example in values:
        yield url_for(call.endpoint, **needed, activity=values[ACTIVITY.example])


def _tile_at(lon: float, lat: float) -> dict[str, int]:
    """The tile of the web map (EPSG:3857) that holds a point."""
    count = 2**_EXAMPLE_ZOOM
    x = int((lon + 180) / 360 * count)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * count)
    return {"z": _EXAMPLE_ZOOM, "x": x, "y": y}


def _square(lon: float, lat: float) -> dict[str, Any]:
    west, east = round(lon - _HALF_SIDE_DEG, 7), round(lon + _HALF_SIDE_DEG, 7)
    south, north = round(lat - _HALF_SIDE_DEG, 7), round(lat + _HALF_SIDE_DEG, 7)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}
