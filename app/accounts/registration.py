"""Links by mail: for a new password, and for a resident's new account.

An address is never confirmed or denied: whoever asks gets the same answer, and the mail tells its reader the rest.
"""

from __future__ import annotations

from flask import current_app, url_for
from flask_babel import gettext, ngettext
from itsdangerous import BadData, URLSafeTimedSerializer

from app.accounts import credentials, queries, service
from app.accounts.mail import mailer
from app.accounts.models import Account
from app.database import db
from app.errors import Conflict, Forbidden, NotFound
from app.runtime import runtime


def link(endpoint: str, token: str) -> str:
    """A link to put into a mail or to hand over; begins with RUANG_PUBLIC_URL, never with what a request calls us."""
    settings = runtime().settings
    base = (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")
    with current_app.test_request_context(base_url=base):
        path = url_for(endpoint, token=token)
    return base + path


def reset_link(token: str) -> str:
    """The link with which a password is chosen."""
    return link("password_pages.reset", token)


def account_of_link(token: str) -> Account:
    """The account that a link is for. Raises NotFound where the link expired or was used."""
    account = credentials.account_of_token(token)
    if account is None:
        raise NotFound(
            gettext("This link has expired or was used already."),
            hint=gettext("Ask for a new one on the page 'Forgotten password', or ask an administrator."),
        )
    return account


def mail_reset_link(email: str) -> None:
    """Send the link where the address has an active account; say nothing where it has none."""
    account = queries.by_email(db.session(), email)
    if account is not None and account.active and account.email:
        _mail(account.email, gettext("Choose a new password"), reset_link(credentials.reset_token(account)))


def mail_welcome(email: str, token: str) -> None:
    """Send a person whose account an administrator made the link to choose a password."""
    _mail(email, gettext("Your account is ready: choose a password"), reset_link(token))


def must_be_open() -> None:
    """Raises Forbidden where residents cannot register."""
    settings = runtime().settings
    if not (settings.registration and settings.can_mail):
        raise Forbidden(
            gettext("Accounts are made by an administrator here."),
            hint=gettext("Reading the plan and asking about land needs no account."),
        )


def mail_registration_link(email: str) -> None:
    """Send a link that proves the address. Raises Unprocessable where it is no address."""
    address = service.checked_email(email)
    account = queries.by_email(db.session(), address)
    if account is None:
        made = link("password_pages.register_with_link", _serializer().dumps(address))
        _mail(address, gettext("Finish your registration"), made)
    elif account.active:
        # Not the same mail: its reader should learn that the account exists, and nobody else.
        _mail(
            address,
            gettext("You have an account already: choose a new password"),
            reset_link(credentials.reset_token(account)),
        )


def address_of_link(token: str) -> str:
    """The address that a registration link proves. Raises NotFound where it expired or has an account by now."""
    try:
        address: str = _serializer().loads(token, max_age=round(runtime().settings.reset_link_hours * 3600))
    except BadData as error:
        raise NotFound(gettext("This link has expired or was used already.")) from error
    if queries.by_email(db.session(), address) is not None:
        raise NotFound(gettext("This link has expired or was used already."), hint=gettext("Sign in and try again."))
    return address


def register(email: str, display_name: str, password: str) -> Account:
    """Make a resident's account. Raises Unprocessable with its field, and NotFound where the link was used already."""
    normal = credentials.check_new_password(password, Account(email=email))
    try:
        return service.register(email, display_name, normal)
    except Conflict as error:
        raise NotFound(gettext("This link has expired or was used already.")) from error


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="registration")


def _mail(to: str, subject: str, address: str) -> None:
    settings, city = runtime().settings, runtime().city.city
    hours = round(settings.reset_link_hours)
    body = "\n\n".join(
        (
            gettext("Open this link to go on:"),
            address,
            ngettext("It works once, within %(num)s hour.", "It works once, within %(num)s hours.", hours),
            gettext("If you did not ask for this, do nothing: without the link nothing changes."),
            f"Ruang {city.name_short}",
        )
    )
    mailer().send(to, subject, body)
