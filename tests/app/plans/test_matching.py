"""A zone keeps its identity from layer to layer; a new revision only where something changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.plans.matching import Known, Match, ZoneDraft, match
from gis.crs import MetricCrs
from tests.factories.plans import feature, import_zones, publish_zones, row_of_zones, square

Rows = Callable[..., list[tuple[Any, ...]]]
METRIC = MetricCrs(50, south=False)


def manifest(rows: Rows, seq: int) -> list[tuple[int, int]]:
    return rows(
        "SELECT zone_id, revision_id FROM version_zone JOIN plan_version ON id = version_id"
        " WHERE seq = :s ORDER BY position",
        s=seq,
    )


def again(tmp_path: Path, rows: Rows, layer: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """The manifest of a published layer, and that of another one imported on top of it."""
    publish_zones(tmp_path)
    assert import_zones(tmp_path, layer).kept
    return manifest(rows, 1), manifest(rows, 2)


def test_an_unchanged_layer_uses_the_same_revisions(session: Session, tmp_path: Path, rows: Rows) -> None:
    before, after = again(tmp_path, rows, row_of_zones())
    assert after == before
    assert rows("SELECT count(*) FROM zone_revision") == [(3,)]
    assert rows("SELECT count(*) FROM source_feature") == [(6,)]


def test_another_order_of_features_changes_nothing(session: Session, tmp_path: Path, rows: Rows) -> None:
    before, after = again(tmp_path, rows, row_of_zones()[::-1])
    assert after == before[::-1]


@pytest.mark.parametrize(
    "change", [{"KODSZN": "K-1"}, {"KODBLK": "II"}, {"KRB_03": "Banjir"}, {"LUASHA": 3}, {"REMARK": "x"}]
)
def test_a_changed_attribute_is_a_new_revision_of_the_same_zone(
    session: Session, tmp_path: Path, rows: Rows, change: dict[str, Any]
) -> None:
    layer = row_of_zones()
    layer[0]["properties"].update(change)
    before, after = again(tmp_path, rows, layer)
    assert after[1:] == before[1:]
    assert after[0][0] == before[0][0]
    assert after[0][1] != before[0][1]


def test_a_column_that_no_zone_keeps_is_no_change(session: Session, tmp_path: Path, rows: Rows) -> None:
    layer = row_of_zones()
    layer[0]["properties"]["OBJECTID"] = 17
    before, after = again(tmp_path, rows, layer)
    assert after == before


def test_a_moved_border_is_a_new_revision_of_both_zones(session: Session, tmp_path: Path, rows: Rows) -> None:
    layer = [
        feature(square(0, 0, width=1.3)),
        feature(square(1.3, 0, width=0.7), "K-1"),
        feature(square(2, 0), "RTH-2"),
    ]
    before, after = again(tmp_path, rows, layer)
    assert [zone for zone, _ in after] == [zone for zone, _ in before]
    assert [one[1] == other[1] for one, other in zip(before, after, strict=True)] == [False, False, True]


def test_new_land_is_a_new_zone_and_land_given_up_is_left_out(session: Session, tmp_path: Path, rows: Rows) -> None:
    layer = [*row_of_zones()[1:], feature(square(3, 0))]
    before, after = again(tmp_path, rows, layer)
    assert after[:2] == before[1:]
    assert after[2][0] not in [zone for zone, _ in before]


def test_a_split_zone_lives_on_in_its_larger_half(session: Session, tmp_path: Path, rows: Rows) -> None:
    layer = [feature(square(0, 0, height=0.7)), feature(square(0, 0.7, height=0.3)), *row_of_zones()[1:]]
    before, after = again(tmp_path, rows, layer)
    assert after[0][0] == before[0][0]
    assert after[1][0] not in [zone for zone, _ in before]


def test_zones_of_another_plan_are_other_zones(session: Session, tmp_path: Path, rows: Rows) -> None:
    publish_zones(tmp_path)
    publish_zones(tmp_path, plan="lain")
    assert rows("SELECT count(DISTINCT id), count(DISTINCT plan_id) FROM zone") == [(6, 2)]


def test_two_zones_with_one_outline_keep_their_own_identity(session: Session, tmp_path: Path, rows: Rows) -> None:
    layer = [feature(square(0, 0), "R-2"), feature(square(0, 0), "K-1")]
    outcome = import_zones(tmp_path, layer)
    from app.plans import editing

    editing.publish_version("rdtr", outcome.seq, valid_from=dt.date(2024, 1, 1), accept_overlaps=True)
    import_zones(tmp_path, layer[::-1])
    assert manifest(rows, 2) == manifest(rows, 1)[::-1]


def draft(geometry: shapely.Geometry, code: str) -> ZoneDraft:
    return ZoneDraft(shapely.multipolygons([geometry]), code, None, None, None, {}, None)


BOXES = st.builds(
    lambda x, y, w, h: shapely.box(117.4 + x / 1e3, 0.1 + y / 1e3, 117.4 + (x + w) / 1e3, 0.1 + (y + h) / 1e3),
    st.integers(0, 6), st.integers(0, 6), st.integers(1, 5), st.integers(1, 5),
)  # fmt: skip
DRAFTS = st.lists(st.builds(draft, BOXES, st.sampled_from(["R-2", "K-1"])), max_size=8)


@given(DRAFTS, DRAFTS)
def test_each_zone_is_used_once_and_a_revision_only_where_nothing_changed(
    new: list[ZoneDraft], old: list[ZoneDraft]
) -> None:
    known = [Known(100 + number, 200 + number, item) for number, item in enumerate(old)]
    found = match(new, known, METRIC)
    assert len(found) == len(new)
    used = [item.zone_id for item in found if item.zone_id is not None]
    assert len(used) == len(set(used))
    for item, result in zip(new, found, strict=True):
        if result.revision_id is not None:
            former = known[result.revision_id - 200]
            assert result.zone_id == former.zone_id
            assert former.draft.geometry.wkb == item.geometry.wkb
            assert former.draft.attributes() == item.attributes()


@given(DRAFTS)
def test_a_layer_matches_itself_whole(layer: list[ZoneDraft]) -> None:
    known = [Known(number, number, item) for number, item in enumerate(layer)]
    found = match(layer, known, METRIC)
    assert all(isinstance(item, Match) and item.revision_id is not None for item in found)
    assert sorted(item.zone_id or 0 for item in found) == list(range(len(layer)))
