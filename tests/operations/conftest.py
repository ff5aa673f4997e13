"""Supervisors started as processes of their own, and what is left of them."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.config import REPOSITORY, Settings
from app.operations.cluster import Cluster, private_cluster
from app.operations.processes import is_alive
from app.operations.run_record import Record, read_record
from app.operations.supervisor import RUN_RECORD

PATIENCE_S = 30.0


@dataclass
class Checkout:
    """A ``var`` folder of its own, standing for a checkout, and the supervisors started on it."""

    var: Path
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def cluster(self) -> Cluster:
        return private_cluster(Settings(var=self.var))

    @property
    def record(self) -> Record | None:
        return read_record(self.var / RUN_RECORD)

    @property
    def env(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        own = {
            "RUANG_VAR": str(self.var),
            "RUANG_WORKERS": "2",
            "TEST_MARK": self.mark,
            "PYTHONPATH": str(REPOSITORY),
        }
        return kept | own

    def command(self, *options: str) -> list[str]:
        return [sys.executable, "-m", "tests.operations.tiny_server", *options]

    def start(self, *options: str, **env: str) -> subprocess.Popen[bytes]:
        """Start a supervisor and wait until it serves."""
        process = subprocess.Popen(
            self.command(*options),
            env=self.env | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
        )
        self.wait_until_serving(process.pid)
        return process

    def wait_until_serving(self, pid: int) -> str:
        """The address, once the supervisor of this process number has noted it."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            record = self.record
            if record is not None and record.pid == pid and record.address:
                return record.address
            assert is_alive(pid), "the supervisor ended before it served"
            time.sleep(0.05)
        raise AssertionError("the supervisor did not serve in time")

    def processes(self) -> list[str]:
        """Command lines of everything that still runs for this checkout."""
        return [command for _pid, command in self.running()]

    def running(self) -> list[tuple[int, str]]:
        """The same with process numbers."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if not is_alive(int(entry.name)):
                    continue
                of_server = self.mark.encode() in (entry / "environ").read_bytes()
                of_database = (entry / "cwd").readlink().is_relative_to(self.cluster.base)
                if of_server or of_database:
                    command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found.append((int(entry.name), command))
        return found

    def assert_nothing_left(self, within_s: float = PATIENCE_S) -> None:
        until = time.monotonic() + within_s
        while (left := self.processes()) and time.monotonic() < until:
            time.sleep(0.05)
        assert left == []

    def end(self) -> None:
        """Kill the supervisor, whatever it is doing; everything else must follow it."""
        record = self.record
        if record is not None and is_alive(record.pid):
            os.kill(record.pid, signal.SIGKILL)
        self.assert_nothing_left()

    def remove(self) -> None:
        self.end()
        for folder in (self.cluster.base, self.cluster.sockets, self.var):
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def new_checkout() -> Iterator[Checkout]:
    # Not tmp_path: the account of the database's server must be able to enter it.
    folder = Path(tempfile.mkdtemp(prefix="ruang-checkout-", dir="/tmp"))
    folder.chmod(0o755)
    made = Checkout(folder)
    try:
        yield made
    finally:
        made.remove()


@pytest.fixture(scope="session")
def kept_checkout() -> Iterator[Checkout]:
    """One checkout whose cluster is made once; tests that start it leave nothing running."""
    with new_checkout() as made:
        yield made


@pytest.fixture
def checkout(kept_checkout: Checkout) -> Iterator[Checkout]:
    yield kept_checkout
    try:
        kept_checkout.assert_nothing_left()
    except AssertionError:
        # One test's failure must not become the next one's.
        kept_checkout.end()
        raise


@pytest.fixture
def other_checkout() -> Iterator[Checkout]:
    with new_checkout() as made:
        yield made
