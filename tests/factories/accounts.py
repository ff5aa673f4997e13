"""Accounts for tests: made through the service, with a password and, where the role needs one, a second factor."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from flask_security.proxies import _security
from passlib.totp import TOTP
from werkzeug.test import TestResponse

from app.accounts import credentials, service
from app.accounts.models import Account
from app.accounts.roles import ALWAYS_SECOND_FACTOR, OPERATOR
from app.database import db, transaction

PASSWORD = "kapal layar di teluk"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Someone:
    """An account of a test: what its owner knows and has."""

    id: int
    email: str
    password: str
    key: str | None = None
    recovery_codes: tuple[str, ...] = ()

    def code(self, step: int = 0) -> str:
        """What the authenticator app shows. step: of 30 s, from now; each code is taken once."""
        token: str = TOTP(key=self.key, format="base32").generate(time.time() + 30 * step).token
        return token


def make_account(*roles: str, email: str | None = None, name: str = "", second_factor: bool | None = None) -> Someone:
    """Make an account in the application context of the caller. second_factor: default as the roles need it."""
    address = email or f"{'-'.join(roles)}@example.org"
    account_id = service.create(
        OPERATOR,
        email=address,
        display_name=name or f"Test {roles[0]}",
        roles=roles,
        password=credentials.check_new_password(PASSWORD),
    )
    someone = Someone(account_id, address, PASSWORD)
    if second_factor if second_factor is not None else not ALWAYS_SECOND_FACTOR.isdisjoint(roles):
        with transaction() as session:
            account = session.get_one(Account, account_id)
            secret = credentials.new_secret()
            someone.key = _security.totp_factory.get_totp_b32_key(secret)
            someone.recovery_codes = tuple(credentials.keep_second_factor(account, secret))
    return someone


def accounts_for(app: Flask, *roles: str) -> dict[str, Someone]:
    """One account per role, by role, beside those that a sample has."""
    with app.app_context():
        made = {role: make_account(role, email=f"test-{role}@example.org") for role in roles}
        db.session.remove()
    return made


def csrf_token(client: FlaskClient, address: str = "/account/sign-in") -> str:
    """The token of the form on a page."""
    found = _TOKEN.search(client.get(address).get_data(as_text=True))
    assert found is not None, f"no form on {address}"
    return found[1]


def send(client: FlaskClient, address: str, form_on: str | None = None, **fields: object) -> TestResponse:
    """Send the form of a page as a browser does. form_on: the page that has the form, default the same address."""
    token = csrf_token(client, form_on or address)
    return client.post(address, data={"csrf_token": token, **fields})


def sign_in(client: FlaskClient, someone: Someone, code: str | None = None) -> TestResponse:
    """Sign a client in; code: of the second factor, default what the app shows. Returns the last answer."""
    answer = send(client, "/account/sign-in", email=someone.email, password=someone.password)
    if someone.key is None:
        return answer
    return send(client, "/account/second-factor", code=code or someone.code())
