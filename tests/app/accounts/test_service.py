"""Accounts as a service: who may make and change them, what is recorded, what stays when one is erased."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.accounts import credentials, service, signing_in
from app.accounts.models import Account, AuditEvent, SignIn
from app.accounts.roles import ANONYMOUS, OPERATOR, ROLES, Actor, require
from app.errors import Conflict, Forbidden, NotFound, NotSignedIn, Unprocessable
from tests.factories.accounts import Someone, make_account


def actor_for(session: Session, someone: Someone) -> Actor:
    """The actor that an account is."""
    return service.actor_of(session.get_one(Account, someone.id))


def actions(session: Session, account_id: int) -> list[str]:
    """What was recorded about an account, oldest first."""
    return list(
        session.scalars(
            select(AuditEvent.action)
            .where(AuditEvent.subject_kind == "account", AuditEvent.subject_id == str(account_id))
            .order_by(AuditEvent.id)
        )
    )


# Roles ----------------------------------------------------------------------------------------------------------------


def test_require(session: Session) -> None:
    planner = Actor(account_id=1, display_name="x", roles=frozenset({"planner"}))
    require(planner)
    require(planner, "approver", "planner")
    require(OPERATOR, "administrator")
    with pytest.raises(NotSignedIn) as anonymous:
        require(ANONYMOUS)
    with pytest.raises(Forbidden) as other_role:
        require(planner, "approver")
    assert (anonymous.value.status, other_role.value.status) == (401, 403)


def test_a_copy_of_the_operator_is_not_the_operator(session: Session) -> None:
    """Only the one value that the command line holds passes; equal fields do not."""
    with pytest.raises(NotSignedIn):
        require(Actor(account_id=None, display_name="", roles=frozenset({"operator"})), "administrator")


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"administrator"}))
def test_only_administrators_administer(session: Session, role: str) -> None:
    actor, other = actor_for(session, make_account(role)), make_account("resident", email="other@example.org")
    for attempt in (
        lambda: service.people(actor),
        lambda: service.person(actor, other.id),
        lambda: service.create(actor, email="new@example.org", display_name="x", roles=["administrator"]),
        lambda: service.change(actor, other.id, display_name="x", roles=["administrator"], agency=None, area_code=None),
        lambda: service.set_active(actor, other.id, False),
        lambda: service.take_second_factor(actor, other.id),
        lambda: service.reset_token(actor, other.id),
        lambda: service.erase(actor, other.id),
        lambda: service.id_of(actor, other.email),
        lambda: service.events(actor, everything=True),
    ):
        with pytest.raises(Forbidden):
            attempt()
    assert service.person(OPERATOR, other.id).roles == ("resident",)


def test_roles_change_at_once_and_are_recorded(session: Session) -> None:
    administrator = actor_for(session, make_account("administrator"))
    someone = make_account("resident")
    service.change(
        administrator, someone.id, display_name="Siti", roles=["planner", "officer"], agency="dlh", area_code=None
    )
    assert actor_for(session, someone).roles == {"planner", "officer"}
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "roles_changed")).one()
    assert event.details == {"added": ["officer", "planner"], "removed": ["resident"]}
    assert (event.actor_id, event.actor_role) == (administrator.account_id, "administrator")


def test_the_last_administrator_stays(session: Session) -> None:
    for person in service.people(OPERATOR, role="administrator")[0]:
        pytest.fail(f"the database is not empty: {person}")
    first = make_account("administrator")
    actor = actor_for(session, first)
    values = {"display_name": "x", "roles": ["resident"], "agency": None, "area_code": None}
    for by in (actor, OPERATOR):
        with pytest.raises(Conflict):
            service.change(by, first.id, **values)
        with pytest.raises(Conflict):
            service.set_active(by, first.id, False)
        with pytest.raises(Conflict):
            service.erase(by, first.id)
    make_account("administrator", email="second@example.org")
    with pytest.raises(Conflict):
        service.set_active(actor, first.id, False)
    service.set_active(OPERATOR, first.id, False)
    assert service.person(OPERATOR, first.id).active is False


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "not an address"),
        ("email", "a@b@c.org"),
        ("email", ""),
        ("display_name", "  "),
        ("display_name", "x" * 81),
        ("roles", []),
        ("roles", ["king"]),
        ("agency", "nsa"),
        ("area_code", "64; DROP"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(session: Session, field: str, value: object) -> None:
    values = {"email": "a@example.org", "display_name": "A", "roles": ["resident"], field: value}
    with pytest.raises(Unprocessable) as error:
        service.create(OPERATOR, **values)  # type: ignore[arg-type]
    assert error.value.field == field
    with pytest.raises(NotFound):
        service.id_of(OPERATOR, "a@example.org")


def test_one_address_one_account_whatever_its_capitals(session: Session) -> None:
    make_account("resident", email="Siti@Example.org")
    with pytest.raises(Conflict):
        make_account("resident", email="siti@example.ORG")
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(
            text(
                "INSERT INTO account (email, display_name, password, fs_uniquifier)"
                " VALUES ('SITI@example.org', 'x', 'x', 'x')"
            )
        )


def test_people_are_found_by_name_address_and_role(session: Session) -> None:
    make_account("resident", email="siti@example.org", name="Siti Aminah")
    make_account("planner", email="budi@example.org", name="Budi 100%")
    found = {
        words: [person.email for person in service.people(OPERATOR, words=words)[0]]
        for words in ("amin", "BUDI", "%", "_")
    }
    assert found == {"amin": ["siti@example.org"], "BUDI": ["budi@example.org"], "%": ["budi@example.org"], "_": []}
    assert [person.email for person in service.people(OPERATOR, role="planner")[0]] == ["budi@example.org"]


def test_pages_of_people(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PAGE", 2)
    for number in range(3):
        make_account("resident", email=f"p{number}@example.org", name=f"P{number}")
    first, more = service.people(OPERATOR)
    second, last = service.people(OPERATOR, page=2)
    assert ([person.display_name for person in (*first, *second)], more, last) == (["P0", "P1", "P2"], True, False)


# What is recorded -----------------------------------------------------------------------------------------------------


def test_an_address_never_gets_into_the_record(session: Session) -> None:
    with pytest.raises(ValueError, match="personal data"):
        service.record(session, OPERATOR, "something", ("account", 1), to="siti@example.org")


def test_what_was_recorded_is_undone_with_what_it_records(session: Session) -> None:
    before = len(session.scalars(select(AuditEvent.id)).all())
    make_account("resident")
    with pytest.raises(Conflict):
        make_account("resident")
    assert len(session.scalars(select(AuditEvent.id)).all()) == before + 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET action = 'nothing'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "DELETE FROM account",
    ],
)
def test_the_serving_role_can_only_append(session: Session, statement: str) -> None:
    make_account("resident")
    with pytest.raises(DBAPIError) as error, session.begin_nested():
        session.execute(text(statement))
    assert "permission denied" in str(error.value.orig)


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_event SET action = 'x'", "DELETE FROM audit_event", "TRUNCATE audit_event"]
)
def test_the_owner_cannot_change_it_either(app: Flask, session: Session, statement: str) -> None:
    from sqlalchemy import create_engine

    from app.operations.bootstrap import owner_url

    engine = create_engine(owner_url(app.extensions["ruang"]))
    with engine.connect() as connection:
        connection.execute(
            text("INSERT INTO audit_event (actor_role, action, subject_kind) VALUES ('operator', 'test', 'test')")
        )
        with pytest.raises(DBAPIError) as error:
            connection.execute(text(statement))
        connection.rollback()
    engine.dispose()
    assert "what was recorded cannot change" in str(error.value.orig)


def test_each_person_sees_what_concerns_them(session: Session) -> None:
    administrator = actor_for(session, make_account("administrator"))
    one, other = make_account("resident", email="one@example.org"), make_account("resident", email="two@example.org")
    service.set_active(administrator, one.id, False)
    service.set_active(administrator, one.id, True)
    mine = [event.action for event in service.events(actor_for(session, one))[0]]
    theirs = [event.action for event in service.events(actor_for(session, other))[0]]
    assert mine == ["account_opened", "account_shut", "account_created"]
    assert theirs == ["account_created"]
    everything, _ = service.events(administrator, everything=True)
    assert {event.subject_id for event in everything} >= {str(one.id), str(other.id)}
    with pytest.raises(NotSignedIn):
        service.events(ANONYMOUS)


def test_older_events_are_a_page_further(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PAGE", 2)
    someone = make_account("resident")
    for active in (False, True, False):
        service.set_active(OPERATOR, someone.id, active)
    actor = Actor(account_id=someone.id, display_name="", roles=frozenset({"resident"}))
    first, more = service.events(actor)
    rest, none = service.events(actor, before=first[-1].id)
    assert [event.action for event in (*first, *rest)] == [
        "account_shut", "account_opened", "account_shut", "account_created",
    ]  # fmt: skip
    assert (more, none) == (True, False)


# Erasure --------------------------------------------------------------------------------------------------------------


def test_erasing_forgets_the_person_and_keeps_what_was_done(session: Session) -> None:
    someone = make_account("planner", email="siti@example.org", name="Siti Aminah")
    signing_in.sign_in(session.get_one(Account, someone.id), "Chrome, Android", second_factor=True)
    service.erase(OPERATOR, someone.id)
    row = session.execute(
        text("SELECT to_jsonb(account)::text FROM account WHERE id = :id"), {"id": someone.id}
    ).scalar_one()
    assert "siti" not in row.lower()
    assert actions(session, someone.id) == ["account_created", "signed_in", "account_erased"]
    assert signing_in.by_password(someone.email, someone.password) is None
    with pytest.raises(NotFound):
        service.person(OPERATOR, someone.id)
    make_account("resident", email="siti@example.org")


def test_no_field_of_an_account_lacks_its_legal_ground(session: Session) -> None:
    from app.accounts import models

    explained = models.__doc__ or ""
    technical = {"id", "active", "password", "fs_uniquifier", "created_at"}
    technical |= {"tf_primary_method", "tf_totp_secret", "tf_last_counter", "mf_recovery_codes"}
    for column in set(Account.__table__.columns.keys()) - technical:
        assert f"account.{column}" in explained, column
    for column in {"device", "created_at", "last_seen_at"}:
        assert column in explained


# Sign-ins -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def resumed(session: Session) -> Callable[..., Actor]:
    """Signs an account in, changes that sign-in, and says who a browser with it is then."""

    def resume(someone: Someone, *, second_factor: bool = False, **changed: dt.datetime) -> Actor:
        account = session.get_one(Account, someone.id)
        made = signing_in.sign_in(account, "Firefox, Linux", second_factor=second_factor)
        for name, value in changed.items():
            setattr(session.get_one(SignIn, made), name, value)
        session.flush()
        return signing_in.resume(account.fs_uniquifier, made)

    return resume


def test_a_sign_in_counts_until_it_is_too_old(session: Session, resumed: Callable[..., Actor]) -> None:
    someone, now = make_account("resident"), dt.datetime.now(dt.UTC)
    assert resumed(someone).account_id == someone.id
    assert resumed(someone, last_seen_at=now - dt.timedelta(hours=11)).is_signed_in
    assert resumed(someone, last_seen_at=now - dt.timedelta(hours=13)) == ANONYMOUS
    assert resumed(someone, created_at=now - dt.timedelta(days=31)) == ANONYMOUS
    assert resumed(someone, ended_at=now) == ANONYMOUS


def test_a_role_given_later_needs_its_second_factor(session: Session, resumed: Callable[..., Actor]) -> None:
    someone = make_account("resident")
    service.change(OPERATOR, someone.id, display_name="x", roles=["planner"], agency=None, area_code=None)
    assert resumed(someone) == ANONYMOUS
    assert resumed(someone, second_factor=True).has("planner")


def test_a_shut_account_is_out_at_once(session: Session) -> None:
    someone = make_account("resident")
    account = session.get_one(Account, someone.id)
    made = signing_in.sign_in(account, "?", second_factor=False)
    named = account.fs_uniquifier
    service.set_active(OPERATOR, someone.id, False)
    service.set_active(OPERATOR, someone.id, True)
    assert signing_in.resume(named, made) == ANONYMOUS


def test_sign_ins_are_forgotten_in_time_whoevers_they_are(session: Session) -> None:
    gone, someone = make_account("resident"), make_account("resident", email="other@example.org")
    for changed in ("ended_at", "created_at"):
        old = session.get_one(SignIn, signing_in.sign_in(session.get_one(Account, gone.id), "?", second_factor=False))
        setattr(old, changed, dt.datetime.now(dt.UTC) - dt.timedelta(days=31))
        session.flush()
    recent = signing_in.sign_in(session.get_one(Account, someone.id), "?", second_factor=False)
    assert session.scalars(select(SignIn.id)).all() == [recent]


# Passwords and codes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("easy", ["short", "aaaaaaaaaaaaaaaa", "siti12345678", "my password 123", "x1" * 200])
def test_easy_passwords_are_refused(session: Session, easy: str) -> None:
    with pytest.raises(Unprocessable) as error:
        credentials.check_new_password(easy, Account(email="siti@example.org"))
    assert error.value.field == "password"


def test_passwords_are_argon2_and_secrets_encrypted(session: Session) -> None:
    planner = make_account("planner")
    account = session.get_one(Account, planner.id)
    assert account.password.startswith("$argon2id$")
    stored = str(account.tf_totp_secret) + "".join(account.mf_recovery_codes or [])
    assert planner.key is not None
    assert planner.key not in stored
    assert not any(code in stored for code in planner.recovery_codes)


def test_a_password_is_the_same_however_its_accents_are_written(session: Session) -> None:
    composed, decomposed = "caf\u00e9 di pelabuhan", "cafe\u0301 di pelabuhan"
    someone = make_account("resident")
    account = session.get_one(Account, someone.id)
    signing_in.choose_password(account, composed)
    assert signing_in.by_password(someone.email, decomposed) is not None


def test_wrong_codes_and_used_recovery_codes_are_recorded(session: Session) -> None:
    planner = make_account("planner")
    assert signing_in.give_second_factor(planner.id, "000000") is None
    assert signing_in.give_second_factor(planner.id, planner.recovery_codes[0]) == "recovery_code"
    assert signing_in.give_second_factor(planner.id, planner.recovery_codes[0]) is None
    assert signing_in.give_second_factor(planner.id, planner.code()) == "code"
    assert actions(session, planner.id)[1:] == ["second_factor_failed", "recovery_code_used", "second_factor_failed"]


def test_other_roles_can_be_made_to_need_a_second_factor(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = app.extensions["ruang"].settings
    assert service.needs_second_factor({"officer"}) is False
    monkeypatch.setattr(settings, "second_factor_roles", "officer, lurah")
    assert service.needs_second_factor({"officer"}) is True
    monkeypatch.setattr(settings, "second_factor_roles", "")
    assert [role for role in ROLES if service.needs_second_factor({role})] == ["planner", "approver", "administrator"]
