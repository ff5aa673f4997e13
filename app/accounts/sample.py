"""Accounts to try the sample city with: one per role, with random passwords, kept in a file that only its user reads."""

from __future__ import annotations

import json
import os
import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from passlib.totp import TOTP

from app.accounts import credentials, service
from app.accounts.models import Account
from app.accounts.roles import OPERATOR, ROLES
from app.accounts.wording import role_name
from app.database import transaction
from app.runtime import runtime

FILE = "sample_accounts.json"
# Without letters and digits that look alike.
_CHARACTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_BOUND_BY_AREA = frozenset({"lurah", "kader"})
_BOUND_BY_AGENCY = frozenset({"agency", "officer"})


@dataclass(frozen=True)
class SampleAccount:
    """One account to try with. otpauth: what an authenticator app takes; None where no second factor is needed."""

    role: str
    email: str
    password: str
    otpauth: str | None


def make(area_code: str | None) -> list[SampleAccount]:
    """Make one account per role and write them down. area_code: the kelurahan that bounds lurah and kader."""
    made = [_make_one(role, area_code) for role in ROLES]
    _write(runtime().settings.var / FILE, made)
    return made


def read() -> list[SampleAccount]:
    """The accounts as they were written down; empty where there is no sample."""
    path = runtime().settings.var / FILE
    if not path.exists():
        return []
    return [SampleAccount(**row) for row in json.loads(path.read_text(encoding="utf-8"))]


def code_now(account: SampleAccount) -> str | None:
    """What an authenticator app shows for the account now."""
    if account.otpauth is None:
        return None
    key = parse_qs(urlsplit(account.otpauth).query)["secret"][0]
    return str(TOTP(key=key, format="base32").generate(time.time()).token)


def _make_one(role: str, area_code: str | None) -> SampleAccount:
    password = "-".join("".join(secrets.choice(_CHARACTERS) for _ in range(4)) for _ in range(4))
    agencies = runtime().city.agencies
    account_id = service.create(
        OPERATOR,
        email=f"{role}@example.org",
        display_name=role_name(role),
        roles=[role],
        agency=str(agencies[0]["code"]) if role in _BOUND_BY_AGENCY and agencies else None,
        area_code=area_code if role in _BOUND_BY_AREA else None,
        password=credentials.check_new_password(password),
    )
    otpauth = None
    if service.needs_second_factor([role]):
        with transaction() as session:
            account = session.get_one(Account, account_id)
            secret = credentials.new_secret()
            credentials.keep_second_factor(account, secret)
            otpauth = credentials.set_up(account, secret).uri
    return SampleAccount(role, f"{role}@example.org", password, otpauth)


def _write(path: Path, accounts: list[SampleAccount]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Removed first: a file that is there keeps the rights it has.
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump([asdict(account) for account in accounts], file, indent=2)
