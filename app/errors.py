"""Errors that people meet, with their HTTP status, in one table.

Each class says what was wrong in words a caller can act on. The API sends ``application/problem+json`` (RFC 9457);
pages show the same sentences. ``gis`` errors carry a code and parameters; they are given a status here and their text
in the reader's language.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Request, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from flask_wtf.csrf import CSRFError
from shapely.geometry import mapping
from werkzeug.exceptions import HTTPException

from app.gis_messages import said
from app.http import json_response
from gis.edit_errors import EditError
from gis.edit_errors import Fault as EditFault
from gis.errors import TEXTS, GisError


class RuangError(Exception):
    """An error meant for the person or program that asked.

    title and detail are in the reader's language. field names the parameter, limit the limit that was passed, hint
    what to do next.
    """

    status = 400
    slug = "bad-request"
    title: Any = lazy_gettext("The request could not be understood")

    def __init__(
        self,
        detail: str,
        *,
        field: str | None = None,
        limit: Any = None,
        hint: str | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.limit = limit
        self.hint = hint
        self.extra = extra

    def as_problem(self) -> dict[str, Any]:
        """The error as an RFC 9457 problem document."""
        problem = {
            "type": f"/help/errors#{self.slug}",
            "title": str(self.title),
            "status": self.status,
            "detail": str(self.detail),
            "field": self.field,
            "limit": self.limit,
            "hint": str(self.hint) if self.hint else None,
        }
        return {**problem, **self.extra}


class Malformed(RuangError):
    """A parameter or body that cannot be read."""


class NotSignedIn(RuangError):
    """What was asked for needs an account; pages lead to the sign-in and back."""

    status = 401
    slug = "not-signed-in"
    title = lazy_gettext("Please sign in")


class Forbidden(RuangError):
    """Signed in, but without the role that this needs."""

    status = 403
    slug = "forbidden"
    title = lazy_gettext("Your account may not do this")


class NotFound(RuangError):
    """Nothing of that name or number."""

    status = 404
    slug = "not-found"
    title = lazy_gettext("Not found")


class BeforeFirstVersion(NotFound):
    """A date before the plan's first version."""

    slug = "before-first-version"
    title = lazy_gettext("The plan was not yet in force on that date")


class Conflict(RuangError):
    """Somebody else changed it, or it is in a state that forbids this."""

    status = 409
    slug = "conflict"
    title = lazy_gettext("This conflicts with the present state")


class TooLarge(RuangError):
    """A body, file or geometry over a limit."""

    status = 413
    slug = "too-large"
    title = lazy_gettext("Too large")


class UnsupportedMedia(RuangError):
    """A content type that is not read here."""

    status = 415
    slug = "unsupported-media-type"
    title = lazy_gettext("This content type is not read here")


class Unprocessable(RuangError):
    """Well-formed, but impossible: a value or geometry that cannot be."""

    status = 422
    slug = "impossible-value"
    title = lazy_gettext("The value is impossible")


class OutsideCity(Unprocessable):
    """A place that no plan of this city reaches."""

    slug = "outside-city"
    title = lazy_gettext("Outside this city")


class TooMany(RuangError):
    """Over the rate limit."""

    status = 429
    slug = "too-many-requests"
    title = lazy_gettext("Too many requests")


class Fault(RuangError):
    """A mistake of ours; the log has it."""

    status = 500
    slug = "fault"
    title = lazy_gettext("Something went wrong on our side")


# Places listed of one refused edit; a person mends the first ones first.
_MOST_FAULTS = 50
# The status of each error that the spatial library raises; a code that is not listed is 422.
GIS_STATUS: dict[str, type[RuangError]] = {
    "too_many_vertices": TooLarge,
    "file_too_large": TooLarge,
    "zip_bomb": TooLarge,
    "too_many_features": TooLarge,
    "not_finite": Malformed,
}

_KEPT_HEADERS = frozenset({"Allow", "Retry-After"})
_HTTP_CLASSES: dict[int, type[RuangError]] = {
    cls.status: cls
    for cls in (
        Malformed,
        NotSignedIn,
        Forbidden,
        NotFound,
        Conflict,
        TooLarge,
        UnsupportedMedia,
        Unprocessable,
        TooMany,
        Fault,
    )
}


def from_gis(error: GisError) -> RuangError:
    """The same error with its HTTP status and its text in the reader's language."""
    # The templates reach the catalogue through app/i18n_extract.py.
    detail = said(error.template, error.params)
    hint = gettext(error.hint) if error.hint else None
    limit = error.params.get("limit", error.params.get("limit_km"))
    where = _where(error) if isinstance(error, EditError) else {}
    return GIS_STATUS.get(error.code, Unprocessable)(detail, hint=hint, limit=limit, code=error.code, **where)


def _said_of(fault: EditFault) -> str:
    zones = ", ".join(map(str, fault.zones))
    return said(TEXTS[fault.code].template, {"lon": fault.lon, "lat": fault.lat, "zones": zones})


def _where(error: EditError) -> dict[str, Any]:
    """The place and the zones of an edit that was refused, and of everything else that stands against it."""
    return {
        "place": None if error.lon is None else [error.lon, error.lat],
        "zones": error.zones,
        "faults": [
            {
                "code": fault.code,
                "detail": _said_of(fault),
                "lon": fault.lon,
                "lat": fault.lat,
                "zones": fault.zones,
                "geometry": mapping(fault.geometry),
            }
            for fault in error.faults[:_MOST_FAULTS]
        ],
    }


def from_http(error: HTTPException) -> RuangError:
    """Werkzeug's own errors (404, 405, 413, 429, ...) in the same shape."""
    status = error.code or 500
    cls = _HTTP_CLASSES.get(status, RuangError)
    details = {
        404: gettext("There is nothing at this address."),
        405: gettext("This address does not take that method."),
        413: gettext("The request is larger than %(limit)s bytes.", limit=request.max_content_length),
        429: _wait(error),
        500: gettext("The error was recorded. Please try again later."),
    }
    if isinstance(error, CSRFError):
        details[status] = gettext("This form has expired, or the browser keeps no cookies. Nothing was changed.")
    limit = request.max_content_length if status == 413 else None
    hint = gettext("Go back, load the page again, and send it once more.") if isinstance(error, CSRFError) else None
    wrapped = cls(details.get(status, error.description or gettext("The request failed.")), limit=limit, hint=hint)
    wrapped.status = status
    return wrapped


def _wait(error: HTTPException) -> str:
    seconds = getattr(error, "retry_after", None)
    if not isinstance(seconds, int):
        return gettext("Too many requests from this address. Please wait a moment.")
    return ngettext(
        "Too many requests from this address. Please wait %(num)s second.",
        "Too many requests from this address. Please wait %(num)s seconds.",
        seconds,
    )


def wants_problem(req: Request) -> bool:
    """Whether the caller is a program: everything under /api, and health."""
    return req.path.startswith(("/api/", "/healthz", "/readyz"))


def problem_response(error: RuangError) -> Response:
    """An application/problem+json response."""
    response = json_response(error.as_problem(), status=error.status, content_type="application/problem+json")
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Session"
    return response


def _to_sign_in() -> Response:
    """Lead to the sign-in, and from there back to the page that was asked for."""
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return make_response(redirect(url_for("account_pages.sign_in", next=back)))


def register(app: Flask) -> None:
    """Answer every error in the caller's form: problem+json for programs, a page for people."""

    def respond(error: RuangError) -> Response | tuple[str, int]:
        if wants_problem(request):
            return problem_response(error)
        if isinstance(error, NotSignedIn):
            return _to_sign_in()
        return render_template("error.html", error=error), error.status

    app.register_error_handler(RuangError, respond)
    app.register_error_handler(GisError, lambda error: respond(from_gis(error)))
    app.register_error_handler(HTTPException, lambda error: _respond_http(error, respond))


def _respond_http(error: HTTPException, respond: Any) -> Any:
    # Redirects are HTTPExceptions too; they pass as they are.
    if error.code is not None and error.code < 400:
        return error
    response = make_response(respond(from_http(error)))
    # A refused method names those that are taken, a passed rate limit the seconds to wait (RFC 9110).
    response.headers.extend((name, value) for name, value in error.get_headers() if name in _KEPT_HEADERS)
    return response
