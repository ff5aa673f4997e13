"""Signing in as a browser does it: password, second factor, ended sign-ins, and what is never said."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import identity, service
from tests.factories.accounts import Someone, csrf_token, send, sign_in

SomeoneMaker = Callable[..., Someone]
BrowserMaker = Callable[[], FlaskClient]


def whoami(client: FlaskClient) -> dict[str, object]:
    """What the API says about who is asking."""
    answer: dict[str, object] = client.get("/api/v1/account").get_json()
    return answer


def test_a_resident_signs_in_with_the_password(browser_of: BrowserMaker, someone: SomeoneMaker) -> None:
    client = browser_of()
    answer = sign_in(client, someone("resident"))
    assert (answer.status_code, answer.location) == (302, "/account")
    assert whoami(client)["roles"] == ["resident"]
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize("role", ["planner", "approver", "administrator"])
def test_a_password_alone_lets_nobody_of_these_roles_in(
    browser_of: BrowserMaker, someone: SomeoneMaker, role: str
) -> None:
    for second_factor, next_page in ((True, "/account/second-factor"), (False, "/account/second-factor/set-up")):
        client, person = browser_of(), someone(role, second_factor=second_factor)
        answer = send(client, "/account/sign-in", email=person.email, password=person.password)
        assert urlsplit(answer.location).path == next_page
        assert whoami(client)["signed_in"] is False
        assert urlsplit(client.get("/account").location).path == "/account/sign-in"


def test_the_second_factor_lets_in_and_a_code_works_once(browser_of: BrowserMaker, someone: SomeoneMaker) -> None:
    planner = someone("planner")
    first, second = browser_of(), browser_of()
    assert sign_in(first, planner).location == "/account"
    assert whoami(first)["roles"] == ["planner"]
    again = sign_in(second, planner)
    assert again.status_code == 422
    assert whoami(second)["signed_in"] is False


@pytest.mark.parametrize("wrong", ["", "000000", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "0" * 20])
def test_a_wrong_code_is_refused(browser_of: BrowserMaker, someone: SomeoneMaker, wrong: str) -> None:
    client, planner = browser_of(), someone("planner")
    if wrong == planner.code():
        pytest.fail("the one code in a million")
    send(client, "/account/sign-in", email=planner.email, password=planner.password)
    assert send(client, "/account/second-factor", code=wrong).status_code == 422
    assert whoami(client)["signed_in"] is False


def test_setting_up_the_second_factor_signs_in_and_shows_the_codes_once(
    browser_of: BrowserMaker, someone: SomeoneMaker
) -> None:
    client, planner = browser_of(), someone("planner", second_factor=False)
    send(client, "/account/sign-in", email=planner.email, password=planner.password)
    html = client.get("/account/second-factor/set-up").get_data(as_text=True)
    uri = html.split('href="otpauth://')[1].split('"')[0].replace("&amp;", "&")
    planner.key = parse_qs(urlsplit(f"otpauth://{uri}").query)["secret"][0]
    wrong = send(client, "/account/second-factor/set-up", code="000000")
    assert wrong.status_code == 422
    shown = send(client, "/account/second-factor/set-up", code=planner.code())
    assert shown.get_data(as_text=True).count("<li><code>") == 10
    assert shown.headers["Cache-Control"] == "no-store"
    assert whoami(client)["roles"] == ["planner"]
    assert "<li><code>" not in client.get("/account").get_data(as_text=True)


def test_a_recovery_code_works_once(browser_of: BrowserMaker, someone: SomeoneMaker) -> None:
    planner = someone("planner")
    code = planner.recovery_codes[3].replace("-", " ").upper()
    for expected in (302, 422):
        client = browser_of()
        send(client, "/account/sign-in", email=planner.email, password=planner.password)
        assert send(client, "/account/second-factor", code=code).status_code == expected


def test_unknown_address_and_wrong_password_read_the_same(browser_of: BrowserMaker, someone: SomeoneMaker) -> None:
    known = someone("resident")
    shut = someone("resident")
    pages = []
    for email, password in ((known.email, "wrong horse battery"), ("nobody@example.org", shut.password), ("", "")):
        client = browser_of()
        answer = send(client, "/account/sign-in", email=email, password=password)
        assert answer.status_code == 422
        pages.append(answer.get_data(as_text=True).replace(email or "-", "-").split("<form")[0])
    assert len({page.split("error-summary__list")[1][:300] for page in pages}) == 1


def test_back_to_where_the_person_was_but_nowhere_else(browser_of: BrowserMaker, someone: SomeoneMaker) -> None:
    person = someone("resident")
    asked = browser_of().get("/account/activity?before=7")
    assert asked.location == "/account/sign-in?next=/account/activity?before%3D7"
    for address, expected in (
        ("/account/activity?before=7", "/account/activity?before=7"),
        ("https://evil.example/", "/account"),
        ("//evil.example/", "/account"),
        ("/\\evil.example/", "/account"),
        ("/\t/evil.example", "/account"),
        ("javascript:alert(1)", "/account"),
    ):
        client = browser_of()
        token = csrf_token(client)
        form = {"csrf_token": token, "email": person.email, "password": person.password, "next": address}
        assert client.post("/account/sign-in", data=form).location == expected, address


def test_a_form_without_its_token_changes_nothing(browser_of: BrowserMaker, someone: SomeoneMaker) -> None:
    client, person = browser_of(), someone("resident")
    answer = client.post("/account/sign-in", data={"email": person.email, "password": person.password})
    assert answer.status_code == 400
    assert "muat ulang halaman" in answer.get_data(as_text=True)
    assert whoami(client)["signed_in"] is False


def test_signing_out_ends_the_sign_in_also_for_a_copied_cookie(browser_of: BrowserMaker, someone: SomeoneMaker) -> None:
    client, thief = browser_of(), browser_of()
    sign_in(client, someone("resident"))
    cookie = client.get_cookie("session")
    assert cookie is not None
    thief.set_cookie("session", cookie.value)
    assert whoami(thief)["signed_in"] is True
    send(client, "/account/sign-out", form_on="/account")
    assert whoami(client)["signed_in"] is False
    assert whoami(thief)["signed_in"] is False


def test_a_sign_in_is_ended_from_another_browser(browser_of: BrowserMaker, someone: SomeoneMaker) -> None:
    person, phone, desk = someone("resident"), browser_of(), browser_of()
    sign_in(phone, person)
    sign_in(desk, person)
    send(desk, "/account/sign-ins/end-others", form_on="/account")
    assert whoami(phone)["signed_in"] is False
    assert whoami(desk)["signed_in"] is True


def test_nobody_ends_the_sign_in_of_somebody_else(browser_of: BrowserMaker, someone: SomeoneMaker) -> None:
    victim, attacker = browser_of(), browser_of()
    sign_in(victim, someone("resident"))
    sign_in(attacker, someone("resident"))
    with victim.session_transaction() as session:
        sign_in_id = session["sign_in"]
    assert send(attacker, f"/account/sign-ins/{sign_in_id}/end", form_on="/account").status_code == 404
    assert whoami(victim)["signed_in"] is True


def test_a_new_password_ends_the_others_and_keeps_this_one(browser_of: BrowserMaker, someone: SomeoneMaker) -> None:
    person, here, there = someone("resident"), browser_of(), browser_of()
    sign_in(here, person)
    sign_in(there, person)
    fields = {"old": person.password, "password": "jembatan bambu hijau", "again": "jembatan bambu hijau"}
    refused = send(here, "/account/password", **{**fields, "old": "not the old one"})
    assert refused.status_code == 422
    assert send(here, "/account/password", **{**fields, "again": "another one"}).status_code == 422
    assert send(here, "/account/password", **{**fields, "password": "short", "again": "short"}).status_code == 422
    assert send(here, "/account/password", **fields).status_code == 302
    assert whoami(here)["signed_in"] is True
    assert whoami(there)["signed_in"] is False


def test_tries_are_limited_by_address_and_by_account(make_app: Callable[..., Flask], someone: SomeoneMaker) -> None:
    person = someone("resident")
    client = make_app(rate_sign_in="3 per minute").test_client()
    statuses = [send(client, "/account/sign-in", email="x@example.org", password="x").status_code for _ in range(4)]
    assert statuses == [422, 422, 422, 429]
    client = make_app(rate_account="2 per hour").test_client()
    statuses = []
    for number in range(3):
        client.environ_base["REMOTE_ADDR"] = f"198.51.100.{number}"
        statuses.append(send(client, "/account/sign-in", email=person.email, password="x").status_code)
    assert statuses == [422, 422, 429]


def test_the_session_cookie_is_kept_from_scripts_and_plain_http(browser_of: BrowserMaker) -> None:
    plain = browser_of().get("/account/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain
    encrypted = browser_of().get("/account/sign-in", base_url="https://plan.city.example").headers["Set-Cookie"]
    assert "Secure" in encrypted


def test_codes_are_limited_by_account(make_app: Callable[..., Flask], someone: SomeoneMaker) -> None:
    planner, client = someone("planner"), make_app(rate_account="2 per hour").test_client()
    send(client, "/account/sign-in", email=planner.email, password=planner.password)
    statuses = []
    for number in range(3):
        client.environ_base["REMOTE_ADDR"] = f"198.51.100.{number}"
        statuses.append(send(client, "/account/second-factor", code="000000").status_code)
    assert statuses == [422, 422, 429]


def test_a_password_is_good_for_ten_minutes_only(
    browser_of: BrowserMaker, someone: SomeoneMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    planner, client = someone("planner"), browser_of()
    send(client, "/account/sign-in", email=planner.email, password=planner.password)
    now = identity.time.time()
    monkeypatch.setattr(identity.time, "time", lambda: now + 601)
    assert client.get("/account/second-factor").location == "/account/sign-in"


def test_nothing_about_a_person_is_logged(
    browser_of: BrowserMaker,
    someone: SomeoneMaker,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level("DEBUG", logger="app")
    planner, client = someone("planner", name="Siti Rahasia"), browser_of()
    send(client, "/account/sign-in", email=planner.email, password="not-my-secret-4711")
    sign_in(client, planner)
    client.get("/account")
    send(client, "/account/forgotten", form_on="/account", email=planner.email)
    captured = capfd.readouterr()
    written = captured.out + captured.err + caplog.text
    for secret in (planner.email, planner.password, "not-my-secret-4711", "Siti", planner.recovery_codes[0]):
        assert secret not in written


def test_what_needs_a_role_says_so_to_programs_and_to_people(
    make_app: Callable[..., Flask], someone: SomeoneMaker
) -> None:
    app = make_app()

    @app.get("/api/v1/only-for-this-test")
    @app.get("/only-for-this-test", endpoint="page_of_this_test")
    def guarded() -> str:
        service.require(identity.current_actor(), "planner")
        return "let in"

    client = app.test_client()
    program = client.get("/api/v1/only-for-this-test")
    assert (program.status_code, program.content_type) == (401, "application/problem+json")
    assert program.headers["WWW-Authenticate"]
    assert client.get("/only-for-this-test").location == "/account/sign-in?next=/only-for-this-test"
    sign_in(client, someone("officer"))
    refused = client.get("/api/v1/only-for-this-test")
    assert (refused.status_code, refused.get_json()["type"]) == (403, "/help/errors#forbidden")
    assert client.get("/only-for-this-test").status_code == 403
    planner = app.test_client()
    sign_in(planner, someone("planner"))
    assert planner.get("/api/v1/only-for-this-test").data == b"let in"
