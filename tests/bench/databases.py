"""Databases of the benchmark: the sample city, and a made-up plan of 50,000 zones."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fiona
import numpy as np
import numpy.typing as npt
from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.config import Settings
from app.database import APP_ROLE, OWNER_ROLE, db
from app.operations.bootstrap import bootstrap, connect, drop_database, with_database, with_role
from app.plans.editing import import_layer, load_rules, publish_version
from app.plans.importing import ImportOptions
from app.runtime import runtime
from app.sample import load as load_sample

SAMPLE = "ruang_bench_sample"
LARGE = "ruang_bench_large"
EDITED = "ruang_bench_edited"
_STEPS = 10  # segments along each side of a zone: four sides make 40 vertices
_BEND = 0.3  # how far nodes of a side are moved, in parts of the way from one to the next: more, and sides cross
_SEED = 2026


def settings(admin_url: str, name: str, folder: Path) -> Settings:
    """Settings for one database, with both roles."""
    url = with_database(admin_url, name)
    return Settings.model_validate(
        {
            "database_url": with_role(url, APP_ROLE),
            "owner_database_url": with_role(url, OWNER_ROLE),
            "secret_key": "only for measurements",
            "var": folder,
        }
    )


@contextmanager
def application(admin_url: str, name: str, folder: Path) -> Iterator[Flask]:
    """The application on a database, inside its context; connections are closed at the end."""
    app = create_app(settings(admin_url, name, folder))
    with app.app_context():
        yield app
        db.engine.dispose()


def make_sample(admin_url: str, folder: Path, *, reuse: bool) -> None:
    """The sample city, as ``make run`` loads it."""
    if _made(admin_url, SAMPLE, folder, reuse=reuse):
        with application(admin_url, SAMPLE, folder) as app:
            outcome = app.test_cli_runner().invoke(load_sample, [])
            if outcome.exit_code:
                raise RuntimeError(outcome.output)


def make_large(
    admin_url: str, folder: Path, *, zones: int, reuse: bool, name: str = LARGE, steps: int = _STEPS
) -> None:
    """A made-up plan over the whole region of the city's first plan, with the sample's rules, through the importer."""
    if not _made(admin_url, name, folder, reuse=reuse):
        return
    with application(admin_url, name, folder), tempfile.TemporaryDirectory() as files:
        city = runtime().city
        plan = city.plans[0]
        layer = Path(files) / "zones.gpkg"
        rules = city.folder / city.sample.versions[-1].rules if city.sample else None
        _write(layer, coverage(zones, plan.region, steps=steps), _codes(rules) if rules else ["R-2"])
        outcome = import_layer(layer, ImportOptions(plan=plan.code, legal_reference="Made up for measurements"))
        if rules:
            load_rules(plan.code, outcome.seq, rules)
        publish_version(plan.code, outcome.seq, valid_from=dt.date(2020, 1, 1))


def _made(admin_url: str, name: str, folder: Path, *, reuse: bool) -> bool:
    """Make a migrated, empty database; False where one is there already and may be used again."""
    if reuse:
        with connect(admin_url) as server:
            if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return False
    drop_database(admin_url, name)
    bootstrap(admin_url, name)
    with application(admin_url, name, folder):
        upgrade()
    return True


def coverage(zones: int, region: tuple[float, float, float, float], *, steps: int = _STEPS) -> npt.NDArray[np.float64]:
    """Rings of a valid coverage of crooked four-sided zones: array (zones, 4 steps + 1, 2), lon/lat, EPSG:4326.

    A grid whose corners are moved and whose sides are bent; neighbours share every node of a side, bit by bit.
    zones: how many at least; the grid is as square as the region allows. steps: segments along each side.
    """
    random = np.random.default_rng(_SEED)
    west, south, east, north = region
    rows = int(np.ceil(np.sqrt(zones * (north - south) / (east - west))))
    columns = int(np.ceil(zones / rows))
    cell = np.array([(east - west) / (columns + 2), (north - south) / (rows + 2)])
    grid = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1)), axis=-1).astype(float)
    corners = np.array([west, south]) + cell * (1 + grid + random.uniform(-0.15, 0.15, grid.shape))
    along = _bent(corners[:, :-1], corners[:, 1:], cell, random, steps)
    up = _bent(corners[:-1], corners[1:], cell, random, steps)
    rings = np.concatenate(
        [
            along[:-1, :, :-1],
            up[:, 1:, :-1],
            along[1:, :, :0:-1],
            up[:, :-1, :0:-1],
            along[:-1, :, :1],
        ],
        axis=2,
    )
    return np.round(rings.reshape(-1, 4 * steps + 1, 2), 8)


def _bent(
    start: npt.NDArray[np.float64],
    end: npt.NDArray[np.float64],
    cell: npt.NDArray[np.float64],
    random: np.random.Generator,
    steps: int,
) -> npt.NDArray[np.float64]:
    """Lines from start to end in so many steps, their inner nodes moved a little: shape (..., steps + 1, 2)."""
    part = np.linspace(0, 1, steps + 1)[:, None]
    line = start[..., None, :] * (1 - part) + end[..., None, :] * part
    line[..., 1:-1, :] += cell * random.uniform(-_BEND / steps, _BEND / steps, line[..., 1:-1, :].shape)
    return line


def _codes(rules: Path) -> list[str]:
    with (rules / "subzones.csv").open(encoding="utf-8", newline="") as file:
        return [row["code"] for row in csv.DictReader(file)]


def _write(path: Path, rings: npt.NDArray[np.float64], codes: list[str]) -> None:
    schema = {"geometry": "Polygon", "properties": {"NAMOBJ": "str", "KODSZN": "str", "KODBLK": "str", "KRB_03": "str"}}
    with fiona.open(path, "w", driver="GPKG", crs="EPSG:4326", schema=schema, layer="zones") as layer:
        layer.writerecords(
            {
                "geometry": {"type": "Polygon", "coordinates": [ring.tolist()]},
                "properties": {
                    "NAMOBJ": f"Zona {number}",
                    "KODSZN": codes[number % len(codes)],
                    "KODBLK": "I.A.1",
                    "KRB_03": "Tidak Ada",
                },
            }
            for number, ring in enumerate(rings)
        )
