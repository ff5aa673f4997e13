"""A planner's session on the sample city: it stays a coverage with the same footprint, and is undone bit by bit."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from shapely import STRtree

from gis.errors import GisError
from gis.zone_edits import Edit, Zones, carve, same_bits, split
from tests.gis.zone_edits.checks import assert_coverage, footprint
from tests.gis.zone_edits.coverages import STEP
from tests.gis.zone_edits.operations import OPERATIONS, Numbers, pick

number = st.floats(0, 1, exclude_max=True)
steps = st.lists(
    st.tuples(st.sampled_from([*OPERATIONS, "recode", "undo", "redo"]), st.tuples(number, number, number, number)),
    min_size=50,
    max_size=50,
)


class Sample(dict[int, shapely.Geometry]):
    """Zones by number, which a failing test shows by their count alone."""

    def __repr__(self) -> str:
        return f"Sample of {len(self)} zones"


@pytest.fixture(scope="module")
def sample(sample_folder: Path) -> Sample:
    """The zones of the later version, numbered from 1."""
    frame = gpd.read_file(sample_folder / "zones_2026.gpkg", layer="pola_ruang")
    return Sample(enumerate(frame.geometry, start=1))


class Session:
    """Edits with undo and redo, each given only the zones around the one it is about, as the server does."""

    def __init__(self, zones: Zones) -> None:
        self.zones = dict(zones)
        self.done: list[Edit] = []
        self.undone: list[Edit] = []

    def step(self, kind: str, numbers: Numbers) -> None:
        source, target = (self.undone, self.done) if kind == "redo" else (self.done, self.undone)
        if kind in ("undo", "redo"):
            if source:
                edit = source.pop().inverse()
                self.zones = edit.apply(self.zones)
                target.append(edit)
        elif kind != "recode":
            # A new code leaves every outline alone, so that there is nothing to do for it here.
            self._edit(kind, numbers)

    def _edit(self, kind: str, numbers: Numbers) -> None:
        zone = pick(self.zones, numbers[0])
        near = self._around(zone)
        # The same zone again among fewer.
        first = (sorted(near).index(zone) + 0.5) / len(near)
        land = footprint(near)
        try:
            edit = OPERATIONS[kind](near, first, *numbers[1:])
        except GisError:
            edit = None
        if edit is None:
            return
        before = self.zones
        self.zones = edit.apply(before)
        assert all(self.zones[zone] is before[zone] for zone in before if zone not in edit.changes)
        patch = {zone: self.zones[zone] for zone in {*near, *edit.changes} & self.zones.keys()}
        assert_coverage(patch)
        change = shapely.symmetric_difference(footprint(patch), land)
        assert change.area <= 1e-8 * shapely.length(land)
        self.done.append(edit)
        self.undone.clear()

    def _around(self, zone: int) -> dict[int, shapely.Geometry]:
        """The zones that an edit of one can concern, and all that touch these."""
        ids, tree = list(self.zones), STRtree(list(self.zones.values()))
        concerned = tree.query(self.zones[zone], predicate="dwithin", distance=1.5 * STEP)
        touching = tree.query([self.zones[ids[at]] for at in concerned], predicate="dwithin", distance=1e-7)[1]
        # New zones wherever they lie, so that none of their numbers is given twice.
        chosen = {ids[at] for at in touching.tolist()} | {other for other in ids if other < 0}
        return {other: self.zones[other] for other in ids if other in chosen}


@given(steps=steps)
@settings(
    max_examples=3,
    derandomize=True,
    deadline=None,
    # A session takes seconds; making a failing one shorter would take many minutes.
    phases=[Phase.generate],
)
def test_fifty_edits_of_the_sample_keep_it_whole(sample: Sample, steps: list[tuple[str, Numbers]]) -> None:
    session = Session(sample)
    for kind, numbers in steps:
        session.step(kind, numbers)
    assert_coverage(session.zones)
    whole = np.array(list(session.zones.values()), dtype=object)
    land = shapely.coverage_union_all(np.array(list(sample.values()), dtype=object))
    change = shapely.symmetric_difference(shapely.coverage_union_all(whole), land)
    assert change.area <= 1e-8 * shapely.length(land)
    for edit in reversed(session.done):
        session.zones = edit.inverse().apply(session.zones)
    assert session.zones.keys() == sample.keys()
    assert all(same_bits(session.zones[zone], sample[zone]) for zone in sample)


def test_a_zone_is_split_and_carved_without_a_change_elsewhere(sample: Sample) -> None:
    zone = max(sample, key=lambda number: sample[number].area)
    west, _, east, _ = sample[zone].bounds
    middle = sample[zone].representative_point()
    cut = split(sample, zone, shapely.LineString([(west, middle.y), (east, middle.y)]))
    made = carve(sample, middle.buffer(0.001), outside="cut")
    for edit in (cut, made):
        after = edit.apply(sample)
        assert_coverage(after)
        assert all(after[other] is sample[other] for other in sample if other not in edit.changes)
