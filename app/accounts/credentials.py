"""What proves who somebody is: password, second factor, recovery codes, and the link that brings a new password.

Flask-Security does the work; here it is called in an application context, without a request. Nothing here commits.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any

import segno
from flask_babel import gettext, ngettext
from flask_security import hash_password, verify_password
from flask_security.proxies import _security
from flask_security.recoverable import generate_reset_password_token, reset_password_token_status
from flask_security.totp import Totp
from passlib.totp import TotpMatch

from app.accounts.models import Account
from app.errors import Unprocessable
from app.runtime import runtime

METHOD = "authenticator"
_RECOVERY_CODES = 10
_FEWEST_DIFFERENT = 5
_LONGEST_PASSWORD = 256
# As OWASP's password storage cheat sheet has it: memory in KiB, small enough for a server with little of it.
ARGON2 = {"argon2__memory_cost": 19_456, "argon2__time_cost": 2, "argon2__parallelism": 1}
# One step of 30 s in either direction: clocks of phones and servers differ a little.
_WINDOW_S = 30


class OnceOnlyTotp(Totp):
    """Flask-Security's second factor with a memory: a code that was taken is not taken again."""

    def get_last_counter(self, user: Account) -> int | None:
        """The step of the last code that was taken."""
        return user.tf_last_counter

    def set_last_counter(self, user: Account, tmatch: TotpMatch) -> None:
        """Remember the step of this code; the caller commits."""
        user.tf_last_counter = tmatch.counter


@dataclass(frozen=True)
class SetUp:
    """What an authenticator app needs: the key to type in, and an otpauth address as a QR code (SVG in a data: URI)."""

    key: str
    uri: str
    image: str


# Passwords ------------------------------------------------------------------------------------------------------------


def check_new_password(password: str, account: Account | None = None) -> str:
    """The password in the form that is hashed (NFKD). Raises Unprocessable where it is too easy to guess."""
    fewest = runtime().settings.min_password_length
    normal = unicodedata.normalize("NFKD", password)
    if len(normal) < fewest:
        raise Unprocessable(
            ngettext(
                "The password needs at least %(num)s character.",
                "The password needs at least %(num)s characters.",
                fewest,
            ),
            field="password",
        )
    if len(normal) > _LONGEST_PASSWORD:
        raise Unprocessable(
            gettext("The password may have at most %(limit)s characters.", limit=_LONGEST_PASSWORD), field="password"
        )
    known = (account.email or "").partition("@")[0].casefold() if account else ""
    folded = normal.casefold()
    if len(set(folded)) < _FEWEST_DIFFERENT or (known and folded.startswith(known)) or "password" in folded:
        raise Unprocessable(gettext("This password is too easy to guess."), field="password")
    return normal


def hashed(password: str) -> str:
    """The argon2 hash of a password as ``check_new_password`` returns it."""
    value: str = hash_password(password)
    return value


def unusable_password() -> str:
    """The hash of a password that nobody knows, for an account whose owner has not chosen one yet."""
    return hashed(secrets.token_urlsafe(32))


def password_is_right(account: Account | None, password: str) -> bool:
    """Whether the password is the account's. Takes as long where there is no account, so that nobody learns that."""
    normal = unicodedata.normalize("NFKD", password[:_LONGEST_PASSWORD])
    if account is None:
        hash_password(normal)
        return False
    return bool(verify_password(normal, account.password))


# The second factor ----------------------------------------------------------------------------------------------------


def new_secret() -> str:
    """A new secret for an authenticator app, encrypted: it may stand in a cookie and in the database."""
    secret: str = _security.totp_factory.generate_totp_secret()
    return secret


def set_up(account: Account, secret: str) -> SetUp:
    """What the person gives to the authenticator app."""
    factory = _security.totp_factory
    uri = factory.get_totp_uri(account.email, secret)
    image = segno.make(uri, error="m").svg_data_uri(scale=5, border=4, light="#ffffff", dark="#06363f")
    return SetUp(key=factory.get_totp_pretty_key(secret), uri=uri, image=image)


def code_is_right(account: Account, entered: str, secret: str | None = None) -> bool:
    """Whether a code of six digits is that of now and was not taken before. secret: default the account's own."""
    secret = secret or account.tf_totp_secret
    digits = "".join(entered.split())
    if not secret or not digits.isascii() or not digits.isdigit():
        return False
    return bool(_security.totp_factory.verify_totp(digits, secret, account, window=_WINDOW_S))


def keep_second_factor(account: Account, secret: str) -> list[str]:
    """Require the second factor of this account from now on; returns the recovery codes, to be shown once."""
    account.tf_primary_method = METHOD
    account.tf_totp_secret = secret
    return new_recovery_codes(account)


def forget_second_factor(account: Account) -> None:
    """Take the second factor away, so that the person sets up another."""
    account.tf_primary_method = account.tf_totp_secret = account.tf_last_counter = account.mf_recovery_codes = None


def new_recovery_codes(account: Account) -> list[str]:
    """Ten codes in place of the old ones; each works once in place of the second factor."""
    codes: list[str] = _security.mf_recovery_codes_util.create_recovery_codes(account)
    return codes


def use_recovery_code(account: Account, entered: str) -> bool:
    """Whether it is one of the account's recovery codes; it is gone afterwards."""
    compact = "".join(character for character in entered.casefold() if character.isalnum())
    code = "-".join(compact[start : start + 4] for start in range(0, len(compact), 4))
    util = _security.mf_recovery_codes_util
    return bool(util.check_recovery_code(account, code)) and bool(util.delete_recovery_code(account, code))


def rename_sessions(account: Account) -> None:
    """Give the account another ``fs_uniquifier``: every sign-in and every link made before is void."""
    account.fs_uniquifier = secrets.token_hex(16)


# Links ----------------------------------------------------------------------------------------------------------------


def reset_token(account: Account) -> str:
    """A token with which a password may be chosen once: it is void as soon as one was."""
    token: str = generate_reset_password_token(account)
    return token


def account_of_token(token: str) -> Account | None:
    """The active account that a token is for; None where it expired, was used, or is not ours."""
    expired, invalid, account = reset_password_token_status(token)
    return None if expired or invalid or account is None or not account.active else account


def configuration(secret_key: str, issuer: str) -> dict[str, Any]:
    """Flask-Security's settings that concern this module. issuer: the name that an authenticator app shows."""

    def derived(purpose: bytes) -> bytes:
        return hashlib.blake2b(purpose, key=hashlib.sha256(secret_key.encode()).digest(), digest_size=32).digest()

    return {
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        # argon2 salts by itself; an HMAC before it would void all passwords with a change of the key.
        "SECURITY_PASSWORD_SINGLE_HASH": {"argon2"},
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": ARGON2,
        "SECURITY_TOTP_ISSUER": issuer,
        "SECURITY_TOTP_SECRETS": {1: derived(b"second factor").hex()},
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": _RECOVERY_CODES,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [base64.urlsafe_b64encode(derived(b"recovery codes"))],
    }
