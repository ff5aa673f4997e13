"""The log of changes to the rule tables of drafts.

Revision 0008, after 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

GRANTS = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ruang_app') AND current_user <> 'ruang_app' THEN
        GRANT SELECT, INSERT ON rule_change TO ruang_app;
        GRANT USAGE, SELECT ON SEQUENCE rule_change_id_seq TO ruang_app;
    END IF;
END $$;
"""


def upgrade() -> None:
    op.create_table(
        "rule_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("rule_table", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("rows", postgresql.JSONB(), nullable=False),
        sa.Column("hash_before", sa.String(length=64), nullable=False),
        sa.Column("hash_after", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("kind IN ('edit', 'import', 'restore')", name=op.f("ck_rule_change_kind")),
        sa.CheckConstraint(
            "rule_table IN ('itbx', 'conditions', 'intensity', 'overlays')", name=op.f("ck_rule_change_rule_table")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_rule_change_account_id_account")),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["plan_version.id"],
            name=op.f("fk_rule_change_version_id_plan_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_change")),
    )
    op.create_index("ix_rule_change_version_id", "rule_change", ["version_id"])
    op.execute(GRANTS)


def downgrade() -> None:
    op.drop_table("rule_change")
