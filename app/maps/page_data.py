"""What the pages of this folder show beside their text: the map's settings, the light map's zones, plans, error kinds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from flask import url_for
from flask_babel import gettext

from app import errors
from app.frontend_assets import asset
from app.i18n import language
from app.places import service as places
from app.plans.timeline import VersionEntry
from app.runtime import runtime
from app.zoning import service as zoning
from app.zoning import wording
from gis import share_map

LANGUAGE_NAMES = {"id": "Bahasa Indonesia", "en": "English"}
_GENERAL_EMERGENCY = "112"
# Stands in a kept document where the nonce of each response goes; made of what base64 never holds.
_NONCE_MARK = "@nonce@"


def emergency_number(emergency: Any) -> str:
    """The number for any emergency from the city profile; 112 serves the whole country where none is given."""
    if isinstance(emergency, Mapping):
        return str(emergency.get("general", _GENERAL_EMERGENCY))
    return _GENERAL_EMERGENCY


def example_coordinates(centre: Sequence[float]) -> str:
    """A coordinate in the city, latitude first as people write it. centre: lon, lat in EPSG:4326."""
    lon, lat = centre
    return f"{lat:.4f}, {lon:.4f}"


def error_kinds() -> list[tuple[str, int, str]]:
    """(slug, status, title) of every error class, by status."""
    found: dict[str, tuple[str, int, str]] = {}
    waiting = [errors.RuangError]
    while waiting:
        cls = waiting.pop()
        found.setdefault(cls.slug, (cls.slug, cls.status, str(cls.title)))
        waiting.extend(cls.__subclasses__())
    return sorted(found.values(), key=lambda kind: (kind[1], kind[0]))


def plans_in_force() -> list[dict[str, Any]]:
    """The published plans with the version that holds today, if any."""
    today = runtime().city.today()
    return [
        {"name": plan.name, "scale": plan.scale, "current": plan.on(today)} for plan in zoning.registry().timelines()
    ]


def open_hearings() -> list[dict[str, Any]]:
    """Drafts that everybody may comment on today: plan, address, last day."""
    today = runtime().city.today()
    return [
        {
            "name": plan.name,
            "address": url_for("hearing_pages.hearing", code=plan.code, hearing_id=hearing.hearing_id),
            "last_day": wording.day(hearing.last_day),
        }
        for plan in zoning.registry().timelines()
        if (hearing := plan.hearing_on(today)) is not None
    ]


def map_settings(on: str | None) -> dict[str, Any]:
    """What the map's script needs: tile addresses, plans and versions, extent, words in the reader's language."""
    city = runtime().city
    return {
        "tiles": "/api/v1/tiles/{layer}/{version}/{z}/{x}/{y}.mvt",
        "legend": "/map/legend/{version}",
        "placesVersion": places.places_version(),
        "plans": [
            {
                "code": plan.code,
                "name": plan.name,
                "versions": [_version(entry) for entry in sorted(plan.versions, key=lambda entry: -entry.seq)],
            }
            for plan in zoning.registry().timelines()
        ],
        "on": on or "",
        "today": city.today().isoformat(),
        "centre": list(city.city.centre),
        "zoom": city.city.default_zoom,
        "bounds": list(city.city.bounds),
        "sample": any(plan.sample for plan in city.plans),
        "texts": _map_texts(),
    }


def _version(entry: VersionEntry) -> dict[str, Any]:
    label = gettext("from %(first)s", first=wording.day(entry.valid_from))
    withdrawn = entry.state == "withdrawn"
    return {
        "id": entry.version_id,
        "seq": entry.seq,
        "from": entry.valid_from.isoformat(),
        "to": entry.valid_to.isoformat() if entry.valid_to else None,
        "legal": entry.legal_reference,
        "withdrawn": withdrawn,
        "label": f"{label} ({gettext('withdrawn')})" if withdrawn else label,
    }


def legend(version_id: int) -> list[dict[str, Any]]:
    """Sub-zones that have zones in a public version, in the order of its code list. Raises NotFound."""
    snapshot = zoning.snapshot_of(version_id)
    drawn = {zone.subzone_code for zone in snapshot.zones}
    listed = [row for code, row in snapshot.subzones.items() if code in drawn]
    known = [
        {"code": row.code, "name": row.name, "colour": row.colour, "official": bool(row.colour_official)}
        for row in listed
    ]
    unlisted = sorted(drawn - set(snapshot.subzones))
    return known + [{**snapshot.subzone(code), "official": False} for code in unlisted]


def _map_texts() -> dict[str, str]:
    return {
        "asking": gettext("Looking it up …"),
        "failed": gettext("The answer could not be fetched. Check the connection and try again."),
        "noVersion": gettext("No version of this plan was in force on that date."),
        "copied": gettext("Link copied"),
        "more": gettext("Show more"),
        "less": gettext("Show less"),
        "centre": gettext("In the middle"),
        "north": gettext("To the north"),
        "east": gettext("To the east"),
        "south": gettext("To the south"),
        "west": gettext("To the west"),
        "noZone": gettext("no zone"),
        "mapLabel": gettext("Map. Move with the arrow keys, press Enter to ask at the middle."),
        "zoomIn": gettext("Zoom in"),
        "zoomOut": gettext("Zoom out"),
        "opacity": gettext("Opacity of: {layer}"),
        "locating": gettext("Finding your position …"),
        "located": gettext("Found, accurate to about {m} m"),
        "notLocated": gettext("Your position is not available. Allow it in the browser, or type a place."),
        "outside": gettext("Your position is outside the map."),
        "zones": gettext("Zones"),
        "zone_labels": gettext("Zone codes"),
        "parcels": gettext("Parcels (closer in)"),
        "roads": gettext("Roads"),
        "boundaries": gettext("Boundaries"),
        "landmarks": gettext("Places"),
        "printTitle": gettext("What may be built where"),
        "printNote": gettext("This is information, not a KKPR, KRK or permit."),
        "printSample": gettext("A sample, not the legal plan. Do not decide anything with it."),
        "printLink": gettext("This map"),
        "printed": gettext("Printed on"),
        "ownColour": gettext("own colour"),
        "inView": gettext("{n} in view"),
    }


def light_document(on: dt.date | None, nonce: str) -> str:
    """The light map's document for the first plan's version of that day (today when None).

    Kept per version and language with a mark where the nonce goes. Raises NotFound where no version is in force.
    """
    version_id = _version_id_on(on)
    kept = runtime().caches.setdefault("light_maps", {})
    key = (version_id, language())
    if key not in kept:
        kept[key] = share_map.render(
            _light_zones(version_id), texts=_light_texts(), leaflet=_leaflet(), nonce=_NONCE_MARK
        )
    document: str = kept[key]
    return document.replace(_NONCE_MARK, nonce)


def _version_id_on(on: dt.date | None) -> int:
    day = on or runtime().city.today()
    for plan in zoning.registry().timelines():
        entry = plan.on(day)
        if entry is not None and entry.state == "published":
            return entry.version_id
    raise errors.NotFound(gettext("No plan is in force on %(date)s.", date=wording.day(day)), field="on")


def _light_zones(version_id: int) -> list[share_map.ShareZone]:
    snapshot = zoning.snapshot_of(version_id)
    return [
        share_map.ShareZone(
            shapely.from_wkb(bytes(zone.wkb)), zone.subzone_code, subzone["name"] or "", subzone["colour"]
        )
        for zone in snapshot.content.zones
        for subzone in [snapshot.subzone(zone.subzone_code)]
    ]


def _leaflet() -> share_map.Leaflet:
    return share_map.Leaflet(script=asset("leaflet.js"), style=asset("leaflet.css"))


def _light_texts() -> share_map.ShareTexts:
    sample = any(plan.sample for plan in runtime().city.plans)
    return share_map.ShareTexts(
        language=language(),
        title=gettext("Light map of the spatial plan of %(city)s", city=runtime().city.city.name),
        note=gettext("A sample, not the legal plan. Do not decide anything with it.")
        if sample
        else gettext("This is information, not a KKPR, KRK or permit."),
        ask=gettext("What may I build here?"),
        ask_url=url_for("zoning_pages.zoning"),
        back=gettext("Search for a place and read the answer"),
        back_url=url_for("zoning_pages.zoning"),
    )
