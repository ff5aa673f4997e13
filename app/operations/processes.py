"""Child processes that cannot outlive what started them.

Linux only: PR_SET_PDEATHSIG is the one way to be told that a parent was killed with SIGKILL. ``setpriv``
(util-linux, essential on Debian) sets it in the child after the change of user, which would clear it, and
without Python code between fork and exec.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass(frozen=True)
class Account:
    """An operating-system user."""

    name: str
    uid: int
    gid: int

    @classmethod
    def of_uid(cls, uid: int) -> Account:
        """The account with this number. Raises KeyError where the system knows no such user."""
        entry = pwd.getpwuid(uid)
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)

    @classmethod
    def named(cls, name: str) -> Account | None:
        """The account of this name, or None."""
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            return None
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)

    @property
    def is_current(self) -> bool:
        """Whether this process already runs as this account."""
        return self.uid == os.geteuid()

    def can_enter(self, folder: Path) -> bool:
        """Whether this account may reach files inside the folder (asked as that account, so ACLs count)."""
        command = [*_setpriv(self, None), "test", "-x", str(folder)]
        return subprocess.run(command, cwd="/", check=False, capture_output=True).returncode == 0


def _setpriv(account: Account | None, death_signal: signal.Signals | None) -> list[str]:
    options: list[str] = []
    if account is not None and not account.is_current:
        options += [f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"]
    if death_signal is not None:
        options += ["--pdeathsig", death_signal.name.removeprefix("SIG")]
    return ["setpriv", *options] if options else []


def spawn(
    command: Sequence[str],
    *,
    account: Account | None = None,
    death_signal: signal.Signals | None = signal.SIGTERM,
    env: Mapping[str, str] | None = None,
    cwd: Path | str | None = None,
    output: IO[bytes] | int | None = None,
    new_session: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a command as the leader of its own process group.

    account: user to run as (changing it needs root). death_signal: what the child gets when this process
    dies, however it dies; None lets the child live on. output: where its standard output and error go.
    new_session: detach it from the terminal as well. Standard input is empty.
    """
    return subprocess.Popen(
        [*_setpriv(account, death_signal), *command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env=None if env is None else dict(env),
        cwd=cwd,
        start_new_session=new_session,
        process_group=None if new_session else 0,
    )


def die_with_parent(with_signal: signal.Signals = signal.SIGTERM) -> None:
    """Have the kernel send this process a signal when its parent dies.

    Raises OSError where the kernel refuses.
    """
    parent = os.getppid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    if os.getppid() != parent:  # it died while we were asking
        os.kill(os.getpid(), with_signal)


def stop_group(
    process: subprocess.Popen[bytes], *, first: signal.Signals = signal.SIGTERM, patience_s: float = 10.0
) -> None:
    """Ask the leader of a process group to end, wait, then end the whole group by force.

    The group is killed even after the leader ended by itself: its workers may live on (granian's do).
    """
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(first)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience_s)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for_exit(pid: int, timeout_s: float) -> bool:
    """Wait until a process that is not our child is gone; False when it is still there after timeout_s."""
    until = time.monotonic() + timeout_s
    while is_alive(pid):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def is_alive(pid: int) -> bool:
    """Whether a process of this number runs (a zombie does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"
