"""Accounts as administrators and other domains see them: who is asking, what was done, who may do what.

The other half, what a person does with their own account, is ``signing_in.py``. Only these two commit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.accounts import credentials, queries
from app.accounts.models import Account, AccountRole, AuditEvent
from app.accounts.roles import ALWAYS_SECOND_FACTOR, ANONYMOUS, OPERATOR, ROLES, Actor, require
from app.database import db, transaction
from app.errors import Conflict, NotFound, Unprocessable
from app.runtime import runtime

__all__ = ["ANONYMOUS", "OPERATOR", "ROLES", "Actor", "record", "require"]

PAGE = 50
_LONGEST_NAME = 80
_AREA_CODE_CHARACTERS = frozenset("0123456789.")
Subject = tuple[str, str | int | None]


@dataclass(frozen=True)
class Person:
    """An account as an administrator sees it; no password, no secret."""

    id: int
    email: str
    display_name: str
    roles: tuple[str, ...]
    agency: str | None
    area_code: str | None
    active: bool
    has_second_factor: bool
    needs_second_factor: bool


@dataclass(frozen=True)
class Event:
    """Something that somebody did. actor is "" for the operator's commands and for somebody not signed in."""

    id: int
    at: dt.datetime
    actor: str
    actor_role: str
    action: str
    subject_kind: str
    subject_id: str | None
    subject: str
    details: dict[str, Any]


def record(session: Session, actor: Actor, action: str, subject: Subject, /, **details: Any) -> None:
    """Write down who did what, in the caller's transaction.

    subject: kind and id, such as ("plan_version", 7). details: plain values that explain it, never personal data; an
    address is refused (ValueError).
    """
    if any("@" in str(value) for value in details.values()):
        raise ValueError("personal data does not belong into the record of who did what")
    kind, number = subject
    session.add(
        AuditEvent(
            actor_id=actor.account_id,
            actor_role=",".join(sorted(actor.roles)) or "anonymous",
            action=action,
            subject_kind=kind,
            subject_id=None if number is None else str(number),
            details=details,
        )
    )


def actor_of(account: Account) -> Actor:
    """The plain value that other domains get."""
    return Actor(
        account_id=account.id,
        display_name=account.display_name,
        roles=account.role_names,
        agency=account.agency,
        area_code=account.area_code,
    )


def needs_second_factor(roles: Iterable[str]) -> bool:
    """Whether somebody with these roles must give a second factor."""
    by_setting = {role.strip() for role in runtime().settings.second_factor_roles.split(",")}
    return not (ALWAYS_SECOND_FACTOR | by_setting).isdisjoint(roles)


# Administrators -------------------------------------------------------------------------------------------------------


def people(actor: Actor, *, words: str = "", role: str | None = None, page: int = 1) -> tuple[list[Person], bool]:
    """One page of accounts, and whether there are more. Raises Forbidden for who is no administrator."""
    require(actor, "administrator")
    found = queries.people(db.session(), words=words, role=role, limit=PAGE + 1, offset=PAGE * (page - 1))
    return [_person(account) for account in found[:PAGE]], len(found) > PAGE


def person(actor: Actor, account_id: int) -> Person:
    """One account. Raises Forbidden and NotFound."""
    require(actor, "administrator")
    return _person(_account(db.session(), account_id))


def create(
    actor: Actor,
    *,
    email: str,
    display_name: str,
    roles: Iterable[str],
    agency: str | None = None,
    area_code: str | None = None,
    password: str | None = None,
) -> int:
    """Make an account; without a password its owner chooses one through a link. Returns its id.

    password: as ``credentials.check_new_password`` returns it. Raises Forbidden, Unprocessable with the field that is
    wrong, and Conflict where the address has an account.
    """
    require(actor, "administrator")
    address, wanted = checked_email(email), _checked_roles(roles)
    with transaction() as session:
        account = _add(session, address, checked_name(display_name), password)
        account.agency, account.area_code = _checked_agency(agency), _checked_area(area_code)
        account.roles = [AccountRole(name=name) for name in sorted(wanted)]
        session.flush()
        record(session, actor, "account_created", ("account", account.id), roles=sorted(wanted))
        return account.id


def register(email: str, display_name: str, password: str) -> Account:
    """Make the account of a resident who proved the address. Raises Unprocessable with its field, and Conflict."""
    with transaction() as session:
        account = _add(session, checked_email(email), checked_name(display_name), password)
        account.roles = [AccountRole(name="resident")]
        session.flush()
        record(session, actor_of(account), "registered", ("account", account.id))
    return account


def change(
    actor: Actor, account_id: int, *, display_name: str, roles: Iterable[str], agency: str | None, area_code: str | None
) -> None:
    """Give an account another name, other roles, another agency or kelurahan; at once, also for who is signed in.

    Raises Forbidden, NotFound, Unprocessable, and Conflict where nobody could administer afterwards.
    """
    require(actor, "administrator")
    wanted = _checked_roles(roles)
    with transaction() as session:
        account = _account(session, account_id)
        before = account.role_names
        if "administrator" in before - wanted:
            _keep_an_administrator(session, actor, account)
        account.display_name = checked_name(display_name)
        account.agency, account.area_code = _checked_agency(agency), _checked_area(area_code)
        for role in [role for role in account.roles if role.name not in wanted]:
            account.roles.remove(role)
        account.roles.extend(AccountRole(name=name) for name in sorted(wanted - before))
        if wanted != before:
            record(
                session,
                actor,
                "roles_changed",
                ("account", account_id),
                added=sorted(wanted - before),
                removed=sorted(before - wanted),
            )


def set_active(actor: Actor, account_id: int, active: bool) -> None:
    """Shut an account, ending all its sign-ins, or open it again. Raises Forbidden, NotFound and Conflict."""
    require(actor, "administrator")
    with transaction() as session:
        account = _account(session, account_id)
        if account.active == active:
            return
        if not active and "administrator" in account.role_names:
            _keep_an_administrator(session, actor, account)
        account.active = active
        credentials.rename_sessions(account)
        record(session, actor, "account_opened" if active else "account_shut", ("account", account_id))


def take_second_factor(actor: Actor, account_id: int) -> None:
    """Take an account's second factor away, when phone and recovery codes are lost; it must be set up at the next sign-in.

    Raises Forbidden and NotFound. The person proves who they are to the administrator, not to us.
    """
    require(actor, "administrator")
    with transaction() as session:
        account = _account(session, account_id)
        credentials.forget_second_factor(account)
        credentials.rename_sessions(account)
        record(session, actor, "second_factor_removed", ("account", account_id))


def reset_token(actor: Actor, account_id: int) -> str:
    """A token with which the account's owner chooses a password, once. Raises Forbidden, NotFound and Conflict."""
    require(actor, "administrator")
    with transaction() as session:
        account = _account(session, account_id)
        if not account.active:
            raise Conflict(gettext("The account is shut: open it first."))
        record(session, actor, "reset_link_made", ("account", account_id))
        return credentials.reset_token(account)


def erase(actor: Actor, account_id: int) -> None:
    """Shut an account and forget whose it was (UU 27/2022, article 8); what was done with it stays recorded, nameless.

    Raises Forbidden, NotFound and Conflict.
    """
    require(actor, "administrator")
    with transaction() as session:
        account = _account(session, account_id)
        if "administrator" in account.role_names:
            _keep_an_administrator(session, actor, account)
        account.active, account.email, account.display_name = False, None, ""
        account.agency = account.area_code = None
        account.roles.clear()
        account.password = credentials.unusable_password()
        credentials.forget_second_factor(account)
        credentials.rename_sessions(account)
        record(session, actor, "account_erased", ("account", account_id))


def id_of(actor: Actor, email: str) -> int:
    """The id of the account with this address. Raises Forbidden and NotFound."""
    require(actor, "administrator")
    account = queries.by_email(db.session(), email)
    if account is None:
        raise NotFound(gettext("There is no account with this e-mail address."))
    return account.id


def events(actor: Actor, *, everything: bool = False, before: int | None = None) -> tuple[list[Event], bool]:
    """What the actor did and what was done to their account, newest first, and whether there is more.

    everything: what anybody did; raises Forbidden for who is no administrator. before: continue after this event.
    """
    require(actor, *(("administrator",) if everything else ()))
    concerning = None if everything else actor.account_id
    rows = queries.events(db.session(), concerning=concerning, limit=PAGE + 1, before=before)
    return [_event(event, who, about) for event, who, about in rows[:PAGE]], len(rows) > PAGE


# Checks ---------------------------------------------------------------------------------------------------------------


def checked_email(email: str) -> str:
    """The address in lower case. Raises Unprocessable where it is none."""
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise Unprocessable(
            gettext("This is no e-mail address. It looks like name@example.org."), field="email"
        ) from error


def checked_name(name: str) -> str:
    """The name in one line. Raises Unprocessable where it is empty or too long."""
    neat = " ".join(name.split())
    if not neat or len(neat) > _LONGEST_NAME:
        raise Unprocessable(
            gettext("Please give a name of at most %(limit)s characters.", limit=_LONGEST_NAME), field="display_name"
        )
    return neat


def _checked_roles(roles: Iterable[str]) -> frozenset[str]:
    wanted = frozenset(roles)
    if not wanted or not wanted <= set(ROLES):
        raise Unprocessable(gettext("Please choose at least one role."), field="roles")
    return wanted


def _checked_agency(agency: str | None) -> str | None:
    if agency and agency not in {str(known["code"]) for known in runtime().city.agencies}:
        raise Unprocessable(gettext("The city has no agency with this code."), field="agency")
    return agency or None


def _checked_area(code: str | None) -> str | None:
    if code and not set(code) <= _AREA_CODE_CHARACTERS:
        raise Unprocessable(gettext("The code of a kelurahan has digits and dots only."), field="area_code")
    return code or None


def _add(session: Session, email: str, display_name: str, password: str | None) -> Account:
    if queries.by_email(session, email) is not None:
        raise Conflict(gettext("There is an account with this e-mail address already."), field="email")
    account = Account(
        email=email,
        display_name=display_name,
        active=True,
        password=credentials.hashed(password) if password else credentials.unusable_password(),
    )
    credentials.rename_sessions(account)
    session.add(account)
    return account


def _keep_an_administrator(session: Session, actor: Actor, account: Account) -> None:
    if account.id == actor.account_id:
        raise Conflict(gettext("You cannot take this from your own account: ask another administrator."))
    if account.active and queries.count_active(session, "administrator") == 1:
        raise Conflict(gettext("This is the last administrator."))


def _account(session: Session, account_id: int) -> Account:
    account = session.get(Account, account_id)
    if account is None or account.email is None:
        raise NotFound(gettext("There is no such account."))
    return account


def _person(account: Account) -> Person:
    return Person(
        id=account.id,
        email=account.email or "",
        display_name=account.display_name,
        roles=tuple(role for role in ROLES if role in account.role_names),
        agency=account.agency,
        area_code=account.area_code,
        active=account.active,
        has_second_factor=bool(account.tf_totp_secret),
        needs_second_factor=needs_second_factor(account.role_names),
    )


def _event(event: AuditEvent, actor: str | None, subject: str | None) -> Event:
    return Event(
        id=event.id,
        at=event.at,
        actor=actor or "",
        actor_role=event.actor_role,
        action=event.action,
        subject_kind=event.subject_kind,
        subject_id=event.subject_id,
        subject=subject or "",
        details=event.details,
    )
