"""What a planner may do to zones, as it is sent, and what it does: each kind of operation here calls ``gis.zone_edits``.

Coordinates are lon/lat in degrees (EPSG:4326), distances metres.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
import shapely
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from app.plans.drafts.states import checked_values, with_values
from gis import zone_edits
from gis.changeset import ZoneState
from gis.crs import MetricCrs
from gis.edit_errors import EditError
from gis.zone_edits import Edit, Footprint, Lineage

Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Position = tuple[Lon, Lat]
Line = Annotated[list[Position], Field(min_length=2, max_length=20_000)]
Ring = Annotated[list[Position], Field(min_length=4, max_length=100_000)]
Polygon = Annotated[list[Ring], Field(min_length=1, max_length=1_000)]
ZoneNumber = Annotated[int, Field(gt=0, lt=2**62)]
Box = tuple[float, float, float, float]
States = Mapping[int, ZoneState]

# Zones this near to one that changes may share its border (a metre and a little).
_MARGIN_DEG = 1e-5
_DEGREES_PER_METRE = 1 / 110_000
_FARTHEST_OFFSET_M = 1_000.0


@dataclass(frozen=True)
class Result:
    """What an operation makes of zones: by number their new state, None for one that vanishes; new ones are negative."""

    changes: dict[int, ZoneState | None]
    lineage: tuple[Lineage, ...] = ()


@dataclass(frozen=True)
class Context:
    """What an operation runs on. zones: every zone near it. codes: the draft's code list."""

    zones: States
    metric: MetricCrs
    codes: set[str]
    footprint: Footprint = "keep"

    @property
    def outlines(self) -> dict[int, shapely.Geometry]:
        """The zones' outlines alone."""
        return {zone: state.geometry for zone, state in self.zones.items()}

    def state(self, zone: int) -> ZoneState:
        """A zone; raises EditError where the draft has none of that number here."""
        if zone not in self.zones:
            raise EditError("edit_zone_unknown", zones=[zone])
        return self.zones[zone]


class _Operation(BaseModel, ABC):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def changeset_kind(self) -> str:
        """How the changeset is filed."""
        return "edit"

    @property
    def comment(self) -> str:
        """What the changeset says where the planner writes nothing."""
        return ""

    def named(self) -> set[int]:
        """Zones that the operation names."""
        return set()

    def boxes(self) -> list[Box]:
        """Where it draws, in degrees."""
        return []

    @abstractmethod
    def run(self, context: Context) -> Result:
        """Do it. Raises EditError with the place where it cannot be done."""


class Move(BaseModel):
    """A node and where it goes."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    start: Position = Field(alias="from")
    to: Position


class MoveNodes(_Operation):
    """Move nodes; every zone that shares one follows."""

    kind: Literal["move_nodes"]
    moves: Annotated[list[Move], Field(min_length=1, max_length=5_000)]

    def boxes(self) -> list[Box]:
        return [_box(np.array([move.start, move.to])) for move in self.moves]

    def run(self, context: Context) -> Result:
        moves = {move.start: move.to for move in self.moves}
        edit = zone_edits.move_nodes(context.outlines, moves, footprint=context.footprint)
        return result_of(context, edit)


class InsertNode(_Operation):
    """Put a node into an edge, in every zone that has it; without a place, in its middle."""

    kind: Literal["insert_node"]
    edge: tuple[Position, Position]
    at: Position | None = None

    def boxes(self) -> list[Box]:
        return [_box(np.array(self.edge))]

    def run(self, context: Context) -> Result:
        return result_of(
            context, zone_edits.insert_node(context.outlines, self.edge, self.at, footprint=context.footprint)
        )


class DeleteNode(_Operation):
    """Take a node out of every zone that has it."""

    kind: Literal["delete_node"]
    node: Position

    def boxes(self) -> list[Box]:
        return [_box(np.array([self.node]))]

    def run(self, context: Context) -> Result:
        return result_of(context, zone_edits.delete_node(context.outlines, self.node, footprint=context.footprint))


class Split(_Operation):
    """Divide a zone by a line; the largest piece keeps the identity."""

    kind: Literal["split"]
    zone: ZoneNumber
    line: Line

    def named(self) -> set[int]:
        return {self.zone}

    def boxes(self) -> list[Box]:
        return [_box(np.array(self.line))]

    def run(self, context: Context) -> Result:
        context.state(self.zone)
        return result_of(context, zone_edits.split(context.outlines, self.zone, shapely.LineString(self.line)))


class Merge(_Operation):
    """Make one zone of neighbours."""

    kind: Literal["merge"]
    zones: Annotated[list[ZoneNumber], Field(min_length=2, max_length=500)]
    keep: ZoneNumber | None = None

    def named(self) -> set[int]:
        return set(self.zones)

    def run(self, context: Context) -> Result:
        return result_of(context, zone_edits.merge(context.outlines, self.zones, keep=self.keep))


class Carve(_Operation):
    """Make a new zone of all land that a polygon covers."""

    kind: Literal["carve"]
    polygon: Polygon
    outside: Literal["refuse", "cut"] = "refuse"
    values: dict[str, Any]

    def boxes(self) -> list[Box]:
        return [_box(np.array(self.polygon[0]))]

    def run(self, context: Context) -> Result:
        values = checked_values(self.values, context.codes, complete=True)
        edit = zone_edits.carve(context.outlines, _polygon(self.polygon), outside=self.outside)
        return result_of(context, edit, values)


class Give(_Operation):
    """Give the land of one zone that a polygon covers to another; source None gives land that no zone has."""

    kind: Literal["give"]
    polygon: Polygon
    source: ZoneNumber | None
    target: ZoneNumber
    apart: bool = False

    def named(self) -> set[int]:
        return {zone for zone in (self.source, self.target) if zone is not None}

    def boxes(self) -> list[Box]:
        return [_box(np.array(self.polygon[0]))]

    def run(self, context: Context) -> Result:
        edit = zone_edits.give(
            context.outlines,
            _polygon(self.polygon),
            self.source,
            self.target,
            apart=self.apart,
            footprint=context.footprint,
        )
        return result_of(context, edit)


class OffsetBorder(_Operation):
    """Move a border parallel to itself; distance_m to the left of the line's direction is positive."""

    kind: Literal["offset_border"]
    line: Line
    distance_m: Annotated[float, Field(ge=-_FARTHEST_OFFSET_M, le=_FARTHEST_OFFSET_M, allow_inf_nan=False)]

    def boxes(self) -> list[Box]:
        return [_box(np.array(self.line), margin_m=abs(self.distance_m))]

    def run(self, context: Context) -> Result:
        line = shapely.LineString(self.line)
        return result_of(context, zone_edits.offset_border(context.outlines, line, self.distance_m, context.metric))


class SetOutline(_Operation):
    """Give zones outlines that were drawn elsewhere."""

    kind: Literal["set_outline"]
    outlines: Annotated[dict[ZoneNumber, list[Polygon]], Field(min_length=1, max_length=500)]

    def named(self) -> set[int]:
        return set(self.outlines)

    def boxes(self) -> list[Box]:
        return [_box(np.array(polygon[0])) for polygons in self.outlines.values() for polygon in polygons]

    def run(self, context: Context) -> Result:
        drawn = {
            zone: shapely.MultiPolygon([_polygon(polygon) for polygon in polygons])
            for zone, polygons in self.outlines.items()
        }
        return result_of(context, zone_edits.set_outline(context.outlines, drawn, footprint=context.footprint))


class Attributes(_Operation):
    """Change attributes of zones; what is not named stays."""

    kind: Literal["attributes"]
    zones: Annotated[list[ZoneNumber], Field(min_length=1, max_length=5_000)]
    values: Annotated[dict[str, Any], Field(min_length=1)]

    def named(self) -> set[int]:
        return set(self.zones)

    def run(self, context: Context) -> Result:
        values = checked_values(self.values, context.codes)
        after = {zone: with_values(context.state(zone), values) for zone in self.zones}
        return Result(
            {zone: state for zone, state in after.items() if state.attributes != context.zones[zone].attributes}
        )


class Restore(BaseModel):
    """Make a zone what it was in a published version. ``restoring.prepared`` looks that up and gives what can be run."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: Literal["restore"]
    zone: ZoneNumber
    seq: Annotated[int, Field(gt=0, lt=2**31)]


Operation = Annotated[
    MoveNodes
    | InsertNode
    | DeleteNode
    | Split
    | Merge
    | Carve
    | Give
    | OffsetBorder
    | SetOutline
    | Attributes
    | Restore,
    Field(discriminator="kind"),
]


OPERATIONS: TypeAdapter[Operation] = TypeAdapter(Operation)


def near(boxes: list[Box]) -> list[Box]:
    """Boxes widened so that zones which touch what lies in them are met."""
    return [(w - _MARGIN_DEG, s - _MARGIN_DEG, e + _MARGIN_DEG, n + _MARGIN_DEG) for w, s, e, n in boxes]


def _box(places: npt.NDArray[np.float64], margin_m: float = 0.0) -> Box:
    west, south = places.min(axis=0).tolist()
    east, north = places.max(axis=0).tolist()
    margin = 2 * margin_m * _DEGREES_PER_METRE / max(math.cos(math.radians(max(abs(south), abs(north)))), 0.01)
    return west - margin, south - margin, east + margin, north + margin


def _polygon(rings: list[list[Position]]) -> shapely.Polygon:
    return shapely.Polygon(rings[0], rings[1:])


def result_of(context: Context, edit: Edit, values: Mapping[str, Any] | None = None) -> Result:
    """States for the outlines of an edit: a zone keeps its attributes, a new one has those of where it came from."""
    changes: dict[int, ZoneState | None] = {}
    for zone, delta in edit.changes.items():
        if delta.new is None:
            changes[zone] = None
        elif zone in context.zones:
            changes[zone] = ZoneState(delta.new, context.zones[zone].attributes)
        else:
            changes[zone] = ZoneState(delta.new, _inherited(context, edit, zone) | dict(values or {}))
    return Result(changes, edit.lineage)


def _inherited(context: Context, edit: Edit, zone: int) -> dict[str, Any]:
    """Attributes of a new zone: those of the largest it was made of. A legal area was stated for the whole only."""
    parents = [link.parent for link in edit.lineage if link.child == zone]
    largest = max(parents, key=lambda parent: shapely.area(context.zones[parent].geometry))
    return {**context.zones[largest].attributes, "legal_area_ha": None}
