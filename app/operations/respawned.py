"""A process that is started again when it ends by itself: the worker, without which the server still serves."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from app.operations.processes import stop_group

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0
# One that ran so long did not fail at its start: the next pause is short again.
_RAN_WELL_S = 60.0


class Respawned:
    """Use with ``with``; the process and its whole group are gone afterwards."""

    def __init__(self, start: Callable[[], subprocess.Popen[bytes]], *, say: Callable[[str], None]) -> None:
        self._start = start
        self._say = say
        self._pause_s = _FIRST_PAUSE_S
        self._process: subprocess.Popen[bytes] | None = None
        self._started = self._again_at = 0.0

    def __enter__(self) -> Self:
        self._begin()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            stop_group(self._process)

    def keep_alive(self) -> None:
        """Start the process again where it ended, after a pause that grows while it keeps failing."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._again_at:
                self._begin()
            return
        status = self._process.poll()
        if status is None:
            return
        stop_group(self._process)
        self._process = None
        if now - self._started > _RAN_WELL_S:
            self._pause_s = _FIRST_PAUSE_S
        self._say(f"the worker ended by itself (exit status {status}), next try in {self._pause_s:.0f} s")
        self._again_at = now + self._pause_s
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)

    def _begin(self) -> None:
        self._process = self._start()
        self._started = time.monotonic()
