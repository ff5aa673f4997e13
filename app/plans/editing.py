"""The writing half of the service: import a layer, load rules, publish, withdraw. Each is one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.database import transaction
from app.errors import Conflict, NotFound
from app.plans import importing, publishing, queries, rules
from app.plans.importing import ImportOptions, ImportOutcome
from app.plans.models import PlanVersion
from app.plans.publishing import Published
from app.plans.review.queries import is_commented


def _silent(_step: str) -> None:
    """Progress that nobody watches."""


def import_layer(
    path: Path, options: ImportOptions, *, progress: importing.Progress = importing.silent
) -> ImportOutcome:
    """Import a zone layer as a new draft. A dry run, or one with refusals that were not accepted, keeps nothing."""
    with transaction() as session:
        outcome = importing.import_layer(session, path, options, progress=progress)
        if not outcome.kept:
            session.rollback()
    return outcome


def load_rules(plan_code: str, seq: int, folder: Path) -> dict[str, int]:
    """Replace the rules of a draft by the CSV tables of a folder."""
    with transaction() as session:
        version = _open_version(session, plan_code, seq)
        return rules.load(session, version.id, folder)


def publish_version(
    plan_code: str,
    seq: int,
    *,
    valid_from: dt.date,
    accept_overlaps: bool = False,
    accept_gaps: bool = False,
    progress: Callable[[str], None] = _silent,
) -> Published:
    """Publish a draft with effect from a day."""
    with transaction() as session:
        return publishing.publish(
            session,
            plan_code,
            seq,
            valid_from=valid_from,
            accept_overlaps=accept_overlaps,
            accept_gaps=accept_gaps,
            progress=progress,
        )


def withdraw_version(plan_code: str, seq: int, reason: str) -> None:
    """Withdraw a published version; its content stays readable."""
    with transaction() as session:
        publishing.withdraw(session, plan_code, seq, reason)


def discard_draft(plan_code: str, seq: int) -> None:
    """Delete a draft with everything that only it holds."""
    with transaction() as session:
        version = _open_version(session, plan_code, seq)
        if is_commented(session, version.id):
            raise Conflict(gettext("Residents commented on this draft in a public hearing; it cannot be thrown away."))
        queries.delete_draft(session, version.plan_id, version.id)


def _open_version(session: Session, plan_code: str, seq: int) -> PlanVersion:
    """A version that may still change; raises NotFound or Conflict."""
    plan = queries.plan_by_code(session, plan_code)
    version = queries.version(session, plan.id, seq) if plan else None
    if version is None:
        raise NotFound(gettext("The plan %(code)s has no version %(seq)s.", code=plan_code, seq=seq))
    if version.state != "draft":
        raise Conflict(gettext("Version %(seq)s is %(state)s and cannot change.", seq=seq, state=version.state))
    return version
