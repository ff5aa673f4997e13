"""A card in words: nothing is lost, nothing is filled in."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from app.zoning import wording


@pytest.fixture(scope="module")
def babel_app() -> Flask:
    app = Flask("app", root_path="app")
    Babel(app, default_locale="en")
    return app


@pytest.fixture(autouse=True)
def english(babel_app: Flask) -> Any:
    with babel_app.test_request_context(), force_locale("en"):
        yield


def row(**values: Any) -> dict[str, Any]:
    keys = ("applies", "road_class", "lot_min_m2", "lot_max_m2", "building_type", "article")
    return {**dict.fromkeys(keys), **{measure.key: None for measure in wording.MEASURES}, **values}


def values_of(rows: list[dict[str, Any]], key: str) -> list[tuple[str | None, str]]:
    [group] = wording.intensity(rows)
    found = next(item for item in group.rows if item.measure.key == key)
    return [(value.text, value.when) for value in found.values]


def test_value_that_every_row_shares_stands_alone() -> None:
    rows = [row(road_class="lokal", kdb_max_pct=60), row(road_class="arteri", kdb_max_pct=60)]
    assert values_of(rows, "kdb_max_pct") == [("at most 60%", "")]


def test_only_the_circumstance_that_decides_is_named() -> None:
    rows = [
        row(road_class=road, lot_max_m2=most, lot_min_m2=least, kdb_max_pct=share, gsb_min_m=front)
        for road, front in (("lokal", 12.5), ("arteri", 22.5))
        for least, most, share in ((None, 120, 70), (120, None, 60))
    ]
    assert values_of(rows, "kdb_max_pct") == [
        ("at most 70%", "lot up to 120\N{NO-BREAK SPACE}m²"),
        ("at most 60%", "lot from 120\N{NO-BREAK SPACE}m²"),
    ]
    assert [when for _, when in values_of(rows, "gsb_min_m")] == ["local road", "arterial road"]


def test_what_the_plan_does_not_state_stays_unstated_beside_what_it_does() -> None:
    rows = [row(road_class="lokal", gsb_min_m=5), row(road_class="lingkungan", gsb_min_m=None)]
    assert values_of(rows, "gsb_min_m") == [
        ("at least 5\N{NO-BREAK SPACE}m", "local road"),
        (None, "neighbourhood road"),
    ]


def test_rows_that_contradict_each_other_are_both_shown() -> None:
    rows = [row(applies="Ruko", kdb_max_pct=60), row(applies="Ruko", kdb_max_pct=80)]
    assert [text for text, _ in values_of(rows, "kdb_max_pct")] == ["at most 60%", "at most 80%"]


def test_roads_and_lots_together_are_told_in_few_words() -> None:
    lots = ((None, 120), (120, 250), (250, None))
    rows = [
        row(road_class=road, lot_min_m2=least, lot_max_m2=most, floors_max=3 if road == "arteri" or least else 2)
        for road in ("arteri", "lokal", "lingkungan")
        for least, most in lots
    ]
    assert values_of(rows, "floors_max") == [
        ("at most 3 floors", "arterial road, lot up to 120\N{NO-BREAK SPACE}m²; lot from 120\N{NO-BREAK SPACE}m²"),
        ("at most 2 floors", "local road and neighbourhood road, lot up to 120\N{NO-BREAK SPACE}m²"),
    ]


def test_kinds_of_building_stand_apart() -> None:
    groups = wording.intensity([row(applies="Ruko", floors_max=4), row(applies="Rumah deret", floors_max=2)])
    assert [group.title for group in groups] == ["Ruko", "Rumah deret"]


def test_no_rows_no_measures() -> None:
    assert wording.intensity([]) == []


def test_summary_groups_by_verdict_the_most_permissive_first() -> None:
    everyday = [
        {"title": "Gudang", "verdict": "forbidden"},
        {"title": "Rumah tunggal", "verdict": "allowed"},
        {"title": "Warung makan", "verdict": "conditional"},
        {"title": "SPBU", "verdict": "conditional"},
    ]
    assert [(line.verdict, line.sentence) for line in wording.summary(everyday)] == [
        ("allowed", "Rumah tunggal: allowed."),
        ("conditional", "Warung makan and SPBU: allowed on conditions."),
        ("forbidden", "Gudang: not allowed."),
    ]


@pytest.mark.parametrize(("metres", "words"), [(1.34, "1.3 m"), (131.2, "131 m"), (1450, "1.4 km"), (999.4, "999 m")])
def test_distance(metres: float, words: str) -> None:
    assert wording.distance(metres) == words


def test_all_overlays_are_listed_by_state() -> None:
    overlays = [{"name": name, "status": status} for name, status in (("a", "not_checked"), ("b", "applies"))]
    found = wording.overlays_by_state(overlays)
    assert {state: [item["name"] for item in items] for state, items in found.items()} == {
        "applies": ["b"],
        "does_not_apply": [],
        "not_checked": ["a"],
    }


@pytest.mark.parametrize(
    ("smallest", "largest", "words"),
    [
        (None, None, "any lot size"),
        (0, 100, "lot up to 100\N{NO-BREAK SPACE}m²"),
        (100, None, "lot from 100\N{NO-BREAK SPACE}m²"),
        (100, 200.5, "lot of 100 to 200.5\N{NO-BREAK SPACE}m²"),
    ],
)
def test_lot_sizes(smallest: float | None, largest: float | None, words: str) -> None:
    assert wording.lot_words(smallest, largest) == words


def test_codes_carry_their_edition() -> None:
    assert wording.kbli_words({"kbli": ["56102", "56103"], "kbli_edition": "2020"}) == "KBLI 2020: 56102, 56103"
    assert wording.kbli_words({"kbli": []}) == ""
