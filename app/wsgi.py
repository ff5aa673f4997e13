"""The server's entry point: granian loads ``application`` from here, once per worker process."""

from __future__ import annotations

from app import create_app
from app.zoning import background

application = create_app()
background.start(application)
