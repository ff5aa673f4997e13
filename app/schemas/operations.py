"""What each call of the API takes and answers: one row per endpoint, next to nothing else.

The address and method come from Flask's URL map, the summary from the view's docstring, types and limits from
``parameters``. An endpoint under /api/ without a row makes the document's test fail.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel

from app.accounts.roles import ROLES
from app.schemas import accounts, difference, drafts, health, hearings, jobs, places, plans, zoning
from app.schemas import parameters as p
from app.schemas.base import N_
from app.schemas.parameters import Parameter
from app.schemas.requests import PolygonBody

JSON = "application/json"
GEOJSON = "application/geo+json"
PROBLEM = "application/problem+json"
VECTOR_TILE = "application/vnd.mapbox-vector-tile"
HTML = "text/html"


@dataclass(frozen=True)
class Operation:
    """One call. answer: the model of a success, None where it is not JSON. errors: the statuses of its problem documents.

    status: of a success. also: other answers by status, with their model or None for an empty one. purpose: marked for
    translation. roles: who may call it, in a browser that is signed in; empty for everyone. body_type: of what is sent in.
    """

    tag: str
    purpose: str
    answer: type[BaseModel] | None
    parameters: tuple[Parameter, ...] = ()
    errors: tuple[int, ...] = ()
    content_type: str = JSON
    body: type[BaseModel] | None = None
    also: dict[int, type[BaseModel] | None] = field(default_factory=dict)
    status: int = 200
    roles: tuple[str, ...] = ()
    body_type: str = GEOJSON


TAGS: dict[str, str] = {
    "zoning": N_("What may be done with this land"),
    "places": N_("Finding a place"),
    "plans": N_("Plans and their versions"),
    "tiles": N_("Map tiles"),
    "drafts": N_("The draft of a plan, for planners"),
    "jobs": N_("Long work in the background"),
    "account": N_("Who is asking"),
    "service": N_("The service itself"),
}

_READ = (401, 403, 404, 429)
_WRITE = (400, 401, 403, 404, 409, 413, 415, 422, 429)


def _reading(purpose: str, answer: type[BaseModel] | None, *parameters: Parameter, **options: Any) -> Operation:
    errors = options.pop("errors", _READ)
    return Operation("drafts", purpose, answer, (p.CODE, *parameters), errors, roles=drafts.READERS, **options)


def _writing(purpose: str, answer: type[BaseModel] | None, *parameters: Parameter, **options: Any) -> Operation:
    listed = (p.CODE, *parameters, p.CSRF_TOKEN)
    return Operation("drafts", purpose, answer, listed, _WRITE, roles=drafts.WRITERS, body_type=JSON, **options)


DRAFTS: dict[str, Operation] = {
    "drafts_api.draft": _reading(N_("The version of a plan that is being worked on."), drafts.DraftInfo),
    "drafts_api.open_draft": _writing(
        N_("Begin the next version of a plan with the zones and rules of the one in force."),
        drafts.DraftInfo,
        body=drafts.Opening,
        status=201,
    ),
    "drafts_api.discard": _writing(N_("Throw the draft away, with everything that only it holds."), None, status=204),
    "drafts_api.zones": _reading(N_("Every zone of the draft without its outline, as a table."), drafts.ZoneTable),
    "drafts_api.features": _reading(
        N_("Zones of the draft with every bit of their outlines: by number, or within a box."),
        drafts.FeatureCollection,
        p.ZONE_IDS,
        p.BBOX,
        p.AROUND,
        errors=(400, *_READ, 409, 422),
        content_type=GEOJSON,
    ),
    "drafts_api.snap": _reading(
        N_("Parcels, roads and administrative borders near a box, to draw along."),
        drafts.SnapLines,
        replace(p.BBOX, required=True),
        errors=(400, *_READ, 422),
    ),
    "drafts_api.tile": _reading(
        N_("A vector tile of the draft; its address carries the last changeset."),
        None,
        p.HEAD,
        p.ZOOM,
        p.TILE_X,
        p.TILE_Y,
        content_type=VECTOR_TILE,
        also={204: None},
        errors=(*_READ, 422),
    ),
    "drafts_api.changes": _reading(
        N_("What happened in the draft after a changeset; for asking again and again."),
        drafts.Changes,
        p.SINCE,
        errors=(400, *_READ, 422),
    ),
    "drafts_api.changesets": _reading(
        N_("Who changed what in the draft, newest first, a hundred at a time."),
        drafts.History,
        p.BEFORE,
        errors=(400, *_READ, 422),
    ),
    "drafts_api.operate": _writing(
        N_("One operation on zones. The coverage stays one, or the answer says where it would not."),
        drafts.Saved,
        body=drafts.OperationBody,
    ),
    "drafts_api.save": _writing(
        N_("Zones that were changed elsewhere, with the revision that each change began with."),
        drafts.Saved,
        body=drafts.ChangesetBody,
    ),
    "drafts_api.undo": _writing(N_("Take back one's last change."), drafts.Saved, body=drafts.Key),
    "drafts_api.redo": _writing(N_("Do again what was last taken back."), drafts.Saved, body=drafts.Key),
    "drafts_api.findings": _reading(
        N_("What is wrong with the draft, the gravest first, with what could be done about it."), drafts.Findings
    ),
    "drafts_api.repair": _writing(
        N_("Carry out the proposed repair of a finding; it can be undone like any change."),
        drafts.Saved,
        p.FINDING,
        body=drafts.RepairBody,
    ),
}

OPERATIONS: dict[str, Operation] = {
    "zoning_api.point": Operation(
        tag="zoning",
        purpose=N_(
            "The zoning card of a point: the zones that hold it or lie too near to tell, what may be built and done"
            " there, the special provisions, and the articles that say so."
        ),
        answer=zoning.ZoningCard,
        parameters=(p.LON, p.LAT, p.ON, p.ACCURACY, p.ACTIVITY, p.ROAD_CLASS, p.LOT, p.PLAN),
        errors=(400, 404, 422, 429),
    ),
    "zoning_api.polygon": Operation(
        tag="zoning",
        purpose=N_("A polygon split by the zones it lies in; all areas add up to the polygon's."),
        answer=zoning.SharesAnswer,
        parameters=(p.ON, p.PLAN),
        errors=(400, 404, 413, 415, 422, 429),
        body=PolygonBody,
    ),
    "zoning_api.parcel": Operation(
        tag="zoning",
        purpose=N_("A land parcel by its NIB tanah: its zones by area, and the card of a point inside it."),
        answer=zoning.ParcelAnswer,
        parameters=(p.NIB, p.ON),
        errors=(400, 404, 422, 429),
    ),
    "zoning_api.uses": Operation(
        tag="zoning",
        purpose=N_("Every activity of the plan's table with its verdict and conditions in one sub-zone."),
        answer=zoning.UsesAnswer,
        parameters=(p.CODE, p.SEQ, p.SUBZONE),
        errors=(404, 429),
    ),
    "zoning_api.activities": Operation(
        tag="zoning",
        purpose=N_("Activities that a plain word, a synonym, a misspelling or a KBLI code may mean."),
        answer=zoning.ActivitiesAnswer,
        parameters=(p.ACTIVITY_WORDS, p.PLAN, p.ON),
        errors=(400, 404, 429),
    ),
    "places_api.search": Operation(
        tag="places",
        purpose=N_("What a line of text may mean on the map; nothing found is an empty list."),
        answer=places.SearchAnswer,
        parameters=(p.SEARCH_WORDS,),
        errors=(400, 429),
    ),
    "plans_api.plans": Operation(
        tag="plans",
        purpose=N_("Plans with a published version, and the version in force today."),
        answer=plans.PlansAnswer,
        errors=(429,),
    ),
    "plans_api.versions": Operation(
        tag="plans",
        purpose=N_("The published and withdrawn versions of a plan, newest first."),
        answer=plans.VersionsAnswer,
        parameters=(p.CODE,),
        errors=(404, 429),
    ),
    "plans_api.version": Operation(
        tag="plans",
        purpose=N_("One version: its validity, its sub-zones with their areas, and its articles."),
        answer=plans.VersionDetail,
        parameters=(p.CODE, p.SEQ),
        errors=(404, 429),
    ),
    "difference_api.diff": Operation(
        tag="plans",
        purpose=N_(
            "What differs between two versions: zones, land that changes hands, hectares from sub-zone to sub-zone, rules,"
            " green open space, and how many parcels lie on changed land. A draft needs a planner's or approver's account."
        ),
        answer=difference.PlanDifference,
        parameters=(p.CODE, p.VERSION_FROM, p.VERSION_TO, p.GEOMETRY),
        errors=(400, 401, 403, 404, 422, 429),
    ),
    "difference_api.zone": Operation(
        tag="plans",
        purpose=N_("One zone in every public version, with what it was split from or merged into."),
        answer=difference.ZoneHistory,
        parameters=(p.CODE, p.ZONE_ID, p.GEOMETRY),
        errors=(404, 422, 429),
    ),
    "difference_api.point": Operation(
        tag="zoning",
        purpose=N_("What held a point in every public version of every plan that ever covered it."),
        answer=difference.PointHistory,
        parameters=(p.LON, p.LAT),
        errors=(400, 422, 429),
    ),
    **DRAFTS,
    "hearings_api.listed": Operation(
        tag="plans",
        purpose=N_("Public hearings of drafts of a plan, newest first."),
        answer=hearings.HearingsAnswer,
        parameters=(p.CODE,),
        errors=(404, 429),
    ),
    "hearings_api.comments": Operation(
        tag="plans",
        purpose=N_("What people said about a draft, and what the planners answered."),
        answer=hearings.HearingComments,
        parameters=(p.CODE, p.HEARING_ID),
        errors=(404, 429),
        content_type=GEOJSON,
    ),
    "hearings_api.tile": Operation(
        tag="tiles",
        purpose=N_("A vector tile of a draft during its public hearing; it is not in force and may still change."),
        answer=None,
        content_type=VECTOR_TILE,
        parameters=(p.CODE, p.DRAFT_ID, p.ZOOM, p.TILE_X, p.TILE_Y),
        errors=(404, 422, 429),
        also={204: None},
    ),
    "tiles.vector_tile": Operation(
        tag="tiles",
        purpose=N_("A vector tile of one layer. Its address carries the version, so it may be kept for ever."),
        answer=None,
        content_type=VECTOR_TILE,
        parameters=(p.LAYER, p.VERSION_ID, p.ZOOM, p.TILE_X, p.TILE_Y),
        errors=(404,),
        also={204: None},
    ),
    "accounts_api.whoami": Operation(
        tag="account",
        purpose=N_("Who is signed in in this browser; reading needs no account, and most programs need not ask."),
        answer=accounts.WhoAmI,
        errors=(429,),
    ),
    "jobs_api.job": Operation(
        tag="jobs",
        purpose=N_("How far something is that was started in the background; for who started it."),
        answer=jobs.JobAnswer,
        parameters=(p.JOB_ID,),
        errors=(401, 404, 429),
        roles=ROLES,
    ),
    "jobs_api.cancel": Operation(
        tag="jobs",
        purpose=N_("Stop it: nothing of it is kept. What has ended already stays as it is."),
        answer=jobs.JobAnswer,
        parameters=(p.JOB_ID,),
        errors=(400, 401, 404, 429),
        roles=ROLES,
    ),
    "openapi.document": Operation(
        tag="service",
        purpose=N_("This description, for programs."),
        answer=health.AnyDocument,
        errors=(429,),
    ),
    "openapi.page": Operation(
        tag="service",
        purpose=N_("This description, for people."),
        answer=None,
        content_type=HTML,
        errors=(429,),
    ),
    "health.healthz": Operation(tag="service", purpose=N_("Whether the process is alive."), answer=health.Alive),
    "health.readyz": Operation(
        tag="service",
        purpose=N_("Whether database and published plan are loaded; 503 until they are."),
        answer=health.Ready,
        also={503: health.Ready},
    ),
}

# What a problem of this status means, for the document.
ERROR_TEXTS: dict[int, str] = {
    400: N_("A parameter or the body cannot be read, or a writing call lacks its X-CSRFToken."),
    401: N_("It needs an account: sign in."),
    403: N_("The account has no role that may do this."),
    404: N_("Nothing of that name, number or date."),
    409: N_("Somebody has changed it, or it is in a state that forbids this."),
    413: N_("The body or polygon is over a limit."),
    415: N_("This content type is not read here."),
    422: N_("Well-formed, but impossible: a value or geometry that cannot be."),
    429: N_("Too many requests; wait as long as Retry-After says."),
}
