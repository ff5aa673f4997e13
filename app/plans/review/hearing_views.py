"""Pages of public hearings, for everybody: the draft, what people say about it, what planners answer, the minutes."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.accounts.identity import current_actor
from app.accounts.roles import require
from app.errors import Unprocessable
from app.plans.review import hearings, wording
from app.plans.review.forms import Errors, attempt, keep_out_of_caches, text, zone
from app.plans.review.hearings import WORKERS, Opened, Remark
from app.security import limiter, write_limit

hearing_pages = Blueprint("hearing_pages", __name__, url_prefix="/plans/<code>/hearings", template_folder="templates")
keep_out_of_caches(hearing_pages)
# A cell that begins so is taken for a formula by spreadsheets.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_PLACE = 20_000


@hearing_pages.get("")
def hearings_page(code: str) -> ResponseReturnValue:
    """Every hearing of a plan."""
    return render_template("review/hearings.html", code=code, hearings=hearings.of_plan(code), wording=wording)


@hearing_pages.get("/<int:hearing_id>")
def hearing(code: str, hearing_id: int) -> str:
    """One hearing: what is proposed, what people say, and a form to say something."""
    return _page(code, hearing_id, {})


def _page(code: str, hearing_id: int, errors: Errors) -> str:
    found = hearings.opened(code, hearing_id)
    remarks = hearings.remarks(found)
    actor = current_actor()
    return render_template(
        "review/hearing.html",
        code=code,
        found=found,
        remarks=remarks,
        changes=hearings.changes(found),
        settings=_settings(found, remarks) if found.is_visible else None,
        answering=actor.has(*WORKERS) and found.version.state in ("draft", "review"),
        actor=actor,
        errors=errors,
        values=request.form,
        wording=wording,
        longest=hearings.LONGEST_COMMENT,
        done=wording.done(request.args.get("done")),
    )


@hearing_pages.post("/<int:hearing_id>/comments")
@limiter.limit(write_limit)
def comment(code: str, hearing_id: int) -> ResponseReturnValue:
    """Say something about the draft."""
    actor = current_actor()
    require(actor)
    return attempt(
        lambda: hearings.comment(
            actor,
            code,
            hearing_id,
            text("text"),
            show_name=text("show_name") == "yes",
            zone_id=zone(),
            place=_place(),
        ),
        url_for(".hearing", code=code, hearing_id=hearing_id, done="sent"),
        lambda errors: _page(code, hearing_id, errors),
        "text",
    )


@hearing_pages.post("/<int:hearing_id>/comments/<int:comment_id>/answer")
def answer(code: str, hearing_id: int, comment_id: int) -> ResponseReturnValue:
    """Answer a comment, for everybody to read."""
    actor = current_actor()
    return attempt(
        lambda: hearings.answer(actor, code, comment_id, text("text")),
        url_for(".hearing", code=code, hearing_id=hearing_id, done="saved", _anchor=f"comment-{comment_id}"),
        lambda errors: _page(code, hearing_id, {f"answer-{comment_id}": words for words in errors.values()}),
        "text",
    )


@hearing_pages.post("/<int:hearing_id>/comments/<int:comment_id>/hide")
def hide(code: str, hearing_id: int, comment_id: int) -> ResponseReturnValue:
    """Hide a comment, and say why."""
    actor = current_actor()
    return attempt(
        lambda: hearings.hide(actor, code, comment_id, text("reason")),
        url_for(".hearing", code=code, hearing_id=hearing_id, done="saved", _anchor=f"comment-{comment_id}"),
        lambda errors: _page(code, hearing_id, {f"hide-{comment_id}": words for words in errors.values()}),
        "reason",
    )


@hearing_pages.get("/<int:hearing_id>/minutes")
def minutes(code: str, hearing_id: int) -> str:
    """Comments and answers as a page to print."""
    found = hearings.opened(code, hearing_id)
    return render_template(
        "review/minutes.html", code=code, found=found, remarks=hearings.remarks(found), wording=wording
    )


@hearing_pages.get("/<int:hearing_id>/minutes.csv")
def minutes_csv(code: str, hearing_id: int) -> Response:
    """Comments and answers as a table."""
    found = hearings.opened(code, hearing_id)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [
            gettext("Number"), gettext("Sent"), gettext("Name"), gettext("Zone"), gettext("Sub-zone"),
            gettext("Place (GeoJSON)"), gettext("Comment"), gettext("Answer"),
        ]
    )  # fmt: skip
    for remark in hearings.remarks(found):
        writer.writerow([_cell(value) for value in _row(remark)])
    # The mark at the beginning tells Excel that this is UTF-8.
    response = Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="hearing-{code}-{hearing_id}.csv"'
    return response


def _row(remark: Remark) -> list[Any]:
    said = remark.text if remark.text is not None else gettext("Hidden: %(reason)s", reason=remark.hidden_reason or "")
    return [
        remark.number,
        wording.when(remark.sent_at),
        remark.name or gettext("A resident"),
        remark.zone_id or "",
        remark.subzone_code or "",
        json.dumps(remark.place) if remark.place else "",
        said,
        "\n".join(f"{wording.when(at)}: {words}" for at, words in remark.answers),
    ]


def _cell(value: Any) -> str:
    words = str(value)
    return f"'{words}" if words.startswith(_FORMULA) else words


def _place() -> dict[str, Any] | None:
    """The place that was drawn, or typed as latitude and longitude."""
    drawn, typed = text("place"), text("coordinates")
    if drawn:
        try:
            place = json.loads(drawn[:_LONGEST_PLACE])
        except ValueError:
            place = {}
        return place if isinstance(place, dict) else {}
    if not typed:
        return None
    try:
        lat, lon = (float(part) for part in typed.replace(";", ",").split(","))
    except ValueError:
        raise Unprocessable(
            gettext("Write latitude and longitude with a comma between them."), field="coordinates"
        ) from None
    return {"type": "Point", "coordinates": [lon, lat]}


def _settings(found: Opened, remarks: list[Remark]) -> dict[str, Any]:
    """What the map's script needs: tiles of the draft, comments with a place, words in the reader's language."""
    return {
        "tiles": f"/api/v1/plans/{found.plan.code}/hearings/tiles/{found.version.id}/{{z}}/{{x}}/{{y}}.mvt",
        "bounds": list(hearings.extent(found) or found.plan.region),
        "places": [{"number": remark.number, "place": remark.place} for remark in remarks if remark.place],
        "zones": [{"number": remark.number, "zone": remark.zone_id} for remark in remarks if remark.zone_id],
        "takesComments": found.takes_comments,
        "texts": {
            "mapLabel": gettext("Map of the draft, which is not in force"),
            "zoomIn": gettext("Zoom in"),
            "zoomOut": gettext("Zoom out"),
            "draft": gettext("DRAFT, not in force"),
            "chosenZone": gettext("Your comment is about zone %(zone)s (%(code)s).", zone="{zone}", code="{code}"),
            "chosenPlace": gettext("Your comment is about the place that you marked."),
            "chosenArea": gettext("Your comment is about the area that you drew."),
            "drawing": gettext("Tap the corners of the area, then “Finish the area”."),
            "nothing": gettext("Your comment is about the whole draft."),
            "noMap": gettext("This browser cannot draw the map. The list of changes says the same."),
        },
    }


@hearing_pages.get("/open")
def current(code: str) -> ResponseReturnValue:
    """Lead to the hearing that is announced or running."""
    for found in hearings.of_plan(code):
        if found.phase in ("announced", "running", "ended") and found.version.state == "review":
            return redirect(url_for(".hearing", code=code, hearing_id=found.hearing.id))
    return redirect(url_for(".hearings_page", code=code))
