"""A draft goes through review, a public hearing and publication, in the browsers of those who take part."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from app import create_app
from app.accounts.models import Account
from app.accounts.service import actor_of
from app.city import CityProfile
from app.config import REPOSITORY
from app.database import db
from app.plans.drafts import service as drafts
from app.plans.review import milestones
from tests.app.plans.drafts.conftest import Desk, node
from tests.conftest import make_settings
from tests.factories.accounts import Someone, make_account
from tests.factories.plans import feature, publish_zones, square
from tests.live import DESKTOP, PHONE, until

pytestmark = pytest.mark.browser

AXE = REPOSITORY / "app" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
CODES = ("R-2", "K-1", "RTH-2", "K-1", "RTH-2", "R-2")
SUMMARY = "Zona perumahan di barat menjadi zona perdagangan."
BOTH = [pytest.param(PHONE, "id", id="phone-id"), pytest.param(DESKTOP, "en", id="desktop-en")]


@pytest.fixture(scope="module")
def people() -> dict[str, Someone]:
    """Who takes part, by role; filled by ``city``."""
    return {}


@pytest.fixture(scope="module")
def city(
    admin_url: str,
    new_database: Callable[..., str],
    tmp_path_factory: pytest.TempPathFactory,
    people: dict[str, Someone],
) -> Iterator[Flask]:
    """A city of its own: a published plan of six squares, and a draft of it that a planner changed and handed in."""
    application = create_app(make_settings(admin_url, new_database("review")))
    application.testing = True
    with application.app_context():
        squares = [feature(square(number % 3, number // 3), code) for number, code in enumerate(CODES)]
        publish_zones(tmp_path_factory.mktemp("layer"), squares, valid_from=dt.date(2023, 1, 1))
        for role, name in (("planner", "Ani"), ("approver", "Citra"), ("resident", "Eko")):
            people[role] = make_account(role, email=f"{role}@example.org", name=name)
        planner = actor_of(db.session.get_one(Account, people["planner"].id))
        drafts.open_draft(planner, "rdtr", "Rancangan Perwali", "id")
        desk = Desk(planner)
        desk.do("attributes", zones=[desk.ids[0]], values={"subzone_code": "K-1"})
        db.session.remove()
    yield application
    with application.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def address(city: Flask) -> Iterator[str]:
    """Where that city is served."""
    server = make_server("127.0.0.1", 0, city, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def page_of(browser: Browser, address: str, city: Flask, people: dict[str, Someone]) -> Iterator[Callable[..., Page]]:
    """Opens a page as somebody: signed in with that role, or as a passer-by."""
    opened: list[BrowserContext] = []

    def make(role: str | None = None, viewport: dict[str, int] = DESKTOP, language: str = "id", **options: Any) -> Page:
        context = browser.new_context(viewport=viewport, base_url=address, **options)  # type: ignore[arg-type]
        context.set_default_timeout(20_000)
        opened.append(context)
        page = context.new_page()
        if role is not None:
            sign_in(page, people[role])
        page.goto(f"/help?lang={language}")
        return page

    yield make
    for context in opened:
        context.close()


def sign_in(page: Page, someone: Someone) -> None:
    """Through the pages, with a recovery code where a second factor is needed."""
    page.goto("/account/sign-in?lang=id")
    page.get_by_label("Alamat email").fill(someone.email)
    page.get_by_label("Kata sandi").fill(someone.password)
    page.get_by_role("button", name="Masuk").click()
    if someone.key:
        code, *rest = someone.recovery_codes
        someone.recovery_codes = tuple(rest)
        page.get_by_label("Kode").fill(code)
        page.get_by_role("button", name="Lanjutkan").click()
    page.wait_for_url(lambda url: "/account/s" not in url)


def check(page: Page) -> None:
    """Nothing that axe finds, and nothing wider than the screen."""
    page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    assert [(item["id"], [node["target"] for node in item["nodes"]]) for item in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def as_role(city: Flask, people: dict[str, Someone], role: str, do: Callable[[Any], object]) -> None:
    """Do something as somebody, without a browser."""
    with city.app_context():
        do(actor_of(db.session.get_one(Account, people[role].id)))
        db.session.remove()


def today() -> dt.date:
    """The day in the city."""
    return dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).date()


def test_from_handing_in_to_the_minutes(page_of: Callable[..., Page], monkeypatch: pytest.MonkeyPatch) -> None:
    """One draft, one long way: the steps build on each other, as they do for people."""
    planner = page_of("planner")
    planner.goto("/plans/rdtr/review")
    check(planner)
    planner.get_by_role("button", name="Ajukan untuk ditinjau").click()
    expect(planner.get_by_role("alert")).to_contain_text("perlu diisi")
    planner.get_by_label("Apa yang berubah, dan mengapa").fill(SUMMARY)
    planner.get_by_role("button", name="Ajukan untuk ditinjau").click()
    expect(planner.get_by_role("status")).to_contain_text("sudah diajukan")

    approver = page_of("approver", PHONE)
    approver.goto("/plans/rdtr/review")
    approver.get_by_label("Catatan baru").fill("Mengapa zona ini?")
    approver.get_by_role("button", name="Tanggapan").click()
    planner.reload()
    planner.get_by_text("Jawaban", exact=False).first.scroll_into_view_if_needed()
    planner.locator("summary").filter(has_text="Jawab").first.click()
    planner.get_by_label("Jawab").first.fill("Karena pasar.")
    planner.get_by_role("button", name="Kirim").click()
    expect(planner.get_by_text("Karena pasar.")).to_be_visible()
    approver.reload()
    check(approver)
    approver.get_by_role("button", name="Tandai selesai").click()

    announce(planner)
    comment_without_javascript(page_of)
    comment_on_the_map(page_of)
    answer_and_read(planner, page_of)

    after = today() + dt.timedelta(days=5)
    monkeypatch.setattr(CityProfile, "today", lambda _city: after)
    approver.goto("/plans/rdtr/review")
    approver.get_by_role("button", name="Setujui rancangan").click()
    expect(approver.get_by_text("Yang masih kurang")).to_be_visible()
    record_milestones(planner)
    publish_and_watch(approver, page_of)


def announce(planner: Page) -> None:
    planner.goto("/plans/rdtr/review/hearing")
    check(planner)
    planner.get_by_label("Hari pertama").fill(today().isoformat())
    planner.get_by_label("Hari terakhir").fill((today() + dt.timedelta(days=2)).isoformat())
    planner.get_by_label("Apa yang ditanyakan kepada warga").fill("Bagaimana pendapat Anda?")
    planner.get_by_role("button", name="Umumkan").click()
    expect(planner.get_by_role("heading", name="Terbuka untuk tanggapan")).to_be_visible()


def comment_without_javascript(page_of: Callable[..., Page]) -> None:
    """A passer-by reads the draft and is led to the sign-in; a resident comments on a zone by its number."""
    passer = page_of(None, PHONE, java_script_enabled=False)
    passer.goto("/plans/rdtr/hearings/open")
    expect(passer.get_by_text("RANCANGAN, belum berlaku").first).to_be_visible()
    expect(passer.get_by_role("row", name="subzona lain")).to_be_visible()
    expect(passer.locator("textarea")).to_have_count(0)
    resident = page_of("resident", PHONE, java_script_enabled=False)
    resident.goto("/plans/rdtr/hearings/open")
    zone = resident.get_by_role("row", name="subzona lain").get_by_role("rowheader").inner_text()
    resident.get_by_label("Tanggapan Anda", exact=True).fill("Saya setuju.")
    resident.get_by_label("Nomor zona").fill(zone)
    resident.get_by_label("Tampilkan nama saya (Eko)").check()
    resident.get_by_role("button", name="Kirim").click()
    expect(resident.locator("#said ~ ol").get_by_text(f"Tentang zona {zone} (K-1)")).to_be_visible()


def comment_on_the_map(page_of: Callable[..., Page]) -> None:
    """A zone chosen by click, and an area drawn; the name stays unsaid."""
    resident = page_of("resident")
    resident.goto("/plans/rdtr/hearings/open")
    until(resident, "Boolean(window.ruangMap && window.ruangMap.getLayer('draft-hatch'))")
    west, south = node(0, 0)
    east, north = node(3, 2)
    resident.evaluate(f"window.ruangMap.fitBounds([{west}, {south}, {east}, {north}], {{duration: 0, padding: 40}})")
    until(resident, "window.ruangMap.loaded() && window.ruangMap.areTilesLoaded()")
    expect(resident.locator(".hearing-map__mark")).to_be_visible()

    def click(column: float, row: float) -> None:
        lon, lat = node(column, row)
        spot = resident.evaluate(f"(({{x, y}}) => [x, y])(window.ruangMap.project([{lon}, {lat}]))")
        resident.locator("#hearing-map canvas").click(position={"x": spot[0], "y": spot[1]})

    click(2.5, 0.5)
    expect(resident.locator("#hearing-status")).to_contain_text("RTH-2")
    assert resident.locator("#zone").input_value()
    resident.get_by_role("button", name="Gambar wilayah").click()
    for corner in ((0.4, 0.4), (1.6, 0.4), (1.6, 1.6)):
        click(*corner)
    resident.get_by_role("button", name="Selesai menggambar").click()
    assert resident.locator("#zone").input_value() == ""
    drawn = json.loads(resident.locator("#place").input_value())
    assert (drawn["type"], len(drawn["coordinates"][0])) == ("Polygon", 4)
    resident.get_by_label("Tanggapan Anda", exact=True).fill("Jalan di sini terlalu sempit.")
    resident.get_by_role("button", name="Kirim").click()
    said = resident.locator("#said ~ ol > li").first
    expect(said).to_contain_text("Seorang warga")
    expect(said).to_contain_text("Tentang wilayah yang digambar")


def answer_and_read(planner: Page, page_of: Callable[..., Page]) -> None:
    planner.goto("/plans/rdtr/hearings/open")
    planner.locator("summary").filter(has_text="Jawab").first.click()
    planner.get_by_label("Jawaban, dapat dibaca semua orang").first.fill("Akan kami ukur.")
    planner.get_by_role("button", name="Jawab").first.click()
    for viewport, language in ((PHONE, "id"), (DESKTOP, "en")):
        reader = page_of(None, viewport, language)
        reader.goto("/plans/rdtr/hearings/open")
        expect(reader.get_by_text("Akan kami ukur.")).to_be_visible()
        check(reader)
        reader.get_by_role("link", name="Berita acara" if language == "id" else "Minutes").click()
        expect(reader.get_by_text("Akan kami ukur.")).to_be_visible()
        check(reader)
    with reader.expect_download() as waiting:
        reader.get_by_role("link", name="CSV").click()
    table = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    assert "Akan kami ukur." in table
    assert "@" not in table


def record_milestones(planner: Page) -> None:
    planner.goto("/plans/rdtr/review/milestones")
    check(planner)
    for kind in milestones.kinds():
        section = planner.locator(f"section[aria-labelledby='title-{kind}']")
        section.locator("summary").click()
        section.locator(f"#{kind}-document").fill(f"Nomor {kind}/2026")
        section.locator(f"#{kind}-day").fill(today().isoformat())
        section.get_by_role("button", name="Simpan").click()
    expect(planner.get_by_text("tercatat", exact=True)).to_have_count(5)


def publish_and_watch(approver: Page, page_of: Callable[..., Page]) -> None:
    approver.goto("/plans/rdtr/review/publish")
    check(approver)
    approver.get_by_label("Peraturan", exact=True).fill("Peraturan Wali Kota Nomor 9 Tahun 2026")
    approver.get_by_label("Hari pertama berlaku").fill((today() + dt.timedelta(days=30)).isoformat())
    approver.get_by_role("button", name="Periksa, lalu lanjut").click()
    check(approver)
    approver.get_by_role("button", name="Terbitkan sekarang").click()
    expect(approver.get_by_text("Sudah terbit.")).to_be_visible()
    expect(approver.get_by_text("menyederhanakan untuk skala kecil")).to_be_visible()
    for viewport, language in ((PHONE, "id"), (DESKTOP, "en")):
        reader = page_of(None, viewport, language)
        reader.goto("/plans/rdtr/versions/2")
        expect(reader.get_by_text(SUMMARY)).to_be_visible()
        expect(reader.get_by_text("Nomor klhs/2026")).to_be_visible()
        check(reader)
        assert reader.goto("/plans/rdtr/hearings/open") is not None
        expect(reader.locator("#hearing-map")).to_have_count(0)
