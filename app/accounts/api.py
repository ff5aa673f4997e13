"""``/api/v1/account``: who is asking, for programs that run in a signed-in browser."""

from __future__ import annotations

from flask import Blueprint, Response
from flask_wtf.csrf import generate_csrf

from app.accounts.identity import current_actor
from app.accounts.roles import ROLES
from app.http import json_response
from app.security import limiter, read_limit

accounts_api = Blueprint("accounts_api", __name__, url_prefix="/api/v1")


@accounts_api.get("/account")
@limiter.limit(read_limit)
def whoami() -> Response:
    """Who is signed in, with the token that writing calls carry in the header X-CSRFToken."""
    actor = current_actor()
    body = {
        "signed_in": actor.is_signed_in,
        "display_name": actor.display_name if actor.is_signed_in else None,
        "roles": [role for role in ROLES if role in actor.roles],
        "csrf_token": generate_csrf() if actor.is_signed_in else None,
    }
    response = json_response(body)
    response.headers["Cache-Control"] = "no-store"
    return response
