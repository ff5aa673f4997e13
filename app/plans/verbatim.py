"""Attribute values as JSON and back, so that what JSON cannot say comes back as it was too.

Bytes (a GeoPackage's BLOB) and numbers that are not finite are wrapped in an object with one key; an object that
looks like such a wrapping is wrapped itself.
"""

from __future__ import annotations

import base64
import json
import math
from typing import Any

_WRAPPED = "$verbatim"


def to_json(properties: dict[str, Any]) -> str:
    """Columns as JSON text (ASCII, order kept), for a JSON column of PostgreSQL."""
    return json.dumps({name: _wrap(value) for name, value in properties.items()}, allow_nan=False)


def from_json(properties: dict[str, Any]) -> dict[str, Any]:
    """The columns that ``to_json`` was given."""
    return {name: _unwrap(value) for name, value in properties.items()}


def _wrap(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return {_WRAPPED: str(value)}
    if isinstance(value, bytes):
        return {_WRAPPED: "bytes", "base64": base64.b64encode(value).decode()}
    if isinstance(value, list):
        return [_wrap(item) for item in value]
    if isinstance(value, dict):
        inner = {key: _wrap(item) for key, item in value.items()}
        return {_WRAPPED: "object", "object": inner} if _WRAPPED in value else inner
    return value


def _unwrap(value: Any) -> Any:
    if isinstance(value, list):
        return [_unwrap(item) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get(_WRAPPED)
    if kind is None:
        return {key: _unwrap(item) for key, item in value.items()}
    if kind == "bytes":
        return base64.b64decode(value["base64"])
    if kind == "object":
        return {key: _unwrap(item) for key, item in value["object"].items()}
    return float(kind)
