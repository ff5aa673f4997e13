"""Memory of running processes, as the kernel counts it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Memory:
    """MiB of one process. resident: everything in memory. proportional: shared pages divided among their users."""

    resident_mb: float
    proportional_mb: float


def of(pid: int) -> Memory:
    """Memory of a process now."""
    fields = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split(":")
        fields[name] = int(value.split()[0]) / 1024
    return Memory(fields["Rss"], fields["Pss"])
