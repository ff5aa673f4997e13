"""A draft is opened, changed, undone, and changed by two at once; the coverage holds and nothing is lost."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import shape
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts.roles import ANONYMOUS, Actor
from app.errors import Conflict, Forbidden, NotFound, NotSignedIn, Unprocessable
from app.plans import editing
from app.plans.drafts import service
from app.plans.drafts.saving import EditConflict
from gis.edit_errors import EditError
from tests.app.plans.drafts.conftest import Desk, actor, node
from tests.factories.plans import publish_zones


def outlines(desk: Desk) -> dict[int, bytes]:
    """Every outline of the draft as it is stored, bit by bit."""
    fresh = Desk(desk.actor)
    return {zone: shapely.to_wkb(shape(item["geometry"])) for zone, item in fresh.zones.items()}


def is_coverage(desk: Desk) -> bool:
    fresh = [shape(item["geometry"]) for item in Desk(desk.actor).zones.values()]
    return bool(shapely.coverage_is_valid(fresh)) and all(item.is_valid for item in fresh)


def count(session: Session, table: str) -> int:
    return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608 - tables named here


def test_a_draft_holds_the_very_revisions_of_the_published_version(session: Session, draft: dict[str, Any]) -> None:
    assert (draft["seq"], draft["base_seq"], draft["zones"], draft["head"]) == (2, 1, 6, 0)
    assert draft["may_edit"] is True
    manifest = text("SELECT zone_id, revision_id, position FROM version_zone WHERE version_id = :id ORDER BY position")
    before, after = (
        session.execute(manifest, {"id": number}).all() for number in (draft["version_id"], draft["version_id"] - 1)
    )
    assert before == after
    rules = text("SELECT count(*) FROM permitted_use WHERE version_id = :id")
    assert session.execute(rules, {"id": draft["version_id"]}).scalar_one() > 0


def test_only_one_draft_is_open(draft: dict[str, Any], planner: Actor) -> None:
    with pytest.raises(Conflict, match="2"):
        service.open_draft(planner, "rdtr", "Perwali contoh 3", "id")


def test_a_draft_needs_a_published_version(session: Session, planner: Actor) -> None:
    with pytest.raises(NotFound):
        service.open_draft(planner, "rdtr", "Perwali contoh 3", "id")


def test_only_planners_change_a_draft(session: Session, desk: Desk) -> None:
    zone = desk.ids[0]
    for who, refusal in (
        (ANONYMOUS, NotSignedIn),
        (actor(session, "resident", email="r@example.org"), Forbidden),
        (actor(session, "approver", email="a@example.org"), Forbidden),
    ):
        desk.actor = who
        with pytest.raises(refusal):
            desk.do("attributes", zones=[zone], values={"subzone_code": "K-1"})


def test_a_node_moves_in_every_zone_that_shares_it(session: Session, desk: Desk) -> None:
    saved = desk.do("move_nodes", moves=[{"from": node(1, 1), "to": node(1.2, 0.9)}])
    assert len(saved["zones"]["features"]) == 4
    assert is_coverage(desk)
    assert sum(item["after_m2"] - item["before_m2"] for item in saved["changes"]) == pytest.approx(0, abs=0.05)
    assert saved["undo"]["changeset"] == saved["changeset"]


def test_undo_brings_back_the_very_revisions(desk: Desk) -> None:
    before = Desk(desk.actor).base
    outline = outlines(desk)
    first = desk.do("move_nodes", moves=[{"from": node(1, 1), "to": node(1.2, 0.9)}])
    second = desk.do("split", zone=desk.ids[0], line=[node(0.5, -1), node(0.5, 2)])
    assert len(Desk(desk.actor).zones) == 7
    after = Desk(desk.actor).base
    assert desk.undo()["redo"]["changeset"] == second["changeset"]
    assert desk.undo()["undo"] is None
    assert (Desk(desk.actor).base, outlines(desk)) == (before, outline)
    desk.redo()
    assert desk.redo()["undo"]["changeset"] == second["changeset"]
    assert Desk(desk.actor).base == after
    assert first["changeset"] < second["changeset"]


def test_a_new_edit_after_undoing_begins_another_future(desk: Desk) -> None:
    desk.do("attributes", zones=desk.ids[:1], values={"remark": "satu"})
    desk.undo()
    desk.do("attributes", zones=desk.ids[:1], values={"remark": "dua"})
    with pytest.raises(Conflict):
        desk.redo()


def test_lineage_follows_a_split_and_goes_with_its_undoing(session: Session, desk: Desk) -> None:
    parent = desk.ids[0]
    saved = desk.do("split", zone=parent, line=[node(0.5, -1), node(0.5, 2)])
    (link,) = saved["lineage"]
    assert (link["parent"], link["kind"]) == (parent, "split")
    assert count(session, "zone_lineage") == 1
    desk.undo()
    assert count(session, "zone_lineage") == 0
    desk.redo()
    assert count(session, "zone_lineage") == 1


def test_merge_carve_and_give(session: Session, desk: Desk) -> None:
    one, two, three, *_ = desk.ids
    saved = desk.do("merge", zones=[one, two], keep=two)
    assert saved["removed"] == [one]
    assert is_coverage(desk)
    park = [[node(2.2, 0.2), node(2.8, 0.2), node(2.8, 0.8), node(2.2, 0.8), node(2.2, 0.2)]]
    saved = desk.do("carve", polygon=park, values={"subzone_code": "K-1", "block": "II.B"})
    new = next(item for item in saved["zones"]["features"] if item["id"] not in (one, two, three))
    assert new["properties"]["subzone_code"] == "K-1"
    assert new["properties"]["block"] == "II.B"
    assert is_coverage(desk)
    strip = [[node(2, 0), node(2.1, 0), node(2.1, 1), node(2, 1), node(2, 0)]]
    saved = desk.do("give", polygon=strip, source=three, target=two)
    gained = next(item for item in saved["changes"] if item["zone_id"] == two)
    assert gained["after_m2"] > gained["before_m2"]
    assert is_coverage(desk)


def test_attributes_of_several_zones_at_once(desk: Desk) -> None:
    saved = desk.do(
        "attributes", zones=desk.ids[:2], values={"subzone_code": "RTH-2", "overlays": {"KRB_03": "Banjir"}}
    )
    # The third field stays as it was in each.
    for item in saved["zones"]["features"]:
        assert item["properties"]["subzone_code"] == "RTH-2"
        assert item["properties"]["overlays"]["KRB_03"] == "Banjir"
        assert item["properties"]["block"] == "I.A.1"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"subzone_code": "X-9"}, "subzone_code"),
        ({"subzone_code": None}, "subzone_code"),
        ({"legal_area_ha": -1}, "legal_area_ha"),
        ({"legal_area_ha": True}, "legal_area_ha"),
        ({"remark": "x" * 3000}, "remark"),
        ({"overlays": {"NONE": "x"}}, "overlays"),
        ({"geom": "x"}, "geom"),
    ],
)
def test_wrong_attributes_are_named(session: Session, desk: Desk, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Unprocessable) as refused:
        desk.do("attributes", zones=desk.ids[:1], values=values)
    assert refused.value.field == field
    assert count(session, "changeset_zone") == 0


def test_a_refused_edit_says_where_and_keeps_nothing(session: Session, desk: Desk) -> None:
    before = outlines(desk)
    with pytest.raises(EditError) as refused:
        desk.do("move_nodes", moves=[{"from": node(0, 0), "to": node(-0.5, 0)}])
    assert refused.value.code == "edit_leaves_footprint"
    assert refused.value.lon is not None
    assert outlines(desk) == before
    desk.do("move_nodes", moves=[{"from": node(0, 0), "to": node(-0.5, 0)}], footprint="may_change")
    assert outlines(desk) != before


def test_sent_twice_is_done_once(session: Session, desk: Desk) -> None:
    """The answer was lost on its way, and the editor sends the same again."""
    key = uuid.uuid4()
    base = dict(desk.zones)
    first = desk.do("split", zone=desk.ids[0], line=[node(0.5, -1), node(0.5, 2)], key=key)
    desk.zones = base
    second = desk.do("split", zone=desk.ids[0], line=[node(0.5, -1), node(0.5, 2)], key=key)
    assert second["changeset"] == first["changeset"]
    assert count(session, "version_zone") == 6 + 7


def test_a_dry_run_shows_and_keeps_nothing(session: Session, desk: Desk) -> None:
    before = outlines(desk)
    shown = service.operate(
        desk.actor,
        "rdtr",
        service.Request(uuid.uuid4(), desk.base, dry_run=True),
        _split(desk.ids[0]),
    )
    assert len(shown["changes"]) >= 2
    assert outlines(desk) == before


def _split(zone: int) -> Any:
    from app.plans.drafts.operations import OPERATIONS

    return OPERATIONS.validate_python({"kind": "split", "zone": zone, "line": [node(0.5, -1), node(0.5, 2)]})


# Two planners ---------------------------------------------------------------------------------------------------------


def test_the_same_border_moved_by_two_is_theirs_to_decide(desk: Desk, other_desk: Desk) -> None:
    desk.do("move_nodes", moves=[{"from": node(1, 1), "to": node(1.2, 1)}])
    stored = outlines(desk)
    with pytest.raises(EditConflict) as met:
        other_desk.do("move_nodes", moves=[{"from": node(1, 1), "to": node(1, 1.2)}])
    shown = met.value.extra["conflicts"]
    assert shown
    for item in shown:
        geometries = [str(item[side]["geometry"]) for side in ("base", "mine", "theirs")]
        assert len(set(geometries)) == 3, "each side is shown as it is"
    assert outlines(desk) == stored


def test_different_borders_of_one_zone_merge_by_themselves(desk: Desk, other_desk: Desk) -> None:
    middle = desk.ids[1]
    desk.do("move_nodes", moves=[{"from": node(1, 0), "to": node(1.2, 0)}])
    saved = other_desk.do("move_nodes", moves=[{"from": node(2, 1), "to": node(2, 1.3)}])
    assert saved["merged"] is True
    assert is_coverage(desk)
    ring = shape(Desk(desk.actor).zones[middle]["geometry"]).geoms[0].exterior.coords
    assert node(1.2, 0) in ring
    assert node(2, 1.3) in ring


def test_an_outline_and_an_attribute_of_one_zone_merge(desk: Desk, other_desk: Desk) -> None:
    zone = desk.ids[0]
    desk.do("attributes", zones=[zone], values={"remark": "taman"})
    other_desk.do("move_nodes", moves=[{"from": node(1, 1), "to": node(1.1, 1)}])
    assert Desk(desk.actor).zones[zone]["properties"]["remark"] == "taman"


def test_the_same_attribute_set_by_two_is_a_conflict(desk: Desk, other_desk: Desk) -> None:
    zone = desk.ids[0]
    desk.do("attributes", zones=[zone], values={"subzone_code": "K-1"})
    with pytest.raises(EditConflict) as met:
        other_desk.do("attributes", zones=[zone], values={"subzone_code": "RTH-2"})
    assert met.value.extra["conflicts"][0]["fields"] == ["subzone_code"]


def test_a_zone_that_was_merged_away_meanwhile(desk: Desk, other_desk: Desk) -> None:
    one, two, *_ = desk.ids
    desk.do("merge", zones=[one, two], keep=two)
    with pytest.raises(EditConflict):
        other_desk.do("move_nodes", moves=[{"from": node(0, 1), "to": node(0, 1.2)}], footprint="may_change")


def test_undo_does_not_undo_what_a_colleague_did_since(desk: Desk, other_desk: Desk) -> None:
    zone = desk.ids[0]
    desk.do("attributes", zones=[zone], values={"remark": "satu"})
    other_desk.load()
    other_desk.do("attributes", zones=[zone], values={"block": "II"})
    with pytest.raises(Conflict) as met:
        desk.undo()
    assert met.value.extra["zones"] == [zone]
    assert Desk(desk.actor).zones[zone]["properties"]["block"] == "II"


def test_what_a_colleague_did_is_seen(desk: Desk, other_desk: Desk) -> None:
    head = service.info(desk.actor, "rdtr", "id")["head"]
    gone = other_desk.ids[0]
    other_desk.do("merge", zones=other_desk.ids[:2], keep=other_desk.ids[1], comment="gabung")
    seen = service.changes_since(desk.actor, "rdtr", head)
    assert seen["removed"] == [gone]
    assert [(item["author"], item["comment"], item["mine"]) for item in seen["changesets"]] == [
        ("Budi", "gabung", False)
    ]
    assert service.history(desk.actor, "rdtr")[0]["zones"] == sorted([gone, other_desk.ids[0]])


# Changesets from elsewhere --------------------------------------------------------------------------------------------


def sent(item: dict[str, Any], **values: Any) -> service.Upsert:
    geometry = values.pop("geometry", None) or shape(item["geometry"])
    return service.Upsert(geometry, {**item["properties"], **values})


def test_zones_changed_elsewhere_are_stored(desk: Desk) -> None:
    one, two, *_ = desk.ids
    left, right = (
        shapely.transform(shape(desk.zones[zone]["geometry"]), _move(node(1, 0), node(1.1, 0))) for zone in (one, two)
    )
    saved = service.save(
        desk.actor,
        "rdtr",
        service.Request(uuid.uuid4(), desk.base),
        {one: sent(desk.zones[one], geometry=left), two: sent(desk.zones[two], geometry=right, block="II.A")},
        frozenset(),
    )
    assert len(saved["zones"]["features"]) == 2
    assert is_coverage(desk)


def test_a_border_moved_on_one_side_only_is_refused_with_its_place(desk: Desk) -> None:
    """It opens a gap that GEOS' check of a coverage does not see."""
    one = desk.ids[0]
    smaller = shapely.transform(shape(desk.zones[one]["geometry"]), _move(node(0, 0), node(0.1, 0.1)))
    with pytest.raises(EditError) as refused:
        service.save(
            desk.actor,
            "rdtr",
            service.Request(uuid.uuid4(), desk.base),
            {one: sent(desk.zones[one], geometry=smaller)},
            frozenset(),
        )
    assert refused.value.faults


def test_zones_without_their_base_are_refused(desk: Desk) -> None:
    with pytest.raises(Unprocessable) as refused:
        service.save(
            desk.actor,
            "rdtr",
            service.Request(uuid.uuid4(), {}),
            {desk.ids[0]: sent(desk.zones[desk.ids[0]])},
            frozenset(),
        )
    assert refused.value.field == "base"


def _move(start: tuple[float, float], end: tuple[float, float]) -> Any:
    def move(places: Any) -> Any:
        moved = places.copy()
        moved[(places == start).all(axis=1)] = end
        return moved

    return move


# The end of a draft ---------------------------------------------------------------------------------------------------


def test_a_discarded_draft_leaves_nothing(session: Session, desk: Desk) -> None:
    revisions = count(session, "zone_revision")
    desk.do("split", zone=desk.ids[0], line=[node(0.5, -1), node(0.5, 2)])
    desk.undo()
    service.discard(desk.actor, "rdtr")
    assert count(session, "zone_revision") == revisions
    assert count(session, "zone") == 6
    with pytest.raises(NotFound):
        service.info(desk.actor, "rdtr", "id")


def test_an_edited_draft_is_published(session: Session, desk: Desk) -> None:
    import datetime as dt

    desk.do("split", zone=desk.ids[0], line=[node(0.5, -1), node(0.5, 2)])
    published = editing.publish_version("rdtr", 2, valid_from=dt.date(2026, 1, 1))
    assert published.report.edge_matched
    with pytest.raises(NotFound):
        desk.do("attributes", zones=desk.ids[:1], values={"remark": "x"})


def test_an_imported_layer_can_be_edited(session: Session, tmp_path: Path, planner: Actor) -> None:
    from tests.factories.plans import import_zones, row_of_zones

    publish_zones(tmp_path)
    import_zones(tmp_path, row_of_zones(("K-1", "K-1", "RTH-2")))
    desk = Desk(planner)
    desk.do("move_nodes", moves=[{"from": node(1, 1), "to": node(1.1, 1)}], footprint="may_change")
    assert is_coverage(desk)
