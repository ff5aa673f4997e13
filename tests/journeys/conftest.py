"""Chromium on the sample city; see tests/live.py."""

from __future__ import annotations

from tests.journeys.planning import draft, edit, editor_app, editor_url
from tests.live import browser, chromium_path, live_traffic, live_url, open_context, visit

__all__ = [
    "browser", "chromium_path", "draft", "edit", "editor_app", "editor_url", "live_traffic", "live_url", "open_context", "visit",
]  # fmt: skip
