"""Read request parameters: each function raises a clear error that names the field, for people in words.

An error's text speaks of "Longitude"; its ``field`` is the parameter's own name, for programs.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any

from flask import request
from flask_babel import format_decimal, gettext, lazy_gettext

from app.errors import Malformed, Unprocessable
from app.runtime import runtime

# Python reads more than people write: 1_0, digits of other scripts, 20260601 and 2026-W01-1 are refused.
_NUMBER = re.compile(r"[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# What people call each parameter, as the beginning of a sentence.
WORDS: dict[str, Any] = {
    "lon": lazy_gettext("Longitude"),
    "lat": lazy_gettext("Latitude"),
    "on": lazy_gettext("The date"),
    "accuracy_m": lazy_gettext("The accuracy of your position, in metres,"),
    "activity": lazy_gettext("The activity"),
    "use": lazy_gettext("The activity"),
    "road_class": lazy_gettext("The road in front"),
    "lot_m2": lazy_gettext("The size of the lot, in square metres,"),
    "plan": lazy_gettext("The code of the plan"),
    "q": lazy_gettext("The text to search for"),
}


def words(name: str) -> str:
    """What people call a parameter; its own name where nothing else is known."""
    return str(WORDS.get(name, name))


def _text(name: str) -> str:
    """The parameter without spaces around it; empty where it is absent."""
    args = request.args
    # Asked first: for a name that is absent, ``get`` would make an HTTP exception and drop it.
    return args[name].strip() if name in args else ""


def number(name: str) -> float:
    """A required number."""
    found = optional_number(name)
    if found is None:
        raise Malformed(gettext("%(name)s is missing.", name=words(name)), field=name)
    return found


def optional_number(name: str, *, minimum: float | None = None, maximum: float | None = None) -> float | None:
    """A finite number, or None where the parameter is absent or empty. A decimal comma is read as a point."""
    text = _text(name)
    if not text:
        return None
    value = float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(value):
        raise Malformed(
            gettext("%(name)s must be a number, not “%(value)s”.", name=words(name), value=text[:40]), field=name
        )
    if (minimum is not None and value < minimum) or (maximum is not None and value > maximum):
        raise Unprocessable(
            gettext(
                "%(name)s must lie between %(minimum)s and %(maximum)s.",
                name=words(name),
                minimum=format_decimal(minimum) if minimum is not None else "−∞",
                maximum=format_decimal(maximum) if maximum is not None else "∞",
            ),
            field=name,
            limit=maximum,
        )
    return value


def optional_date(name: str) -> dt.date | None:
    """A date as YYYY-MM-DD, or None."""
    text = _text(name)
    if not text:
        return None
    try:
        # An empty text is no date either, and the one error serves both.
        return dt.date.fromisoformat(text if _DATE.fullmatch(text) else "")
    except ValueError:
        raise Malformed(
            gettext(
                "%(name)s must be written as year, month and day, such as 2026-06-01, not “%(value)s”.",
                name=words(name),
                value=text[:40],
            ),
            field=name,
        ) from None


def optional_text(name: str, *, maximum: int = 200) -> str | None:
    """A short text, or None."""
    text = _text(name)
    if len(text) > maximum:
        raise Malformed(
            gettext("%(name)s may have at most %(maximum)s characters.", name=words(name), maximum=maximum),
            field=name,
            limit=maximum,
        )
    if "\0" in text:
        raise Malformed(
            gettext("%(name)s holds a character that does not belong in a text.", name=words(name)), field=name
        )
    return text or None


def optional_choice(name: str, choices: tuple[str, ...]) -> str | None:
    """One of a few words, or None."""
    text = optional_text(name)
    if text is not None and text not in choices:
        raise Unprocessable(
            gettext("%(name)s must be one of %(choices)s.", name=words(name), choices=", ".join(choices)), field=name
        )
    return text


def accuracy() -> float:
    """How exactly the asker knows the position, in metres."""
    if "accuracy_m" not in request.args:
        return 0.0
    return optional_number("accuracy_m", minimum=0, maximum=runtime().settings.max_asker_accuracy_m) or 0.0
