"""Choosing a password: through a link, instead of the present one, or for a new account."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.accounts import identity, registration, signing_in
from app.accounts.forms import count_try, errors_of, keep_out_of_caches, page, secret, text
from app.accounts.identity import current_actor
from app.errors import NotFound, Unprocessable
from app.runtime import runtime

password_pages = Blueprint("password_pages", __name__, url_prefix="/account", template_folder="templates")
keep_out_of_caches(password_pages)


@password_pages.route("/forgotten", methods=["GET", "POST"])
def forgotten() -> ResponseReturnValue:
    """Ask for a link by mail. The answer is the same whether there is such an account or not."""
    if not runtime().settings.can_mail:
        return page("forgotten.html", can_mail=False)
    if request.method == "GET":
        return page("forgotten.html", can_mail=True)
    count_try("forgotten")
    registration.mail_reset_link(text("email"))
    return page("link_sent.html")


@password_pages.route("/reset/<token>", methods=["GET", "POST"])
def reset(token: str) -> ResponseReturnValue:
    """Choose a password through a link; works once, ends every sign-in, and leaves the second factor as it is."""
    count_try("reset")
    account = registration.account_of_link(token)
    if request.method == "GET":
        return _choose_page(account.email)
    problem = _repeated_differently()
    if problem:
        return _choose_page(account.email, problem)
    try:
        signing_in.choose_password(account, secret("password"))
    except Unprocessable as error:
        return _choose_page(account.email, errors_of(error, "password"))
    identity.leave()
    return page("password_chosen.html")


def _choose_page(email: str | None, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    return page("choose_password.html", errors, email=email, fewest=runtime().settings.min_password_length)


@password_pages.route("/password", methods=["GET", "POST"])
def change() -> ResponseReturnValue:
    """Replace the present password; every other sign-in ends."""
    account = signing_in.own_account(current_actor())
    if request.method == "GET":
        return _change_page(account.email)
    count_try("password", str(account.id))
    problem = _repeated_differently()
    if problem:
        return _change_page(account.email, problem)
    current = identity.current_sign_in()
    try:
        account = signing_in.change_password(current_actor(), secret("old"), secret("password"), current)
    except Unprocessable as error:
        return _change_page(account.email, errors_of(error, "password"))
    identity.keep(account, current)
    return redirect(url_for("own_pages.account", done="password"))


def _change_page(email: str | None, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    return page("change_password.html", errors, email=email, fewest=runtime().settings.min_password_length)


@password_pages.route("/register", methods=["GET", "POST"])
def register() -> ResponseReturnValue:
    """A resident asks for an account; a link proves the address. The answer is the same for an address that has one."""
    registration.must_be_open()
    if request.method == "GET":
        return page("register.html")
    count_try("register")
    try:
        registration.mail_registration_link(text("email"))
    except Unprocessable as error:
        return page("register.html", errors_of(error, "email"), email=text("email"))
    return page("link_sent.html")


@password_pages.route("/register/<token>", methods=["GET", "POST"])
def register_with_link(token: str) -> ResponseReturnValue:
    """Choose a name and a password: only now is there an account."""
    registration.must_be_open()
    count_try("register")
    email = registration.address_of_link(token)
    if request.method == "GET":
        return _register_page(email)
    problem = _repeated_differently()
    if problem:
        return _register_page(email, problem)
    try:
        account = registration.register(email, text("display_name"), secret("password"))
    except Unprocessable as error:
        return _register_page(email, errors_of(error, "password"))
    except NotFound:
        # Somebody used the link before, in another window.
        return redirect(url_for("account_pages.sign_in"))
    identity.begin(account, second_factor=False)
    return redirect(url_for("own_pages.account"))


def _register_page(email: str, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    fewest = runtime().settings.min_password_length
    return page("register_with_link.html", errors, email=email, display_name=text("display_name"), fewest=fewest)


def _repeated_differently() -> dict[str, str] | None:
    if secret("password") == secret("again"):
        return None
    return {"again": gettext("The two passwords differ. Type the same one twice.")}
