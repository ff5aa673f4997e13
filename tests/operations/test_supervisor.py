"""Whatever ends ``ruang run`` ends everything it started, and the next start works."""

from __future__ import annotations

import contextlib
import http.client
import os
import pty
import signal
import subprocess
import sys
import time

import pytest

from app.operations.bootstrap import connect
from app.operations.supervisor import free_port
from tests.operations.conftest import PATIENCE_S, Checkout

# In one worker: they start real servers, and two at once would take each other's port and time.
pytestmark = pytest.mark.xdist_group("servers")


def answer(address: str) -> bytes:
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=5)
    with contextlib.closing(connection):
        connection.request("GET", "/healthz")
        return connection.getresponse().read()


def output_of(process: subprocess.Popen[bytes]) -> str:
    return process.communicate(timeout=PATIENCE_S)[0].decode()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda ending: ending.name)
def test_a_signal_stops_everything_in_order(checkout: Checkout, ending: signal.Signals) -> None:
    supervisor = checkout.start()
    assert len(checkout.processes()) > 3  # supervisor, database, server with its processes, worker
    supervisor.send_signal(ending)
    output = output_of(supervisor)
    assert supervisor.returncode == 0
    # The server may still say that a busy worker had to be ended.
    assert "ruang: stopping\n" in output
    checkout.assert_nothing_left(within_s=0)


def test_sigkill_leaves_nothing_and_the_next_start_keeps_the_data(checkout: Checkout) -> None:
    supervisor = checkout.start()
    with connect(checkout.cluster.owner_url, autocommit=True) as database:
        database.execute("DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 42 AS answer")
    supervisor.kill()
    output_of(supervisor)
    # At once, while what was left behind is still shutting down.
    again = checkout.start()
    with connect(checkout.cluster.owner_url) as database:
        assert database.execute("SELECT answer FROM kept").fetchone() == (42,)
    again.kill()
    output_of(again)
    checkout.assert_nothing_left()


def test_killing_supervisor_and_server_together_leaves_no_worker(checkout: Checkout) -> None:
    supervisor = checkout.start()
    record = checkout.record
    assert record is not None
    assert record.server_pid is not None
    supervisor.send_signal(signal.SIGSTOP)  # so that it cannot clear up after the server
    os.kill(record.server_pid, signal.SIGKILL)
    supervisor.kill()
    output_of(supervisor)
    checkout.assert_nothing_left()


def test_a_database_that_was_killed_recovers(checkout: Checkout) -> None:
    supervisor = checkout.start()
    pid = checkout.cluster.running_pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert "the database ended by itself" in output_of(supervisor)
    assert supervisor.returncode == 1
    checkout.assert_nothing_left()
    again = checkout.start()
    again.terminate()
    output_of(again)


def test_a_closed_terminal_stops_it_without_any_signal(checkout: Checkout) -> None:
    ours, theirs = pty.openpty()
    # Not the session's leader and not its child: like a supervisor under make, it gets no SIGHUP.
    supervisor = subprocess.Popen(
        checkout.command(),
        env=checkout.env,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    checkout.wait_until_serving(supervisor.pid)
    os.close(ours)
    supervisor.wait(PATIENCE_S)
    assert supervisor.returncode == 0
    checkout.assert_nothing_left(within_s=0)


def test_nohup_is_respected(checkout: Checkout) -> None:
    command = [sys.executable, "-c", "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN);"]
    command[-1] += "os.execv(sys.argv[1], sys.argv[1:])"
    supervisor = subprocess.Popen([*command, *checkout.command()], env=checkout.env, stdout=subprocess.PIPE)
    address = checkout.wait_until_serving(supervisor.pid)
    supervisor.send_signal(signal.SIGHUP)
    assert answer(address) == b"ok"
    supervisor.terminate()
    output_of(supervisor)


def test_it_follows_a_killed_make(checkout: Checkout) -> None:
    # The parent prints the supervisor's process number, then waits to be killed, as make would.
    script = "import subprocess, sys; print(subprocess.Popen(sys.argv[1:]).pid, flush=True); sys.stdin.read()"
    parent = subprocess.Popen(
        [sys.executable, "-c", script, *checkout.command("--stop-with-parent")],
        env=checkout.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    checkout.wait_until_serving(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate(timeout=PATIENCE_S)
    checkout.assert_nothing_left()


def test_a_second_start_says_where_the_first_one_is(checkout: Checkout) -> None:
    supervisor = checkout.start()
    second = subprocess.run(
        checkout.command(), env=checkout.env, capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )
    assert checkout.record is not None
    assert second.stdout == f"already running on {checkout.record.address}\n"
    assert answer(str(checkout.record.address)) == b"ok"
    supervisor.terminate()
    output_of(supervisor)


def test_two_checkouts_run_side_by_side(checkout: Checkout, other_checkout: Checkout) -> None:
    supervisors = [
        subprocess.Popen(one.command(), env=one.env, stdout=subprocess.PIPE) for one in (checkout, other_checkout)
    ]
    addresses = [
        one.wait_until_serving(supervisor.pid)
        for one, supervisor in zip((checkout, other_checkout), supervisors, strict=True)
    ]
    assert len(set(addresses)) == 2
    assert [answer(address) for address in addresses] == [b"ok", b"ok"]
    assert checkout.cluster.running_pid() != other_checkout.cluster.running_pid()
    for supervisor in supervisors:
        supervisor.terminate()
        output_of(supervisor)
    other_checkout.assert_nothing_left()


def test_database_url_starts_no_database(checkout: Checkout) -> None:
    supervisor = checkout.start(DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert checkout.cluster.running_pid() is None
    supervisor.terminate()
    output_of(supervisor)


def test_the_next_free_port_is_taken_and_kept() -> None:
    first, token = free_port("127.0.0.1", 18_400)
    with token:
        second, other_token = free_port("127.0.0.1", first)
        other_token.close()
        assert second > first  # nobody listens on the first one yet, but it is promised
    third, last_token = free_port("127.0.0.1", first)
    last_token.close()
    assert third == first


def test_a_worker_that_was_killed_is_started_again(checkout: Checkout) -> None:
    supervisor = checkout.start()
    first = worker_of(checkout)
    os.kill(first, signal.SIGKILL)
    until = time.monotonic() + PATIENCE_S
    while (found := worker_of(checkout, missing_ok=True)) in (-1, first) and time.monotonic() < until:
        time.sleep(0.05)
    assert found not in (-1, first)
    assert checkout.record is not None
    assert answer(str(checkout.record.address)) == b"ok"
    supervisor.terminate()
    assert "the worker ended by itself" in output_of(supervisor)
    checkout.assert_nothing_left(within_s=0)


def worker_of(checkout: Checkout, *, missing_ok: bool = False) -> int:
    """The process number of the worker."""
    found = [pid for pid, command in checkout.running() if "tiny_worker" in command and "setpriv" not in command]
    assert found or missing_ok
    return found[0] if found else -1
