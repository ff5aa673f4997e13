"""``/api/v1/jobs``: how far a job is, and stopping it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Response

from app.accounts.identity import current_actor
from app.http import json_response
from app.jobs import service
from app.jobs.service import JobView
from app.security import limiter, read_limit, write_limit

jobs_api = Blueprint("jobs_api", __name__, url_prefix="/api/v1/jobs")


@jobs_api.get("/<uuid:job_id>")
@limiter.limit(read_limit)
def job(job_id: uuid.UUID) -> Response:
    """How far a job is, and what came of it."""
    return _answer(service.status(current_actor(), job_id))


@jobs_api.post("/<uuid:job_id>/cancel")
@limiter.limit(write_limit)
def cancel(job_id: uuid.UUID) -> Response:
    """Stop a job; nothing of it is kept."""
    return _answer(service.cancel(current_actor(), job_id))


def _answer(view: JobView) -> Response:
    body: dict[str, Any] = {
        "id": view.id,
        "kind": view.kind,
        "title": view.title,
        "state": view.state,
        "progress": view.progress,
        "step": view.step,
        "cancel_requested": view.cancel_requested,
        "result": view.result,
        "error": view.error,
        "page": view.page,
        "created_at": view.created_at,
        "started_at": view.started_at,
        "finished_at": view.finished_at,
    }
    response = json_response(body)
    response.headers["Cache-Control"] = "no-store"
    return response
