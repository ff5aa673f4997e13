"""Helpers for tests of plans: the command line, and what is stored."""

# ruff: noqa: S608 - names of tables are constants of this file

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

Ruang = Callable[..., Result]
# Everything that an import writes; nothing may be left of one that was not kept.
WRITTEN = (
    "plan_version", "changeset", "zone", "zone_revision", "version_zone", "zone_lineage", "source_file",
    "source_feature", "subzone", "tile_zone",
)  # fmt: skip


@pytest.fixture
def ruang(app: Flask, session: Session) -> Ruang:
    """Runs a command as ``ruang`` does; whatever it keeps is rolled back at the end of the test."""

    def run(*arguments: Any) -> Result:
        result = app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result

    return run


@pytest.fixture
def import_file(ruang: Ruang, tmp_path: Path) -> Ruang:
    """Runs ``ruang plans import`` on a file; the report goes to ``tmp_path / "report"``."""

    def run(path: Path, *options: Any, plan: str = "rdtr") -> Result:
        fixed = ("--plan", plan, "--legal-reference", "Perwali contoh 1", "--report", tmp_path / "report")
        return ruang("plans", "import", path, *fixed, *options)

    return run


@pytest.fixture
def rows(session: Session) -> Callable[..., list[tuple[Any, ...]]]:
    """Runs SQL and returns plain tuples."""

    def run(statement: str, **values: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in session.execute(text(statement), values)]

    return run


@pytest.fixture
def nothing_kept(session: Session) -> Callable[[], bool]:
    """Whether the database holds nothing of any plan."""

    def check() -> bool:
        return not any(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in WRITTEN)

    return check
