"""SQL for review, milestones, hearings and corrections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.plans.models import Changeset, Plan, PlanVersion, VersionZone, ZoneRevision
from app.plans.review.models import (
    Erratum,
    Hearing,
    HearingAnswer,
    HearingComment,
    Milestone,
    MinistryRemark,
    PublicationRun,
    ReviewEvent,
    ReviewThread,
)


def last_event(session: Session, version_id: int) -> ReviewEvent | None:
    """The last recorded step of a version."""
    return session.scalars(
        select(ReviewEvent).where(ReviewEvent.version_id == version_id).order_by(ReviewEvent.id.desc()).limit(1)
    ).first()


def events(session: Session, version_id: int) -> Sequence[Row[Any]]:
    """Every step with the name of who took it, in order."""
    return session.execute(
        select(ReviewEvent, Account.display_name)
        .outerjoin(Account, Account.id == ReviewEvent.account_id)
        .where(ReviewEvent.version_id == version_id)
        .order_by(ReviewEvent.id)
    ).all()


def authors(session: Session, version_id: int) -> frozenset[int]:
    """Accounts that changed a draft or submitted it."""
    changed = select(Changeset.account_id).where(Changeset.version_id == version_id, Changeset.account_id.is_not(None))
    submitted = select(ReviewEvent.account_id).where(
        ReviewEvent.version_id == version_id, ReviewEvent.action == "submit", ReviewEvent.account_id.is_not(None)
    )
    return frozenset(number for number in session.scalars(changed.union(submitted)) if number is not None)


def has_zone(session: Session, version_id: int, zone_id: int) -> bool:
    """Whether a version holds a zone."""
    return session.get(VersionZone, (version_id, zone_id)) is not None


def zone_code(session: Session, version_id: int, zone_ids: Sequence[int]) -> dict[int, str]:
    """The sub-zone of some zones of a version."""
    rows = session.execute(
        select(VersionZone.zone_id, ZoneRevision.subzone_code)
        .join(ZoneRevision, ZoneRevision.id == VersionZone.revision_id)
        .where(VersionZone.version_id == version_id, VersionZone.zone_id.in_(list(zone_ids)))
    ).all()
    return {row[0]: row[1] for row in rows}


def threads(session: Session, version_id: int) -> Sequence[ReviewThread]:
    """Threads of a draft: open ones first, then by number."""
    return session.scalars(
        select(ReviewThread)
        .where(ReviewThread.version_id == version_id)
        .order_by(ReviewThread.resolved_at.is_not(None), ReviewThread.id)
    ).all()


def open_threads(session: Session, version_id: int) -> int:
    """How many threads are not resolved."""
    return session.execute(
        select(func.count()).where(ReviewThread.version_id == version_id, ReviewThread.resolved_at.is_(None))
    ).scalar_one()


def names(session: Session, account_ids: Sequence[int]) -> dict[int, str]:
    """Names of accounts; an erased one has none."""
    rows = session.execute(select(Account.id, Account.display_name).where(Account.id.in_(list(account_ids)))).all()
    return {row[0]: row[1] for row in rows}


def milestones(session: Session, version_id: int) -> dict[str, Milestone]:
    """The recorded milestones of a version, by kind."""
    found = session.scalars(select(Milestone).where(Milestone.version_id == version_id))
    return {milestone.kind: milestone for milestone in found}


def remarks(session: Session, version_id: int) -> Sequence[MinistryRemark]:
    """The ministry's remarks on a version, by number."""
    return session.scalars(
        select(MinistryRemark).where(MinistryRemark.version_id == version_id).order_by(MinistryRemark.number)
    ).all()


def unsettled(session: Session, version_id: int) -> Sequence[int]:
    """Numbers of remarks that are not settled."""
    return session.scalars(
        select(MinistryRemark.number)
        .where(MinistryRemark.version_id == version_id, MinistryRemark.state != "settled")
        .order_by(MinistryRemark.number)
    ).all()


def standing_hearing(session: Session, version_id: int) -> Hearing | None:
    """The hearing of a version that is neither cancelled nor closed."""
    return session.scalars(
        select(Hearing).where(
            Hearing.version_id == version_id, Hearing.cancelled_at.is_(None), Hearing.closed_at.is_(None)
        )
    ).first()


def hearings(session: Session, plan_id: int) -> Sequence[Row[Any]]:
    """Every hearing of a plan with its version, newest first."""
    return session.execute(
        select(Hearing, PlanVersion)
        .join(PlanVersion, PlanVersion.id == Hearing.version_id)
        .where(PlanVersion.plan_id == plan_id)
        .order_by(Hearing.id.desc())
    ).all()


def all_hearings(session: Session) -> Sequence[Row[Any]]:
    """Every hearing that stands, with version and plan, the next to end first."""
    return session.execute(
        select(Hearing, PlanVersion, Plan)
        .join(PlanVersion, PlanVersion.id == Hearing.version_id)
        .join(Plan, Plan.id == PlanVersion.plan_id)
        .where(Hearing.cancelled_at.is_(None), Hearing.closed_at.is_(None), PlanVersion.state == "review")
        .order_by(Hearing.last_day)
    ).all()


def hearing_comments(session: Session, hearing_id: int) -> Sequence[Row[Any]]:
    """Comments of a hearing in order: comment, the author's name, its place as GeoJSON."""
    return session.execute(
        select(HearingComment, Account.display_name, func.ST_AsGeoJSON(HearingComment.place, 8))
        .join(Account, Account.id == HearingComment.account_id)
        .where(HearingComment.hearing_id == hearing_id)
        .order_by(HearingComment.id)
    ).all()


def hearing_answers(session: Session, hearing_id: int) -> Sequence[HearingAnswer]:
    """Answers to comments of a hearing, in order."""
    return session.scalars(
        select(HearingAnswer)
        .join(HearingComment, HearingComment.id == HearingAnswer.comment_id)
        .where(HearingComment.hearing_id == hearing_id)
        .order_by(HearingAnswer.id)
    ).all()


def comments_by(session: Session, hearing_id: int, account_id: int) -> int:
    """How many comments one person sent to a hearing."""
    return session.execute(
        select(func.count()).where(HearingComment.hearing_id == hearing_id, HearingComment.account_id == account_id)
    ).scalar_one()


def is_commented(session: Session, version_id: int) -> bool:
    """Whether residents commented on a version."""
    query = (
        select(HearingComment.id)
        .join(Hearing, Hearing.id == HearingComment.hearing_id)
        .where(Hearing.version_id == version_id)
    )
    return session.execute(query.limit(1)).first() is not None


def errata(session: Session, version_ids: Sequence[int] | None = None) -> dict[int, list[Erratum]]:
    """Corrections by version, oldest first; of every version where none is named."""
    query = select(Erratum).order_by(Erratum.day, Erratum.id)
    if version_ids is not None:
        query = query.where(Erratum.version_id.in_(list(version_ids)))
    found: dict[int, list[Erratum]] = {}
    for erratum in session.scalars(query):
        found.setdefault(erratum.version_id, []).append(erratum)
    return found


def last_run(session: Session, version_id: int) -> PublicationRun | None:
    """The last try at publishing a version."""
    return session.scalars(
        select(PublicationRun).where(PublicationRun.version_id == version_id).order_by(PublicationRun.id.desc())
    ).first()


def is_being_published(session: Session, plan_id: int) -> bool:
    """Whether a transaction holds the plan; asked without waiting for it."""
    free = session.execute(
        text("SELECT pg_try_advisory_xact_lock_shared(hashtext('ruang_plan'), :plan)"), {"plan": plan_id}
    ).scalar_one()
    return not free


_ZONE_CHANGES = text(
    """
    SELECT coalesce(after.zone_id, before.zone_id) AS zone_id,
           CASE WHEN before.zone_id IS NULL THEN 'added' WHEN after.zone_id IS NULL THEN 'removed'
                WHEN old.subzone_code <> new.subzone_code THEN 'recoded' ELSE 'reshaped' END AS kind,
           old.subzone_code AS before, new.subzone_code AS after, coalesce(new.area_m2, old.area_m2) AS area_m2
    FROM (SELECT zone_id, revision_id FROM version_zone WHERE version_id = :base) before
    FULL JOIN (SELECT zone_id, revision_id FROM version_zone WHERE version_id = :version) after USING (zone_id)
    LEFT JOIN zone_revision old ON old.id = before.revision_id
    LEFT JOIN zone_revision new ON new.id = after.revision_id
    WHERE before.revision_id IS DISTINCT FROM after.revision_id
    ORDER BY coalesce(new.area_m2, old.area_m2) DESC, 1
    LIMIT :limit
    """
)


def zone_changes(session: Session, base: int | None, version_id: int, *, limit: int) -> Sequence[Row[Any]]:
    """Zones of which two versions hold different revisions, the largest first."""
    return session.execute(_ZONE_CHANGES, {"base": base, "version": version_id, "limit": limit}).all()
