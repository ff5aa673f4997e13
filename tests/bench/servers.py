"""Servers of the benchmark: the same granian, once with the platform and once with a bare Flask route."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.config import REPOSITORY, Settings
from app.operations.processes import spawn, stop_group
from tests.bench import load

PLATFORM = "app.wsgi:application"
BARE = "tests.bench.bare:application"
# On, so that what they cost is measured; high, so that none is met.
_RATE = "1000000000 per minute"
_PATIENCE_S = 120.0


@dataclass(frozen=True)
class Server:
    """A running server. pid: of granian's main process; its workers are that process's children."""

    port: int
    pid: int
    seconds_to_ready: float

    def workers(self) -> list[int]:
        """Process numbers of the workers."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [int(child) for child in children if _is_worker(int(child))]


def _is_worker(pid: int) -> bool:
    # multiprocessing's resource tracker is a child as well; it never loads an application.
    return b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()


def environment(settings: Settings) -> dict[str, str]:
    """What a server needs to know of a database, as environment variables."""
    assert settings.database_url is not None
    return {
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "RUANG_SECRET_KEY": "only for measurements",
        "RUANG_VAR": str(settings.var),
        "RUANG_RATE_READS": _RATE,
        "RUANG_RATE_WRITES": _RATE,
        "RUANG_LOG_FORMAT": "json",
    }


@contextmanager
def running(target: str, env: dict[str, str], *, workers: int, ready: str, log: Path) -> Iterator[Server]:
    """A server on a free port, ready to answer; stopped at the end. Its output goes to the file ``log``."""
    port = _free_port()
    command = [sys.executable, "-m", "app.operations.serve", target, "127.0.0.1", str(port), str(workers)]
    with log.open("wb") as output:
        process = spawn(command, env={**os.environ, **env}, cwd=REPOSITORY, output=output)
        try:
            started = time.perf_counter()
            _wait(port, load.get(ready), workers)
            yield Server(port, process.pid, time.perf_counter() - started)
        finally:
            stop_group(process)


def _wait(port: int, request: bytes, workers: int) -> None:
    """Until the server has answered 200 many times in a row, so that every worker is ready, not the first only."""
    until, in_a_row = time.monotonic() + _PATIENCE_S, 0
    while in_a_row < (1 if workers == 1 else 20 * workers):
        try:
            in_a_row = in_a_row + 1 if load.fetch(port, request)[0] == 200 else 0
        except OSError:
            in_a_row = 0
        if not in_a_row:
            time.sleep(0.05)
        if time.monotonic() > until:
            raise TimeoutError(f"the server was not ready within {_PATIENCE_S:.0f} s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
