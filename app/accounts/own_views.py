"""A person's own account: who they are here, where they are signed in, what was done, their recovery codes."""

from __future__ import annotations

import uuid

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.accounts import identity, service, signing_in
from app.accounts.forms import count_try, keep_out_of_caches, page, text
from app.accounts.identity import current_actor
from app.accounts.roles import ROLES
from app.accounts.wording import agency_name, done_text, event_rows, role_name, when

own_pages = Blueprint("own_pages", __name__, url_prefix="/account", template_folder="templates")
keep_out_of_caches(own_pages)


@own_pages.get("")
def account() -> ResponseReturnValue:
    """Who I am here, and everywhere I am signed in."""
    actor = current_actor()
    own = signing_in.own_account(actor)
    return page(
        "account.html",
        account=own,
        role_names=[role_name(role) for role in ROLES if role in actor.roles],
        agency=agency_name(own.agency),
        sign_ins=signing_in.open_sign_ins(actor),
        current=identity.current_sign_in(),
        needs_second_factor=service.needs_second_factor(actor.roles),
        when=when,
        done=done_text(request.args.get("done")),
    )


@own_pages.post("/sign-ins/<uuid:sign_in>/end")
def end_sign_in(sign_in: uuid.UUID) -> ResponseReturnValue:
    """End one of my sign-ins, perhaps this one."""
    signing_in.end(current_actor(), sign_in)
    if sign_in == identity.current_sign_in():
        identity.leave()
        return redirect(url_for("pages.home"))
    return redirect(url_for("own_pages.account", done="ended"))


@own_pages.post("/sign-ins/end-others")
def end_other_sign_ins() -> ResponseReturnValue:
    """End all my sign-ins but this one."""
    signing_in.end_others(current_actor(), identity.current_sign_in())
    return redirect(url_for("own_pages.account", done="ended"))


@own_pages.get("/activity")
def activity() -> ResponseReturnValue:
    """What I did, and what was done to my account."""
    events, more = service.events(current_actor(), before=request.args.get("before", type=int))
    return page("activity.html", rows=event_rows(events), more=more, everything=False)


@own_pages.route("/recovery-codes", methods=["GET", "POST"])
def recovery_codes() -> ResponseReturnValue:
    """New recovery codes in place of the old ones, for who has the second factor at hand."""
    actor = current_actor()
    own = signing_in.own_account(actor)
    if not own.tf_totp_secret:
        return redirect(url_for("account_pages.set_up"))
    if request.method == "GET":
        return page("new_recovery_codes.html", left=len(own.mf_recovery_codes or []))
    count_try("second_factor", str(own.id))
    codes = signing_in.renew_recovery_codes(actor, text("code"))
    if codes is None:
        wrong = gettext("This code is not right, or it was used already. Wait for the next one and type it.")
        return page("new_recovery_codes.html", {"code": wrong}, left=len(own.mf_recovery_codes or []))
    return page("recovery_codes.html", codes=codes, back=None)
