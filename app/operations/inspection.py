"""What a database holds, asked without loading the application."""

from __future__ import annotations

import re
from dataclasses import dataclass

import psycopg
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql

from app.config import REPOSITORY, Settings
from app.database import APP_ROLE, OWNER_ROLE
from app.operations.bootstrap import EXTENSIONS, connect, database_urls

MINIMAL_POSTGIS = (3, 3)
_TABLES_OF_DATA = ("plan", "area")


@dataclass(frozen=True)
class DatabaseState:
    """What was found.

    postgis: its version, None where it is missing. separate_roles: migrating and serving differ.
    """

    server: str
    postgis: str | None
    missing_extensions: tuple[str, ...]
    missing_roles: tuple[str, ...]
    separate_roles: bool

    @property
    def postgis_is_recent(self) -> bool:
        """Whether PostGIS is the minimal release or a later one."""
        return self.postgis is not None and version_of(self.postgis) >= MINIMAL_POSTGIS


def inspect_database(settings: Settings) -> DatabaseState:
    """Ask the database which extensions and roles it has. Raises psycopg.Error where it cannot be reached."""
    owner, serving = database_urls(settings)
    with connect(serving) as connection:
        rows = connection.execute("SELECT extname, extversion FROM pg_extension").fetchall()
        installed = {str(name): str(version) for name, version in rows}
        roles = {str(row[0]) for row in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
        row = connection.execute("SHOW server_version").fetchone()
    return DatabaseState(
        server=str(row[0]) if row else "",
        postgis=installed.get("postgis"),
        missing_extensions=tuple(name for name in EXTENSIONS if name not in installed),
        missing_roles=tuple(role for role in (OWNER_ROLE, APP_ROLE) if role not in roles),
        separate_roles=owner != serving,
    )


def migrations_at_head(settings: Settings) -> bool:
    """Whether every migration of this release has run.

    Raises psycopg.Error where the database cannot be reached.
    """
    config = Config()
    config.set_main_option("script_location", str(REPOSITORY / "migrations"))
    heads = set(ScriptDirectory.from_config(config).get_heads())
    with connect(database_urls(settings)[0]) as connection:
        if _is_table(connection, "alembic_version"):
            rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
            return {str(row[0]) for row in rows} == heads
    return not heads


def is_empty(settings: Settings) -> bool:
    """Whether neither a plan nor a place was loaded. Raises psycopg.Error where the database cannot be reached."""
    with connect(database_urls(settings)[0]) as connection:
        return not any(_has_rows(connection, table) for table in _TABLES_OF_DATA)


def has_plans(settings: Settings) -> bool:
    """Whether any plan was loaded. Raises psycopg.Error where the database cannot be reached."""
    with connect(database_urls(settings)[0]) as connection:
        return _has_rows(connection, "plan")


def version_of(text: str) -> tuple[int, int]:
    """The first two numbers of a version; (0, 0) where there are none."""
    found = re.match(r"(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _has_rows(connection: psycopg.Connection, table: str) -> bool:
    if not _is_table(connection, table):
        return False
    return connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))).fetchone() is not None


def _is_table(connection: psycopg.Connection, name: str) -> bool:
    row = connection.execute("SELECT to_regclass(%s)", [name]).fetchone()
    return row is not None and row[0] is not None
