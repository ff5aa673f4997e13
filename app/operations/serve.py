"""The web server: granian with workers that cannot outlive it.

``python -m app.operations.serve TARGET HOST PORT WORKERS``; ``ruang run`` starts it, containers may start it
alone.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from granian import Granian
from granian._internal import load_target
from granian.constants import Interfaces
from granian.log import LogLevels

from app.operations.processes import die_with_parent

_SECONDS_TO_FINISH_REQUESTS = 5
# They wait for the database; more would only wait for the interpreter's lock (granian warns from here on).
_THREADS_PER_WORKER = min(8, 2 * (os.cpu_count() or 1) + 1)


def _load_in_worker(target: str) -> Callable[..., Any]:
    # granian's own workers live on, and hold the port, when their main process is killed.
    die_with_parent(signal.SIGKILL)
    application: Callable[..., Any] = load_target(target)
    return application


def serve(target: str, host: str, port: int, workers: int) -> None:
    """Serve a WSGI application (``module:name``) until SIGINT or SIGTERM."""
    Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=_THREADS_PER_WORKER,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=_SECONDS_TO_FINISH_REQUESTS,
    ).serve(target_loader=_load_in_worker)


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
