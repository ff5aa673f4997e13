"""Undo and redo: what one person did in a draft, as two stacks that outlive every browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.plans.models import Changeset

# Imports begin a draft; everything else that a person did can be taken back.
_BEGINNINGS = frozenset({"import"})


@dataclass(frozen=True)
class Stacks:
    """Changesets that can be undone, and redone; the last comes first off."""

    undo: tuple[Changeset, ...]
    redo: tuple[Changeset, ...]


def stacks(done: Sequence[Changeset]) -> Stacks:
    """The stacks after everything one person did in a draft, in order."""
    undo: list[Changeset] = []
    redo: list[Changeset] = []
    for changeset in done:
        if changeset.kind == "undo":
            redo.append(undo.pop())
        elif changeset.kind == "redo":
            undo.append(redo.pop())
        elif changeset.kind not in _BEGINNINGS:
            undo.append(changeset)
            # A new edit begins another future.
            redo.clear()
    return Stacks(tuple(undo), tuple(redo))
