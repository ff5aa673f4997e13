"""An answer can be had without JavaScript, from the first page to the conditions of an activity."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_from_a_name_to_the_conditions_of_an_activity(visit: Callable[..., Page]) -> None:
    page = visit("/", java_script_enabled=False)
    page.get_by_label("Di mana?").fill("Lok Tuan")
    page.get_by_role("button", name="Cari").click()
    page.locator(".hit a").first.click()
    expect(page.get_by_role("heading", name="Singkatnya")).to_be_visible()
    page.get_by_role("textbox", name="Bolehkah saya membuka").fill("warung")
    page.get_by_role("button", name="Tanya").click()
    expect(page.locator(".verdict--big").first).to_be_visible()
    expect(page.locator(".disclaimer").first).to_contain_text("Ini informasi, bukan KKPR, KRK atau izin")


def test_another_date_is_another_version(visit: Callable[..., Page]) -> None:
    page = visit("/zoning?lon=117.488&lat=0.136", java_script_enabled=False)
    page.get_by_label("Keadaan pada tanggal").fill("2024-01-01")
    page.get_by_role("button", name="Tampilkan").click()
    expect(page.get_by_text("Nomor 1 Tahun 2023").first).to_be_visible()


def test_the_map_says_what_to_do(visit: Callable[..., Page]) -> None:
    page = visit("/map", java_script_enabled=False)
    expect(page.get_by_text("Peta perlu JavaScript")).to_be_visible()
    expect(page.locator(".map-tool:visible")).to_have_count(0)
    page.get_by_role("link", name="Cari tempat dan baca jawabannya").click()
    expect(page.get_by_role("heading", name="Boleh bangun apa di sini?")).to_be_visible()
