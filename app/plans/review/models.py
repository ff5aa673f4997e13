"""What happens to a version beside its content: review, milestones, remarks, hearings, corrections.

What was decided is appended and never changed. Personal data is the account's number alone: names are read from the
account when a page is made, so that an erased account leaves none behind (UU 27/2022, article 8).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import db, one_of
from app.plans.review.workflow import RECORDED

REMARK_STATES = ("open", "answered", "settled")


class ReviewEvent(db.Model):
    """One step of a version through its review, by whom and why. content_hash: of what was approved."""

    __tablename__ = "review_event"
    __table_args__ = (
        CheckConstraint(one_of("action", RECORDED), name="action"),
        CheckConstraint("(action = 'approve') = (content_hash IS NOT NULL)", name="approval_has_hash"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id", ondelete="CASCADE"), index=True)
    action: Mapped[str] = mapped_column(String(12))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    reason: Mapped[str] = mapped_column(Text, server_default="")
    content_hash: Mapped[str | None] = mapped_column(String(64))


class ReviewThread(db.Model):
    """What a reviewer asks about one zone of a draft, or about the whole where zone_id is None, until it is resolved."""

    __tablename__ = "review_thread"
    __table_args__ = (CheckConstraint("(resolved_at IS NULL) = (resolved_by IS NULL)", name="resolved_by_somebody"),)

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id", ondelete="CASCADE"), index=True)
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"))
    resolved_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    resolved_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    comments: Mapped[list[ReviewComment]] = relationship(order_by="ReviewComment.id", lazy="selectin")


class ReviewComment(db.Model):
    """One contribution to a thread."""

    __tablename__ = "review_comment"

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("review_thread.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    text: Mapped[str] = mapped_column(Text)


class Milestone(db.Model):
    """A step that the law asks for, with its document and day. kind: of ``milestones.toml``."""

    __tablename__ = "milestone"

    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    document: Mapped[str] = mapped_column(Text)
    day: Mapped[dt.date] = mapped_column(Date)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class MinistryRemark(db.Model):
    """One remark of the ministry on a draft, numbered within it, until it is settled."""

    __tablename__ = "ministry_remark"
    __table_args__ = (
        UniqueConstraint("version_id", "number"),
        CheckConstraint(one_of("state", REMARK_STATES), name="state"),
        CheckConstraint("state = 'open' OR answer IS NOT NULL", name="answered_has_answer"),
    )

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    article: Mapped[str | None] = mapped_column(Text)
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"))
    state: Mapped[str] = mapped_column(String(8), server_default="open")
    answer: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Hearing(db.Model):
    """A public hearing of a draft: first and last day, both included, in the city's calendar."""

    __tablename__ = "hearing"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="days_in_order"),
        CheckConstraint("(cancelled_at IS NULL) = (cancelled_reason IS NULL)", name="cancelled_has_reason"),
        Index(
            "uq_hearing_standing",
            "version_id",
            unique=True,
            postgresql_where=text("cancelled_at IS NULL AND closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id", ondelete="CASCADE"), index=True)
    first_day: Mapped[dt.date] = mapped_column(Date)
    last_day: Mapped[dt.date] = mapped_column(Date)
    notice: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    announced_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    # Closed when its draft goes back to the planners: what was commented on is then no longer what is shown.
    closed_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    cancelled_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    cancelled_reason: Mapped[str | None] = mapped_column(Text)


class HearingComment(db.Model):
    """What a resident says about a draft: of a zone, of a drawn place (EPSG:4326), or of the whole.

    account_id: so that one person cannot flood a hearing, and may be answered; consent, by sending it (UU 27/2022,
    article 20). show_name: whether the account's name is shown beside it. hidden_reason: why it is not shown.
    """

    __tablename__ = "hearing_comment"
    __table_args__ = (
        CheckConstraint("(hidden_at IS NULL) = (hidden_reason IS NULL)", name="hidden_has_reason"),
        CheckConstraint("zone_id IS NULL OR place IS NULL", name="zone_or_place"),
    )

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    # Without cascade: a draft that residents commented on cannot be thrown away.
    hearing_id: Mapped[int] = mapped_column(ForeignKey("hearing.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    show_name: Mapped[bool] = mapped_column(Boolean)
    text: Mapped[str] = mapped_column(Text)
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"))
    place: Mapped[Any] = mapped_column(Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=True)
    sent_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    hidden_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    hidden_reason: Mapped[str | None] = mapped_column(Text)


class HearingAnswer(db.Model):
    """What the planners answer, for everybody to read."""

    __tablename__ = "hearing_answer"

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("hearing_comment.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Erratum(db.Model):
    """A correction notice on a public version, beside its content; appended only. concerns: article, zone, map sheet."""

    __tablename__ = "erratum"

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id"), index=True)
    day: Mapped[dt.date] = mapped_column(Date)
    concerns: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class PublicationRun(db.Model):
    """One try at publishing, for people to watch. steps: [[name, when it began], ..]; problem: why it ended without."""

    __tablename__ = "publication_run"

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    valid_from: Mapped[dt.date] = mapped_column(Date)
    legal_reference: Mapped[str] = mapped_column(Text)
    started_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    finished_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    steps: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    problem: Mapped[str | None] = mapped_column(Text)
