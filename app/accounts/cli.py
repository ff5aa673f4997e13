"""``ruang accounts``: make, list and mend accounts from the server, where no administrator can."""

from __future__ import annotations

import click
from flask_babel import gettext

from app.accounts import registration, service
from app.accounts.roles import OPERATOR, ROLES
from app.command_group import CommandGroup

accounts_commands = CommandGroup("accounts", help="Accounts: make, list, roles, new password.")
_ROLES = click.Choice(ROLES)


@accounts_commands.command("create")
@click.argument("email")
@click.option("--name", required=True, help="The name that others see.")
@click.option("--role", "roles", type=_ROLES, multiple=True, required=True, help="May be given several times.")
@click.option("--agency", help="Code of the agency in the city profile.")
@click.option("--area", help="Code of the kelurahan that bounds what a lurah or officer sees.")
def create(email: str, name: str, roles: tuple[str, ...], agency: str | None, area: str | None) -> None:
    """Make an account for EMAIL and print the link with which its owner chooses a password."""
    account_id = service.create(OPERATOR, email=email, display_name=name, roles=roles, agency=agency, area_code=area)
    _print_link(account_id)


@accounts_commands.command("list")
def list_accounts() -> None:
    """Every account: id, address, roles, state."""
    number, more = 1, True
    while more:
        people, more = service.people(OPERATOR, page=number)
        for person in people:
            state = "active" if person.active else "shut"
            factor = "second factor" if person.has_second_factor else "-"
            click.echo(f"{person.id}\t{person.email}\t{','.join(person.roles)}\t{state}\t{factor}")
        number += 1


@accounts_commands.command("roles")
@click.argument("email")
@click.argument("roles", type=_ROLES, nargs=-1, required=True)
def roles(email: str, roles: tuple[str, ...]) -> None:
    """Give the account of EMAIL exactly these ROLES."""
    known = service.person(OPERATOR, service.id_of(OPERATOR, email))
    service.change(
        OPERATOR,
        known.id,
        display_name=known.display_name,
        roles=roles,
        agency=known.agency,
        area_code=known.area_code,
    )


@accounts_commands.command("reset")
@click.argument("email")
def reset(email: str) -> None:
    """Print a link with which the owner of EMAIL chooses a new password, once."""
    _print_link(service.id_of(OPERATOR, email))


@accounts_commands.command("remove-second-factor")
@click.argument("email")
def remove_second_factor(email: str) -> None:
    """Take the second factor of EMAIL away; it is set up again at the next sign-in."""
    service.take_second_factor(OPERATOR, service.id_of(OPERATOR, email))


@accounts_commands.command("shut")
@click.argument("email")
def shut(email: str) -> None:
    """Shut the account of EMAIL and end its sign-ins."""
    service.set_active(OPERATOR, service.id_of(OPERATOR, email), False)


@accounts_commands.command("open")
@click.argument("email")
def reopen(email: str) -> None:
    """Open the account of EMAIL again."""
    service.set_active(OPERATOR, service.id_of(OPERATOR, email), True)


@accounts_commands.command("erase")
@click.argument("email")
@click.confirmation_option(prompt="This cannot be undone. Go on?")
def erase(email: str) -> None:
    """Shut the account of EMAIL and forget whose it was."""
    service.erase(OPERATOR, service.id_of(OPERATOR, email))


def _print_link(account_id: int) -> None:
    click.echo(gettext("This link works once; hand it to nobody but the account's owner:"))
    click.echo(registration.reset_link(service.reset_token(OPERATOR, account_id)))
