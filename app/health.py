"""``/healthz``: the process is alive. ``/readyz``: database and published plan are loaded."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.database import OWNER_ROLE, db
from app.http import json_response
from app.zoning import service as zoning

health = Blueprint("health", __name__)
_ALIVE = b'{"status":"ok"}'


@health.get("/healthz")
def healthz() -> Response:
    """Static: answers as long as the process does."""
    return json_response(_ALIVE)


@health.get("/readyz")
def readyz() -> Response:
    """503 until the database answers and a published version is loaded; says when one role serves and owns."""
    try:
        owner = db.session.execute(
            text(
                "SELECT pg_has_role(current_user, relowner, 'MEMBER') FROM pg_class WHERE oid = 'plan_version'::regclass"
            )
        ).scalar_one()
    except SQLAlchemyError:
        db.session.rollback()
        return json_response({"database": "unreachable", "version_id": None}, status=503)
    version_id = zoning.loaded_version_id()
    notes = (
        [f"one role serves and owns the tables: only triggers protect published plans; see {OWNER_ROLE}"]
        if owner
        else []
    )
    body = {"database": "ok", "version_id": version_id, "notes": notes}
    return json_response(body, status=200 if version_id is not None else 503)
