"""The database session, the base class of all models, and the two roles.

``ruang_owner`` owns the tables and migrates; ``ruang_app`` serves and owns nothing. With one role for both, only the
triggers protect published plans, and ``/readyz`` says so.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson
import shapely
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from psycopg import sql
from sqlalchemy import MetaData, text
from sqlalchemy.orm import DeclarativeBase, Session

OWNER_ROLE = "ruang_owner"
APP_ROLE = "ruang_app"
_COPIED = "rows copied"
# Fewer rows than this are found soon enough whatever the plan.
_MANY_ROWS = 1000
# Marks a session in which ``transaction`` is under way.
_OPEN = "transaction open"


class Base(DeclarativeBase):
    """Declarative base with deterministic constraint names, so that migrations can name what they drop."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, engine_options={"pool_pre_ping": True})
migrate = Migrate()


def one_of(column: str, values: tuple[str, ...]) -> str:
    """SQL of a check constraint: the column holds one of these fixed words."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


@contextmanager
def transaction() -> Iterator[Session]:
    """One transaction: committed at the end, undone whole when anything is raised.

    Inside another one it takes part in that, and only the outer one commits: several steps become one that is kept
    whole or not at all. Tables that ``copy_rows`` filled in it have their statistics gathered afterwards: until then
    PostgreSQL plans as if they were nearly empty.
    """
    session = db.session()
    if session.info.get(_OPEN):
        yield session
        return
    session.info[_OPEN] = True
    copied: Counter[str] = session.info.setdefault(_COPIED, Counter())
    copied.clear()
    try:
        yield session
        session.commit()
        for table in [name for name, rows in copied.items() if rows >= _MANY_ROWS]:
            session.execute(text("SELECT gather_statistics(CAST(:table AS regclass))"), {"table": table})
            session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(_OPEN, None)


def copy_rows(session: Session, model: type[Base], rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert many rows through COPY, in the session's transaction. All rows have the keys of the first.

    Geometries travel as EWKB (SRID as set on them, else 4326), so every coordinate arrives bit by bit.
    """
    iterator = iter(rows)
    first = next(iterator, None)
    if first is None:
        return 0
    keys = list(first)
    columns = sql.SQL(", ").join(sql.Identifier(model.__mapper__.column_attrs[key].columns[0].name) for key in keys)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(model.__table__.name), columns)
    connection = session.connection().connection.driver_connection
    assert connection is not None  # noqa: S101 - for the type checker; a session in use has a connection
    count = 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in itertools.chain([first], iterator):
            copy.write_row([_copy_value(row[key]) for key in keys])
            count += 1
    session.info.setdefault(_COPIED, Counter())[model.__table__.name] += count
    return count


def _copy_value(value: Any) -> Any:
    if isinstance(value, shapely.Geometry):
        srid = shapely.get_srid(value) or 4326
        return shapely.to_wkb(shapely.set_srid(value, srid), hex=True, include_srid=True)
    if isinstance(value, dict):
        return orjson.dumps(value).decode()
    return value
