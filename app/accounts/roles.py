"""The roles, who is asking (``Actor``), and the one question every service asks: may this actor do it?

Plain values, without Flask and without the database.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext

from app.errors import Forbidden, NotSignedIn

# From the widest circle to the narrowest. ``kader`` are a neighbourhood's volunteers, ``lurah`` heads a kelurahan.
ROLES = (
    "resident",
    "kader",
    "lurah",
    "agency",
    "officer",
    "coordinator",
    "planner",
    "approver",
    "administrator",
)
# These change or publish the plan, or make accounts: a stolen password alone must not be enough.
ALWAYS_SECOND_FACTOR = frozenset({"planner", "approver", "administrator"})


@dataclass(frozen=True)
class Actor:
    """Who is asking. account_id is None for somebody who is not signed in, and for a command of the operator.

    agency: code of the agency in the city profile; area_code: the kelurahan's code. Both None where they do not bound
    what the actor sees.
    """

    account_id: int | None
    display_name: str
    roles: frozenset[str]
    agency: str | None = None
    area_code: str | None = None

    @property
    def is_signed_in(self) -> bool:
        """Whether this is a person with an account."""
        return self.account_id is not None

    def has(self, *roles: str) -> bool:
        """Whether the actor holds any of the roles."""
        return not self.roles.isdisjoint(roles)


ANONYMOUS = Actor(account_id=None, display_name="", roles=frozenset())
# Whoever may run ``ruang`` on the server has the database anyway.
OPERATOR = Actor(account_id=None, display_name="", roles=frozenset({"operator"}))


def require(actor: Actor, *roles: str) -> None:
    """Let pass an actor who holds one of the roles; without roles, anybody who is signed in.

    Raises NotSignedIn (401; a page leads to the sign-in and back) and Forbidden (403).
    """
    if actor is OPERATOR:
        return
    if not actor.is_signed_in:
        raise NotSignedIn(gettext("This needs an account."), hint=gettext("Sign in and try again."))
    if roles and not actor.has(*roles):
        raise Forbidden(
            gettext("This needs a role that your account does not have."),
            hint=gettext("Ask an administrator if your work needs it."),
        )
