"""What lies around a point, in words: a road next door says less than what lies across it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.zoning import service
from tests.factories.plans import RULES, feature, publish_zones, square, write_rules

# The point asked about: in the middle of the first square of the row.
LON, LAT = 117.4805, 0.1205


@pytest.fixture
def around(session: Session, tmp_path: Path) -> dict[str, dict[str, Any]]:
    """Around a home: to the east a road with shops behind it, to the north a road and nothing behind, to the south a park."""
    listed = RULES["subzones.csv"] + "BJ,32010000,Badan Jalan,Badan Jalan,budi daya,#eb1e1e,true\n"
    write_rules(tmp_path, subzones=listed)
    zones = [
        feature(square(0, 0), "R-2"),
        feature(square(1, 0, 0.1), "BJ"),
        feature(square(1.1, 0, 0.9), "K-1"),
        feature(square(0, 1, 1, 0.1), "BJ"),
        feature(square(0, -1), "RTH-2"),
    ]
    outcome = publish_zones(tmp_path, zones, rules=False)
    assert outcome.zones == len(zones)
    return {item["direction"]: item for item in service.surroundings(LON, LAT)}


def test_the_zone_across_the_road_is_named(around: dict[str, dict[str, Any]]) -> None:
    assert around["east"]["subzone"]["code"] == "K-1"
    assert around["east"]["across_road"] is True
    assert around["east"]["distance_m"] == pytest.approx(66.8, abs=0.7)


def test_the_road_is_named_where_nothing_else_is_near(around: dict[str, dict[str, Any]]) -> None:
    assert (around["north"]["subzone"]["code"], around["north"]["across_road"]) == ("BJ", False)


def test_a_neighbour_without_a_road_between(around: dict[str, dict[str, Any]]) -> None:
    assert (around["south"]["subzone"]["code"], around["south"]["across_road"]) == ("RTH-2", False)
    assert "west" not in around


def test_the_page_says_across_the_road(around: dict[str, dict[str, Any]], client: FlaskClient) -> None:
    page = " ".join(client.get(f"/zoning?lon={LON}&lat={LAT}&lang=id").get_data(as_text=True).split())
    assert "di seberang jalan, mulai 67 m" in page
