"""The sample city served over HTTP to Chromium: fixtures shared by tests/browser and tests/journeys."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Playwright
from werkzeug.serving import make_server

from app import frontend_assets

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1366, "height": 768}
# WebGL 2 on a processor: no machine that runs the tests needs a graphics card.
CHROMIUM_FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--no-first-run",
]
_PATIENCE_MS = 20_000

__all__ = ["browser", "chromium_path", "live_traffic", "live_url", "open_context", "visit"]


class Counter:
    """Bytes of every answer that the server sends, headers included: also those that a worker of the page asked for."""

    def __init__(self, application: Any) -> None:
        self.application = application
        self.sent: list[tuple[str, int]] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        headers_size = 0

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            nonlocal headers_size
            headers_size = len(status) + sum(len(name) + len(value) + 4 for name, value in headers)
            return start_response(status, headers, *rest)

        parts = self.application(environ, start)
        try:
            body = b"".join(parts)
        finally:
            # A file that is sent stays open until its answer is closed (PEP 3333).
            if hasattr(parts, "close"):
                parts.close()
        self.sent.append((environ["PATH_INFO"], headers_size + len(body)))
        yield body


@pytest.fixture(scope="session")
def live_traffic(sample_app: Flask) -> Counter:
    """What the server of ``live_url`` has sent."""
    return Counter(sample_app)


@pytest.fixture(scope="session")
def live_url(live_traffic: Counter) -> Iterator[str]:
    """Address of a server with the sample city."""
    assert frontend_assets.is_built(), "run 'npm ci --ignore-scripts && npm run build' in app/frontend first"
    server = make_server("127.0.0.1", 0, live_traffic, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Chromium as the system's package installs it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("Chromium is not installed: 'make test' installs it, or apt-get install chromium")
    return path


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    """The system's Chromium in place of a browser of Playwright's own."""
    chromium = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_FLAGS)
    yield chromium
    chromium.close()


@pytest.fixture
def open_context(browser: Browser, live_url: str) -> Iterator[Callable[..., BrowserContext]]:
    """Opens a browser context with a viewport; further options as Playwright's new_context takes them."""
    opened: list[BrowserContext] = []

    def make(viewport: dict[str, int] = PHONE, **options: Any) -> BrowserContext:
        context = browser.new_context(viewport=viewport, base_url=live_url, **options)  # type: ignore[arg-type]
        context.set_default_timeout(_PATIENCE_MS)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def visit(open_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """Opens an address on a phone (or the given viewport) and waits until it is drawn."""

    def go(address: str, viewport: dict[str, int] = PHONE, **options: Any) -> Page:
        page = open_context(viewport, **options).new_page()
        page.goto(address)
        page.wait_for_load_state("load")
        return page

    return go


def until(page: Page, condition: str) -> Any:
    """Wait until a JavaScript expression is true and return its value.

    Polled with ``evaluate``: the strict content policy forbids what ``wait_for_function`` does.
    """
    for _ in range(_PATIENCE_MS // 100):
        found = page.evaluate(condition)
        if found:
            return found
        page.wait_for_timeout(100)
    raise AssertionError(f"never true: {condition}")


def map_is_drawn(page: Page) -> None:
    """Wait until the map has drawn every tile it asked for."""
    until(page, "Boolean(window.ruangMap && window.ruangMap.loaded() && window.ruangMap.areTilesLoaded())")
