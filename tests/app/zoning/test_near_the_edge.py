"""What the page says close to a border, or of a code that means several things: only what is true."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.factories.plans import publish_zones


def text_of(client: FlaskClient, lon: float, lat: float, more: str = "") -> str:
    """The answer page at a point, on one line."""
    return " ".join(client.get(f"/zoning?lon={lon}&lat={lat}&lang=id{more}").get_data(as_text=True).split())


@pytest.fixture
def row(session: Session, tmp_path: Path, client: FlaskClient) -> FlaskClient:
    """A client of a plan whose zones lie in a row from 117.48 to 117.483."""
    publish_zones(tmp_path)
    return client


def test_beside_another_zone_that_zone_is_named(row: FlaskClient) -> None:
    text = text_of(row, 117.48099, 0.1205)
    assert "Zona berikut berada dalam jarak itu: K-1 · Perdagangan dan Jasa (1,1 m)." in text


def test_at_the_edge_of_the_plan_no_list_is_promised(row: FlaskClient) -> None:
    text = text_of(row, 117.48001, 0.1205)
    assert "Tepi rencana berada dalam jarak itu." in text
    assert "Zona berikut" not in text


def test_the_summary_speaks_of_several_zones_only_where_they_meet(sample_client: FlaskClient) -> None:
    text = text_of(sample_client, 117.459065, 0.145299)
    assert "Dekat dengan batas zona" in text
    assert "Singkatnya" in text
    assert "Beberapa zona bertemu di sini" not in text, "the summary is of the zone that holds the point alone"


def test_of_a_code_that_means_several_things_none_is_marked_as_chosen(sample_client: FlaskClient) -> None:
    text = text_of(sample_client, 117.459193, 0.146627, "&use=56")
    assert "Kode ini mencakup beberapa kegiatan" in text
    chips = text.partition('<ul class="chips" aria-label="Kegiatan yang sering ditanyakan">')[2].partition("</ul>")[0]
    assert "Warung makan" in chips
    assert "aria-current" not in chips
