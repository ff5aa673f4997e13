"""Rate limits per client address, with the engine of Flask-Limiter (``limits``) and counters in this process.

Flask-Limiter itself resolves its limits anew on every request, also where there are none: it took more time than the
rest of ``/healthz``, and more than the zoning card. ``limits``' own memory storage starts a thread every few requests
to remove what has expired; the one here removes it in passing.
"""

from __future__ import annotations

import functools
import math
import threading
import time
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from flask import request
from limits import RateLimitItem, parse_many
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from app.runtime import runtime

_SWEEP_S = 60.0
_parse = functools.lru_cache(maxsize=64)(parse_many)
P = ParamSpec("P")
R = TypeVar("R")


class CounterStorage(Storage):
    """Counters of fixed windows in memory, by key: how many hits, and when the window ends."""

    STORAGE_SCHEME = ["process"]  # noqa: RUF012 - the base class declares a list

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: Any) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._windows: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()
        self._sweep_at = 0.0

    @property
    def base_exceptions(self) -> type[Exception]:
        """Memory does not fail in ways of its own."""
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count hits in the window of the key, which lasts ``expiry`` seconds from its first hit."""
        now = time.time()
        with self._lock:
            if now >= self._sweep_at:
                self._windows = {name: window for name, window in self._windows.items() if window[1] > now}
                self._sweep_at = now + _SWEEP_S
            count, ends = self._windows.get(key, (0, 0.0))
            count, ends = (count + amount, ends) if ends > now else (amount, now + expiry)
            self._windows[key] = (count, ends)
        return count

    def get(self, key: str) -> int:
        """Hits in the present window of the key."""
        count, ends = self._windows.get(key, (0, 0.0))
        return count if ends > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """When the window of the key ends, in seconds of the epoch; now where there is none."""
        return max(self._windows.get(key, (0, 0.0))[1], time.time())

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int:
        """Forget all counters; returns how many there were."""
        with self._lock:
            count = len(self._windows)
            self._windows.clear()
        return count

    def clear(self, key: str) -> None:
        """Forget the counter of one key."""
        with self._lock:
            self._windows.pop(key, None)


class RateLimits:
    """Limits views by client address; every view counts for itself. A view beyond its limit raises TooManyRequests (429)."""

    def limit(self, rate: Callable[[], str]) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Decorate a view. rate: gives the limit at each request, such as "1200 per minute;20 per second"."""

        def decorate(view: Callable[P, R]) -> Callable[P, R]:
            name = counter_name(view)

            @functools.wraps(view)
            def limited(*args: P.args, **kwargs: P.kwargs) -> R:
                self.hit(name, rate())
                return view(*args, **kwargs)

            return limited

        return decorate

    def hit(self, name: str, rate: str, subject: str | None = None) -> None:
        """Count one try at something, such as a password.

        subject: whose tries are counted, such as an account; default the client's address. Raises TooManyRequests (429)
        beyond the rate, with the seconds until the last window that was passed ends.
        """
        whose = subject or request.remote_addr
        passed = self._passed(name, rate, whose)
        if passed:
            engine, now = _engine(), time.time()
            ends = max(engine.get_window_stats(item, name, whose or "local").reset_time for item in passed)
            raise TooManyRequests(retry_after=max(1, math.ceil(ends - now)))

    def within(self, name: str, rate: str, address: str | None) -> bool:
        """Count a request of a client address under a name; False beyond the rate."""
        return not self._passed(name, rate, address)

    def _passed(self, name: str, rate: str, address: str | None) -> list[RateLimitItem]:
        """Count, and say which limits are passed. Every limit counts the request, also after one was passed."""
        engine, whose = _engine(), address or "local"
        return [item for item in _parse(rate) if not engine.hit(item, name, whose)]


def counter_name(view: Callable[..., Any]) -> str:
    """The name under which a view counts its requests."""
    return f"{view.__module__}.{view.__qualname__}"


def _engine() -> FixedWindowRateLimiter:
    """Kept with the application, so that two in one process do not share their counters."""
    caches = runtime().caches
    engine: FixedWindowRateLimiter | None = caches.get("rate_limits")
    if engine is None:
        engine = caches.setdefault("rate_limits", FixedWindowRateLimiter(CounterStorage()))
    return engine
