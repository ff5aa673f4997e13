"""The answer of /account."""

from __future__ import annotations

from pydantic import Field

from app.schemas.base import N_, Answer


class WhoAmI(Answer):
    """Who is signed in in this browser."""

    signed_in: bool
    display_name: str | None = Field(description=N_("Null where nobody is signed in."))
    roles: list[str] = Field(description=N_("What the account may do."))
    csrf_token: str | None = Field(description=N_("Writing calls of a signed-in browser send it as X-CSRFToken."))
