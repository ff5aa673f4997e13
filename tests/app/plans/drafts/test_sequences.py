"""Any sequence of what planners do leaves a coverage with the same footprint, and taking all of it back leaves nothing."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from typing import Any

import pytest
import shapely
from shapely.geometry import shape
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.errors import Conflict, Unprocessable
from app.plans.drafts import service
from gis.edit_errors import EditError
from tests.app.plans.drafts.conftest import Desk, node

EDITS = 50
CODES = ("R-2", "K-1", "RTH-2")


class Hand:
    """Somebody who clicks about. What is refused is one of the things that happen."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.random = random.Random(seed)
        self.done: Counter[str] = Counter()

    def act(self) -> None:
        kind = self.random.choice(
            ("move", "move", "insert", "delete", "split", "merge", "carve", "give", "recode", "undo", "redo", "repair")
        )
        try:
            getattr(self, kind)()
        except (EditError, Conflict, Unprocessable):
            self.done["refused"] += 1
        else:
            self.done[kind] += 1

    def move(self) -> None:
        lon, lat = self._node()
        to = (round(lon + self._step(), 8), round(lat + self._step(), 8))
        self.desk.do("move_nodes", moves=[{"from": (lon, lat), "to": to}])

    def insert(self) -> None:
        ring = self._ring()
        at = self.random.randrange(len(ring) - 1)
        self.desk.do("insert_node", edge=[ring[at], ring[at + 1]])

    def delete(self) -> None:
        self.desk.do("delete_node", node=self._node())

    def split(self) -> None:
        zone = self._zone()
        west, south, east, north = shape(self.desk.zones[zone]["geometry"]).bounds
        cut = self.random.uniform(0.2, 0.8)
        lon, lean = west + cut * (east - west), self._step()
        self.desk.do("split", zone=zone, line=[(lon, south - 1e-4), (lon + lean, north + 1e-4)])

    def merge(self) -> None:
        self.desk.do("merge", zones=self.random.sample(sorted(self.desk.zones), 2))

    def carve(self) -> None:
        self.desk.do("carve", polygon=self._box(), values={"subzone_code": self.random.choice(CODES), "block": "I"})

    def give(self) -> None:
        source, target = self.random.sample(sorted(self.desk.zones), 2)
        self.desk.do("give", polygon=self._box(), source=source, target=target)

    def recode(self) -> None:
        zones = self.random.sample(sorted(self.desk.zones), 2)
        self.desk.do("attributes", zones=zones, values={"subzone_code": self.random.choice(CODES)})

    def undo(self) -> None:
        self.desk.undo()

    def redo(self) -> None:
        self.desk.redo()

    def repair(self) -> None:
        found = [item for item in service.findings(self.desk.actor, "rdtr")["findings"] if item["repair"]]
        if not found:
            raise Conflict("nothing to repair")
        finding = self.random.choice(found)
        self.desk.take(service.repair(self.desk.actor, "rdtr", uuid.uuid4(), finding["id"]))

    def _zone(self) -> int:
        return self.random.choice(sorted(self.desk.zones))

    def _ring(self) -> list[Any]:
        ring: list[Any] = self.random.choice(
            self.random.choice(self.desk.zones[self._zone()]["geometry"]["coordinates"])
        )
        return ring

    def _node(self) -> tuple[float, float]:
        lon, lat = self.random.choice(self._ring())
        return lon, lat

    def _step(self) -> float:
        return self.random.uniform(-3e-4, 3e-4)

    def _box(self) -> list[list[tuple[float, float]]]:
        column, row = self.random.uniform(-0.2, 2.8), self.random.uniform(-0.2, 1.8)
        east, north = column + self.random.uniform(0.1, 1), row + self.random.uniform(0.1, 1)
        corners = [node(column, row), node(east, row), node(east, north), node(column, north)]
        return [[*corners, corners[0]]]


def stored(desk: Desk) -> dict[int, tuple[bytes, Any]]:
    """Every zone as it is stored: its outline bit by bit, and what it says."""
    return {
        zone: (shapely.to_wkb(shape(item["geometry"])), item["properties"])
        for zone, item in Desk(desk.actor).zones.items()
    }


@pytest.mark.parametrize("seed", range(4))
def test_fifty_random_edits_and_all_of_them_undone(session: Session, desk: Desk, seed: int) -> None:
    before = stored(desk)
    begun = shapely.union_all([shape(item["geometry"]) for item in desk.zones.values()])
    hand = Hand(desk, seed)
    for _ in range(EDITS):
        hand.act()
    outlines = [shape(item["geometry"]) for item in Desk(desk.actor).zones.values()]
    assert hand.desk.zones == Desk(desk.actor).zones, "the editor knows what is stored"
    assert shapely.is_valid(outlines).all()
    assert shapely.coverage_is_valid(outlines)
    # Nodes put into the outer border are rounded to a millimetre.
    differing = shapely.symmetric_difference(shapely.union_all(outlines), begun)
    assert shapely.is_empty(shapely.buffer(differing, -2e-8))
    assert not service.findings(desk.actor, "rdtr")["blocks"]
    assert sum(hand.done.values()) - hand.done["refused"] >= 15, hand.done
    while service.info(desk.actor, "rdtr", "id")["undo"]:
        desk.undo()
    assert stored(desk) == before
    assert session.execute(text("SELECT count(*) FROM zone_lineage")).scalar_one() == 0
