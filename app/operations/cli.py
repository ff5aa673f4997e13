"""``ruang run``, ``doctor``, ``config`` and ``cluster``: commands that do not load the application."""

from __future__ import annotations

import json
import shutil
import sys

import click
import psycopg
from pydantic import SecretStr

from app.config import Settings, get_settings
from app.operations.bootstrap import bootstrap, connect, with_database
from app.operations.cluster import DATABASE, Cluster, ClusterError, private_cluster
from app.operations.doctor import examine
from app.operations.run_record import AlreadyRunningError
from app.operations.supervisor import RunError
from app.operations.supervisor import run as supervise


@click.command("run")
@click.option("--stop-with-parent", is_flag=True, hidden=True, help="End when the calling process does (make).")
@click.option("--sample/--no-sample", default=True, show_default=True, help="Load the sample city if there is no plan.")
def run_command(stop_with_parent: bool, sample: bool) -> None:
    """Serve: private database (unless DATABASE_URL is set), migrations, sample city, web server, worker."""
    try:
        supervise(get_settings(), stop_with_parent=stop_with_parent, sample=sample)
    except AlreadyRunningError as error:
        where = f"on {error.record.address}" if error.record.address else "and is still starting"
        click.echo(f"ruang: already running {where} (process {error.record.pid})")
    except (ClusterError, RunError) as error:
        raise click.ClickException(str(error)) from error
    except psycopg.Error as error:
        raise click.ClickException(f"the database refused: {error}\nAsk `ruang doctor` what is missing.") from error


@click.command("doctor")
def doctor_command() -> None:
    """Name what is missing, each with the next step; exit status 1 when something needed is."""
    findings = examine(get_settings())
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        mark = "ok     " if finding.fine else ("MISSING" if finding.needed else "note   ")
        click.echo(f"{mark} {finding.name:{width}}  {finding.detail}")
        if not finding.fine:
            click.echo(f"        {'':{width}}  -> {finding.step}")
    sys.exit(1 if any(finding.needed and not finding.fine for finding in findings) else 0)


@click.command("config")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def config_command(as_json: bool) -> None:
    """List every setting: the variable that sets it, its value now, what it means. Secrets are masked."""
    rows = describe_settings(get_settings())
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.echo(f"{row['variable']} = {row['value']}\n    {row['description']}")


def describe_settings(settings: Settings) -> list[dict[str, str]]:
    """One row per setting: variable, value as text (secrets masked), description."""
    rows = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if value is None:
            shown = "(not set)"
        else:
            shown = "(hidden)" if isinstance(value, SecretStr) or name in settings.secrets else str(value)
        rows.append({"variable": variable_of(name), "value": shown, "description": field.description or ""})
    return rows


def variable_of(name: str) -> str:
    """The environment variable that sets a field of Settings."""
    alias = Settings.model_fields[name].validation_alias
    return alias if isinstance(alias, str) else f"RUANG_{name.upper()}"


@click.group("cluster")
def cluster_group() -> None:
    """The private database, without the web server."""


@cluster_group.command("start")
def start_command() -> None:
    """Start it and leave it running, for commands such as `ruang plans import`."""
    cluster = _private()
    try:
        cluster.initialise()
        cluster.start_detached()
        bootstrap(cluster.admin_url)
    except (ClusterError, psycopg.Error) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"running as process {cluster.running_pid()}: {cluster.app_url}")


@cluster_group.command("stop")
def stop_command() -> None:
    """Stop it, whoever started it."""
    try:
        stopped = _private().stop_running()
    except ClusterError as error:
        raise click.ClickException(str(error)) from error
    click.echo("stopped" if stopped else "it was not running")


@cluster_group.command("status")
def status_command() -> None:
    """Say whether it runs, and where it is; exit status 1 when it does not run."""
    cluster = _private()
    pid = cluster.running_pid()
    state = f"running as process {pid}" if pid else "not running"
    click.echo(f"{state}: {cluster.data}, socket in {cluster.sockets}")
    sys.exit(1 if pid is None else 0)


@cluster_group.command("remove")
@click.confirmation_option(prompt="This removes the private database with everything in it. Go on?")
def remove_command() -> None:
    """Stop it and delete its data."""
    cluster = _private()
    try:
        cluster.stop_running()
    except ClusterError as error:
        raise click.ClickException(str(error)) from error
    for folder in (cluster.base, cluster.sockets):
        if folder.exists():
            shutil.rmtree(folder)
    click.echo(f"removed {cluster.base}")


@cluster_group.command("bootstrap")
@click.argument("url")
@click.option("--database", default=DATABASE, show_default=True)
@click.option("--role-password", envvar="ROLE_PASSWORD", help="Set it for both roles; or in ROLE_PASSWORD.")
def bootstrap_command(url: str, database: str, role_password: str | None) -> None:
    """Make roles, database and extensions in another server. URL: any database of it, as a superuser."""
    try:
        bootstrap(url, database, role_password=role_password)
        with connect(with_database(url, database)) as connection:
            connection.execute("SELECT postgis_lib_version()")
    except psycopg.Error as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"database {database} is ready for ruang_owner and ruang_app")


def _private() -> Cluster:
    settings = get_settings()
    if settings.database_url is not None:
        raise click.ClickException("DATABASE_URL is set: there is no private database")
    return private_cluster(settings)


commands: list[click.Command] = [run_command, doctor_command, config_command, cluster_group]
