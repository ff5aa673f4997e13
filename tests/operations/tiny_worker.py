"""The smallest thing that the supervisor can run beside the server: waits until it is ended."""

from __future__ import annotations

import signal

if __name__ == "__main__":
    signal.pause()
