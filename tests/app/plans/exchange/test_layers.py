"""A whole new layer: checked, repaired as far as the planner accepts, and in the draft with its identities."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts.roles import Actor
from app.errors import Conflict, Unprocessable
from app.plans.drafts import service as drafts
from app.plans.exchange.layer_jobs import CHECK, TAKING, CheckingLayer, TakingLayer
from gis.errors import GisError
from tests.app.plans.drafts.conftest import Desk
from tests.app.plans.exchange.conftest import DoneHere
from tests.app.plans.exchange.test_geopackage import states
from tests.factories.plans import feature, publish_zones, row_of_zones, square, write_layer

REFERENCE = "Perwali contoh 3"


def check(actor: Actor, path: Path, **arguments: Any) -> dict[str, Any]:
    return CHECK.work(DoneHere(actor, path), CheckingLayer(plan="rdtr", legal_reference=REFERENCE, **arguments))


def take(actor: Actor, path: Path, **arguments: Any) -> dict[str, Any]:
    taking = TakingLayer(plan="rdtr", legal_reference=REFERENCE, check=uuid.uuid4(), **arguments)
    return TAKING.work(DoneHere(actor, path), taking)


def test_a_check_keeps_nothing(desk: Desk, planner: Actor, session: Session, tmp_path: Path) -> None:
    before = states(session)
    broken = [feature(square(0, 0, 1.2)), feature(square(1, 0), "K-1"), feature(None, kind="Polygon", NAMOBJ="empty")]
    report = check(planner, write_layer(tmp_path, broken))
    assert (report["read"], report["zones"], report["refused"], report["overlaps"]) == (3, 2, 1, 1)
    assert report["replaces"]
    assert {item["kind"] for item in report["findings"]} >= {"refused", "overlap", "repair"}
    assert states(session) == before


def test_what_was_not_accepted_is_not_taken(desk: Desk, planner: Actor, session: Session, tmp_path: Path) -> None:
    before = states(session)
    path = write_layer(tmp_path, [*row_of_zones(), feature(None, kind="Polygon")])
    with pytest.raises(Conflict):
        take(planner, path, accept_refusals=True)
    with pytest.raises(Unprocessable):
        take(planner, path, replaces=True)
    assert states(session) == before


def test_it_replaces_the_draft_keeps_identities_and_can_be_undone(
    desk: Desk, planner: Actor, session: Session, tmp_path: Path
) -> None:
    before = states(session)
    same, grown, gone = desk.ids[0], desk.ids[1], desk.ids[2]
    layer = [feature(square(0, 0), "R-2"), feature(square(1, 0, 1.3), "K-1"), feature(square(2.3, 0, 0.2), "R-2")]
    layer += [feature(square(column, 1), code) for column, code in enumerate(("K-1", "RTH-2", "R-2"))]
    taken = take(planner, write_layer(tmp_path, layer), replaces=True)
    assert taken["zones"] == 6
    after = states(session)
    assert after[same] == before[same]
    assert after[grown][0] != before[grown][0]
    assert gone not in after
    lineage = {tuple(row) for row in session.execute(text("SELECT parent_zone_id, kind FROM zone_lineage"))}
    assert lineage == {(gone, "carve"), (gone, "merge")}
    drafts.undo(planner, "rdtr", uuid.uuid4())
    assert states(session) == before


def test_it_becomes_the_draft_where_none_is_open(session: Session, planner: Actor, tmp_path: Path) -> None:
    publish_zones(tmp_path)
    path = write_layer(tmp_path, [feature(square(0, 0)), feature(square(1, 0), "XX-1")])
    report = check(planner, path)
    assert not report["replaces"]
    assert report["local_codes"] == 1
    versions = text("SELECT count(*) FROM plan_version")
    assert session.execute(versions).scalar() == 1
    assert take(planner, path)["seq"] == 2
    assert session.execute(versions).scalar() == 2
    draft = drafts.info(planner, "rdtr", "id")
    assert (draft["zones"], draft["legal_reference"]) == (2, REFERENCE)


def test_a_repair_is_taken_only_as_accepted(desk: Desk, planner: Actor, session: Session, tmp_path: Path) -> None:
    layer = write_layer(tmp_path, [feature(square(0, 0, 1.2)), feature(square(1, 0), "K-1")])
    take(planner, layer, replaces=True)
    overlapping = sum(item["properties"]["area_m2"] for item in loaded(desk))
    drafts.undo(planner, "rdtr", uuid.uuid4())
    take(planner, layer, replaces=True, accept_repairs=True)
    assert sum(item["properties"]["area_m2"] for item in loaded(desk)) < overlapping - 2_000


def loaded(desk: Desk) -> list[dict[str, Any]]:
    desk.load()
    return list(desk.zones.values())


def test_a_file_that_is_none(desk: Desk, planner: Actor, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(b"PK nothing")
    with pytest.raises(GisError):
        check(planner, path)
