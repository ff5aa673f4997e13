"""``ruang plans``: import, check, publish, withdraw and export plans."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import click
from flask_babel import gettext

from app.command_group import CommandGroup
from app.plans import editing, exporting, service
from app.plans.importing import ImportOptions, ImportOutcome
from app.plans.publishing import STEPS
from app.plans.report import write_report

plans_commands = CommandGroup("plans", help="Plans: import, publish, export.")
_FILE = click.Path(exists=True, dir_okay=True, path_type=Path)


@plans_commands.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--plan", required=True, help="Code of the plan; made when there is none yet.")
@click.option("--legal-reference", required=True, help="The regulation, for instance 'Perwali Nomor 1 Tahun 2026'.")
@click.option("--layer", help="Layer of the file, where it has several.")
@click.option("--crs", help="CRS of the file where it states none or a wrong one, for instance EPSG:32650.")
@click.option("--mapping", type=_FILE, help="Mapping file (TOML) for a layer with other columns.")
@click.option("--name", help="Name of a new plan.")
@click.option("--kind", type=click.Choice(["rdtr", "rtrw", "other"]), help="Kind of a new plan.")
@click.option("--region", help="Where a new plan lies: WEST,SOUTH,EAST,NORTH in degrees.")
@click.option("--dry-run", is_flag=True, help="Read and check everything, write the report, keep nothing.")
@click.option("--accept-refusals", is_flag=True, help="Import the rest although some features are refused.")
@click.option("--accept-repairs", is_flag=True, help="Import invalid geometries as repaired.")
@click.option("--report", type=click.Path(path_type=Path), default=Path("import-report"), show_default=True,
              help="Folder for the report (report.html, findings.csv).")  # fmt: skip
def import_command(
    file: Path,
    plan: str,
    legal_reference: str,
    layer: str | None,
    crs: str | None,
    mapping: Path | None,
    name: str | None,
    kind: str | None,
    region: str | None,
    dry_run: bool,
    accept_refusals: bool,
    accept_repairs: bool,
    report: Path,
) -> None:
    """Import the zone layer FILE (GeoJSON, GeoPackage, Shapefile, FileGDB, KML) as a new draft of a plan."""
    options = ImportOptions(
        plan=plan,
        legal_reference=legal_reference,
        layer=layer,
        crs=crs,
        mapping=mapping,
        name=name,
        kind=kind,
        region=_region(region),
        dry_run=dry_run,
        accept_refusals=accept_refusals,
        accept_repairs=accept_repairs,
    )
    with click.progressbar(length=1, label=gettext("Reading"), file=sys.stderr) as bar:

        def progress(done: int, total: int | None) -> None:
            bar.length = total or max(done, 1)
            bar.update(done - bar.pos)

        outcome = editing.import_layer(file, options, progress=progress)
    write_report(outcome, report)
    _say(outcome, report)
    if not outcome.kept and not dry_run:
        sys.exit(2)


def _region(text: str | None) -> tuple[float, float, float, float] | None:
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise click.BadParameter("four numbers: WEST,SOUTH,EAST,NORTH", param_hint="--region") from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise click.BadParameter("WEST < EAST and SOUTH < NORTH, in degrees", param_hint="--region")
    return west, south, east, north


def _say(outcome: ImportOutcome, report: Path) -> None:
    coverage = outcome.coverage
    click.echo(
        gettext(
            "%(read)s features read, %(zones)s zones, %(refused)s refused, %(repairs)s repairs proposed,"
            " %(overlaps)s overlaps, %(gaps)s gaps",
            read=outcome.read,
            zones=outcome.zones,
            refused=len(outcome.refusals),
            repairs=len(outcome.repairs),
            overlaps=len(coverage.overlaps) if coverage else 0,
            gaps=len(coverage.gaps) if coverage else 0,
        )
    )
    for refusal in outcome.refusals[:5]:
        said = gettext("feature %(number)s is refused: %(message)s", number=refusal.number, message=refusal.message)
        click.echo(f"  {said}", err=True)
    if len(outcome.refusals) > 5:
        click.echo("  " + gettext("... and %(count)s more", count=len(outcome.refusals) - 5), err=True)
    for hint in dict.fromkeys(refusal.hint for refusal in outcome.refusals if refusal.hint):
        click.echo(f"  {hint}", err=True)
    click.echo(gettext("Report: %(file)s", file=report / "report.html"))
    if outcome.kept:
        click.echo(gettext("Kept as draft %(seq)s of the plan %(plan)s.", seq=outcome.seq, plan=outcome.plan))
        click.echo(
            gettext(
                "Load its rules with: ruang plans rules FOLDER --plan %(plan)s --version %(seq)s",
                plan=outcome.plan,
                seq=outcome.seq,
            )
        )
        click.echo(
            gettext(
                "Publish it with: ruang plans publish %(plan)s %(seq)s --from DATE", plan=outcome.plan, seq=outcome.seq
            )
        )
    elif outcome.reason:
        click.echo(gettext("Nothing was kept: %(reason)s", reason=outcome.reason), err=True)


@plans_commands.command("rules")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--plan", required=True, help="Code of the plan.")
@click.option("--version", "seq", type=int, required=True, help="Number of the draft.")
def rules_command(folder: Path, plan: str, seq: int) -> None:
    """Load the rules of a draft from the CSV tables in FOLDER.

    These are code list, activities, ITBX, conditions, intensity, overlays and articles; data/README.md has their form.
    """
    counts = editing.load_rules(plan, seq, folder)
    click.echo(", ".join(f"{count} {table}" for table, count in counts.items()))


@plans_commands.command("publish")
@click.argument("code")
@click.argument("seq", type=int)
@click.option("--from", "valid_from", required=True, type=click.DateTime(["%Y-%m-%d"]), help="First day in force.")
@click.option("--accept-overlaps", is_flag=True, help="Publish although zones overlap; answers will say so.")
@click.option("--accept-gaps", is_flag=True, help="Publish although there are gaps between zones.")
def publish_command(code: str, seq: int, valid_from: dt.datetime, accept_overlaps: bool, accept_gaps: bool) -> None:
    """Publish version SEQ of plan CODE; it cannot change afterwards."""
    published = editing.publish_version(
        code,
        seq,
        valid_from=valid_from.date(),
        accept_overlaps=accept_overlaps,
        accept_gaps=accept_gaps,
        progress=lambda step: click.echo(f"{STEPS[step]} ...", err=True),
    )
    click.echo(f"{code} {published.seq} is published, in force from {published.valid_from}")


@plans_commands.command("withdraw")
@click.argument("code")
@click.argument("seq", type=int)
@click.option("--reason", required=True, help="Why; shown with every answer for its days.")
def withdraw_command(code: str, seq: int, reason: str) -> None:
    """Withdraw published version SEQ of plan CODE."""
    editing.withdraw_version(code, seq, reason)
    click.echo(f"{code} {seq} is withdrawn")


@plans_commands.command("discard")
@click.argument("code")
@click.argument("seq", type=int)
def discard_command(code: str, seq: int) -> None:
    """Delete draft SEQ of plan CODE."""
    editing.discard_draft(code, seq)
    click.echo(f"draft {code} {seq} is deleted")


@plans_commands.command("export")
@click.argument("code")
@click.argument("seq", type=int)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_command(code: str, seq: int, file: Path) -> None:
    """Write version SEQ of plan CODE as it came in to FILE (.gpkg, .geojson, or .zip for a Shapefile)."""
    count = exporting.export_original(code, seq, file)
    click.echo(f"{count} features written to {file}")


@plans_commands.command("list")
def list_command() -> None:
    """All plans and their versions, drafts too."""
    for line in service.describe_all():
        click.echo(line)
