"""What a person does with their own account: prove who they are, sign in and out, choose a password, set a second factor.

The other half of the service. No function here sees a request; the browser's part is in ``identity.py``.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from app.accounts import credentials, queries
from app.accounts.models import Account, SignIn
from app.accounts.roles import ANONYMOUS, Actor, require
from app.accounts.service import actor_of, needs_second_factor, record
from app.database import db, transaction
from app.errors import NotFound, Unprocessable
from app.runtime import runtime

# How exactly ``last_seen_at`` is kept: one write in five minutes, not one per request.
_SEEN = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class OpenSignIn:
    """A browser that is signed in."""

    id: uuid.UUID
    device: str
    created_at: dt.datetime
    last_seen_at: dt.datetime


@dataclass(frozen=True)
class SetUpOutcome:
    """A second factor that was set up, with its recovery codes, or which of the codes was wrong: "code", "present"."""

    recovery_codes: tuple[str, ...] = ()
    wrong: str | None = None


# The way in -----------------------------------------------------------------------------------------------------------


def by_password(email: str, password: str) -> Account | None:
    """The active account of this address and password, else None, after the same time."""
    account = queries.by_email(db.session(), email)
    right = credentials.password_is_right(account, password)
    return account if right and account is not None and account.active else None


def by_uniquifier(uniquifier: str) -> Account | None:
    """The active account between its password and its second factor."""
    account = queries.by_uniquifier(db.session(), uniquifier)
    return account if account is not None and account.active else None


def second_factor_step(account: Account) -> str | None:
    """What must follow the password: "verify", "set_up", or None where nothing must."""
    if account.tf_totp_secret:
        return "verify"
    return "set_up" if needs_second_factor(account.role_names) else None


def give_second_factor(account_id: int, entered: str) -> str | None:
    """Take a code or a recovery code: "code", "recovery_code", or None where it is neither, which is recorded."""
    with transaction() as session:
        account = _locked(session, account_id)
        actor = actor_of(account)
        if credentials.code_is_right(account, entered):
            return "code"
        if credentials.use_recovery_code(account, entered):
            left = len(account.mf_recovery_codes or [])
            record(session, actor, "recovery_code_used", ("account", account.id), left=left)
            return "recovery_code"
        record(session, actor, "second_factor_failed", ("account", account.id))
        return None


def sign_in(account: Account, device: str, *, second_factor: bool) -> uuid.UUID:
    """Begin a sign-in; those of anybody that are out of date are forgotten. device: kind of browser and system."""
    with transaction() as session:
        outdated = _now() - dt.timedelta(days=runtime().settings.sign_in_days)
        session.execute(delete(SignIn).where(or_(SignIn.created_at < outdated, SignIn.ended_at < outdated)))
        made = SignIn(id=uuid.uuid4(), account_id=account.id, device=device, second_factor=second_factor)
        session.add(made)
        record(session, actor_of(account), "signed_in", ("account", account.id), second_factor=second_factor)
        return made.id


def resume(uniquifier: str, sign_in_id: uuid.UUID) -> Actor:
    """Who a browser with this session is; ANONYMOUS where the sign-in was ended, is too old, or lacks a second factor."""
    session = db.session()
    alone = not session.in_transaction()
    found = queries.signed_in(session, uniquifier, sign_in_id)
    if found is None:
        return ANONYMOUS
    account, current = found
    now, seen_since, made_since = _times()
    if current.last_seen_at < seen_since or current.created_at < made_since:
        return ANONYMOUS
    # A role that was given during a sign-in without second factor counts from the next sign-in on.
    if needs_second_factor(account.role_names) and not current.second_factor:
        return ANONYMOUS
    actor = actor_of(account)
    # Only where no work of a view is under way that a commit would tear apart.
    if alone and now - current.last_seen_at > _SEEN:
        with transaction() as own:
            own.execute(update(SignIn).where(SignIn.id == sign_in_id).values(last_seen_at=now))
    return actor


# Sign-ins -------------------------------------------------------------------------------------------------------------


def open_sign_ins(actor: Actor) -> list[OpenSignIn]:
    """Where the actor is signed in, the last used first. Raises NotSignedIn."""
    require(actor)
    _, seen_since, made_since = _times()
    found = queries.open_sign_ins(db.session(), actor.account_id or 0, seen_since=seen_since, made_since=made_since)
    return [OpenSignIn(row.id, row.device, row.created_at, row.last_seen_at) for row in found]


def end(actor: Actor, sign_in_id: uuid.UUID) -> None:
    """End one of the actor's own sign-ins; it is refused at its next request. Raises NotSignedIn and NotFound."""
    require(actor)
    with transaction() as session:
        ended = session.execute(
            update(SignIn)
            .where(SignIn.id == sign_in_id, SignIn.account_id == actor.account_id, SignIn.ended_at.is_(None))
            .values(ended_at=_now())
            .returning(SignIn.id)
        ).one_or_none()
        if ended is None:
            raise NotFound(gettext("This sign-in has ended already."))
        record(session, actor, "signed_out", ("account", actor.account_id))


def end_others(actor: Actor, keep: uuid.UUID | None) -> int:
    """End the actor's sign-ins but one; returns how many. Raises NotSignedIn."""
    require(actor)
    with transaction() as session:
        count = _end_all(session, actor.account_id or 0, keep)
        record(session, actor, "others_signed_out", ("account", actor.account_id), count=count)
        return count


# Password and two-step verification -------------------------------------------------------------------------------------------


def change_password(actor: Actor, old: str, new: str, keep: uuid.UUID | None) -> Account:
    """Replace the actor's password and end all other sign-ins; returns the account, for the browser's new session.

    Raises NotSignedIn, and Unprocessable with field "old" or "password".
    """
    account = own_account(actor)
    if not credentials.password_is_right(account, old):
        raise Unprocessable(gettext("This is not your present password."), field="old")
    normal = credentials.check_new_password(new, account)
    with transaction() as session:
        _set_password(session, account, normal, keep)
        record(session, actor, "password_changed", ("account", account.id))
    return account


def choose_password(account: Account, new: str) -> None:
    """Set the password of who came through a link, ending every sign-in. Raises Unprocessable with field "password"."""
    normal = credentials.check_new_password(new, account)
    with transaction() as session:
        _set_password(session, account, normal, None)
        record(session, actor_of(account), "password_reset", ("account", account.id))


def set_up_second_factor(account_id: int, secret: str, code: str, present: str = "") -> SetUpOutcome:
    """Keep a second factor once its first code is right.

    present: code or recovery code of the factor that it replaces, where there is one. A wrong code is recorded; one that
    is right is used up only where the other is right as well.
    """
    with transaction() as session:
        account = _locked(session, account_id)
        last_counter, account.tf_last_counter = account.tf_last_counter, None
        right = credentials.code_is_right(account, code, secret)
        counter, account.tf_last_counter = account.tf_last_counter, last_counter
        wrong = None if right else "code"
        if right and account.tf_totp_secret:
            known = credentials.code_is_right(account, present) or credentials.use_recovery_code(account, present)
            wrong = None if known else "present"
        if wrong:
            record(session, actor_of(account), "second_factor_failed", ("account", account.id))
            return SetUpOutcome(wrong=wrong)
        account.tf_last_counter = counter
        codes = credentials.keep_second_factor(account, secret)
        record(session, actor_of(account), "second_factor_set", ("account", account.id))
        return SetUpOutcome(recovery_codes=tuple(codes))


def confirm_second_factor(actor: Actor, sign_in_id: uuid.UUID | None) -> None:
    """Note that the present sign-in has given its second factor, after it was set up inside it."""
    with transaction() as session:
        session.execute(
            update(SignIn)
            .where(SignIn.id == sign_in_id, SignIn.account_id == actor.account_id)
            .values(second_factor=True)
        )


def renew_recovery_codes(actor: Actor, code: str) -> list[str] | None:
    """Ten new recovery codes for who gives a right code; None where it is wrong. Raises NotSignedIn."""
    require(actor)
    with transaction() as session:
        account = _locked(session, actor.account_id or 0)
        if not credentials.code_is_right(account, code):
            record(session, actor, "second_factor_failed", ("account", account.id))
            return None
        codes = credentials.new_recovery_codes(account)
        record(session, actor, "recovery_codes_renewed", ("account", account.id))
        return codes


def own_account(actor: Actor) -> Account:
    """The actor's own account. Raises NotSignedIn."""
    require(actor)
    account = db.session().get(Account, actor.account_id)
    if account is None:
        raise NotFound(gettext("There is no such account."))
    return account


def _locked(session: Session, account_id: int) -> Account:
    """The account, held until the transaction ends: two requests cannot both use one code."""
    return session.get_one(Account, account_id, with_for_update=True, populate_existing=True)


def _set_password(session: Session, account: Account, normal: str, keep: uuid.UUID | None) -> None:
    account.password = credentials.hashed(normal)
    credentials.rename_sessions(account)
    _end_all(session, account.id, keep)


def _end_all(session: Session, account_id: int, keep: uuid.UUID | None) -> int:
    statement = update(SignIn).where(SignIn.account_id == account_id, SignIn.ended_at.is_(None))
    if keep is not None:
        statement = statement.where(SignIn.id != keep)
    return len(session.execute(statement.values(ended_at=_now()).returning(SignIn.id)).all())


def _times() -> tuple[dt.datetime, dt.datetime, dt.datetime]:
    """Now, and since when a sign-in must have been used and made to count."""
    now, settings = _now(), runtime().settings
    return now, now - dt.timedelta(hours=settings.sign_in_idle_hours), now - dt.timedelta(days=settings.sign_in_days)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
