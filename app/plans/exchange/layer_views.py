"""The pages on which a whole new layer is sent in, looked at, and brought into the draft."""

from __future__ import annotations

import uuid

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.accounts.forms import errors_of, keep_out_of_caches, text
from app.accounts.identity import current_actor
from app.accounts.roles import require
from app.errors import NotFound, TooLarge, Unprocessable
from app.jobs import service as jobs
from app.plans.exchange.layer_jobs import CHECK, TAKING
from app.plans.exchange.service import plan_named
from app.plans.exchange.views import allow_files, form_key, uploaded
from app.runtime import runtime
from app.security import limiter, read_limit, write_limit

layer_pages = Blueprint("layer_pages", __name__, url_prefix="/plans/<code>/draft/layer", template_folder="../templates")
keep_out_of_caches(layer_pages)
layer_pages.url_value_preprocessor(allow_files)


@layer_pages.get("")
@limiter.limit(read_limit)
def layer(code: str) -> ResponseReturnValue:
    """Send in a new layer."""
    return _form(code)


@layer_pages.post("")
@limiter.limit(write_limit)
def send(code: str) -> ResponseReturnValue:
    """Have a layer checked."""
    actor = current_actor()
    require(actor, "planner")
    plan_named(actor, code)
    arguments = {
        "plan": code,
        "legal_reference": text("legal_reference"),
        "layer": text("layer") or None,
        "crs": text("crs") or None,
    }
    try:
        view = jobs.start(actor, CHECK.name, arguments, form_key(), file=uploaded())
    except (Unprocessable, TooLarge) as error:
        return _form(code, errors_of(error, "file")), error.status
    return redirect(url_for("job_pages.job", job_id=view.id))


@layer_pages.get("/<uuid:job_id>")
@limiter.limit(read_limit)
def report(code: str, job_id: uuid.UUID) -> ResponseReturnValue:
    """What the layer holds and what is wrong with it."""
    actor = current_actor()
    require(actor, "planner")
    view = jobs.result_of(actor, job_id, CHECK.name)
    if view.arguments["plan"] != code:
        raise NotFound(gettext("There is no such job."))
    return render_template(
        "plans/exchange/layer_report.html", job=view, report=view.result, plan=plan_named(actor, code), key=uuid.uuid4()
    )


@layer_pages.post("/<uuid:job_id>/take")
@limiter.limit(write_limit)
def take(code: str, job_id: uuid.UUID) -> ResponseReturnValue:
    """Bring the layer into the draft, as far as the planner accepts what the report says."""
    actor = current_actor()
    require(actor, "planner")
    seen = jobs.result_of(actor, job_id, CHECK.name)
    accepted = {name: name in request.form for name in ("accept_refusals", "accept_repairs", "replaces")}
    view = jobs.start(actor, TAKING.name, {**seen.arguments, "check": job_id, **accepted}, form_key())
    return redirect(url_for("job_pages.job", job_id=view.id))


def _form(code: str, errors: dict[str, str] | None = None) -> str:
    actor = current_actor()
    require(actor, "planner")
    return render_template(
        "plans/exchange/layer.html",
        plan=plan_named(actor, code),
        key=uuid.uuid4(),
        limit_mb=runtime().settings.max_upload_bytes // 1024**2,
        errors=errors or {},
        values=request.form,
    )
