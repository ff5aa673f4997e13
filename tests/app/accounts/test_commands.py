"""``ruang accounts``, and the accounts of the sample city."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy.orm import Session

from app.accounts import sample, service, signing_in
from app.accounts.models import Account
from app.accounts.roles import OPERATOR, ROLES

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask, session: Session) -> Run:
    """Runs a command; what it writes is rolled back after the test."""
    return lambda *arguments, **options: app.test_cli_runner().invoke(args=["accounts", *arguments], **options)


def test_the_first_administrator_is_made_on_the_server(run: Run, app: Flask) -> None:
    outcome = run("create", "siti@example.org", "--name", "Siti", "--role", "administrator", "--role", "planner")
    assert outcome.exit_code == 0, outcome.output
    link = outcome.output.strip().splitlines()[-1]
    assert app.test_client().get(link.removeprefix("http://127.0.0.1:8000")).status_code == 200
    assert service.person(OPERATOR, service.id_of(OPERATOR, "siti@example.org")).roles == ("planner", "administrator")
    assert "siti@example.org\tplanner,administrator\tactive\t-" in run("list").output


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "siti", "--name", "Siti", "--role", "planner"),
        ("create", "a@example.org", "--name", "Siti", "--role", "king"),
        ("reset", "nobody@example.org"),
        ("roles", "nobody@example.org", "planner"),
    ],
)
def test_mistakes_are_explained_with_exit_code_2(run: Run, arguments: tuple[str, ...]) -> None:
    outcome = run(*arguments)
    assert outcome.exit_code == 2
    assert outcome.output.strip()
    assert "Traceback" not in outcome.output


def test_an_account_is_mended_from_the_server(run: Run, session: Session) -> None:
    run("create", "siti@example.org", "--name", "Siti", "--role", "planner")
    account_id = service.id_of(OPERATOR, "siti@example.org")
    assert run("roles", "siti@example.org", "officer", "resident").exit_code == 0
    assert service.person(OPERATOR, account_id).roles == ("resident", "officer")
    assert run("shut", "siti@example.org").exit_code == 0
    assert service.person(OPERATOR, account_id).active is False
    assert run("reset", "siti@example.org").exit_code == 2
    assert run("open", "siti@example.org").exit_code == 0
    assert run("remove-second-factor", "siti@example.org").exit_code == 0
    assert run("erase", "siti@example.org", "--yes").exit_code == 0
    assert session.get_one(Account, account_id).email is None


@pytest.fixture
def sample_file(app: Flask, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the sample's accounts are written down in this test."""
    monkeypatch.setattr(app.extensions["ruang"].settings, "var", tmp_path)
    return tmp_path / sample.FILE


def test_the_sample_has_one_account_per_role_that_can_sign_in(sample_file: Path) -> None:
    made = sample.make("64.74.01.1001")
    assert [account.role for account in made] == list(ROLES)
    assert len({account.password for account in made}) == len(ROLES)
    assert stat.S_IMODE(sample_file.stat().st_mode) == 0o600
    assert json.loads(sample_file.read_text())[0]["email"] == made[0].email
    assert sample.read() == made
    for account in made:
        found = signing_in.by_password(account.email, account.password)
        assert found is not None
        code = sample.code_now(account)
        assert (code is not None) == service.needs_second_factor([account.role])
        if code is not None:
            assert signing_in.give_second_factor(found.id, code) == "code"


def test_a_file_that_others_may_read_is_replaced_not_filled(sample_file: Path) -> None:
    sample_file.write_text("[]")
    sample_file.chmod(0o644)
    sample.make(None)
    assert stat.S_IMODE(sample_file.stat().st_mode) == 0o600


def test_only_the_sample_makes_accounts(session: Session) -> None:
    """A database that was migrated and nothing more has nobody in it."""
    assert service.people(OPERATOR) == ([], False)


def test_accounts_to_try_with_are_made_once(app: Flask, sample_file: Path) -> None:
    run_sample = app.test_cli_runner()
    assert run_sample.invoke(args=["sample", "accounts"]).exit_code == 0
    again = run_sample.invoke(args=["sample", "accounts"])
    assert again.exit_code == 1
    assert "once" in again.output
    code = run_sample.invoke(args=["sample", "code", "approver"]).output.strip()
    assert len(code) == 6
    assert code.isdigit()
