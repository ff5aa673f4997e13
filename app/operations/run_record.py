"""One running server per checkout: a lock that the kernel releases, and a note of what holds it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from app.operations.processes import wait_for_exit

_SECONDS_TO_SHUT_DOWN = 12.0


class AlreadyRunningError(RuntimeError):
    """Another process serves this checkout; ``record`` says which, and where."""

    def __init__(self, record: Record) -> None:
        super().__init__(f"already running as process {record.pid}")
        self.record = record


@dataclass(frozen=True)
class Record:
    """Who serves: process numbers of the supervisor and the web server, and the address once it answers.

    server_started: the kernel's start time of the server, since process numbers are used again.
    """

    pid: int
    address: str | None = None
    server_pid: int | None = None
    server_started: int | None = None


class RunLock:
    """The lock, held."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, address: str | None = None, server_pid: int | None = None) -> None:
        """Note what is running now."""
        started = start_time(server_pid) if server_pid else None
        record = Record(os.getpid(), address, server_pid, started)
        self._file.seek(0)
        self._file.truncate()
        self._file.write(json.dumps(asdict(record)))
        self._file.flush()


@contextlib.contextmanager
def run_lock(path: Path) -> Iterator[RunLock]:
    """Hold the lock of this checkout, after what a killed predecessor left behind has ended.

    Raises AlreadyRunningError where it is held.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+") as file:
        record = _read(file)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError(record or Record(pid=0)) from None
        if record is not None:
            _end_left_over_server(record)
        lock = RunLock(file)
        lock.write()
        try:
            yield lock
        finally:
            file.truncate(0)


def read_record(path: Path) -> Record | None:
    """What was noted last, or None; it may be out of date."""
    try:
        with path.open() as file:
            return _read(file)
    except FileNotFoundError:
        return None


def start_time(pid: int) -> int | None:
    """When a process started, in the kernel's clock ticks since boot; None when there is no such process."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except (FileNotFoundError, ProcessLookupError):
        return None


def _read(file: IO[str]) -> Record | None:
    file.seek(0)
    try:
        return Record(**json.loads(file.read()))
    except (ValueError, TypeError):
        return None  # empty, or written by another release


def _end_left_over_server(record: Record) -> None:
    """A web server whose supervisor was killed shuts down by itself; wait for that, or make it."""
    pid = record.server_pid
    if pid is None or record.server_started is None or start_time(pid) != record.server_started:
        return
    if not wait_for_exit(pid, _SECONDS_TO_SHUT_DOWN):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
