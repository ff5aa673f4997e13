"""What the account pages share: reading a form, showing its errors, and never being kept in a cache."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from app.errors import RuangError
from app.runtime import runtime
from app.security import limiter

# The form was understood, but what is in it cannot be accepted.
REFUSED = 422


def text(name: str) -> str:
    """A field of the form without spaces around it; empty where it is absent."""
    return request.form.get(name, "").strip()


def secret(name: str) -> str:
    """A password exactly as it was typed."""
    return request.form.get(name, "")


def page(template: str, errors: dict[str, str] | None = None, **values: Any) -> ResponseReturnValue:
    """A page with a form. errors: what is wrong, by the field's name; the page is then sent with status 422."""
    html = render_template(f"accounts/{template}", errors=errors or {}, **values)
    return (html, REFUSED) if errors else html


def errors_of(error: RuangError, default: str) -> dict[str, str]:
    """A service's error beside its field; default: the field where it names none."""
    return {error.field or default: str(error.detail)}


def count_try(what: str, account: str | None = None) -> None:
    """Count a try, by the client's address or by the account. Raises TooManyRequests (429)."""
    settings = runtime().settings
    if account is None:
        limiter.hit(what, settings.rate_sign_in)
    else:
        limiter.hit(what, settings.rate_account, f"account {account}")


def keep_out_of_caches(blueprint: Blueprint) -> None:
    """Let no browser and no proxy keep the pages of a blueprint: not after signing out, not on a shared machine."""

    @blueprint.after_request
    def no_store(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-store"
        return response
