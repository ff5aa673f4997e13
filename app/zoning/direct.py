"""The question nearly everybody asks, answered before Flask begins: ``GET /api/v1/zoning?lon=..&lat=..`` and no more.

Making a request and its context takes Flask about as long as finding the zone and writing the card. What is answered
here is what the view answers (a test compares them); whatever is unusual, refused or not yet in memory is
left to the view.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from app.compression import takes_gzip
from app.errors import RuangError
from app.i18n import accepted_language
from app.rate_limits import counter_name
from app.runtime import runtime_of
from app.security import limiter, read_limit
from app.zoning import service

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/api/v1/zoning"
# Plain decimals, as programs and the map write them; other ways to write a number are read by the view.
_DECIMAL = r"(-?\d{1,3}(?:\.\d{1,18})?)"
_PLAIN_QUERY = re.compile(rf"lon={_DECIMAL}&lat={_DECIMAL}", re.ASCII)
_TYPE = ("Content-Type", "application/json")
_PACKED = ("Content-Encoding", "gzip")
_VARY = ("Vary", "Accept-Encoding")


class PointLookups:
    """WSGI middleware. counted_as: the name under which the view counts its requests, so that both count together."""

    def __init__(self, app: Flask, *, counted_as: str) -> None:
        self._app = app
        self._application: WSGIApplication = app.wsgi_app
        self._counted_as = counted_as
        self._languages = tuple(runtime_of(app).city.city.languages)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as the application does."""
        if environ["PATH_INFO"] == PATH and environ["REQUEST_METHOD"] == "GET":
            plain = _PLAIN_QUERY.fullmatch(environ.get("QUERY_STRING", ""))
            card = self._card(environ, float(plain[1]), float(plain[2])) if plain else None
            if card is not None:
                packed = takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
                body = card.gzip() if packed else card.plain()
                headers = [_TYPE, ("Content-Length", str(len(body))), _VARY, *([_PACKED] if packed else ())]
                start_response("200 OK", headers)
                return [body]
        return self._application(environ, start_response)

    def _card(self, environ: WSGIEnvironment, lon: float, lat: float) -> service.ReadyCard | None:
        """The card where it can be answered from here; None leaves the request to the view."""
        language = accepted_language(environ.get("HTTP_ACCEPT_LANGUAGE", ""), self._languages)
        with self._app.app_context():
            try:
                card = service.ready_card(lon, lat, language)
            except RuangError:
                # The view meets it again, and says it in the caller's language.
                return None
            if card is None or not limiter.within(self._counted_as, read_limit(), environ.get("REMOTE_ADDR")):
                return None
            return card


def init_app(app: Flask) -> None:
    """Stand before Flask; behind what reads a proxy's headers, so that callers are counted by their own address."""
    view = app.view_functions["zoning_api.point"]
    app.wsgi_app = PointLookups(app, counted_as=counter_name(view))  # type: ignore[method-assign]
