"""The page with every activity of a sub-zone: what a condition means is said once, before those that it is tied to."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from app.zoning.views import terms_of


def test_each_condition_stands_once_in_its_section(sample_client: FlaskClient) -> None:
    uses = sample_client.get("/api/v1/plans/rdtr/versions/2/subzones/R-3/uses").get_json()["uses"]
    page = sample_client.get("/plans/rdtr/versions/2/subzones/R-3?lang=id").get_data(as_text=True)
    limited = [use for use in uses if use["verdict"] == "limited"]
    section = page.partition('<section class="panel" aria-labelledby="limited">')[2].partition("</section>")[0]
    terms = terms_of(limited)
    assert len(terms) > 1
    for term in terms:
        assert section.count(f"<strong>{term['code']}</strong>") == 1
    for use in limited:
        codes = ", ".join(condition["code"] for condition in use["conditions"])
        assert f": {codes}</li>" in section


def test_every_link_inside_the_page_leads_somewhere(sample_client: FlaskClient) -> None:
    page = sample_client.get("/plans/rdtr/versions/2/subzones/R-3").get_data(as_text=True)
    wanted = set(re.findall(r'href="#([^"]+)"', page))
    assert wanted <= set(re.findall(r'\bid="([^"]+)"', page))


def test_the_road_and_lot_are_asked_only_where_they_matter(sample_client: FlaskClient) -> None:
    home = sample_client.get("/zoning?lon=117.459193&lat=0.146627").get_data(as_text=True)
    mangrove = "/zoning?lon=117.507426&lat=0.060245"
    assert 'name="lot_m2"' in home
    assert 'id="lot_m2"' not in sample_client.get(mangrove).get_data(as_text=True)
    assert 'id="lot_m2"' in sample_client.get(f"{mangrove}&lot_m2=200").get_data(as_text=True), "to choose anew"
