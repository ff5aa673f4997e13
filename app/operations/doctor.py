"""What is missing on this machine, each with the next step."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from app.config import REPOSITORY, Settings
from app.operations.bootstrap import running
from app.operations.cluster import ClusterError, private_cluster, server_programs
from app.operations.inspection import (
    MINIMAL_POSTGIS,
    DatabaseState,
    has_plans,
    inspect_database,
    migrations_at_head,
)
from app.operations.prepare import MINIMAL_PYTHON, chromium_program

_DISK_NEEDED = 2 * 1024**3


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    needed: the platform does not work without it. step: what to do about it.
    """

    name: str
    fine: bool
    detail: str
    step: str = ""
    needed: bool = True


def examine(settings: Settings) -> list[Finding]:
    """Look at everything. The private database is started for the moment, if it exists and does not run."""
    return [
        _python(),
        *_built(),
        _disk(settings.var),
        *_database(settings),
        _chromium(),
    ]


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    step = "install Python 3.11 or later, then `make clean` and `make build`"
    return Finding("Python", sys.version_info >= MINIMAL_PYTHON, found, step)


def _built() -> Iterator[Finding]:
    manifest = REPOSITORY / "app" / "static" / "dist" / "meta.json"
    found = "built" if manifest.exists() else "not built"
    yield Finding("front end", manifest.exists(), found, "make build")
    catalogues = sorted((REPOSITORY / "app" / "translations").glob("*/LC_MESSAGES/*.po"))
    stale = [catalogue for catalogue in catalogues if not _is_compiled(catalogue)]
    if not catalogues:
        yield Finding("translations", False, "no catalogue in app/translations", "restore app/translations")
    else:
        names = ", ".join(catalogue.parts[-3] for catalogue in stale or catalogues)
        yield Finding("translations", not stale, f"{'not compiled' if stale else 'compiled'}: {names}", "make build")


def _is_compiled(catalogue: Path) -> bool:
    compiled = catalogue.with_suffix(".mo")
    return compiled.exists() and compiled.stat().st_mtime >= catalogue.stat().st_mtime


def _disk(var: Path) -> Finding:
    folder = next(folder for folder in (var.resolve(), *var.resolve().parents) if folder.exists())
    free = shutil.disk_usage(folder).free
    detail = f"{free / 1024**3:.1f} GB free at {folder}"
    return Finding("disk", free >= _DISK_NEEDED, detail, "make room, or set RUANG_VAR to a folder on another disk")


def _database(settings: Settings) -> Iterator[Finding]:
    if settings.database_url is not None:
        yield from _reachable_database(settings, "check DATABASE_URL and that the server runs")
        return
    try:
        programs = server_programs()
    except ClusterError as error:
        yield Finding("PostgreSQL with PostGIS", False, "not installed", str(error))
        return
    yield Finding("PostgreSQL with PostGIS", True, str(programs))
    cluster = private_cluster(settings)
    if not cluster.data.exists():
        yield Finding("private database", False, "not made yet", "make run", needed=False)
        return
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(running(cluster))
        except (ClusterError, psycopg.Error) as error:
            yield Finding("private database", False, str(error), f"see {cluster.log}")
            return
        yield Finding("private database", True, str(cluster.data))
        yield from _reachable_database(settings, f"see {cluster.log}")


def _reachable_database(settings: Settings, step: str) -> Iterator[Finding]:
    try:
        state = inspect_database(settings)
        at_head = migrations_at_head(settings)
        loaded = has_plans(settings)
    except psycopg.Error as error:
        yield Finding("database", False, " ".join(str(error).split()), step)
        return
    yield from _state(state)
    yield Finding("migrations", at_head, "at head" if at_head else "some have not run", "ruang db upgrade")
    detail = "loaded" if loaded else "none"
    yield Finding("plans", loaded, detail, "ruang sample load, or ruang plans import", needed=False)


def _state(state: DatabaseState) -> Iterator[Finding]:
    bootstrap = "ruang cluster bootstrap URL, with the address of a superuser"
    wanted = ".".join(map(str, MINIMAL_POSTGIS))
    detail = f"{state.postgis or 'missing'} on PostgreSQL {state.server}"
    yield Finding("PostGIS", state.postgis_is_recent, detail, f"PostGIS {wanted} or later; then {bootstrap}")
    extensions = ", ".join(state.missing_extensions)
    yield Finding("extensions", not extensions, f"missing: {extensions}" if extensions else "all there", bootstrap)
    separate = state.separate_roles and not state.missing_roles
    roles = f"missing: {', '.join(state.missing_roles)}" if state.missing_roles else "one for everything"
    yield Finding(
        "roles",
        separate,
        "one migrates, one serves" if separate else roles,
        f"{bootstrap}; then DATABASE_URL for ruang_app and RUANG_OWNER_DATABASE_URL for ruang_owner",
        needed=False,
    )


def _chromium() -> Finding:
    program = chromium_program()
    step = "make test installs it, or: sudo apt-get install chromium"
    return Finding("Chromium (tests only)", program is not None, program or "missing", step, needed=False)
