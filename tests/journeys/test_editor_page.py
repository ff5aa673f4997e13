"""The editor's page itself: for whom it opens, what is found, and whether everybody can use it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from app.accounts.roles import Actor
from app.database import db
from app.plans.drafts import service
from tests.browser.test_every_page import SMALL_TARGETS, violations
from tests.journeys.planning import CENTRE, PLAN, SCREEN, Draft, choose, is_ready, new_planner, pixel, saved, sign_in
from tests.live import PHONE, until

pytestmark = pytest.mark.browser


def sound(page: Page, where: str, width: int) -> list[str]:
    """What is wrong with the page as it stands: axe, targets under 44 pixels, sideways scrolling."""
    found = [*violations(page), *(f"small: {target}" for target in page.evaluate(SMALL_TARGETS))]
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found.append("scrolls sideways")
    return [f"{where}: {text}" for text in found]


@pytest.mark.parametrize("lang", ["id", "en"])
def test_every_state_is_accessible_and_keeps_the_policy(edit: Callable[..., Page], lang: str) -> None:
    page = edit(lang=lang)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    found = sound(page, "nothing chosen", SCREEN["width"])
    choose(page)
    found += sound(page, "a zone", SCREEN["width"])
    for key, tool in {"s": "split", "g": "merge", "c": "carve", "b": "give", "o": "border"}.items():
        page.keyboard.press(key)
        until(page, f"ruangEditor.tool === '{tool}'")
        found += sound(page, tool, SCREEN["width"])
        page.evaluate("document.activeElement.blur()")
    page.keyboard.press("v")
    for tab in ("table", "findings", "history"):
        page.locator(f"#tab-{tab}").click()
        until(page, f"document.getElementById('{tab}-panel').children.length > 0 && !ruangEditor.checking")
        found += sound(page, tab, SCREEN["width"])
    page.keyboard.press("?")
    expect(page.locator("#editor-help")).to_be_visible()
    found += sound(page, "help", SCREEN["width"])
    page.keyboard.press("Escape")
    expect(page.locator("#editor-help")).to_be_hidden()
    assert found == []
    assert complaints == []


def test_phone_reads_the_list_and_is_told_where_to_edit(edit: Callable[..., Page]) -> None:
    page = edit(viewport=PHONE, lang="en")
    expect(page.get_by_text("The map is edited on a larger screen")).to_be_visible()
    rows = page.locator(".editor-table tbody tr")
    expect(rows.first).to_be_visible()
    page.get_by_label("Find by code").fill("RTH-1")
    expect(rows.first).to_contain_text("RTH-1")
    assert page.locator(".editor-tools").is_hidden()
    assert sound(page, "phone", PHONE["width"]) == []


def test_zone_is_found_chosen_and_shown_by_keyboard_alone(edit: Callable[..., Page]) -> None:
    page = edit()
    page.keyboard.press("/")
    expect(page.get_by_label("Cari menurut kode")).to_be_focused()
    page.keyboard.type("rth-2")
    row = page.locator(".editor-table .editor-row").first
    row.focus()
    page.keyboard.press("Enter")
    until(page, "ruangEditor.selection.isExact")
    expect(page.locator(".editor-table .editor-row[aria-pressed=true]")).to_have_count(1)
    page.get_by_role("columnheader", name="Luas").get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("columnheader", name="Luas")).to_have_attribute("aria-sort", "ascending")
    page.locator("#tab-table").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#tab-zone")).to_be_focused()
    before = page.evaluate("ruangMap.getZoom()")
    page.keyboard.press("z")
    until(page, f"!ruangMap.isMoving() && ruangMap.getZoom() !== {before}")
    page.get_by_text("Titik batas").click()
    page.get_by_role("button", name="Titik berikutnya").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Bujur, lintang")).not_to_have_value("")
    expect(page.get_by_role("button", name="Titik berikutnya")).to_be_focused()


def test_single_keys_can_be_switched_off(edit: Callable[..., Page]) -> None:
    page = edit()
    page.get_by_role("button", name="Bantuan").last.click()
    page.get_by_label("Tombol tunggal").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    assert page.evaluate("ruangEditor.tool") == "select"
    page.reload()
    is_ready(page)
    page.keyboard.press("s")
    assert page.evaluate("ruangEditor.tool") == "select"


def test_box_chooses_and_shift_adds_and_takes_away(edit: Callable[..., Page]) -> None:
    page = edit()
    x, y = pixel(page, CENTRE)
    page.keyboard.down("Shift")
    page.mouse.move(x - 150, y - 120)
    page.mouse.down()
    page.mouse.move(x, y)
    expect(page.locator("#rubber")).to_be_visible()
    page.mouse.move(x + 150, y + 120)
    page.mouse.up()
    until(page, "ruangEditor.selection.ids.length > 2")
    several = page.evaluate("ruangEditor.selection.ids.length")
    page.mouse.click(x, y)
    until(page, f"ruangEditor.selection.ids.length === {several - 1}")
    page.keyboard.up("Shift")
    page.keyboard.press("Escape")
    until(page, "ruangEditor.selection.ids.length === 0")


def test_finding_is_shown_and_its_repair_accepted(edit: Callable[..., Page], draft: Draft) -> None:
    page = edit()
    page.get_by_role("button", name="Periksa", exact=True).click()
    first = page.locator(".editor-finding").first
    expect(first).to_contain_text("Luas berbeda dari peraturan")
    count = int(page.locator("#findings-count").inner_text())
    first.get_by_role("button", name="Lihat perbaikan").click()
    until(page, "ruangEditor.selection.ids.length === 1")
    [zone] = page.evaluate("ruangEditor.selection.ids")
    expect(first).to_contain_text("disamakan dengan luas gambar")
    with saved(page):
        first.get_by_role("button", name="Terima perbaikan").click()
    until(page, f"Number(document.getElementById('findings-count').textContent) === {count - 1}")
    row = draft.rows()[zone]
    assert row.legal_area_ha == pytest.approx(row.area_m2 / 10_000, abs=1e-4)


def test_approver_looks_and_changes_nothing(edit: Callable[..., Page]) -> None:
    page = edit("Dewi", role="approver")
    expect(page.get_by_text("tidak dapat mengubahnya")).to_be_visible()
    expect(page.get_by_role("button", name="Pecah")).to_be_disabled()
    page.mouse.click(*pixel(page, CENTRE))
    until(page, "ruangEditor.selection.isExact")
    assert page.evaluate("ruangEditor.pointer.handles.length") == 0
    expect(page.get_by_role("textbox", name="Keterangan")).to_be_disabled()
    expect(page.get_by_role("button", name="Simpan atribut")).to_have_count(0)


def test_planner_opens_a_draft_where_there_is_none(browser: Browser, editor_app: Flask, editor_url: str) -> None:
    context = browser.new_context(viewport=SCREEN)  # type: ignore[arg-type]
    page = context.new_page()
    someone = new_planner(editor_app, "Rani")
    page.goto(f"{editor_url}/plans/{PLAN}/edit?lang=id")
    page.wait_for_url("**/account/sign-in?next=**")
    sign_in(page, editor_url, someone)
    page.goto(f"{editor_url}/plans/{PLAN}/edit")
    expect(page.get_by_role("heading", name="Belum ada rancangan yang terbuka")).to_be_visible()
    assert sound(page, "no draft", SCREEN["width"]) == []
    page.get_by_label("Dasar hukum perubahan").fill("Rancangan Perwali 2027")
    page.get_by_role("button", name="Buka rancangan").click()
    expect(page.locator("#draft-name")).to_contain_text("Rancangan Perwali 2027")
    is_ready(page)
    page.goto(f"{editor_url}/plans/tidak-ada/edit")
    expect(page.get_by_role("heading", name="Tidak ditemukan")).to_be_visible()
    context.close()
    with editor_app.app_context():
        service.discard(Actor(someone.id, "Rani", frozenset({"planner"})), PLAN)
        db.session.remove()
