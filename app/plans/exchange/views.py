"""The pages of the exchange: download the draft, send a file back, look at what it would change, take it."""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.accounts.forms import errors_of, keep_out_of_caches, text
from app.accounts.identity import current_actor
from app.accounts.roles import require
from app.errors import Conflict, TooLarge, Unprocessable
from app.jobs.service import Upload
from app.plans.exchange import service
from app.plans.exchange.wording import kind_name, what_changed
from app.runtime import runtime
from app.security import limiter, read_limit, write_limit

GEOPACKAGE = "application/geopackage+sqlite3"
exchange_pages = Blueprint("exchange_pages", __name__, url_prefix="/plans/<code>/draft", template_folder="../templates")
keep_out_of_caches(exchange_pages)


@exchange_pages.url_value_preprocessor
def allow_files(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """A planner may send in more than others; nobody else's body is even read."""
    if request.method == "POST" and current_actor().has("planner"):
        # Room for the form's own fields beside the file.
        request.max_content_length = runtime().settings.max_upload_bytes + current_app.config["MAX_CONTENT_LENGTH"]


@exchange_pages.get("/exchange")
@limiter.limit(read_limit)
def exchange(code: str) -> ResponseReturnValue:
    """Download the draft, or send a file back."""
    return _start(code)


@exchange_pages.get("/export.gpkg")
@limiter.limit(read_limit)
def export(code: str) -> Response:
    """The draft as a GeoPackage for QGIS."""
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        path = Path(folder) / "draft.gpkg"
        name = service.export(current_actor(), code, path)
        content = path.read_bytes()
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=headers, content_type=GEOPACKAGE)


@exchange_pages.post("/exchange")
@limiter.limit(write_limit)
def send(code: str) -> ResponseReturnValue:
    """Have a file compared with the draft."""
    footprint = "may_change" if text("footprint") == "may_change" else "keep"
    actor = current_actor()
    require(actor, "planner")
    try:
        view = service.submit(actor, code, uploaded(), footprint, form_key())  # type: ignore[arg-type]
    except (Unprocessable, TooLarge) as error:
        return _start(code, errors_of(error, "file"))
    return redirect(url_for("job_pages.job", job_id=view.id))


@exchange_pages.get("/exchange/<uuid:job_id>")
@limiter.limit(read_limit)
def comparison(code: str, job_id: uuid.UUID) -> ResponseReturnValue:
    """What a file would change, and what stands against it."""
    actor = current_actor()
    view = service.comparison(actor, code, job_id)
    return render_template(
        "plans/exchange/comparison.html",
        job=view,
        report=view.result,
        draft=service.situation(actor, code),
        what_changed=what_changed,
        kind_name=kind_name,
    )


@exchange_pages.post("/exchange/<uuid:job_id>/take")
@limiter.limit(write_limit)
def take(code: str, job_id: uuid.UUID) -> ResponseReturnValue:
    """Take what was shown into the draft."""
    view = service.take(current_actor(), code, job_id, text("digest"))
    return redirect(url_for("job_pages.job", job_id=view.id))


def uploaded() -> Upload:
    """The file of the form. Raises Unprocessable where there is none, TooLarge over RUANG_MAX_UPLOAD_BYTES."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Unprocessable(gettext("Choose a file."), field="file")
    limit = runtime().settings.max_upload_bytes
    content = file.stream.read(limit + 1)
    if len(content) > limit:
        raise TooLarge(
            gettext("The file is larger than %(limit)s MB.", limit=limit // 1024**2), field="file", limit=limit
        )
    return Upload(file.filename, content)


def form_key() -> uuid.UUID | None:
    """The form's own number: sent twice, it is taken once."""
    try:
        return uuid.UUID(text("key"))
    except ValueError:
        raise Conflict(gettext("This form is incomplete. Load the page again.")) from None


def _start(code: str, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    html = render_template(
        "plans/exchange/start.html",
        draft=service.situation(current_actor(), code),
        taken=request.args.get("taken"),
        key=uuid.uuid4(),
        limit_mb=runtime().settings.max_upload_bytes // 1024**2,
        errors=errors or {},
    )
    return (html, 422) if errors else html
