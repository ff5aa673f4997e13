"""Links by mail: forgotten passwords and registration. Nobody learns which addresses have accounts."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.mail import NoMail, NullMail, SmtpMail, _mailer
from app.config import Settings
from tests.factories.accounts import Someone, send, sign_in

MAIL = {"smtp_url": "null:", "mail_from": "ruang@example.org", "public_url": "https://plan.city.example"}
NEW = {"password": "jembatan bambu hijau", "again": "jembatan bambu hijau"}


@pytest.fixture
def mailing(make_app: Callable[..., Flask]) -> Flask:
    """The application with mail."""
    return make_app(**MAIL)


def outbox(app: Flask) -> list[tuple[str, str, str]]:
    """What was sent: to, subject, body."""
    sent = app.extensions["ruang_mail"]
    assert isinstance(sent, NullMail)
    return sent.outbox


def path_in(mail: tuple[str, str, str]) -> str:
    """The path of the link in a mail."""
    found = re.search(r"https://plan\.city\.example(/\S+)", mail[2])
    assert found is not None, mail
    return found[1]


def test_the_answer_is_the_same_for_every_address(mailing: Flask, someone: Callable[..., Someone]) -> None:
    known = someone("resident")
    pages = set()
    for address in (known.email, known.email.upper(), "nobody@example.org", "no address", ""):
        answer = send(mailing.test_client(), "/account/forgotten", email=address)
        assert answer.status_code == 200
        pages.add(answer.get_data())
    assert len(pages) == 1
    assert [mail[0] for mail in outbox(mailing)] == [known.email, known.email]


def test_a_link_brings_a_new_password_once_and_ends_every_sign_in(
    mailing: Flask, someone: Callable[..., Someone]
) -> None:
    person, client, signed_in = someone("resident"), mailing.test_client(), mailing.test_client()
    sign_in(signed_in, person)
    send(client, "/account/forgotten", email=person.email)
    link = path_in(outbox(mailing)[0])
    assert send(client, link, **{**NEW, "again": "something else"}).status_code == 422
    assert send(client, link, password="too short", again="too short").status_code == 422
    assert send(client, link, **NEW).status_code == 200
    assert client.get(link).status_code == 404
    assert signed_in.get("/api/v1/account").get_json()["signed_in"] is False
    assert sign_in(client, person).status_code == 422
    person.password = NEW["password"]
    assert sign_in(client, person).status_code == 302


def test_a_new_password_does_not_replace_the_second_factor(mailing: Flask, someone: Callable[..., Someone]) -> None:
    planner, client = someone("planner"), mailing.test_client()
    send(client, "/account/forgotten", email=planner.email)
    send(client, path_in(outbox(mailing)[0]), **NEW)
    answer = send(client, "/account/sign-in", email=planner.email, password=NEW["password"])
    assert answer.location == "/account/second-factor"


def test_an_expired_or_changed_link_says_so(make_app: Callable[..., Flask], someone: Callable[..., Someone]) -> None:
    app = make_app(**MAIL, reset_link_hours=0.0000001)
    send(app.test_client(), "/account/forgotten", email=someone("resident").email)
    link = path_in(outbox(app)[0])
    patient = make_app(**MAIL).test_client()
    changed = link[:-3] + ("abc" if not link.endswith("abc") else "xyz")
    assert patient.get(changed).status_code == 404
    assert patient.get(link).status_code == 200
    import time

    time.sleep(1.1)  # such tokens count whole seconds
    assert app.test_client().get(link).status_code == 404


def test_the_link_never_follows_the_name_in_the_request(mailing: Flask, someone: Callable[..., Someone]) -> None:
    client = mailing.test_client()
    client.environ_base["HTTP_HOST"] = "evil.example"
    send(client, "/account/forgotten", email=someone("resident").email)
    assert "evil" not in outbox(mailing)[0][2]


def test_a_resident_registers_only_through_the_own_mailbox(mailing: Flask) -> None:
    client, address = mailing.test_client(), "warga.baru@example.org"
    assert "dikirim" in send(client, "/account/register", email=address).get_data(as_text=True)
    assert send(mailing.test_client(), "/account/sign-in", email=address, password=NEW["password"]).status_code == 422
    link = path_in(outbox(mailing)[0])
    assert send(client, link, display_name=" ", **NEW).status_code == 422
    assert send(client, link, display_name="Warga Baru", **NEW).location == "/account"
    assert client.get("/api/v1/account").get_json()["roles"] == ["resident"]
    assert mailing.test_client().get(link).status_code == 404


def test_registering_a_known_address_tells_only_its_owner(mailing: Flask, someone: Callable[..., Someone]) -> None:
    known = someone("resident")
    pages = {
        send(mailing.test_client(), "/account/register", email=address).get_data()
        for address in (known.email, "fresh.address@example.org")
    }
    assert len(pages) == 1
    first, second = outbox(mailing)
    assert path_in(first).startswith("/account/reset/")
    assert path_in(second).startswith("/account/register/")


@pytest.mark.parametrize("settings", [{}, {**MAIL, "registration": False}], ids=["no mail", "switched off"])
def test_registration_can_be_closed(make_app: Callable[..., Flask], settings: dict[str, object]) -> None:
    client = make_app(**settings).test_client()
    assert client.get("/account/register").status_code == 403
    assert "/account/register" not in client.get("/account/sign-in").get_data(as_text=True)


def test_without_mail_the_page_says_whom_to_ask(browser_of: Callable[[], FlaskClient]) -> None:
    html = browser_of().get("/account/forgotten").get_data(as_text=True)
    assert "administrator" in html
    assert "<form" not in html


def test_an_administrator_mails_the_first_link(mailing: Flask, someone: Callable[..., Someone]) -> None:
    client = mailing.test_client()
    sign_in(client, someone("administrator"))
    answer = send(
        client, "/account/people/new", email="baru.masuk@example.org", display_name="Baru", roles="officer"
    ).get_data(as_text=True)
    assert "baru.masuk@example.org" in answer
    assert "/account/reset/" not in answer
    assert urlsplit(path_in(outbox(mailing)[0])).path.startswith("/account/reset/")


# The mailers ----------------------------------------------------------------------------------------------------------


def test_which_mailer_the_settings_choose() -> None:
    assert isinstance(_mailer(Settings(_env_file=None)), NoMail)
    assert isinstance(_mailer(Settings(_env_file=None, **{**MAIL, "public_url": None})), NoMail)
    assert isinstance(_mailer(Settings(_env_file=None, **MAIL)), NullMail)
    assert isinstance(_mailer(Settings(_env_file=None, **{**MAIL, "smtp_url": "smtp://mail.city.example"})), SmtpMail)
    with pytest.raises(RuntimeError):
        NoMail().send("a@example.org", "x", "x")


class Server:
    """A mail server that remembers what it was told."""

    told: list[tuple[str, object]]

    def __init__(self, host: str, port: int, timeout: float) -> None:
        type(self).told = [("connect", (host, port))]

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_error: object) -> None:
        self.told.append(("quit", None))

    def starttls(self) -> None:
        """Encrypt."""
        self.told.append(("starttls", None))

    def login(self, user: str, password: str) -> None:
        """Sign in."""
        self.told.append(("login", (user, password)))

    def send_message(self, message: object) -> None:
        """Take a mail."""
        self.told.append(("send", str(message["To"])))  # type: ignore[index]


def test_mail_is_encrypted_before_the_password_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtplib, "SMTP", Server)
    mailer = SmtpMail("smtp://user:p%40ss@mail.city.example:2525", "ruang@example.org")
    mailer.send("siti@example.org", "Subject", "Body")
    mailer._thread.shutdown()
    assert Server.told == [
        ("connect", ("mail.city.example", 2525)),
        ("starttls", None),
        ("login", ("user", "p@ss")),
        ("send", "siti@example.org"),
        ("quit", None),
    ]


def test_a_mail_that_fails_is_logged_without_its_reader(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    class Refusing(Server):
        def send_message(self, message: object) -> None:
            raise smtplib.SMTPRecipientsRefused({"siti@example.org": (550, b"no such siti@example.org")})

    monkeypatch.setattr(smtplib, "SMTP", Refusing)
    mailer = SmtpMail("smtp://mail.city.example", "ruang@example.org")
    mailer.send("siti@example.org", "Subject", "Body")
    mailer._thread.shutdown()
    written = "".join(capfd.readouterr())
    assert "SMTPRecipientsRefused" in written
    assert "siti" not in written


def test_a_test_that_reaches_a_mail_server_fails() -> None:
    with pytest.raises(pytest.fail.Exception):
        smtplib.SMTP("mail.city.example")
