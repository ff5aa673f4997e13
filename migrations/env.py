"""Alembic's environment: runs as the role that owns the tables."""

from __future__ import annotations

from alembic import context
from flask import current_app
from geoalchemy2 import alembic_helpers
from sqlalchemy import create_engine, pool

from app.accounts import models as _accounts
from app.database import db
from app.jobs import models as _jobs
from app.operations.bootstrap import owner_url
from app.places import models as _places
from app.plans import models as _plans
from app.plans.review import models as _review

# Imported for their tables.
_ = (_accounts, _jobs, _places, _plans, _review)


def _include(name: str | None, kind: str, parent_names: dict[str, str | None]) -> bool:
    """Leave PostGIS's own tables alone."""
    if kind == "table":
        return name in db.metadata.tables
    return True


def run() -> None:
    """Run the migrations in one transaction."""
    engine = create_engine(owner_url(current_app.extensions["ruang"]), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            include_name=_include,
            include_object=alembic_helpers.include_object,
            process_revision_directives=alembic_helpers.writer,
            render_item=alembic_helpers.render_item,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
