"""What planners wait for on a plan of 10,000 zones with 80 nodes each: loading, saving, validation, publishing."""

from __future__ import annotations

import contextlib
import datetime as dt
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import shapely
from shapely.geometry import shape

from app.accounts.roles import Actor
from app.database import db
from app.errors import NotFound
from app.http import json_bytes
from app.plans import editing
from app.plans.drafts import service
from app.plans.drafts.operations import OPERATIONS
from app.runtime import runtime
from tests.factories.accounts import make_account

ZONES = 10_000
STEPS = 20
_SAVES = 15
# About a screen of the editor at the zoom where nodes can be told apart.
_SCREEN_DEG = 0.02

Report = Callable[[str, str, str], None]


def measure(report: Report) -> None:
    """Open a draft, work on it, publish it. Needs an application context; what was there of a draft is thrown away."""
    plan = runtime().city.plans[0].code
    address = f"planner-{uuid.uuid4().hex[:8]}@example.org"
    planner = Actor(make_account("planner", email=address, second_factor=False).id, "Planner", frozenset({"planner"}))
    with contextlib.suppress(NotFound):
        service.discard(planner, plan)
    info, seconds = _timed(lambda: service.open_draft(planner, plan, "Made up for measurements", "id"))
    report("draft opened", f"{seconds:.2f} s", f"{info['zones']:,} zones")
    _loading(planner, plan, report)
    _saving(planner, plan, info, report)
    _validating(planner, plan, report)
    steps: list[tuple[str, float]] = []
    begun = time.perf_counter()
    _, seconds = _timed(
        lambda: editing.publish_version(
            plan,
            info["seq"],
            valid_from=dt.date(2020 + info["seq"], 1, 1),
            progress=lambda step: steps.append((step, time.perf_counter() - begun)),
        )
    )
    report("published", f"{seconds:.1f} s", ", ".join(f"{name} from {at:.1f} s" for name, at in steps))


def _loading(planner: Actor, plan: str, report: Report) -> None:
    calls: dict[str, Callable[[], Any]] = {
        "draft's description": lambda: service.info(planner, plan, "id"),
        "table of all zones": lambda: service.listed(planner, plan),
        "outlines of a screen": lambda: service.features(planner, plan, ids=[], box=_screen(planner, plan)),
    }
    for name, call in calls.items():
        body, seconds = _timed(lambda call=call: json_bytes(call()))
        report(name, f"{seconds * 1000:.0f} ms", f"{len(body) / 1024:.0f} KiB of JSON")


def _saving(planner: Actor, plan: str, info: dict[str, Any], report: Report) -> None:
    """One node moved at a time, as the editor saves it."""
    features = service.features(planner, plan, ids=[], box=_screen(planner, plan))["features"]
    base = {item["id"]: item["properties"]["revision_id"] for item in features}
    taken = []
    for lon, lat in _inner_nodes(features):
        move = {"from": (lon, lat), "to": (round(lon + 1e-6, 8), round(lat + 1e-6, 8))}
        operation = OPERATIONS.validate_python({"kind": "move_nodes", "moves": [move]})
        request = service.Request(uuid.uuid4(), base)
        saved, seconds = _timed(lambda r=request, o=operation: service.operate(planner, plan, r, o))
        base |= {item["id"]: item["properties"]["revision_id"] for item in saved["zones"]["features"]}
        taken.append(seconds)
    report("a changeset saved", f"{statistics.median(taken) * 1000:.0f} ms", f"slowest {max(taken) * 1000:.0f} ms")
    undone, seconds = _timed(lambda: service.undo(planner, plan, uuid.uuid4()))
    report("a changeset undone", f"{seconds * 1000:.0f} ms", f"{len(undone['changes'])} zones")


def _validating(planner: Actor, plan: str, report: Report) -> None:
    runtime().caches.clear()
    listed, seconds = _timed(lambda: service.findings(planner, plan))
    report("full validation", f"{seconds:.2f} s", f"{listed['errors']} errors, {listed['warnings']} warnings")
    service.undo(planner, plan, uuid.uuid4())
    _, seconds = _timed(lambda: service.findings(planner, plan))
    report("validation after a change", f"{seconds:.2f} s", "")


def _timed(call: Callable[[], Any]) -> tuple[Any, float]:
    db.session.remove()
    begun = time.perf_counter()
    result = call()
    return result, time.perf_counter() - begun


def _screen(planner: Actor, plan: str) -> tuple[float, float, float, float]:
    west, south, east, north = service.info(planner, plan, "id")["bbox"]
    lon, lat = (west + east) / 2, (south + north) / 2
    return lon, lat, lon + _SCREEN_DEG, lat + _SCREEN_DEG


def _inner_nodes(features: list[dict[str, Any]]) -> Iterator[tuple[float, float]]:
    """Nodes that lie inside the screen, far from each other."""
    outlines = [shape(item["geometry"]) for item in features]
    inner = shapely.box(*shapely.total_bounds(outlines)).buffer(-_SCREEN_DEG / 4)
    within = [outline for outline in outlines if inner.contains(outline)]
    for outline in within[:_SAVES]:
        lon, lat = shapely.get_coordinates(outline)[7].tolist()
        yield lon, lat
