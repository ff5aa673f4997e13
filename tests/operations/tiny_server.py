"""The smallest thing that the supervisor can run: ``python -m tests.operations.tiny_server
[--stop-with-parent]``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

from app.config import Settings
from app.operations.run_record import AlreadyRunningError
from app.operations.supervisor import run


def application(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer anything with 200."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]


if __name__ == "__main__":
    try:
        run(
            Settings(),
            stop_with_parent="--stop-with-parent" in sys.argv,
            migrate=False,
            sample=False,
            application="tests.operations.tiny_server:application",
            worker=("-m", "tests.operations.tiny_worker"),
        )
    except AlreadyRunningError as error:
        sys.stdout.write(f"already running on {error.record.address}\n")
