"""Pages that answer "what may I do with this land?", all of them without a map or JavaScript.

``/zoning`` is the answer for a point, or the way to one from words; ``/parcels/<nib>`` the answer for a parcel. The map
asks for ``/zoning/card``, the same answer without the page around it, so that there is one wording only.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import params
from app.errors import BeforeFirstVersion, RuangError
from app.places import service as places
from app.places.service import ROAD_CLASSES
from app.plans.timeline import VersionEntry
from app.zoning import service, wording

zoning_pages = Blueprint("zoning_pages", __name__, template_folder="templates")

_MAX_LOT_M2 = 1e9
# What stays the same when another activity is asked about at the same point.
_KEPT = ("q", "kind", "on", "accuracy_m", "plan", "road_class", "lot_m2")
_DIRECT_KINDS = frozenset({"coordinates", "landmark"})


@zoning_pages.app_context_processor
def _words() -> dict[str, Any]:
    """Templates call the wording functions as ``words.distance(...)``."""
    return {
        "words": wording,
        "zone_of": zone_of,
        "address_of_activity": address_of_activity,
        "hit_address": hit_address,
        "kind_names": lambda: {kind: str(name) for kind, name in wording.MATCH_KINDS.items()},
    }


def zone_of(card: dict[str, Any], zone_id: Any) -> dict[str, Any]:
    """The zone of the card that a verdict speaks of."""
    zone: dict[str, Any] = next(zone for zone in card["zones"] if zone["zone_id"] == zone_id)
    return zone


def terms_of(uses: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The conditions of several activities, each once, by code; many activities share them."""
    found = {condition["code"]: condition for use in uses for condition in use["conditions"]}
    return [found[code] for code in sorted(found)]


def address_of_activity(card: dict[str, Any], activity_id: str) -> str:
    """The answer for the same point about one activity."""
    kept = {name: request.args[name] for name in _KEPT if request.args.get(name)}
    query = {**kept, "lon": card["query"]["lon"], "lat": card["query"]["lat"], "activity": activity_id}
    return url_for("zoning_pages.zoning", **query, _anchor="activity")


@zoning_pages.get("/zona")
def zoning_alias() -> ResponseReturnValue:
    """The short Indonesian address."""
    return redirect(url_for("zoning_pages.zoning", **request.args.to_dict()), code=301)


@zoning_pages.get("/zoning")
def zoning() -> ResponseReturnValue:
    """The answer for ``lon`` and ``lat``, or the hits for ``q`` when no point is given."""
    if request.args.get("lon") and request.args.get("lat"):
        return _answer(params.number("lon"), params.number("lat"))
    query = request.args.get("q", "").strip()
    if not query:
        return render_template("zoning/ask.html", query="")
    return _search(query)


@zoning_pages.get("/zoning/card")
def card_fragment() -> ResponseReturnValue:
    """The answer without a page around it, for the map's sheet."""
    try:
        context = _answer_context(params.number("lon"), params.number("lat"))
    except RuangError as error:
        return render_template("zoning/_error.html", error=error), error.status
    return render_template("zoning/_fragment.html", **context)


@zoning_pages.get("/parcels/<nib>")
def parcel(nib: str) -> ResponseReturnValue:
    """The answer for a parcel: which zones it lies in and by how much, then the card of its centre."""
    answer = service.parcel_card(nib, on=params.optional_date("on"))
    card = answer["card"]
    lon, lat = answer["parcel"]["centre"]
    on = params.optional_date("on")
    return render_template(
        "zoning/parcel.html",
        parcel=answer["parcel"],
        shares=answer["shares"],
        around=service.surroundings(lon, lat, on=on),
        place_label="",
        place_kind="",
        unknown_activity=None,
        **_shared_context(card),
    )


@zoning_pages.get("/plans/<code>/versions/<int:seq>/subzones/<subzone>")
def subzone_uses(code: str, seq: int, subzone: str) -> ResponseReturnValue:
    """Every activity of a sub-zone with its verdict and conditions, as one printable page."""
    listed = service.uses(code, seq, subzone)
    groups = {verdict: [use for use in listed["uses"] if use["verdict"] == verdict] for verdict in wording.VERDICTS}
    return render_template(
        "zoning/uses.html", plan=listed["plan"], subzone=listed["subzone"], groups=groups, terms_of=terms_of
    )


def _search(query: str) -> ResponseReturnValue:
    """Straight to the answer when there is one hit; otherwise a list to choose from."""
    found = places.search(query)
    results = found["results"]
    if len(results) == 1 and not found.get("notice"):
        return redirect(hit_address(results[0]))
    status = 200 if results or found.get("notice") else 404
    return render_template("zoning/choose.html", query=query, results=results, notice=found.get("notice")), status


def hit_address(hit: dict[str, Any]) -> str:
    """Where a search hit leads: a parcel to its own page, everything else to the answer for its point."""
    if hit["kind"] == "parcel":
        return url_for("zoning_pages.parcel", nib=hit["id"], on=request.args.get("on"))
    label = None if hit["kind"] == "coordinates" else hit["label"]
    kind = None if hit["kind"] in _DIRECT_KINDS else hit["kind"]
    on = request.args.get("on") or None
    return url_for("zoning_pages.zoning", lon=round(hit["lon"], 7), lat=round(hit["lat"], 7), q=label, kind=kind, on=on)


def _answer(lon: float, lat: float) -> ResponseReturnValue:
    try:
        context = _answer_context(lon, lat)
    except BeforeFirstVersion as error:
        return render_template("zoning/before.html", error=error, lon=lon, lat=lat), error.status
    return render_template("zoning/answer.html", **context)


def _answer_context(lon: float, lat: float) -> dict[str, Any]:
    """Everything the answer's templates need for a point."""
    asked = params.optional_text("activity", maximum=100) or params.optional_text("use", maximum=100)
    unknown = None
    try:
        card = _card(lon, lat, asked)
    except RuangError as error:
        if asked is None or error.field != "activity":
            raise
        # An unknown activity must not take the rest of the answer away.
        unknown, card = asked, _card(lon, lat, None)
    return {
        "around": service.surroundings(lon, lat, on=params.optional_date("on"), plan=_plan()),
        "place_label": request.args.get("q", ""),
        "place_kind": request.args.get("kind", ""),
        "unknown_activity": unknown,
        **_shared_context(card),
    }


def _shared_context(card: dict[str, Any]) -> dict[str, Any]:
    plan = card.get("plan")
    return {
        "card": card,
        "everyday": service.everyday(card) if card["zones"] else [],
        "can_narrow": _can_narrow(card),
        "versions": _versions(plan["code"]) if plan else [],
        "asked_use": request.args.get("use", ""),
    }


def _can_narrow(card: dict[str, Any]) -> bool:
    """Whether a rule here depends on the road or the lot, or was chosen by one and may be chosen anew."""
    if request.args.get("road_class") or request.args.get("lot_m2"):
        return True
    names = ("road_class", "lot_min_m2", "lot_max_m2")
    rows = (row for zone in card["zones"] for row in zone["intensity"])
    return any(row[name] is not None for row in rows for name in names)


def _versions(plan_code: str) -> list[VersionEntry]:
    """The public versions of a plan in the order of their numbers, from memory."""
    timeline = next((item for item in service.registry().timelines() if item.code == plan_code), None)
    return sorted(timeline.versions, key=lambda entry: entry.seq) if timeline else []


def _card(lon: float, lat: float, activity: str | None) -> dict[str, Any]:
    return service.card(
        lon,
        lat,
        on=params.optional_date("on"),
        accuracy_m=params.accuracy(),
        activity=activity,
        road_class=params.optional_choice("road_class", ROAD_CLASSES),
        lot_m2=params.optional_number("lot_m2", minimum=0, maximum=_MAX_LOT_M2),
        plan=_plan(),
    )


def _plan() -> str | None:
    return params.optional_text("plan", maximum=40)
