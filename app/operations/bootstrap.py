"""The step that needs a superuser: two roles, a database that one of them owns, and the extensions.

Everything after it (migrations, serving) does without superuser rights. Repeating it changes nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from app.database import APP_ROLE, OWNER_ROLE
from app.operations.cluster import DATABASE, Cluster, private_cluster

if TYPE_CHECKING:
    from app.config import Settings
    from app.runtime import Runtime

EXTENSIONS = ("postgis", "btree_gist", "pg_trgm", "unaccent")


def connect(url: str, *, autocommit: bool = False) -> psycopg.Connection:
    """Open a plain psycopg connection to an SQLAlchemy URL (``postgresql+psycopg://...``)."""
    plain = make_url(url).set(drivername="postgresql")
    return psycopg.connect(plain.render_as_string(hide_password=False), autocommit=autocommit)


def with_database(url: str, database: str) -> str:
    """The same server and role, another database."""
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def with_role(url: str, role: str, password: str | None = None) -> str:
    """The same server and database, another role."""
    changed: URL = make_url(url).set(username=role)
    if password is not None:
        changed = changed.set(password=password)
    return changed.render_as_string(hide_password=False)


def owner_url(runtime: Runtime) -> str:
    """SQLAlchemy URL of the role that owns the tables."""
    return database_urls(runtime.settings)[0]


def database_urls(settings: Settings) -> tuple[str, str]:
    """SQLAlchemy URLs of the owner and of the serving role, in this order.

    Both are the private cluster's unless DATABASE_URL is set; with it alone, one role does both.
    """
    if settings.database_url is None:
        cluster = private_cluster(settings)
        return cluster.owner_url, cluster.app_url
    serving = _with_driver(settings.database_url.get_secret_value())
    if settings.owner_database_url is None:
        return serving, serving
    return _with_driver(settings.owner_database_url.get_secret_value()), serving


@contextlib.contextmanager
def running(cluster: Cluster) -> Iterator[Cluster]:
    """The private cluster, made and bootstrapped where needed; stopped afterwards unless it already ran."""
    if cluster.running_pid() is not None:
        yield cluster
        return
    cluster.initialise()
    process = cluster.start()
    try:
        bootstrap(cluster.admin_url)
        yield cluster
    finally:
        cluster.stop(process)


def bootstrap(admin_url: str, database: str = DATABASE, *, role_password: str | None = None) -> None:
    """Make roles, database and extensions where they are missing.

    admin_url: any database of the server, as a superuser. role_password: set for both roles, where they sign
    in with one. The owner role owns the database and through it the schema ``public``; the application's role
    owns nothing. Raises psycopg.Error, for example when PostGIS is not installed.
    """
    with connect(admin_url, autocommit=True) as server:
        for role in (OWNER_ROLE, APP_ROLE):
            _create_role(server, role)
            if role_password is not None:
                statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
                server.execute(statement.format(sql.Identifier(role), sql.Literal(role_password)))
        _create_database(server, database)
    with connect(with_database(admin_url, database), autocommit=True) as inside:
        for extension in EXTENSIONS:
            _create_extension(inside, extension)
        _let_roles_in(inside, database)


def drop_database(admin_url: str, database: str) -> None:
    """Remove a database and end the sessions in it; nothing happens where it does not exist."""
    with connect(admin_url, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def _with_driver(url: str) -> str:
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _create_role(server: psycopg.Connection, role: str) -> None:
    if server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
        statement = "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE"
        server.execute(sql.SQL(statement).format(sql.Identifier(role)))


def _create_database(server: psycopg.Connection, database: str) -> None:
    if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone() is not None:
        return
    name, owner = sql.Identifier(database), sql.Identifier(OWNER_ROLE)
    server.execute(sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(name, owner))
    server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    server.execute(sql.SQL("ALTER DATABASE {} SET timezone = 'UTC'").format(name))


def _let_roles_in(inside: psycopg.Connection, database: str) -> None:
    # Also for a database that was there before and belongs to somebody else.
    name, owner, app = (sql.Identifier(word) for word in (database, OWNER_ROLE, APP_ROLE))
    inside.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}, {}").format(name, owner, app))
    inside.execute(sql.SQL("GRANT USAGE, CREATE ON SCHEMA public TO {}").format(owner))


def _create_extension(inside: psycopg.Connection, extension: str) -> None:
    # Asked first: CREATE EXTENSION IF NOT EXISTS takes a lock and prints a notice at every start.
    if inside.execute("SELECT 1 FROM pg_extension WHERE extname = %s", [extension]).fetchone() is None:
        inside.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(extension)))
