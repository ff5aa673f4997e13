"""Kinds of jobs: what each domain can have done in the background."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel

from app.accounts.roles import Actor
from app.runtime import runtime


class Run(Protocol):
    """A job that is being done, as its work sees it."""

    @property
    def id(self) -> uuid.UUID:
        """Its number, also the key of what it stores: one that is done again is stored once."""
        ...

    @property
    def actor(self) -> Actor:
        """Who started it, with the roles that they have now."""
        ...

    def step(self, progress: float, text: str) -> None:
        """Say how far it is (0 to 1), and what is done next. Raises where the job is cancelled or the worker stops."""
        ...

    def file(self, job_id: uuid.UUID | None = None) -> Path:
        """The file that was sent in for it (or for another job of the same person), for as long as it runs."""
        ...


@dataclass(frozen=True)
class Kind:
    """work: does it, in the transaction that also makes the job done: all of it is kept, or nothing. Returns the result.

    title: what people call it. roles: one of them starts it. arguments: their model. page: where its result is shown.
    attempts: how often it is begun anew when a worker dies under it.
    """

    name: str
    title: Any
    roles: tuple[str, ...]
    arguments: type[BaseModel]
    work: Callable[[Run, Any], dict[str, Any]]
    page: Callable[[Any, uuid.UUID], str]
    attempts: int = 2


def register(known: Mapping[str, Kind], *kinds: Kind) -> dict[str, Kind]:
    """The known kinds and some more, by name. Raises ValueError where two have the same."""
    result = dict(known)
    for kind in kinds:
        if kind.name in result:
            raise ValueError(f"there is a kind of job named {kind.name} already")
        result[kind.name] = kind
    return result


def kind_named(name: str) -> Kind:
    """The kind. Raises KeyError where no domain has it."""
    kind: Kind = runtime().job_kinds[name]
    return kind
