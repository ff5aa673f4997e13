"""The zoning answer: card, polygon shares, activities. Everything that answers "what may be done with this land?".

Points are lon/lat in EPSG:4326. Answers come from one published version each, chosen by the day asked about.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any

import orjson
import shapely
import shapely.geometry
from flask_babel import format_date, gettext

from app.compression import Pieces
from app.errors import BeforeFirstVersion, Malformed, NotFound, OutsideCity, Unprocessable
from app.i18n import language
from app.places import service as places
from app.plans import service as plans
from app.plans.timeline import PlanTimeline, VersionEntry
from app.runtime import runtime
from app.zoning.card import conditions, merged_overlays, parts, write
from app.zoning.finding import Finding, Question
from app.zoning.registry import Registry
from app.zoning.snapshot import Snapshot
from gis.errors import InvalidGeometry
from gis.polygons import check_extent
from gis.zoning_index import Location, Share


@dataclass(frozen=True, slots=True)
class ReadyCard:
    """A card in pieces, and those of its version that were deflated before."""

    parts: list[tuple[bytes, bool]]
    pieces: Pieces

    def plain(self) -> bytes:
        """The card as JSON."""
        return b"".join([part for part, _ in self.parts])

    def gzip(self) -> bytes:
        """The same as a gzip stream."""
        return self.pieces.gzip(self.parts)


# From best to worst: where several zones hold a point, the summary says the worst.
_SEVERITY = ("allowed", "limited", "conditional", "limited_conditional", "undecided", "forbidden")


def registry() -> Registry:
    """The registry of this application."""
    own = runtime()
    found: Registry | None = own.caches.get("registry")
    if found is None:
        settings = own.settings
        found = own.caches.setdefault(
            "registry",
            Registry(
                keep=settings.index_versions,
                tolerance_deg=settings.border_tolerance_deg,
                max_age_s=settings.timeline_seconds,
            ),
        )
    return found


def warm() -> None:
    """Load what is in force today, so that the first question does not wait for it."""
    own, today = registry(), runtime().city.today()
    for timeline in own.timelines():
        entry = timeline.on(today)
        if entry is not None and len(own.loaded()) < runtime().settings.index_versions:
            own.snapshot(timeline, entry)
    places.territory()


def loaded_version_id() -> int | None:
    """The version that answers today for the first plan, once it is in memory."""
    today = runtime().city.today()
    for timeline in registry().timelines():
        entry = timeline.on(today)
        if entry is not None:
            return registry().snapshot(timeline, entry).entry.version_id
    return None


def choose(question: Question) -> tuple[PlanTimeline, VersionEntry, dt.date]:
    """The plan and version that answer a question.

    Raises Malformed for a place outside every plan and the city, NotFound for an unknown plan or where nothing is
    published, BeforeFirstVersion for a day before the first version.
    """
    timelines = registry().timelines()
    if not timelines:
        raise NotFound(gettext("No plan is published yet."))
    timeline = _plan_for(timelines, question)
    day = question.on or runtime().city.today()
    entry = timeline.on(day)
    if entry is None:
        first = timeline.first_day()
        if first is not None and day < first:
            raise BeforeFirstVersion(
                gettext("The first version of this plan is in force from %(date)s.", date=format_date(first, "long")),
                field="on",
                hint=gettext("Ask for that date or a later one."),
                first_date=first.isoformat(),
            )
        raise NotFound(
            gettext("No version of this plan is in force on %(date)s.", date=format_date(day, "long")), field="on"
        )
    return timeline, entry, day


def _plan_for(timelines: tuple[PlanTimeline, ...], question: Question) -> PlanTimeline:
    if question.plan is not None:
        for timeline in timelines:
            if timeline.code == question.plan:
                return timeline
        raise NotFound(gettext("There is no published plan with the code %(code)s.", code=question.plan), field="plan")
    lon, lat = question.lon, question.lat
    for timeline in timelines:
        if timeline.covers(lon, lat):
            return timeline
    for timeline in timelines:
        if timeline.in_region(lon, lat):
            return timeline
    raise _outside_everything(timelines, lon, lat)


def _outside_everything(timelines: tuple[PlanTimeline, ...], lon: float, lat: float) -> OutsideCity:
    """Far away; says so, and what to do."""
    detail = gettext(
        "The point at latitude %(lat)s, longitude %(lon)s lies outside every plan of this city.", lon=lon, lat=lat
    )
    return OutsideCity(detail, field="lon,lat", hint=_hint_for(timelines, lon, lat))


def _hint_for(timelines: tuple[PlanTimeline, ...], lon: float, lat: float) -> str:
    """Whether the two numbers look swapped, else where the city lies."""
    swapped = any(timeline.in_region(lat, lon) for timeline in timelines)
    city = runtime().city.city
    if swapped:
        return gettext(
            "Longitude and latitude look swapped: try longitude %(lon)s and latitude %(lat)s.", lon=lat, lat=lon
        )
    return gettext(
        "%(city)s lies between longitude %(west)s and %(east)s and latitude %(south)s and %(north)s.",
        city=city.name,
        west=city.bounds[0],
        east=city.bounds[2],
        south=city.bounds[1],
        north=city.bounds[3],
    )


def find(question: Question) -> Finding:
    """Look the point up. Raises what ``choose`` raises, and Malformed for numbers that are no position."""
    _check_position(question)
    timeline, entry, day = choose(question)
    snapshot = registry().snapshot(timeline, entry)
    if entry.state == "withdrawn":
        return Finding(question, day, "withdrawn", snapshot, Location(()), _territory(question))
    location = snapshot.index.locate(question.lon, question.lat, asker_accuracy_m=question.accuracy_m)
    area = _territory(question)
    return Finding(question, day, _status(location, area, timeline), snapshot, location, area)


def _check_position(question: Question) -> None:
    if not (math.isfinite(question.lon) and math.isfinite(question.lat)):
        raise Malformed(gettext("Longitude and latitude must be numbers."), field="lon,lat")
    if abs(question.lon) > 180 or abs(question.lat) > 90:
        raise Unprocessable(
            gettext("Longitude lies between -180 and 180, latitude between -90 and 90."),
            field="lon,lat",
            hint=_hint_for(registry().timelines(), question.lon, question.lat),
        )


def _territory(question: Question) -> places.Territory | None:
    return places.territory().at(question.lon, question.lat)


def _status(location: Location, area: places.Territory | None, timeline: PlanTimeline) -> str:
    if len(location.zones) > 1:
        return "border"
    if len(location.zones) == 1:
        return "near_border" if location.edge_m is not None or location.neighbours else "inside"
    if area is not None and area.level == "sea":
        return "sea"
    if area is not None and area.level == "neighbour":
        return "other_region"
    if area is not None:
        return "plan_gap"
    # No area of the city is known here: inside the plan's own extent it is a gap of the plan, else another region.
    return "other_region" if places.territory().bounds is not None and not _beyond(timeline) else "plan_gap"


def _beyond(timeline: PlanTimeline) -> bool:
    """Whether the plan lies where the city's areas do not reach, so that they cannot say what a point is in."""
    bounds = places.territory().bounds
    region = timeline.region
    return (
        bounds is None
        or region[2] < bounds[0]
        or region[0] > bounds[2]
        or region[3] < bounds[1]
        or region[1] > bounds[3]
    )


def card(
    lon: float,
    lat: float,
    *,
    on: dt.date | None = None,
    accuracy_m: float = 0.0,
    activity: str | None = None,
    road_class: str | None = None,
    lot_m2: float | None = None,
    plan: str | None = None,
) -> dict[str, Any]:
    """The zoning card of a point, as pages use it."""
    question = Question(lon, lat, on, accuracy_m, activity, road_class, lot_m2, plan)
    answer: dict[str, Any] = orjson.loads(card_bytes(question))
    return answer


def card_bytes(question: Question) -> bytes:
    """The zoning card of a point as JSON."""
    found = find(question)
    # Without a day asked about, the day is today.
    future = question.on is not None and found.day > runtime().city.today()
    return write(found, language(), future=future)


def ready_card(lon: float, lat: float, lang: str) -> ReadyCard | None:
    """The card of a point as it is today, where that needs no text in the request's language; else None.

    lang: "id" or "en". Raises what ``find`` raises.
    """
    found = find(Question(lon, lat))
    if (found.status, lang, False) not in found.snapshot.closing:
        return None
    return ReadyCard(parts(found, lang, future=False), found.snapshot.pieces)


def everyday(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Verdicts of common activities for the summary sentence; of several zones at a border, the worst.

    Which activities are common is data: those of the city profile that the version knows. Empty where no zone answers.
    """
    zones = [zone for zone in answer["zones"] if zone["distance_m"] == 0]
    if not zones or not answer["plan"]:
        return []
    snapshot = snapshot_of(answer["plan"]["version_id"])
    listed = []
    for activity_id in runtime().city.everyday_activities:
        row = snapshot.activities.get(activity_id)
        if row is None:
            continue
        verdicts = [snapshot.verdict(activity_id, zone["subzone"]["code"]).verdict for zone in zones]
        listed.append({"activity_id": activity_id, "title": row.title, "verdict": max(verdicts, key=_SEVERITY.index)})
    return listed


def snapshot_of(version_id: int) -> Snapshot:
    """A public version in memory; raises NotFound."""
    for timeline in registry().timelines():
        for entry in timeline.versions:
            if entry.version_id == version_id:
                return registry().snapshot(timeline, entry)
    raise NotFound(gettext("There is no published version with the number %(id)s.", id=version_id))


_DIRECTIONS = (("north", 0, 1), ("east", 1, 0), ("south", 0, -1), ("west", -1, 0))


def surroundings(
    lon: float, lat: float, *, on: dt.date | None = None, plan: str | None = None, radius_m: float = 200
) -> list[dict[str, Any]]:
    """The first other zone in each direction within the radius, for people who do not see the map.

    A road beside the point says little about the neighbourhood: the zone across it is named, with ``across_road``; the
    road itself only where nothing else is near. Distances are along the plan's metric axes, in metres, to that zone.
    """
    found = find(Question(lon, lat, on, plan=plan))
    if found.status == "withdrawn":
        return []
    snapshot = found.snapshot
    listed = []
    for direction, east, north in _DIRECTIONS:
        met = snapshot.index.along(lon, lat, east=east, north=north, radius_m=radius_m)
        if not met:
            continue
        hit = next((zone for zone in met if not snapshot.is_road(zone.position)), met[0])
        zone = snapshot.zones[hit.position]
        listed.append(
            {
                "direction": direction,
                "distance_m": round(hit.distance_m, 1),
                "across_road": hit is not met[0],
                "zone_id": zone.zone_id,
                "subzone": snapshot.subzone(zone.subzone_code),
            }
        )
    return listed


def polygon_shares(polygon: shapely.Geometry, *, on: dt.date | None = None, plan: str | None = None) -> dict[str, Any]:
    """Split a polygon (EPSG:4326) by the zones it lies in; all areas add up to the polygon's.

    Raises InvalidGeometry (crosses itself, says where), TooLarge and Unprocessable for limits, and what ``choose`` does.
    """
    settings = runtime().settings
    InvalidGeometry.check(polygon, max_vertices=settings.max_polygon_vertices)
    centre = polygon.representative_point()
    timeline, entry, day = choose(Question(centre.x, centre.y, on, plan=plan))
    check_extent(polygon, timeline.metric, max_extent_m=settings.max_polygon_extent_m)
    snapshot = registry().snapshot(timeline, entry)
    split = snapshot.index.shares(polygon, sliver_m2=settings.sliver_m2)
    positions = tuple(share.position for share in split.shares)

    def written(share: Share) -> dict[str, Any]:
        zone = snapshot.zones[share.position]
        return {
            "zone_id": zone.zone_id,
            "subzone": snapshot.subzone(zone.subzone_code),
            "area_m2": share.area_m2,
            "pct": share.pct,
        }

    return {
        "plan": snapshot.plan(),
        "on": day.isoformat(),
        "area_m2": split.area_m2,
        "shares": [written(share) for share in split.shares],
        "touching": [written(share) for share in split.touching],
        "outside_m2": split.outside_m2,
        "overlap_m2": split.overlap_m2,
        "sliver_m2": split.sliver_m2,
        "overlays": merged_overlays(snapshot, positions, language()),
    }


def parcel_card(nib: str, *, on: dt.date | None = None) -> dict[str, Any]:
    """A parcel by its NIB tanah: its shares, and the card of a point inside it. Raises NotFound."""
    found = places.parcel(nib)
    if found is None:
        raise NotFound(
            gettext("No parcel with this NIB tanah is on the map. Old certificates are often not on it yet."),
            field="nib",
        )
    row, geometry = found
    centre = geometry.point_on_surface()
    shares = polygon_shares(geometry, on=on)
    return {
        "parcel": {
            "nib": row.nib,
            "area_m2": shares["area_m2"],
            "centre": [centre.x, centre.y],
            "kelurahan": places.kelurahan_name(row.kelurahan_code),
        },
        "shares": shares,
        "card": card(centre.x, centre.y, on=on, lot_m2=shares["area_m2"]),
        "geometry": shapely.geometry.mapping(geometry),
    }


def uses(plan_code: str, seq: int, subzone_code: str) -> dict[str, Any]:
    """The full list of activities of one sub-zone with verdict and conditions. Raises NotFound."""
    _timeline, entry = plans.public_version(plan_code, seq)
    snapshot = snapshot_of(entry.version_id)
    code = next((known for known in snapshot.subzones if known.lower() == subzone_code.lower()), None)
    if code is None:
        raise NotFound(
            gettext("This version of the plan has no sub-zone %(code)s.", code=subzone_code), field="subzone"
        )
    listed = []
    for row in snapshot.content.activities:
        verdict = snapshot.verdict(row.activity_id, code)
        listed.append(
            {
                "activity_id": row.activity_id,
                "kbli": row.kbli,
                "kbli_edition": row.kbli_edition,
                "title": row.title,
                "category": row.category,
                "verdict": verdict.verdict,
                "conditions": conditions(snapshot, verdict.conditions),
            }
        )
    return {"plan": snapshot.plan(), "subzone": snapshot.subzone(code), "uses": listed}


def activities(q: str, *, plan: str | None = None, on: dt.date | None = None) -> list[dict[str, Any]]:
    """Activities of the version in force by plain word, synonym, typo or code."""
    timelines = registry().timelines()
    chosen = next((item for item in timelines if plan in (None, item.code)), None)
    entry = plans.version_on(chosen, on) if chosen else None
    if entry is None:
        raise NotFound(gettext("No plan is published yet."), field="plan")
    return plans.search_activities(entry.version_id, q, limit=runtime().settings.search_results)
