"""What every answer carries and never carries: headers, no third party, CSRF, rates, logs without people, limits."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import create_environ, run_wsgi_app

from app import create_app, rate_limits
from app.config import Settings
from app.database import db
from app.errors import NotFound
from app.security import csrf

HERE = {"lon": "117.487", "lat": "0.127"}
PAGES = (
    "/",
    "/about",
    "/help",
    "/help/errors",
    "/map",
    "/map/light",
    "/zoning",
    "/zoning?lon=117.487&lat=0.127",
    "/zoning?lon=117.487&lat=0.127&activity=warung",
    "/zoning?q=kuala",
    "/zoning?lon=2&lat=48",
    "/zoning?lon=117.487&lat=0.127&on=1999-01-01",
    "/zoning/card?lon=117.487&lat=0.127",
    "/parcels/{nib}",
    "/parcels/00000000000000",
    "/plans/rdtr/versions/2/subzones/{subzone}",
    "/account/sign-in",
    "/account/forgotten",
    "/api/v1/",
    "/nothing-here",
)
ADDRESSES = (
    *PAGES,
    "/healthz",
    "/readyz",
    "/static/icon.svg",
    "/api/v1/openapi.json",
    "/api/v1/plans",
    "/api/v1/zoning?lon=117.487&lat=0.127",
    "/api/v1/zoning?lon=x&lat=0.127",
    "/api/v1/nothing-here",
)


@pytest.fixture(scope="session")
def fill(sample_app: Flask) -> Callable[[str], str]:
    """Puts a parcel and a sub-zone into an address."""
    with sample_app.app_context():
        nib = db.session.execute(text("SELECT nib FROM parcel ORDER BY nib LIMIT 1")).scalar_one()
        subzone = db.session.execute(
            text("SELECT code FROM subzone ORDER BY version_id DESC, code LIMIT 1")
        ).scalar_one()
        db.session.rollback()
    return lambda address: address.format(nib=nib, subzone=subzone)


@pytest.fixture
def limited(sample_app: Flask) -> Iterator[Callable[..., FlaskClient]]:
    """Makes clients of the sample city with other settings."""
    made: list[Flask] = []

    def make(**changed: Any) -> FlaskClient:
        settings: Settings = sample_app.extensions["ruang"].settings.model_copy(update=changed)
        application = create_app(settings)
        application.testing = True
        made.append(application)
        return application.test_client()

    yield make
    for application in made:
        with application.app_context():
            db.engine.dispose()


# Headers --------------------------------------------------------------------------------------------------------------


def directives(policy: str) -> dict[str, set[str]]:
    """The content policy as directive -> sources."""
    parts = [part.split() for part in policy.split(";")]
    return {part[0]: set(part[1:]) for part in parts}


@pytest.mark.parametrize("address", ADDRESSES)
def test_headers(sample_client: FlaskClient, fill: Callable[[str], str], address: str) -> None:
    headers = sample_client.get(fill(address), buffered=True).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "geolocation=(self)" in headers["Permissions-Policy"]
    assert len(headers.getlist("Content-Security-Policy")) == 1
    policy = directives(headers["Content-Security-Policy"])
    assert policy["default-src"] == {"'self'"}
    assert policy["object-src"] == {"'none'"}
    assert policy["base-uri"] == {"'none'"}
    assert policy["form-action"] == {"'self'"}
    assert policy["frame-ancestors"] == {"'none'"}
    allowed = {"'self'", "'none'", "data:", "blob:"}
    others = {source for name, sources in policy.items() for source in sources} - allowed
    nonces = {source for source in others if source.startswith("'nonce-")}
    assert others == nonces, "nothing unsafe and no other host"
    assert bool(nonces) == (address == "/map/light"), "one page has inline scripts, under a nonce"
    assert "data:" not in policy.get("script-src", set()) | policy["default-src"]


def test_the_nonce_is_new_each_time(sample_client: FlaskClient) -> None:
    found = [sample_client.get("/map/light").headers["Content-Security-Policy"] for _ in range(2)]
    assert found[0] != found[1]
    nonce = re.search(r"'nonce-([\w-]+)'", found[0])
    assert nonce is not None
    assert len(nonce[1]) >= 22, "at least 128 bits"


@pytest.mark.parametrize("address", ["/api/v1/plans", "/api/v1/zoning?lon=x&lat=0", "/api/v1/nothing-here"])
def test_other_sites_may_read_the_api_without_cookies(sample_client: FlaskClient, address: str) -> None:
    headers = sample_client.get(address).headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in headers


def test_other_sites_may_not_read_pages(sample_client: FlaskClient) -> None:
    assert "Access-Control-Allow-Origin" not in sample_client.get("/").headers


def test_a_page_of_another_site_may_send_a_polygon(sample_client: FlaskClient) -> None:
    """A browser asks first (a preflight), as application/geo+json is no form's type."""
    answer = sample_client.options("/api/v1/zoning")
    assert answer.status_code == 200
    assert "content-type" in answer.headers["Access-Control-Allow-Headers"]
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Methods" not in sample_client.options("/zoning").headers


def test_no_cookie_unless_a_language_was_chosen(sample_client: FlaskClient, fill: Callable[[str], str]) -> None:
    for address in set(ADDRESSES) - {"/account/sign-in"}:  # its form needs a session for its token
        assert "Set-Cookie" not in sample_client.get(fill(address), buffered=True).headers, address
    cookie = sample_client.get("/?lang=en").headers["Set-Cookie"]
    assert cookie.startswith("lang=en;")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_server_does_not_say_what_it_runs_on(sample_client: FlaskClient) -> None:
    assert "X-Powered-By" not in sample_client.get("/").headers


# Third parties --------------------------------------------------------------------------------------------------------

_LOADED = re.compile(
    r"""<(script|link|img|iframe|source|video|audio|object|embed|form)\b[^>]*?\b(?:src|href|action|data)\s*=\s*["']?([^"'\s>]+)""",
    re.I,
)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("address", PAGES)
def test_no_page_loads_anything_from_elsewhere(
    sample_client: FlaskClient, fill: Callable[[str], str], address: str, language: str
) -> None:
    separator = "&" if "?" in address else "?"
    html = sample_client.get(fill(address) + f"{separator}lang={language}").get_data(as_text=True)
    for element, loaded in _LOADED.findall(html):
        parts = urlsplit(loaded)
        assert parts.netloc == "" or parts.scheme == "data", (element, loaded)


@pytest.mark.parametrize("address", PAGES)
def test_no_inline_script_or_style(sample_client: FlaskClient, fill: Callable[[str], str], address: str) -> None:
    if address == "/map/light":
        pytest.skip("its scripts run under a nonce, as the test of the headers says")
    html = sample_client.get(fill(address)).get_data(as_text=True)
    inline = [tag for tag in re.findall(r"<script\b[^>]*>", html) if "src=" not in tag]
    assert all('type="application/json"' in tag for tag in inline), inline
    assert not re.search(r"<style\b", html)
    assert not re.search(r"<[^>]+\sstyle\s*=", html)
    assert not re.search(r"<[^>]+\son[a-z]+\s*=", html)
    assert "javascript:" not in html


def test_what_is_built_names_no_third_host() -> None:
    folder = Path(__file__).resolve().parents[2] / "app" / "static" / "dist"
    # Addresses in licence comments, namespaces and error messages are not loaded; those of loaders and styles would be.
    loading = re.compile(r"""(?:url\(|@import\s+|fetch\(|import\()\s*["'`]?(https?:)?//[a-z0-9.-]+""", re.I)
    files = [path for path in folder.iterdir() if path.suffix in {".js", ".css"}]
    assert files
    for path in files:
        assert not loading.search(path.read_text(encoding="utf-8")), path.name


# Forms ----------------------------------------------------------------------------------------------------------------


def test_a_form_post_needs_a_token(limited: Callable[..., FlaskClient]) -> None:
    client = limited()

    @client.application.post("/form-of-this-test")
    def form() -> str:
        return "done"

    refused = client.post("/form-of-this-test", data={"name": "x"})
    assert refused.status_code == 400
    assert refused.mimetype == "text/html"
    assert b"done" not in refused.data
    assert client.post("/form-of-this-test", json={"name": "x"}).status_code == 400


def test_only_the_call_without_a_session_takes_a_post_without_a_token(sample_app: Flask) -> None:
    """The application is made first: its views say themselves that they are exempt."""
    assert csrf._exempt_views == {"app.zoning.api.polygon"}, "a POST needs CSRF, or a reason here why not"
    assert csrf._exempt_blueprints == set()


# Rates ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/zoning?lon=117.487&lat=0.127",
        "/api/v1/search?q=kuala",
        "/api/v1/activities?q=warung",
        "/api/v1/plans",
        "/api/v1/plans/rdtr/versions",
        "/api/v1/plans/rdtr/versions/1",
        "/api/v1/plans/rdtr/versions/1/subzones/R-2/uses",
        "/api/v1/parcels/00000000000000",
        "/api/v1/openapi.json",
        "/api/v1/",
    ],
)
def test_too_many_reads(limited: Callable[..., FlaskClient], address: str) -> None:
    client = limited(rate_reads="3 per minute")
    statuses = [client.get(address).status_code for _ in range(3)]
    assert 429 not in statuses
    refused = client.get(address)
    assert_too_many(refused)
    elsewhere = client.get(address, environ_base={"REMOTE_ADDR": "198.51.100.7"})
    assert elsewhere.status_code == statuses[0], "another address has a rate of its own"


def test_a_plain_and_an_unusual_question_count_together(limited: Callable[..., FlaskClient]) -> None:
    client = limited(rate_reads="4 per minute")
    for _ in range(2):
        assert client.get("/api/v1/zoning?lon=117.487&lat=0.127").status_code == 200
        assert client.get("/api/v1/zoning?lon=117.487&lat=0.127&activity=warung").status_code == 200
    assert_too_many(client.get("/api/v1/zoning?lon=117.487&lat=0.127"))
    assert_too_many(client.get("/api/v1/zoning?lon=117.487&lat=0.127&activity=warung"))


def assert_too_many(response: Any) -> None:
    """A 429 as a problem document that says when to come back."""
    assert response.status_code == 429
    assert response.content_type == "application/problem+json"
    assert 1 <= int(response.headers["Retry-After"]) <= 3600
    assert response.json["status"] == 429
    assert response.json["type"] == "/help/errors#too-many-requests"


def test_a_refusal_says_how_many_seconds_are_left(
    limited: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = limited(rate_reads="2 per minute; 3 per 10 minutes")
    clock = [1_000_000.0]
    monkeypatch.setattr(rate_limits.time, "time", lambda: clock[0])

    def ask_after(seconds: float) -> Any:
        clock[0] += seconds
        return client.get("/api/v1/plans", headers={"Accept-Language": "en"})

    assert [ask_after(0).status_code, ask_after(10).status_code] == [200, 200]
    refused = ask_after(12.5)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "38"), "37.5 s are left of the minute"
    assert "wait 38 seconds" in refused.json["detail"]
    # The window has ended, but the longer one was passed by the request that was refused.
    again = ask_after(40)
    assert (again.status_code, again.headers["Retry-After"]) == (429, "538")


def test_too_many_polygons(limited: Callable[..., FlaskClient]) -> None:
    client = limited(rate_writes="2 per minute")
    body = {"type": "Polygon", "coordinates": [[[117.48, 0.12], [117.481, 0.12], [117.48, 0.121], [117.48, 0.12]]]}
    for _ in range(2):
        assert client.post("/api/v1/zoning", json=body).status_code == 200
    assert_too_many(client.post("/api/v1/zoning", json=body))
    assert client.get("/api/v1/zoning", query_string=HERE).status_code == 200, "reading has a rate of its own"


def test_forged_forwarded_addresses_are_not_believed(limited: Callable[..., FlaskClient]) -> None:
    client = limited(rate_reads="2 per minute")
    for number in range(2):
        client.get("/api/v1/plans", headers={"X-Forwarded-For": f"198.51.100.{number}"})
    assert_too_many(client.get("/api/v1/plans", headers={"X-Forwarded-For": "198.51.100.9"}))


def test_behind_a_named_proxy_each_client_has_its_own_rate(limited: Callable[..., FlaskClient]) -> None:
    client = limited(rate_reads="1 per minute", trusted_proxies=1)
    for number in range(3):
        response = client.get("/api/v1/plans", headers={"X-Forwarded-For": f"198.51.100.{number}"})
        assert response.status_code == 200
    assert_too_many(client.get("/api/v1/plans", headers={"X-Forwarded-For": "198.51.100.0"}))


# Logs -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_logs_hold_no_address_and_no_question(
    limited: Callable[..., FlaskClient],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    log_format: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    client = limited(log_format=log_format)
    client.environ_base["REMOTE_ADDR"] = "198.51.100.77"
    marked = "rahasia-warga-4711"
    for address in (
        "/api/v1/zoning?lon=117.4871234&lat=0.1271234",
        f"/api/v1/search?q={marked}",
        f"/api/v1/zoning?lon=117.4871234&lat=0.1271234&activity={marked}",
        f"/zoning?q={marked}",
        "/api/v1/parcels/64740012345678",
        f"/nothing?{marked}",
    ):
        client.get(address)
    client.post("/api/v1/zoning", data=marked, content_type="application/geo+json")
    captured = capfd.readouterr()
    # What the database library itself would say only when an operator asks for its statements is not of this program.
    written = (
        captured.out
        + captured.err
        + "\n".join(
            record.getMessage() for record in caplog.records if not record.name.startswith(("sqlalchemy", "psycopg"))
        )
    )
    for secret in ("198.51.100.77", marked, "117.4871234", "64740012345678"):
        assert secret not in written


def test_an_error_inside_says_nothing_of_itself(limited: Callable[..., FlaskClient]) -> None:
    client = limited()
    client.application.testing = False

    @client.application.get("/api/v1/broken-for-this-test")
    def broken() -> str:
        raise RuntimeError("password=hunter2")

    response = client.get("/api/v1/broken-for-this-test")
    assert response.status_code == 500
    assert response.content_type == "application/problem+json"
    assert b"hunter2" not in response.data
    assert b"Traceback" not in response.data


# Sizes ----------------------------------------------------------------------------------------------------------------


def test_the_body_limit_is_a_setting(limited: Callable[..., FlaskClient]) -> None:
    client = limited(max_body_bytes=2000)
    small = b'{"type": "Polygon", "coordinates": [[[117.48, 0.12], [117.481, 0.12], [117.48, 0.121], [117.48, 0.12]]]}'
    assert client.post("/api/v1/zoning", data=small, content_type="application/geo+json").status_code == 200
    padded = small + b" " * (2001 - len(small))
    refused = client.post("/api/v1/zoning", data=padded, content_type="application/geo+json")
    assert refused.status_code == 413
    assert refused.json["limit"] == 2000


class Endless:
    """A body that never ends, and how much of it was read."""

    served = 0

    def read(self, size: int = -1) -> bytes:
        """Blanks, as JSON allows them."""
        chunk = b" " * (size if 0 < size < 4096 else 4096)
        self.served += len(chunk)
        return chunk


def test_no_more_than_the_limit_is_read_of_a_body_without_a_stated_length(limited: Callable[..., FlaskClient]) -> None:
    client = limited(max_body_bytes=2000)
    body = Endless()
    # The client of the tests would read the body itself before it sends it.
    environ = create_environ("/api/v1/zoning", method="POST", content_type="application/geo+json")
    environ |= {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": body, "wsgi.input_terminated": True}
    _answer, status, headers = run_wsgi_app(client.application, environ, buffered=True)
    # werkzeug cuts such a body at the limit, so that what is left of it is no JSON.
    assert status.startswith(("400", "413"))
    assert headers["Content-Type"] == "application/problem+json"
    assert body.served <= 2000 + 4096


def test_vertices_and_extent_are_settings(limited: Callable[..., FlaskClient]) -> None:
    body = {"type": "Polygon", "coordinates": [[[117.48, 0.12], [117.49, 0.12], [117.48, 0.13], [117.48, 0.12]]]}
    few = limited(max_polygon_vertices=3).post("/api/v1/zoning", json=body)
    assert (few.status_code, few.json["limit"]) == (413, 3)
    narrow = limited(max_polygon_extent_m=1000.0).post("/api/v1/zoning", json=body)
    assert (narrow.status_code, narrow.json["code"]) == (422, "too_wide")
    wary = limited(max_asker_accuracy_m=10.0).get("/api/v1/zoning", query_string=HERE | {"accuracy_m": "11"})
    assert (wary.status_code, wary.json["limit"]) == (422, 10)


def test_pages_escape_what_was_typed(sample_client: FlaskClient) -> None:
    typed = "<script>alert(1)</script>\"'"
    for address, query in (
        ("/zoning", {"q": typed}),
        ("/zoning", {**HERE, "activity": typed}),
        ("/zoning", {**HERE, "q": typed, "kind": typed, "use": typed}),
        ("/map", {"on": typed, "lat": typed}),
        ("/zoning/card", {**HERE, "activity": typed}),
    ):
        html = sample_client.get(address, query_string=query).get_data(as_text=True)
        assert "<script>alert" not in html, address


def test_error_pages_escape_as_well(limited: Callable[..., FlaskClient]) -> None:
    client = limited()

    @client.application.get("/error-of-this-test")
    def failing() -> str:
        raise NotFound("<b>bold</b>", hint="<i>italic</i>")

    html = client.get("/error-of-this-test").get_data(as_text=True)
    assert "<b>bold" not in html
    assert "&lt;b&gt;bold" in html
    assert "<i>italic" not in html
