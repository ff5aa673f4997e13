"""Jobs, and the files that were sent in for them.

``job.account_id`` (who started it, and may see it) is the only personal data: a public duty (UU 27/2022, article 20 (2)
e), forgotten with the job after ``RUANG_JOB_DAYS``.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.database import db, one_of

STATES = ("queued", "running", "done", "failed", "cancelled")
FINISHED = ("done", "failed", "cancelled")


class Job(db.Model):
    """One piece of work.

    key: chosen by whoever starts it, so that one started twice is done once. language: of its texts. progress: 0 to 1;
    step: what is being done. result, error: JSON, of one that is done or failed. attempts: how often a worker began.
    queue_id: its entry in procrastinate's queue. account_id is null for a command of the operator.
    """

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint("progress BETWEEN 0 AND 1", name="progress"),
        CheckConstraint(f"({one_of('state', FINISHED)}) = (finished_at IS NOT NULL)", name="finished"),
        CheckConstraint("(state = 'failed') = (error IS NOT NULL)", name="failed_says_why"),
        Index("ix_job_unfinished", "state", postgresql_where=text("finished_at IS NULL")),
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    kind: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    key: Mapped[uuid.UUID | None] = mapped_column(Uuid, unique=True)
    language: Mapped[str] = mapped_column(String(12))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(String(12), server_default="queued")
    progress: Mapped[float] = mapped_column(Float, server_default=text("0"))
    step: Mapped[str | None] = mapped_column(Text)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    cancel_requested: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    queue_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    started_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))


class JobFile(db.Model):
    """A file that was sent in for a job; in the database, so that a worker on another machine reads it too."""

    __tablename__ = "job_file"

    job_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), primary_key=True)
    filename: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)
