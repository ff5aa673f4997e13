"""A resident on the map: tap, read the sheet, switch layers and dates, share, print; also by keyboard and without WebGL."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.live import DESKTOP, PHONE, map_is_drawn, until

pytestmark = pytest.mark.browser

AT_CENTRE = "/map?lat=0.136&lon=117.488&z=16"
VIEWPORTS = [pytest.param(PHONE, id="phone"), pytest.param(DESKTOP, id="desktop")]
NO_WEBGL = "HTMLCanvasElement.prototype.getContext = () => null"


@pytest.mark.parametrize("viewport", VIEWPORTS)
def test_tap_opens_the_answer(visit: Callable[..., Page], viewport: dict[str, int]) -> None:
    page = visit(AT_CENTRE, viewport)
    map_is_drawn(page)
    page.locator(".maplibregl-canvas").click(position={"x": 150, "y": 250})
    expect(page.get_by_role("heading", name="Singkatnya")).to_be_visible()
    assert "&at=" in page.url
    page.get_by_role("button", name="Tutup").first.click()
    until(page, "!location.search.includes('&at=')")


def test_sheet_grows_and_shrinks_by_button(visit: Callable[..., Page]) -> None:
    page = visit(f"{AT_CENTRE}&at=0.136,117.488")
    expect(page.get_by_role("heading", name="Singkatnya")).to_be_visible()
    size = page.locator("#sheet-size")
    before = page.locator("#sheet").bounding_box()
    size.click()
    assert size.get_attribute("aria-expanded") == "true"
    after = page.locator("#sheet").bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] > before["height"]
    size.click()
    assert size.get_attribute("aria-expanded") == "false"


def test_activity_is_asked_in_the_sheet(visit: Callable[..., Page]) -> None:
    page = visit(f"{AT_CENTRE}&at=0.136,117.488", DESKTOP)
    page.get_by_role("textbox", name="Bolehkah saya membuka").fill("warung")
    page.get_by_role("button", name="Tanya").click()
    expect(page.locator(".verdict--big").first).to_be_visible()
    assert page.url.split("?")[0].endswith("/map")


def test_keyboard_moves_asks_and_closes(visit: Callable[..., Page]) -> None:
    page = visit(AT_CENTRE, DESKTOP)
    map_is_drawn(page)
    page.locator(".maplibregl-canvas").focus()
    before = page.evaluate("ruangMap.getCenter().lng")
    page.keyboard.press("ArrowRight")
    until(page, f"ruangMap.getCenter().lng > {before}")
    until(page, "document.getElementById('map-spoken').textContent.includes('Di utara')")
    page.keyboard.press("Enter")
    expect(page.locator("[data-card-title]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".maplibregl-canvas")).to_be_focused()


def test_legend_filters_and_the_address_remembers(visit: Callable[..., Page]) -> None:
    page = visit(AT_CENTRE)
    map_is_drawn(page)
    page.get_by_role("button", name="Lapisan dan legenda").click()
    until(page, "document.querySelectorAll('#legend input').length > 5")
    code = page.evaluate("ruangMap.queryRenderedFeatures({layers: ['zones-fill']})[0].properties.code")
    page.locator(f"#legend-{code}").uncheck()
    until(
        page, f"!ruangMap.queryRenderedFeatures({{layers: ['zones-fill']}}).some((f) => f.properties.code === '{code}')"
    )
    assert f"hide={code}" in page.url
    page.locator("#layer-roads").uncheck()
    assert page.evaluate("ruangMap.getLayoutProperty('roads-line', 'visibility')") == "none"
    assert "layers=" in page.url
    assert "roads" not in page.url.split("layers=")[1].split("&")[0]


def test_other_version_by_date(visit: Callable[..., Page]) -> None:
    page = visit(f"{AT_CENTRE}&at=0.136,117.488", DESKTOP)
    map_is_drawn(page)
    page.get_by_role("button", name="Lapisan dan legenda").click()
    page.locator("#map-on").fill("2024-01-01")
    page.locator("#map-on").dispatch_event("change")
    expect(page.locator("#sheet-body").get_by_text("Nomor 1 Tahun 2023").first).to_be_visible()
    assert "on=2024-01-01" in page.url
    page.locator("#map-on").fill("2001-01-01")
    page.locator("#map-on").dispatch_event("change")
    expect(page.get_by_text("Tidak ada versi rencana ini")).to_be_visible()


def test_a_date_without_a_version_says_so_beside_the_field(visit: Callable[..., Page]) -> None:
    page = visit("/map")
    page.get_by_role("button", name="Lapisan dan legenda").click()
    page.locator("#map-on").fill("2001-01-01")
    page.locator("#map-on").blur()
    expect(page.locator("#map-on-problem")).to_have_text("Tidak ada versi rencana ini yang berlaku pada tanggal itu.")
    expect(page.locator("#map-on-problem")).to_be_in_viewport()
    page.locator("#map-on").fill("2024-01-01")
    page.locator("#map-on").blur()
    expect(page.locator("#map-on-problem")).to_be_empty()


def test_a_link_to_an_impossible_point_shows_the_map(visit: Callable[..., Page]) -> None:
    page = visit("/map?at=117.49,0.131")
    expect(page.locator("#sheet")).to_have_attribute("data-state", "closed")


def test_shared_link_shows_the_same(visit: Callable[..., Page]) -> None:
    first = visit(f"{AT_CENTRE}&at=0.136,117.488&layers=zones,roads", DESKTOP)
    expect(first.get_by_role("heading", name="Singkatnya")).to_be_visible()
    second = visit(first.url, DESKTOP)
    expect(second.get_by_role("heading", name="Singkatnya")).to_be_visible()
    map_is_drawn(second)
    assert second.evaluate("ruangMap.getLayoutProperty('parcels-line', 'visibility')") == "none"
    assert second.url == first.url


def test_own_position_has_a_circle_as_wide_as_its_accuracy(visit: Callable[..., Page]) -> None:
    place = {"longitude": 117.488, "latitude": 0.136, "accuracy": 40}
    page = visit("/map", geolocation=place, permissions=["geolocation"])
    map_is_drawn(page)
    page.get_by_role("button", name="Lokasi saya").click()
    expect(page.get_by_text("ketelitian sekitar 40 m")).to_be_visible()
    until(page, "ruangMap.queryRenderedFeatures({layers: ['position-area']}).length > 0")


def test_print_view_holds_map_legend_and_source(visit: Callable[..., Page]) -> None:
    page = visit(AT_CENTRE, DESKTOP)
    map_is_drawn(page)
    page.evaluate("window.print = () => {}")
    page.get_by_role("button", name="Cetak").click()
    until(page, "document.getElementById('print-image').naturalWidth > 100")
    page.emulate_media(media="print")
    expect(page.locator("#print-image")).to_be_visible()
    expect(page.locator("#print-facts")).to_contain_text("Ini informasi, bukan KKPR, KRK atau izin.")
    assert page.locator(".print-legend li").count() > 0


def test_without_webgl_the_light_map_answers(visit: Callable[..., Page], open_context: Callable[..., object]) -> None:
    context = open_context(PHONE)
    context.add_init_script(f"if (location.pathname === '/map') {NO_WEBGL}")  # type: ignore[attr-defined]
    page: Page = context.new_page()  # type: ignore[attr-defined]
    page.goto("/map")
    expect(page.get_by_role("heading", name="Peramban ini tidak dapat menggambar peta")).to_be_visible()
    page.get_by_role("link", name="Buka peta ringan").click()
    page.wait_for_url("**/map/light")
    box = page.locator(".leaflet-container").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("link", name="Boleh bangun apa di sini?")).to_be_visible()
