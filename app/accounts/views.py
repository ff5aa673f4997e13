"""Signing in, the second factor, and signing out."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.accounts import credentials, identity, signing_in
from app.accounts.forms import count_try, keep_out_of_caches, page, secret, text
from app.accounts.identity import current_actor, own_address
from app.accounts.models import Account
from app.runtime import runtime

account_pages = Blueprint("account_pages", __name__, url_prefix="/account", template_folder="templates")
keep_out_of_caches(account_pages)


@account_pages.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """E-mail and password; then the second factor, or back to where the person was."""
    back = own_address(request.values.get("next"))
    if request.method == "GET":
        if current_actor().is_signed_in:
            return redirect(back or url_for("own_pages.account"))
        return _sign_in_page(back)
    email = text("email")
    count_try("sign_in")
    count_try("sign_in", email.casefold()[:254])
    account = signing_in.by_password(email, secret("password"))
    if account is None:
        wrong = gettext("The e-mail address or the password is not right. Check both and try again.")
        return _sign_in_page(back, {"email": wrong}, email)
    match signing_in.second_factor_step(account):
        case "verify":
            identity.await_second_factor(account, back)
            return redirect(url_for("account_pages.second_factor"))
        case "set_up":
            identity.await_second_factor(account, back)
            return redirect(url_for("account_pages.set_up"))
    identity.begin(account, second_factor=False)
    return redirect(back or url_for("own_pages.account"))


def _sign_in_page(back: str | None, errors: dict[str, str] | None = None, email: str = "") -> ResponseReturnValue:
    settings = runtime().settings
    may_register = settings.registration and settings.can_mail
    return page("sign_in.html", errors, back=back, email=email, may_register=may_register)


@account_pages.route("/second-factor", methods=["GET", "POST"])
def second_factor() -> ResponseReturnValue:
    """The code of the authenticator app, or a recovery code, after the password."""
    awaited = identity.awaited()
    if awaited is None:
        return redirect(url_for("account_pages.sign_in"))
    account, pending = awaited
    if request.method == "GET":
        return page("second_factor.html")
    count_try("second_factor")
    count_try("second_factor", str(account.id))
    given = signing_in.give_second_factor(account.id, text("code"))
    if given is None:
        wrong = gettext("This code is not right, or it was used already. Wait for the next one and type it.")
        return page("second_factor.html", {"code": wrong})
    identity.begin(account, second_factor=True)
    # Somebody without their phone is told how many codes are left.
    after = url_for("own_pages.account") if given == "recovery_code" else pending["next"]
    return redirect(after or url_for("own_pages.account"))


@account_pages.route("/second-factor/set-up", methods=["GET", "POST"])
def set_up() -> ResponseReturnValue:
    """Add the account to an authenticator app: between password and sign-in where it is needed, or later by choice."""
    awaited = identity.awaited()
    account = awaited[0] if awaited else signing_in.own_account(current_actor())
    if awaited and account.tf_totp_secret:
        return redirect(url_for("account_pages.second_factor"))
    kept = identity.remembered_secret()
    if request.method == "GET" or kept is None:
        kept = kept or credentials.new_secret()
        identity.remember_secret(kept)
        return _set_up_page(account, kept)
    count_try("second_factor")
    count_try("second_factor", str(account.id))
    outcome = signing_in.set_up_second_factor(account.id, kept, text("code"), text("present"))
    if outcome.wrong:
        wrong = {
            "code": gettext("This code is not right. Type the one that shows now."),
            "present": gettext("This code is not right, or it was used already."),
        }
        return _set_up_page(account, kept, {outcome.wrong: wrong[outcome.wrong]})
    identity.remember_secret(None)
    if awaited:
        identity.begin(account, second_factor=True)
    else:
        signing_in.confirm_second_factor(current_actor(), identity.current_sign_in())
    return page("recovery_codes.html", codes=outcome.recovery_codes, back=awaited[1]["next"] if awaited else None)


def _set_up_page(account: Account, kept: str, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    return page("set_up.html", errors, set_up=credentials.set_up(account, kept), replaces=bool(account.tf_totp_secret))


@account_pages.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this sign-in."""
    actor, current = current_actor(), identity.current_sign_in()
    if actor.is_signed_in and current is not None:
        signing_in.end(actor, current)
    identity.leave()
    return redirect(url_for("pages.home"))
