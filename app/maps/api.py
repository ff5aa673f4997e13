"""Tiles over HTTP."""

from __future__ import annotations

import gzip

from flask import Blueprint, Response, request

from app.maps.tiles import tile

tiles = Blueprint("tiles", __name__, url_prefix="/api/v1")
_FOR_EVER = "public, max-age=31536000, immutable"


@tiles.get("/tiles/<layer>/<int:version_id>/<int:z>/<int:x>/<int:y>.mvt")
def vector_tile(layer: str, version_id: int, z: int, x: int, y: int) -> Response:
    """One vector tile; 204 when empty."""
    packed = tile(layer, version_id, z, x, y)
    if not packed:
        return Response(status=204, headers={"Cache-Control": _FOR_EVER})
    headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        return Response(
            packed,
            headers={**headers, "Content-Encoding": "gzip"},
            content_type="application/vnd.mapbox-vector-tile",
        )
    return Response(gzip.decompress(packed), headers=headers, content_type="application/vnd.mapbox-vector-tile")
