"""``ruang sample``: the sample data that a city profile comes with, made by its own generator and loaded like real data."""

from __future__ import annotations

import fcntl
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask.cli import AppGroup, with_appcontext

from app.accounts import sample as sample_accounts
from app.accounts import service as accounts_service
from app.accounts.service import OPERATOR
from app.city import CityProfile, Sample
from app.config import REPOSITORY
from app.database import transaction
from app.operations.processes import spawn, stop_group
from app.places import service as places
from app.plans import service as plans
from app.plans.editing import import_layer, load_rules, publish_version
from app.plans.importing import ImportOptions
from app.runtime import runtime

sample_commands = AppGroup("sample", help="The sample city.")


@sample_commands.command("load")
@click.option("--if-empty", is_flag=True, help="Do nothing when a plan or a place is there already.")
@with_appcontext
def load(if_empty: bool) -> None:
    """Make the sample data of the city profile and load it: places, and every version of its plans, published."""
    city = runtime().city
    if city.sample is None:
        raise click.ClickException("this city profile comes with no sample")
    with _own_folder(runtime().settings.var) as folder:
        if not (places.is_empty() and plans.is_empty()):
            if if_empty:
                click.echo("there is data already: nothing loaded")
                return
            raise click.ClickException("there is data already; a sample is loaded into an empty database only")
        started = time.monotonic()
        generate(city.sample, folder)
        load_sample(city, city.sample, folder)
    make_accounts()
    click.echo(f"sample city loaded in {time.monotonic() - started:.0f} s")


@contextmanager
def _own_folder(var: Path) -> Iterator[Path]:
    """An empty folder in ``var`` for the generated files; what a killed load left in it is removed.

    One load at a time: a second one waits for the first.
    """
    var.mkdir(parents=True, exist_ok=True)
    folder = var / "sample"
    with (var / "sample.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def generate(sample: Sample, folder: Path) -> None:
    """Run the generator as a program of its own, so that its memory goes with it; it ends with this one."""
    process = spawn([sys.executable, "-m", sample.generator, str(folder)], death_signal=signal.SIGKILL, cwd=REPOSITORY)
    try:
        status = process.wait()
    finally:
        stop_group(process)
    if status != 0:
        raise click.ClickException(f"the generator {sample.generator} failed (exit status {status})")


def load_sample(city: CityProfile, sample: Sample, folder: Path) -> None:
    """Load what the generator wrote, through the same steps as real data.

    One transaction, also on the operator's own database: half a city is worse than none, and an interrupted load leaves
    an empty database, into which the sample is loaded at the next start.
    """
    with transaction():
        counts = places.load(folder / "city.gpkg")
        click.echo(", ".join(f"{count} {layer}" for layer, count in counts.items()))
        for version in sample.versions:
            outcome = import_layer(
                folder / version.zones, ImportOptions(plan=version.plan, legal_reference=version.legal_reference)
            )
            load_rules(version.plan, outcome.seq, city.folder / version.rules)
            published = publish_version(version.plan, outcome.seq, valid_from=version.valid_from)
            click.echo(f"{version.plan} {published.seq}: {outcome.zones} zones, in force from {version.valid_from}")


def make_accounts() -> None:
    """Make the accounts to try with, and show their passwords this once."""
    made = sample_accounts.make(next(iter(places.kelurahan_codes()), None))
    click.echo("accounts to try the sample city with (second factor: ruang sample code ROLE):")
    for account in made:
        click.echo(f"  {account.email:28} {account.password}{'  + second factor' if account.otpauth else ''}")
    click.echo(f"  kept, for you only, in {runtime().settings.var / sample_accounts.FILE}")


@sample_commands.command("accounts")
@with_appcontext
def accounts() -> None:
    """Make the accounts to try with where the sample was loaded before there were any."""
    if runtime().city.sample is None or accounts_service.people(OPERATOR)[0]:
        raise click.ClickException("these accounts are made once, for the sample city, where there are no others")
    make_accounts()


@sample_commands.command("code")
@click.argument("role")
@with_appcontext
def code(role: str) -> None:
    """What an authenticator app shows now for the sample account of ROLE."""
    account = next((account for account in sample_accounts.read() if account.role == role), None)
    if account is None:
        raise click.ClickException(f"there is no sample account with the role {role}")
    click.echo(sample_accounts.code_now(account) or "this role needs no second factor")


@sample_commands.command("files")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@with_appcontext
def files(folder: Path) -> None:
    """Write the generated files of the sample into FOLDER, without loading them."""
    sample = runtime().city.sample
    if sample is None:
        raise click.ClickException("this city profile comes with no sample")
    if folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty")
    folder.mkdir(parents=True, exist_ok=True)
    generate(sample, folder)
