"""Whatever is edited, undone and done again, the zones stay a coverage, and all of it can be undone bit by bit."""

from __future__ import annotations

from collections import Counter

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import GisError
from gis.zone_edits import Edit, same_bits
from tests.gis.zone_edits.checks import assert_coverage, assert_same_footprint, footprint
from tests.gis.zone_edits.coverages import grid, tricky
from tests.gis.zone_edits.operations import OPERATIONS, Numbers

number = st.floats(0, 1, exclude_max=True)
steps = st.lists(
    st.tuples(st.sampled_from([*OPERATIONS, "undo", "redo"]), st.tuples(number, number, number, number)),
    min_size=50,
    max_size=50,
)


class Session:
    """A planner's session on a coverage: edits, undo, redo; checks the promises after each step."""

    def __init__(self, zones: dict[int, shapely.Geometry]) -> None:
        self.start = dict(zones)
        self.zones = dict(zones)
        self.land = footprint(zones)
        self.done: list[Edit] = []
        self.undone: list[Edit] = []
        self.counts: Counter[str] = Counter()
        self.hints: list[str | None] = []

    def step(self, kind: str, numbers: Numbers) -> None:
        if kind == "undo":
            self._shift(self.done, self.undone)
        elif kind == "redo":
            self._shift(self.undone, self.done)
        else:
            self._edit(kind, numbers)

    def _shift(self, source: list[Edit], target: list[Edit]) -> None:
        if source:
            edit = source.pop().inverse()
            self.zones = edit.apply(self.zones)
            target.append(edit)

    def _edit(self, kind: str, numbers: Numbers) -> None:
        before = dict(self.zones)
        try:
            edit = OPERATIONS[kind](self.zones, *numbers)
        except GisError as refused:
            edit = None
            self.hints.append(refused.hint)
        if edit is None:
            assert self.zones == before
            assert all(self.hints)
            return
        self.counts[kind] += 1
        self.zones = edit.apply(self.zones)
        assert all(self.zones[zone] is before[zone] for zone in before if zone not in edit.changes)
        assert_coverage(self.zones)
        assert_same_footprint(self.zones, self.land, len(self.done) + 1)
        self.done.append(edit)
        self.undone.clear()

    def undo_all(self) -> None:
        for edit in reversed(self.done):
            self.zones = edit.inverse().apply(self.zones)
        assert sorted(self.zones) == sorted(self.start)
        assert all(same_bits(self.zones[zone], self.start[zone]) for zone in self.start)


@given(seed=st.integers(0, 3), steps=steps)
@settings(max_examples=20)
def test_fifty_edits_keep_the_coverage_and_undo_to_the_first_bit(seed: int, steps: list[tuple[str, Numbers]]) -> None:
    session = Session(tricky(40, seed))
    for kind, numbers in steps:
        session.step(kind, numbers)
    after = session.zones
    if session.done:
        whole = session.done[0]
        for edit in session.done[1:]:
            whole = whole.then(edit)
        in_one = whole.apply(session.start)
        assert in_one.keys() == after.keys()
        assert all(same_bits(in_one[zone], after[zone]) for zone in after)
    session.undo_all()


@pytest.mark.parametrize("kind", sorted(OPERATIONS))
def test_each_operation_succeeds_often_enough_for_the_sequences_to_mean_something(kind: str) -> None:
    session = Session(tricky(40, 1))
    for place in range(12 if kind == "delete" else 0):
        session.step("insert", (place / 12, 0.0, 0.6, 0.55))
    for place in range(12):
        session.step(kind, (place / 12, (place * 5 % 12) / 12, 0.6, 0.55))
    assert session.counts[kind] >= 3
    session.undo_all()


def test_a_sequence_on_squares_whose_nodes_are_shared_by_four() -> None:
    session = Session(grid(6, 6))
    for place in range(60):
        kind = sorted(OPERATIONS)[place % len(OPERATIONS)]
        session.step(
            kind, ((place * 7 % 60) / 60, (place * 11 % 60) / 60, (place * 13 % 60) / 60, (place * 17 % 60) / 60)
        )
    assert sum(session.counts[kind] for kind in OPERATIONS) > 20
    session.undo_all()
