"""Pages, PDF and GeoPackage of a difference; histories as pages; restoring by form."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fiona
import pytest
import shapely
from flask.testing import FlaskClient
from geoalchemy2.shape import from_shape
from shapely.geometry import shape
from sqlalchemy.orm import Session

from app.accounts import identity
from app.accounts.roles import Actor
from app.places.models import Parcel
from app.plans.difference import export
from tests.app.plans.difference.conftest import Ask, Desk
from tests.factories.plans import SOUTH, STEP, WEST, square


@pytest.fixture
def changed(desk: Desk, publish: Callable[[], None]) -> Desk:
    """Version 2: a zone recoded, one split, land given, two merged."""
    first, second, third, fourth, fifth, sixth = desk.ids
    desk.do("attributes", zones=[first], values={"subzone_code": "K-1"}, comment="Pasar <b>dipindah</b> ke sini")
    desk.do("split", zone=second, line=[(WEST + 1.5 * STEP, SOUTH - STEP), (WEST + 1.5 * STEP, SOUTH + 2 * STEP)])
    desk.do("give", polygon=square(1, 1, 0.5, 1), source=fifth, target=fourth)
    desk.do("merge", zones=[third, sixth], keep=third)
    publish()
    return desk


def test_the_list_of_plans_and_a_plan_lead_to_the_difference(changed: Desk, ask: Ask) -> None:
    for address in ("/plans", "/plans/rdtr"):
        page = ask(address)
        assert "/plans/rdtr/diff?from=1&amp;to=2" in page
        assert "Perwali contoh 1" in page
    assert "1 Januari 2023" in ask("/plans/rdtr")


def test_the_change_page_says_what_and_why(changed: Desk, ask: Ask) -> None:
    page = ask("/plans/rdtr/diff?from=1&to=2&lang=en")
    text = re.sub(r"<[^>]+>", " ", page)
    assert "1 zone is new." in text
    assert "hectares get another sub-zone" in text
    assert "Pasar &lt;b&gt;dipindah&lt;/b&gt; ke sini" in page
    assert "Perumahan Kepadatan Tinggi (R-2) → Perdagangan dan Jasa (K-1)" in text
    assert 'role="img"' in page
    assert "not recorded here" in text


def test_a_page_of_equal_versions_says_so(desk: Desk, ask: Ask) -> None:
    assert "The two versions say the same." in ask("/plans/rdtr/diff?from=1&to=1&lang=en")


def test_a_draft_is_on_no_page_of_the_public(desk: Desk, ask: Ask, planner: Actor) -> None:
    desk.do("attributes", zones=[desk.ids[0]], values={"block": "RAHASIA"})
    for address in ("/plans", "/plans/rdtr", f"/plans/rdtr/zones/{desk.ids[0]}"):
        assert "Perwali contoh 2" not in ask(address)
        assert "Perwali contoh 2" in ask(address, planner)
    for ending in ("", ".pdf", ".gpkg"):
        ask(f"/plans/rdtr/diff{ending}?to=draft", status=302)
    assert "RAHASIA" in ask("/plans/rdtr/diff?to=draft", planner)


def test_parcel_numbers_are_on_the_page_of_planners_only(
    desk: Desk, publish: Callable[[], None], ask: Ask, planner: Actor, session: Session
) -> None:
    outline = shapely.Polygon(square(0.4, 0.4, 0.2, 0.2)[0])
    session.add(Parcel(nib="64740000000001", geom=from_shape(outline, srid=4326)))
    desk.do("attributes", zones=[desk.ids[0]], values={"subzone_code": "K-1"})
    publish()
    assert "64740000000001" in ask("/plans/rdtr/diff", planner)
    assert "64740000000001" not in ask("/plans/rdtr/diff")


def test_the_geopackage_has_a_layer_for_each_kind_of_change(changed: Desk, client: FlaskClient, tmp_path: Path) -> None:
    path = tmp_path / "difference.gpkg"
    path.write_bytes(client.get("/plans/rdtr/diff.gpkg?from=1&to=2").get_data())
    assert fiona.listlayers(path) == ["added", "removed", "reshaped_old", "reshaped_new", "recoded", "transfers"]
    found: dict[str, list[Any]] = {}
    for layer in fiona.listlayers(path):
        with fiona.open(path, layer=layer) as source:
            assert source.crs.to_epsg() == 4326
            found[layer] = list(source)
    (recoded,) = found["recoded"]
    assert (recoded.properties["subzone_before"], recoded.properties["subzone_code"]) == ("R-2", "K-1")
    assert len(found["reshaped_old"]) == len(found["reshaped_new"]) > 0
    assert len(found["added"]) == len(found["removed"]) == 1
    given = [row for row in found["transfers"] if row.properties["from_code"] == "RTH-2"]
    assert shape(given[0].geometry).symmetric_difference(shapely.Polygon(square(1, 1, 0.5, 1)[0])).area < 1e-12


def test_a_geopackage_of_nothing_has_its_layers_all_the_same(desk: Desk, client: FlaskClient, tmp_path: Path) -> None:
    path = tmp_path / "nothing.gpkg"
    path.write_bytes(client.get("/plans/rdtr/diff.gpkg?from=1&to=1").get_data())
    assert len(fiona.listlayers(path)) == 6


@pytest.mark.skipif(export.pdf_missing() is not None, reason="the libraries of Pango are not installed")
def test_the_pdf_is_one_and_is_made_once(changed: Desk, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    response = client.get("/plans/rdtr/diff.pdf?from=1&to=2")
    assert response.mimetype == "application/pdf"
    assert response.get_data().startswith(b"%PDF-")
    assert "rdtr-1-2.pdf" in response.headers["Content-Disposition"]
    monkeypatch.setattr(export, "pdf", lambda document: b"made again")
    assert client.get("/plans/rdtr/diff.pdf?from=1&to=2").get_data() == response.get_data()


@pytest.mark.skipif(export.pdf_missing() is not None, reason="the libraries of Pango are not installed")
def test_a_document_that_reaches_outside_makes_no_pdf() -> None:
    from weasyprint.urls import FatalURLFetchingError

    with pytest.raises(FatalURLFetchingError):
        export.pdf('<img src="file:///etc/passwd">')


def test_without_pango_the_page_offers_printing(
    changed: Desk, ask: Ask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "pdf_missing", lambda: "cannot load library libpango-1.0-0")
    page = ask("/plans/rdtr/diff?from=1&to=2&lang=en")
    assert "diff.pdf" not in page
    assert "print the page instead" in page
    assert client.get("/plans/rdtr/diff.pdf?from=1&to=2").status_code == 501


def test_a_split_zone_and_its_piece_name_each_other(changed: Desk, ask: Ask) -> None:
    second = changed.ids[1]
    page = ask(f"/plans/rdtr/zones/{second}?lang=en")
    piece = re.search(rf"Zone (\d+) was split off from zone {second}", page)
    assert piece is not None
    assert f"split off from zone {second}" in ask(f"/plans/rdtr/zones/{piece[1]}?lang=en")
    assert page.count('role="img"') == 2


def test_a_point_page_lists_every_version(changed: Desk, ask: Ask) -> None:
    page = ask(f"/zoning/history?lon={WEST + STEP / 4}&lat={SOUTH + STEP / 4}")
    assert page.index("K-1 ·") < page.index("R-2 ·")
    assert "/plans/rdtr/zones/" in page


# Restoring ------------------------------------------------------------------------------------------------------------


def test_restoring_is_shown_first_and_then_done(
    desk: Desk, ask: Ask, planner: Actor, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = desk.ids[0]
    desk.do("give", polygon=square(0.5, 0, 0.5, 1), source=first, target=desk.ids[1])
    address = f"/plans/rdtr/zones/{first}/restore?seq=1"
    assert f"/plans/rdtr/zones/{first}/restore?seq=1" in ask(f"/plans/rdtr/zones/{first}", planner)
    page = ask(address, planner)
    assert "+0,6" in page
    fields = dict(re.findall(r'name="(csrf_token|key|base)" value="([^"]+)"', page))
    overrides = {identity._ACTOR: planner}
    response = client.post(address, data=fields, environ_overrides=overrides)
    assert response.status_code == 303
    assert shape(Desk(planner).zones[first]["geometry"]).area == pytest.approx(STEP * STEP, rel=1e-6)
    # Sent twice, it is done once.
    assert client.post(address, data=fields, environ_overrides=overrides).status_code == 303


def test_a_restoring_form_on_an_old_base_is_a_conflict(
    desk: Desk, ask: Ask, planner: Actor, client: FlaskClient
) -> None:
    first = desk.ids[0]
    desk.do("attributes", zones=[first], values={"block": "II"})
    address = f"/plans/rdtr/zones/{first}/restore?seq=1"
    fields = dict(re.findall(r'name="(csrf_token|key|base)" value="([^"]+)"', ask(address, planner)))
    desk.do("attributes", zones=[first], values={"block": "III"})
    response = client.post(address, data=fields, environ_overrides={identity._ACTOR: planner})
    assert response.status_code == 409
    assert Desk(planner).zones[first]["properties"]["block"] == "III"


def test_a_resident_is_not_offered_restoring(changed: Desk, ask: Ask) -> None:
    assert "/restore" not in ask(f"/plans/rdtr/zones/{changed.ids[0]}")


@pytest.mark.parametrize("fields", [{"key": "x", "base": ""}, {"key": str(uuid.uuid4()), "base": "1:a"}])
def test_a_form_that_is_not_ours_is_refused(
    desk: Desk, ask: Ask, planner: Actor, client: FlaskClient, fields: dict[str, str]
) -> None:
    first = desk.ids[0]
    desk.do("attributes", zones=[first], values={"block": "II"})
    address = f"/plans/rdtr/zones/{first}/restore?seq=1"
    token = re.search(r'name="csrf_token" value="([^"]+)"', ask(address, planner))
    assert token is not None
    sent = {**fields, "csrf_token": token[1]}
    assert client.post(address, data=sent, environ_overrides={identity._ACTOR: planner}).status_code == 400
