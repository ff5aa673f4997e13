"""What a zone and a point were in every version."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.accounts.roles import Actor
from tests.app.plans.difference.conftest import Ask, Desk
from tests.factories.plans import SOUTH, STEP, WEST, square

POINT = f"/api/v1/zoning/history?lon={WEST + STEP / 4}&lat={SOUTH + STEP / 4}"


def zone(number: int) -> str:
    return f"/api/v1/plans/rdtr/zones/{number}"


def test_a_zone_is_told_version_by_version_with_what_changed(
    desk: Desk, publish: Callable[[], None], ask: Ask, planner: Actor
) -> None:
    first, second, *_ = desk.ids
    desk.do("give", polygon=square(0.5, 0, 0.5, 1), source=first, target=second)
    desk.do("attributes", zones=[first], values={"subzone_code": "RTH-2"})
    publish()
    before, after = ask(zone(first))["moments"]
    assert (before["version"]["seq"], before["changed"], after["version"]["seq"]) == (1, None, 2)
    assert after["changed"] == ["geometry", "subzone_code"]
    assert after["state"]["area_m2"] == pytest.approx(before["state"]["area_m2"] / 2, rel=0.001)
    assert before["state"]["geometry"]["type"] == "MultiPolygon"
    assert ask(f"{zone(first)}?geometry=false")["moments"][0]["state"]["geometry"] is None


def test_a_split_zone_knows_its_child_and_the_child_its_parent(
    desk: Desk, publish: Callable[[], None], ask: Ask
) -> None:
    parent = desk.ids[0]
    saved = desk.do("split", zone=parent, line=[(WEST + STEP / 3, SOUTH - STEP), (WEST + STEP / 3, SOUTH + 2 * STEP)])
    (child,) = [link["child"] for link in saved["lineage"]]
    publish()
    link = {"seq": 2, "parent": parent, "child": child, "kind": "split"}
    assert ask(zone(parent))["lineage"] == [link]
    history = ask(zone(child))
    assert history["lineage"] == [link]
    assert [moment["state"] is None for moment in history["moments"]] == [True, False]


def test_the_draft_is_part_of_the_history_for_planners_only(desk: Desk, ask: Ask, planner: Actor) -> None:
    desk.do("attributes", zones=[desk.ids[0]], values={"block": "II"})
    assert [moment["version"]["state"] for moment in ask(zone(desk.ids[0]))["moments"]] == ["published"]
    states = [moment["version"]["state"] for moment in ask(zone(desk.ids[0]), planner)["moments"]]
    assert states == ["published", "draft"]


def test_a_zone_of_the_draft_alone_is_unknown_to_the_public(desk: Desk, ask: Ask, planner: Actor) -> None:
    saved = desk.do("carve", polygon=square(0.2, 0.2, 0.2, 0.2), values={"subzone_code": "R-2"})
    (new,) = [link["child"] for link in saved["lineage"]]
    ask(zone(new), status=404)
    assert ask(zone(new), planner)["lineage"][0]["child"] == new


@pytest.mark.parametrize("number", [987654321, 2**63, 10**30])
def test_a_zone_that_never_was_is_not_found(desk: Desk, ask: Ask, number: int) -> None:
    assert ask(zone(number), status=404)["field"] == "zone_id"


def test_a_point_is_told_version_by_version(desk: Desk, publish: Callable[[], None], ask: Ask) -> None:
    desk.do("attributes", zones=[desk.ids[0]], values={"subzone_code": "RTH-2"})
    publish()
    (plan,) = ask(POINT)["plans"]
    found = [[item["subzone_code"] for item in moment["zones"]] for moment in plan["moments"]]
    assert found == [["R-2"], ["RTH-2"]]


def test_a_point_on_a_border_has_every_zone_of_it(desk: Desk, ask: Ask) -> None:
    (plan,) = ask(f"/api/v1/zoning/history?lon={WEST + STEP}&lat={SOUTH + STEP / 2}")["plans"]
    assert sorted(item["zone_id"] for item in plan["moments"][0]["zones"]) == sorted(desk.ids[:2])


def test_a_point_outside_every_plan_has_no_history(desk: Desk, ask: Ask) -> None:
    assert ask("/api/v1/zoning/history?lon=100&lat=0.12")["plans"] == []


@pytest.mark.parametrize(
    ("query", "status", "field"), [("lat=0.1", 400, "lon"), ("lon=x&lat=0.1", 400, "lon"), ("lon=1&lat=91", 422, "lat")]
)
def test_a_point_that_cannot_be_is_refused(desk: Desk, ask: Ask, query: str, status: int, field: str) -> None:
    assert ask(f"/api/v1/zoning/history?{query}", status=status)["field"] == field
