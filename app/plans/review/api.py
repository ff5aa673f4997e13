"""Public hearings over HTTP, for everybody: which there are, what was said, and the draft as vector tiles."""

from __future__ import annotations

import gzip
from typing import Any

from flask import Blueprint, Response
from flask_babel import gettext

from app.errors import Unprocessable
from app.http import json_response
from app.plans.review import hearings
from app.plans.review.hearings import Opened
from app.security import limiter, read_limit

hearings_api = Blueprint("hearings_api", __name__, url_prefix="/api/v1/plans/<code>/hearings")


@hearings_api.get("")
@limiter.limit(read_limit)
def listed(code: str) -> Response:
    """Hearings of a plan, newest first."""
    return json_response({"results": [_summary(found) for found in hearings.of_plan(code)]})


@hearings_api.get("/<int:hearing_id>/comments")
@limiter.limit(read_limit)
def comments(code: str, hearing_id: int) -> Response:
    """What people said in a hearing and what was answered, as GeoJSON; no name that was not shown on purpose."""
    found = hearings.opened(code, hearing_id)
    features = [
        {
            "type": "Feature",
            "id": remark.number,
            "geometry": remark.place,
            "properties": {
                "number": remark.number,
                "sent_at": remark.sent_at.isoformat(),
                "name": remark.name,
                "zone_id": remark.zone_id,
                "subzone_code": remark.subzone_code,
                "text": remark.text,
                "hidden_reason": remark.hidden_reason,
                "answers": [{"at": at.isoformat(), "text": words} for at, words in remark.answers],
            },
        }
        for remark in hearings.remarks(found)
    ]
    collection = {"type": "FeatureCollection", "hearing": _summary(found), "features": features}
    return json_response(collection, content_type="application/geo+json")


@hearings_api.get("/tiles/<int:version_id>/<int:z>/<int:x>/<int:y>.mvt")
@limiter.limit(read_limit)
def tile(code: str, version_id: int, z: int, x: int, y: int) -> Response:
    """A vector tile of a draft in a public hearing; it is not in force."""
    if z > 20 or x >= 2**z or y >= 2**z:
        raise Unprocessable(gettext("There is no tile %(z)s/%(x)s/%(y)s.", z=z, x=x, y=y))
    plain = hearings.tile(code, version_id, z, x, y)
    # Kept for minutes only: the draft is sealed while it is shown, but shown for fixed days.
    headers = {"Cache-Control": "public, max-age=300"}
    if not plain:
        return Response(status=204, headers=headers)
    return Response(
        gzip.compress(plain, 5, mtime=0),
        headers={**headers, "Content-Encoding": "gzip"},
        content_type="application/vnd.mapbox-vector-tile",
    )


def _summary(found: Opened) -> dict[str, Any]:
    hearing = found.hearing
    return {
        "id": hearing.id,
        "seq": found.version.seq,
        "version_id": found.version.id,
        "in_force": False,
        "phase": found.phase,
        "first_day": hearing.first_day.isoformat(),
        "last_day": hearing.last_day.isoformat(),
        "notice": hearing.notice,
        "cancelled_reason": hearing.cancelled_reason,
        "draft_is_visible": found.is_visible,
        "takes_comments": found.takes_comments,
    }
