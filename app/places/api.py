"""Search for places."""

from __future__ import annotations

from flask import Blueprint, Response

from app import params
from app.http import json_response
from app.places import service
from app.security import limiter, read_limit

places_api = Blueprint("places_api", __name__, url_prefix="/api/v1")


@places_api.get("/search")
@limiter.limit(read_limit)
def search() -> Response:
    """Kelurahan, RT, street, landmark, parcel, coordinates, pasted map link; nothing found is an empty list."""
    return json_response(service.search(params.optional_text("q", maximum=2000) or ""))
