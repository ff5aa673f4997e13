"""Loading places: one transaction, and an error names layer, feature and column."""

# ruff: noqa: S608 - names of tables are constants of this file

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from shapely.geometry import MultiPolygon, Point, box
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.errors import Unprocessable
from app.places import queries, service
from tests.factories.files import cut
from tests.factories.places import Row, changed, place_rows, write_places

TABLES = ("area", "parcel", "road", "landmark", "place_name")


def counts(session: Session) -> list[int]:
    return [session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in TABLES]


@pytest.fixture
def ruang(app: Flask, session: Session) -> Callable[..., Any]:
    def run(*arguments: Any) -> Any:
        return app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])

    return run


def test_all_layers_are_loaded(session: Session, tmp_path: Path, ruang: Callable[..., Any]) -> None:
    result = ruang("places", "load", write_places(tmp_path / "city.gpkg"))
    assert result.exit_code == 0, result.output
    assert counts(session)[:4] == [6, 2, 3, 2]
    rows = session.execute(text("SELECT code, bps_code, aliases FROM area WHERE name = 'Api-api'")).all()
    assert [tuple(row) for row in rows] == [("99.01.01.1001", "9901010001", ["Api Api", "Apiapi"])]


def test_parcels_may_be_left_out(session: Session, tmp_path: Path) -> None:
    rows = place_rows()
    del rows["parcels"]
    assert service.load(write_places(tmp_path / "city.gpkg", rows))["parcels"] == 0


def test_a_new_file_replaces_all_places_and_what_is_kept_in_memory(session: Session, tmp_path: Path) -> None:
    service.load(write_places(tmp_path / "city.gpkg"))
    version = service.places_version()
    before = service.territory().at(117.481, 0.121)
    service.load(write_places(tmp_path / "city.gpkg", place_rows(west=117.58)))
    assert before is not None
    assert before.name == "Api-api"
    assert service.territory().at(117.481, 0.121) is None
    assert service.places_version() > version
    assert counts(session)[:4] == [6, 2, 3, 2]


def set_to(number: int, **values: Any) -> Callable[[list[Row]], object]:
    return lambda rows: rows[number].update(values)


WRONG = [
    ("areas", set_to(2, level="desa"), ("areas", "3", "level", "kelurahan")),
    ("areas", set_to(3, code="99.01.01.1001"), ("areas", "4", "code", "99.01.01.1001")),
    ("areas", set_to(0, name=" "), ("areas", "1", "name")),
    ("areas", set_to(0, geom=None), ("areas", "1")),
    ("areas", set_to(0, geom=Point(117.48, 0.12)), ("areas", "1", "Polygon", "Point")),
    ("roads", set_to(1, road_class="tol"), ("roads", "2", "road_class", "arteri")),
    ("roads", set_to(2, geom=box(117.4, 0.1, 117.5, 0.2)), ("roads", "3", "LineString")),
    ("landmarks", set_to(0, kind=None), ("landmarks", "1", "kind")),
    ("landmarks", set_to(1, geom=Point(1e6, 5e5)), ("landmarks", "2")),
    ("landmarks", set_to(1, geom=Point(float("nan"), 0.1)), ("landmarks", "2")),
    ("parcels", set_to(1, nib="17070101000001"), ("parcels", "2", "nib", "17070101000001")),
    ("parcels", set_to(0, nib=None), ("parcels", "1", "nib")),
    ("parcels", set_to(0, geom=MultiPolygon([box(0, 0, 1, 1), box(2, 2, 3, 3)])), ("parcels", "1", "MultiPolygon")),
]


@pytest.mark.parametrize(("layer", "change", "words"), WRONG, ids=["-".join(words) for _, _, words in WRONG])
def test_an_error_names_layer_feature_and_column_and_leaves_all_as_it_was(
    session: Session,
    tmp_path: Path,
    ruang: Callable[..., Any],
    layer: str,
    change: Callable[[list[Row]], object],
    words: tuple[str, ...],
) -> None:
    service.load(write_places(tmp_path / "city.gpkg"))
    before = counts(session)
    result = ruang("places", "load", write_places(tmp_path / "other.gpkg", changed(layer, change)))
    assert result.exit_code == 2, result.output
    for word in words:
        assert word in result.output
    assert counts(session) == before


def missing_layer(folder: Path) -> Path:
    rows = place_rows()
    del rows["roads"]
    return write_places(folder / "city.gpkg", rows)


def metres(folder: Path) -> Path:
    return write_places(folder / "city.gpkg", crs="EPSG:32650")


def no_geopackage(folder: Path) -> Path:
    (folder / "city.gpkg").write_text("bukan GeoPackage")
    return folder / "city.gpkg"


def empty(folder: Path) -> Path:
    (folder / "city.gpkg").touch()
    return folder / "city.gpkg"


def cut_off(folder: Path) -> Path:
    return cut(write_places(folder / "city.gpkg"))


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (missing_layer, "roads"),
        (metres, "EPSG:4326"),
        (no_geopackage, "city.gpkg"),
        (empty, "city.gpkg"),
        (cut_off, "city.gpkg"),
    ],
)
def test_a_file_that_cannot_be_used(
    session: Session, tmp_path: Path, ruang: Callable[..., Any], make: Callable[[Path], Path], word: str
) -> None:
    result = ruang("places", "load", make(tmp_path))
    assert result.exit_code == 2
    assert word in result.output
    assert counts(session) == [0] * 5


def test_a_failure_in_the_middle_keeps_what_was_there(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.load(write_places(tmp_path / "city.gpkg"))
    before = counts(session)

    def fail(*_arguments: Any) -> None:
        raise Unprocessable("no more names")

    monkeypatch.setattr(queries, "fill_names", fail)
    with pytest.raises(Unprocessable, match="no more names"):
        service.load(write_places(tmp_path / "city.gpkg", place_rows(west=117.58)))
    assert counts(session) == before
