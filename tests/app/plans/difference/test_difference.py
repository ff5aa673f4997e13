"""What differs between two versions is told in zones, land, hectares, rules, green space and parcels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from geoalchemy2.shape import from_shape
from shapely.geometry import shape
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts.roles import Actor
from app.places.models import Parcel
from app.plans import editing
from app.plans.difference import affected
from app.plans.difference.green_space import share
from tests.app.plans.difference.conftest import Ask, Desk, actor
from tests.factories.plans import RULES, square, write_rules

DIFF = "/api/v1/plans/rdtr/diff"
# One square of the grid, in m2 of the plan's plane, as PostGIS measures it too.
SQUARE_M2 = pytest.approx(12_300, rel=0.02)


def ids(changes: list[dict[str, Any]]) -> list[int]:
    return [change["zone_id"] for change in changes]


def test_each_kind_of_change_is_in_its_list(desk: Desk, publish: Callable[[], None], ask: Ask) -> None:
    first, second, third, fourth, fifth, sixth = desk.ids
    desk.do("attributes", zones=[first], values={"subzone_code": "K-1"}, comment="Pasar lama menjadi toko")
    desk.do("attributes", zones=[third], values={"block": "II.B"})
    half = square(1, 1, 0.5, 1)
    desk.do("give", polygon=half, source=fifth, target=fourth)
    desk.do("merge", zones=[sixth, third], keep=third)
    publish()
    answer = ask(f"{DIFF}?from=1&to=2")
    assert (ids(answer["added"]), ids(answer["removed"])) == ([], [sixth])
    # The cut's new node on the outer border and the one on the neighbour's border belong to the reshaped zones too.
    assert {third, fourth, fifth} <= set(ids(answer["reshaped"])) <= {second, third, fourth, fifth}
    assert ids(answer["recoded"]) == [first]
    assert ids(answer["edited"]) == []
    (recoded,) = answer["recoded"]
    assert (recoded["old"]["subzone_code"], recoded["new"]["subzone_code"]) == ("R-2", "K-1")
    assert recoded["changed"] == ["subzone_code"]
    assert answer["lineage"] == [{"seq": 2, "parent": sixth, "child": third, "kind": "merge"}]
    moved = {(row["from_zone"], row["to_zone"]): row for row in answer["transfers"]}
    assert set(moved) == {(first, first), (fifth, fourth), (sixth, third)}
    given = shape(moved[fifth, fourth]["geometry"])
    assert given.symmetric_difference(shapely.Polygon(half[0])).area < 1e-12
    hectares = {(row["from_code"], row["to_code"]): row["area_m2"] for row in answer["transitions"]}
    assert hectares == {
        ("R-2", "K-1"): SQUARE_M2,
        ("RTH-2", "K-1"): pytest.approx(6_150, rel=0.02),
        ("R-2", "RTH-2"): SQUARE_M2,
    }
    assert answer["summary"]["changed_m2"] == pytest.approx(sum(hectares.values()), abs=0.5)
    assert [reason["text"] for reason in answer["reasons"]] == ["Pasar lama menjadi toko"]


def test_areas_per_subzone_add_up_to_the_hectares_that_move(desk: Desk, publish: Callable[[], None], ask: Ask) -> None:
    desk.do("give", polygon=square(0.5, 0, 0.5, 1), source=desk.ids[0], target=desk.ids[1])
    desk.do("attributes", zones=[desk.ids[4]], values={"subzone_code": "R-2"})
    publish()
    answer = ask(f"{DIFF}?from=1&to=2")
    for row in answer["subzones"]:
        gained = sum(item["area_m2"] for item in answer["transitions"] if item["to_code"] == row["code"])
        lost = sum(item["area_m2"] for item in answer["transitions"] if item["from_code"] == row["code"])
        assert row["after_m2"] - row["before_m2"] == pytest.approx(gained - lost, abs=1)


def test_hectares_are_what_postgis_says(desk: Desk, publish: Callable[[], None], ask: Ask, session: Session) -> None:
    desk.do("move_nodes", moves=[{"from": (117.481, 0.121), "to": (117.4813, 0.1207)}])
    desk.do("attributes", zones=[desk.ids[0]], values={"subzone_code": "RTH-2"})
    publish()
    truth = session.execute(
        text(
            """
            WITH zone AS (
                SELECT version.seq, revision.subzone_code AS code,
                       ST_Transform(revision.geom, '+proj=longlat +ellps=GRS80 +no_defs',
                                    '+proj=utm +zone=50 +ellps=GRS80 +units=m +no_defs') AS geom
                FROM version_zone manifest JOIN plan_version version ON version.id = manifest.version_id
                JOIN zone_revision revision ON revision.id = manifest.revision_id
            )
            SELECT old.code, new.code, sum(ST_Area(ST_Intersection(old.geom, new.geom)))
            FROM zone old JOIN zone new ON new.seq = 2 AND old.seq = 1 AND ST_Intersects(old.geom, new.geom)
            WHERE old.code <> new.code GROUP BY 1, 2 HAVING sum(ST_Area(ST_Intersection(old.geom, new.geom))) > 1
            """
        )
    ).all()
    found = {(row["from_code"], row["to_code"]): row["area_m2"] for row in ask(f"{DIFF}?from=1&to=2")["transitions"]}
    assert found == {(old, new): pytest.approx(area, abs=0.5) for old, new, area in truth}


def test_a_draft_is_compared_for_planners_and_approvers_only(desk: Desk, ask: Ask, session: Session) -> None:
    desk.do("attributes", zones=[desk.ids[0]], values={"subzone_code": "K-1"})
    assert ask(f"{DIFF}?to=draft", status=401)["status"] == 401
    ask(f"{DIFF}?to=draft", actor(session, "resident", email="r@example.org"), status=403)
    for role in ("planner", "approver"):
        answer = ask(f"{DIFF}?to=draft", actor(session, role, email=f"{role}-2@example.org"))
        assert (answer["from"]["seq"], answer["to"]["state"], answer["summary"]["recoded"]) == (1, "draft", 1)
    # The public sees nothing of it by its number either.
    ask(f"{DIFF}?from=1&to=2", status=404)


def test_a_draft_is_compared_as_it_is_now(desk: Desk, ask: Ask, planner: Actor) -> None:
    for number, zone in enumerate(desk.ids[:2], start=1):
        desk.do("attributes", zones=[zone], values={"block": f"new {number}"})
        assert ask(f"{DIFF}?to=draft", planner)["summary"]["edited"] == number
    desk.undo()
    assert ask(f"{DIFF}?to=draft", planner)["summary"]["edited"] == 1


def test_what_is_not_there_or_no_version_is_refused(desk: Desk, ask: Ask) -> None:
    assert ask(f"{DIFF}?from=1&to=7", status=404)["field"] == "to"
    assert ask(f"{DIFF}?from=yesterday", status=422)["field"] == "from"
    assert ask("/api/v1/plans/nowhere/diff", status=404)["field"] == "code"
    assert ask(f"{DIFF}?geometry=maybe", status=422)["field"] == "geometry"


def test_a_version_does_not_differ_from_itself(desk: Desk, ask: Ask) -> None:
    answer = ask(f"{DIFF}?from=1&to=1")
    assert answer["summary"] == {
        "added": 0, "removed": 0, "reshaped": 0, "recoded": 0, "edited": 0, "changed_m2": 0, "rules": 0,
    }  # fmt: skip
    assert answer["transitions"] == answer["transfers"] == []


def test_without_numbers_the_newest_is_compared_with_the_one_before(
    desk: Desk, publish: Callable[[], None], ask: Ask
) -> None:
    desk.do("attributes", zones=[desk.ids[0]], values={"block": "II"})
    publish()
    answer = ask(DIFF)
    assert (answer["from"]["seq"], answer["to"]["seq"]) == (1, 2)


def test_rules_that_differ_are_listed_old_and_new(desk: Desk, ask: Ask, planner: Actor, tmp_path: Path) -> None:
    changed = {
        "itbx": RULES["itbx.csv"].replace("warung,T1,I,X", "warung,I,I,X"),
        "intensity": RULES["intensity.csv"].replace("arteri,,,,60", "arteri,,,,50"),
        "overlays": RULES["overlays.csv"].replace("Lantai dinaikkan", "Lantai dinaikkan 60 cm"),
        "articles": RULES["articles.csv"] + "Pasal contoh 9,Baru,Isi\n",
        "subzones": RULES["subzones.csv"].replace("Taman Kota,Ruang", "Taman Kota Baru,Ruang"),
        "conditions": RULES["conditions.csv"].replace("40 m2", "60 m2"),
    }
    editing.load_rules("rdtr", 2, write_rules(tmp_path, **changed))
    rules = ask(f"{DIFF}?to=draft", planner)["rules"]
    (use,) = rules["uses"]
    assert (use["activity_id"], use["subzone_code"], rules["uses_total"]) == ("warung", "R-2", 1)
    assert (use["old"]["verdict"], use["old"]["conditions"]) == ("limited", ["T1"])
    assert (use["new"]["verdict"], use["new"]["cell"]) == ("allowed", "I")
    (row,) = rules["intensity"]
    assert (row["road_class"], row["old"]["kdb_max_pct"], row["new"]["kdb_max_pct"]) == ("arteri", 60, 50)
    assert [item["kind"] for item in rules["overlays"]] == ["KRB_03"]
    (article,) = rules["articles"]
    assert (article["number"], article["old"], article["new"]["title"]) == ("Pasal contoh 9", None, "Baru")
    assert [item["code"] for item in rules["subzones"]] == ["RTH-2"]
    assert [item["code"] for item in rules["conditions"]] == ["T1"]
    assert ask(f"{DIFF}?to=draft", planner)["summary"]["rules"] == 6


def test_green_space_is_held_against_the_law_and_what_is_not_stated_stays_open(
    desk: Desk, ask: Ask, planner: Actor
) -> None:
    desk.do("attributes", zones=[desk.ids[2]], values={"subzone_code": "R-2"})
    green = ask(f"{DIFF}?to=draft", planner)["green_space"]
    assert (green["least_green_pct"], green["least_public_pct"]) == (30, 20)
    assert green["before"]["green_pct"] == pytest.approx(100 / 3, abs=0.1)
    assert green["after"]["green_pct"] == pytest.approx(100 / 6, abs=0.1)
    assert green["after"]["public_pct"] == green["after"]["green_pct"]
    assert green["after"]["private_m2"] is None
    (listed,) = green["subzones"]
    assert listed["ownership"] == "public"
    assert "29" in listed["source"]


def test_green_space_of_unstated_ownership_is_neither_public_nor_private() -> None:
    found = share({"RTH-4": 10.0, "RTH-2": 20.0, "EM": 30.0, "R-2": 40.0})
    assert (found.green_m2, found.public_m2, found.open_m2, found.undecided_m2) == (30, 20, 10, 30)
    assert found.pct(found.green_m2) == 30
    assert share({}).pct(0.0) is None


@pytest.fixture
def parcels(session: Session) -> None:
    """A parcel in the middle of each square, and one across the border of the first two."""
    for number in range(6):
        column, row = number % 3, number // 3
        outline = shapely.Polygon(square(column + 0.4, row + 0.4, 0.2, 0.2)[0])
        session.add(Parcel(nib=f"9900{number}", geom=from_shape(outline, srid=4326)))
    session.add(Parcel(nib="99009", geom=from_shape(shapely.Polygon(square(0.9, 0.1, 0.2, 0.2)[0]), srid=4326)))
    session.flush()


@pytest.mark.usefixtures("parcels")
def test_parcels_on_changed_land_are_counted_for_all_and_listed_for_planners(
    desk: Desk, publish: Callable[[], None], ask: Ask, planner: Actor
) -> None:
    desk.do("attributes", zones=[desk.ids[0]], values={"subzone_code": "RTH-2"})
    publish()
    seen = ask(f"{DIFF}?from=1&to=2", planner)["affected"][0]
    (open_answer,) = [item for item in ask(f"{DIFF}?from=1&to=2")["affected"] if item["kind"] == "parcels"]
    assert (open_answer["count"], open_answer["listed"]) == (2, None)
    assert [row["label"] for row in seen["listed"]] == ["99000", "99009"]
    assert seen["listed"][1]["changed_m2"] == pytest.approx(seen["listed"][1]["area_m2"] / 2, rel=0.01)
    assert (seen["listed"][0]["from_code"], seen["listed"][0]["to_code"]) == ("R-2", "RTH-2")


@pytest.mark.usefixtures("parcels")
def test_land_that_only_changes_its_zone_affects_no_parcel(desk: Desk, ask: Ask, planner: Actor) -> None:
    desk.do("attributes", zones=desk.ids, values={"remark": "looked at"})
    assert ask(f"{DIFF}?to=draft", planner)["affected"][0]["count"] == 0


def test_what_nobody_keeps_is_not_recorded_and_a_part_that_does_is_asked(
    desk: Desk, ask: Ask, planner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.do("attributes", zones=[desk.ids[0]], values={"subzone_code": "RTH-2"})
    kinds = {item["kind"]: item for item in ask(f"{DIFF}?to=draft", planner)["affected"]}
    assert kinds["documents"] == {"kind": "documents", "recorded": False, "count": None, "listed": None}
    monkeypatch.setattr(affected, "_finders", dict(affected._finders))
    affected.register("documents", lambda land, metric: affected.Affected("documents", len(land), ()))
    kinds = {item["kind"]: item for item in ask(f"{DIFF}?to=draft", planner)["affected"]}
    assert (kinds["documents"]["recorded"], kinds["documents"]["count"]) == (True, 1)
