"""The administrators' pages: who has an account, which roles, and what was done."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.accounts import registration, service
from app.accounts.forms import errors_of, keep_out_of_caches, page, text
from app.accounts.identity import current_actor
from app.accounts.roles import ROLES, require
from app.accounts.wording import agencies, done_text, event_rows, role_choices, role_name
from app.errors import Conflict, Unprocessable
from app.runtime import runtime

people_pages = Blueprint("people_pages", __name__, url_prefix="/account/people", template_folder="templates")
keep_out_of_caches(people_pages)


@people_pages.get("")
def people() -> ResponseReturnValue:
    """Accounts by name, with a search and a filter by role."""
    words, role = request.args.get("q", "").strip()[:100], request.args.get("role")
    number = max(1, request.args.get("page", 1, type=int))
    found, more = service.people(
        current_actor(), words=words, role=role if role in ROLES else None, page=min(number, 10_000)
    )
    return page(
        "people.html",
        people=found,
        more=more,
        number=number,
        words=words,
        role=role,
        role_name=role_name,
        choices=role_choices(),
        done=done_text(request.args.get("done")),
    )


@people_pages.get("/activity")
def activity() -> ResponseReturnValue:
    """What everybody did."""
    events, more = service.events(current_actor(), everything=True, before=request.args.get("before", type=int))
    return page("activity.html", rows=event_rows(events), more=more, everything=True)


@people_pages.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Make an account; its owner gets a link, by mail or from the administrator's hand, and chooses a password."""
    actor = current_actor()
    require(actor, "administrator")
    if request.method == "GET":
        return _person_page(None, {"roles": []})
    values = _form_values()
    try:
        account_id = service.create(actor, email=text("email"), **values)
    except (Unprocessable, Conflict) as error:
        return _person_page(None, {**values, "email": text("email")}, errors_of(error, "email"))
    return _link_page(account_id)


@people_pages.route("/<int:account_id>", methods=["GET", "POST"])
def person(account_id: int) -> ResponseReturnValue:
    """One account: name, roles, what bounds it, and what can be done with it."""
    actor = current_actor()
    known = service.person(actor, account_id)
    if request.method == "GET":
        return _person_page(known, vars(known))
    values = _form_values()
    try:
        service.change(actor, account_id, **values)
    except (Unprocessable, Conflict) as error:
        return _person_page(known, {**values, "email": known.email}, errors_of(error, "roles"))
    return redirect(url_for("people_pages.person", account_id=account_id, done="saved"))


@people_pages.post("/<int:account_id>/link")
def make_link(account_id: int) -> ResponseReturnValue:
    """A link with which the person chooses a new password."""
    return _link_page(account_id)


@people_pages.post("/<int:account_id>/second-factor")
def take_second_factor(account_id: int) -> ResponseReturnValue:
    """Take the second factor away, for who lost phone and recovery codes."""
    service.take_second_factor(current_actor(), account_id)
    return redirect(url_for("people_pages.person", account_id=account_id, done="second_factor"))


@people_pages.post("/<int:account_id>/shut")
def shut(account_id: int) -> ResponseReturnValue:
    """Shut the account; every sign-in ends."""
    service.set_active(current_actor(), account_id, False)
    return redirect(url_for("people_pages.person", account_id=account_id, done="shut"))


@people_pages.post("/<int:account_id>/open")
def reopen(account_id: int) -> ResponseReturnValue:
    """Open an account that was shut."""
    service.set_active(current_actor(), account_id, True)
    return redirect(url_for("people_pages.person", account_id=account_id, done="opened"))


@people_pages.post("/<int:account_id>/erase")
def erase(account_id: int) -> ResponseReturnValue:
    """Shut the account and forget whose it was."""
    if request.form.get("sure") != "yes":
        actor = current_actor()
        known = service.person(actor, account_id)
        return _person_page(known, vars(known), {"sure": gettext("Tick the box first: this cannot be undone.")})
    service.erase(current_actor(), account_id)
    return redirect(url_for("people_pages.people", done="erased"))


def _form_values() -> dict[str, Any]:
    return {
        "display_name": text("display_name"),
        "roles": request.form.getlist("roles"),
        "agency": text("agency") or None,
        "area_code": text("area_code") or None,
    }


def _person_page(
    known: service.Person | None, values: dict[str, Any], errors: dict[str, str] | None = None
) -> ResponseReturnValue:
    return page(
        "person.html",
        errors,
        person=known,
        values=values,
        choices=role_choices(),
        agencies=agencies(),
        own=known is not None and known.id == current_actor().account_id,
        done=done_text(request.args.get("done")),
    )


def _link_page(account_id: int) -> ResponseReturnValue:
    actor = current_actor()
    known = service.person(actor, account_id)
    token = service.reset_token(actor, account_id)
    mailed = runtime().settings.can_mail
    if mailed:
        registration.mail_welcome(known.email, token)
    return page("link.html", person=known, link=None if mailed else registration.reset_link(token))
