"""Servers of the application that are meant to be killed, each a child of a process that has loaded everything already.

Started as ``python -m tests.operations.publishing_server``. Each line of its input is the settings of one server, as
JSON; for each it writes a line with the server's process id and port. It ends with its input, and its children with it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import TextIO

from werkzeug.serving import make_server

import app.plans.review.views
import app.zoning.views  # noqa: F401 - likewise
from app import create_app
from app.config import Settings
from app.operations.processes import die_with_parent


def serve(settings: str, told: TextIO) -> None:
    """Serve until killed. told: where the process id and port are written."""
    die_with_parent(signal.SIGKILL)
    server = make_server("127.0.0.1", 0, create_app(Settings(_env_file=None, **json.loads(settings))), threaded=True)
    told.write(f"{os.getpid()} {server.server_port}\n")
    told.flush()
    server.serve_forever()


def main() -> None:
    """Make one child per line."""
    # Logs go to the other output, so that nothing stands between the lines.
    told = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # The kernel buries the children.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        if os.fork() == 0:
            serve(line, told)
            return


if __name__ == "__main__":
    main()
