"""Jobs in the background, and the queue that brings them to a worker.

Revision 0007, after 0006. The queue's tables are procrastinate's own, made by the schema of the pinned release; a newer
release comes with SQL of its own (``procrastinate schema --migrations-path``), which a migration after this one runs.
"""

from __future__ import annotations

from importlib.metadata import version

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# The release whose schema this migration makes; requirements.lock pins the same.
PROCRASTINATE = "3.10.0"

GRANTS = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ruang_app') AND current_user <> 'ruang_app' THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON job TO ruang_app;
        GRANT SELECT, INSERT, DELETE ON job_file TO ruang_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON procrastinate_jobs, procrastinate_workers, procrastinate_events,
            procrastinate_periodic_defers TO ruang_app;
        GRANT USAGE, SELECT ON SEQUENCE procrastinate_jobs_id_seq, procrastinate_workers_id_seq,
            procrastinate_events_id_seq, procrastinate_periodic_defers_id_seq TO ruang_app;
    END IF;
END $$;
"""
REMOVE_QUEUE = """
DO $$
DECLARE
    named regprocedure;
BEGIN
    DROP TABLE procrastinate_periodic_defers, procrastinate_events, procrastinate_jobs, procrastinate_workers CASCADE;
    FOR named IN SELECT oid::regprocedure FROM pg_proc
        WHERE starts_with(proname, 'procrastinate_') AND pronamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('DROP FUNCTION %s CASCADE', named);
    END LOOP;
    DROP TYPE procrastinate_job_to_defer_v1, procrastinate_job_event_type, procrastinate_job_status;
END $$;
"""


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.Uuid(), nullable=True),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("arguments", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.String(length=12), server_default="queued", nullable=False),
        sa.Column("progress", sa.Float(), server_default=sa.text("0"), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("result", postgresql.JSONB(), nullable=True),
        sa.Column("error", postgresql.JSONB(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("queue_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_job_state")),
        sa.CheckConstraint("progress BETWEEN 0 AND 1", name=op.f("ck_job_progress")),
        sa.CheckConstraint(
            "(state IN ('done', 'failed', 'cancelled')) = (finished_at IS NOT NULL)", name=op.f("ck_job_finished")
        ),
        sa.CheckConstraint("(state = 'failed') = (error IS NOT NULL)", name=op.f("ck_job_failed_says_why")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_job_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("key", name=op.f("uq_job_key")),
    )
    op.create_index("ix_job_account_id", "job", ["account_id"])
    op.create_index("ix_job_unfinished", "job", ["state"], postgresql_where=sa.text("finished_at IS NULL"))
    op.create_table(
        "job_file",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_job_file_job_id_job"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_job_file")),
    )
    if version("procrastinate") != PROCRASTINATE:
        raise RuntimeError(f"this migration makes the tables of procrastinate {PROCRASTINATE}: install that release")
    op.execute(SchemaManager.get_schema())
    op.execute(GRANTS)


def downgrade() -> None:
    op.execute(REMOVE_QUEUE)
    op.drop_table("job_file")
    op.drop_table("job")
