"""What holds on every page, on a phone in Indonesian and on a desktop in English."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page

from app.config import REPOSITORY
from tests.live import DESKTOP, PHONE, map_is_drawn

pytestmark = pytest.mark.browser

AXE = REPOSITORY / "app" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
SETTINGS = [pytest.param(PHONE, "id", id="phone-id"), pytest.param(DESKTOP, "en", id="desktop-en")]
# A point in the dense centre, one in the sea, one in the neighbouring regency; the rest needs no point.
CENTRE = "lon=117.4880&lat=0.1360"
ADDRESSES = [
    "/",
    "/zoning",
    "/zoning?q=loktuan",
    "/zoning?q=1234567890123",
    "/zoning?q=tidak-ada-tempat-ini",
    f"/zoning?{CENTRE}",
    f"/zoning?{CENTRE}&use=warung",
    f"/zoning?{CENTRE}&use=zzzz",
    f"/zoning?{CENTRE}&on=2020-01-01",
    "/zoning?lon=117.60&lat=0.10",
    "/zoning?lon=117.38&lat=0.20",
    "/zoning?lon=0.136&lat=117.488",
    "/map",
    "/map?lat=0.136&lon=117.488&z=16&at=0.136,117.488",
    "/map/light",
    "/help",
    "/help/errors",
    "/about",
    "/plans",
    "/plans/rdtr",
    "/plans/rdtr/diff?from=1&to=2",
    "/plans/rdtr/zones/199",
    f"/zoning/history?{CENTRE}",
    "/plans/rdtr/versions/2",
    "/plans/rdtr/versions/2/subzones/R-2",
    "/plans/rdtr/hearings",
    "/tidak-ada",
]


# Links inside a sentence are exempt (WCAG 2.5.8); so are MapLibre's attribution and what is not shown.
SMALL_TARGETS = """
[...document.querySelectorAll('a, button, select, input:not([type=hidden]):not([type=checkbox]), summary')]
  .filter((element) => {
    const box = element.getBoundingClientRect();
    const inSentence = element.matches('a') && element.closest('p, dd, .hit p, .cite') && !element.matches('.action-link');
    const hidden = box.width < 2 || element.closest('[hidden], .maplibregl-ctrl-attrib, .govuk-skip-link');
    return !inSentence && !hidden && (box.height < 43.5 || box.width < 24);
  })
  .map((element) => [element.tagName, element.className, element.textContent.trim().slice(0, 40),
    element.getBoundingClientRect().height].join(' '))
"""


@pytest.mark.parametrize(("viewport", "language"), SETTINGS)
@pytest.mark.parametrize("address", ADDRESSES)
def test_page_is_accessible_keeps_the_policy_and_fits(
    open_context: Callable[..., BrowserContext],
    live_url: str,
    address: str,
    viewport: dict[str, int],
    language: str,
) -> None:
    """One visit, four questions: axe, the content policy with the page's own server, sideways scrolling, targets of 44 pixels."""
    page = open_context(viewport).new_page()
    complaints: list[str] = []
    hosts: set[str] = set()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    answer = page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
    assert answer is not None
    assert answer.status < 500
    if urlsplit(address).path == "/map":
        map_is_drawn(page)
    # Chromium itself reports the page's own status when it is an error.
    assert [text for text in complaints if "status of 4" not in text] == []
    assert {host for host in hosts if host} == {urlsplit(live_url).netloc}
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert page.evaluate(SMALL_TARGETS) == []
    assert violations(page) == []


def violations(page: Page) -> list[str]:
    """What axe finds, each with the element and how to mend it."""
    page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def test_language_is_stated_and_can_be_changed(visit: Callable[..., Page]) -> None:
    page = visit("/")
    assert page.locator("html").get_attribute("lang") == "id"
    page.get_by_role("link", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    page.goto("/help")
    assert page.locator("html").get_attribute("lang") == "en"


@pytest.mark.parametrize("address", ["/", f"/zoning?{CENTRE}", "/help", "/map"])
def test_sample_is_named_on_every_page(visit: Callable[..., Page], address: str) -> None:
    page = visit(address)
    assert "Contoh, bukan rencana yang sah" in page.locator(".sample-banner").inner_text()
