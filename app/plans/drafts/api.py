"""Drafts over HTTP, for the editor and for other tools of planners."""

from __future__ import annotations

import gzip
import uuid
from typing import Annotated, Any, Literal, TypeVar

import numpy as np
import orjson
import shapely
import shapely.errors
from flask import Blueprint, Response, request
from flask_babel import gettext
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from shapely.geometry import shape

from app import params
from app.accounts.identity import current_actor
from app.accounts.roles import require
from app.errors import Malformed, Unprocessable
from app.http import json_response
from app.i18n import language
from app.plans.drafts import service
from app.plans.drafts.operations import Operation
from app.security import limiter, read_limit, write_limit

drafts_api = Blueprint("drafts_api", __name__, url_prefix="/api/v1/plans/<code>/draft")
Body = TypeVar("Body", bound=BaseModel)
_Zone = Annotated[int, Field(gt=0, lt=2**62)]


class Opening(BaseModel):
    """The regulation that a new draft is meant for."""

    model_config = ConfigDict(extra="forbid")
    legal_reference: Annotated[str, Field(min_length=1, max_length=300)]


class Key(BaseModel):
    """Chosen by the sender: what is sent twice under one key is done once."""

    model_config = ConfigDict(extra="forbid")
    key: uuid.UUID


class Change(Key):
    """What comes with every change. base: by zone, the revision that the planner saw."""

    base: dict[_Zone, _Zone] = Field(default_factory=dict, max_length=10_000)
    comment: Annotated[str, Field(max_length=500)] = ""
    footprint: Literal["keep", "may_change"] = "keep"
    dry_run: bool = False

    def request(self) -> service.Request:
        """The same for the service."""
        return service.Request(self.key, self.base, self.comment.strip(), self.footprint, self.dry_run)


class OperationBody(Change):
    """One operation."""

    op: Operation


class ChangesetBody(Change):
    """Zones that were changed elsewhere: GeoJSON Features with properties zone_id (none or negative for new zones)."""

    upserts: Annotated[list[dict[str, Any]], Field(max_length=10_000)] = []
    deletes: Annotated[list[_Zone], Field(max_length=10_000)] = []


class RepairBody(Key):
    """The repair of a finding. head: what the planner saw. to: the zone that gains the land, where there is a choice."""

    head: Annotated[int, Field(ge=0, lt=2**62)] = 0
    to: _Zone | None = None
    dry_run: bool = False


def body(model: type[Body]) -> Body:
    """The request's body, checked. Nothing is read of what somebody sends who is no planner.

    Raises NotSignedIn, Forbidden; Malformed where it is no JSON, Unprocessable with the field that is wrong.
    """
    require(current_actor(), "planner")
    if not request.is_json:
        raise Malformed(gettext("Send the body as application/json."))
    try:
        # Not pydantic's own reader, which takes NaN and Infinity for numbers; JSON has none.
        sent = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise Malformed(gettext("The body is not JSON: %(reason)s.", reason=error.msg)) from None
    try:
        return model.model_validate(sent)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise Unprocessable(
            gettext("The body is not what this takes: %(reason)s.", reason=f"{field}: {first['msg']}"), field=field
        ) from None


@drafts_api.get("")
@limiter.limit(read_limit)
def draft(code: str) -> Response:
    """The open draft of a plan."""
    return _private(service.info(current_actor(), code, language()))


@drafts_api.post("")
@limiter.limit(write_limit)
def open_draft(code: str) -> Response:
    """Open a draft from the published version."""
    opening = body(Opening)
    answer = service.open_draft(current_actor(), code, opening.legal_reference.strip(), language())
    return _private(answer, status=201)


@drafts_api.delete("")
@limiter.limit(write_limit)
def discard(code: str) -> Response:
    """Throw the draft away."""
    service.discard(current_actor(), code)
    return Response(status=204)


@drafts_api.get("/zones")
@limiter.limit(read_limit)
def zones(code: str) -> Response:
    """Every zone of the draft without its outline."""
    return _private(service.listed(current_actor(), code))


@drafts_api.get("/features")
@limiter.limit(read_limit)
def features(code: str) -> Response:
    """Zones with their exact outlines: by number, or within a box."""
    ids = params.optional_text("ids", maximum=20_000)
    box = params.optional_text("bbox", maximum=200)
    answer = service.features(
        current_actor(),
        code,
        ids=_numbers(ids) if ids else [],
        box=_box(box) if box else None,
        around=request.args.get("around") == "true",
    )
    return _private(answer, content_type="application/geo+json")


@drafts_api.get("/tiles/<int:head>/<int:z>/<int:x>/<int:y>.mvt")
@limiter.limit(read_limit)
def tile(code: str, head: int, z: int, x: int, y: int) -> Response:
    """A vector tile of the draft, as it was at a changeset or later."""
    if z > 20 or x >= 2**z or y >= 2**z:
        raise Unprocessable(gettext("There is no tile %(z)s/%(x)s/%(y)s.", z=z, x=x, y=y))
    plain = service.tile(current_actor(), code, z, x, y)
    headers = {"Cache-Control": "private, max-age=3600", "Content-Encoding": "gzip"}
    if not plain:
        return Response(status=204, headers={"Cache-Control": headers["Cache-Control"]})
    return Response(
        gzip.compress(plain, 5, mtime=0), headers=headers, content_type="application/vnd.mapbox-vector-tile"
    )


@drafts_api.get("/snap")
@limiter.limit(read_limit)
def snap(code: str) -> Response:
    """Parcels, roads and administrative borders near a box, to draw along."""
    box = params.optional_text("bbox", maximum=200)
    if box is None:
        raise Malformed(gettext("A box is west,south,east,north in degrees."), field="bbox")
    return _private(service.snap_lines(current_actor(), code, _box(box)))


@drafts_api.get("/changes")
@limiter.limit(read_limit)
def changes(code: str) -> Response:
    """What happened in the draft after a changeset."""
    since = params.optional_number("since", minimum=0, maximum=2**62)
    return _private(service.changes_since(current_actor(), code, int(since or 0)))


@drafts_api.get("/changesets")
@limiter.limit(read_limit)
def changesets(code: str) -> Response:
    """Who changed what in the draft, newest first."""
    before = params.optional_number("before", minimum=1, maximum=2**62)
    found = service.history(current_actor(), code, before=None if before is None else int(before))
    return _private({"changesets": found})


@drafts_api.post("/operations")
@limiter.limit(write_limit)
def operate(code: str) -> Response:
    """Do one operation on the draft's zones."""
    sent = body(OperationBody)
    return _private(service.operate(current_actor(), code, sent.request(), sent.op))


@drafts_api.post("/changesets")
@limiter.limit(write_limit)
def save(code: str) -> Response:
    """Store zones that were changed elsewhere."""
    sent = body(ChangesetBody)
    upserts = _upserts(sent.upserts)
    return _private(service.save(current_actor(), code, sent.request(), upserts, frozenset(sent.deletes)))


@drafts_api.post("/undo")
@limiter.limit(write_limit)
def undo(code: str) -> Response:
    """Take back one's last change."""
    return _private(service.undo(current_actor(), code, body(Key).key))


@drafts_api.post("/redo")
@limiter.limit(write_limit)
def redo(code: str) -> Response:
    """Do again what was last taken back."""
    return _private(service.redo(current_actor(), code, body(Key).key))


@drafts_api.get("/findings")
@limiter.limit(read_limit)
def findings(code: str) -> Response:
    """What is wrong with the draft, as a list and as shapes for the map."""
    return _private(service.findings(current_actor(), code))


@drafts_api.post("/findings/<finding>/repair")
@limiter.limit(write_limit)
def repair(code: str, finding: str) -> Response:
    """Carry out the proposed repair of a finding."""
    sent = body(RepairBody)
    answer = service.repair(current_actor(), code, sent.key, finding, to=sent.to, dry_run=sent.dry_run)
    return _private(answer)


def _private(answer: Any, *, status: int = 200, content_type: str = "application/json") -> Response:
    """A draft is nobody else's business: no cache keeps it."""
    response = json_response(answer, status=status, content_type=content_type)
    response.headers["Cache-Control"] = "no-store"
    return response


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",") if part]
    except ValueError:
        raise Malformed(gettext("Numbers of zones are separated by commas."), field="ids") from None


def _box(text: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise Malformed(gettext("A box is west,south,east,north in degrees."), field="bbox") from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise Unprocessable(gettext("A box is west,south,east,north in degrees."), field="bbox")
    return west, south, east, north


def _upserts(features: list[dict[str, Any]]) -> dict[int, service.Upsert]:
    """The features sent, by zone; new zones get placeholders."""
    found: dict[int, service.Upsert] = {}
    for number, item in enumerate(features, start=1):
        properties = item.get("properties")
        if not isinstance(properties, dict):
            raise Unprocessable(gettext("Each zone is a GeoJSON Feature with properties."), field=f"upserts.{number}")
        zone = properties.get("zone_id") or -number
        if not isinstance(zone, int) or isinstance(zone, bool) or zone in found:
            raise Unprocessable(
                gettext("Each zone has a number of its own, or none where it is new."), field=f"upserts.{number}"
            )
        found[zone] = service.Upsert(_outline(item.get("geometry"), number), properties)
    return found


def _outline(geometry: Any, number: int) -> shapely.Geometry:
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise Unprocessable(gettext("A zone is a Polygon or MultiPolygon."), field=f"upserts.{number}.geometry")
    try:
        # A number too large for a double is infinite; whatever reads the outline refuses it with its place.
        with np.errstate(invalid="ignore"):
            found = shapely.force_2d(shape(geometry))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError):
        raise Unprocessable(
            gettext("The coordinates of the polygon cannot be read."), field=f"upserts.{number}.geometry"
        ) from None
    parts = shapely.get_parts(found)
    return shapely.MultiPolygon(list(parts))
