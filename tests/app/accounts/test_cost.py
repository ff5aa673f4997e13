"""Reading without an account costs nothing: nobody is loaded, the database is not asked, no cookie is set."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.accounts import identity
from app.accounts.roles import ANONYMOUS
from app.database import db

HERE = "lon=117.487&lat=0.127"
READS = ("/healthz", f"/api/v1/zoning?{HERE}", f"/zoning?{HERE}", "/", "/help", "/map")


@pytest.fixture
def statements(sample_app: Flask) -> Iterator[list[str]]:
    """The SQL that was sent while the test ran."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    with sample_app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def nobody_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails the test when a session is looked into."""
    monkeypatch.setattr(identity, "_load", lambda: pytest.fail("an account was looked for"))


@pytest.mark.parametrize("cookies", [{}, {"lang": "en"}, {"other": "session"}], ids=["none", "language", "foreign"])
@pytest.mark.parametrize("address", READS)
def test_a_reader_without_a_session(
    sample_client: FlaskClient,
    nobody_is_loaded: None,
    statements: list[str],
    address: str,
    cookies: dict[str, str],
) -> None:
    sample_client.get(address)
    statements.clear()
    for name, value in cookies.items():
        sample_client.set_cookie(name, value)
    answer = sample_client.get(address)
    assert answer.status_code == 200
    assert [statement for statement in statements if "account" in statement or "sign_in" in statement] == []
    if address in ("/healthz", f"/api/v1/zoning?{HERE}", "/", "/help"):
        assert statements == []
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_a_made_up_session_is_nobody(sample_client: FlaskClient, statements: list[str]) -> None:
    sample_client.set_cookie("session", "made-up.cookie.value")
    assert sample_client.get("/help").status_code == 200
    assert sample_client.get("/account").location.startswith("/account/sign-in")
    assert [statement for statement in statements if "account" in statement] == []


def test_no_hook_of_a_library_runs_on_every_request(sample_app: Flask) -> None:
    hooks = (*sample_app.before_request_funcs[None], *sample_app.after_request_funcs[None])
    modules = {getattr(hook, "__func__", hook).__module__.partition(".")[0] for hook in hooks}
    assert modules.isdisjoint({"flask_login", "flask_principal", "flask_security"})


def test_outside_a_request_nobody_asks(sample_app: Flask) -> None:
    with sample_app.app_context():
        assert identity.current_actor() is ANONYMOUS
