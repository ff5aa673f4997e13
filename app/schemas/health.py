"""Answers about the service itself: alive, ready, and how it is described."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from app.schemas.base import N_, Answer


class Alive(Answer):
    """The process answers."""

    status: Literal["ok"]


class Ready(Answer):
    """Whether the database answers and a published version is loaded."""

    database: Literal["ok", "unreachable"]
    version_id: int | None
    notes: list[str] = Field([], description=N_("What an operator should know."))


class AnyDocument(Answer):
    """An OpenAPI document."""

    model_config = ConfigDict(extra="allow")

    openapi: Literal["3.1.0"]
    info: dict[str, Any]
    paths: dict[str, Any]
