"""A planner edits the draft of the sample city on the map, and the database has what the screen showed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import shapely
from playwright.sync_api import Page, expect

from tests.journeys.planning import CENTRE, Draft, choose, drag, is_ready, pixel, saved, shared_node
from tests.live import until

pytestmark = pytest.mark.browser


def same(before: dict[int, shapely.Geometry], after: dict[int, shapely.Geometry]) -> bool:
    """Whether two drafts agree bit by bit."""
    return before.keys() == after.keys() and all(before[zone].wkb == after[zone].wkb for zone in before)


def test_dragged_node_moves_in_every_zone_that_shares_it(edit: Callable[..., Page], draft: Draft) -> None:
    before = draft.outlines()
    page = edit()
    choose(page)
    node = shared_node(page, draft)
    owners = draft.having(node)
    with saved(page):
        drag(page, node, 5, -4)
    after = draft.outlines()
    assert {zone for zone in before if before[zone].wkb != after[zone].wkb} == owners
    assert draft.having(node) == set()
    [moved] = [
        place
        for place in shapely.get_coordinates(after[min(owners)]).tolist()
        if place not in shapely.get_coordinates(before[min(owners)]).tolist()
    ]
    assert draft.having(moved) == owners
    assert shapely.coverage_is_valid(list(after.values()))
    assert page.evaluate("ruangEditor.draft.undo.comment").startswith("Titik digeser")


def test_figures_follow_the_pointer_and_agree_with_the_server(edit: Callable[..., Page], draft: Draft) -> None:
    page = edit()
    zone = choose(page)
    node = shared_node(page, draft)
    x, y = pixel(page, node)
    page.keyboard.down("Alt")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 5, y + 5)
    expect(page.locator("#readout")).to_contain_text("m²")
    expect(page.locator("#readout")).to_contain_text("keliling")
    shown = page.locator("#readout").inner_text()
    with saved(page):
        page.mouse.up()
        page.keyboard.up("Alt")
    stored = float(page.evaluate(f"ruangEditor.draft.exact.get({zone}).properties.area_m2"))
    assert f"{stored:,.0f}".replace(",", ".") in shown
    assert stored == pytest.approx(draft.rows()[zone].area_m2, abs=0.01)


def test_node_dropped_near_another_zone_snaps_and_says_so(edit: Callable[..., Page], draft: Draft) -> None:
    page = edit()
    choose(page)
    # The parcels and roads around have arrived as well.
    until(page, "ruangEditor.surroundings.lines.length > 0")
    node = shared_node(page, draft)
    x, y = pixel(page, node)
    page.mouse.move(x, y)
    page.mouse.down()
    line = page.evaluate(
        """at => {
          const { project } = ruangEditor.canvas.screen();
          const here = project(at);
          return ruangEditor.surroundings.lines.filter(({ kind }) => kind === 'parcel').flatMap(({ line }) => line)
            .map((place) => project(place)).map((p) => [p[0] - here[0], p[1] - here[1]])
            .filter((p) => Math.hypot(...p) > 8 && Math.hypot(...p) < 60).sort((a, b) => Math.hypot(...a) - Math.hypot(...b))[0];
        }""",
        node,
    )
    assert line, "no parcel's corner near the node"
    page.mouse.move(x + line[0] / 2, y + line[1] / 2)
    page.mouse.move(x + line[0] + 2, y + line[1] + 1)
    until(page, "ruangMap.getSource('snap').serialize().data.features.length === 1")
    word = page.evaluate("ruangMap.getSource('snap').serialize().data.features[0].properties.word")
    assert word in {"sudut bidang tanah", "sisi bidang tanah", "titik batas zona", "batas zona", "jalan"}
    page.keyboard.press("Escape")
    page.mouse.up()
    assert page.evaluate("ruangEditor.sync.changes.length") == 0


def test_typed_coordinates_move_insert_and_delete(edit: Callable[..., Page], draft: Draft) -> None:
    before = draft.outlines()
    page = edit()
    choose(page)
    node = shared_node(page, draft)
    owners = draft.having(node)
    page.mouse.click(*pixel(page, node))
    field = page.get_by_label("Bujur, lintang")
    expect(field).to_be_visible()
    field.fill("ini bukan tempat")
    page.get_by_role("button", name="Geser", exact=True).click()
    expect(page.get_by_text("Ketik satu tempat di dalam wilayah rencana")).to_be_visible()
    target = [round(node[0] + 2e-5, 8), round(node[1] + 1e-5, 8)]
    field.fill(f"{target[0]:.8f}, {target[1]:.8f}")
    with saved(page):
        page.get_by_role("button", name="Geser", exact=True).click()
    assert draft.having(target) == owners
    with saved(page):
        page.get_by_role("button", name="Sisipkan sesudahnya").click()
    inserted = page.evaluate("ruangEditor.pointer.active")
    assert len(draft.having(inserted)) == 2
    with saved(page):
        page.get_by_role("button", name="Hapus", exact=True).click()
    assert draft.having(inserted) == set()
    for _ in range(3):
        with saved(page):
            page.locator("#undo").click()
    expect(page.locator("#undo")).to_be_disabled()
    assert same(before, draft.outlines())


def test_middle_of_an_edge_becomes_a_node_on_both_sides(edit: Callable[..., Page], draft: Draft) -> None:
    page = edit()
    choose(page)
    node = shared_node(page, draft)
    middle = page.evaluate(
        """node => ruangEditor.pointer.handles.find(
          ({ kind, edge }) => kind === 'middle' && edge[0][0] === node[0] && edge[0][1] === node[1]
        ).at""",
        node,
    )
    with saved(page):
        drag(page, middle, 4, 4)
    assert page.evaluate("ruangEditor.draft.undo.comment").startswith("Titik disisipkan")
    outlines = draft.outlines()
    assert shapely.coverage_is_valid(list(outlines.values()))


def test_split_is_previewed_then_saved_and_undone_after_a_reload(edit: Callable[..., Page], draft: Draft) -> None:
    before = draft.outlines()
    page = edit()
    zone = choose(page)
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="Pecah zona")).to_be_focused()
    west, south, east, north = before[zone].bounds
    middle = (south + north) / 2
    page.get_by_label("Tempat", exact=True).fill(f"{west - 0.0005} {middle}\n{east + 0.0005} {middle}")
    page.get_by_role("button", name="Pratinjau").click()
    expect(page.get_by_role("heading", name="Yang akan berubah")).to_be_visible()
    expect(page.locator(".editor-gains tbody tr").first).to_contain_text("m²")
    assert same(before, draft.outlines()), "a preview changes nothing"
    page.get_by_role("button", name="Simpan", exact=True).click()
    expect(page.locator("#editor-toast")).to_contain_text("Tersimpan")
    after = draft.outlines()
    new = after.keys() - before.keys()
    assert new
    assert after[zone].area < before[zone].area
    assert sum(after[piece].area for piece in {zone, *new}) == pytest.approx(before[zone].area, rel=1e-6)
    page.reload()
    is_ready(page)
    page.keyboard.press("Control+z")
    until(page, "ruangEditor.draft.undo === null && ruangEditor.draft.redo !== null")
    assert same(before, draft.outlines())
    page.keyboard.press("Control+Shift+z")
    until(page, "ruangEditor.draft.undo !== null && ruangEditor.draft.redo === null")
    assert same(after, draft.outlines())


def test_line_is_drawn_with_the_mouse_and_a_refusal_names_the_reason(edit: Callable[..., Page], draft: Draft) -> None:
    page = edit()
    choose(page)
    page.get_by_role("button", name="Pecah").click()
    x, y = pixel(page, CENTRE)
    page.keyboard.down("Alt")
    page.mouse.click(x, y)
    page.mouse.dblclick(x + 30, y + 10)
    page.keyboard.up("Alt")
    expect(page.locator("#operation-panel .editor-error").last).not_to_be_empty()
    assert len(page.get_by_label("Tempat", exact=True).input_value().splitlines()) == 2
    expect(page.get_by_role("button", name="Simpan", exact=True)).to_be_disabled()
    page.keyboard.press("Escape")
    page.locator(".maplibregl-canvas").focus()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert page.evaluate("ruangEditor.tool") == "select"


def test_attributes_of_two_zones_change_only_in_what_was_typed(edit: Callable[..., Page], draft: Draft) -> None:
    before = draft.rows()
    page = edit()
    page.get_by_role("tab", name="Semua zona").click()
    page.get_by_label("Cari menurut kode").fill("r-2")
    rows = page.locator(".editor-table tbody .editor-row")
    rows.nth(0).click()
    rows.nth(1).click(modifiers=["Shift"])
    until(page, "ruangEditor.selection.ids.length === 2 && ruangEditor.selection.isExact")
    zones = page.evaluate("ruangEditor.selection.ids")
    page.get_by_role("tab", name="Zona", exact=True).click()
    expect(page.get_by_role("heading", name="2 zona")).to_be_visible()
    page.get_by_role("textbox", name="Keterangan").fill("ditelaah ulang")
    page.get_by_label("Luas menurut peraturan (ha)").fill("2,35")
    with saved(page):
        page.get_by_role("button", name="Simpan atribut").click()
    after = draft.rows()
    for zone in zones:
        assert after[zone].remark == "ditelaah ulang"
        assert after[zone].legal_area_ha == 2.35
        for column in ("subzone_code", "block", "sub_block", "overlays", "wkb"):
            assert getattr(after[zone], column) == getattr(before[zone], column)
    assert {zone for zone in after if after[zone].id != before[zone].id} == set(zones)
