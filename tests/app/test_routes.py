"""Who gets what: every route of the application against what each role is answered. A route without a row fails."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.accounts.service import ROLES as ACCOUNT_ROLES
from app.database import db
from app.frontend_assets import manifest
from tests.factories.accounts import Someone, accounts_for, csrf_token, sign_in

ROLES = ("anonymous", *ACCOUNT_ROLES)
HERE = "lon=117.487&lat=0.127"
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[117.48, 0.12], [117.49, 0.12], [117.49, 0.13], [117.48, 0.13], [117.48, 0.12]]],
}


@dataclass(frozen=True)
class Row:
    """One route with an address that it answers, and the status for each role. {names} are those of ``values``.

    signed_in: for every role, default what anonymous gets; roles: those that differ. ends_sign_in: the call ends the
    sign-in that makes it.
    """

    method: str
    rule: str
    address: str
    anonymous: int
    signed_in: int | None = None
    roles: dict[str, int] = field(default_factory=dict)
    ends_sign_in: bool = False

    def status(self, role: str) -> int:
        """What the role is answered."""
        if role == "anonymous" or self.signed_in is None:
            return self.roles.get(role, self.anonymous)
        return self.roles.get(role, self.signed_in)


def exchange(method: str, rule: str, address: str, *, readers: int = 404, planner: int = 404) -> Row:
    """A row of the exchange of a draft with other tools, of which the sample has none. readers: approvers as well."""
    roles = {"planner": planner} | ({"approver": readers} if method == "GET" else {})
    return Row(method, f"/plans/<code>/draft{rule}", f"/plans/rdtr/draft{address}", 302, 403, roles)


def administrators(method: str, rule: str, address: str, status: int) -> Row:
    """A row of what only administrators may do: others are led to the sign-in or refused."""
    return Row(method, rule, address, 302, 403, {"administrator": status})


DRAFT = "/api/v1/plans/<code>/draft"


def planners(method: str, path: str, status: int, *, read: bool = False, query: str = "") -> Row:
    """A row of a draft's API. read: approvers may as well. status: of the sample, where no draft is open."""
    rule = f"{DRAFT}{path}"
    address = rule.replace("<code>", "rdtr").replace("<finding>", "none")
    for name in ("head", "z", "x", "y"):
        address = address.replace(f"<int:{name}>", "0")
    let_in = {"planner": status, **({"approver": status} if read else {})}
    return Row(method, rule, address + query, 401, 403, let_in)


def workers(method: str, rule: str, address: str, status: int, approver: int | None = None) -> Row:
    """A row of what planners and approvers may do; the sample city has no draft, so most of it is not found."""
    return Row(method, rule, address, 302, 403, {"planner": status, "approver": approver or status})


REVIEW = "/plans/<code>/review"
HEARINGS = "/plans/<code>/hearings"
# What the three roles with a second factor are answered where others are led to setting one up.
SECOND_FACTOR_200 = dict.fromkeys(("planner", "approver", "administrator"), 200)
SECOND_FACTOR_422 = dict.fromkeys(("planner", "approver", "administrator"), 422)

ROUTES = (
    #    method  rule                                                     address                            anonymous
    Row("GET", "/", "/", 200),
    Row("GET", "/about", "/about", 200),
    Row("GET", "/help", "/help", 200),
    Row("GET", "/help/errors", "/help/errors", 200),
    Row("GET", "/zoning", f"/zoning?{HERE}", 200),
    Row("GET", "/zona", f"/zona?{HERE}", 301),
    Row("GET", "/zoning/card", f"/zoning/card?{HERE}", 200),
    Row("GET", "/parcels/<nib>", "/parcels/{nib}", 200),
    Row("GET", "/plans/<code>/versions/<int:seq>/subzones/<subzone>", "/plans/rdtr/versions/2/subzones/{subzone}", 200),
    Row("GET", "/plans", "/plans", 200),
    Row("GET", "/rencana", "/rencana", 301),
    Row("GET", "/plans/<code>", "/plans/rdtr", 200),
    Row("GET", "/plans/<code>/diff", "/plans/rdtr/diff", 200),
    Row("GET", "/plans/<code>/diff.pdf", "/plans/rdtr/diff.pdf", 200),
    Row("GET", "/plans/<code>/diff.gpkg", "/plans/rdtr/diff.gpkg", 200),
    Row("GET", "/plans/<code>/zones/<int:zone_id>", "/plans/rdtr/zones/{zone_id}", 200),
    Row(
        "GET",
        "/plans/<code>/zones/<int:zone_id>/restore",
        "/plans/rdtr/zones/{zone_id}/restore?seq=1",
        302,
        403,
        {"planner": 404},
    ),
    Row("POST", "/plans/<code>/zones/<int:zone_id>/restore", "/plans/rdtr/zones/{zone_id}/restore?seq=1", 400),
    Row("GET", "/zoning/history", f"/zoning/history?{HERE}", 200),
    Row("GET", "/map", "/map", 200),
    Row("GET", "/peta", "/peta", 301),
    Row("GET", "/map/light", "/map/light", 200),
    Row("GET", "/map/legend/<int:version_id>", "/map/legend/{version_id}", 200),
    Row("GET", "/static/<path:filename>", "/static/icon.svg", 200),
    Row("GET", "/static/dist/<name>", "/static/dist/{built}", 200),
    Row("GET", "/healthz", "/healthz", 200),
    Row("GET", "/readyz", "/readyz", 200),
    Row("GET", "/api/v1/", "/api/v1/", 200),
    Row("GET", "/api/v1/openapi.json", "/api/v1/openapi.json", 200),
    Row("GET", "/api/v1/zoning", f"/api/v1/zoning?{HERE}", 200),
    Row("POST", "/api/v1/zoning", "/api/v1/zoning", 200),
    Row("GET", "/api/v1/parcels/<nib>", "/api/v1/parcels/{nib}", 200),
    Row("GET", "/api/v1/activities", "/api/v1/activities?q=warung", 200),
    Row("GET", "/api/v1/search", "/api/v1/search?q=kuala", 200),
    Row("GET", "/api/v1/plans", "/api/v1/plans", 200),
    Row("GET", "/api/v1/plans/<code>/versions", "/api/v1/plans/rdtr/versions", 200),
    Row("GET", "/api/v1/plans/<code>/versions/<int:seq>", "/api/v1/plans/rdtr/versions/1", 200),
    Row(
        "GET",
        "/api/v1/plans/<code>/versions/<int:seq>/subzones/<subzone>/uses",
        "/api/v1/plans/rdtr/versions/2/subzones/{subzone}/uses",
        200,
    ),
    Row("GET", "/api/v1/plans/<code>/diff", "/api/v1/plans/rdtr/diff", 200),
    Row("GET", "/api/v1/plans/<code>/zones/<int:zone_id>", "/api/v1/plans/rdtr/zones/{zone_id}", 200),
    Row("GET", "/api/v1/zoning/history", f"/api/v1/zoning/history?{HERE}", 200),
    Row(
        "GET",
        "/api/v1/tiles/<layer>/<int:version_id>/<int:z>/<int:x>/<int:y>.mvt",
        "/api/v1/tiles/zones/{version_id}/10/846/511.mvt",
        200,
    ),
    Row("GET", "/plans/<code>/edit", "/plans/rdtr/edit", 302, 403, {"planner": 200, "approver": 200}),
    planners("GET", "", 404, read=True),
    planners("POST", "", 422),
    planners("DELETE", "", 404),
    planners("GET", "/zones", 404, read=True),
    planners("GET", "/features", 404, read=True),
    planners("GET", "/snap", 404, read=True, query="?bbox=117,0,118,1"),
    planners("GET", "/tiles/<int:head>/<int:z>/<int:x>/<int:y>.mvt", 404, read=True),
    planners("GET", "/changes", 404, read=True),
    planners("GET", "/changesets", 404, read=True),
    planners("GET", "/findings", 404, read=True),
    # What is sent is a polygon, and no change.
    planners("POST", "/operations", 422),
    planners("POST", "/changesets", 422),
    planners("POST", "/undo", 422),
    planners("POST", "/redo", 422),
    planners("POST", "/findings/<finding>/repair", 422),
    Row("GET", "/plans/<code>/versions/<int:seq>", "/plans/rdtr/versions/2", 200),
    Row(
        "POST", "/plans/<code>/versions/<int:seq>/errata", "/plans/rdtr/versions/2/errata", 302, 403, {"approver": 422}
    ),
    Row(
        "POST",
        "/plans/<code>/versions/<int:seq>/withdraw",
        "/plans/rdtr/versions/2/withdraw",
        302,
        403,
        {"approver": 422},
    ),
    # Reviewing: the sample city has no draft.
    workers("GET", REVIEW, "/plans/rdtr/review", 404),
    workers(
        "POST",
        f"{REVIEW}/<any('submit', 'take-back', 'send-back', 'approve'):step>",
        "/plans/rdtr/review/submit",
        404,
        403,
    ),
    workers("POST", f"{REVIEW}/comments", "/plans/rdtr/review/comments", 403, 404),
    workers("POST", f"{REVIEW}/comments/<int:thread_id>/reply", "/plans/rdtr/review/comments/1/reply", 404),
    workers("POST", f"{REVIEW}/comments/<int:thread_id>/resolve", "/plans/rdtr/review/comments/1/resolve", 403, 404),
    workers("GET", f"{REVIEW}/milestones", "/plans/rdtr/review/milestones", 404),
    workers("POST", f"{REVIEW}/milestones/<kind>", "/plans/rdtr/review/milestones/klhs", 404),
    workers("POST", f"{REVIEW}/remarks", "/plans/rdtr/review/remarks", 404),
    workers("POST", f"{REVIEW}/remarks/<int:number>/answer", "/plans/rdtr/review/remarks/1/answer", 404),
    workers("POST", f"{REVIEW}/remarks/<int:number>/settle", "/plans/rdtr/review/remarks/1/settle", 404),
    workers("GET", f"{REVIEW}/hearing", "/plans/rdtr/review/hearing", 404),
    workers("POST", f"{REVIEW}/hearing", "/plans/rdtr/review/hearing", 404),
    workers("POST", f"{REVIEW}/hearing/cancel", "/plans/rdtr/review/hearing/cancel", 404),
    workers("GET", f"{REVIEW}/publish", "/plans/rdtr/review/publish", 403, 404),
    workers("POST", f"{REVIEW}/publish", "/plans/rdtr/review/publish", 403, 404),
    workers("GET", f"{REVIEW}/publication/<int:seq>", "/plans/rdtr/review/publication/2", 404),
    workers("POST", f"{REVIEW}/publication/<int:seq>", "/plans/rdtr/review/publication/2", 403, 404),
    # Hearings: everybody reads, who is signed in comments, planners and approvers answer.
    Row("GET", HEARINGS, "/plans/rdtr/hearings", 200),
    Row("GET", f"{HEARINGS}/open", "/plans/rdtr/hearings/open", 302),
    Row("GET", f"{HEARINGS}/<int:hearing_id>", "/plans/rdtr/hearings/1", 404),
    Row("GET", f"{HEARINGS}/<int:hearing_id>/minutes", "/plans/rdtr/hearings/1/minutes", 404),
    Row("GET", f"{HEARINGS}/<int:hearing_id>/minutes.csv", "/plans/rdtr/hearings/1/minutes.csv", 404),
    Row("POST", f"{HEARINGS}/<int:hearing_id>/comments", "/plans/rdtr/hearings/1/comments", 302, 404),
    workers(
        "POST",
        f"{HEARINGS}/<int:hearing_id>/comments/<int:comment_id>/answer",
        "/plans/rdtr/hearings/1/comments/1/answer",
        404,
    ),
    workers(
        "POST",
        f"{HEARINGS}/<int:hearing_id>/comments/<int:comment_id>/hide",
        "/plans/rdtr/hearings/1/comments/1/hide",
        404,
    ),
    Row("GET", "/api/v1/plans/<code>/hearings", "/api/v1/plans/rdtr/hearings", 200),
    Row(
        "GET", "/api/v1/plans/<code>/hearings/<int:hearing_id>/comments", "/api/v1/plans/rdtr/hearings/1/comments", 404
    ),
    Row(
        "GET",
        "/api/v1/plans/<code>/hearings/tiles/<int:version_id>/<int:z>/<int:x>/<int:y>.mvt",
        "/api/v1/plans/rdtr/hearings/tiles/{version_id}/10/846/511.mvt",
        404,
    ),
    Row("GET", "/api/v1/account", "/api/v1/account", 200),
    # Account pages: who is not signed in is led to the sign-in (302); a form that was sent empty is refused (422).
    Row("GET", "/account", "/account", 302, 200),
    Row("GET", "/account/activity", "/account/activity", 302, 200),
    Row("POST", "/account/sign-ins/<uuid:sign_in>/end", "/account/sign-ins/{nobody}/end", 302, 404),
    Row("POST", "/account/sign-ins/end-others", "/account/sign-ins/end-others", 302, ends_sign_in=True),
    Row("GET", "/account/recovery-codes", "/account/recovery-codes", 302, 302, SECOND_FACTOR_200),
    Row("POST", "/account/recovery-codes", "/account/recovery-codes", 302, 302, SECOND_FACTOR_422),
    Row("GET", "/account/sign-in", "/account/sign-in", 200, 302),
    Row("POST", "/account/sign-in", "/account/sign-in", 422),
    Row("GET", "/account/second-factor", "/account/second-factor", 302),
    Row("POST", "/account/second-factor", "/account/second-factor", 302),
    Row("GET", "/account/second-factor/set-up", "/account/second-factor/set-up", 302, 200),
    # Without the secret that GET puts into the session it starts over; with it, an empty code is refused.
    Row("POST", "/account/second-factor/set-up", "/account/second-factor/set-up", 302, 422),
    Row("POST", "/account/sign-out", "/account/sign-out", 302, ends_sign_in=True),
    Row("GET", "/account/forgotten", "/account/forgotten", 200),
    Row("POST", "/account/forgotten", "/account/forgotten", 200),
    Row("GET", "/account/reset/<token>", "/account/reset/made-up", 404),
    Row("POST", "/account/reset/<token>", "/account/reset/made-up", 404),
    Row("GET", "/account/password", "/account/password", 302, 200),
    Row("POST", "/account/password", "/account/password", 302, 422),
    # Closed: nothing can be mailed here.
    Row("GET", "/account/register", "/account/register", 403),
    Row("POST", "/account/register", "/account/register", 403),
    Row("GET", "/account/register/<token>", "/account/register/made-up", 403),
    Row("POST", "/account/register/<token>", "/account/register/made-up", 403),
    exchange("GET", "/exchange", "/exchange"),
    exchange("POST", "/exchange", "/exchange"),
    exchange("GET", "/export.gpkg", "/export.gpkg"),
    exchange("GET", "/exchange/<uuid:job_id>", "/exchange/{nobody}"),
    exchange("POST", "/exchange/<uuid:job_id>/take", "/exchange/{nobody}/take"),
    Row("GET", "/plans/<code>/draft/rules", "/plans/rdtr/draft/rules", 302),
    exchange("GET", "/rules/<table>", "/rules/itbx"),
    exchange("POST", "/rules/<table>", "/rules/itbx"),
    exchange("GET", "/rules/<table>.xlsx", "/rules/itbx.xlsx"),
    exchange("POST", "/rules/<table>/comparisons", "/rules/itbx/comparisons"),
    exchange("GET", "/rules/<table>/comparisons/<uuid:job_id>", "/rules/itbx/comparisons/{nobody}"),
    exchange("POST", "/rules/<table>/comparisons/<uuid:job_id>/take", "/rules/itbx/comparisons/{nobody}/take"),
    exchange("POST", "/rules/<table>/restore", "/rules/itbx/restore"),
    exchange("GET", "/layer", "/layer", readers=403, planner=200),
    # Without the number of its form.
    exchange("POST", "/layer", "/layer", planner=409),
    exchange("GET", "/layer/<uuid:job_id>", "/layer/{nobody}", readers=403),
    exchange("POST", "/layer/<uuid:job_id>/take", "/layer/{nobody}/take"),
    # A job is for who started it; for everybody else there is none.
    Row("GET", "/jobs", "/jobs", 302, 200),
    Row("GET", "/jobs/<uuid:job_id>", "/jobs/{nobody}", 302, 404),
    Row("POST", "/jobs/<uuid:job_id>/cancel", "/jobs/{nobody}/cancel", 302, 404),
    Row("GET", "/api/v1/jobs/<uuid:job_id>", "/api/v1/jobs/{nobody}", 401, 404),
    Row("POST", "/api/v1/jobs/<uuid:job_id>/cancel", "/api/v1/jobs/{nobody}/cancel", 401, 404),
    administrators("GET", "/account/people", "/account/people", 200),
    administrators("GET", "/account/people/activity", "/account/people/activity", 200),
    administrators("GET", "/account/people/new", "/account/people/new", 200),
    administrators("POST", "/account/people/new", "/account/people/new", 422),
    administrators("GET", "/account/people/<int:account_id>", "/account/people/{account_id}", 200),
    administrators("POST", "/account/people/<int:account_id>", "/account/people/{account_id}", 422),
    administrators("POST", "/account/people/<int:account_id>/link", "/account/people/{account_id}/link", 200),
    administrators("POST", "/account/people/<int:account_id>/second-factor", "/account/people/0/second-factor", 404),
    administrators("POST", "/account/people/<int:account_id>/shut", "/account/people/0/shut", 404),
    administrators("POST", "/account/people/<int:account_id>/open", "/account/people/{account_id}/open", 302),
    administrators("POST", "/account/people/<int:account_id>/erase", "/account/people/{account_id}/erase", 422),
)


@pytest.fixture(scope="session")
def accounts(sample_app: Flask) -> dict[str, Someone]:
    """One account per role."""
    return accounts_for(sample_app, *ACCOUNT_ROLES)


@pytest.fixture(scope="session")
def client_of(sample_app: Flask, accounts: dict[str, Someone]) -> Callable[..., FlaskClient]:
    """A client that is signed in with a role: the same one each time, until a fresh one that may end all is asked for."""
    kept: dict[str, FlaskClient] = {}

    def client(role: str, *, fresh: bool = False) -> FlaskClient:
        if role in kept and not fresh:
            return kept[role]
        made = sample_app.test_client()
        if role != "anonymous":
            someone = accounts[role]
            code, *rest = someone.recovery_codes or ("",)
            someone.recovery_codes = tuple(rest)
            assert sign_in(made, someone, code).status_code == 302
        if fresh:
            kept.pop(role, None)
            return made
        return kept.setdefault(role, made)

    return client


@pytest.fixture(scope="session")
def values(sample_app: Flask, accounts: dict[str, Someone]) -> dict[str, str]:
    """What the addresses of the table need: a parcel, a version, a sub-zone of it, a built file, an account."""
    with sample_app.app_context():
        nib = db.session.execute(text("SELECT nib FROM parcel ORDER BY nib LIMIT 1")).scalar_one()
        version_id, subzone = db.session.execute(
            text("SELECT version_id, code FROM subzone ORDER BY version_id DESC, code LIMIT 1")
        ).one()
        zone_id = db.session.execute(text("SELECT min(zone_id) FROM version_zone")).scalar_one()
        db.session.rollback()
    return {
        "zone_id": str(zone_id),
        "nib": nib,
        "version_id": str(version_id),
        "subzone": subzone,
        "built": manifest()["site.css"],
        "account_id": str(accounts["resident"].id),
        "nobody": str(uuid.UUID(int=0)),
    }


def test_every_route_has_a_row(sample_app: Flask) -> None:
    routes = {
        (method, rule.rule)
        for rule in sample_app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    rows = [(row.method, row.rule) for row in ROUTES]
    assert len(rows) == len(set(rows)), "a route has two rows"
    assert routes - set(rows) == set(), "add a row for each of these: who may call it?"
    assert set(rows) - routes == set(), "these routes are gone"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("row", ROUTES, ids=lambda row: f"{row.method} {row.rule}")
def test_what_each_role_is_answered(
    client_of: Callable[..., FlaskClient], values: dict[str, str], row: Row, role: str
) -> None:
    client = client_of(role, fresh=row.ends_sign_in)
    if row.rule == "/account/second-factor/set-up" and row.method == "POST":
        # What is sent is held against the secret that the page showed before.
        client.get(row.address)
    response = ask(client, row, row.address.format(**values))
    assert response.status_code == row.status(role), response.get_data(as_text=True)[:300]
    if role == "anonymous" and row.rule.startswith("/account") and row.status(role) == 302:
        assert urlsplit(response.location).path == ("/" if row.rule.endswith("/sign-out") else "/account/sign-in")


def ask(client: FlaskClient, row: Row, address: str) -> TestResponse:
    """Call the route as this browser would: pages with an empty form and its token, the API with a polygon."""
    if row.method == "GET":
        return client.get(address, buffered=True)
    token = client.get("/api/v1/account").get_json()["csrf_token"] or csrf_token(client)
    if row.rule.startswith("/api/"):
        return client.open(address, method=row.method, json=SQUARE, headers={"X-CSRFToken": token})
    return client.open(address, method=row.method, data={"csrf_token": token})


@pytest.mark.parametrize("row", [row for row in ROUTES if row.method != "GET" and not row.rule.startswith("/api/")])
def test_no_form_is_taken_without_its_token(
    client_of: Callable[..., FlaskClient], values: dict[str, str], row: Row
) -> None:
    assert client_of("administrator").open(row.address.format(**values), method=row.method).status_code == 400


@pytest.mark.parametrize("row", [row for row in ROUTES if row.method == "GET"], ids=lambda row: row.rule)
def test_writing_to_what_is_read_is_refused(sample_client: FlaskClient, values: dict[str, str], row: Row) -> None:
    address = row.address.format(**values)
    taken = {other.method for other in ROUTES if other.rule == row.rule}
    for method in {"PUT", "PATCH", "DELETE"} - taken:
        assert sample_client.open(address, method=method).status_code == 405, method


def test_there_is_nothing_where_there_is_no_route(sample_client: FlaskClient) -> None:
    for address in (
        "/admin",
        "/.env",
        "/.git/config",
        "/static/../app/config.py",
        "/static/dist/meta.json.bak",
        "/api/",
    ):
        assert sample_client.get(address).status_code == 404, address
