"""A resident asks about land by its name, number, position or link, and reads the answer as a page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.live import until

pytestmark = pytest.mark.browser

CENTRE = {"longitude": 117.488, "latitude": 0.136, "accuracy": 12}


def test_suggestions_by_keyboard(visit: Callable[..., Page]) -> None:
    page = visit("/")
    box = page.get_by_role("combobox", name="Di mana?")
    box.press_sequentially("berbas", delay=20)
    until(page, "document.querySelectorAll('[role=option]').length > 0")
    assert box.get_attribute("aria-expanded") == "true"
    box.press("ArrowDown")
    active = page.locator(f"#{box.get_attribute('aria-activedescendant')}")
    assert active.get_attribute("aria-selected") == "true"
    box.press("Enter")
    page.wait_for_url("**/zoning?*")
    expect(page.get_by_role("heading", name="Singkatnya")).to_be_visible()


def test_escape_closes_the_suggestions_and_keeps_the_words(visit: Callable[..., Page]) -> None:
    page = visit("/")
    box = page.get_by_role("combobox", name="Di mana?")
    box.press_sequentially("guntung", delay=20)
    until(page, "document.querySelectorAll('[role=option]').length > 0")
    box.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    assert box.input_value() == "guntung"


def test_escape_before_the_suggestions_keeps_the_words_and_they_stay_away(visit: Callable[..., Page]) -> None:
    """A browser empties a search field at Escape; here the key is meant for suggestions that are on their way."""
    page = visit("/")
    box = page.get_by_role("combobox", name="Di mana?")
    box.press_sequentially("guntung")
    box.press("Escape")
    assert box.input_value() == "guntung"
    page.wait_for_timeout(800)
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_own_position_with_its_accuracy(visit: Callable[..., Page]) -> None:
    page = visit("/", geolocation=CENTRE, permissions=["geolocation"])
    page.get_by_role("button", name="Pakai lokasi saya").click()
    page.wait_for_url("**/zoning?*accuracy_m=12*")
    expect(page.get_by_text("ketelitian posisi Anda 12 m")).to_be_visible()


def test_denied_position_is_explained(visit: Callable[..., Page]) -> None:
    page = visit("/")
    page.get_by_role("button", name="Pakai lokasi saya").click()
    expect(page.get_by_text("Lokasi Anda tidak tersedia")).to_be_visible()


def test_area_is_answered_for_one_point_and_says_so(visit: Callable[..., Page]) -> None:
    page = visit("/zoning?q=kelurahan+guntung")
    link = page.locator(".hit", has_text="Kelurahan").first.get_by_role("link").first
    if link.count():
        link.click()
    expect(page.get_by_text("Satu titik, bukan seluruh")).to_be_visible()


def test_business_number_is_explained(visit: Callable[..., Page]) -> None:
    page = visit("/zoning?q=1234567890123")
    expect(page.get_by_role("heading", name="Ini tampaknya nomor usaha")).to_be_visible()
    expect(page.get_by_text("Ketik nomor bidang tanah (NIB tanah)")).to_be_visible()


def test_coordinates_in_degrees_and_minutes_lead_to_the_answer(visit: Callable[..., Page]) -> None:
    page = visit("/")
    page.get_by_label("Di mana?").fill("0°08'10\"N 117°29'17\"E")
    page.get_by_role("button", name="Cari").click()
    page.wait_for_url("**/zoning?lon=117.48*")
    expect(page.get_by_role("heading", name="Singkatnya")).to_be_visible()


def test_forbidden_activity_names_the_nearest_zone_that_takes_it(visit: Callable[..., Page]) -> None:
    page = visit("/zoning?lon=117.488&lat=0.136&use=pabrik+pupuk")
    expect(page.locator(".verdict--big").first).to_be_visible()
    if page.locator(".verdict--forbidden.verdict--big").count():
        expect(page.get_by_role("heading", name="Zona terdekat yang membolehkannya")).to_be_visible()


def test_unknown_activity_leaves_the_answer_standing(visit: Callable[..., Page]) -> None:
    page = visit("/zoning?lon=117.488&lat=0.136&use=zzzzqqq")
    expect(page.get_by_text("Tidak ada yang cocok dengan “zzzzqqq”")).to_be_visible()
    expect(page.get_by_role("heading", name="Singkatnya")).to_be_visible()


def test_date_before_the_first_version_offers_the_first_day(visit: Callable[..., Page]) -> None:
    page = visit("/zoning?lon=117.488&lat=0.136&on=2001-01-01")
    page.get_by_role("link", name="Tampilkan jawaban untuk 1 Maret 2023").click()
    expect(page.get_by_text("Nomor 1 Tahun 2023").first).to_be_visible()
