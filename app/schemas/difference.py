"""Answers about what differs between versions of a plan, and about the history of zones and points."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import ConfigDict, Field

from app.schemas.base import N_, Answer, AreaM2, Colour, Latitude, Longitude
from app.schemas.plans import PlanName
from app.schemas.zoning import Verdict

Ownership = Literal["public", "private"]


class ComparedVersion(Answer):
    """A version: published, withdrawn, or the one that is being worked on."""

    seq: int = Field(ge=1, description=N_("The version's number within its plan."))
    version_id: int = Field(ge=1, description=N_("The version's number among all plans; tiles are addressed by it."))
    state: Literal["draft", "review", "published", "withdrawn"]
    legal_reference: str
    valid_from: dt.date | None = Field(description=N_("The first day on which it is in force; null for a draft."))
    valid_to: dt.date | None = Field(
        description=N_("The first day on which it is no longer in force; null while no end is known.")
    )
    withdrawal_reason: str | None


class ZoneVersionState(Answer):
    """A zone as one version has it."""

    revision_id: int = Field(ge=1)
    subzone_code: str
    block: str | None
    sub_block: str | None
    legal_area_ha: float | None
    remark: str | None
    overlays: dict[str, str | None]
    area_m2: AreaM2
    geometry: dict[str, Any] | None = Field(
        description=N_("GeoJSON, EPSG:4326, every bit of it; null when the question said geometry=false.")
    )


class ZoneChange(Answer):
    """One zone in both versions."""

    zone_id: int = Field(ge=1)
    changed: list[str] = Field(description=N_("Names of the attributes that differ, “geometry” for the outline."))
    old: ZoneVersionState | None
    new: ZoneVersionState | None


class ChangeCounts(Answer):
    """How much differs."""

    added: int = Field(ge=0)
    removed: int = Field(ge=0)
    reshaped: int = Field(ge=0)
    recoded: int = Field(ge=0)
    edited: int = Field(ge=0)
    changed_m2: AreaM2
    rules: int = Field(ge=0, description=N_("How many rules differ: cells, rows, texts."))


class LineageLink(Answer):
    """The child has land of the parent since a version."""

    seq: int = Field(ge=1)
    parent: int
    child: int
    kind: Literal["split", "merge", "carve", "repair"]


class LandTransfer(Answer):
    """Land that another zone has afterwards, or that keeps its zone and gets another sub-zone; null is no zone."""

    from_zone: int | None
    to_zone: int | None
    from_code: str | None
    to_code: str | None
    area_m2: AreaM2
    geometry: dict[str, Any] | None


class Transition(Answer):
    """How much land goes from one sub-zone to another; null is no zone."""

    from_code: str | None
    to_code: str | None
    area_m2: AreaM2
    area_ha: float = Field(ge=0)


class SubzoneAreas(Answer):
    """What is drawn of a sub-zone in both versions."""

    code: str
    name: str | None
    colour: Colour
    before_m2: AreaM2
    after_m2: AreaM2


class UseCell(Answer):
    """A cell of the ITBX table, as read and as it stands there."""

    verdict: Verdict
    conditions: list[str]
    cell: str


class UseChange(Answer):
    """A cell that differs; null where a version has no such cell."""

    activity_id: str
    title: str
    subzone_code: str
    old: UseCell | None
    new: UseCell | None


class RuleValues(Answer):
    """What a row says in one version; its members are those of the rule tables."""

    model_config = ConfigDict(extra="allow")


class RuleRow(Answer):
    """A row that differs: what it is about, and what it says before and after; null where there is none."""

    model_config = ConfigDict(extra="allow")

    old: RuleValues | None
    new: RuleValues | None


class RuleDifference(Answer):
    """Rules that differ."""

    subzones: list[RuleRow]
    uses: list[UseChange] = Field(description=N_("At most 2,000 cells, in the order of the table."))
    uses_total: int = Field(ge=0, description=N_("How many cells differ in all."))
    conditions: list[RuleRow]
    intensity: list[RuleRow]
    overlays: list[RuleRow]
    articles: list[RuleRow]


class GreenShares(Answer):
    """Green open space of a version, in m2 and in per cent of all its zones; null where it is not stated."""

    plan_m2: AreaM2
    green_m2: AreaM2
    public_m2: AreaM2
    private_m2: float | None
    open_m2: float = Field(ge=0, description=N_("Green, but not stated whether public or private."))
    undecided_m2: float = Field(ge=0, description=N_("Not stated whether it counts as green open space."))
    green_pct: float | None
    public_pct: float | None
    private_pct: float | None
    open_pct: float | None
    undecided_pct: float | None


class GreenSubzone(Answer):
    """What the list of green sub-zones says; null is not stated."""

    code: str
    green: bool | None
    ownership: Ownership | None
    source: str
    before_m2: AreaM2
    after_m2: AreaM2


class GreenSpace(Answer):
    """Green open space against the least that the law asks for."""

    law: str
    least_green_pct: float
    least_public_pct: float
    before: GreenShares
    after: GreenShares
    subzones: list[GreenSubzone]


class AffectedThing(Answer):
    """Something on land whose sub-zone changes."""

    label: str
    lon: Longitude
    lat: Latitude
    area_m2: float | None
    changed_m2: float | None
    from_code: str | None
    to_code: str | None


class AffectedKind(Answer):
    """How many things of a kind lie on land whose sub-zone changes."""

    kind: str
    recorded: bool = Field(description=N_("Whether such things are kept here at all."))
    count: int | None
    listed: list[AffectedThing] | None = Field(description=N_("For planners and approvers; null for everybody else."))


class ChangeReason(Answer):
    """Why something was changed, as it was written down then."""

    seq: int = Field(ge=1)
    at: dt.datetime | None = Field(description=N_("Null for what was published about the version as a whole."))
    text: str


class PlanDifference(Answer):
    """Everything that differs between two versions of a plan."""

    plan: PlanName
    from_: ComparedVersion = Field(alias="from")
    to: ComparedVersion
    summary: ChangeCounts
    added: list[ZoneChange]
    removed: list[ZoneChange]
    reshaped: list[ZoneChange]
    recoded: list[ZoneChange]
    edited: list[ZoneChange] = Field(description=N_("Neither reshaped nor recoded: other attributes differ."))
    lineage: list[LineageLink]
    transfers: list[LandTransfer]
    subzones: list[SubzoneAreas]
    transitions: list[Transition]
    rules: RuleDifference
    green_space: GreenSpace
    affected: list[AffectedKind]
    reasons: list[ChangeReason]


class ZoneMoment(Answer):
    """A zone in one version; state is null where the version does not have it."""

    version: ComparedVersion
    changed: list[str] | None = Field(description=N_("What differs from the version before."))
    state: ZoneVersionState | None


class ZoneHistory(Answer):
    """A zone in every version, oldest first."""

    plan: PlanName
    zone_id: int
    moments: list[ZoneMoment]
    lineage: list[LineageLink]


class PointZone(Answer):
    """A zone that holds the point."""

    zone_id: int
    revision_id: int
    subzone_code: str
    name: str | None
    colour: Colour
    block: str | None
    area_m2: AreaM2


class PointMoment(Answer):
    """What holds the point in one version; on a border several zones."""

    version: ComparedVersion
    zones: list[PointZone]


class PointPlan(Answer):
    """The point in the versions of one plan, oldest first."""

    plan: PlanName
    moments: list[PointMoment]


class AskedPoint(Answer):
    """The point that was asked about."""

    lon: Longitude
    lat: Latitude


class PointHistory(Answer):
    """What held a point in every version of every plan that ever covered it."""

    query: AskedPoint
    plans: list[PointPlan]
