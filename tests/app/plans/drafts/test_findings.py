"""What is wrong with a draft is found, each kind with its place and size, and repaired where a repair is proposed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import shape
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts.roles import Actor
from app.errors import Forbidden, Unprocessable
from app.plans import editing
from app.plans.drafts import findings as checking
from app.plans.drafts import queries, service
from app.plans.drafts.recording import Entry, write_states
from app.plans.drafts.repairing import FindingGone
from app.plans.drafts.saving import Draft, EditConflict
from app.plans.models import Plan, PlanVersion
from app.plans.review import service as review
from gis.changeset import ZoneState
from gis.crs import MetricCrs
from tests.app.plans.drafts.conftest import Desk, actor, node
from tests.factories.plans import feature, import_zones, square, write_rules

Broken = Callable[..., None]


@pytest.fixture
def opened(session: Session, draft: dict[str, Any]) -> Draft:
    plan = session.query(Plan).one()
    return Draft(plan, session.get_one(PlanVersion, draft["version_id"]), MetricCrs(plan.utm_zone, plan.south))


@pytest.fixture
def put(session: Session, opened: Draft, planner: Actor) -> Callable[..., None]:
    """Puts zones into the draft past every check, as no operation does. None takes one out."""

    def write(outlines: dict[int, shapely.Geometry | None], **values: Any) -> None:
        stored = queries.zones(session, opened.version.id, ids=outlines)
        changes = {
            zone: None if outline is None else ZoneState(outline, {**stored[zone].state.attributes, **values})
            for zone, outline in outlines.items()
        }
        write_states(session, opened.version, Entry(planner, "exchange", ""), stored, changes, [], opened.metric)
        session.commit()

    return write


def found(desk: Desk, kind: str | None = None) -> list[dict[str, Any]]:
    """Findings of a kind."""
    listed = service.findings(desk.actor, "rdtr")["findings"]
    return [item for item in listed if kind in (None, item["kind"])]


def repaired(desk: Desk, finding: dict[str, Any], **options: Any) -> dict[str, Any]:
    return desk.take(service.repair(desk.actor, "rdtr", uuid.uuid4(), finding["id"], **options))


def area(desk: Desk, zone: int) -> float:
    return float(Desk(desk.actor).zones[zone]["properties"]["area_m2"])


def box(west: float, south: float, east: float, north: float) -> shapely.MultiPolygon:
    """A rectangle between nodes of the grid."""
    (w, s), (e, n) = node(west, south), node(east, north)
    return shapely.MultiPolygon([shapely.Polygon([(w, s), (e, s), (e, n), (w, n), (w, s)])])


def dented(depth: float) -> shapely.MultiPolygon:
    """The first square with its eastern border drawn back in the middle: the second one's border stays."""
    ring = [node(0, 0), node(1, 0), node(1 - depth, 0.5), node(1, 1), node(0, 1), node(0, 0)]
    return shapely.MultiPolygon([shapely.Polygon(ring)])


def test_a_clean_draft_is_not_blocked(session: Session, desk: Desk, opened: Draft) -> None:
    listed = service.findings(desk.actor, "rdtr")
    assert (listed["blocks"], listed["errors"]) == (False, 0)
    # The tables of this plan state building rules for one of its three sub-zones.
    assert {item["kind"] for item in listed["findings"]} == {"missing_intensity"}
    assert checking.blocking(session, opened) == []


def test_a_border_moved_on_one_side_opens_a_gap_that_is_seen(desk: Desk, put: Broken) -> None:
    """GEOS's check of a coverage passes it: no borders touch that do not match."""
    one, two, *_ = desk.ids
    put({one: dented(0.1)})
    assert shapely.coverage_is_valid([shape(item["geometry"]) for item in Desk(desk.actor).zones.values()])
    (gap,) = found(desk, "gap")
    assert gap["severity"] == "error"
    assert gap["size_m2"] == pytest.approx(617, rel=0.01)
    assert gap["repair"]["to"] == one or gap["repair"]["to"] == two
    assert {one, two} <= set(gap["repair"]["choices"])


def test_a_gap_goes_to_the_neighbour_that_is_chosen(desk: Desk, put: Broken, opened: Draft) -> None:
    one, two, *_ = desk.ids
    put({one: dented(0.1)})
    (gap,) = found(desk, "gap")
    before = area(desk, two)
    shown = service.repair(desk.actor, "rdtr", uuid.uuid4(), gap["id"], to=two, dry_run=True)
    assert area(desk, two) == before
    repaired(desk, gap, to=two)
    assert area(desk, two) == pytest.approx(before + gap["size_m2"], abs=0.1)
    assert [item["after_m2"] for item in shown["changes"] if item["zone_id"] == two] == [area(desk, two)]
    assert found(desk, "gap") == []
    desk.undo()
    assert [item["id"] for item in found(desk, "gap")] == [gap["id"]]


def test_a_gap_goes_nowhere_else(desk: Desk, put: Broken) -> None:
    put({desk.ids[0]: dented(0.1)})
    (gap,) = found(desk, "gap")
    with pytest.raises(Unprocessable) as refused:
        repaired(desk, gap, to=desk.ids[5])
    assert refused.value.field == "to"


def test_a_gap_narrower_than_what_can_be_drawn(desk: Desk, put: Broken) -> None:
    """1 mm wide and 111 m long: nobody sees it on a map."""
    put({desk.ids[0]: dented(1e-5)})
    (gap,) = found(desk, "gap")
    assert gap["size_m2"] == pytest.approx(0.0617, rel=0.05)
    repaired(desk, gap)
    assert found(desk, "gap") == []
    assert not service.findings(desk.actor, "rdtr")["blocks"]


def test_a_gap_along_the_outer_border_is_one_too(desk: Desk, put: Broken) -> None:
    """A zone that was taken back from the plan's border, unless the border was meant to move."""
    put({desk.ids[0]: box(0.2, 0, 1, 1)})
    (gap,) = found(desk, "gap")
    assert gap["repair"]["to"] in desk.ids
    repaired(desk, gap, to=desk.ids[0])
    assert found(desk, "gap") == []


def test_a_border_that_was_meant_to_move_is_none(desk: Desk) -> None:
    moves = [{"from": node(0, 0), "to": node(-0.5, 0)}, {"from": node(0, 1), "to": node(0.2, 1)}]
    desk.do("move_nodes", moves=moves, footprint="may_change")
    assert not service.findings(desk.actor, "rdtr")["blocks"]
    desk.undo()
    assert not service.findings(desk.actor, "rdtr")["blocks"]
    desk.redo()
    assert not service.findings(desk.actor, "rdtr")["blocks"]


def test_nodes_put_into_the_outer_border_are_no_gap(desk: Desk) -> None:
    """They are rounded to a millimetre."""
    desk.do("move_nodes", moves=[{"from": node(0, 0), "to": node(-0.37, -0.41)}], footprint="may_change")
    start = node(-0.37, -0.41)
    for _ in range(5):
        middle = (start[0] + node(1, 0)[0]) / 2, (start[1] + node(1, 0)[1]) / 2
        desk.do("insert_node", edge=[start, node(1, 0)], at=middle)
        start = (round(middle[0], 8), round(middle[1], 8))
    assert not service.findings(desk.actor, "rdtr")["blocks"]


def test_overlapping_land_goes_to_either(desk: Desk, put: Broken) -> None:
    one, two, *_ = desk.ids
    put({one: box(0, 0, 1.2, 1)})
    (overlap,) = found(desk, "overlap")
    assert (overlap["zones"], overlap["severity"]) == ((one, two), "error")
    assert overlap["repair"]["transfers"] == [{"from": one, "to": two, "area_m2": overlap["size_m2"]}]
    repaired(desk, overlap)
    assert found(desk, "overlap") == []
    assert area(desk, one) == pytest.approx(area(desk, two), rel=0.001)
    desk.undo()
    repaired(desk, found(desk, "overlap")[0], to=one)
    assert area(desk, one) == pytest.approx(1.2 / 0.8 * area(desk, two), rel=0.001)
    assert not service.findings(desk.actor, "rdtr")["blocks"]


def test_a_zone_drawn_twice(desk: Desk, put: Broken) -> None:
    one, two, *_ = desk.ids
    put({one: box(1, 0, 2, 1)})
    kinds = {item["kind"] for item in found(desk)}
    assert {"overlap", "gap"} <= kinds
    (overlap,) = found(desk, "overlap")
    (loser,) = {one, two} - {overlap["repair"]["to"]}
    saved = repaired(desk, overlap)
    assert saved["removed"] == [loser]
    assert saved["lineage"] == [{"parent": loser, "child": overlap["repair"]["to"], "kind": "merge"}]


def test_a_sliver_goes_to_its_neighbour(desk: Desk) -> None:
    one, two, *_ = desk.ids
    strip = [[node(0.9999, 0), node(1, 0), node(1, 1), node(0.9999, 1), node(0.9999, 0)]]
    saved = desk.do("carve", polygon=strip, values={"subzone_code": "K-1", "block": "I"})
    made = next(item["id"] for item in saved["zones"]["features"] if item["id"] not in (one, two, *desk.ids[:6]))
    (sliver,) = found(desk, "sliver")
    assert (sliver["severity"], sliver["zones"]) == ("warning", (made,))
    saved = repaired(desk, sliver)
    assert saved["removed"] == [made]
    assert found(desk, "sliver") == []
    assert not service.findings(desk.actor, "rdtr")["blocks"]


def test_an_outline_that_crosses_itself_is_mended(desk: Desk, put: Broken) -> None:
    one = desk.ids[0]
    loop = [node(0, 1), node(0.3, 0.3), node(0.3, 0.6), node(0, 0.4), node(0, 0)]
    put({one: shapely.MultiPolygon([shapely.Polygon([node(0, 0), node(1, 0), node(1, 1), *loop])])})
    (invalid,) = found(desk, "invalid")
    assert invalid["severity"] == "error"
    saved = repaired(desk, invalid)
    assert found(desk, "invalid") == []
    assert shape(saved["zones"]["features"][0]["geometry"]).is_valid
    desk.undo()
    assert [item["id"] for item in found(desk, "invalid")] == [invalid["id"]]


def test_borders_with_different_nodes_are_matched(desk: Desk, put: Broken) -> None:
    one, two, *_ = desk.ids
    ring = [node(0, 0), node(1, 0), node(1, 0.5), node(1, 1), node(0, 1), node(0, 0)]
    put({one: shapely.MultiPolygon([shapely.Polygon(ring)])})
    (unmatched,) = found(desk, "unmatched")
    assert (unmatched["severity"], unmatched["zones"]) == ("warning", (one, two))
    repaired(desk, unmatched)
    assert found(desk, "unmatched") == []


def test_a_zone_outside_of_the_region(desk: Desk, put: Broken) -> None:
    put({desk.ids[0]: box(-900, 0, 1, 1)})
    outside = found(desk, "outside")
    assert all(item["zones"] == (desk.ids[0],) and item["repair"] is None for item in outside)
    # Once for the region, as a whole, and once for the land that the plan did not have.
    assert [(item["severity"], item["geometry"] is None) for item in outside] == [("error", True), ("error", False)]


def test_land_beyond_the_plan_that_nobody_meant_to_add(desk: Desk, put: Broken) -> None:
    put({desk.ids[0]: box(-0.3, 0, 1, 1)})
    (outside,) = found(desk, "outside")
    assert outside["zones"] == (desk.ids[0],)
    assert outside["size_m2"] == pytest.approx(0.3 * 12_350, rel=0.01)


def test_an_unknown_code(session: Session, desk: Desk, put: Broken) -> None:
    one = desk.ids[0]
    put({one: shape(desk.zones[one]["geometry"])}, subzone_code="X-1")
    (unknown,) = found(desk, "unknown_code")
    assert (unknown["severity"], unknown["zones"], unknown["repair"]) == ("error", (one,), None)


def test_a_zone_without_a_block(desk: Desk) -> None:
    one = desk.ids[0]
    desk.do("attributes", zones=[one], values={"block": None})
    (missing,) = found(desk, "missing_attribute")
    assert (missing["severity"], missing["zones"]) == ("error", (one,))
    desk.do("attributes", zones=desk.ids, values={"block": None})
    (missing,) = found(desk, "missing_attribute")
    assert (missing["severity"], len(missing["zones"])) == ("warning", 6)


def test_the_legal_area_is_taken_from_the_drawing(desk: Desk) -> None:
    one = desk.ids[0]
    desk.do("attributes", zones=[one], values={"legal_area_ha": 2.0})
    (differs,) = found(desk, "legal_area")
    assert differs["severity"] == "warning"
    assert differs["repair"]["legal_area_ha"] == pytest.approx(area(desk, one) / 10_000, abs=1e-4)
    repaired(desk, differs)
    assert found(desk, "legal_area") == []
    desk.undo()
    assert Desk(desk.actor).zones[one]["properties"]["legal_area_ha"] == 2.0


def test_a_table_of_activities_that_lacks_a_sub_zone_in_use(session: Session, desk: Desk, opened: Draft) -> None:
    delete = text("DELETE FROM permitted_use WHERE version_id = :id AND subzone_code = 'K-1'")
    session.execute(delete, {"id": opened.version.id})
    (lacking,) = found(desk, "undecided_subzone")
    assert (lacking["severity"], set(lacking["zones"])) == ("error", {desk.ids[1], desk.ids[3]})
    session.execute(text("DELETE FROM activity WHERE version_id = :id"), {"id": opened.version.id})
    (lacking,) = found(desk, "undecided_subzone")
    assert lacking["severity"] == "warning"


def test_what_was_published_so_stands_against_nothing(session: Session, tmp_path: Path, planner: Actor) -> None:
    ring = [feature(square(x, y)) for x in range(3) for y in range(3) if (x, y) != (1, 1)]
    overlapping = feature(square(2.9, 0, 1.1))
    outcome = import_zones(tmp_path, [*ring, overlapping])
    editing.load_rules("rdtr", outcome.seq, write_rules(tmp_path))
    listed = service.findings(planner, "rdtr")
    assert {(item["kind"], item["severity"]) for item in listed["findings"] if item["kind"] in ("gap", "overlap")} == {
        ("gap", "error"),
        ("overlap", "error"),
    }
    editing.publish_version("rdtr", outcome.seq, valid_from=dt.date(2023, 1, 1), accept_overlaps=True, accept_gaps=True)
    opened = service.open_draft(planner, "rdtr", "Perwali contoh 2", "id")
    listed = service.findings(planner, "rdtr")
    assert not listed["blocks"]
    assert {(item["kind"], item["accepted"]) for item in listed["findings"] if item["kind"] in ("gap", "overlap")} == {
        ("gap", True),
        ("overlap", True),
    }
    desk = Desk(planner)
    (hole,) = found(desk, "gap")
    repaired(desk, hole)
    assert found(desk, "gap") == []
    assert not service.findings(planner, "rdtr")["blocks"], "the hole is part of the plan now"
    editing.publish_version("rdtr", opened["seq"], valid_from=dt.date(2024, 1, 1))
    version = session.get_one(PlanVersion, opened["version_id"])
    assert (version.gaps_m2, version.overlaps_m2) == (0, pytest.approx(0.1 * 12_350, rel=0.01))


def test_a_finding_that_is_gone(desk: Desk, other_desk: Desk, put: Broken) -> None:
    put({desk.ids[0]: dented(0.1)})
    (gap,) = found(desk, "gap")
    repaired(other_desk, gap)
    with pytest.raises(FindingGone):
        repaired(desk, gap)


def test_two_planners_grow_different_zones_into_the_same_empty_land(desk: Desk, other_desk: Desk, put: Broken) -> None:
    """Each zone is changed by one of them alone; it is the land between that both take."""
    one, two, *_ = desk.ids
    put({one: dented(0.1)})
    desk.load()
    other_desk.load()
    dent = [[node(1, 0), node(0.9, 0.5), node(1, 1), node(1, 0)]]
    desk.do("give", polygon=dent, source=None, target=one, footprint="may_change")
    before = Desk(desk.actor).zones
    with pytest.raises(EditConflict) as met:
        other_desk.do("give", polygon=dent, source=None, target=two, footprint="may_change")
    assert {one, two} <= set(met.value.extra["zones"])
    assert Desk(desk.actor).zones == before


def test_only_planners_repair(session: Session, desk: Desk, put: Broken) -> None:
    put({desk.ids[0]: dented(0.1)})
    (gap,) = found(desk, "gap")
    desk.actor = actor(session, "approver", email="a@example.org")
    assert found(desk, "gap") == [gap]
    with pytest.raises(Forbidden):
        repaired(desk, gap)


def test_a_list_kept_in_memory_is_the_same_as_a_new_one(session: Session, desk: Desk, put: Broken, app: Any) -> None:
    put({desk.ids[0]: dented(0.1)})
    found(desk)
    put({desk.ids[4]: box(1.1, 0.8, 2, 2), desk.ids[1]: box(1, 0, 2, 0.9)})
    kept = service.findings(desk.actor, "rdtr")
    app.extensions["ruang"].caches.clear()
    assert service.findings(desk.actor, "rdtr") == kept
    assert kept["errors"] == 2


# Publishing -----------------------------------------------------------------------------------------------------------


def publish(draft: Draft) -> None:
    editing.publish_version("rdtr", draft.version.seq, valid_from=dt.date(2024, 1, 1))


def test_a_gap_from_a_border_moved_on_one_side_is_not_published(
    session: Session, desk: Desk, put: Broken, opened: Draft
) -> None:
    put({desk.ids[0]: dented(0.1)})
    with pytest.raises(Unprocessable, match="615"):
        publish(opened)
    repaired(desk, found(desk, "gap")[0])
    publish(opened)
    assert (opened.version.state, opened.version.gaps_m2) == ("published", 0)


def test_a_gap_open_to_the_outside_is_not_published_either(desk: Desk, put: Broken, opened: Draft) -> None:
    put({desk.ids[0]: box(0.2, 0, 1, 1)})
    with pytest.raises(Unprocessable):
        publish(opened)


def test_land_that_nobody_meant_to_add_is_not_published(desk: Desk, put: Broken, opened: Draft) -> None:
    put({desk.ids[0]: box(-0.3, 0, 1, 1)})
    with pytest.raises(Unprocessable):
        publish(opened)


def test_a_border_that_was_meant_to_move_is_published(desk: Desk, opened: Draft) -> None:
    moves = [{"from": node(0, 0), "to": node(-0.5, 0)}, {"from": node(0, 1), "to": node(0.2, 1)}]
    desk.do("move_nodes", moves=moves, footprint="may_change")
    publish(opened)
    assert opened.version.state == "published"


def test_errors_stand_against_handing_the_draft_in_and_warnings_do_not(desk: Desk, opened: Draft) -> None:
    desk.do("attributes", zones=desk.ids[:1], values={"block": None, "legal_area_ha": 3})
    kinds = {item["kind"]: item["text"] for item in found(desk) if item["severity"] == "error"}
    assert set(kinds) == {"missing_attribute"}
    assert review.errors_of_draft(desk.actor, "rdtr") == [kinds["missing_attribute"]]
    with pytest.raises(Unprocessable) as refused:
        review.submit(desk.actor, "rdtr", "Luas satu zona.")
    assert refused.value.extra["zones"] == desk.ids[:1]
    assert opened.version.state == "draft"
    desk.do("attributes", zones=desk.ids[:1], values={"block": "I"})
    assert found(desk, "legal_area")
    review.submit(desk.actor, "rdtr", "Luas satu zona.")
    assert opened.version.state == "review"
    assert not service.findings(desk.actor, "rdtr")["blocks"], "the list can be read during the review"
