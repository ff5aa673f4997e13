"""Planners at the map editor: their own database of the sample city, a draft, and the movements of a mouse."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import shapely
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import text
from werkzeug.serving import make_server

from app import create_app, frontend_assets
from app.accounts.roles import Actor
from app.database import db
from app.plans.drafts import service
from tests.conftest import make_settings
from tests.factories.accounts import Someone, make_account
from tests.live import until

__all__ = ["draft", "edit", "editor_app", "editor_url"]
PLAN = "rdtr"
# Less than a desktop's, as every pixel is drawn by the processor.
SCREEN = {"width": 1100, "height": 700}
# In the dense centre: a residential zone with roads around it.
CENTRE = (117.488, 0.136)
_NODES = """
ruangEditor.pointer.handles.filter(({ kind }) => kind === 'node').map(({ at }) => at)
"""
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def editor_app(admin_url: str, new_database: Callable[..., str], sample_template: str) -> Iterator[Flask]:
    """The application on a sample city that these tests may change."""
    application = create_app(make_settings(admin_url, new_database("editor", sample_template)))
    application.testing = True
    yield application
    with application.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def editor_url(editor_app: Flask) -> Iterator[str]:
    """Address of a server with that city."""
    assert frontend_assets.is_built(), "run 'npm ci --ignore-scripts && npm run build' in app/frontend first"
    server = make_server("127.0.0.1", 0, editor_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@dataclass
class Draft:
    """What the database says about the draft."""

    app: Flask
    planner: Actor
    version_id: int

    def outlines(self) -> dict[int, shapely.Geometry]:
        """Every zone's outline, bit by bit."""
        return {zone: shapely.from_wkb(bytes(row.wkb)) for zone, row in self.rows().items()}

    def rows(self) -> dict[int, Any]:
        """Every zone of the draft as its revision has it, by number."""
        statement = text(
            "SELECT revision.*, ST_AsBinary(revision.geom) AS wkb FROM plan_version version"
            " JOIN version_zone manifest ON manifest.version_id = version.id"
            " JOIN zone_revision revision ON revision.id = manifest.revision_id"
            " WHERE version.state = 'draft'"
        )
        with self.app.app_context():
            found = db.session.execute(statement).all()
            db.session.remove()
        return {row.zone_id: row for row in found}

    def having(self, node: list[float]) -> set[int]:
        """Zones that have a node, bit by bit."""
        place = shapely.Point(node)
        return {
            zone
            for zone, outline in self.outlines().items()
            if shapely.dwithin(outline, place, 1e-9) and node in shapely.get_coordinates(outline).tolist()
        }


@pytest.fixture
def draft(editor_app: Flask) -> Iterator[Draft]:
    """An open draft of the sample's plan; thrown away afterwards."""
    with editor_app.app_context():
        opener = make_account("planner", email=f"opener{next(_numbers)}@example.org")
        actor = Actor(opener.id, "Opener", frozenset({"planner"}))
        opened = service.open_draft(actor, PLAN, "Rancangan Perwali 2027", "id")
        db.session.remove()
    yield Draft(editor_app, actor, opened["version_id"])
    with editor_app.app_context():
        service.discard(actor, PLAN)
        db.session.remove()


def new_planner(app: Flask, name: str, role: str = "planner") -> Someone:
    """A planner's account that nobody used before."""
    with app.app_context():
        someone = make_account(role, email=f"{name.lower()}{next(_numbers)}@example.org", name=name)
        db.session.remove()
    return someone


@pytest.fixture
def edit(browser: Browser, editor_app: Flask, editor_url: str, draft: Draft) -> Iterator[Callable[..., Page]]:
    """Signs a planner of a name in, in a browser of their own, and opens the editor at the centre."""
    opened: list[BrowserContext] = []

    def go(name: str = "Rani", viewport: dict[str, int] = SCREEN, *, role: str = "planner", lang: str = "id") -> Page:
        context = browser.new_context(viewport=viewport)  # type: ignore[arg-type]
        context.set_default_timeout(20_000)
        opened.append(context)
        page = context.new_page()
        someone = new_planner(editor_app, name, role)
        begin_at_centre(page, draft, someone)
        sign_in(page, editor_url, someone)
        page.goto(f"{editor_url}/plans/{PLAN}/edit?lang={lang}")
        is_ready(page)
        until(page, "ruangMap.loaded() && ruangMap.areTilesLoaded()")
        return page

    yield go
    for context in opened:
        context.close()


def sign_in(page: Page, url: str, someone: Someone, *, step: int = 0) -> None:
    """Through the forms, with the second factor."""
    page.goto(f"{url}/account/sign-in?next=/account&lang=id")
    page.fill("#email", someone.email)
    page.fill("#password", someone.password)
    page.get_by_role("button", name="Masuk").click()
    page.fill("#code", someone.code(step))
    page.get_by_role("button", name="Lanjutkan").click()
    page.wait_for_url("**/account")


def is_ready(page: Page) -> None:
    """Wait until the editor takes commands."""
    until(page, "document.getElementById('editor-app')?.dataset.ready === 'yes'")


def begin_at_centre(page: Page, draft: Draft, someone: Someone) -> None:
    """Let the editor find in this browser that the planner last looked at the centre."""
    view = {"version": draft.version_id, "camera": {"center": CENTRE, "zoom": 16.8}, "selection": []}
    key = f"ruang-editor/{PLAN}/{someone.id}"
    page.add_init_script(
        f"localStorage.getItem({key!r}) ?? localStorage.setItem({key!r}, {json.dumps(json.dumps(view))})"
    )


def pixel(page: Page, place: list[float] | tuple[float, float]) -> tuple[float, float]:
    """Where a place is on the screen."""
    x, y = page.evaluate("place => ruangEditor.canvas.screen().project(place)", list(place))
    box = page.locator(".maplibregl-canvas").bounding_box()
    assert box is not None
    return box["x"] + x, box["y"] + y


def choose(page: Page, place: tuple[float, float] = CENTRE) -> int:
    """Click a zone; returns its number when its outline and its neighbours are there."""
    # Tiles may still be on their way: what is not drawn cannot be clicked.
    until(page, f"ruangEditor.canvas.zonesAt(ruangEditor.canvas.screen().project({list(place)})).length > 0")
    page.mouse.click(*pixel(page, place))
    until(page, "ruangEditor.selection.isExact && ruangEditor.pointer.handles.length > 0")
    return int(page.evaluate("ruangEditor.selection.ids[0]"))


def shared_node(page: Page, draft: Draft, *, skip: int = 0) -> list[float]:
    """A node in view, away from the edge of the map, that two zones share and one border passes through."""
    nodes = page.evaluate(
        f"""(() => {{
          const {{ project }} = ruangEditor.canvas.screen();
          const {{ clientWidth: width, clientHeight: height }} = ruangMap.getCanvas();
          const all = {_NODES}.map((at) => [at, project(at)]);
          const apart = (a) => Math.min(...all.filter(([b]) => b !== a[0]).map(([, p]) => Math.hypot(p[0] - a[1][0], p[1] - a[1][1])));
          return all.filter((a) => a[1][0] > 60 && a[1][1] > 130 && a[1][0] < width - 60 && a[1][1] < height - 60 && apart(a) > 12)
            .map(([at]) => at).sort((a, b) => a[0] - b[0]);
        }})()"""
    )
    outlines = draft.outlines()
    shared = [node for node in nodes if _is_passed_through(outlines, node)]
    assert len(shared) > skip, f"{len(shared)} of {len(nodes)} nodes in view are shared"
    return list(shared[skip])


def _is_passed_through(outlines: dict[int, shapely.Geometry], node: list[float]) -> bool:
    ends: set[tuple[float, float]] = set()
    owners = 0
    for outline in outlines.values():
        if not shapely.dwithin(outline, shapely.Point(node), 1e-9):
            continue
        owners += 1
        for ring in shapely.get_rings(shapely.get_parts(outline)):
            places = shapely.get_coordinates(ring)[:-1].tolist()
            for at in (index for index, place in enumerate(places) if place == node):
                ends |= {tuple(places[at - 1]), tuple(places[(at + 1) % len(places)])}
    return owners == 2 and len(ends) == 2


def drag(page: Page, node: list[float], dx: float, dy: float, *, free: bool = True) -> None:
    """Drag a node by pixels. free: with Alt, so that it stays where it is dropped."""
    x, y = pixel(page, node)
    if free:
        page.keyboard.down("Alt")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx / 2, y + dy / 2)
    page.mouse.move(x + dx, y + dy)
    until(page, "!document.getElementById('readout').hidden")
    page.mouse.up()
    if free:
        page.keyboard.up("Alt")


@contextmanager
def saved(page: Page, steps: int = 1) -> Iterator[None]:
    """What is done inside changes the draft at the server, ``steps`` times in all; afterwards nothing waits."""
    page.evaluate("""() => {
      window.ruangSteps = 0;
      window.ruangCount ??= ruangEditor.sync.addEventListener('saved', () => { window.ruangSteps += 1; }) ?? true;
    }""")
    yield
    until(page, f"window.ruangSteps >= {steps} && ruangEditor.sync.waiting.length === 0")
