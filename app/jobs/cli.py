"""``ruang worker``: do jobs, for operators who run the server without ``ruang run``."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext


@click.command("worker")
@with_appcontext
def worker_command() -> None:
    """Do what was started in the background (imports, comparisons, publishing), until Ctrl-C."""
    from app.jobs.worker import work

    # The application itself: the proxy ends with this context, and jobs are done in others.
    work(current_app._get_current_object())  # type: ignore[attr-defined]
