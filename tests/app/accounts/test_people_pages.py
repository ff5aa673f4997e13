"""The administrators' pages, by forms as a browser sends them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.factories.accounts import Someone, send, sign_in


@pytest.fixture
def administrator(browser_of: Callable[[], FlaskClient], someone: Callable[..., Someone]) -> FlaskClient:
    """A browser with an administrator signed in."""
    client = browser_of()
    assert sign_in(client, someone("administrator")).status_code == 302
    return client


def person_page(someone: Someone) -> str:
    """Where an administrator sees an account."""
    return f"/account/people/{someone.id}"


def test_a_new_account_gets_a_link_that_is_shown_once(
    administrator: FlaskClient, browser_of: Callable[[], FlaskClient]
) -> None:
    fields = {
        "email": "petugas.baru@example.org",
        "display_name": "Petugas",
        "roles": ["officer", "planner"],
        "agency": "dlh",
    }
    html = send(administrator, "/account/people/new", **fields).get_data(as_text=True)
    link = re.search(r"http://127\.0\.0\.1:8000(/account/reset/[^<]+)</code>", html)
    assert link is not None
    owner = browser_of()
    assert send(owner, link[1], password="perahu kayu biru", again="perahu kayu biru").status_code == 200
    answer = send(owner, "/account/sign-in", email="petugas.baru@example.org", password="perahu kayu biru")
    assert answer.location == "/account/second-factor/set-up"


def test_what_was_typed_stays_when_something_is_wrong(administrator: FlaskClient) -> None:
    answer = send(administrator, "/account/people/new", email="salah", display_name="Nama Panjang", roles="officer")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="Nama Panjang"' in html
    assert re.search(r'id="role-officer"[^>]+checked', html)
    assert 'href="#email"' in html


def test_roles_are_changed_on_the_page(administrator: FlaskClient, someone: Callable[..., Someone]) -> None:
    person = someone("resident")
    answer = send(administrator, person_page(person), display_name="Ani", roles=["lurah"], area_code="64.74.01.1001")
    assert answer.status_code == 302
    html = administrator.get(person_page(person)).get_data(as_text=True)
    assert re.search(r'id="role-lurah"[^>]+checked', html)
    assert not re.search(r'id="role-resident"[^>]+checked', html)
    assert "64.74.01.1001" in html


def test_a_shut_account_is_out_until_it_is_opened(
    administrator: FlaskClient, browser_of: Callable[[], FlaskClient], someone: Callable[..., Someone]
) -> None:
    person, browser = someone("resident"), browser_of()
    sign_in(browser, person)
    send(administrator, f"{person_page(person)}/shut", form_on=person_page(person))
    assert browser.get("/api/v1/account").get_json()["signed_in"] is False
    assert sign_in(browser, person).status_code == 422
    send(administrator, f"{person_page(person)}/open", form_on=person_page(person))
    assert sign_in(browser, person).status_code == 302


def test_a_lost_phone_is_replaced(
    administrator: FlaskClient, browser_of: Callable[[], FlaskClient], someone: Callable[..., Someone]
) -> None:
    planner, browser = someone("planner"), browser_of()
    send(administrator, f"{person_page(planner)}/second-factor", form_on=person_page(planner))
    answer = send(browser, "/account/sign-in", email=planner.email, password=planner.password)
    assert answer.location == "/account/second-factor/set-up"


def test_erasing_asks_first(administrator: FlaskClient, someone: Callable[..., Someone]) -> None:
    person = someone("resident")
    address = f"{person_page(person)}/erase"
    assert send(administrator, address, form_on=person_page(person)).status_code == 422
    assert administrator.get(person_page(person)).status_code == 200
    assert send(administrator, address, form_on=person_page(person), sure="yes").status_code == 302
    assert administrator.get(person_page(person)).status_code == 404


def test_names_are_text_not_markup(administrator: FlaskClient, someone: Callable[..., Someone]) -> None:
    person = someone("resident", name="<script>alert(1)</script>")
    for address in (person_page(person), "/account/people?q=script", "/account/people/activity"):
        html = administrator.get(address).get_data(as_text=True)
        assert "<script>alert" not in html
        assert "&lt;script&gt;" in html


def test_nothing_of_an_account_is_kept_by_a_browser(administrator: FlaskClient) -> None:
    for address in (
        "/account",
        "/account/people",
        "/account/people/activity",
        "/account/people/new",
        "/api/v1/account",
    ):
        assert administrator.get(address).headers["Cache-Control"] == "no-store", address


def test_recovery_codes_are_renewed_with_the_second_factor(
    browser_of: Callable[[], FlaskClient], someone: Callable[..., Someone]
) -> None:
    planner, browser = someone("planner"), browser_of()
    sign_in(browser, planner, planner.recovery_codes[0])
    assert send(browser, "/account/recovery-codes", code="000000").status_code == 422
    html = send(browser, "/account/recovery-codes", code=planner.code()).get_data(as_text=True)
    fresh = re.findall(r"<li><code>([\w-]+)</code>", html)
    assert len(fresh) == 10
    assert set(fresh).isdisjoint(planner.recovery_codes)
    again = browser_of()
    assert sign_in(again, planner, planner.recovery_codes[1]).status_code == 422
    assert send(again, "/account/second-factor", code=fresh[0]).status_code == 302


def test_another_phone_needs_the_present_one(
    browser_of: Callable[[], FlaskClient], someone: Callable[..., Someone]
) -> None:
    planner, browser = someone("planner"), browser_of()
    sign_in(browser, planner, planner.recovery_codes[0])
    page = "/account/second-factor/set-up"
    key = re.search(r"secret=([A-Z2-7]+)", browser.get(page).get_data(as_text=True))
    assert key is not None
    new = Someone(planner.id, planner.email, planner.password, key[1])
    assert send(browser, page, present="000000", code=new.code()).status_code == 422
    assert send(browser, page, present=planner.code(), code="000000").status_code == 422
    assert send(browser, page, present=planner.code(), code=new.code()).status_code == 200
    assert sign_in(browser_of(), planner, planner.code(1)).status_code == 422
    assert sign_in(browser_of(), planner, new.code(1)).status_code == 302
