"""Tiles over HTTP."""

from __future__ import annotations

import gzip

from flask import Blueprint, Response, request

from app.compression import takes_gzip
from app.maps.tiles import tile

tiles = Blueprint("tiles", __name__, url_prefix="/api/v1")
_FOR_EVER = "public, max-age=31536000, immutable"
_TILE = (
    ("Content-Type", "application/vnd.mapbox-vector-tile"),
    ("Cache-Control", _FOR_EVER),
    ("Vary", "Accept-Encoding"),
)
PACKED_TILE = (*_TILE, ("Content-Encoding", "gzip"))


@tiles.get("/tiles/<layer>/<int:version_id>/<int:z>/<int:x>/<int:y>.mvt")
def vector_tile(layer: str, version_id: int, z: int, x: int, y: int) -> Response:
    """One vector tile; 204 when empty."""
    packed = tile(layer, version_id, z, x, y)
    if not packed:
        return Response(status=204, headers={"Cache-Control": _FOR_EVER})
    if takes_gzip(request.headers.get("Accept-Encoding", "")):
        return Response(packed, headers=list(PACKED_TILE))
    return Response(gzip.decompress(packed), headers=list(_TILE))
