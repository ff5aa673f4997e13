"""What the pages of a review share: reading a form, showing what was wrong with it, staying out of caches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.errors import Conflict, RuangError, TooMany, Unprocessable

Errors = dict[str, str]


def text(name: str) -> str:
    """A field of the form without spaces around it; empty where it is absent."""
    return request.form.get(name, "").strip()


def day(name: str) -> dt.date:
    """A date of the form. Raises Unprocessable with the field."""
    try:
        return dt.date.fromisoformat(text(name))
    except ValueError:
        raise Unprocessable(gettext("Please give a date: day, month and year."), field=name) from None


def zone() -> int | None:
    """The number of a zone, if one was given. Raises Unprocessable with the field."""
    given = text("zone")
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 18):
        raise Unprocessable(gettext("The number of a zone has digits only."), field="zone")
    return int(given)


def attempt(do: Callable[[], object], then: str, again: Callable[[Errors], str], default: str) -> ResponseReturnValue:
    """Do what a form asks, and lead on; where it is refused, show the page again with the reason beside its field.

    then: the address that follows. again: makes the page with errors. default: the field of an error that names none.
    """
    try:
        do()
    except (Unprocessable, Conflict, TooMany) as error:
        return again(_errors(error, default)), error.status
    return redirect(then, code=303)


def _errors(error: RuangError, default: str) -> Errors:
    words = " ".join(filter(None, (str(error.detail), str(error.hint or ""))))
    return {error.field or default: words}


def keep_out_of_caches(blueprint: Blueprint) -> None:
    """Let no cache keep the pages of a blueprint: they differ by who looks at them."""

    @blueprint.after_request
    def no_store(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-store"
        return response
