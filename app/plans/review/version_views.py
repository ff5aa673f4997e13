"""The page of a public version: the regulation, why it was made, what led to it, its corrections."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.identity import current_actor
from app.accounts.roles import require
from app.i18n import language
from app.plans import service as plans
from app.plans.review import publication, wording
from app.plans.review.forms import Errors, attempt, day, keep_out_of_caches, text
from app.runtime import runtime

version_pages = Blueprint(
    "version_pages", __name__, url_prefix="/plans/<code>/versions/<int:seq>", template_folder="templates"
)
keep_out_of_caches(version_pages)


@version_pages.get("")
def version(code: str, seq: int) -> str:
    """One version, for everybody."""
    return _page(code, seq, {})


def _page(code: str, seq: int, errors: Errors) -> str:
    timeline, entry = plans.public_version(code, seq)
    return render_template(
        "review/version.html",
        plan=timeline,
        entry=entry,
        record=publication.public_record(code, seq, language()),
        actor=current_actor(),
        errors=errors,
        values=request.form,
        wording=wording,
        today=runtime().city.today(),
        before=max((item.seq for item in timeline.versions if item.seq < seq), default=None),
        done=wording.done(request.args.get("done")),
    )


@version_pages.post("/errata")
def correct(code: str, seq: int) -> ResponseReturnValue:
    """Attach a correction notice."""
    actor = current_actor()
    require(actor, "approver")
    return attempt(
        lambda: publication.correct(actor, code, seq, day=day("day"), concerns=text("concerns"), words=text("text")),
        url_for(".version", code=code, seq=seq, done="saved"),
        lambda errors: _page(code, seq, errors),
        "text",
    )


@version_pages.post("/withdraw")
def withdraw(code: str, seq: int) -> ResponseReturnValue:
    """Withdraw the version."""
    actor = current_actor()
    require(actor, "approver")
    return attempt(
        lambda: publication.withdraw(actor, code, seq, text("reason")),
        url_for(".version", code=code, seq=seq, done="withdrawn"),
        lambda errors: _page(code, seq, errors),
        "reason",
    )
