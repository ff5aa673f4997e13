"""A resident and a planner read what changed between two versions, on the map, by keyboard, and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.live import DESKTOP, PHONE, until

pytestmark = pytest.mark.browser

DIFF = "/plans/rdtr/diff?from=1&to=2"
DRAWN = "Boolean(window.ruangSwipe?.after.areTilesLoaded() && window.ruangSwipe.after.getLayer('changes-fill'))"


def test_from_the_first_page_to_what_changed(visit: Callable[..., Page]) -> None:
    page = visit("/")
    page.get_by_role("navigation", name="Utama").get_by_role("link", name="Rencana").click()
    expect(page.get_by_role("heading", name="Rencana dan versinya")).to_be_visible()
    page.get_by_role("link", name="Apa yang berubah dari versi 1").click()
    page.wait_for_url("**/plans/rdtr/diff?*")
    expect(page.get_by_role("heading", name="Singkatnya")).to_be_visible()
    expect(page.get_by_text("hektare mendapat subzona lain")).to_be_visible()
    # On a phone the map's half megabyte waits for a tap; until then a drawing shows where.
    expect(page.get_by_role("img", name="Gambar zona yang berubah")).to_be_visible()
    assert page.locator("#swipe-live").is_hidden()


def test_an_answer_leads_to_the_history_of_its_place_and_zone(visit: Callable[..., Page]) -> None:
    page = visit("/zoning?lon=117.4880&lat=0.1360")
    page.get_by_role("link", name="Riwayat tempat ini di setiap versi").click()
    expect(page.get_by_role("heading", name="Riwayat tempat ini")).to_be_visible()
    page.get_by_role("link", name=re.compile("Riwayat zona")).first.click()
    expect(page.get_by_role("heading", level=1, name=re.compile("Riwayat zona"))).to_be_visible()
    assert page.get_by_role("img").count() >= 1


def test_the_slider_shows_more_of_the_version_before_by_keyboard(visit: Callable[..., Page]) -> None:
    page = visit(DIFF, viewport=DESKTOP)
    until(page, DRAWN)
    slider = page.get_by_role("slider", name="Geser: kiri sebelum, kanan sesudah")
    slider.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    assert slider.input_value() == "60"
    clip = page.locator("#swipe-after").evaluate("(element) => element.style.clipPath")
    assert "60%" in clip
    page.keyboard.press("End")
    assert slider.input_value() == "100"


def test_both_maps_move_as_one_to_a_zone_of_the_list(visit: Callable[..., Page]) -> None:
    page = visit(DIFF, viewport=DESKTOP)
    until(page, DRAWN)
    before = page.evaluate("window.ruangSwipe.after.getZoom()")
    page.get_by_role("button", name="Lihat di peta").first.click()
    until(page, f"window.ruangSwipe.after.getZoom() > {before} + 1 && !window.ruangSwipe.after.isMoving()")
    centres = page.evaluate("[ruangSwipe.before.getCenter().toArray(), ruangSwipe.after.getCenter().toArray()]")
    assert centres[0] == pytest.approx(centres[1], abs=1e-6)


def test_a_tap_opens_the_map_on_a_phone(visit: Callable[..., Page]) -> None:
    page = visit(DIFF)
    page.get_by_role("button", name="Bandingkan di peta").click()
    until(page, DRAWN)
    expect(page.locator("#swipe-still")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_everything_is_read_without_javascript(open_context: Callable[..., BrowserContext]) -> None:
    page = open_context(PHONE, java_script_enabled=False).new_page()
    page.goto(DIFF)
    expect(page.get_by_role("table", name="Hektare dari subzona ke subzona")).to_be_visible()
    expect(page.get_by_role("img", name="Gambar zona yang berubah")).to_be_visible()
    assert page.get_by_role("button", name="Lihat di peta").count() == 0
    page.get_by_label("Versi lama").select_option("1")
    page.get_by_label("Versi baru").select_option("1")
    page.get_by_role("button", name="Bandingkan").click()
    expect(page.get_by_text("Kedua versi isinya sama.")).to_be_visible()
