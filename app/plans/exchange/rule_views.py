"""The grid of the rule tables: each row is a form of its own, so that it works without JavaScript and by keyboard."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.forms import errors_of, keep_out_of_caches, text
from app.accounts.identity import current_actor
from app.accounts.roles import require
from app.accounts.wording import when
from app.errors import Conflict, NotFound, TooLarge, Unprocessable
from app.jobs import service as jobs
from app.plans.drafts.service import READERS
from app.plans.exchange import rule_editing, service
from app.plans.exchange.rule_jobs import COMPARISON, TAKING
from app.plans.exchange.views import allow_files, form_key, uploaded
from app.plans.exchange.wording import change_name, column_name, done_name, table_names
from app.plans.models import RULE_TABLES
from app.runtime import runtime
from app.security import limiter, read_limit, write_limit

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PAGE = {"itbx": 20}
_USUAL_PAGE = 40
_LONG = frozenset({"text", "title", "synonyms", "name", "applies"})
_KEYS = frozenset({"activity_id", "code", "kind", "class"})
_CELL = "cell:"

rule_pages = Blueprint("rule_pages", __name__, url_prefix="/plans/<code>/draft/rules", template_folder="../templates")
keep_out_of_caches(rule_pages)
rule_pages.url_value_preprocessor(allow_files)


@rule_pages.get("")
def rules(code: str) -> ResponseReturnValue:
    """Lead to the first table."""
    return redirect(url_for("rule_pages.grid", code=code, table=RULE_TABLES[0]))


@rule_pages.get("/<table>")
@limiter.limit(read_limit)
def grid(code: str, table: str) -> ResponseReturnValue:
    """A page of a table's rows."""
    return _grid(code, table)


@rule_pages.post("/<table>")
@limiter.limit(write_limit)
def save(code: str, table: str) -> ResponseReturnValue:
    """Store a row, add one, or take one out."""
    key = request.form.get("key")
    values = {name[len(_CELL) :]: value for name, value in request.form.items() if name.startswith(_CELL)}
    remove = text("action") == "remove"
    actor = current_actor()
    try:
        rule_editing.change_row(actor, code, table, key, {} if remove else values, text("base"))
    except (Unprocessable, Conflict, NotFound) as error:
        return _grid(code, table, {"row": str(error.detail)}, key=key, values=values), error.status
    back = url_for(
        "rule_pages.grid", code=code, table=table, q=text("q") or None, page=text("page") or None, done="saved"
    )
    return redirect(back)


@rule_pages.get("/<table>.xlsx")
@limiter.limit(read_limit)
def workbook(code: str, table: str) -> Response:
    """The table as a workbook."""
    content = rule_editing.workbook(current_actor(), code, table)
    headers = {"Content-Disposition": f'attachment; filename="{code}-{table}.xlsx"'}
    return Response(content, headers=headers, content_type=WORKBOOK)


@rule_pages.post("/<table>/comparisons")
@limiter.limit(write_limit)
def send(code: str, table: str) -> ResponseReturnValue:
    """Have a workbook compared with the table."""
    actor = current_actor()
    require(actor, "planner")
    rule_editing.table(actor, code, table)
    try:
        view = jobs.start(actor, COMPARISON.name, {"plan": code, "table": table}, form_key(), file=uploaded())
    except (Unprocessable, TooLarge) as error:
        return _grid(code, table, errors_of(error, "file")), error.status
    return redirect(url_for("job_pages.job", job_id=view.id))


@rule_pages.get("/<table>/comparisons/<uuid:job_id>")
@limiter.limit(read_limit)
def comparison(code: str, table: str, job_id: uuid.UUID) -> ResponseReturnValue:
    """What a workbook would change."""
    actor = current_actor()
    require(actor, *READERS)
    view = jobs.result_of(actor, job_id, COMPARISON.name)
    return render_template(
        "plans/exchange/rule_comparison.html",
        job=view,
        report=view.result,
        table=table,
        tables=table_names(),
        draft=service.situation(actor, code),
        column_name=column_name,
    )


@rule_pages.post("/<table>/comparisons/<uuid:job_id>/take")
@limiter.limit(write_limit)
def take(code: str, table: str, job_id: uuid.UUID) -> ResponseReturnValue:
    """Put the workbook in the table's place."""
    actor = current_actor()
    require(actor, "planner")
    base = text("base")
    seen = jobs.result_of(actor, job_id, COMPARISON.name)
    arguments = {**seen.arguments, "comparison": job_id, "base": base}
    view = jobs.start(actor, TAKING.name, arguments, uuid.uuid5(job_id, base))
    return redirect(url_for("job_pages.job", job_id=view.id))


@rule_pages.post("/<table>/restore")
@limiter.limit(write_limit)
def restore(code: str, table: str) -> ResponseReturnValue:
    """Put the table back as it was before a change."""
    number = text("change")
    try:
        rule_editing.restore(current_actor(), code, table, int(number) if number.isdecimal() else 0)
    except (Conflict, NotFound) as error:
        return _grid(code, table, {"row": str(error.detail)}), error.status
    return redirect(url_for("rule_pages.grid", code=code, table=table, done="restored"))


def _grid(
    code: str,
    table: str,
    errors: dict[str, str] | None = None,
    *,
    key: str | None = None,
    values: dict[str, str] | None = None,
) -> str:
    """The page. key, values: of the row that was refused, which is shown as it was typed."""
    actor = current_actor()
    found = rule_editing.table(actor, code, table)
    words = (request.values.get("q") or "").strip()[:100]
    size = _PAGE.get(table, _USUAL_PAGE)
    listed = [(name, row) for name, row in found.rows.items() if _matches(row, words)]
    pages = max(1, -(-len(listed) // size))
    number = min(max(1, request.values.get("page", 1, type=int)), pages)
    shown: list[tuple[str, dict[str, Any]]] = list(itertools.islice(listed, (number - 1) * size, number * size))
    if key is not None and values:
        shown = [(name, row | values if name == key else row) for name, row in shown]
    return render_template(
        "plans/exchange/rules.html",
        table=table,
        tables=table_names(),
        found=found,
        rows=shown,
        count=len(listed),
        page=number,
        pages=pages,
        words=words,
        refused=key,
        new_values=values if values and key is None else {},
        errors=errors or {},
        draft=service.situation(actor, code),
        history=rule_editing.history(actor, code, table),
        when=when,
        change_name=change_name,
        column_name=column_name,
        done=done_name(request.args.get("done")),
        form_key=uuid.uuid4(),
        long_columns=_LONG,
        key_columns=_KEYS if table != "intensity" else frozenset(),
        limit_mb=runtime().settings.max_upload_bytes // 1024**2,
    )


def _matches(row: dict[str, str], words: str) -> bool:
    """Whether every word stands somewhere in the row."""
    folded = " ".join(row.values()).casefold()
    return all(word in folded for word in words.casefold().split())
