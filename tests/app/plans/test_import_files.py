"""The importer on files as people bring them: each format comes in; each broken file ends with 2 and what to do."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy.orm import Session

from gis.crs import MetricCrs
from tests.factories import files
from tests.factories.plans import feature, row_of_zones, square, write_layer

Rows = Callable[..., list[tuple[Any, ...]]]
Nothing = Callable[[], bool]
Import = Callable[..., Result]
UTM = MetricCrs(50, south=False)
ZONES = row_of_zones()


def shapefile(folder: Path, **options: Any) -> Path:
    (folder / "shp").mkdir()
    return files.write(folder / "shp" / "zones.shp", ZONES, **options)


# --- formats that are read


def plain_geojson(folder: Path) -> Path:
    return write_layer(folder, ZONES)


def geopackage(folder: Path) -> Path:
    return files.write(folder / "zones.gpkg", ZONES)


def zipped_shapefile(folder: Path) -> Path:
    return files.zipped(shapefile(folder))


def without_index(folder: Path) -> Path:
    return files.zipped(shapefile(folder), without=[".shx"])


def utm_geopackage(folder: Path) -> Path:
    return files.write(folder / "zones.gpkg", files.in_metres(ZONES, UTM), crs="EPSG:32650")


@pytest.mark.parametrize(
    "make", [plain_geojson, geopackage, shapefile, zipped_shapefile, without_index, utm_geopackage]
)
def test_every_format_comes_in(
    session: Session, tmp_path: Path, import_file: Import, rows: Rows, make: Callable[[Path], Path]
) -> None:
    result = import_file(make(tmp_path))
    assert result.exit_code == 0, result.output
    stored = rows(
        "SELECT subzone_code, block, round(ST_XMin(geom)::numeric, 9)::float, round(ST_YMax(geom)::numeric, 9)::float"
        " FROM zone_revision ORDER BY id"
    )
    assert stored == [
        ("R-2", "I.A.1", 117.48, 0.121),
        ("K-1", "I.A.1", 117.481, 0.121),
        ("RTH-2", "I.A.1", 117.482, 0.121),
    ]
    assert "ruang plans publish rdtr 1 --from" in result.output


def test_an_index_made_anew_is_said(session: Session, tmp_path: Path, import_file: Import) -> None:
    import_file(without_index(tmp_path))
    found = files.findings(tmp_path)
    assert [item["kind"] for item in found] == ["note"]
    assert ".shx" in found[0]["message"]


def test_a_stated_crs_takes_the_place_of_a_missing_one(session: Session, tmp_path: Path, import_file: Import) -> None:
    result = import_file(files.zipped(shapefile(tmp_path), without=[".prj"]), "--crs", "EPSG:4326")
    assert result.exit_code == 0, result.output


def test_a_layer_is_chosen_by_name(session: Session, tmp_path: Path, import_file: Import, rows: Rows) -> None:
    files.write(tmp_path / "zones.gpkg", ZONES, layer="pola_ruang")
    path = files.write(tmp_path / "zones.gpkg", ZONES[:1], layer="blok")
    assert import_file(path, "--layer", "pola_ruang").exit_code == 0
    assert rows("SELECT layer FROM source_file") == [("pola_ruang",)]


# --- files that cannot be used


def no_crs(folder: Path) -> Path:
    return files.geojson(folder / "zones.geojson", ZONES, crs=None)


def metres_as_degrees(folder: Path) -> Path:
    return files.geojson(folder / "zones.geojson", files.in_metres(ZONES, UTM))


def degrees_as_metres(folder: Path) -> Path:
    return files.write(folder / "zones.gpkg", ZONES, crs="EPSG:32650")


def wrong_hemisphere_utm(folder: Path) -> Path:
    return files.write(folder / "zones.gpkg", files.in_metres(ZONES, UTM), crs="EPSG:32750")


def wrong_hemisphere_degrees(folder: Path) -> Path:
    return write_layer(folder, files.mirrored(ZONES))


def swapped(folder: Path) -> Path:
    turned = [feature([[[y, x] for x, y in item["geometry"]["coordinates"][0]]]) for item in ZONES]
    return write_layer(folder, turned)


def far_away(folder: Path) -> Path:
    return write_layer(folder, [feature(square(-20_000, 0))])


def other_datum(folder: Path) -> Path:
    return files.geojson(
        folder / "zones.geojson", ZONES, crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4238"}}
    )


def without_prj(folder: Path) -> Path:
    return files.zipped(shapefile(folder), without=[".prj"])


def without_dbf(folder: Path) -> Path:
    return files.zipped(shapefile(folder), without=[".dbf"])


def cut_geojson(folder: Path) -> Path:
    return files.cut(write_layer(folder, ZONES))


def cut_geopackage(folder: Path) -> Path:
    return files.cut(files.write(folder / "zones.gpkg", ZONES * 300))


def cut_shapefile(folder: Path) -> Path:
    return files.cut(shapefile(folder))


def cut_zip(folder: Path) -> Path:
    return files.cut(zipped_shapefile(folder))


def zip_bomb(folder: Path) -> Path:
    return files.zip_bomb(folder / "zones.zip")


def protected_zip(folder: Path) -> Path:
    return files.protected_zip(folder / "zones.zip")


def empty(folder: Path) -> Path:
    (folder / "zones.geojson").touch()
    return folder / "zones.geojson"


def no_features(folder: Path) -> Path:
    return write_layer(folder, [])


def not_a_vector_file(folder: Path) -> Path:
    path = folder / "zones.gpkg"
    path.write_bytes(b"Surat Keputusan tentang RDTR\n" * 100)
    return path


def a_document(folder: Path) -> Path:
    path = folder / "rencana.pdf"
    path.write_bytes(b"%PDF-1.4")
    return path


def not_there(folder: Path) -> Path:
    return folder / "zones.geojson"


def several_layers(folder: Path) -> Path:
    files.write(folder / "zones.gpkg", ZONES, layer="pola_ruang")
    return files.write(folder / "zones.gpkg", ZONES, layer="blok")


def nan_coordinates(folder: Path) -> Path:
    path = write_layer(folder, ZONES)
    path.write_text(path.read_text().replace("117.48,", "NaN,"))
    return path


def nan_in_shapefile(folder: Path) -> Path:
    path = shapefile(folder)
    data = bytearray(path.read_bytes())
    # The first point of the first polygon: after the file's header, the record's, its box, counts and one part.
    struct.pack_into("<d", data, 100 + 8 + 4 + 32 + 4 + 4 + 4, float("nan"))
    path.write_bytes(bytes(data))
    return path


BAD_FILES = [
    (no_crs, "--crs EPSG:4326"),
    (metres_as_degrees, "--crs EPSG:32650"),
    (degrees_as_metres, "--crs EPSG:4326"),
    (wrong_hemisphere_utm, "EPSG:32650"),
    (wrong_hemisphere_degrees, "khatulistiwa"),
    (swapped, "bujur"),
    (far_away, "--region"),
    (other_datum, "EPSG:4238"),
    (without_prj, ".prj"),
    (without_dbf, ".dbf"),
    (cut_geojson, "zones.geojson"),
    (cut_geopackage, "zones.gpkg"),
    (cut_shapefile, "zones.shp"),
    (cut_zip, "zones.zip"),
    (zip_bomb, "zones.zip"),
    (protected_zip, "sandi"),
    (empty, "kosong"),
    (no_features, "zones.geojson"),
    (not_a_vector_file, "zones.gpkg"),
    (a_document, ".gpkg"),
    (not_there, "zones.geojson"),
    (several_layers, "--layer"),
    (nan_coordinates, "--accept-refusals"),
    (nan_in_shapefile, "--accept-refusals"),
]


@pytest.mark.parametrize(("make", "word"), BAD_FILES, ids=[make.__name__ for make, _ in BAD_FILES])
def test_a_file_that_cannot_be_used_ends_with_2_and_what_to_do(
    session: Session,
    tmp_path: Path,
    import_file: Import,
    nothing_kept: Nothing,
    make: Callable[[Path], Path],
    word: str,
) -> None:
    result = import_file(make(tmp_path))
    assert result.exit_code == 2, result.output
    assert word in result.output
    assert "Traceback" not in result.output
    said = result.output.replace(str(tmp_path / "report"), "")
    # In the city's first language: no English sentence is left, and no path of this machine.
    assert [english for english in (" the ", "The ", "cannot", "Export it") if english in said] == []
    assert str(tmp_path) not in said
    assert nothing_kept()


def test_features_without_numbers_cost_only_themselves(
    session: Session, tmp_path: Path, import_file: Import, rows: Rows
) -> None:
    result = import_file(nan_coordinates(tmp_path), "--accept-refusals")
    assert result.exit_code == 0, result.output
    assert rows("SELECT number FROM source_feature WHERE refused IS NOT NULL") == [(1,)]
    assert rows("SELECT count(*) FROM version_zone") == [(2,)]


@pytest.mark.parametrize("text", ["1,2,3", "a,b,c,d", "118,0,117,1", "117,1,118,0", "0,0,400,1", "nan,0,1,1"])
def test_a_region_that_is_none(session: Session, tmp_path: Path, import_file: Import, text: str) -> None:
    result = import_file(plain_geojson(tmp_path), "--region", text)
    assert result.exit_code == 2
    assert "--region" in result.output


def test_a_stated_region_is_where_the_layer_must_lie(
    session: Session, tmp_path: Path, import_file: Import, ruang: Import, rows: Rows
) -> None:
    path = write_layer(tmp_path, [feature(square(-20_000, 0))])
    assert import_file(path, plan="jauh").exit_code == 2
    assert import_file(path, "--region", "97,0,98,1", plan="jauh").exit_code == 0
    assert rows("SELECT region FROM plan WHERE code = 'jauh'") == [([97.0, 0.0, 98.0, 1.0],)]
    # Of a plan that is there already, for this one import.
    assert ruang("plans", "discard", "jauh", 1).exit_code == 0
    assert import_file(plain_geojson(tmp_path), plan="jauh").exit_code == 2
    assert import_file(plain_geojson(tmp_path), "--region", "117,0,118,1", plan="jauh").exit_code == 0


def test_an_open_draft_is_named(session: Session, tmp_path: Path, import_file: Import) -> None:
    import_file(plain_geojson(tmp_path))
    result = import_file(plain_geojson(tmp_path))
    assert result.exit_code == 2
    assert "ruang plans discard rdtr 1" in result.output
