"""Run one command with a throw-away cluster: ``python -m app.operations.with_cluster COMMAND [ARGUMENT]...``.

The command finds the superuser's address in RUANG_TEST_ADMIN_URL. Where that is set already, its cluster is
used and none is made. Exits with the command's status.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from types import FrameType

from app.operations.cluster import temporary_cluster

ADMIN_URL = "RUANG_TEST_ADMIN_URL"


def main(command: list[str]) -> int:
    """Run the command; returns its exit status, 128 + n when signal n ended it."""
    if not command:
        sys.stderr.write(__doc__ or "")
        return 2
    with contextlib.ExitStack() as stack:
        env = dict(os.environ)
        if ADMIN_URL not in env:
            env[ADMIN_URL] = stack.enter_context(temporary_cluster()).admin_url
        # Same process group as ours, so that Ctrl-C reaches the command itself; we wait for what it makes of
        # it.
        process = subprocess.Popen(command, env=env)

        def pass_on(number: int, _frame: FrameType | None) -> None:
            if number != signal.SIGINT:
                process.send_signal(number)

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, pass_on)
        status = process.wait()
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
