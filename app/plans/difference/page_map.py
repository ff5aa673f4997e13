"""What the change page's map needs: tiles of both versions, where the changed zones come from, words. Degrees, EPSG:4326."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from flask import url_for
from flask_babel import gettext

from app.database import db
from app.places import service as places
from app.plans.difference.service import Comparison
from app.plans.difference.versions import VersionRef
from app.plans.drafts import queries as draft_queries
from app.runtime import runtime


def settings(comparison: Comparison, *, is_planner: bool) -> dict[str, Any]:
    """The map's settings as its script takes them. is_planner: others see a draft's tiles only through its hearing."""
    plan, old, new = comparison.plan, comparison.old, comparison.new
    return {
        "tiles": "/api/v1/tiles/{layer}/{version}/{z}/{x}/{y}.mvt",
        "placesVersion": places.places_version(),
        "bounds": list(runtime().city.city.bounds),
        "extent": _extent(comparison),
        "shapes": url_for("difference_api.diff", code=plan.code, **{"from": old.name, "to": new.name}),
        "before": _tiles(comparison, old, is_planner=is_planner),
        "after": _tiles(comparison, new, is_planner=is_planner),
        "texts": {
            "before": gettext("Map before"),
            "after": gettext("Map after"),
            "zoomIn": gettext("Zoom in"),
            "zoomOut": gettext("Zoom out"),
            "failed": gettext("The map could not be drawn. Everything is listed below."),
            "noWebgl": gettext("This browser cannot draw the map"),
        },
    }


def _tiles(comparison: Comparison, version: VersionRef, *, is_planner: bool) -> dict[str, Any]:
    """A version's number; a draft's tiles have an address of their own, which changes with every changeset."""
    if version.is_public:
        return {"id": version.version_id, "zones": None}
    if not is_planner:
        path = f"/api/v1/plans/{comparison.plan.code}/hearings/tiles/{version.version_id}"
        return {"id": version.version_id, "zones": f"{path}/{{z}}/{{x}}/{{y}}.mvt"}
    head = draft_queries.head(db.session(), version.version_id)
    return {
        "id": version.version_id,
        "zones": f"/api/v1/plans/{comparison.plan.code}/draft/tiles/{head}/{{z}}/{{x}}/{{y}}.mvt",
    }


def _extent(comparison: Comparison) -> list[float] | None:
    """West, south, east, north of what changed."""
    found = comparison.found
    shapes = [comparison.before[zone].state.geometry for zone in (*found.removed, *found.reshaped, *found.recoded)]
    shapes += [comparison.after[zone].state.geometry for zone in (*found.added, *found.reshaped)]
    if not shapes:
        return None
    bounds: list[float] = shapely.total_bounds(np.array(shapes, dtype=object)).tolist()
    return bounds
