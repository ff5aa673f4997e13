"""From draft to publication: review, milestones, remarks of the ministry, hearings, corrections; why a version is made.

Revision 0006, after 0005. The content of a version under review is sealed like that of a published one, until it is
returned. What belongs to the way of a version (milestones, remarks, threads, hearings) freezes with its publication;
steps, comments, answers and corrections are only ever added.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SEALED_FROM_REVIEW = "'review', 'published', 'withdrawn'"
SEALED_FROM_PUBLICATION = "'published', 'withdrawn'"
CONTENT_GUARD = """
CREATE OR REPLACE FUNCTION guard_version_content() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    state_now text;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        SELECT state INTO state_now FROM plan_version WHERE id = OLD.version_id FOR SHARE;
        IF state_now IN ({sealed}) THEN
            RAISE EXCEPTION 'version % is %: its content (%) cannot change', OLD.version_id, state_now, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        SELECT state INTO state_now FROM plan_version WHERE id = NEW.version_id FOR SHARE;
        IF state_now IN ({sealed}) THEN
            RAISE EXCEPTION 'version % is %: nothing can be added to it (%)', NEW.version_id, state_now, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    RETURN OLD;
END $$;
"""
# As 0002 has it, with the reason of the version among what cannot change.
VERSION_GUARD = """
CREATE OR REPLACE FUNCTION guard_plan_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state IN ('published', 'withdrawn') THEN
            RAISE EXCEPTION 'version % is % and cannot be deleted', OLD.id, OLD.state USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.state = 'withdrawn' THEN
        RAISE EXCEPTION 'version % is withdrawn and cannot change', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state = 'published' THEN
        IF (OLD.id, OLD.plan_id, OLD.seq, OLD.base_version_id, OLD.legal_reference, OLD.content_hash, OLD.overlaps_m2,
            OLD.gaps_m2, OLD.created_at, OLD.published_at, lower(OLD.valid){summary_before})
           IS DISTINCT FROM
           (NEW.id, NEW.plan_id, NEW.seq, NEW.base_version_id, NEW.legal_reference, NEW.content_hash, NEW.overlaps_m2,
            NEW.gaps_m2, NEW.created_at, NEW.published_at, lower(NEW.valid){summary_after})
           OR NEW.state NOT IN ('published', 'withdrawn')
        THEN
            RAISE EXCEPTION 'version % is published: only the end of its validity and its withdrawal may be recorded', OLD.id
                USING ERRCODE = 'restrict_violation';
        END IF;
        -- The end moves only for a successor: a published version of the same plan that begins where this one ends.
        IF upper(NEW.valid) IS DISTINCT FROM upper(OLD.valid) AND NOT EXISTS (
            SELECT FROM plan_version successor
            WHERE successor.plan_id = OLD.plan_id AND successor.id <> OLD.id
              AND successor.state IN ('draft', 'review', 'published') AND lower(successor.valid) = upper(NEW.valid)
        ) THEN
            RAISE EXCEPTION 'version % is published: its validity ends only where a successor begins', OLD.id
                USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
"""
NEW_GUARDS = """
CREATE FUNCTION guard_version_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    number integer := CASE WHEN TG_OP = 'INSERT' THEN NEW.version_id ELSE OLD.version_id END;
    state_now text;
BEGIN
    SELECT state INTO state_now FROM plan_version WHERE id = number FOR SHARE;
    IF state_now IN ('published', 'withdrawn') THEN
        RAISE EXCEPTION 'version % is %: what led to it (%) cannot change', number, state_now, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.version_id <> OLD.version_id THEN
        RAISE EXCEPTION 'what belongs to a version (%) stays with it', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION guard_appended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was recorded cannot change (% of %)', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION guard_erratum() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM plan_version WHERE id = NEW.version_id AND state IN ('published', 'withdrawn')) THEN
        RAISE EXCEPTION 'version % is not published: mend the draft itself', NEW.version_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
RECORDS = ("milestone", "ministry_remark", "review_thread", "hearing")
APPENDED = ("review_event", "review_comment", "hearing_answer", "erratum")
TABLES = (
    "publication_run",
    "erratum",
    "hearing_answer",
    "hearing_comment",
    "hearing",
    "ministry_remark",
    "milestone",
    "review_comment",
    "review_thread",
    "review_event",
)
SEQUENCES = ", ".join(f"{table}_id_seq" for table in TABLES if table != "milestone")
GRANTS = f"""
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ruang_app') AND current_user <> 'ruang_app' THEN
        GRANT USAGE, SELECT ON SEQUENCE {SEQUENCES} TO ruang_app;
        GRANT SELECT, INSERT ON {", ".join(TABLES)} TO ruang_app;
        GRANT UPDATE (resolved_at, resolved_by) ON review_thread TO ruang_app;
        GRANT UPDATE, DELETE ON milestone TO ruang_app;
        GRANT UPDATE (state, answer) ON ministry_remark TO ruang_app;
        GRANT UPDATE (closed_at, cancelled_at, cancelled_reason) ON hearing TO ruang_app;
        GRANT UPDATE (hidden_at, hidden_reason) ON hearing_comment TO ruang_app;
        GRANT UPDATE (finished_at, steps, problem) ON publication_run TO ruang_app;
        GRANT UPDATE (summary) ON plan_version TO ruang_app;
    END IF;
END $$;
"""


def upgrade() -> None:
    op.add_column("plan_version", sa.Column("summary", sa.Text(), nullable=True))
    _review_tables()
    _hearing_tables()
    _publication_tables()
    op.execute(CONTENT_GUARD.format(sealed=SEALED_FROM_REVIEW))
    op.execute(VERSION_GUARD.format(summary_before=", OLD.summary", summary_after=", NEW.summary"))
    op.execute(NEW_GUARDS)
    for table in RECORDS:
        op.execute(
            f"CREATE TRIGGER guard_record BEFORE INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION guard_version_record()"
        )
    for table in APPENDED:
        op.execute(
            f"CREATE TRIGGER guard_appended BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION guard_appended()"
        )
    op.execute("CREATE TRIGGER guard_erratum BEFORE INSERT ON erratum FOR EACH ROW EXECUTE FUNCTION guard_erratum()")
    op.execute("CREATE TRIGGER guard_kept BEFORE DELETE ON erratum FOR EACH ROW EXECUTE FUNCTION guard_appended()")
    op.execute(GRANTS)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    for function in ("guard_version_record", "guard_appended", "guard_erratum"):
        op.execute(f"DROP FUNCTION {function}()")
    op.execute(VERSION_GUARD.format(summary_before="", summary_after=""))
    op.execute(CONTENT_GUARD.format(sealed=SEALED_FROM_PUBLICATION))
    op.drop_column("plan_version", "summary")


def _review_tables() -> None:
    op.create_table(
        "review_event",
        _identity(sa.BigInteger()),
        _version("review_event"),
        sa.Column("action", sa.String(12), nullable=False),
        _account("review_event", nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=True),
        sa.CheckConstraint(
            "action IN ('submit', 'take_back', 'send_back', 'approve', 'publish', 'withdraw')",
            name=op.f("ck_review_event_action"),
        ),
        sa.CheckConstraint(
            "(action = 'approve') = (content_hash IS NOT NULL)", name=op.f("ck_review_event_approval_has_hash")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_event")),
    )
    op.create_index(op.f("ix_review_event_version_id"), "review_event", ["version_id"])
    op.create_table(
        "review_thread",
        _identity(),
        _version("review_thread"),
        _zone("review_thread"),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["resolved_by"], ["account.id"], name=op.f("fk_review_thread_resolved_by_account")),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolved_by IS NULL)", name=op.f("ck_review_thread_resolved_by_somebody")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_thread")),
    )
    op.create_index(op.f("ix_review_thread_version_id"), "review_thread", ["version_id"])
    op.create_table(
        "review_comment",
        _identity(),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        _account("review_comment"),
        _now("at"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["review_thread.id"],
            name=op.f("fk_review_comment_thread_id_review_thread"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_comment")),
    )
    op.create_index(op.f("ix_review_comment_thread_id"), "review_comment", ["thread_id"])
    op.create_table(
        "milestone",
        _version("milestone"),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        _account("milestone"),
        _now("recorded_at"),
        sa.PrimaryKeyConstraint("version_id", "kind", name=op.f("pk_milestone")),
    )
    op.create_table(
        "ministry_remark",
        _identity(),
        _version("ministry_remark"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("article", sa.Text(), nullable=True),
        _zone("ministry_remark"),
        sa.Column("state", sa.String(8), server_default="open", nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        _now("recorded_at"),
        sa.CheckConstraint("state IN ('open', 'answered', 'settled')", name=op.f("ck_ministry_remark_state")),
        sa.CheckConstraint("state = 'open' OR answer IS NOT NULL", name=op.f("ck_ministry_remark_answered_has_answer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ministry_remark")),
        sa.UniqueConstraint("version_id", "number", name=op.f("uq_ministry_remark_version_id_number")),
    )


def _hearing_tables() -> None:
    op.create_table(
        "hearing",
        _identity(),
        _version("hearing"),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        _account("hearing"),
        _now("announced_at"),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_hearing_days_in_order")),
        sa.CheckConstraint(
            "(cancelled_at IS NULL) = (cancelled_reason IS NULL)", name=op.f("ck_hearing_cancelled_has_reason")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hearing")),
    )
    op.create_index(op.f("ix_hearing_version_id"), "hearing", ["version_id"])
    op.create_index(
        "uq_hearing_standing",
        "hearing",
        ["version_id"],
        unique=True,
        postgresql_where=sa.text("cancelled_at IS NULL AND closed_at IS NULL"),
    )
    op.create_table(
        "hearing_comment",
        _identity(),
        sa.Column("hearing_id", sa.Integer(), nullable=False),
        _account("hearing_comment"),
        sa.Column("show_name", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _zone("hearing_comment"),
        sa.Column("place", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=True),
        _now("sent_at"),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(hidden_at IS NULL) = (hidden_reason IS NULL)", name=op.f("ck_hearing_comment_hidden_has_reason")
        ),
        sa.CheckConstraint("zone_id IS NULL OR place IS NULL", name=op.f("ck_hearing_comment_zone_or_place")),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_hearing_comment_hearing_id_hearing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hearing_comment")),
    )
    op.create_index(op.f("ix_hearing_comment_hearing_id"), "hearing_comment", ["hearing_id"])
    op.create_table(
        "hearing_answer",
        _identity(),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        _account("hearing_answer"),
        sa.Column("text", sa.Text(), nullable=False),
        _now("at"),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["hearing_comment.id"], name=op.f("fk_hearing_answer_comment_id_hearing_comment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hearing_answer")),
    )
    op.create_index(op.f("ix_hearing_answer_comment_id"), "hearing_answer", ["comment_id"])


def _publication_tables() -> None:
    op.create_table(
        "erratum",
        _identity(),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("concerns", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _account("erratum"),
        _now("recorded_at"),
        sa.ForeignKeyConstraint(["version_id"], ["plan_version.id"], name=op.f("fk_erratum_version_id_plan_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erratum")),
    )
    op.create_index(op.f("ix_erratum_version_id"), "erratum", ["version_id"])
    op.create_table(
        "publication_run",
        _identity(),
        _version("publication_run"),
        _account("publication_run", nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("legal_reference", sa.Text(), nullable=False),
        _now("started_at"),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("steps", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication_run")),
    )
    op.create_index(op.f("ix_publication_run_version_id"), "publication_run", ["version_id"])


def _identity(kind: sa.types.TypeEngine[int] | None = None) -> sa.Column[int]:
    return sa.Column("id", kind or sa.Integer(), sa.Identity(), nullable=False)


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False)


def _version(table: str) -> sa.Column[int]:
    key = sa.ForeignKey("plan_version.id", name=op.f(f"fk_{table}_version_id_plan_version"), ondelete="CASCADE")
    return sa.Column("version_id", sa.Integer(), key, nullable=False)


def _zone(table: str) -> sa.Column[int]:
    key = sa.ForeignKey("zone.id", name=op.f(f"fk_{table}_zone_id_zone"))
    return sa.Column("zone_id", sa.BigInteger(), key, nullable=True)


def _account(table: str, *, nullable: bool = False) -> sa.Column[int]:
    key = sa.ForeignKey("account.id", name=op.f(f"fk_{table}_account_id_account"))
    return sa.Column("account_id", sa.Integer(), key, nullable=nullable)
