"""Drafts that planners edit: what each changeset changed, who made it, what it takes back.

Revision 0005, after 0004. A changeset and its zones are written once and never changed: the application may only insert
them, and they go with their draft.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

GRANTS = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ruang_app') AND current_user <> 'ruang_app' THEN
        GRANT SELECT, INSERT ON changeset_zone TO ruang_app;
        REVOKE UPDATE, DELETE ON changeset FROM ruang_app;
    END IF;
END $$;
"""
GRANTS_BEFORE = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ruang_app') AND current_user <> 'ruang_app' THEN
        GRANT UPDATE, DELETE ON changeset TO ruang_app;
    END IF;
END $$;
"""


def upgrade() -> None:
    op.add_column("changeset", sa.Column("account_id", sa.Integer(), nullable=True))
    op.add_column("changeset", sa.Column("kind", sa.Text(), server_default="import", nullable=False))
    op.add_column("changeset", sa.Column("reverts_id", sa.BigInteger(), nullable=True))
    op.add_column("changeset", sa.Column("key", sa.Uuid(), nullable=True))
    op.add_column("changeset", sa.Column("moves_footprint", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column(
        "changeset", sa.Column("lineage", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False)
    )
    op.create_foreign_key(op.f("fk_changeset_account_id_account"), "changeset", "account", ["account_id"], ["id"])
    op.create_foreign_key(
        op.f("fk_changeset_reverts_id_changeset"), "changeset", "changeset", ["reverts_id"], ["id"], ondelete="CASCADE"
    )
    op.create_check_constraint(
        op.f("ck_changeset_kind"),
        "changeset",
        "kind IN ('import', 'edit', 'undo', 'redo', 'restore', 'repair', 'exchange')",
    )
    op.create_check_constraint(
        op.f("ck_changeset_reverts"), "changeset", "(kind IN ('undo', 'redo')) = (reverts_id IS NOT NULL)"
    )
    op.create_unique_constraint(op.f("uq_changeset_version_id_key"), "changeset", ["version_id", "key"])
    op.create_table(
        "changeset_zone",
        sa.Column("changeset_id", sa.BigInteger(), nullable=False),
        sa.Column("zone_id", sa.BigInteger(), nullable=False),
        sa.Column("old_revision_id", sa.BigInteger(), nullable=True),
        sa.Column("new_revision_id", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["changeset_id"],
            ["changeset.id"],
            name=op.f("fk_changeset_zone_changeset_id_changeset"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_changeset_zone_zone_id_zone")),
        sa.ForeignKeyConstraint(
            ["old_revision_id", "zone_id"],
            ["zone_revision.id", "zone_revision.zone_id"],
            name=op.f("fk_changeset_zone_old_revision_id_zone_id_zone_revision"),
        ),
        sa.ForeignKeyConstraint(
            ["new_revision_id", "zone_id"],
            ["zone_revision.id", "zone_revision.zone_id"],
            name=op.f("fk_changeset_zone_new_revision_id_zone_id_zone_revision"),
        ),
        sa.CheckConstraint(
            "old_revision_id IS DISTINCT FROM new_revision_id", name=op.f("ck_changeset_zone_something_changed")
        ),
        sa.PrimaryKeyConstraint("changeset_id", "zone_id", name=op.f("pk_changeset_zone")),
    )
    op.create_index(op.f("ix_changeset_zone_zone_id"), "changeset_zone", ["zone_id"])
    op.execute(GRANTS)


def downgrade() -> None:
    op.execute(GRANTS_BEFORE)
    op.drop_table("changeset_zone")
    op.drop_constraint(op.f("uq_changeset_version_id_key"), "changeset")
    op.drop_constraint(op.f("ck_changeset_reverts"), "changeset")
    op.drop_constraint(op.f("ck_changeset_kind"), "changeset")
    op.drop_constraint(op.f("fk_changeset_reverts_id_changeset"), "changeset")
    op.drop_constraint(op.f("fk_changeset_account_id_account"), "changeset")
    for column in ("lineage", "moves_footprint", "key", "reverts_id", "kind", "account_id"):
        op.drop_column("changeset", column)
