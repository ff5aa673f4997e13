"""The ``ruang`` command: Flask's command line with the application loaded."""

from __future__ import annotations

import os
import sys
from typing import Any

import click
from flask.cli import FlaskGroup, ScriptInfo

from gis.errors import GisError


def _load(_info: Any = None) -> Any:
    from app import create_app

    return create_app()


@click.group(cls=FlaskGroup, create_app=_load, add_default_commands=False, add_version_option=False)
def ruang() -> None:
    """Ruang: zoning lookup and the city on one map."""


def _add_commands() -> None:
    from flask.cli import routes_command, shell_command
    from flask_migrate.cli import db as db_commands

    from app.accounts.cli import accounts_commands
    from app.jobs.cli import worker_command
    from app.operations.cli import commands as operations_commands
    from app.places.cli import places_commands
    from app.plans.cli import plans_commands
    from app.sample import sample_commands

    for command in (
        db_commands,
        routes_command,
        shell_command,
        accounts_commands,
        places_commands,
        plans_commands,
        sample_commands,
        worker_command,
    ):
        ruang.add_command(command)
    for command in operations_commands:
        ruang.add_command(command)


def main() -> None:
    """Run the command line; errors meant for people end with exit code 2 and one clear message."""
    from sqlalchemy.exc import OperationalError

    from app.errors import RuangError

    _add_commands()
    os.environ.setdefault("FLASK_SKIP_DOTENV", "1")
    try:
        ruang.main(prog_name="ruang", obj=ScriptInfo(create_app=_load))
    except GisError as error:
        _fail(str(error), error.hint)
    except RuangError as error:
        _fail(str(error.detail), error.hint and str(error.hint))
    except OperationalError as error:
        # The first line names the server; the rest is advice to administrators of PostgreSQL.
        said = str(error.orig).partition("\n")[0]
        _fail(f"the database does not answer: {said}", "Is `make run` running? `ruang doctor` says what is missing.")


def _fail(message: str, hint: str | None) -> None:
    click.echo(f"ruang: {message}", err=True)
    if hint:
        click.echo(f"       {hint}", err=True)
    sys.exit(2)
