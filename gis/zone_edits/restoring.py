"""Give a zone back the outline that it had once, on zones that have changed since."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from gis.edit_errors import EditError
from gis.zone_edits.land import carve, give
from gis.zone_edits.model import Edit, Footprint, ZoneId, Zones
from gis.zone_edits.outlines import near

# Land narrower than this, in degrees (5 mm), lies between a border and the same border with rounded nodes in it.
_NARROW_DEG: Final = 5e-8


def restore(
    zones: Zones, zone: ZoneId, outline: shapely.Geometry, owners: Zones, *, footprint: Footprint = "keep"
) -> Edit:
    """Give a zone the land that it had: from whoever has it now; what it has beyond that goes back to who had it then.

    All lon/lat, EPSG:4326. zones: every zone near the outline and near the zone as it is. outline: as it was. owners: the
    other zones as they were then, at least those that had land which the zone has now. A zone that is gone is made again
    under its number; one that has no land beyond the outline vanishes into it. Raises EditError "edit_owner_gone" where the
    zone that would get land back is gone itself, "edit_land_unowned" where nobody had it then, and what ``give`` raises.
    """
    steps = _Steps(zones, footprint)
    if zone not in zones:
        steps.take(carve(steps.zones, outline, new_id=zone, outside="refuse" if footprint == "keep" else "cut"))
    for other in near(zones, shapely.bounds(outline)):
        if other != zone and other in steps.zones and _wide(shapely.intersection(steps.zones[other], outline)):
            steps.give(outline, other, zone)
    if _wide(shapely.difference(outline, steps.zones[zone])):
        # Land that no zone has now: it is outside the plan's border, which may move or not.
        steps.give(outline, None, zone)
    while _wide(surplus := shapely.difference(steps.zones[zone], outline)):
        owner = _owner_of(surplus, zone, owners)
        if owner not in steps.zones:
            raise EditError("edit_owner_gone", place=_place(surplus), zones=[owner])
        steps.give(owners[owner], zone, owner)
    return steps.edit


class _Steps:
    """Zones that change step by step, and all steps as one edit."""

    def __init__(self, zones: Zones, footprint: Footprint) -> None:
        self.zones = dict(zones)
        self.edit = Edit({})
        self._footprint = footprint

    def give(self, land: shapely.Geometry, source: ZoneId | None, target: ZoneId) -> None:
        """Let a zone, or nobody, give what it has of some land."""
        self.take(give(self.zones, land, source, target, apart=True, footprint=self._footprint))

    def take(self, step: Edit) -> None:
        """Go on from an edit."""
        self.zones = step.apply(self.zones)
        self.edit = self.edit.then(step)


def _owner_of(surplus: shapely.Geometry, zone: ZoneId, owners: Zones) -> ZoneId:
    """The zone that had most of the land then."""
    numbers = [number for number in near(owners, shapely.bounds(surplus)) if number != zone]
    shared = shapely.intersection(np.array([owners[number] for number in numbers], dtype=object), surplus)
    areas = {number: float(shapely.area(land)) for number, land in zip(numbers, shared, strict=True) if _wide(land)}
    if not areas:
        raise EditError("edit_land_unowned", place=_place(surplus), zones=[zone])
    return max(sorted(areas), key=lambda number: areas[number])


def _wide(land: shapely.Geometry) -> bool:
    """Whether it is more than what rounding leaves along a border."""
    return not shapely.is_empty(shapely.buffer(land, -_NARROW_DEG / 2, quad_segs=1))


def _place(land: shapely.Geometry) -> tuple[float, float]:
    largest = max(shapely.get_parts(land), key=lambda part: float(shapely.area(part)))
    point = shapely.point_on_surface(largest)
    return float(shapely.get_x(point)), float(shapely.get_y(point))
