"""Pages of planners and approvers: the review, milestones and remarks, the way to publication."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.identity import current_actor
from app.accounts.roles import require
from app.errors import NotFound
from app.i18n import language
from app.plans.review import hearings, milestones, publication, service, wording
from app.plans.review.forms import Errors, attempt, day, keep_out_of_caches, text, zone
from app.runtime import runtime

review_pages = Blueprint("review_pages", __name__, url_prefix="/plans/<code>/review", template_folder="templates")
keep_out_of_caches(review_pages)


# The review -----------------------------------------------------------------------------------------------------------


@review_pages.get("")
def overview(code: str) -> str:
    """Where the draft stands, what may be done next, the comments, and who did what."""
    return _overview(code, {})


def _overview(code: str, errors: Errors) -> str:
    actor = current_actor()
    found = service.overview(actor, code, language())
    blocking = service.errors_of_draft(actor, code) if "submit" in found["possible"] else []
    return render_template(
        "review/overview.html",
        found=found,
        blocking=blocking,
        errors=errors,
        values=request.form,
        wording=wording,
        done=wording.done(request.args.get("done")),
    )


@review_pages.post("/<any('submit', 'take-back', 'send-back', 'approve'):step>")
def move(code: str, step: str) -> ResponseReturnValue:
    """One step of the workflow."""
    actor = current_actor()
    steps = {
        "submit": (lambda: service.submit(actor, code, text("summary")), "summary"),
        "take-back": (lambda: service.take_back(actor, code), "step"),
        "send-back": (lambda: service.send_back(actor, code, text("reason")), "reason"),
        "approve": (lambda: service.approve(actor, code), "step"),
    }
    do, field = steps[step]
    then = url_for(".overview", code=code, done=step.replace("-", "_"))
    return attempt(do, then, lambda errors: _overview(code, errors), field)


@review_pages.post("/comments")
def comment(code: str) -> ResponseReturnValue:
    """Begin a thread."""
    actor = current_actor()
    return attempt(
        lambda: service.comment(actor, code, text("text"), zone()),
        url_for(".overview", code=code, done="saved", _anchor="comments"),
        lambda errors: _overview(code, errors),
        "text",
    )


@review_pages.post("/comments/<int:thread_id>/reply")
def reply(code: str, thread_id: int) -> ResponseReturnValue:
    """Answer in a thread."""
    actor = current_actor()
    return attempt(
        lambda: service.reply(actor, code, thread_id, text("text")),
        url_for(".overview", code=code, done="saved", _anchor=f"thread-{thread_id}"),
        lambda errors: _overview(code, {f"reply-{thread_id}": words for words in errors.values()}),
        "text",
    )


@review_pages.post("/comments/<int:thread_id>/resolve")
def resolve(code: str, thread_id: int) -> ResponseReturnValue:
    """Mark a thread as resolved, or open it again."""
    service.resolve(current_actor(), code, thread_id, resolved=text("resolved") != "no")
    return redirect(url_for(".overview", code=code, _anchor=f"thread-{thread_id}"), code=303)


# Milestones and the ministry's remarks --------------------------------------------------------------------------------


@review_pages.get("/milestones")
def milestones_page(code: str) -> str:
    """Milestones with their documents, and the ministry's remarks."""
    return _milestones(code, {})


def _milestones(code: str, errors: Errors) -> str:
    return render_template(
        "review/milestones.html",
        found=milestones.page(current_actor(), code, language()),
        errors=errors,
        values=request.form,
        wording=wording,
        today=runtime().city.today().isoformat(),
        done=wording.done(request.args.get("done")),
    )


@review_pages.post("/milestones/<kind>")
def pass_milestone(code: str, kind: str) -> ResponseReturnValue:
    """Record a milestone, or take it back."""
    actor = current_actor()
    if text("remove"):
        milestones.forget_milestone(actor, code, kind)
        return redirect(url_for(".milestones_page", code=code, done="saved"), code=303)
    return attempt(
        lambda: milestones.pass_milestone(actor, code, kind, document=text("document"), day=day("day")),
        url_for(".milestones_page", code=code, done="saved"),
        lambda errors: _milestones(code, {f"{kind}-{field}": words for field, words in errors.items()}),
        "document",
    )


@review_pages.post("/remarks")
def add_remark(code: str) -> ResponseReturnValue:
    """Write down a remark of the ministry."""
    actor = current_actor()
    return attempt(
        lambda: milestones.add_remark(actor, code, text("text"), article=text("article"), zone_id=zone()),
        url_for(".milestones_page", code=code, done="saved", _anchor="remarks"),
        lambda errors: _milestones(code, errors),
        "text",
    )


@review_pages.post("/remarks/<int:number>/answer")
def answer_remark(code: str, number: int) -> ResponseReturnValue:
    """Say what was done about a remark."""
    actor = current_actor()
    return attempt(
        lambda: milestones.answer_remark(actor, code, number, text("answer")),
        url_for(".milestones_page", code=code, done="saved", _anchor=f"remark-{number}"),
        lambda errors: _milestones(code, {f"answer-{number}": words for words in errors.values()}),
        "answer",
    )


@review_pages.post("/remarks/<int:number>/settle")
def settle_remark(code: str, number: int) -> ResponseReturnValue:
    """Settle a remark, or open it again."""
    milestones.settle_remark(current_actor(), code, number, settled=text("settled") != "no")
    return redirect(url_for(".milestones_page", code=code, _anchor=f"remark-{number}"), code=303)


# The hearing, as planners announce it ---------------------------------------------------------------------------------


@review_pages.get("/hearing")
def hearing_page(code: str) -> str:
    """Announce or cancel a hearing; lead to its comments."""
    return _hearing(code, {})


def _hearing(code: str, errors: Errors) -> str:
    actor = current_actor()
    found = service.overview(actor, code, language())
    return render_template(
        "review/hearing_admin.html",
        found=found,
        hearings=hearings.of_plan(code),
        errors=errors,
        values=request.form,
        wording=wording,
        today=runtime().city.today().isoformat(),
        done=wording.done(request.args.get("done")),
    )


@review_pages.post("/hearing")
def announce_hearing(code: str) -> ResponseReturnValue:
    """Announce a hearing of fixed days."""
    actor = current_actor()
    return attempt(
        lambda: hearings.announce(
            actor, code, first_day=day("first_day"), last_day=day("last_day"), notice=text("notice")
        ),
        url_for(".hearing_page", code=code, done="announced"),
        lambda errors: _hearing(code, errors),
        "notice",
    )


@review_pages.post("/hearing/cancel")
def cancel_hearing(code: str) -> ResponseReturnValue:
    """Cancel the hearing."""
    actor = current_actor()
    return attempt(
        lambda: hearings.cancel(actor, code, text("reason")),
        url_for(".hearing_page", code=code, done="saved"),
        lambda errors: _hearing(code, errors),
        "reason",
    )


# Publication ----------------------------------------------------------------------------------------------------------


@review_pages.get("/publish")
def publish_page(code: str) -> str:
    """Ask for the regulation and the first day in force."""
    return _publish(code, {})


def _publish(code: str, errors: Errors) -> str:
    actor = current_actor()
    require(actor, "approver")
    found = service.overview(actor, code, language())
    return render_template(
        "review/publish.html",
        found=found,
        errors=errors,
        values=request.form,
        wording=wording,
        today=runtime().city.today().isoformat(),
    )


@review_pages.post("/publish")
def start_publication(code: str) -> ResponseReturnValue:
    """Check what publishing needs; a page to look once more follows."""
    actor = current_actor()
    require(actor, "approver")
    seq = service.overview(actor, code, language())["seq"]
    return attempt(
        lambda: publication.start(
            actor,
            code,
            legal_reference=text("legal_reference"),
            valid_from=day("valid_from"),
            language=language(),
        ),
        url_for(".watch", code=code, seq=seq),
        lambda errors: _publish(code, errors),
        "step",
    )


@review_pages.get("/publication/<int:seq>")
def watch(code: str, seq: int) -> str:
    """How far publishing came; before it begins, what is going to be published."""
    return _watch(code, seq, {})


def _watch(code: str, seq: int, errors: Errors) -> str:
    actor = current_actor()
    run = publication.watched(actor, code, seq)
    if run is None:
        raise NotFound(str(wording.NOTHING_BEGUN))
    return render_template(
        "review/publication.html", code=code, seq=seq, run=run, errors=errors, wording=wording, actor=actor
    )


@review_pages.post("/publication/<int:seq>")
def carry_out(code: str, seq: int) -> ResponseReturnValue:
    """Publish."""
    actor, run = current_actor(), text("run")[:9]
    return attempt(
        lambda: publication.carry_out(actor, code, int(run) if run.isascii() and run.isdigit() else 0),
        url_for(".watch", code=code, seq=seq),
        lambda errors: _watch(code, seq, errors),
        "step",
    )
