"""Stages, steps, hearings and publications in words."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import format_date, format_datetime, format_decimal, gettext, lazy_gettext

from app.plans.publishing import STEPS
from app.plans.review.hearings import Opened
from app.plans.review.workflow import STAGE_NAMES

ACTIONS = {
    "submit": lazy_gettext("handed the draft in for review"),
    "take_back": lazy_gettext("took the draft back"),
    "send_back": lazy_gettext("sent the draft back"),
    "approve": lazy_gettext("approved the draft"),
    "publish": lazy_gettext("published the version"),
    "withdraw": lazy_gettext("withdrew the version"),
}
REMARK_STATES = {
    "open": lazy_gettext("Open"),
    "answered": lazy_gettext("Answered, not settled"),
    "settled": lazy_gettext("Settled"),
}
CHANGES = {
    "added": lazy_gettext("new zone"),
    "removed": lazy_gettext("no longer a zone"),
    "recoded": lazy_gettext("another sub-zone"),
    "reshaped": lazy_gettext("another outline or other attributes"),
}
PHASES = {
    "announced": lazy_gettext("Announced"),
    "running": lazy_gettext("Open for comments"),
    "ended": lazy_gettext("Over, being answered"),
    "closed": lazy_gettext("Over"),
    "cancelled": lazy_gettext("Cancelled"),
}
NOTHING_BEGUN = lazy_gettext("Nobody has begun to publish this version.")
DONE: dict[str, Any] = {
    "submit": lazy_gettext("The draft was handed in for review. It cannot be changed until it comes back."),
    "take_back": lazy_gettext("The draft can be changed again."),
    "send_back": lazy_gettext("The draft was sent back to the planners."),
    "approve": lazy_gettext("The draft was approved."),
    "saved": lazy_gettext("It was saved."),
    "sent": lazy_gettext("Your comment was sent. Everybody can read it below."),
    "announced": lazy_gettext("The hearing was announced."),
    "withdrawn": lazy_gettext("The version was withdrawn."),
}


def done(name: str | None) -> str | None:
    """What was just done, for the top of a page."""
    return str(DONE[name]) if name in DONE else None


def day(value: dt.date | str | None) -> str:
    """A date written out; a string is ISO 8601."""
    if value is None:
        return ""
    return str(format_date(dt.date.fromisoformat(value) if isinstance(value, str) else value, "d MMMM y"))


def when(moment: dt.datetime) -> str:
    """A moment in the city's time zone."""
    return str(format_datetime(moment, "d MMM yyyy, HH.mm"))


def clock(moment: dt.datetime) -> str:
    """The time of a moment, to the second, in the city's time zone."""
    return str(format_datetime(moment, "HH.mm.ss"))


def step_name(step: str) -> str:
    """A step of publishing."""
    return str(STEPS[step]) if step in STEPS else gettext("comparing with what was approved")


def days_of(found: Opened) -> str:
    """The days of a hearing."""
    return gettext(
        "from %(first)s to %(last)s, both days included",
        first=day(found.hearing.first_day),
        last=day(found.hearing.last_day),
    )


def tag(stage: str) -> str:
    """A stage in words."""
    return str(STAGE_NAMES[stage])


def number(value: float) -> str:
    """A whole number with the reader's separators."""
    return str(format_decimal(round(value)))
