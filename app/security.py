"""Headers, forms and rates: a strict content policy, CSRF on every form, limits per client address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_wtf import CSRFProtect

from app.rate_limits import RateLimits
from app.runtime import runtime

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

HEADERS = (
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("permissions-policy", "geolocation=(self), camera=(), microphone=()"),
)
# Open data: any site may read what needs no account.
_OPEN = ("access-control-allow-origin", "*")
# What a browser on another site asks before it sends a polygon.
_PREFLIGHT = (
    ("access-control-allow-headers", "accept-language, content-type"),
    ("access-control-allow-methods", "GET, HEAD, OPTIONS, POST"),
    ("access-control-max-age", "86400"),
)
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class FormProtection(CSRFProtect):
    """CSRF tokens on every request that may change something; reads are let through before anything is looked up."""

    def protect(self, apply_exemptions: bool = False) -> None:
        """Check the token. Raises CSRFError where it is missing or wrong."""
        if request.method not in _SAFE_METHODS:
            super().protect(apply_exemptions=apply_exemptions)


csrf = FormProtection()
limiter = RateLimits()


class Sessions(SecureCookieSessionInterface):
    """Signed cookies as Flask has them; a request without a cookie skips making a signer that it does not need."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """An empty session where the client sent no cookie at all."""
        if "HTTP_COOKIE" not in request.environ:
            return self.session_class()
        return super().open_session(app, request)

    def get_cookie_secure(self, app: Flask) -> bool:
        """Sent over https only, wherever the platform itself is reached by https."""
        return request.is_secure

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Nothing to do, not even a header, where nobody touched the session."""
        if session.accessed or session.modified:
            super().save_session(app, session, response)


class SecurityHeaders:
    """WSGI middleware: adds HEADERS to every answer that does not set them itself.

    Not an after_request hook, as those cost several times as much, on every request.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as the application does."""

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            present = {name.lower() for name, _ in headers}
            # A page may set a policy of its own (the light map's nonce); it is then left as it is.
            headers.extend(header for header in HEADERS if header[0] not in present)
            if environ["PATH_INFO"].startswith("/api/") and _OPEN[0] not in present:
                headers.append(_OPEN)
                if environ["REQUEST_METHOD"] == "OPTIONS":
                    headers.extend(_PREFLIGHT)
            return start_response(status, headers, *error)

        return self._application(environ, start)


def read_limit() -> str:
    """The rate for lookups and search."""
    return runtime().settings.rate_reads


def write_limit() -> str:
    """The rate for bodies sent in."""
    return runtime().settings.rate_writes


def init_app(app: Flask) -> None:
    """Attach CSRF protection, rate limits and headers."""
    csrf.init_app(app)
    app.session_interface = Sessions()
    app.wsgi_app = SecurityHeaders(app.wsgi_app)  # type: ignore[method-assign]
