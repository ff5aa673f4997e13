"""What holds on every account page: axe finds nothing, the policy is kept, nothing scrolls sideways, targets are large."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page

from app.database import db
from tests.browser.test_every_page import SETTINGS, SMALL_TARGETS, violations
from tests.factories.accounts import Someone, make_account

pytestmark = pytest.mark.browser

OPEN = (
    "/account/sign-in",
    "/account/sign-in?next=/account",
    "/account/forgotten",
    "/account/register",
    "/account/reset/x",
)
OWN = ("/account", "/account/activity", "/account/password", "/account/recovery-codes", "/account/second-factor/set-up")
PEOPLE = ("/account/people", "/account/people?q=zzzz", "/account/people/activity", "/account/people/new")


@pytest.fixture(scope="session")
def cast(sample_app: Flask) -> dict[str, Someone]:
    """An administrator, a planner without a second factor and a resident."""
    with sample_app.app_context():
        made = {
            "administrator": make_account("administrator", "planner", email="pages.administrator@example.org"),
            "planner": make_account("planner", email="pages.planner@example.org", second_factor=False),
            "resident": make_account("resident", email="pages.resident@example.org"),
        }
        db.session.remove()
    return made


@pytest.fixture
def watched(open_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """Opens a page that remembers what the browser complained about."""

    def make(viewport: dict[str, int]) -> Page:
        page = open_context(viewport).new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.complaints = complaints  # type: ignore[attr-defined]
        return page

    return make


def faults(page: Page, viewport: dict[str, int]) -> list[Any]:
    """Everything that is wrong with the page as it is now."""
    found: list[Any] = [text for text in page.complaints if "status of 4" not in text]  # type: ignore[attr-defined]
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > viewport["width"]:
        found.append(f"{width} pixels wide")
    return [f"{page.url}: {fault}" for fault in (*found, *page.evaluate(SMALL_TARGETS), *violations(page))]


def send_form(page: Page, **fields: str) -> None:
    """Fill fields by their id and send the form of the page."""
    for name, value in fields.items():
        page.locator(f"#{name}").fill(value)
    page.locator("main form[method=post] button[type=submit]").first.click()
    page.wait_for_load_state("load")


def sign_in(page: Page, someone: Someone, language: str) -> None:
    """Give the password, and a recovery code where one is asked for."""
    page.goto(f"/account/sign-in?lang={language}")
    send_form(page, email=someone.email, password=someone.password)
    if page.url.endswith("/second-factor"):
        code, *rest = someone.recovery_codes
        someone.recovery_codes = tuple(rest)
        send_form(page, code=code)


@pytest.mark.parametrize(("viewport", "language"), SETTINGS)
def test_pages_before_signing_in(
    watched: Callable[..., Page], cast: dict[str, Someone], viewport: dict[str, int], language: str
) -> None:
    page, found = watched(viewport), []
    for address in OPEN:
        page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
        found += faults(page, viewport)
    page.goto("/account/sign-in")
    send_form(page, email="nobody@example.org", password="x")
    found += faults(page, viewport)
    send_form(page, email=cast["administrator"].email, password=cast["administrator"].password)
    found += faults(page, viewport)
    send_form(page, code="000000")
    found += faults(page, viewport)
    assert found == []


@pytest.mark.parametrize(("viewport", "language"), SETTINGS)
def test_setting_up_and_the_recovery_codes(
    watched: Callable[..., Page], sample_app: Flask, viewport: dict[str, int], language: str
) -> None:
    with sample_app.app_context():
        planner = make_account("planner", email=f"pages.{language}@example.org", second_factor=False)
        db.session.remove()
    page = watched(viewport)
    sign_in(page, planner, language)
    found = faults(page, viewport)
    send_form(page, code="000000")
    found += faults(page, viewport)
    key = re.search(r"secret=([A-Z2-7]+)", page.content())
    assert key is not None
    planner.key = key[1]
    send_form(page, code=planner.code())
    assert page.locator(".recovery-codes li").count() == 10
    assert found + faults(page, viewport) == []


@pytest.mark.parametrize(("viewport", "language"), SETTINGS)
def test_pages_of_an_administrator(
    watched: Callable[..., Page], cast: dict[str, Someone], viewport: dict[str, int], language: str
) -> None:
    page, found = watched(viewport), []
    sign_in(page, cast["administrator"], language)
    for address in (*OWN, *PEOPLE, f"/account/people/{cast['resident'].id}"):
        page.goto(address)
        found += faults(page, viewport)
    page.goto("/account/people/new")
    send_form(page, email="no address", display_name="")
    found += faults(page, viewport)
    page.goto("/account/password")
    send_form(page, old="wrong", password="one thing", again="another")
    found += faults(page, viewport)
    page.goto(f"/account/people/{cast['resident'].id}")
    page.locator("form[action$='/link'] button").click()
    assert page.locator(".one-time-link").is_visible()
    found += faults(page, viewport)
    page.goto("/")
    found += faults(page, viewport)
    assert found == []
