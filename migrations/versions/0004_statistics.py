"""The serving role may have the statistics of a table gathered that it has filled.

Revision 0004, after 0003. Only an owner may ANALYZE. Without statistics PostgreSQL chose plans for tiles of a newly
loaded layer of 50,000 zones that took 40 times as long, until its own background process came round.
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION gather_statistics(filled regclass) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        BEGIN
            EXECUTE format('ANALYZE %s', filled);
        END $$
        """
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION gather_statistics(regclass)")
