"""Answers about public hearings of drafts."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import Field

from app.schemas.base import N_, Answer


class HearingSummary(Answer):
    """A public hearing of a draft."""

    id: int = Field(ge=1)
    seq: int = Field(ge=1, description=N_("The number that the draft has within its plan."))
    version_id: int = Field(ge=1)
    in_force: Literal[False] = Field(description=N_("A draft is never in force."))
    phase: Literal["announced", "running", "ended", "closed", "cancelled"]
    first_day: dt.date = Field(description=N_("The first day on which comments are taken, in the city's calendar."))
    last_day: dt.date = Field(description=N_("The last day on which comments are taken."))
    notice: str = Field(description=N_("What people are asked."))
    cancelled_reason: str | None
    draft_is_visible: bool = Field(description=N_("Whether the draft's tiles are open to everybody now."))
    takes_comments: bool


class HearingsAnswer(Answer):
    """Hearings of one plan, newest first."""

    results: list[HearingSummary]


class HearingAnswer(Answer):
    """What the planners answered."""

    at: dt.datetime
    text: str


class HearingCommentProperties(Answer):
    """What somebody said. name: only where the person chose to show it."""

    number: int = Field(ge=1)
    sent_at: dt.datetime
    name: str | None
    zone_id: int | None
    subzone_code: str | None
    text: str | None = Field(description=N_("Null where the planners hid it."))
    hidden_reason: str | None
    answers: list[HearingAnswer]


class HearingComment(Answer):
    """One comment. Its place is null where it is about a zone or the whole draft."""

    type: Literal["Feature"]
    id: int
    geometry: dict[str, Any] | None
    properties: HearingCommentProperties


class HearingComments(Answer):
    """The comments of one hearing with their answers."""

    type: Literal["FeatureCollection"]
    hearing: HearingSummary
    features: list[HearingComment]
