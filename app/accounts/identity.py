"""Who is asking in this request, and Flask-Security as this application uses it.

Its views stay off: the pages of ``views.py`` use its parts (argon2 hashes, second factor, recovery codes, reset tokens,
sessions that name an account by ``fs_uniquifier``). The hooks of its parts that run on every request are taken off: a
request without a session cookie costs nothing, loads nobody, and is answered without a cookie.
"""

from __future__ import annotations

import datetime as dt
import re
import time
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, has_request_context, request, session
from flask_security import Security, SQLAlchemyUserDatastore, login_user, logout_user

from app.accounts import credentials, mail, service, signing_in
from app.accounts.models import Account, AccountRole
from app.accounts.roles import ANONYMOUS, Actor
from app.config import Settings
from app.database import db

# Keys in the signed session: which row of sign_in this browser is, and who has given a password but no second factor yet.
_SIGN_IN = "sign_in"
_PENDING = "pending"
_PENDING_SECONDS = 600
_FORM_SECONDS = 12 * 3600
# Where this request keeps its actor. The environment, as it belongs to one request; flask.g may outlive it in tests.
_ACTOR = "ruang.actor"

# The first that is found names the browser; others call themselves Chrome or Safari as well.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_NOT_IN_ADDRESS = re.compile(r"[\\\x00-\x20\x7f]")


# Who is asking -------------------------------------------------------------------------------------------------------


def current_actor() -> Actor:
    """Who is asking; ANONYMOUS without a session cookie, at no cost, and outside a request."""
    if not has_request_context():
        return ANONYMOUS
    known: Actor | None = request.environ.get(_ACTOR)
    if known is None:
        known = _load() if _has_session_cookie() else ANONYMOUS
        request.environ[_ACTOR] = known
    return known


def current_sign_in() -> uuid.UUID | None:
    """Which sign-in this browser is; None where it is none."""
    text = session.get(_SIGN_IN)
    return uuid.UUID(text) if text else None


def _has_session_cookie() -> bool:
    return f"{current_app.config['SESSION_COOKIE_NAME']}=" in request.environ.get("HTTP_COOKIE", "")


def _load() -> Actor:
    named, sign_in_id = session.get("_user_id"), current_sign_in()
    if named is None or sign_in_id is None:
        return ANONYMOUS
    return signing_in.resume(named, sign_in_id)


def _account_for_login_manager(uniquifier: str) -> Account | None:
    """What ``flask_login.current_user`` is: the account of the same actor, so that the two never differ."""
    return signing_in.by_uniquifier(uniquifier) if current_actor().is_signed_in else None


# The browser's session -----------------------------------------------------------------------------------------------


def begin(account: Account, *, second_factor: bool) -> None:
    """Sign this browser in. What the session held before is gone, so that nobody can plant one."""
    sign_in_id = signing_in.sign_in(account, device(), second_factor=second_factor)
    session.clear()
    keep(account, sign_in_id)


def keep(account: Account, sign_in_id: uuid.UUID | None) -> None:
    """Let this browser go on with a sign-in, also after the account was given another ``fs_uniquifier``."""
    login_user(account, remember=False)
    session[_SIGN_IN] = str(sign_in_id)
    request.environ[_ACTOR] = service.actor_of(account)


def leave() -> None:
    """Forget in this browser who was signed in."""
    logout_user()
    session.clear()
    request.environ[_ACTOR] = ANONYMOUS


def await_second_factor(account: Account, back: str | None) -> None:
    """Remember for ten minutes that the password was right, and where to go afterwards."""
    session.clear()
    session[_PENDING] = {"account": account.fs_uniquifier, "at": int(time.time()), "next": back}


def awaited() -> tuple[Account, dict[str, Any]] | None:
    """Who has given a password but no second factor, and what is remembered of it; None where nobody has, or too long ago."""
    pending = session.get(_PENDING)
    if not pending or time.time() - pending["at"] > _PENDING_SECONDS:
        return None
    account = signing_in.by_uniquifier(pending["account"])
    return None if account is None else (account, pending)


def remember_secret(secret: str | None) -> None:
    """Keep the secret that is being set up, encrypted, until its first code is given."""
    if secret is None:
        session.pop("totp", None)
    else:
        session["totp"] = secret


def remembered_secret() -> str | None:
    """The secret that is being set up in this browser."""
    secret: str | None = session.get("totp")
    return secret


def device() -> str:
    """The kind of browser and system, as a person would name them; nothing that tells two phones of one kind apart."""
    agent = request.user_agent.string
    names = [next((name for mark, name in table if mark in agent), "") for table in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, names)) or "?"


def own_address(address: str | None) -> str | None:
    """The address where it is a path on this site, else None: nobody can send a person elsewhere through the sign-in."""
    if not address or not address.startswith("/") or address.startswith("//") or _NOT_IN_ADDRESS.search(address):
        return None
    parts = urlsplit(address)
    return address if not parts.scheme and not parts.netloc else None


# Wiring ----------------------------------------------------------------------------------------------------------------


def init_app(app: Flask, settings: Settings, *, issuer: str) -> None:
    """Attach accounts. issuer: what an authenticator app calls the platform."""
    app.config.update(
        credentials.configuration(app.config["SECRET_KEY"], issuer),
        WTF_CSRF_TIME_LIMIT=_FORM_SECONDS,
        SECURITY_RESET_PASSWORD_WITHIN=dt.timedelta(hours=settings.reset_link_hours),
        SECURITY_JOIN_USER_ROLES=False,
        SECURITY_CLI_USERS_NAME=None,
        SECURITY_CLI_ROLES_NAME=None,
        SESSION_PROTECTION=None,
    )
    json_provider, json_provider_class = app.json, app.json_provider_class
    security = Security(
        app,
        SQLAlchemyUserDatastore(db, Account, AccountRole),
        register_blueprint=False,
        totp_cls=credentials.OnceOnlyTotp,
    )
    app.json, app.json_provider_class = json_provider, json_provider_class
    security.login_manager.user_loader(_account_for_login_manager)
    # Flask-Security's own looks for tokens in every address and header; there are none here.
    security.login_manager.request_loader(_nobody)
    _take_off_hooks(app, security)
    mail.init_app(app, settings)
    app.jinja_env.globals["current_actor"] = current_actor


def _take_off_hooks(app: Flask, security: Security) -> None:
    """Remove what the libraries do on every request: principals, the remember cookie, a user in every template.

    Each would open the session, and with it vary every answer by cookie. Roles are checked in services, sign-ins are not
    remembered beyond the browser's session.
    """
    _remove(app.before_request_funcs[None], security.principal._on_before_request)
    _remove(app.after_request_funcs[None], security.login_manager._update_remember_cookie)
    app.template_context_processors[None] = [
        function
        for function in app.template_context_processors[None]
        if not function.__module__.startswith("flask_login")
    ]


def _remove(functions: list[Callable[..., Any]], function: Callable[..., Any]) -> None:
    # Raises ValueError when a new release of the library names it otherwise: better than a cost unseen.
    functions.remove(function)


def _nobody(_request: Any) -> None:
    return None
