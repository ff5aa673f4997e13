"""``ruang plans`` beside the import: what cannot be done says why and ends with 2."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy.orm import Session

from tests.factories.plans import publish_zones, row_of_zones, write_layer

Rows = Callable[..., list[tuple[Any, ...]]]
Nothing = Callable[[], bool]
Import = Callable[..., Result]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("publish", "rdtr", 9, "--from", "2024-01-01"), "9"),
        (("publish", "tidak-ada", 1, "--from", "2024-01-01"), "tidak-ada"),
        (("publish", "rdtr", 1, "--from", "2024-01-01"), "published"),
        (("publish", "rdtr", 1, "--from", "31-12-2024"), "--from"),
        (("withdraw", "rdtr", 9, "--reason", "x"), "9"),
        (("withdraw", "rdtr", 1, "--reason", "  "), "alasan"),
        (("discard", "rdtr", 1), "published"),
        (("export", "rdtr", 9, "x.gpkg"), "9"),
        (("export", "rdtr", 1, "x.dxf"), ".gpkg"),
        (("export", "rdtr", 1, "no/such/folder/x.gpkg"), "no/such/folder"),
    ],
)
def test_commands_that_cannot_be_done_say_why(
    session: Session, tmp_path: Path, ruang: Import, arguments: tuple[Any, ...], word: str
) -> None:
    publish_zones(tmp_path)
    result = ruang("plans", *arguments)
    assert result.exit_code == 2, result.output
    assert word in result.output


def test_publish_list_withdraw(session: Session, tmp_path: Path, ruang: Import, import_file: Import) -> None:
    import_file(write_layer(tmp_path, row_of_zones()))
    assert ruang("plans", "list").output.splitlines() == ["rdtr 1: draft, Perwali contoh 1"]
    assert ruang("plans", "publish", "rdtr", 1, "--from", "2024-01-01").exit_code == 0
    assert "rdtr 1: published, Perwali contoh 1, from 2024-01-01 to ..." in ruang("plans", "list").output
    assert ruang("plans", "withdraw", "rdtr", 1, "--reason", "Dibatalkan").exit_code == 0
    assert "withdrawn" in ruang("plans", "list").output
