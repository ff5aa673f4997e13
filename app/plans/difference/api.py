"""Differences and histories over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from flask_babel import gettext

from app import params
from app.accounts.identity import current_actor
from app.accounts.roles import Actor
from app.errors import NotFound
from app.http import json_response
from app.plans.difference import history, service
from app.plans.difference.answer import answer
from app.security import limiter, read_limit

difference_api = Blueprint("difference_api", __name__, url_prefix="/api/v1")
_LARGEST = 2**62


@difference_api.get("/plans/<code>/diff")
@limiter.limit(read_limit)
def diff(code: str) -> Response:
    """What differs between two versions of a plan."""
    actor = current_actor()
    comparison = service.compare(
        actor, code, params.optional_text("from", maximum=10), params.optional_text("to", maximum=10)
    )
    geometry = params.optional_choice("geometry", ("true", "false")) != "false"
    return _answered(answer(comparison, geometry=geometry, parcels=service.sees_parcels(actor)), actor)


@difference_api.get("/plans/<code>/zones/<int:zone_id>")
@limiter.limit(read_limit)
def zone(code: str, zone_id: int) -> Response:
    """One zone in every version of its plan."""
    actor = current_actor()
    geometry = params.optional_choice("geometry", ("true", "false")) != "false"
    found = history.zone_history(actor, code, number_of_zone(zone_id))
    return _answered(found.as_json(geometry=geometry), actor)


@difference_api.get("/zoning/history")
@limiter.limit(read_limit)
def point() -> Response:
    """What held a point in every version of every plan."""
    actor = current_actor()
    lon, lat = place()
    found = history.point_history(actor, lon, lat)
    plans = [item.as_json() for item in found]
    return _answered({"query": {"lon": lon, "lat": lat}, "plans": plans}, actor)


def number_of_zone(zone_id: int) -> int:
    """A zone's number that the database can hold; raises NotFound for others."""
    if zone_id > _LARGEST:
        raise NotFound(
            gettext("No version of this plan has a zone with the number %(zone)s.", zone=zone_id), field="zone_id"
        )
    return zone_id


def place() -> tuple[float, float]:
    """The point asked about. Raises Malformed and Unprocessable with the parameter that is missing or cannot be."""
    lon, lat = params.number("lon"), params.number("lat")
    params.optional_number("lon", minimum=-180, maximum=180)
    params.optional_number("lat", minimum=-90, maximum=90)
    return lon, lat


def _answered(content: Any, actor: Actor) -> Response:
    response = json_response(content)
    if actor.is_signed_in:
        # What only some may see stays out of every cache.
        response.headers["Cache-Control"] = "no-store"
    return response
