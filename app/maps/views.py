"""The light first page, the map, and the pages of explanation."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import params
from app.http import json_response
from app.maps import page_data
from app.runtime import runtime

pages = Blueprint("pages", __name__, template_folder="templates")


@pages.app_context_processor
def _city() -> dict[str, Any]:
    """The city profile for every template, and whether any of its plans is a sample."""
    profile = runtime().city
    return {
        "city": profile.city,
        "product_name": f"Ruang {profile.city.name_short}",
        "language_names": page_data.LANGUAGE_NAMES,
        "emergency_number": page_data.emergency_number(profile.emergency),
        "example_coordinates": page_data.example_coordinates(profile.city.centre),
        "sample_plan": any(plan.sample for plan in profile.plans),
    }


@pages.get("/")
def home() -> ResponseReturnValue:
    """Three questions and one search box."""
    return render_template("maps/home.html", open_hearings=page_data.open_hearings())


@pages.get("/peta")
def map_alias() -> ResponseReturnValue:
    """The short Indonesian address."""
    return redirect(url_for("pages.map_page", **request.args.to_dict()), code=301)


@pages.get("/map")
def map_page() -> ResponseReturnValue:
    """The map; every state of it has an address (lat, lon, z, layers, on)."""
    return render_template(
        "maps/map.html",
        settings=page_data.map_settings(request.args.get("on")),
        open_hearings=page_data.open_hearings(),
    )


@pages.get("/map/legend/<int:version_id>")
def legend(version_id: int) -> Response:
    """The legend of a public version; its content never changes, so a browser may keep it."""
    response = json_response({"subzones": page_data.legend(version_id)})
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@pages.get("/map/light")
def light_map() -> ResponseReturnValue:
    """The zones on a canvas, for browsers without WebGL 2. Its inline scripts run under a nonce of this response only."""
    nonce = secrets.token_urlsafe(18)
    document = page_data.light_document(params.optional_date("on"), nonce)
    response = Response(document, mimetype="text/html")
    response.headers["Content-Security-Policy"] = (
        f"default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
        "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    return response


@pages.get("/help")
def help_page() -> ResponseReturnValue:
    """How to ask, what the words mean, and where to go next."""
    return render_template("maps/help.html")


@pages.get("/help/errors")
def error_help() -> ResponseReturnValue:
    """What each kind of error means; the ``type`` of a problem document points here."""
    return render_template("maps/errors.html", error_kinds=page_data.error_kinds())


@pages.get("/about")
def about() -> ResponseReturnValue:
    """Who answers here, with which data, and what is kept about visitors (nothing)."""
    return render_template("maps/about.html", plans=page_data.plans_in_force())
