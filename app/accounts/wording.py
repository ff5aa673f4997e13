"""Roles, agencies and what was recorded, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import format_datetime, gettext, lazy_gettext

from app.accounts.roles import ROLES
from app.accounts.service import Event
from app.runtime import runtime

# What was done, and to what kind of thing, in words; a domain adds its own with ``explain``.
_ACTIONS: dict[str, Any] = {
    "registered": lazy_gettext("registered"),
    "account_created": lazy_gettext("made the account"),
    "account_shut": lazy_gettext("shut the account"),
    "account_opened": lazy_gettext("opened the account again"),
    "account_erased": lazy_gettext("erased the account"),
    "reset_link_made": lazy_gettext("made a link for choosing a password"),
    "second_factor_removed": lazy_gettext("removed two-step verification"),
    "second_factor_set": lazy_gettext("set up two-step verification"),
    "second_factor_failed": lazy_gettext("gave a wrong code"),
    "recovery_code_used": lazy_gettext("used a recovery code"),
    "recovery_codes_renewed": lazy_gettext("made new recovery codes"),
    "signed_in": lazy_gettext("signed in"),
    "signed_out": lazy_gettext("ended a sign-in"),
    "others_signed_out": lazy_gettext("ended all other sign-ins"),
    "password_changed": lazy_gettext("changed the password"),
    "password_reset": lazy_gettext("chose a password through a link"),
}
_SUBJECTS: dict[str, Any] = {}


def explain(*, actions: Mapping[str, Any], subjects: Mapping[str, Any]) -> None:
    """Give words to what a domain records: lazy texts by action (such as "submitted the draft") and by kind of subject."""
    _ACTIONS.update(actions)
    _SUBJECTS.update(subjects)


@dataclass(frozen=True)
class EventRow:
    """One line of the record. number: where to continue from."""

    number: int
    when: str
    who: str
    what: str
    about: str


def role_name(role: str) -> str:
    """The role in the reader's language; what is no role comes back as it is."""
    names = {
        "resident": gettext("Resident"),
        "kader": gettext("Neighbourhood volunteer (kader)"),
        "lurah": gettext("Head of a kelurahan (lurah)"),
        "agency": gettext("Agency"),
        "officer": gettext("Field officer"),
        "coordinator": gettext("Coordinator"),
        "planner": gettext("Planner"),
        "approver": gettext("Approver"),
        "administrator": gettext("Administrator"),
        "operator": gettext("Operator of the server"),
        "anonymous": gettext("Not signed in"),
    }
    return names.get(role, role)


def role_choices() -> list[tuple[str, str, str]]:
    """(role, name, what it may do), for a form."""
    may = {
        "resident": gettext("reports and comments in their own name"),
        "kader": gettext("reports for a neighbourhood"),
        "lurah": gettext("sees the reports of a kelurahan"),
        "agency": gettext("answers what is handed to the agency"),
        "officer": gettext("handles reports in the field"),
        "coordinator": gettext("hands reports out and watches deadlines"),
        "planner": gettext("edits drafts of the plan; needs two-step verification"),
        "approver": gettext("reviews and publishes the plan; needs two-step verification"),
        "administrator": gettext("makes accounts and gives roles; needs two-step verification"),
    }
    return [(role, role_name(role), may[role]) for role in ROLES]


def agencies() -> list[tuple[str, str]]:
    """(code, name) of the city's agencies."""
    return [(str(agency["code"]), str(agency["name"])) for agency in runtime().city.agencies]


def agency_name(code: str | None) -> str | None:
    """The agency's name; its code where the city profile no longer has it."""
    return dict(agencies()).get(code, code) if code else None


def when(moment: dt.datetime) -> str:
    """A moment in the city's time zone."""
    return str(format_datetime(moment, "d MMM yyyy, HH.mm"))


def done_text(done: str | None) -> str | None:
    """What was just done, for the top of a page."""
    texts = {
        "password": gettext("Your password was changed. Every other sign-in was ended."),
        "ended": gettext("The sign-in was ended."),
        "saved": gettext("The changes were saved."),
        "second_factor": gettext("Two-step verification was removed. It is set up again at the next sign-in."),
        "shut": gettext("The account was shut, and every sign-in ended."),
        "opened": gettext("The account was opened again."),
        "erased": gettext("The account was erased."),
    }
    return texts.get(done) if done else None


def event_rows(events: Iterable[Event]) -> list[EventRow]:
    """The record as lines, times in the city's time zone."""
    return [
        EventRow(
            number=event.id,
            when=when(event.at),
            who=event.actor or _nameless(event),
            what=_what(event.action, event.details),
            about=_about(event),
        )
        for event in events
    ]


def _nameless(event: Event) -> str:
    """Somebody without a name: the operator, nobody, or who was erased since."""
    return ", ".join(role_name(role) for role in event.actor_role.split(","))


def _about(event: Event) -> str:
    if event.subject_kind == "account":
        return event.subject or gettext("erased account %(number)s", number=event.subject_id or "")
    kind = _SUBJECTS.get(event.subject_kind, event.subject_kind.replace("_", " "))
    return " ".join(filter(None, (str(kind), event.subject_id)))


def _what(action: str, details: dict[str, Any]) -> str:
    if action == "roles_changed":
        parts = [f"+ {role_name(role)}" for role in details.get("added", [])]
        parts += [f"− {role_name(role)}" for role in details.get("removed", [])]
        return str(gettext("changed the roles: %(roles)s", roles=", ".join(parts)))
    return str(_ACTIONS.get(action, action.replace("_", " ")))
