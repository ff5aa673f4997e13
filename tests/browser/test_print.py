"""What is on paper: the answer that was asked for, and every rule, without what only works on a screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
HOME = "/zoning?lon=117.459193&lat=0.146627"


def test_the_activity_that_was_asked_for_is_printed(visit: Callable[..., Page]) -> None:
    page = visit(f"{HOME}&use=warung")
    page.emulate_media(media="print")
    expect(page.locator(".verdict--big")).to_be_visible()
    expect(page.locator(".ask form")).to_be_hidden()
    expect(page.get_by_text("Maksud Anda yang lain?")).to_be_hidden()
    expect(page.locator(".site-header__brand")).to_have_css("color", "rgb(0, 0, 0)")


def test_an_empty_question_is_not_printed(visit: Callable[..., Page]) -> None:
    page = visit(HOME)
    page.emulate_media(media="print")
    expect(page.locator(".ask")).to_be_hidden()


def test_rules_of_every_kind_of_building_are_unfolded_for_paper(visit: Callable[..., Page]) -> None:
    page = visit(HOME)
    closed = page.locator("details.building:not([open])")
    before = closed.count()
    assert before > 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(closed).to_have_count(0)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(closed).to_have_count(before)
