"""The page of the planners' map editor."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.accounts.identity import current_actor
from app.accounts.roles import require
from app.database import db
from app.errors import NotFound
from app.places import service as places
from app.plans import queries
from app.plans.drafts.editor_texts import editor_texts
from app.plans.drafts.service import READERS
from app.plans.models import Plan
from app.runtime import runtime

draft_pages = Blueprint("draft_pages", __name__, template_folder="../templates")


@draft_pages.get("/plans/<code>/edit")
def edit(code: str) -> ResponseReturnValue:
    """Edit the open draft of a plan on the map, or open one."""
    actor = current_actor()
    require(actor, *READERS)
    plan = queries.plan_by_code(db.session, code)
    if plan is None:
        raise NotFound(gettext("There is no plan with the code %(code)s.", code=code))
    base = queries.latest_published(db.session, plan.id)
    settings = editor_settings(plan, actor.account_id)
    return render_template("plans/editor.html", plan=plan, base=base, settings=settings)


def editor_settings(plan: Plan, account_id: int | None) -> dict[str, Any]:
    """What the editor's script needs beside the draft: addresses, extent (lon/lat), words in the reader's language."""
    city = runtime().city.city
    return {
        "api": f"/api/v1/plans/{plan.code}/draft",
        "tiles": "/api/v1/tiles/{layer}/{version}/{z}/{x}/{y}.mvt",
        "placesVersion": places.places_version(),
        "bounds": list(city.bounds),
        "account": account_id,
        "signIn": url_for("account_pages.sign_in", next=url_for("draft_pages.edit", code=plan.code)),
        "texts": editor_texts(),
    }
