"""Reading accounts, sign-ins and what was recorded."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, String, and_, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.accounts.models import Account, AccountRole, AuditEvent, SignIn


def by_email(session: Session, email: str) -> Account | None:
    """The account of an e-mail address, whatever its capitals."""
    return session.scalars(select(Account).where(func.lower(Account.email) == email.strip().lower())).one_or_none()


def by_uniquifier(session: Session, uniquifier: str) -> Account | None:
    """The account that a session or link names."""
    return session.scalars(select(Account).where(Account.fs_uniquifier == uniquifier)).one_or_none()


def signed_in(session: Session, uniquifier: str, sign_in: uuid.UUID) -> tuple[Account, SignIn] | None:
    """The active account and its sign-in, where that was not ended."""
    row = session.execute(
        select(Account, SignIn)
        .join(SignIn, SignIn.account_id == Account.id)
        .where(Account.fs_uniquifier == uniquifier, Account.active, SignIn.id == sign_in, SignIn.ended_at.is_(None))
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def open_sign_ins(
    session: Session, account_id: int, *, seen_since: dt.datetime, made_since: dt.datetime
) -> Sequence[SignIn]:
    """The sign-ins of an account that still count, the last used first."""
    return session.scalars(
        select(SignIn)
        .where(
            SignIn.account_id == account_id,
            SignIn.ended_at.is_(None),
            SignIn.last_seen_at >= seen_since,
            SignIn.created_at >= made_since,
        )
        .order_by(SignIn.last_seen_at.desc())
    ).all()


def people(session: Session, *, words: str = "", role: str | None = None, limit: int, offset: int) -> Sequence[Account]:
    """Accounts by name, optionally those whose name or address contains some words, or that hold a role."""
    query = select(Account).where(Account.email.is_not(None)).order_by(func.lower(Account.display_name), Account.id)
    if words:
        query = query.where(
            or_(
                Account.display_name.icontains(words, autoescape=True),
                Account.email.icontains(words, autoescape=True),
            )
        )
    if role:
        query = query.where(Account.roles.any(AccountRole.name == role))
    return session.scalars(query.limit(limit).offset(offset)).all()


def count_active(session: Session, role: str) -> int:
    """How many active accounts hold a role."""
    return session.scalars(
        select(func.count()).select_from(Account).join(AccountRole).where(Account.active, AccountRole.name == role)
    ).one()


def events(session: Session, *, concerning: int | None, limit: int, before: int | None) -> Sequence[Row[Any]]:
    """(event, the actor's name, the subject's name where it is an account), newest first.

    concerning: only what this account did or what was done to it; None for everything. before: an event's id.
    """
    actor, subject = aliased(Account), aliased(Account)
    query = (
        select(AuditEvent, actor.display_name, subject.display_name)
        .outerjoin(actor, actor.id == AuditEvent.actor_id)
        .outerjoin(
            subject,
            and_(AuditEvent.subject_kind == "account", AuditEvent.subject_id == cast(subject.id, String)),
        )
        .order_by(AuditEvent.id.desc())
        .limit(limit)
    )
    if concerning is not None:
        mine = and_(AuditEvent.subject_kind == "account", AuditEvent.subject_id == str(concerning))
        query = query.where(or_(AuditEvent.actor_id == concerning, mine))
    if before is not None:
        query = query.where(AuditEvent.id < before)
    return session.execute(query).all()
