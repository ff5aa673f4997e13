"""The page on which a person watches a job, and stops it."""

from __future__ import annotations

import uuid

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.accounts.forms import keep_out_of_caches
from app.accounts.identity import current_actor
from app.jobs import service

job_pages = Blueprint("job_pages", __name__, url_prefix="/jobs", template_folder="templates")
keep_out_of_caches(job_pages)


def state_name(state: str) -> str:
    """A state in the reader's language."""
    names = {
        "queued": gettext("waiting"),
        "running": gettext("being done"),
        "done": gettext("done"),
        "failed": gettext("failed"),
        "cancelled": gettext("cancelled"),
    }
    return names[state]


@job_pages.get("")
def jobs() -> ResponseReturnValue:
    """What somebody started lately."""
    return render_template("jobs/jobs.html", jobs=service.recent(current_actor()), state_name=state_name)


@job_pages.get("/<uuid:job_id>")
def job(job_id: uuid.UUID) -> ResponseReturnValue:
    """How far a job is. Without JavaScript the page loads itself again until the job has ended."""
    view = service.status(current_actor(), job_id)
    return render_template("jobs/job.html", job=view, state_name=state_name)


@job_pages.post("/<uuid:job_id>/cancel")
def cancel(job_id: uuid.UUID) -> ResponseReturnValue:
    """Stop a job."""
    service.cancel(current_actor(), job_id)
    return redirect(url_for("job_pages.job", job_id=job_id))
