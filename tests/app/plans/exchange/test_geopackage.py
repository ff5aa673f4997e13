"""A draft to QGIS and back: what was edited, split, merged, deleted, and what others did meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import fiona
import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts.roles import Actor
from app.errors import Conflict, Forbidden, NotFound, Unprocessable
from app.plans.drafts import queries
from app.plans.exchange import service
from app.plans.exchange.base import manifest_at, open_draft
from gis.errors import GisError
from tests.app.plans.drafts.conftest import Desk, actor, node
from tests.app.plans.exchange.conftest import DoneHere, Qgis, box

Download = Callable[[], Qgis]


def states(session: Session) -> dict[int, tuple[bytes, dict[str, object]]]:
    """Every zone of the draft, bit by bit."""
    version = open_draft(session, "rdtr").version.id
    return {
        zone: (shapely.to_wkb(item.state.geometry), dict(item.state.attributes))
        for zone, item in queries.all_zones(session, version).items()
    }


def test_the_file_holds_zones_code_list_and_colours(qgis: Qgis, desk: Desk) -> None:
    assert set(fiona.listlayers(qgis.path)) >= {"zones", "subzones"}
    values = qgis.features[0][1]
    assert values["zone_id"] == desk.ids[0]
    assert values["base_revision_id"] == desk.base[desk.ids[0]]
    assert {"subzone_code", "block", "KRB_03", "RDBUMI", "base_changeset_id"} <= set(qgis.columns)
    with fiona.open(qgis.path, layer="subzones") as layer:
        assert {item.properties["code"] for item in layer} == {"R-2", "K-1", "RTH-2"}
    with closing(sqlite3.connect(qgis.path)) as database:
        name, style, default = database.execute(
            "SELECT f_table_name, styleQML, useAsDefault FROM layer_styles"
        ).fetchone()
    assert (name, default) == ("zones", 1)
    root = ElementTree.fromstring(style.removeprefix("<!DOCTYPE qgis>"))  # noqa: S314 - our own text
    assert {item.get("value") for item in root.iter("category")} == {"R-2", "K-1", "RTH-2"}
    assert "255,220,0,190" in style


def test_sent_back_untouched_it_changes_nothing(qgis: Qgis) -> None:
    report = qgis.compare()
    assert report["rows"] == []
    assert report["counts"]["unchanged"] == 6
    assert not report["can_be_taken"]
    with pytest.raises(Unprocessable):
        qgis.take(report)


def test_recoded_and_redescribed(qgis: Qgis, desk: Desk, session: Session) -> None:
    zone = desk.ids[0]
    qgis.recode(zone, subzone_code="K-1", KRB_03="Banjir", legal_area_ha=1.5)
    report = qgis.compare()
    assert [(row["zone"], row["what"], row["code_after"]) for row in report["rows"]] == [
        (zone, ["recoded", "attributes"], "K-1")
    ]
    saved = qgis.take(report)
    desk.load()
    properties = desk.zones[zone]["properties"]
    assert (properties["subzone_code"], properties["overlays"]["KRB_03"], properties["legal_area_ha"]) == (
        "K-1", "Banjir", 1.5,
    )  # fmt: skip
    kind = session.execute(text("SELECT kind FROM changeset WHERE id = :id"), {"id": saved["changeset"]}).scalar()
    assert kind == "exchange"


def test_a_split_is_recognised_and_its_neighbour_gets_the_node(qgis: Qgis, desk: Desk, session: Session) -> None:
    zone = desk.ids[1]
    qgis.split(zone, box(1, 0, 0.6), box(1.6, 0, 0.4), subzone_code="RTH-2")
    report = qgis.compare()
    assert report["counts"]["split"] == 1
    assert report["faults"] == []
    qgis.take(report)
    lineage = session.execute(text("SELECT parent_zone_id, kind FROM zone_lineage")).all()
    assert [tuple(row) for row in lineage] == [(zone, "split")]
    desk.load()
    assert len(desk.zones) == 7
    assert len(desk.zones[desk.ids[4]]["geometry"]["coordinates"][0][0]) == 6


def test_a_merge_is_recognised(qgis: Qgis, desk: Desk, session: Session) -> None:
    first, second = desk.ids[:2]
    qgis.redraw(first, box(0, 0, 2))
    qgis.remove(second)
    report = qgis.compare()
    assert {(row["zone"], tuple(row["what"])) for row in report["rows"]} >= {
        (first, ("merged", "reshaped")),
        (second, ("removed",)),
    }
    qgis.take(report)
    lineage = session.execute(text("SELECT parent_zone_id, child_zone_id, kind FROM zone_lineage")).all()
    assert [tuple(row) for row in lineage] == [(second, first, "merge")]


def test_a_border_moved_on_one_side_is_repaired_as_the_planner_sees(qgis: Qgis, desk: Desk) -> None:
    first, second = desk.ids[:2]
    qgis.redraw(first, box(0, 0, 0.9))
    report = qgis.compare()
    assert [(item["kind"], item["target"]) for item in report["repairs"]] == [("gap", second)]
    assert {row["zone"] for row in report["rows"]} >= {first, second}
    qgis.take(report)
    desk.load()
    assert desk.zones[second]["properties"]["area_m2"] == pytest.approx(1.1 * 12_330, rel=0.01)


def test_undone_the_draft_is_as_it_was_bit_by_bit(qgis: Qgis, desk: Desk, session: Session) -> None:
    before = states(session)
    qgis.split(desk.ids[1], box(1, 0, 0.6), box(1.6, 0, 0.4))
    qgis.recode(desk.ids[3], block="II.B.2")
    qgis.take(qgis.compare())
    assert states(session) != before
    desk.undo()
    assert states(session) == before
    assert session.execute(text("SELECT count(*) FROM zone_lineage")).scalar() == 0


def test_what_others_did_meanwhile_is_kept(qgis: Qgis, desk: Desk, other_desk: Desk) -> None:
    theirs, mine = desk.ids[5], desk.ids[0]
    other_desk.do("attributes", zones=[theirs], values={"block": "III.C.3"})
    other_desk.do("attributes", zones=[mine], values={"remark": "dicek"})
    qgis.recode(mine, subzone_code="K-1")
    report = qgis.compare()
    assert report["conflicts"] == []
    assert [row["zone"] for row in report["rows"]] == [mine]
    qgis.take(report)
    desk.load()
    assert desk.zones[theirs]["properties"]["block"] == "III.C.3"
    properties = desk.zones[mine]["properties"]
    assert (properties["subzone_code"], properties["remark"]) == ("K-1", "dicek")


def test_the_same_attribute_changed_twice_stays_theirs(qgis: Qgis, desk: Desk, other_desk: Desk) -> None:
    zone, free = desk.ids[0], desk.ids[5]
    other_desk.do("attributes", zones=[zone], values={"subzone_code": "RTH-2"})
    qgis.recode(zone, subzone_code="K-1")
    qgis.recode(free, block="IX")
    report = qgis.compare()
    assert [(item["kind"], item["zones"]) for item in report["conflicts"]] == [("attributes", (zone,))]
    qgis.take(report)
    desk.load()
    assert desk.zones[zone]["properties"]["subzone_code"] == "RTH-2"
    assert desk.zones[free]["properties"]["block"] == "IX"


def test_the_same_border_moved_twice_waits(qgis: Qgis, desk: Desk, other_desk: Desk) -> None:
    first, second, free = desk.ids[0], desk.ids[1], desk.ids[5]
    other_desk.do("move_nodes", moves=[{"from": node(1, 0), "to": node(1.2, 0)}], footprint="may_change")
    qgis.redraw(first, box(0, 0, 0.8))
    qgis.redraw(second, box(0.8, 0, 1.2))
    qgis.recode(free, block="IX")
    report = qgis.compare()
    assert report["conflicts"]
    assert {first, second} <= set(report["held"])
    before = desk_geometry(other_desk, first)
    qgis.take(report)
    desk.load()
    assert desk_geometry(desk, first) == before
    assert desk.zones[free]["properties"]["block"] == "IX"


def desk_geometry(desk: Desk, zone: int) -> object:
    return desk.zones[zone]["geometry"]["coordinates"]


def test_a_comparison_that_is_out_of_date_is_not_taken(qgis: Qgis, desk: Desk, other_desk: Desk) -> None:
    zone = desk.ids[0]
    qgis.recode(zone, subzone_code="K-1")
    report = qgis.compare()
    other_desk.do("attributes", zones=[zone], values={"block": "III.C.3"})
    with pytest.raises(Conflict):
        qgis.take(report)
    desk.load()
    assert desk.zones[zone]["properties"]["subzone_code"] == "R-2"


def test_the_base_is_what_the_draft_held_when_the_file_went_out(
    desk: Desk, download: Download, session: Session
) -> None:
    version = open_draft(session, "rdtr").version.id
    began = manifest_at(session, version, 0)
    desk.do("split", zone=desk.ids[0], line=[node(0.5, -0.5), node(0.5, 1.5)])
    file = download()
    desk.do("merge", zones=[desk.ids[1], desk.ids[2]])
    desk.undo()
    desk.do("attributes", zones=[desk.ids[3]], values={"block": "V"})
    head = file.features[0][1]["base_changeset_id"]
    base = manifest_at(session, version, head)
    assert {zone: revision for zone, (revision, _) in base.items()} == {
        values["zone_id"]: values["base_revision_id"] for _, values in file.features
    }
    assert manifest_at(session, version, 0).keys() == began.keys()
    assert file.compare()["rows"] == []


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"subzone_code": "XX-9"}, "XX-9"),
        ({"block": "x" * 200}, "40"),
        ({"legal_area_ha": -1.0}, "hektare"),
        ({"base_revision_id": 1}, ""),
    ],
)
def test_a_value_that_cannot_be_is_named_with_its_feature(
    qgis: Qgis, desk: Desk, values: dict[str, object], refused: str
) -> None:
    qgis.recode(desk.ids[2], **values)
    report = qgis.compare()
    assert [item["number"] for item in report["refusals"]] == [3]
    assert refused in report["refusals"][0]["message"] or not refused
    assert not report["can_be_taken"]


def test_a_self_crossing_outline_is_refused_with_its_place(qgis: Qgis, desk: Desk) -> None:
    west, south = node(0, 0)
    bow = shapely.Polygon([(west, south), (west + 0.001, south + 0.001), (west + 0.001, south), (west, south + 0.001)])
    qgis.redraw(desk.ids[0], shapely.MultiPolygon([bow]))
    report = qgis.compare()
    assert report["refusals"][0]["lon"] == pytest.approx(west + 0.0005)


def test_zones_of_another_plan_are_named(qgis: Qgis) -> None:
    qgis.add(box(0, 0), zone_id=987_654, subzone_code="R-2")
    report = qgis.compare()
    assert report["unknown"] == (987_654,)
    assert not report["can_be_taken"]


def test_a_file_of_another_draft_is_refused(qgis: Qgis) -> None:
    qgis.features = [(outline, {**values, "base_changeset_id": 2**40}) for outline, values in qgis.features]
    with pytest.raises(Conflict):
        qgis.compare()


def test_a_file_that_never_went_out_is_refused(qgis: Qgis, planner: Actor, tmp_path: Path) -> None:
    qgis.columns.pop("base_changeset_id")
    with pytest.raises(Unprocessable):
        qgis.compare()
    bad = tmp_path / "bad.gpkg"
    bad.write_bytes(b"SQLite format 3\0" + b"nothing" * 50)
    qgis.save = lambda: bad  # type: ignore[method-assign]
    with pytest.raises(GisError):
        qgis.compare()


def test_the_draft_is_no_ones_but_the_planners(qgis: Qgis, session: Session, tmp_path: Path) -> None:
    officer = actor(session, "officer", email="officer@example.org")
    with pytest.raises(Forbidden):
        service.export(officer, "rdtr", tmp_path / "x.gpkg")
    approver = actor(session, "approver", email="approver@example.org")
    service.export(approver, "rdtr", tmp_path / "x.gpkg")
    with pytest.raises(Forbidden):
        service.submit(approver, "rdtr", None, "keep")  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        service.export(approver, "rtrw", tmp_path / "x.gpkg")


def test_progress_only_grows(qgis: Qgis, planner: Actor) -> None:
    from app.plans.exchange.jobs import COMPARISON, Comparing

    run = DoneHere(planner, qgis.save())
    COMPARISON.work(run, Comparing(plan="rdtr"))
    assert run.steps == sorted(run.steps)
    assert len(run.steps) >= 4
