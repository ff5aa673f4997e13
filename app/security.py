"""Headers, forms and rates: a strict content policy, CSRF on every form, limits per client address."""

from __future__ import annotations

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf import CSRFProtect

from app.rate_limits import RateLimits
from app.runtime import runtime

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
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "geolocation=(self), camera=(), microphone=()"),
)
# Open data: any site may read what needs no account.
_OPEN = ("Access-Control-Allow-Origin", "*")

csrf = CSRFProtect()
limiter = RateLimits()


class Sessions(SecureCookieSessionInterface):
    """Signed cookies as Flask has them; a request without a cookie skips making a signer that it does not need."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """An empty session where the client sent no cookie at all."""
        if "HTTP_COOKIE" not in request.environ:
            return self.session_class()
        return super().open_session(app, request)


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

    @app.after_request
    def headers(response: Response) -> Response:
        # Compared and added in one pass: each setdefault would search and fold all of them again, on every request.
        present = {name.lower() for name, _ in response.headers}
        for name, value in (*HEADERS, _OPEN) if request.path.startswith("/api/") else HEADERS:
            # A page may set a policy of its own (the light map's nonce); it is then left as it is.
            if name.lower() not in present:
                response.headers.add(name, value)
        return response
