"""``ruang places``: load a city's areas, parcels, roads and landmarks."""

from __future__ import annotations

from pathlib import Path

import click

from app.command_group import CommandGroup
from app.places import service

places_commands = CommandGroup("places", help="Areas, parcels, roads and landmarks.")


@places_commands.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(file: Path) -> None:
    """Replace all places by those of the GeoPackage FILE (layers areas, roads, landmarks, parcels)."""
    counts = service.load(file)
    click.echo(", ".join(f"{count} {layer}" for layer, count in counts.items()))
