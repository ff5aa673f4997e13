"""Pages about plans: which versions there are, what changed between two, what a zone and a point were.

All of them are read without JavaScript; with it the change page has a map on which both versions slide over each other.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app import params
from app.accounts.identity import current_actor
from app.errors import Malformed
from app.i18n import language
from app.plans.difference import drawing, export, history, page_map, restoring, service, wording
from app.plans.difference.affected import Affected
from app.plans.difference.api import number_of_zone, place
from app.plans.difference.green_space import LAW, LEAST_GREEN_PCT, LEAST_PUBLIC_PCT, green_list
from app.plans.difference.service import Comparison
from app.plans.difference.versions import VersionRef, before
from app.security import limiter, read_limit, write_limit

difference_pages = Blueprint("difference_pages", __name__, template_folder="templates")
# What a page lists of each kind; everything is in the GeoPackage and the API.
_MOST_ZONES = 200
_MOST_RULES = 100
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9-]+")


@difference_pages.get("/rencana")
def plans_alias() -> ResponseReturnValue:
    """The short Indonesian address."""
    return redirect(url_for("difference_pages.plans"), code=301)


@difference_pages.get("/plans")
def plans() -> ResponseReturnValue:
    """Every plan with its versions."""
    listed = service.plans_with_versions(current_actor())
    return render_template(
        "difference/plans.html",
        plans=[(plan, _rows(versions)) for plan, versions in listed],
        say=wording,
    )


@difference_pages.get("/plans/<code>")
def plan(code: str) -> ResponseReturnValue:
    """One plan: its versions, and any two of them to compare."""
    found, versions = service.plan_with_versions(current_actor(), code)
    return render_template("difference/plan.html", plan=found, rows=_rows(versions), versions=versions, say=wording)


@difference_pages.get("/plans/<code>/diff")
@limiter.limit(read_limit)
def diff(code: str) -> ResponseReturnValue:
    """What changed between two versions, and why."""
    comparison = _asked(code)
    _, versions = service.plan_with_versions(current_actor(), code)
    return render_template(
        "difference/diff.html",
        versions=versions,
        map_settings=page_map.settings(comparison, is_planner=service.sees_parcels(current_actor())),
        **_context(comparison, most=_MOST_ZONES),
    )


@difference_pages.get("/plans/<code>/diff.pdf")
@limiter.limit(write_limit)
def diff_pdf(code: str) -> Response:
    """The same as a PDF."""
    comparison = _asked(code)

    def made() -> bytes:
        return export.pdf(
            render_template("difference/report.html", font=export.font_data(), **_context(comparison, most=_MOST_ZONES))
        )

    return _file(service.kept_document(comparison, language(), made), "application/pdf", comparison, "pdf")


@difference_pages.get("/plans/<code>/diff.gpkg")
@limiter.limit(write_limit)
def diff_geopackage(code: str) -> Response:
    """The changed zones as a GeoPackage."""
    comparison = _asked(code)
    return _file(export.geopackage(comparison), "application/geopackage+sqlite3", comparison, "gpkg")


@difference_pages.get("/plans/<code>/zones/<int:zone_id>")
@limiter.limit(read_limit)
def zone(code: str, zone_id: int) -> ResponseReturnValue:
    """A zone in every version."""
    actor = current_actor()
    found = history.zone_history(actor, code, number_of_zone(zone_id))
    return render_template(
        "difference/zone.html",
        history=found,
        moments=list(zip(found.moments, drawing.moments(found), strict=True)),
        may_restore=restoring.may_restore(actor, found),
        say=wording,
    )


@difference_pages.route("/plans/<code>/zones/<int:zone_id>/restore", methods=["GET", "POST"])
@limiter.limit(read_limit)
def restore(code: str, zone_id: int) -> ResponseReturnValue:
    """Show what restoring a zone into the draft would do, and do it when the form is sent."""
    actor = current_actor()
    seq = int(params.optional_number("seq", minimum=1, maximum=2**31 - 1) or 0)
    zone_id = number_of_zone(zone_id)
    if request.method == "POST":
        key = _key(request.form.get("key", ""))
        restoring.restore(actor, code, zone_id, seq, key, restoring.base_of(request.form.get("base", "")))
        return redirect(url_for("difference_pages.zone", code=code, zone_id=zone_id, restored=seq), code=303)
    planned = restoring.plan(actor, code, zone_id, seq)
    return render_template("difference/restore.html", planned=planned, key=uuid.uuid4(), say=wording)


@difference_pages.get("/zoning/history")
@limiter.limit(read_limit)
def point() -> ResponseReturnValue:
    """What a point was in every version."""
    lon, lat = place()
    found = history.point_history(current_actor(), lon, lat)
    return render_template("difference/point.html", lon=lon, lat=lat, plans=found, say=wording, where=service.where)


def _rows(versions: list[VersionRef]) -> list[tuple[VersionRef, VersionRef | None]]:
    """Versions, newest first, each with the one that it is compared with."""
    public = [version for version in versions if version.is_public]
    return [(version, before(public, version)) for version in reversed(versions)]


def _asked(code: str) -> Comparison:
    return service.compare(
        current_actor(), code, params.optional_text("from", maximum=10), params.optional_text("to", maximum=10)
    )


def _context(comparison: Comparison, *, most: int) -> dict[str, Any]:
    """What the page and the PDF show."""
    return {
        "difference": comparison,
        "lists": wording.lists(comparison, most=most),
        "sentences": wording.summary(comparison),
        "drawing": drawing.overview(comparison),
        "subzone": lambda code: service.subzone_name(comparison, code),
        "colour": lambda code: comparison.names[code].colour if code in comparison.names else "#ffffff",
        "affected": [(item, item.kind) if isinstance(item, Affected) else (None, item) for item in comparison.affected],
        "sees_parcels": service.sees_parcels(current_actor()),
        "law": {"name": LAW, "green": LEAST_GREEN_PCT, "public": LEAST_PUBLIC_PCT},
        "green_entries": [(area, green_list()[area.code]) for area in comparison.areas if area.code in green_list()],
        "pdf_missing": export.pdf_missing(),
        "most_zones": most,
        "most_rules": _MOST_RULES,
        "say": wording,
    }


def _file(content: bytes, mimetype: str, comparison: Comparison, suffix: str) -> Response:
    name = f"{comparison.plan.code}-{comparison.old.name}-{comparison.new.name}"
    name = _NOT_IN_A_NAME.sub("-", name.lower())
    return Response(
        content,
        mimetype=mimetype,
        headers={"Content-Disposition": f'attachment; filename="{name}.{suffix}"', "Cache-Control": "no-store"},
    )


def _key(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Malformed(gettext("This form is not one of ours."), hint=gettext("Open the page again.")) from None
