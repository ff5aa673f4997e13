"""Chromium on the sample city; see tests/live.py."""

from __future__ import annotations

from tests.live import browser, chromium_path, live_traffic, live_url, open_context, visit

__all__ = ["browser", "chromium_path", "live_traffic", "live_url", "open_context", "visit"]
