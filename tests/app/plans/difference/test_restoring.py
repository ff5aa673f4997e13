"""A zone of an older version is restored into the draft: land, attributes, and who gives what to whom."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from shapely.geometry import shape
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts.roles import Actor
from app.errors import Conflict, NotFound, Unprocessable
from app.plans.drafts import service
from gis.edit_errors import EditError
from tests.app.plans.difference.conftest import Desk
from tests.app.plans.drafts.conftest import node
from tests.factories.plans import square


def lands(desk: Desk) -> dict[int, shapely.Geometry]:
    return {zone: shape(item["geometry"]) for zone, item in Desk(desk.actor).zones.items()}


def same_land(first: dict[int, Any], second: dict[int, Any]) -> bool:
    return first.keys() == second.keys() and all(
        first[zone].symmetric_difference(second[zone]).area < 1e-12 for zone in first
    )


def test_land_and_attributes_come_back_and_the_draft_stays_a_coverage(desk: Desk) -> None:
    before, first = lands(desk), desk.ids[0]
    desk.do("give", polygon=square(0.5, 0, 0.5, 1), source=first, target=desk.ids[1])
    desk.do("attributes", zones=[first], values={"subzone_code": "RTH-2", "block": "II", "overlays": {"KRB_03": "x"}})
    saved = desk.do("restore", zone=first, seq=1)
    assert same_land(lands(desk), before)
    properties = desk.zones[first]["properties"]
    assert (properties["subzone_code"], properties["block"]) == ("R-2", "I.A.1")
    assert properties["overlays"].get("KRB_03") is None
    assert shapely.coverage_is_valid(list(lands(desk).values()))
    assert {item["zone_id"] for item in saved["changes"]} >= {first, desk.ids[1]}


def test_surplus_land_goes_back_to_who_had_it(desk: Desk) -> None:
    before = lands(desk)
    desk.do("move_nodes", moves=[{"from": node(1, 1), "to": node(1.3, 1.2)}])
    desk.do("restore", zone=desk.ids[0], seq=1)
    after = lands(desk)
    assert after[desk.ids[0]].symmetric_difference(before[desk.ids[0]]).area < 1e-12
    assert shapely.coverage_is_valid(list(after.values()))


def test_a_removed_zone_is_made_again_under_its_number(desk: Desk, session: Session) -> None:
    before = lands(desk)
    first, second = desk.ids[:2]
    desk.do("merge", zones=[first, second], keep=second)
    assert first not in desk.zones
    desk.do("restore", zone=first, seq=1)
    assert same_land(lands(desk), before)
    assert desk.zones[first]["properties"]["subzone_code"] == "R-2"


def test_it_is_undone_like_any_other_change(desk: Desk) -> None:
    desk.do("attributes", zones=[desk.ids[0]], values={"block": "II"})
    desk.do("restore", zone=desk.ids[0], seq=1)
    desk.undo()
    assert desk.zones[desk.ids[0]]["properties"]["block"] == "II"
    desk.redo()
    assert desk.zones[desk.ids[0]]["properties"]["block"] == "I.A.1"


def test_the_record_says_what_it_was(desk: Desk, session: Session, planner: Actor) -> None:
    desk.do("attributes", zones=[desk.ids[0]], values={"block": "II"})
    desk.do("restore", zone=desk.ids[0], seq=1)
    assert session.execute(text("SELECT kind FROM changeset ORDER BY id DESC LIMIT 1")).scalar_one() == "restore"
    assert str(desk.ids[0]) in service.history(planner, "rdtr")[0]["comment"]


def test_a_dry_run_tells_who_gives_what_and_keeps_nothing(desk: Desk, planner: Actor) -> None:
    first, second = desk.ids[:2]
    desk.do("give", polygon=square(0.5, 0, 0.5, 1), source=first, target=second)
    before = lands(desk)
    shown = Desk(planner).do("restore", zone=first, seq=1, dry_run=True)
    change = {item["zone_id"]: item["after_m2"] - item["before_m2"] for item in shown["changes"]}
    assert change[first] == pytest.approx(-change[second], abs=0.1)
    assert change[first] > 6_000
    assert same_land(lands(desk), before)


def test_what_is_as_it_was_needs_no_restoring(desk: Desk) -> None:
    with pytest.raises(Unprocessable):
        desk.do("restore", zone=desk.ids[0], seq=1)


@pytest.mark.parametrize(("zone", "seq"), [(0, 9), (0, 2), (99999, 1)])
def test_a_version_or_zone_that_is_not_there_is_refused(desk: Desk, zone: int, seq: int) -> None:
    with pytest.raises(NotFound):
        desk.do("restore", zone=zone or desk.ids[0], seq=seq)


def test_land_cannot_go_back_to_a_zone_that_is_gone(desk: Desk) -> None:
    first, second = desk.ids[:2]
    before = lands(desk)
    desk.do("merge", zones=[first, second], keep=second)
    with pytest.raises(EditError) as refusal:
        desk.do("restore", zone=second, seq=1)
    assert (refusal.value.code, refusal.value.zones) == ("edit_owner_gone", (first,))
    desk.do("restore", zone=first, seq=1)
    assert same_land(lands(desk), before)


def test_a_colleagues_change_of_the_same_land_is_nobodys_to_overwrite(desk: Desk, other_desk: Desk) -> None:
    first, second = desk.ids[:2]
    desk.do("give", polygon=square(0.5, 0, 0.5, 1), source=first, target=second)
    other_desk.load()
    desk.do("move_nodes", moves=[{"from": node(0.5, 0), "to": node(0.6, 0.2)}], footprint="may_change")
    with pytest.raises(Conflict):
        other_desk.do("restore", zone=first, seq=1)
