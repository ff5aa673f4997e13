"""Migrations run up, down and up again, and make exactly what the models say."""

from __future__ import annotations

from collections.abc import Callable

from flask_migrate import check, downgrade, upgrade
from sqlalchemy import text

from app import create_app
from app.database import db
from tests.conftest import make_settings

_TABLES = text(
    "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    " AND table_name NOT IN ('spatial_ref_sys', 'alembic_version') AND table_type = 'BASE TABLE'"
    # The queue's own tables have no models.
    " AND NOT starts_with(table_name, 'procrastinate_')"
)
_FUNCTIONS = text("SELECT count(*) FROM pg_proc WHERE proname LIKE 'guard_%' OR proname LIKE 'procrastinate_%'")
_QUEUE = text("SELECT count(*) FROM pg_class WHERE starts_with(relname, 'procrastinate_')")


def test_up_down_up(admin_url: str, new_database: Callable[..., str]) -> None:
    app = create_app(make_settings(admin_url, new_database("migrations")))
    with app.app_context():
        made = db.session.execute(_TABLES).scalar_one()
        assert made == len(db.metadata.tables)
        db.session.remove()
        check()
        downgrade(revision="base")
        assert db.session.execute(_TABLES).scalar_one() == 0
        assert db.session.execute(_FUNCTIONS).scalar_one() == 0
        assert db.session.execute(_QUEUE).scalar_one() == 0
        db.session.remove()
        upgrade()
        assert db.session.execute(_TABLES).scalar_one() == made
        db.session.remove()
        db.engine.dispose()
