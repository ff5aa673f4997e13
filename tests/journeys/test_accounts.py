"""A planner signs in on a phone, a resident ends a sign-in from another browser, an administrator makes an account."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from app.database import db
from tests.factories.accounts import Someone, make_account
from tests.live import DESKTOP, PHONE

pytestmark = pytest.mark.browser

NEW_PASSWORD = "layar perahu kuning"
_NUMBERS = itertools.count(1)


@pytest.fixture
def person(sample_app: Flask) -> Callable[..., Someone]:
    """Makes an account of the sample city with an address that no other test uses."""

    def make(*roles: str, **options: object) -> Someone:
        address = f"{roles[0]}.journey{next(_NUMBERS)}@example.org"
        with sample_app.app_context():
            made = make_account(*roles, email=address, **options)  # type: ignore[arg-type]
            db.session.remove()
        return made

    return make


def give_password(page: Page, someone: Someone, password: str | None = None) -> None:
    """Fill the first form and send it."""
    page.get_by_label("Alamat email").fill(someone.email)
    page.get_by_label("Kata sandi").fill(password or someone.password)
    page.get_by_role("button", name="Masuk").click()


def test_a_planner_signs_in_on_a_phone_and_comes_back(
    visit: Callable[..., Page], person: Callable[..., Someone]
) -> None:
    planner = person("planner", name="Budi")
    page = visit("/account/activity", PHONE)
    give_password(page, planner)
    expect(page.get_by_role("heading", name="Satu langkah lagi: kode")).to_be_visible()
    page.get_by_label("Kode").fill("000000")
    page.get_by_role("button", name="Lanjutkan").click()
    expect(page.get_by_role("alert")).to_contain_text("Kode ini salah")
    assert page.title().startswith("Kesalahan:")
    page.get_by_label("Kode").fill(planner.code())
    page.get_by_role("button", name="Lanjutkan").click()
    page.wait_for_url("**/account/activity")
    expect(page.get_by_role("listitem").filter(has_text="memasukkan kode yang salah")).to_be_visible()
    page.get_by_role("link", name="Akun").first.click()
    expect(page.get_by_role("heading", name="Budi")).to_be_visible()


def test_without_javascript_a_planner_sets_up_the_second_factor(
    visit: Callable[..., Page], person: Callable[..., Someone]
) -> None:
    planner = person("planner", second_factor=False)
    page = visit("/account/sign-in", PHONE, java_script_enabled=False)
    give_password(page, planner)
    expect(page.get_by_role("heading", name="Atur verifikasi dua langkah")).to_be_visible()
    picture = page.get_by_role("img", name="Kode QR")
    expect(picture).to_have_attribute("src", re.compile(r"^data:image/svg\+xml"))
    address = page.get_by_role("link", name="Buka aplikasi autentikator").get_attribute("href")
    planner.key = parse_qs(urlsplit(address or "").query)["secret"][0]
    page.get_by_label("Kode enam angka").fill(planner.code())
    page.get_by_role("button", name="Lanjutkan").click()
    expect(page.get_by_role("heading", name="Simpan kode pemulihan Anda")).to_be_visible()
    codes = page.locator(".recovery-codes code").all_inner_texts()
    assert len(set(codes)) == 10
    page.get_by_role("button", name="Sudah saya simpan").click()
    page.get_by_role("button", name="Keluar").click()
    page.goto("/account/sign-in")
    give_password(page, planner)
    page.get_by_label("Kode").fill(codes[0])
    page.get_by_role("button", name="Lanjutkan").click()
    expect(page.get_by_text("tersisa 9 kode pemulihan")).to_be_visible()


def test_a_sign_in_is_ended_from_another_browser(
    open_context: Callable[..., BrowserContext], person: Callable[..., Someone]
) -> None:
    resident = person("resident")
    phone, desk = open_context(PHONE).new_page(), open_context(DESKTOP).new_page()
    for page in (phone, desk):
        page.goto("/account/sign-in")
        give_password(page, resident)
        expect(page.get_by_role("heading", name="Akun Anda")).to_be_visible()
    desk.reload()
    other = desk.locator(".rows__row").filter(has_not_text="yang ini")
    expect(other).to_have_count(1)
    other.get_by_role("button", name="Akhiri").click()
    expect(desk.get_by_role("status")).to_contain_text("Sesi sudah diakhiri")
    phone.goto("/account")
    expect(phone.get_by_role("heading", name="Masuk")).to_be_visible()
    desk.reload()
    expect(desk.get_by_role("heading", name="Akun Anda")).to_be_visible()


def test_an_administrator_makes_an_account_and_its_owner_uses_the_link(
    open_context: Callable[..., BrowserContext], person: Callable[..., Someone], live_url: str
) -> None:
    administrator = person("administrator")
    page = open_context(DESKTOP).new_page()
    page.goto("/account/people")
    give_password(page, administrator)
    page.get_by_label("Kode").fill(administrator.code())
    page.get_by_role("button", name="Lanjutkan").click()
    page.get_by_role("button", name="Akun baru").click()
    newcomer = Someone(0, f"baru.{administrator.id}@example.org", NEW_PASSWORD)
    page.get_by_label("Alamat email").fill(newcomer.email)
    page.get_by_label("Nama").fill("Lurah Baru")
    page.get_by_label("Lurah", exact=True).check()
    page.get_by_role("button", name="Buat akun").click()
    link = page.locator(".one-time-link").inner_text()

    owner = open_context(PHONE).new_page()
    owner.goto(live_url + urlsplit(link).path)
    owner.get_by_label("Kata sandi baru").fill(NEW_PASSWORD)
    owner.get_by_label("Ulangi kata sandi").fill(NEW_PASSWORD)
    owner.get_by_role("button", name="Simpan kata sandi").click()
    owner.get_by_role("main").get_by_role("button", name="Masuk").click()
    give_password(owner, newcomer)
    expect(owner.get_by_text("Lurah Baru")).to_be_visible()


def test_a_wrong_password_is_told_in_plain_words_and_keeps_the_address(
    visit: Callable[..., Page], person: Callable[..., Someone]
) -> None:
    resident = person("resident")
    page = visit("/account/sign-in")
    give_password(page, resident, "bukan yang benar")
    expect(page.get_by_role("alert")).to_contain_text("Alamat email atau kata sandi salah")
    assert page.get_by_label("Alamat email").input_value() == resident.email
    assert page.get_by_label("Kata sandi").input_value() == ""
