"""Answers about zoning: the card, polygon shares, parcels, uses, activities."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from app.schemas.base import N_, Answer, AreaM2, Colour, DistanceM, Latitude, Longitude
from app.schemas.plans import Correction, PlanKind
from app.schemas.requests import Ring

Verdict = Literal["allowed", "limited", "conditional", "limited_conditional", "forbidden", "undecided"]
RoadClass = Literal["arteri", "kolektor", "lokal", "lingkungan"]
Percent = Annotated[float, Field(ge=0, le=100)]


class AskedPoint(Answer):
    """The question, as it was understood."""

    lon: Longitude
    lat: Latitude
    on: dt.date = Field(description=N_("The day that the answer is about; today in the city where none was asked."))
    accuracy_m: float = Field(ge=0)


class CardPlan(Answer):
    """The plan and version that answer."""

    code: str
    name: str
    kind: PlanKind
    version: int = Field(ge=1)
    version_id: int = Field(ge=1)
    legal_reference: str
    valid_from: dt.date
    valid_to: dt.date | None
    scale: int = Field(gt=0)
    accuracy_m: float = Field(ge=0)
    sample: bool
    overlaps_m2: AreaM2
    errata: list[Correction] = Field(description=N_("Correction notices on this version, oldest first."))


class Place(Answer):
    """Where the point lies. Outside the city, region names the neighbour or the sea and the rest is null."""

    kelurahan: str | None
    kecamatan: str | None
    code: str | None = Field(description=N_("Area code of the Ministry of Home Affairs (Kemendagri)."))
    region: str | None


class CardSubzone(Answer):
    """A sub-zone; a code that the version's list lacks has no name."""

    code: str
    domain_code: str | None
    name: str | None
    zone: str | None
    colour: Colour


class Intensity(Answer):
    """One row of the intensity table. What the plan does not state is null, never filled in."""

    applies: str | None = Field(description=N_("What the row is about, verbatim."))
    road_class: RoadClass | None = Field(description=N_("null holds for every class of road."))
    lot_min_m2: float | None = Field(ge=0, description=N_("The smallest lot that the row is about."))
    lot_max_m2: float | None = Field(ge=0, description=N_("Lots from this size on are another row's."))
    building_type: str | None
    kdb_max_pct: Percent | None = Field(description=N_("KDB: largest share of the lot under buildings."))
    klb_max_ratio: float | None = Field(
        ge=0, description=N_("KLB: largest sum of all floors, as a multiple of the lot.")
    )
    kdh_min_pct: Percent | None = Field(description=N_("KDH: smallest share of the lot that stays green."))
    ktb_max_pct: Percent | None = Field(description=N_("KTB: largest share of the lot under basements."))
    gsb_min_m: float | None = Field(ge=0, description=N_("GSB: smallest distance of the building from the road."))
    side_min_m: float | None = Field(ge=0)
    rear_min_m: float | None = Field(ge=0)
    height_max_m: float | None = Field(ge=0)
    floors_max: int | None = Field(ge=0)
    article: str | None


class UseCounts(Answer):
    """How many activities of the plan's table have each verdict; the list itself is under .../uses."""

    allowed: int = Field(ge=0)
    limited: int = Field(ge=0)
    conditional: int = Field(ge=0)
    limited_conditional: int = Field(ge=0)
    forbidden: int = Field(ge=0)
    undecided: int = Field(ge=0)


class CardZone(Answer):
    """A zone that holds the point (distance 0) or lies so near that the drawing cannot tell."""

    zone_id: int = Field(ge=1, description=N_("The zone's lasting number, through every version."))
    revision_id: int = Field(ge=1)
    distance_m: DistanceM
    subzone: CardSubzone
    block: str | None
    area_m2: AreaM2
    legal_area_ha: float | None = Field(ge=0, description=N_("Hectares as the plan states them."))
    intensity: list[Intensity]
    uses: UseCounts


class OverlayAnswer(Answer):
    """One kind of special provision; every kind is always listed."""

    model_config = ConfigDict(extra="forbid", serialize_by_alias=True)

    kind: str = Field(description=N_("The official layer's column."))
    name: str
    status: Literal["applies", "does_not_apply", "not_checked"]
    class_: str | None = Field(alias="class", description=N_("The value as the plan states it."))
    text: str | None
    article: str | None
    zone_ids: list[int] = Field(description=N_("The zones that this is true of."))


class Condition(Answer):
    """A condition or limit; a code that the plan does not explain has no text."""

    code: str
    text: str | None
    article: str | None


class ZoneVerdict(Answer):
    """The verdict for one zone."""

    zone_id: int = Field(ge=1)
    verdict: Verdict
    conditions: list[Condition]


class NearestAllowed(Answer):
    """A zone in which the activity is allowed, with the point of it that is nearest."""

    zone_id: int = Field(ge=1)
    subzone: CardSubzone
    verdict: Verdict
    distance_m: DistanceM
    lon: Longitude
    lat: Latitude


class ActivityMatch(Answer):
    """An activity that was found by word or code."""

    activity_id: str
    kbli: list[str] = Field(
        description=N_("Codes of the Indonesian classification of business activities; may be none.")
    )
    edition: str | None = Field(description=N_("The edition of KBLI that the codes belong to."))
    title: str
    matched: str = Field(description=N_("The word or code that it was found by."))


class ActivityCandidate(ActivityMatch):
    """One reading of an activity asked about, with its verdicts."""

    verdicts: list[ZoneVerdict]


class ActivityAnswer(Answer):
    """Whether the activity asked about may take place here."""

    activity_id: str
    kbli: list[str]
    kbli_edition: str | None
    title: str
    verdicts: list[ZoneVerdict]
    nearest_allowed: list[NearestAllowed]
    ambiguous: bool = Field(
        description=N_("Whether a code stands for several activities: choose among the candidates.")
    )
    candidates: list[ActivityCandidate]


class Source(Answer):
    """What the answer rests on."""

    title: str
    date: dt.date


class ZoningCard(Answer):
    """The answer for a point."""

    query: AskedPoint
    status: Literal["inside", "border", "near_border", "plan_gap", "sea", "other_region", "withdrawn"]
    plan: CardPlan
    place: Place | None
    zones: list[CardZone]
    overlays: list[OverlayAnswer]
    activity: ActivityAnswer | None
    next_steps: list[str]
    notes: list[str] = Field(
        description=N_("What limits this answer: a sample, overlaps in the plan, a day still to come.")
    )
    sources: list[Source]
    disclaimer: str


class ShareAnswer(Answer):
    """The part of a polygon that lies in one zone."""

    zone_id: int = Field(ge=1)
    subzone: CardSubzone
    area_m2: AreaM2
    pct: Percent = Field(description=N_("Per cent of the polygon's area."))


class SharesAnswer(Answer):
    """A polygon split by zones: shares, touching and outside add up to its area, less what overlaps count twice."""

    plan: CardPlan
    on: dt.date
    area_m2: AreaM2
    shares: list[ShareAnswer]
    touching: list[ShareAnswer] = Field(description=N_("Pieces smaller than sliver_m2."))
    outside_m2: AreaM2
    overlap_m2: AreaM2
    sliver_m2: AreaM2
    overlays: list[OverlayAnswer]


class ParcelFacts(Answer):
    """The parcel itself. Nothing is known here about its owner."""

    nib: str = Field(description=N_("NIB tanah: the number of the parcel, not of a business."))
    area_m2: AreaM2
    centre: Annotated[list[float], Field(min_length=2, max_length=2)]
    kelurahan: str | None


class PolygonGeometry(Answer):
    """A GeoJSON Polygon."""

    type: Literal["Polygon"]
    coordinates: list[Ring]


class MultiPolygonGeometry(Answer):
    """A GeoJSON MultiPolygon."""

    type: Literal["MultiPolygon"]
    coordinates: list[list[Ring]]


class ParcelAnswer(Answer):
    """A parcel, its shares, and the card of a point inside it."""

    parcel: ParcelFacts
    shares: SharesAnswer
    card: ZoningCard
    geometry: Annotated[PolygonGeometry | MultiPolygonGeometry, Field(discriminator="type")]


class Use(Answer):
    """One activity in one sub-zone."""

    activity_id: str
    kbli: list[str]
    kbli_edition: str | None
    title: str
    category: str | None
    verdict: Verdict
    conditions: list[Condition]


class UsesAnswer(Answer):
    """Every activity of the plan's table, with its verdict in this sub-zone."""

    plan: CardPlan
    subzone: CardSubzone
    uses: list[Use]


class ActivitiesAnswer(Answer):
    """Activities that the words may mean, best first."""

    results: list[ActivityMatch]
