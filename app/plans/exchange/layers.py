"""A whole new layer, such as a consultant delivers: it becomes the draft, or takes the place of what the draft holds.

In an open draft it is one changeset: zones keep their identity by ``plans.matching``, those that are not in the layer go,
and all of it can be undone. Without a draft it is imported as ``ruang plans import`` does, and kept verbatim.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.accounts.roles import Actor
from app.accounts.service import record
from app.errors import Conflict, Unprocessable
from app.plans import importing, matching
from app.plans import queries as plan_queries
from app.plans.drafts import queries
from app.plans.drafts.recording import Entry, write_states
from app.plans.drafts.saving import Draft
from app.plans.drafts.states import PLAIN, StoredZone, overlays_of
from app.plans.exchange.base import open_draft
from app.plans.importing import ImportOptions, ImportOutcome
from app.plans.matching import Known, ZoneDraft
from app.plans.report import KINDS, all_findings
from gis.changeset import ZoneState
from gis.returned_zones import origins

Step = Callable[[float, str], None]
_MOST_FINDINGS = 500
_READ_BY = 0.6


def check(session: Session, path: Path, options: ImportOptions, step: Step) -> dict[str, Any]:
    """What a layer holds and what is wrong with it; nothing is kept. The report is JSON."""
    outcome, replaces = _dry_run(session, path, options, step)
    step(0.95, gettext("writing the report"))
    findings = list(all_findings(outcome))
    coverage = outcome.coverage
    return {
        "file": outcome.file,
        "layer": outcome.layer,
        "crs": outcome.crs,
        "read": outcome.read,
        "zones": outcome.zones,
        "refused": len(outcome.refusals),
        "invalid": len(coverage.invalid) if coverage else 0,
        "overlaps": len(coverage.overlaps) if coverage else 0,
        "overlap_m2": coverage.overlap_m2 if coverage else 0.0,
        "gaps": len(coverage.gaps) if coverage else 0,
        "gap_m2": coverage.gap_m2 if coverage else 0.0,
        "slivers": len(coverage.slivers) if coverage else 0,
        "local_codes": len(outcome.local_codes),
        "repairs": len(outcome.repairs),
        "repaired_m2": sum(item.area_m2 or 0.0 for item in outcome.repairs),
        "replaces": replaces,
        "found": len(findings),
        "findings": [{**vars(item), "kind_name": str(KINDS[item.kind])} for item in findings[:_MOST_FINDINGS]],
    }


def take(
    session: Session, actor: Actor, path: Path, options: ImportOptions, step: Step, *, replaces: bool, key: uuid.UUID
) -> dict[str, Any]:
    """Bring the layer into the draft, in the session's transaction. replaces: the planner agreed to lose what it holds.

    Raises Conflict where a draft is open and that was not agreed to, Unprocessable with what was not accepted.
    """
    plan = plan_queries.plan_by_code(session, options.plan)
    present = queries.open_version(session, plan.id) if plan is not None else None
    if present is None:
        outcome = importing.import_layer(session, path, options, progress=_watched(step))
        _refuse(outcome)
        record(session, actor, "layer_imported", ("plan", options.plan), seq=outcome.seq, zones=outcome.zones)
        return {"seq": outcome.seq, "zones": outcome.zones}
    if not replaces:
        raise Conflict(
            gettext("A draft of this plan is open."),
            hint=gettext("Agree that what it holds is replaced, or discard it."),
        )
    draft = open_draft(session, options.plan, for_writing=True)
    outcome, zones = importing.read_for_draft(
        session, draft.plan, draft.version, path, options, progress=_watched(step)
    )
    _refuse(outcome)
    return _replace(session, draft, actor, outcome, zones, step, key)


def _dry_run(session: Session, path: Path, options: ImportOptions, step: Step) -> tuple[ImportOutcome, bool]:
    dry = replace(options, dry_run=True)
    plan = plan_queries.plan_by_code(session, options.plan)
    version = queries.open_version(session, plan.id) if plan is not None else None
    if plan is not None and version is not None:
        outcome, _zones = importing.read_for_draft(session, plan, version, path, dry, progress=_watched(step))
        return outcome, True
    with session.begin_nested() as attempt:
        outcome = importing.import_layer(session, path, dry, progress=_watched(step))
        attempt.rollback()
    return outcome, False


def _replace(
    session: Session,
    draft: Draft,
    actor: Actor,
    outcome: ImportOutcome,
    zones: list[ZoneDraft],
    step: Step,
    key: uuid.UUID,
) -> dict[str, Any]:
    step(0.75, gettext("finding out which zone is which"))
    stored = queries.all_zones(session, draft.version.id)
    matches = matching.match(zones, [_known(item) for item in stored.values()], draft.metric)
    numbers = itertools.count(-1, -1)
    after: dict[int, ZoneState] = {}
    for zone, found in zip(zones, matches, strict=True):
        if found.revision_id is not None and found.zone_id is not None:
            after[found.zone_id] = stored[found.zone_id].state
        else:
            after[found.zone_id if found.zone_id is not None else next(numbers)] = _state(zone)
    changes: dict[int, ZoneState | None] = {
        zone: state for zone, state in after.items() if zone not in stored or state is not stored[zone].state
    }
    changes |= {zone: None for zone in stored if zone not in after}
    if not changes:
        raise Unprocessable(gettext("This changes nothing."))
    step(0.85, gettext("storing the zones"))
    base = {zone: item.state for zone, item in stored.items()}
    links = [(link.parent, link.child, link.kind) for link in origins(base, after)]
    comment = gettext("Imported from %(file)s", file=outcome.file)
    entry = Entry(actor, "exchange", comment, key, moves_footprint=True)
    changeset, written = write_states(session, draft.version, entry, stored, changes, links, draft.metric)
    record(
        session, actor, "layer_imported", ("plan_version", draft.version.id), changeset=changeset.id, zones=len(written)
    )
    return {"seq": draft.version.seq, "zones": len(after), "changeset": changeset.id}


def _known(item: StoredZone) -> Known:
    attributes = {name: item.state.attributes.get(name) for name in PLAIN}
    return Known(
        item.zone_id, item.revision_id, ZoneDraft(item.state.geometry, overlays=overlays_of(item.state), **attributes)
    )


def _state(zone: ZoneDraft) -> ZoneState:
    plain = {name: getattr(zone, name) for name in PLAIN}
    return ZoneState(zone.geometry, plain | {f"overlay:{kind}": value for kind, value in zone.overlays.items()})


def _watched(step: Step) -> importing.Progress:
    def progress(done: int, total: int | None) -> None:
        if done % 50 == 0 or done == total:
            step(_READ_BY * done / (total or done or 1), gettext("reading the features"))

    return progress


def _refuse(outcome: ImportOutcome) -> None:
    if not outcome.kept:
        raise Unprocessable(
            outcome.reason or "", hint=gettext("Look at the report, and accept what you agree to, or mend the layer.")
        )
