"""Planners at once, lost connections and a browser that dies: nothing is lost and nothing is done twice."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.factories.accounts import Someone
from tests.journeys.planning import (
    PLAN,
    Draft,
    begin_at_centre,
    choose,
    drag,
    is_ready,
    new_planner,
    saved,
    shared_node,
    sign_in,
)
from tests.live import CHROMIUM_FLAGS, until

pytestmark = pytest.mark.browser

_OFFLINE = "!ruangEditor.sync.online"
_PATIENCE_S = 30


@dataclass
class OwnBrowser:
    """A Chromium process of its own, with a folder that outlives it."""

    playwright: Playwright
    path: str
    folder: Path
    process: subprocess.Popen[bytes] | None = None
    browser: Browser | None = None

    def start(self) -> Page:
        """Start it and open a page in its one window."""
        port_file = self.folder / "DevToolsActivePort"
        port_file.unlink(missing_ok=True)
        flags = [
            *CHROMIUM_FLAGS,
            "--remote-debugging-port=0",
            f"--user-data-dir={self.folder}",
            "--window-size=1100,700",
        ]
        self.process = subprocess.Popen(
            [self.path, *flags, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + _PATIENCE_S
        while not port_file.exists() or not port_file.read_text().strip():
            assert time.monotonic() < deadline, "Chromium did not start"
            time.sleep(0.1)
        port = port_file.read_text().splitlines()[0]
        self.browser = self.playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        return self.browser.contexts[0].new_page()

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@pytest.fixture
def own_browser(playwright: Playwright, chromium_path: str, tmp_path: Path) -> Iterator[OwnBrowser]:
    """A browser that a test may kill."""
    made = OwnBrowser(playwright, chromium_path, tmp_path / "profile")
    made.folder.mkdir()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.kill()


def open_editor(page: Page, url: str, someone: Someone, *, step: int = 0) -> None:
    """Sign in and open the editor."""
    sign_in(page, url, someone, step=step)
    page.goto(f"{url}/plans/{PLAN}/edit?lang=id")
    is_ready(page)


def test_work_goes_on_without_a_connection_and_is_sent_when_it_is_back(edit: Callable[..., Page], draft: Draft) -> None:
    page = edit()
    zone = choose(page)
    node = shared_node(page, draft)
    owners = draft.having(node)
    page.context.set_offline(True)
    drag(page, node, 5, -4)
    until(page, _OFFLINE)
    expect(page.locator("#editor-banner")).to_contain_text("Server tidak dapat dihubungi")
    page.get_by_role("textbox", name="Keterangan").fill("dikerjakan tanpa sambungan")
    page.get_by_role("button", name="Simpan atribut").click()
    until(page, "ruangEditor.sync.waiting.length === 2")
    expect(page.locator("#save-state")).to_have_text("Tidak tersambung: 2 menunggu di perangkat ini")
    assert draft.having(node) == owners
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("v")
    with saved(page, 2):
        page.context.set_offline(False)
    expect(page.locator("#editor-banner")).to_be_hidden()
    assert draft.having(node) == set()
    assert draft.rows()[zone].remark == "dikerjakan tanpa sambungan"


def test_what_was_never_sent_is_undone_and_redone_without_a_connection(edit: Callable[..., Page], draft: Draft) -> None:
    before = draft.outlines()
    page = edit()
    choose(page)
    node = shared_node(page, draft)
    second = shared_node(page, draft, skip=1)
    page.context.set_offline(True)
    drag(page, node, 5, -4)
    until(page, _OFFLINE)
    drag(page, second, 4, 4)
    until(page, "ruangEditor.sync.waiting.length === 2")
    page.keyboard.press("Control+z")
    until(page, "ruangEditor.sync.waiting.length === 1")
    page.keyboard.press("Control+y")
    until(page, "ruangEditor.sync.waiting.length === 2")
    page.keyboard.press("Control+z")
    until(page, "ruangEditor.sync.waiting.length === 1")
    with saved(page):
        page.context.set_offline(False)
    assert draft.having(node) == set()
    assert len(draft.having(second)) == 2
    with saved(page):
        page.keyboard.press("Control+z")
    after = draft.outlines()
    assert all(before[zone].wkb == after[zone].wkb for zone in before)


def test_what_another_planner_changes_is_drawn_and_named(edit: Callable[..., Page], draft: Draft) -> None:
    watching = edit("Budi")
    page = edit("Rani")
    choose(page)
    with saved(page):
        drag(page, shared_node(page, draft), 5, -4)
    changed = page.evaluate("[...ruangEditor.draft.changed].sort()")
    expect(watching.locator("#editor-toast")).to_contain_text("Rani mengubah rancangan: Titik digeser")
    assert watching.evaluate("[...ruangEditor.draft.changed].sort()") == changed
    watching.get_by_role("tab", name="Perubahan").click()
    expect(watching.locator(".editor-history li").first).to_contain_text("Rani")


@pytest.mark.parametrize("decision", ["mine", "theirs", "again"])
def test_the_same_node_moved_twice_is_decided_on_the_map(
    edit: Callable[..., Page], draft: Draft, decision: str
) -> None:
    page, other = edit("Rani"), edit("Budi")
    choose(page)
    choose(other)
    node = shared_node(page, draft)
    elsewhere = shared_node(page, draft, skip=2)
    page.context.set_offline(True)
    drag(page, node, -5, -4)
    until(page, _OFFLINE)
    drag(page, elsewhere, 4, 4)
    until(page, "ruangEditor.sync.waiting.length === 2")
    mine = page.evaluate("ruangEditor.sync.changes[0].body.op.moves[0].to")
    with saved(other):
        drag(other, node, 5, 4)
    theirs = other.evaluate(
        "node => ruangEditor.draft.near([node[0] - 1e-4, node[1] - 1e-4, node[0] + 1e-4, node[1] + 1e-4]).length", node
    )
    assert theirs > 0
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Dua perubahan di tempat yang sama")).to_be_focused()
    shown = page.evaluate(
        "ruangMap.getSource('conflict').serialize().data.features.map(({ properties }) => properties.side)"
    )
    assert set(shown) == {"base", "mine", "theirs"}
    page.get_by_label("Sebelum keduanya").uncheck()
    assert page.evaluate("ruangMap.getLayoutProperty('conflict-base-line', 'visibility')") == "none"
    name = {"mine": "Pakai punya saya", "theirs": "Pakai punya mereka", "again": "Sunting lagi"}[decision]
    page.get_by_role("button", name=name).click()
    until(page, "ruangEditor.sync.changes.length === 0")
    assert page.locator("#conflict").is_hidden()
    # The rest of the work was kept, and sent.
    assert draft.having(elsewhere) == set()
    assert bool(draft.having(mine)) == (decision == "mine")
    assert draft.having(node) == set()
    if decision == "again":
        assert page.evaluate("ruangMap.getSource('ghost').serialize().data.features.length") > 0


def test_a_killed_browser_loses_nothing_and_meets_the_others_change(
    own_browser: OwnBrowser, edit: Callable[..., Page], editor_app: Flask, editor_url: str, draft: Draft
) -> None:
    """Two browsers at once on the same node; one dies with its change unsent, comes back, and is asked to decide."""
    someone = new_planner(editor_app, "Siti")
    page = own_browser.start()
    begin_at_centre(page, draft, someone)
    open_editor(page, editor_url, someone)
    choose(page)
    other = edit("Budi")
    choose(other)
    node = shared_node(page, draft)
    page.context.set_offline(True)
    drag(page, node, -5, -4)
    until(page, "ruangEditor.sync.waiting.length === 1")
    mine = page.evaluate("ruangEditor.sync.changes[0].body.op.moves[0].to")
    own_browser.kill()
    with saved(other):
        drag(other, node, 5, 4)
    page = own_browser.start()
    open_editor(page, editor_url, someone, step=1)
    expect(page.get_by_role("heading", name="Dua perubahan di tempat yang sama")).to_be_visible()
    page.get_by_role("button", name="Pakai punya saya").click()
    until(page, "ruangEditor.sync.changes.length === 0")
    assert len(draft.having(mine)) == 2
    assert draft.having(node) == set()
