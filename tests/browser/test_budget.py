"""Sizes on the wire: a page without a map within 60 KB, the map within 600 KB at first and 30 KB when it comes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext

from tests.live import Counter, map_is_drawn

pytestmark = pytest.mark.browser

KB = 1024
PAGE_BUDGET = 60 * KB
MAP_BUDGET = 600 * KB
MAP_AGAIN_BUDGET = 30 * KB
CENTRE = "lon=117.4880&lat=0.1360"


def bytes_of_visit(context: BrowserContext, traffic: Counter, address: str, *, is_map: bool = False) -> int:
    """Bytes that the server sent for one visit; what the browser kept is not asked for again."""
    traffic.sent.clear()
    page = context.new_page()
    page.goto(address)
    if is_map:
        map_is_drawn(page)
    page.wait_for_load_state("networkidle")
    page.close()
    return sum(size for _, size in traffic.sent)


@pytest.mark.parametrize(
    "address", ["/", f"/zoning?{CENTRE}", f"/zoning?{CENTRE}&use=warung", "/zoning?q=loktuan", "/help"]
)
def test_page_without_a_map(open_context: Callable[..., BrowserContext], live_traffic: Counter, address: str) -> None:
    assert bytes_of_visit(open_context(), live_traffic, address) <= PAGE_BUDGET


def test_map_on_the_first_visit_and_after(open_context: Callable[..., BrowserContext], live_traffic: Counter) -> None:
    context = open_context()
    assert bytes_of_visit(context, live_traffic, "/map", is_map=True) <= MAP_BUDGET
    assert bytes_of_visit(context, live_traffic, "/map", is_map=True) <= MAP_AGAIN_BUDGET
