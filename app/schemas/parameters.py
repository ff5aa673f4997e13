"""Every parameter of the API with its type and limits, once. Limits that are settings are read from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from app.config import Settings
from app.maps.tiles import MAX_ZOOM, ZONE_LAYERS
from app.places.service import ROAD_CLASSES, TILE_LAYERS
from app.schemas.base import N_

Schema = dict[str, Any]
MAX_ID = 2**31 - 1


@dataclass(frozen=True)
class Parameter:
    """One parameter. schema: JSON Schema of its value, or a function of the settings. purpose: marked for translation.

    example: the key of the example values (app/openapi.py) that fits; None where there is none.
    """

    name: str
    place: Literal["query", "path", "header"]
    purpose: str
    schema: Schema | Callable[[Settings], Schema]
    required: bool = False
    example: str | None = None

    def schema_for(self, settings: Settings) -> Schema:
        """The JSON Schema with the limits of these settings."""
        return self.schema(settings) if callable(self.schema) else self.schema


def _text(maximum: int) -> Schema:
    return {"type": "string", "maxLength": maximum}


_DATE: Schema = {"type": "string", "format": "date"}
_IDENTIFIER: Schema = {"type": "integer", "minimum": 0, "maximum": MAX_ID}

LON = Parameter(
    "lon",
    "query",
    N_("Longitude in degrees, EPSG:4326."),
    {"type": "number", "minimum": -180, "maximum": 180},
    required=True,
    example="lon",
)
LAT = Parameter(
    "lat",
    "query",
    N_("Latitude in degrees, EPSG:4326."),
    {"type": "number", "minimum": -90, "maximum": 90},
    required=True,
    example="lat",
)
ON = Parameter("on", "query", N_("The day to answer for; today in the city when left out."), _DATE)
ACCURACY = Parameter(
    "accuracy_m",
    "query",
    N_("How exactly you know the position, in metres; it widens what counts as near a border."),
    lambda settings: {"type": "number", "minimum": 0, "maximum": settings.max_asker_accuracy_m},
)
ACTIVITY = Parameter(
    "activity",
    "query",
    N_("What you want to do there: a plain word, an activity_id, or a KBLI code."),
    _text(100),
    example="activity",
)
ROAD_CLASS = Parameter(
    "road_class",
    "query",
    N_("Show only intensity rules that can hold for a lot on a road of this class."),
    {"type": "string", "enum": list(ROAD_CLASSES)},
)
LOT = Parameter(
    "lot_m2",
    "query",
    N_("Show only intensity rules that can hold for a lot of this size, in square metres."),
    {"type": "number", "minimum": 0, "maximum": 1e9},
)
PLAN = Parameter("plan", "query", N_("Code of a plan; when left out, the plan that rules there answers."), _text(40))
SEARCH_WORDS = Parameter(
    "q",
    "query",
    N_("A kelurahan, RT, street, place, NIB tanah, coordinates in any usual notation, or a pasted map link."),
    _text(2000),
    example="place",
)
ACTIVITY_WORDS = Parameter(
    "q", "query", N_("A plain word, a synonym, or a KBLI code or its beginning."), _text(100), example="activity_word"
)
NIB = Parameter(
    "nib", "path", N_("NIB tanah, the number of a land parcel."), {"type": "string"}, required=True, example="nib"
)
CODE = Parameter("code", "path", N_("Code of a plan."), {"type": "string"}, required=True, example="code")
SEQ = Parameter("seq", "path", N_("The version's number within its plan."), _IDENTIFIER, required=True, example="seq")
VERSION_FROM = Parameter(
    "from",
    "query",
    N_("The earlier version: its number, or “draft”. When left out, the one that the later was made from."),
    _text(10),
)
VERSION_TO = Parameter(
    "to", "query", N_("The later version: its number, or “draft”. When left out, the newest public one."), _text(10)
)
GEOMETRY = Parameter(
    "geometry",
    "query",
    N_("Whether outlines come along; true when left out."),
    {"type": "string", "enum": ["true", "false"]},
)
ZONE_ID = Parameter("zone_id", "path", N_("The zone's lasting number."), _IDENTIFIER, required=True, example="zone_id")
HEARING_ID = Parameter("hearing_id", "path", N_("The hearing's number."), _IDENTIFIER, required=True)
DRAFT_ID = Parameter("version_id", "path", N_("The draft's version_id."), _IDENTIFIER, required=True)
SUBZONE = Parameter(
    "subzone",
    "path",
    N_("Code of a sub-zone; upper or lower case."),
    {"type": "string"},
    required=True,
    example="subzone",
)
LAYER = Parameter(
    "layer",
    "path",
    N_("The layer of the tile."),
    {"type": "string", "enum": [*ZONE_LAYERS, *TILE_LAYERS]},
    required=True,
    example="layer",
)
VERSION_ID = Parameter(
    "version_id",
    "path",
    N_("For zones and zone_labels a plan version's version_id; for the other layers the number of the places loaded."),
    _IDENTIFIER,
    required=True,
    example="version_id",
)
ZOOM = Parameter(
    "z",
    "path",
    N_("Zoom level."),
    {"type": "integer", "minimum": 0, "maximum": MAX_ZOOM},
    required=True,
    example="z",
)
TILE_X = Parameter("x", "path", N_("Column of the tile, from the west."), _IDENTIFIER, required=True, example="x")
TILE_Y = Parameter("y", "path", N_("Row of the tile, from the north."), _IDENTIFIER, required=True, example="y")
ZONE_IDS = Parameter("ids", "query", N_("Numbers of zones, separated by commas."), _text(20_000))
BBOX = Parameter("bbox", "query", N_("West, south, east, north in degrees, separated by commas."), _text(200))
AROUND = Parameter(
    "around", "query", N_("Whether zones that touch them come along."), {"type": "string", "enum": ["true", "false"]}
)
HEAD = Parameter(
    "head", "path", N_("The number of the draft's last changeset; 0 where there is none."), _IDENTIFIER, required=True
)
SINCE = Parameter("since", "query", N_("The number of a changeset."), {"type": "integer", "minimum": 0})
BEFORE = Parameter(
    "before", "query", N_("The number of a changeset: only earlier ones."), {"type": "integer", "minimum": 1}
)
FINDING = Parameter("finding", "path", N_("The finding's id."), {"type": "string"}, required=True)
CSRF_TOKEN = Parameter(
    "X-CSRFToken", "header", N_("The csrf_token of /api/v1/account."), {"type": "string"}, required=True
)
JOB_ID = Parameter(
    "job_id",
    "path",
    N_("The job's number, as starting it answered."),
    {"type": "string", "format": "uuid"},
    required=True,
    example="job_id",
)
ACCEPT_LANGUAGE = Parameter(
    "Accept-Language",
    "header",
    N_("The language of texts in answers and errors; Indonesian when left out."),
    {"type": "string"},
)
LANG = Parameter(
    "lang", "query", N_("The same, stronger than Accept-Language: id or en."), {"type": "string", "maxLength": 12}
)
# What every call under /api/ takes.
COMMON = (ACCEPT_LANGUAGE, LANG)
