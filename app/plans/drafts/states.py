"""Zones of a draft as the spatial library takes them, as rows, and as the GeoJSON that editors get.

Geometries are MultiPolygons in EPSG:4326; areas and lengths are m2 and m of the plan's metric CRS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from flask_babel import gettext

from app.errors import Unprocessable
from gis.changeset import ZoneState
from gis.crs import MetricCrs
from gis.rdtr.columns import Overlay

# Overlays are compared and merged one by one, beside the other attributes; a state keeps them under this prefix.
_OVERLAY = "overlay:"
PLAIN = ("subzone_code", "block", "sub_block", "legal_area_ha", "remark")
OVERLAYS = tuple(kind.value for kind in Overlay)
_LONGEST = {"subzone_code": 40, "block": 40, "sub_block": 40, "remark": 2000}
_LONGEST_OVERLAY = 200
_LARGEST_HA = 1e7


@dataclass(frozen=True)
class StoredZone:
    """A zone of a draft. position: its place in the manifest."""

    zone_id: int
    revision_id: int
    position: int
    state: ZoneState


def state_of(row: Any) -> ZoneState:
    """The state of a row with a revision's columns and its geometry as WKB."""
    attributes = {name: getattr(row, name) for name in PLAIN}
    attributes |= {_OVERLAY + kind: value for kind, value in row.overlays.items()}
    return ZoneState(shapely.from_wkb(bytes(row.wkb)), attributes)


def overlays_of(state: ZoneState) -> dict[str, Any]:
    """The overlays of a state, by kind."""
    return {name[len(_OVERLAY) :]: value for name, value in state.attributes.items() if name.startswith(_OVERLAY)}


def columns_of(state: ZoneState, metric: MetricCrs) -> dict[str, Any]:
    """The columns of a revision that holds this state."""
    return {
        **{name: state.attributes.get(name) for name in PLAIN},
        "overlays": overlays_of(state),
        "area_m2": float(metric.area_m2(state.geometry)),
        "geom": state.geometry,
    }


def with_values(state: ZoneState, values: Mapping[str, Any]) -> ZoneState:
    """The state with some attributes changed. values: as ``checked_values`` gives them."""
    return ZoneState(state.geometry, {**state.attributes, **values})


def checked_values(values: Mapping[str, Any], codes: set[str], *, complete: bool = False) -> dict[str, Any]:
    """Attributes as they were sent, under the names that states use.

    codes: the draft's code list. complete: a sub-zone must be among them. Raises Unprocessable with the field.
    """
    unknown = sorted(set(values) - {*PLAIN, "overlays"})
    if unknown:
        raise Unprocessable(gettext("A zone has no attribute %(name)s.", name=unknown[0][:40]), field=unknown[0][:40])
    found = {name: _checked(name, value) for name, value in values.items() if name != "overlays"}
    if complete or "subzone_code" in found:
        code = found.get("subzone_code")
        if code not in codes:
            raise Unprocessable(
                gettext("The code list of this draft has no sub-zone %(code)s.", code=code or "-"),
                field="subzone_code",
                hint=gettext("Choose one of the list, or add it to the code list first."),
            )
    overlays = values.get("overlays") or {}
    if not isinstance(overlays, Mapping) or set(overlays) - set(OVERLAYS):
        raise Unprocessable(gettext("This is not a kind of special provision."), field="overlays")
    return found | {_OVERLAY + kind: _checked_overlay(value) for kind, value in overlays.items()}


def feature(zone_id: int, revision_id: int | None, state: ZoneState, metric: MetricCrs) -> dict[str, Any]:
    """A zone as GeoJSON; coordinates with every bit they have."""
    plane = metric.to_metric(state.geometry)
    return {
        "type": "Feature",
        "id": zone_id,
        "geometry": shapely.geometry.mapping(state.geometry),
        "properties": {
            "zone_id": zone_id,
            "revision_id": revision_id,
            **{name: state.attributes.get(name) for name in PLAIN},
            "overlays": overlays_of(state),
            "area_m2": round(float(shapely.area(plane)), 2),
            "perimeter_m": round(float(shapely.length(plane)), 2),
        },
    }


def collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    """A FeatureCollection."""
    return {"type": "FeatureCollection", "features": features}


def _checked(name: str, value: Any) -> Any:
    if name == "legal_area_ha":
        return _checked_area(value)
    if value is None:
        return None
    if not isinstance(value, str) or "\0" in value or len(value) > _LONGEST[name]:
        raise Unprocessable(
            gettext("This must be a text of at most %(maximum)s characters.", maximum=_LONGEST[name]), field=name
        )
    return value.strip() or None


def _checked_area(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LARGEST_HA:
        raise Unprocessable(gettext("The legal area is a number of hectares."), field="legal_area_ha")
    return float(value)


def _checked_overlay(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or "\0" in value or len(value) > _LONGEST_OVERLAY:
        raise Unprocessable(
            gettext("This must be a text of at most %(maximum)s characters.", maximum=_LONGEST_OVERLAY),
            field="overlays",
        )
    return value.strip() or None
