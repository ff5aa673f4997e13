"""The answers of /jobs."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any, Literal

from pydantic import Field

from app.schemas.base import N_, Answer


class JobAnswer(Answer):
    """A piece of work in the background."""

    id: uuid.UUID
    kind: str = Field(description=N_("What is done, for programs."))
    title: str = Field(description=N_("What is done, in the reader's language."))
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: Annotated[float, Field(ge=0, le=1, description=N_("How far it is, from 0 to 1."))]
    step: str | None = Field(description=N_("What is being done, in the language of who started it."))
    cancel_requested: bool = Field(description=N_("Somebody asked for it to be stopped."))
    result: dict[str, Any] | None = Field(description=N_("What came of it, where it is done."))
    error: dict[str, Any] | None = Field(description=N_("Why it failed, and what to do about it."))
    page: str = Field(description=N_("The page that shows what came of it."))
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
