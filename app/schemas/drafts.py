"""Answers about the draft of a plan, and what planners send in."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import Field

from app.plans.drafts.api import ChangesetBody, Key, Opening, OperationBody, RepairBody
from app.plans.drafts.finding import Kind, Severity
from app.plans.drafts.service import READERS
from app.plans.models import CHANGESET_KINDS
from app.schemas.base import N_, Answer, AreaM2, Bounds, Colour, DistanceM, Latitude, Longitude

__all__ = ["READERS", "WRITERS", "ChangesetBody", "Key", "Opening", "OperationBody", "RepairBody"]
WRITERS = ("planner",)
ZoneId = Annotated[int, Field(ge=1, description=N_("The zone's lasting number."))]
ChangesetId = Annotated[int, Field(ge=0, description=N_("The number of a changeset; later ones are larger."))]


class DraftPlan(Answer):
    """The plan that a draft belongs to."""

    code: str
    name: str
    utm_zone: int = Field(ge=1, le=60, description=N_("UTM zone of the plan's metric plane, on GRS80."))
    south: bool
    accuracy_m: DistanceM
    region: Bounds


class Undoable(Answer):
    """A change that could be taken back, or done again."""

    changeset: ChangesetId
    comment: str


class DraftSubzone(Answer):
    """A sub-zone of the draft's code list."""

    code: str
    name: str
    zone: str | None
    colour: Colour


class OverlayKind(Answer):
    """A kind of special provision."""

    kind: str
    name: str


class DraftInfo(Answer):
    """The version of a plan that is being worked on, and what the asker may do with it."""

    plan: DraftPlan
    seq: int = Field(ge=1, description=N_("The version's number within its plan."))
    version_id: int = Field(ge=1)
    state: Literal["draft", "review"]
    base_seq: int | None = Field(description=N_("The version that it was made from."))
    legal_reference: str
    opened_at: dt.datetime
    head: ChangesetId
    zones: int = Field(ge=0, description=N_("How many zones it has."))
    bbox: Bounds | None
    may_edit: bool
    subzones: list[DraftSubzone]
    overlay_kinds: list[OverlayKind]
    undo: Undoable | None
    redo: Undoable | None


class ZoneTable(Answer):
    """Zones as rows; the columns are named once."""

    head: ChangesetId
    columns: list[str]
    rows: list[list[Any]]


class MultiPolygon(Answer):
    """A GeoJSON MultiPolygon, EPSG:4326, every bit of it."""

    type: Literal["MultiPolygon"]
    coordinates: list[Any]


class ZoneProperties(Answer):
    """What a zone of the draft says."""

    zone_id: ZoneId
    revision_id: int | None
    subzone_code: str | None
    block: str | None
    sub_block: str | None
    legal_area_ha: float | None
    remark: str | None
    overlays: dict[str, str | None]
    area_m2: AreaM2
    perimeter_m: DistanceM


class ZoneFeature(Answer):
    """A zone of the draft as a GeoJSON Feature."""

    type: Literal["Feature"]
    id: ZoneId
    geometry: MultiPolygon
    properties: ZoneProperties


class FeatureCollection(Answer):
    """Zones of the draft."""

    type: Literal["FeatureCollection"]
    features: list[ZoneFeature]


class SnapLines(Answer):
    """Outlines to draw along, as GeoJSON geometries; at most 2,000 of each kind."""

    parcels: list[dict[str, Any]]
    roads: list[dict[str, Any]]
    areas: list[dict[str, Any]]


class ChangesetSummary(Answer):
    """Who changed the draft, when and why."""

    id: ChangesetId
    at: dt.datetime
    author: str
    kind: Annotated[str, Field(json_schema_extra={"enum": list(CHANGESET_KINDS)})]
    comment: str
    mine: bool


class Changes(Answer):
    """What happened after a changeset."""

    head: ChangesetId
    zones: FeatureCollection = Field(description=N_("Zones that were touched, as they are now."))
    removed: list[ZoneId]
    changesets: list[ChangesetSummary]


class HistoryEntry(ChangesetSummary):
    """A changeset with the zones that it touched."""

    zones: list[ZoneId]
    undone: bool


class History(Answer):
    """Changesets, newest first."""

    changesets: list[HistoryEntry]


class DraftLineage(Answer):
    """A zone has land of another."""

    parent: ZoneId
    child: ZoneId
    kind: Literal["split", "merge", "carve", "repair"]


class AreaChange(Answer):
    """A zone's area before and after; null where it is not there."""

    zone_id: ZoneId
    before_m2: AreaM2 | None
    after_m2: AreaM2 | None


class Saved(Answer):
    """What a change did, and what may be undone after it."""

    changeset: ChangesetId
    head: ChangesetId
    zones: FeatureCollection
    removed: list[ZoneId]
    lineage: list[DraftLineage]
    merged: bool = Field(description=N_("Whether somebody else had changed the same zones, and that was kept."))
    changes: list[AreaChange]
    undo: Undoable | None
    redo: Undoable | None


class LandTransfer(Answer):
    """Land that would change hands; null is nobody."""

    source: int | None = Field(alias="from")
    target: int | None = Field(alias="to")
    area_m2: AreaM2


class ProposedRepair(Answer):
    """What could be done about a finding."""

    to: ZoneId | None = Field(description=N_("The zone that would gain the land."))
    choices: list[ZoneId] = Field(description=N_("Zones that could gain it, the likeliest first."))
    changes: list[AreaChange]
    transfers: list[LandTransfer]
    legal_area_ha: float | None = Field(description=N_("What the legal area would become."))


class FindingAnswer(Answer):
    """Something that stands against publishing (error) or should be looked at (warning)."""

    id: str
    kind: Kind
    severity: Severity
    accepted: bool = Field(description=N_("Whether it was so in the published version already."))
    zones: list[ZoneId]
    size_m2: AreaM2 | None
    lon: Longitude
    lat: Latitude
    geometry: dict[str, Any] | None = Field(description=N_("GeoJSON; null where it is the zones themselves."))
    text: str
    repair: ProposedRepair | None = Field(description=N_("Null where a person has to mend it."))


class Findings(Answer):
    """What is wrong with the draft. The first 2,000 are listed; the counts are of all."""

    head: ChangesetId
    blocks: bool = Field(description=N_("Whether anything stands against submitting and publishing."))
    errors: int = Field(ge=0)
    warnings: int = Field(ge=0)
    findings: list[FindingAnswer]
