"""Plans and their published versions."""

from __future__ import annotations

from flask import Blueprint, Response

from app.http import json_response
from app.plans import service
from app.security import limiter, read_limit

plans_api = Blueprint("plans_api", __name__, url_prefix="/api/v1", template_folder="templates")


@plans_api.get("/plans")
@limiter.limit(read_limit)
def plans() -> Response:
    """Plans with a published version."""
    return json_response({"results": service.public_plans()})


@plans_api.get("/plans/<code>/versions")
@limiter.limit(read_limit)
def versions(code: str) -> Response:
    """Published and withdrawn versions, newest first."""
    return json_response({"results": service.public_versions(code)})


@plans_api.get("/plans/<code>/versions/<int:seq>")
@limiter.limit(read_limit)
def version(code: str, seq: int) -> Response:
    """One version: what it is, its sub-zones with areas, its articles."""
    return json_response(service.public_version_detail(code, seq))
