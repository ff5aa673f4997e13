"""The thread that keeps a server process up to date with what is published."""

from __future__ import annotations

from flask import Flask

from app.zoning import service


def start(app: Flask) -> None:
    """Listen for publications, re-read the timeline, and load what is in force before the first request."""
    with app.app_context():
        service.registry().watch(app, service.warm)
