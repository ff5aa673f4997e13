"""Layers with columns of their own, read through a mapping file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy.orm import Session

from tests.factories import files
from tests.factories.plans import feature, square

Rows = Callable[..., list[tuple[Any, ...]]]
Nothing = Callable[[], bool]
Import = Callable[..., Result]


FOREIGN = [("Kawasan Permukiman", 0), ("Sempadan Sungai", 1), ("Kawasan Industri", 2)]


def foreign_layer(folder: Path) -> Path:
    made = []
    for text, column in FOREIGN:
        item = feature(square(column, 0))
        item["properties"] = {"Hirarki_3": text, "Blok": f"B{column}", "Luas": "1,25", "BANJIR": "Tinggi"}
        made.append(item)
    return files.geojson(folder / "rtrw.geojson", made)


def mapping_file(folder: Path, text: str) -> Path:
    path = folder / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_layer_with_other_columns_is_read_through_a_mapping(
    session: Session, tmp_path: Path, import_file: Import, rows: Rows
) -> None:
    mapping = mapping_file(
        tmp_path,
        '[columns]\nsubzone = "Hirarki_3"\nblock = "Blok"\nlegal_area_ha = "Luas"\nKRB_03 = "BANJIR"\n'
        '[codes]\n"kawasan  permukiman" = "R-2"\n"Sempadan Sungai" = "PS"\n"Kawasan Industri" = "KPI"\n',
    )
    result = import_file(foreign_layer(tmp_path), "--mapping", mapping)
    assert result.exit_code == 0, result.output
    stored = rows("SELECT subzone_code, block, legal_area_ha, overlays->>'KRB_03' FROM zone_revision ORDER BY id")
    assert stored == [("R-2", "B0", 1.25, "Tinggi"), ("PS", "B1", 1.25, "Tinggi"), ("KPI", "B2", 1.25, "Tinggi")]
    properties = [row[0] for row in rows("SELECT properties FROM source_feature ORDER BY number")]
    assert properties[0] == {"Hirarki_3": "Kawasan Permukiman", "Blok": "B0", "Luas": "1,25", "BANJIR": "Tinggi"}


def test_a_layer_of_other_columns_leads_to_the_mapping(
    session: Session, tmp_path: Path, import_file: Import, nothing_kept: Nothing
) -> None:
    result = import_file(foreign_layer(tmp_path))
    assert result.exit_code == 2
    assert result.output.count("--mapping") == 1, "what to do is said once, not with each feature"
    assert nothing_kept()


def test_values_that_the_mapping_lacks_are_reported_by_feature(
    session: Session, tmp_path: Path, import_file: Import, rows: Rows
) -> None:
    mapping = mapping_file(tmp_path, '[columns]\nsubzone = "Hirarki_3"\n[codes]\n"Kawasan Permukiman" = "R-2"\n')
    result = import_file(foreign_layer(tmp_path), "--mapping", mapping)
    assert result.exit_code == 0
    found = [row for row in files.findings(tmp_path) if row["kind"] == "attribute"]
    assert [(row["feature"], text in row["message"]) for row, (text, _) in zip(found, FOREIGN[1:], strict=True)] == [
        ("2", True),
        ("3", True),
    ]
    assert [row[0] for row in rows("SELECT subzone_code FROM zone_revision ORDER BY id")] == [
        "R-2",
        "Sempadan Sungai",
        "Kawasan Industri",
    ]


def test_text_of_the_layer_can_be_the_code(session: Session, tmp_path: Path, import_file: Import, rows: Rows) -> None:
    mapping = mapping_file(tmp_path, 'unmapped = "verbatim"\n[columns]\nsubzone = "Hirarki_3"\n')
    assert import_file(foreign_layer(tmp_path), "--mapping", mapping).exit_code == 0
    assert [row[0] for row in rows("SELECT subzone_code FROM zone_revision ORDER BY id")] == [t for t, _ in FOREIGN]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[columns\n", "pemetaan"),
        ("[colums]\n", "colums"),
        ('[columns]\nzona = "X"\n', "zona"),
        ("[columns]\nsubzone = 3\n", "columns"),
        ('unmapped = "guess"\n', "unmapped"),
    ],
)
def test_a_mapping_that_cannot_be_used(
    session: Session, tmp_path: Path, import_file: Import, nothing_kept: Nothing, text: str, word: str
) -> None:
    result = import_file(foreign_layer(tmp_path), "--mapping", mapping_file(tmp_path, text))
    assert result.exit_code == 2
    assert word in result.output
    assert nothing_kept()


def test_a_column_that_the_layer_lacks_is_reported(session: Session, tmp_path: Path, import_file: Import) -> None:
    mapping = mapping_file(tmp_path, '[columns]\nsubzone = "Hirarki_3"\nblock = "Blk"\n')
    import_file(foreign_layer(tmp_path), "--mapping", mapping, "--dry-run")
    notes = [row for row in files.findings(tmp_path) if row["kind"] == "note"]
    assert ["Blk" in row["message"] for row in notes] == [True]
