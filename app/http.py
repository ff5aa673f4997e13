"""Small helpers for HTTP responses and request parameters, shared by every API."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response


def json_bytes(value: Any) -> bytes:
    """Serialise with orjson: dates as ISO 8601, NaN refused by becoming null."""
    return orjson.dumps(value)


def json_response(value: Any, *, status: int = 200, content_type: str = "application/json") -> Response:
    """A JSON response; bytes are taken as already serialised."""
    body = value if isinstance(value, bytes) else json_bytes(value)
    return Response(body, status=status, content_type=content_type)
