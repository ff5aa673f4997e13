"""A planner takes the draft to another tool and back, edits rules in the grid, and brings in a whole layer."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import text
from werkzeug.serving import make_server

from app import create_app
from app.accounts.models import Account
from app.accounts.service import actor_of
from app.config import REPOSITORY
from app.database import db
from app.jobs.worker import work
from app.plans.drafts import service as drafts
from gis.vector_files import open_layer, write_geopackage
from tests.conftest import make_settings
from tests.factories.accounts import Someone, make_account
from tests.factories.plans import feature, publish_zones, square, write_layer
from tests.live import DESKTOP, PHONE

pytestmark = pytest.mark.browser

AXE = REPOSITORY / "app" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
CODES = ("R-2", "K-1", "RTH-2", "K-1", "RTH-2", "R-2")


@pytest.fixture(scope="module")
def planner() -> list[Someone]:
    """Who edits; filled by ``city``."""
    return []


@pytest.fixture(scope="module")
def city(
    admin_url: str, new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory, planner: list[Someone]
) -> Iterator[Flask]:
    """A published plan of six squares, and an open draft of it."""
    application = create_app(make_settings(admin_url, new_database("exchange")))
    application.testing = True
    with application.app_context():
        squares = [feature(square(number % 3, number // 3), code) for number, code in enumerate(CODES)]
        publish_zones(tmp_path_factory.mktemp("layer"), squares, valid_from=dt.date(2023, 1, 1))
        planner.append(make_account("planner", email="planner@example.org", name="Ani"))
        drafts.open_draft(actor_of(db.session.get_one(Account, planner[0].id)), "rdtr", "Rancangan Perwali", "id")
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
def sign_in(browser: Browser, address: str, planner: list[Someone]) -> Iterator[Callable[..., Page]]:
    """Opens a browser in which the planner is signed in."""
    opened: list[BrowserContext] = []

    def make(viewport: dict[str, int] = DESKTOP, **options: bool) -> Page:
        context = browser.new_context(viewport=viewport, base_url=address, **options)  # type: ignore[arg-type]
        context.set_default_timeout(20_000)
        opened.append(context)
        page, someone = context.new_page(), planner[0]
        page.goto("/account/sign-in?lang=id")
        page.get_by_label("Alamat email").fill(someone.email)
        page.get_by_label("Kata sandi").fill(someone.password)
        page.get_by_role("button", name="Masuk").click()
        code, *rest = someone.recovery_codes
        someone.recovery_codes = tuple(rest)
        page.get_by_label("Kode").fill(code)
        page.get_by_role("button", name="Lanjutkan").click()
        page.wait_for_url(lambda url: "/account/s" not in url)
        return page

    yield make
    for context in opened:
        context.close()


def do_jobs(city: Flask) -> None:
    """Let a worker do what waits; in a thread of its own, as the browser's driver has this one's event loop."""
    thread = threading.Thread(target=work, args=(city,), kwargs={"wait": False})
    thread.start()
    thread.join(60)
    assert not thread.is_alive()


def check(page: Page) -> None:
    """Nothing that axe finds, and nothing wider than the screen."""
    page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    assert [(item["id"], [node["target"] for node in item["nodes"]]) for item in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def stored(city: Flask, statement: str) -> object:
    with city.app_context():
        found = db.session.execute(text(statement)).scalar()
        db.session.remove()
    return found


@pytest.mark.parametrize(("viewport", "language"), [(DESKTOP, "id"), (PHONE, "en")], ids=["desktop-id", "phone-en"])
def test_out_to_another_tool_and_back(
    sign_in: Callable[..., Page], city: Flask, tmp_path: Path, viewport: dict[str, int], language: str
) -> None:
    page = sign_in(viewport)
    page.goto(f"/plans/rdtr/draft/exchange?lang={language}")
    check(page)
    path = tmp_path / "draft.gpkg"
    with page.expect_download() as download:
        page.locator("a[download]").click()
    download.value.save_as(path)
    block = f"IX.{language}"
    with open_layer(path, layer="zones") as layer:
        columns, features = dict(layer.columns), [(item.geometry, dict(item.properties)) for item in layer]
    features[0][1]["block"] = block
    features[1] = (features[1][0], {**features[1][1], "subzone_code": "RTH-2" if language == "id" else "R-2"})
    write_geopackage(path, features, columns=columns, crs="EPSG:4326", layer="zones")
    page.locator("#file").set_input_files(path)
    page.locator("form[enctype] button").click()
    expect(page.locator("progress")).to_be_visible()
    check(page)
    do_jobs(city)
    page.wait_for_url("**/draft/exchange/*")
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator(".exchange-map svg path").first).to_be_visible()
    check(page)
    page.locator("form[action$='/take'] button").click()
    page.wait_for_url("**/jobs/*")
    do_jobs(city)
    page.wait_for_url("**/draft/exchange?taken=*")
    kept = "SELECT count(*) FROM zone_revision JOIN version_zone ON revision_id = id WHERE block = "
    assert stored(city, f"{kept} '{block}'") == 1


def test_without_javascript_the_page_follows_its_job(sign_in: Callable[..., Page], city: Flask, tmp_path: Path) -> None:
    page = sign_in(java_script_enabled=False)
    bad = tmp_path / "bad.gpkg"
    bad.write_bytes(b"SQLite format 3\0nothing")
    page.goto("/plans/rdtr/draft/exchange")
    page.locator("#file").set_input_files(bad)
    page.locator("form[enctype] button").click()
    expect(page.get_by_text("Menunggu giliran.")).to_be_visible()
    do_jobs(city)
    # The page loads itself again after three seconds.
    expect(page.get_by_role("heading", name="Ini tidak berhasil")).to_be_visible()


def test_the_grid_by_keyboard_and_a_workbook(sign_in: Callable[..., Page], city: Flask, tmp_path: Path) -> None:
    page = sign_in()
    page.goto("/plans/rdtr/draft/rules/intensity?lang=id")
    check(page)
    cells = page.locator("input[name='cell:kdb_max_pct']")
    cells.nth(0).focus()
    page.keyboard.press("ArrowDown")
    expect(cells.nth(1)).to_be_focused()
    page.keyboard.type("55")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=saved*")
    expect(cells.nth(1)).to_have_value("55")
    cells.nth(0).fill("lima")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("lima")
    expect(cells.nth(0)).to_have_value("lima")
    check(page)
    page.goto("/plans/rdtr/draft/rules/itbx?lang=id")
    check(page)
    path = tmp_path / "itbx.xlsx"
    with page.expect_download() as download:
        page.get_by_role("link", name="Unduh tabel").click()
    download.value.save_as(path)
    book = openpyxl.load_workbook(path)
    sheet = book["itbx"]
    sheet.cell(2, [cell.value for cell in sheet[1]].index("K-1") + 1).value = "X"
    book.save(path)
    page.locator("#file").set_input_files(path)
    page.get_by_role("button", name="Bandingkan").click()
    do_jobs(city)
    page.wait_for_url("**/comparisons/*")
    expect(page.locator("ins")).to_have_text("X")
    check(page)
    page.get_by_role("button", name="Terapkan").click()
    page.wait_for_url("**/jobs/*")
    do_jobs(city)
    page.wait_for_url("**done=taken")
    page.get_by_role("button", name="Kembalikan").first.click()
    page.wait_for_url("**done=restored")
    cell = (
        "SELECT cell FROM permitted_use JOIN plan_version ON id = version_id WHERE state = 'draft' AND activity_id = "
    )
    assert stored(city, f"{cell} 'warung' AND subzone_code = 'K-1'") == "I"


def test_a_consultants_layer(sign_in: Callable[..., Page], city: Flask, tmp_path: Path) -> None:
    page = sign_in(PHONE)
    page.goto("/plans/rdtr/draft/layer?lang=id")
    check(page)
    layer = [feature(square(0, 0, 1.2)), *[feature(square(column, 0), "K-1") for column in (1, 2)], feature(None)]
    page.locator("#file").set_input_files(write_layer(tmp_path, layer))
    page.get_by_label("Peraturan yang dituju").fill("Rancangan Perwali")
    page.get_by_role("button", name="Periksa layer").click()
    do_jobs(city)
    page.wait_for_url("**/draft/layer/*")
    check(page)
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Masukkan ke rancangan").click()
    page.wait_for_url("**/jobs/*")
    do_jobs(city)
    page.wait_for_url("**/draft/exchange?taken=*")
    kept = "SELECT count(*) FROM version_zone JOIN plan_version ON id = version_id WHERE state = 'draft'"
    assert stored(city, kept) == 3
