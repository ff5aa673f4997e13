"""The sample is there whole or not at all, also on the operator's own database."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import sample
from app.city import CityProfile, Sample, SampleVersion
from app.config import REPOSITORY
from app.database import transaction
from app.operations.processes import wait_for_exit
from app.places import service as places
from app.places.models import Landmark
from app.plans import service as plans
from app.runtime import runtime
from gis.errors import GisError
from tests.factories.places import write_places
from tests.factories.plans import row_of_zones, write_layer, write_rules


@pytest.fixture
def small(session: Session, tmp_path: Path) -> tuple[CityProfile, Sample, Path]:
    """A sample of three zones whose second version's layer is not written yet."""
    write_places(tmp_path / "city.gpkg")
    write_layer(tmp_path, row_of_zones(), "first.geojson")
    rules = write_rules(tmp_path)
    versions = [
        SampleVersion(
            plan="rdtr", zones=f"{name}.geojson", rules=str(rules), legal_reference=f"Perwali {name}", valid_from=day
        )
        for name, day in (("first", dt.date(2023, 1, 1)), ("second", dt.date(2024, 1, 1)))
    ]
    return runtime().city, Sample(generator="none", versions=versions), tmp_path


def test_a_load_that_breaks_off_leaves_the_database_empty(small: tuple[CityProfile, Sample, Path]) -> None:
    with pytest.raises(GisError, match="second"):
        sample.load_sample(*small)
    assert places.is_empty()
    assert plans.is_empty()


def test_after_that_it_loads_whole(small: tuple[CityProfile, Sample, Path]) -> None:
    with pytest.raises(GisError, match="second"):
        sample.load_sample(*small)
    write_layer(small[2], row_of_zones(("R-2", "RTH-2", "K-1")), "second.geojson")
    sample.load_sample(*small)
    [timeline] = plans.timelines()
    assert sorted(entry.seq for entry in timeline.versions) == [1, 2]


def test_what_a_killed_load_left_is_removed(tmp_path: Path) -> None:
    left = tmp_path / "sample" / "zones.gpkg"
    left.parent.mkdir()
    left.write_text("half a layer")
    with sample._own_folder(tmp_path) as folder:
        assert list(folder.iterdir()) == []
        (folder / "city.gpkg").touch()
    assert not folder.exists()


def test_the_generator_does_not_outlive_a_killed_load(tmp_path: Path) -> None:
    module = tmp_path / "endless.py"
    module.write_text(
        "import os, sys, time\nopen(sys.argv[1] + '/pid', 'w').write(str(os.getpid()))\ntime.sleep(300)\n"
    )
    program = (
        "from pathlib import Path; from app import sample; from app.city import Sample;"
        f"sample.generate(Sample(generator='endless'), Path({str(tmp_path)!r}))"
    )
    paths = os.pathsep.join((str(tmp_path), str(REPOSITORY)))
    load = subprocess.Popen([sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": paths})
    try:
        pid = _number_in(tmp_path / "pid")
    finally:
        load.kill()
        load.wait()
    assert wait_for_exit(pid, timeout_s=20.0)


def _number_in(file: Path, patience_s: float = 60.0) -> int:
    until = time.monotonic() + patience_s
    while not (file.exists() and file.read_text()):
        assert time.monotonic() < until, "the generator did not start"
        time.sleep(0.05)
    return int(file.read_text())


def test_a_generator_that_fails_says_so(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match="exit status"):
        sample.generate(Sample(generator="no_such_module"), tmp_path)


def test_a_transaction_inside_another_is_kept_with_it(session: Session) -> None:
    def rows() -> int:
        return session.execute(text("SELECT count(*) FROM landmark")).scalar_one()

    def landmark(name: str) -> Landmark:
        return Landmark(name=name, kind="masjid", aliases=[], geom="SRID=4326;POINT(117.48 0.12)")

    def broken_off() -> None:
        with transaction() as outer:
            with transaction() as inner:
                inner.add(landmark("one"))
            assert inner is outer
            assert rows() == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken_off()
    assert rows() == 0, "the inner one alone keeps nothing"
    with transaction() as later:
        later.add(landmark("two"))
    session.rollback()
    assert rows() == 1, "and the next one commits again"
