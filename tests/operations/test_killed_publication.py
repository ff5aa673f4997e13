"""The server is killed with -9 while it publishes, 20 times: the old version or the new one holds, never a mixture."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest

from app import create_app
from app.accounts.models import Account
from app.accounts.service import actor_of
from app.config import REPOSITORY
from app.database import db
from app.operations.bootstrap import connect, drop_database, with_database
from app.plans.drafts import service as drafts
from app.plans.review import milestones, publication, service
from tests.app.plans.drafts.conftest import Desk, node
from tests.conftest import clone_database, make_settings
from tests.factories.accounts import csrf_token, make_account, sign_in
from tests.factories.plans import feature, publish_zones, square

KILLS = 20
SIDE = 24
EFFECT = dt.date(2026, 3, 1)
PATIENCE_S = 30


@dataclass(frozen=True)
class Prepared:
    """A database in which everything is ready to be published, and the browser of an approver who is signed in."""

    name: str
    run: int
    cookie: str
    token: str


@pytest.fixture(scope="module")
def prepared(admin_url: str, new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Squares that are R-2 in the published version and K-1 in the approved one."""
    name = new_database("to_publish")
    application = create_app(make_settings(admin_url, name))
    application.testing = True
    with application.app_context():
        squares = [feature(square(number % SIDE, number // SIDE)) for number in range(SIDE * SIDE)]
        publish_zones(tmp_path_factory.mktemp("layer"), squares, valid_from=dt.date(2023, 1, 1))
        someone = {role: make_account(role) for role in ("planner", "approver")}
        planner, approver = (actor_of(db.session.get_one(Account, one.id)) for one in someone.values())
        drafts.open_draft(planner, "rdtr", "Perwali contoh 2", "id")
        desk = Desk(planner)
        desk.do("attributes", zones=desk.ids, values={"subzone_code": "K-1"})
        service.submit(planner, "rdtr", "Semua menjadi perdagangan.")
        service.approve(approver, "rdtr")
        for kind in milestones.kinds():
            milestones.pass_milestone(planner, "rdtr", kind, document="x", day=EFFECT)
        run = publication.start(approver, "rdtr", legal_reference="Perwali 2", valid_from=EFFECT, language="id")
        db.session.remove()
    client = application.test_client()
    sign_in(client, someone["approver"])
    token = csrf_token(client, "/plans/rdtr/review/publication/2")
    cookie = client.get_cookie("session")
    assert cookie is not None
    with application.app_context():
        db.engine.dispose()
    return Prepared(name, run, cookie.value, token)


@pytest.fixture
def scratch(admin_url: str) -> Iterator[str]:
    """Name of the database that is published in; a fresh copy is made for each try."""
    name = f"ruang_killed_{os.getpid()}"
    yield name
    drop_database(admin_url, name)


@pytest.fixture(scope="module")
def nursery() -> Iterator[subprocess.Popen[str]]:
    """The process that makes servers."""
    command = [sys.executable, "-m", "tests.operations.publishing_server"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=REPOSITORY
    ) as process:
        yield process
        process.kill()


@dataclass(frozen=True)
class Browser:
    """What somebody who is signed in asks a server with."""

    address: str
    cookie: str

    def get_json(self, path: str, **query: object) -> Any:
        """The answer to a question."""
        return json.loads(self._ask(f"{path}?{urlencode(query)}", None))

    def post(self, path: str, **form: object) -> None:
        """Send a form; the server may be gone before it answers."""
        try:
            self._ask(path, urlencode(form).encode())
        except (urllib.error.URLError, http.client.HTTPException, ConnectionError):
            return

    def _ask(self, path: str, body: bytes | None) -> bytes:
        request = urllib.request.Request(self.address + path, body, {"Cookie": f"session={self.cookie}"})  # noqa: S310 - our own server
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310 - our own server
            return bytes(answer.read())


@contextmanager
def server(nursery: subprocess.Popen[str], settings: str, cookie: str) -> Iterator[tuple[Browser, int]]:
    """A server; the browser of somebody who has the cookie, and the process's id."""
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(settings + "\n")
    nursery.stdin.flush()
    pid, port = map(int, nursery.stdout.readline().split())
    yield Browser(f"http://127.0.0.1:{port}", cookie), pid
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def plain_settings(admin_url: str, name: str) -> str:
    """Settings that travel to another process."""
    made = make_settings(admin_url, name)
    hidden = {
        key: getattr(made, key).get_secret_value() for key in ("database_url", "owner_database_url", "secret_key")
    }
    kept = made.model_dump(exclude_unset=True, exclude=set(hidden))
    return json.dumps({**kept, **hidden}, default=str)


def carry_out(browser: Browser, prepared: Prepared) -> None:
    """Press "publish now"."""
    browser.post("/plans/rdtr/review/publication/2", csrf_token=prepared.token, run=prepared.run)


def is_left_alone(admin_url: str, name: str) -> bool:
    """Whether PostgreSQL has noticed that nobody is connected any more."""
    with connect(admin_url) as administrator:
        row = administrator.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", (name,)).fetchone()
    return row is not None and row[0] == 0


def stored(admin_url: str, name: str) -> dict[str, Any]:
    """What is in the database after the kill."""
    with connect(with_database(admin_url, name)) as database:

        def rows(statement: str) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in database.execute(statement).fetchall()]

        return {
            "versions": rows(
                "SELECT state, upper(valid), content_hash IS NOT NULL, published_at IS NOT NULL"
                " FROM plan_version ORDER BY seq"
            ),
            "tiles": rows(
                "SELECT zoom, count(*) FROM tile_zone JOIN plan_version ON id = version_id AND seq = 2"
                " GROUP BY zoom ORDER BY zoom"
            ),
            "steps": rows("SELECT action FROM review_event ORDER BY id"),
            "recorded": rows(
                "SELECT count(*) FROM audit_event WHERE action = 'version_published' AND actor_id IS NOT NULL"
            ),
        }


OLD = {
    "versions": [("published", None, True, True), ("review", None, False, False)],
    "tiles": [],
    "steps": [("submit",), ("approve",)],
    "recorded": [(0,)],
}
NEW = {
    "versions": [("published", EFFECT, True, True), ("published", None, True, True)],
    "tiles": [(zoom, SIDE * SIDE) for zoom in range(8, 13)],
    "steps": [("submit",), ("approve",), ("publish",)],
    "recorded": [(1,)],
}


def answered(browser: Browser) -> set[tuple[int, str]]:
    """Version and sub-zone that the restarted server answers at several places, for a day after the effect."""
    found = set()
    for column, row in ((0.5, 0.5), (SIDE / 2 + 0.5, SIDE / 2 + 0.5), (SIDE - 0.5, SIDE - 0.5)):
        lon, lat = node(column, row)
        card = browser.get_json("/api/v1/zoning", lon=lon, lat=lat, on="2026-06-01")
        found.add((card["plan"]["version"], card["zones"][0]["subzone"]["code"]))
    return found


def test_killed_while_publishing_the_old_or_the_new_version_is_complete(
    admin_url: str, prepared: Prepared, scratch: str, nursery: subprocess.Popen[str]
) -> None:
    settings = plain_settings(admin_url, scratch)
    moments = random.Random(20)
    whole_s = PATIENCE_S
    outcomes = []
    for attempt in range(KILLS + 1):
        clone_database(admin_url, prepared.name, scratch)
        with server(nursery, settings, prepared.cookie) as (browser, pid):
            began = time.monotonic()
            pressed = threading.Thread(target=carry_out, args=(browser, prepared))
            pressed.start()
            if attempt == 0:
                # The first is let through: it tells how long there is something to interrupt.
                pressed.join()
                whole_s = time.monotonic() - began
            else:
                time.sleep(moments.uniform(0, whole_s))
            os.kill(pid, signal.SIGKILL)
            pressed.join()
        wait_for(lambda: is_left_alone(admin_url, scratch))
        found = stored(admin_url, scratch)
        assert found in (OLD, NEW), f"killed at attempt {attempt}: {found}"
        outcomes.append(found == NEW)
        if attempt % 5 == 0:
            with server(nursery, settings, prepared.cookie) as (browser, _pid):
                assert answered(browser) == ({(2, "K-1")} if found == NEW else {(1, "R-2")})
                if found == OLD:
                    carry_out(browser, prepared)
                    assert stored(admin_url, scratch) == NEW, "what was interrupted can be published again"
    assert outcomes[0] is True
    assert not all(outcomes), "no kill came before the end: nothing was tested"


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until it is so."""
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)
