"""Tiles that this process keeps, sent before Flask begins: a map asks for dozens of them at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from app.compression import takes_gzip
from app.maps.api import PACKED_TILE
from app.maps.tiles import tile_cache
from app.runtime import runtime_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_TILE = re.compile(r"/api/v1/tiles/([a-z_]{1,30})/(\d{1,10})/(\d{1,2})/(\d{1,7})/(\d{1,7})\.mvt", re.ASCII)


class KeptTiles:
    """WSGI middleware; what is not kept, and callers that do not take gzip, are left to the view."""

    def __init__(self, app: Flask) -> None:
        self._runtime = runtime_of(app)
        self._application: WSGIApplication = app.wsgi_app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as the application does."""
        asked = _TILE.fullmatch(environ["PATH_INFO"]) if environ["REQUEST_METHOD"] == "GET" else None
        if asked is not None and takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
            layer, *numbers = asked.groups()
            version, z, x, y = map(int, numbers)
            tile = tile_cache(self._runtime).get((layer, version, z, x, y))
            if tile:
                start_response("200 OK", [*PACKED_TILE, ("Content-Length", str(len(tile)))])
                return [tile]
        return self._application(environ, start_response)


def init_app(app: Flask) -> None:
    """Stand before Flask."""
    app.wsgi_app = KeptTiles(app)  # type: ignore[method-assign]
