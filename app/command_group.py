"""Groups of commands whose errors are for people: one clear message in the city's language, exit code 2."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click
from flask.cli import AppGroup, with_appcontext
from flask_babel import gettext

from app.errors import RuangError, from_gis
from gis.errors import GisError


class Refused(click.ClickException):
    """A command that could not do what it was asked; says what was wrong and what to do."""

    exit_code = 2

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint

    def show(self, file: Any = None) -> None:
        """Write the message, and below it what to do."""
        click.echo(f"ruang: {self.message}", file=file, err=file is None)
        if self.hint:
            click.echo(f"       {self.hint}", file=file, err=file is None)


class CommandGroup(AppGroup):
    """A group whose commands run in the application and answer every expected error with ``Refused``."""

    def command(self, *args: Any, **kwargs: Any) -> Callable[[Callable[..., Any]], click.Command]:
        """As click's own; the function is wrapped."""
        make = super().command(*args, with_appcontext=False, **kwargs)
        return lambda function: make(with_appcontext(_explained(function)))


def _explained(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except GisError as error:
            told = from_gis(error)
        except RuangError as error:
            told = error
        except OSError as error:
            raise Refused(
                gettext("%(file)s cannot be used: %(reason)s.", file=error.filename or "-", reason=error.strerror)
            ) from error
        raise Refused(str(told.detail), str(told.hint) if told.hint else None)

    return run
