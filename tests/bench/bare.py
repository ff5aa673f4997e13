"""The least that Flask can do: one route, no extension. What ``/healthz`` is measured against."""

from __future__ import annotations

from flask import Flask, Response

application = Flask(__name__)


@application.get("/healthz")
def healthz() -> Response:
    """The same body as the platform's own ``/healthz``."""
    return Response(b'{"status":"ok"}', content_type="application/json")
