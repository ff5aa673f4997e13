"""Accounts, their roles and sign-ins, and the record of who did what.

Personal data (UU 27/2022) is the least that works. Its legal ground, per field:

- ``account.email``: signs a person in and brings a new password; consent at registration (article 20 (2) a), for staff
  the performance of a public duty (article 20 (2) e). Emptied when the account is erased.
- ``account.display_name``: shown to colleagues who work on the same draft or report; the same grounds. Emptied likewise.
- ``account.agency`` and ``account.area_code``: bound what staff see; public duty.
- ``sign_in.device``, ``created_at``, ``last_seen_at``: let a person recognise and end a sign-in that is not theirs; legitimate
  interest in security (article 20 (2) f). Only the kind of browser and system, no address; forgotten after
  ``RUANG_SIGN_IN_DAYS``.

Passwords are argon2 hashes; the second factor's secret and the recovery codes are encrypted with a key that is not in the
database.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from flask_security import RoleMixin, UserMixin
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    String,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.roles import ROLES
from app.database import db, one_of


class Account(db.Model, UserMixin):
    """A person who may sign in. What ``tf_`` and ``mf_`` columns mean is Flask-Security's: second factor, recovery codes."""

    __tablename__ = "account"
    __table_args__ = (
        Index("uq_account_email", text("lower(email)"), unique=True),
        CheckConstraint("NOT active OR email IS NOT NULL", name="active_has_email"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254))
    display_name: Mapped[str] = mapped_column(String(80))
    agency: Mapped[str | None] = mapped_column(String(40))
    area_code: Mapped[str | None] = mapped_column(String(32))
    active: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    password: Mapped[str] = mapped_column(Text)
    # What a session and a reset link name the account by; a new one ends them all.
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    tf_primary_method: Mapped[str | None] = mapped_column(String(16))
    tf_totp_secret: Mapped[str | None] = mapped_column(Text)
    # The step of the last code that was taken (seconds / 30): a code works once.
    tf_last_counter: Mapped[int | None] = mapped_column(BigInteger)
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(ARRAY(Text)))
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    roles: Mapped[list[AccountRole]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="AccountRole.name"
    )

    @property
    def role_names(self) -> frozenset[str]:
        """The roles by name."""
        return frozenset(role.name for role in self.roles)


class AccountRole(db.Model, RoleMixin):
    """One role of one account."""

    __tablename__ = "account_role"
    __table_args__ = (CheckConstraint(one_of("name", ROLES), name="name"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(16), primary_key=True)


class SignIn(db.Model):
    """One sign-in: a browser that may act as the account until it is ended. second_factor: whether one was given."""

    __tablename__ = "sign_in"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    device: Mapped[str] = mapped_column(String(60))
    second_factor: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    last_seen_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    ended_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))


class AuditEvent(db.Model):
    """Who did what to what, when; appended to, never changed (a trigger, and the serving role's rights).

    actor_id is null for a command of the operator and for somebody who is not signed in; actor_role holds the roles the
    actor had then, sorted, separated by commas. details: JSON without personal data.
    """

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_subject", "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    actor_role: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(String(40))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str | None] = mapped_column(String(80))
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
