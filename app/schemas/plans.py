"""Answers about plans and their published versions."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from app.schemas.base import N_, Answer, AreaM2, Bounds, Colour

PlanKind = Literal["rdtr", "rtrw", "other"]


class Correction(Answer):
    """A correction notice on a published version, whose content stays as it is."""

    date: dt.date
    concerns: str = Field(description=N_("What it is about: an article, a zone, a map sheet."))
    text: str


class VersionSummary(Answer):
    """A published or withdrawn version."""

    seq: int = Field(ge=1, description=N_("The version's number within its plan."))
    version_id: int = Field(ge=1, description=N_("The version's number among all plans; tiles are addressed by it."))
    state: Literal["published", "withdrawn"]
    legal_reference: str
    valid_from: dt.date = Field(description=N_("The first day on which it is in force."))
    valid_to: dt.date | None = Field(
        description=N_("The first day on which it is no longer in force; null while no end is known.")
    )
    withdrawal_reason: str | None
    summary: str | None = Field(description=N_("What changed and why; null where it was not written down."))
    errata: list[Correction] = Field(description=N_("Correction notices, oldest first."))


class PlanSummary(Answer):
    """A plan with a public version."""

    code: str
    name: str
    kind: PlanKind
    scale: int = Field(gt=0, description=N_("The denominator of the drawing's scale: 5000 for 1:5,000."))
    accuracy_m: float = Field(ge=0, description=N_("How exact the drawing is, in metres."))
    sample: bool = Field(description=N_("Whether this is sample data and not the legal plan."))
    current: VersionSummary | None = Field(description=N_("The version in force today."))


class PlansAnswer(Answer):
    """Plans with a public version."""

    results: list[PlanSummary]


class VersionsAnswer(Answer):
    """Public versions of one plan, newest first."""

    results: list[VersionSummary]


class PlanName(Answer):
    """The plan that a version belongs to."""

    code: str
    name: str
    kind: PlanKind
    sample: bool


class VersionSubzone(Answer):
    """A sub-zone of the version's code list, with what is drawn of it."""

    code: str
    domain_code: str | None = Field(description=N_("The official number of the sub-zone."))
    name: str
    zone: str | None
    group: str | None = Field(description=N_("lindung (protected) or budi daya (for use)."))
    colour: Colour
    colour_official: bool = Field(
        description=N_("Whether the colour is the official one; otherwise it is this platform's own.")
    )
    zones: int = Field(ge=0, description=N_("How many zones are drawn."))
    area_m2: AreaM2


class Article(Answer):
    """An article of the plan's text, verbatim."""

    number: str
    title: str
    text: str


class VersionDetail(VersionSummary):
    """One version: what it is, its sub-zones with areas, its articles."""

    plan: PlanName
    overlaps_m2: AreaM2
    gaps_m2: AreaM2
    extent: Bounds | None
    subzones: list[VersionSubzone]
    articles: list[Article]
