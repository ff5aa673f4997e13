"""What a process knows of published versions stays true: by date, by use, and when something goes wrong."""

from __future__ import annotations

import datetime as dt
import threading
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.places import service as places
from app.plans import editing
from app.plans import service as plans
from app.zoning import service as zoning
from app.zoning.registry import Registry
from tests.factories.plans import import_zones, publish_zones, row_of_zones, write_rules


def versions(session: Session, folder: Path, count: int) -> Registry:
    """A registry with room for two, over a plan with that many published versions."""
    for year in range(count):
        publish_zones(folder, valid_from=dt.date(2020 + year, 1, 1))
    return Registry(keep=2, tolerance_deg=1e-7, max_age_s=3600)


def test_the_version_used_longest_ago_is_dropped(session: Session, tmp_path: Path) -> None:
    registry = versions(session, tmp_path, 3)
    timeline = registry.timelines()[0]
    first, second, third = sorted(timeline.versions, key=lambda entry: entry.seq)
    registry.snapshot(timeline, first)
    registry.snapshot(timeline, second)
    registry.snapshot(timeline, first)
    registry.snapshot(timeline, third)
    assert set(registry.loaded()) == {first.version_id, third.version_id}


def test_a_version_is_built_once(session: Session, tmp_path: Path) -> None:
    registry = versions(session, tmp_path, 1)
    timeline = registry.timelines()[0]
    assert registry.snapshot(timeline, timeline.versions[0]) is registry.snapshot(timeline, timeline.versions[0])


def test_a_withdrawn_version_answers_so_after_the_next_reading(session: Session, tmp_path: Path) -> None:
    publish_zones(tmp_path)
    assert zoning.card(117.4805, 0.1205)["status"] == "inside"
    editing.withdraw_version("rdtr", 1, "Dibatalkan pengadilan")
    zoning.registry().refresh()
    assert zoning.card(117.4805, 0.1205)["status"] == "withdrawn"


def test_places_loaded_by_another_process_are_noticed(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the notice was missed: the number of the loading is compared at every reading."""
    registry = versions(session, tmp_path, 1)
    registry.refresh()
    forgotten: list[bool] = []
    monkeypatch.setattr(places, "forget", lambda: forgotten.append(True))
    registry.refresh()
    assert forgotten == []
    before = places.places_version()
    monkeypatch.setattr(places, "places_version", lambda: before + 1)
    registry.refresh()
    assert forgotten == [True]


def test_the_background_reading_survives_any_error(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that ended would leave its process on an old plan for ever."""
    registry = Registry(keep=2, tolerance_deg=1e-7, max_age_s=0.05)
    reached, calls = threading.Event(), []

    def timelines() -> tuple[()]:
        calls.append(time.monotonic())
        if len(calls) < 3:
            raise RuntimeError("a version that cannot be loaded")
        reached.set()
        return ()

    monkeypatch.setattr(plans, "timelines", timelines)
    thread = registry.watch(app, lambda: None)
    assert reached.wait(10)
    assert thread.is_alive()
    # It cannot be stopped by design; it is a daemon, and from here on finds nothing to do for an hour.
    registry._max_age_s = 3600


def test_a_draft_is_never_answered_from(session: Session, tmp_path: Path) -> None:
    publish_zones(tmp_path)
    outcome = import_zones(tmp_path, row_of_zones(("K-1", "K-1", "K-1")))
    editing.load_rules("rdtr", outcome.seq, write_rules(tmp_path))
    zoning.registry().refresh()
    assert zoning.card(117.4805, 0.1205)["zones"][0]["subzone"]["code"] == "R-2"
