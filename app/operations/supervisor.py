"""``ruang run``: database, migrations, sample city, web server and worker, as one thing that starts and stops.

Whatever ends this process (Ctrl-C, SIGTERM, a closed terminal, SIGKILL, the end of make) ends everything it
started.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from types import FrameType

from app.config import REPOSITORY, Settings
from app.operations.bootstrap import bootstrap
from app.operations.cluster import Cluster, private_cluster
from app.operations.inspection import is_empty, migrations_at_head
from app.operations.processes import die_with_parent, spawn, stop_group
from app.operations.respawned import Respawned
from app.operations.run_record import RunLock, run_lock

APPLICATION = "app.wsgi:application"
WORKER = ("-m", "app.operations.command", "worker")
RUN_RECORD = "run.json"
_PORTS_TRIED = 200
_SECONDS_TO_ANSWER = 90.0
_PULSE_S = 0.25

_Watched = tuple[str, subprocess.Popen[bytes]]


class StopRequested(BaseException):
    """Raised in the main thread by a signal, so that any wait ends at once."""


class RunError(RuntimeError):
    """Something that was started ended by itself; the message says what."""


def run(
    settings: Settings,
    *,
    stop_with_parent: bool = False,
    migrate: bool = True,
    sample: bool = True,
    application: str = APPLICATION,
    worker: Sequence[str] = WORKER,
) -> None:
    """Serve until somebody asks to stop.

    migrate: bring the tables up to this release. sample: load the sample city into an empty database. worker: the
    arguments for Python of the process that does jobs beside the server. Raises AlreadyRunningError, ClusterError and RunError.
    """
    with run_lock(settings.var / RUN_RECORD) as lock, _stop_signals(), contextlib.ExitStack() as stack:
        try:
            if stop_with_parent:
                die_with_parent(signal.SIGTERM)
            watched: list[_Watched] = []
            if settings.database_url is None:
                cluster = private_cluster(settings)
                database = stack.enter_context(_database(cluster))
                watched += [("the database", database)] if database else []
            if migrate and not migrations_at_head(settings):
                _say("migrating the database")
                _run_step("the migration", "db", "upgrade")
            if sample and is_empty(settings):
                _say("loading the sample city (about a minute, once)")
                _run_step("loading the sample city", "sample", "load")
            jobs = stack.enter_context(Respawned(lambda: _start(*worker, death_signal=signal.SIGKILL), say=_say))
            _serve(settings, application, lock, stack, watched, jobs)
        except StopRequested:
            _say("stopping")
        finally:
            _ignore_stop_signals()


def free_port(host: str, wanted: int) -> tuple[int, socket.socket]:
    """The wanted port, or the next one that nobody listens on, and a token that keeps it ours.

    The token is a name in the kernel's abstract socket space: two checkouts that start in the same moment
    both see the port free, but only one gets the name. It vanishes with the process. Raises RunError when no
    port is free.
    """
    for port in range(wanted, min(wanted + _PORTS_TRIED, 65536)):
        token = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            token.bind(f"\0ruang-port-{port}")
            family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            with socket.socket(family, kind, protocol) as trial:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                trial.bind(address)
                trial.listen(1)
        except socket.gaierror as error:
            token.close()
            raise RunError(f"{host} is no address of this machine ({error}): set RUANG_HOST") from None
        except OSError:
            token.close()
            continue
        return port, token
    raise RunError(f"no free port from {wanted} on: set RUANG_PORT")


def _serve(
    settings: Settings,
    application: str,
    lock: RunLock,
    stack: contextlib.ExitStack,
    watched: list[_Watched],
    jobs: Respawned,
) -> None:
    port, token = free_port(settings.host, settings.port)
    stack.enter_context(token)
    arguments = [application, settings.host, str(port), str(settings.workers)]
    server = stack.enter_context(_child("-m", "app.operations.serve", *arguments))
    watched = [*watched, ("the web server", server)]
    lock.write(server_pid=server.pid)
    terminals = _Terminals()
    started = time.monotonic()
    while not _answers(settings.host, port):
        _check(watched)
        if time.monotonic() - started > _SECONDS_TO_ANSWER:
            raise RunError(f"the web server does not answer after {_SECONDS_TO_ANSWER:.0f} s")
        terminals.wait()
    address = f"http://{_for_people(settings.host)}:{port}"
    lock.write(address, server.pid)
    if port != settings.port:
        _say(f"port {settings.port} is taken, using {port}")
    _say(f"ready on {address} (Ctrl-C stops)")
    while True:
        terminals.wait()
        _check(watched)
        jobs.keep_alive()


@contextlib.contextmanager
def _database(cluster: Cluster) -> Iterator[subprocess.Popen[bytes] | None]:
    """The private cluster, running.

    One that ``ruang cluster start`` started is used, left running, and not watched: nothing is yielded.
    """
    if cluster.is_detached():
        bootstrap(cluster.admin_url)
        yield None
        return
    if not cluster.data.exists():
        _say(f"making a private database in {cluster.base}")
    cluster.wait_until_left()
    cluster.initialise()
    process = cluster.start()
    try:
        bootstrap(cluster.admin_url)
        yield process
    finally:
        cluster.stop(process)


def _run_step(name: str, *arguments: str) -> None:
    """Run one ``ruang`` command to its end."""
    terminals = _Terminals()
    with _child("-m", "app.operations.command", *arguments) as process:
        while process.poll() is None:
            terminals.wait()
        if process.returncode != 0:
            raise RunError(f"{name} failed (exit status {process.returncode}): see above")


@contextlib.contextmanager
def _child(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process of this project; its whole group is gone afterwards."""
    process = _start(*arguments)
    try:
        yield process
    finally:
        stop_group(process)


def _start(*arguments: str, death_signal: signal.Signals = signal.SIGTERM) -> subprocess.Popen[bytes]:
    paths = [str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    return spawn([sys.executable, *arguments], env=environment, death_signal=death_signal)


def _check(watched: list[_Watched]) -> None:
    for name, process in watched:
        if process.poll() is not None:
            raise RunError(f"{name} ended by itself (exit status {process.returncode})")


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(_for_people(host), port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _for_people(host: str) -> str:
    """An address that a browser on this machine can open."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104


class _Terminals:
    """Notices that the terminal was closed: under make no signal tells us."""

    def __init__(self) -> None:
        self._poll = select.poll()
        for descriptor in (0, 1, 2):
            with contextlib.suppress(OSError):
                if os.isatty(descriptor):
                    self._poll.register(descriptor, 0)  # hang-up and errors are always reported

    def wait(self) -> None:
        """Pause for a moment. Raises StopRequested when a terminal hung up."""
        if self._poll.poll(_PULSE_S * 1000):
            raise StopRequested


@contextlib.contextmanager
def _stop_signals() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        _ignore_stop_signals()  # the first one is enough; a second must not interrupt the clearing up
        raise StopRequested

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    for number, handler in before.items():
        if not (number == signal.SIGHUP and handler == signal.SIG_IGN):  # nohup means it
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore_stop_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _say(text: str) -> None:
    # Unbuffered: the terminal may be gone, and what Python could not write it would try again at exit.
    with contextlib.suppress(OSError):
        os.write(1, f"ruang: {text}\n".encode())
