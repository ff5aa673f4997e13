"""Import a zone layer as a draft: read feature by feature, kept verbatim, checked as a whole, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from flask_babel import gettext
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.city import PlanProfile
from app.errors import Conflict, Unprocessable
from app.plans import codelists, queries
from app.plans.matching import ZoneDraft
from app.plans.models import Plan, PlanVersion
from app.plans.publishing import lock_plan
from app.plans.reading import (
    Finding,
    ImportOutcome,
    Progress,
    ReadLayer,
    as_multi,
    check_areas,
    local_codes,
    read_layer,
    silent,
)
from app.plans.storing import Draft, store, zone_draft
from app.runtime import runtime
from gis.coverage import validate
from gis.coverage_repair import RepairProposal, repair
from gis.crs import Bounds, MetricCrs, utm_for
from gis.rdtr.codes import CodeList
from gis.rdtr.mapping import OFFICIAL, LayerMapping
from gis.vector_files import Limits, VectorLayer, open_layer

__all__ = ["Finding", "ImportOptions", "ImportOutcome", "Progress", "import_layer", "silent"]


@dataclass(frozen=True)
class ImportOptions:
    """What the operator stated. region: west, south, east, north in degrees, for a plan that the profile lacks."""

    plan: str
    legal_reference: str
    layer: str | None = None
    crs: str | None = None
    mapping: Path | None = None
    name: str | None = None
    kind: str | None = None
    region: Bounds | None = None
    dry_run: bool = False
    accept_refusals: bool = False
    accept_repairs: bool = False


def import_layer(session: Session, path: Path, options: ImportOptions, *, progress: Progress = silent) -> ImportOutcome:
    """Import a file as a new draft, in the session's transaction; the caller commits when ``kept`` is set.

    Raises Conflict where the plan has an open draft, and GisError (with its hint) for a file that cannot be used.
    """
    mapping = LayerMapping.read(options.mapping) if options.mapping else OFFICIAL
    plan = _plan(session, options)
    version, base = _new_version(session, plan, options)
    metric = MetricCrs(plan.utm_zone, plan.south)
    with open_layer(
        path,
        layer=options.layer,
        crs=options.crs,
        region=options.region or (plan.region[0], plan.region[1], plan.region[2], plan.region[3]),
        limits=_limits(),
    ) as layer:
        outcome = ImportOutcome(plan.code, version.seq, layer.file_name, layer.name, layer.source_crs.name)
        code_list = codelists.prepare(session, version, base)
        checked = _check(layer, code_list, mapping, metric, options, outcome, progress)
        if _decide(outcome, options):
            codelists.add_local(session, version, checked.codes)
            store(
                session, Draft(plan, version, base, metric), layer, path, checked.read, checked.final, checked.proposal
            )
    return outcome


def read_for_draft(
    session: Session,
    plan: Plan,
    version: PlanVersion,
    path: Path,
    options: ImportOptions,
    *,
    progress: Progress = silent,
) -> tuple[ImportOutcome, list[ZoneDraft]]:
    """Read and check a layer as ``import_layer`` does, for a draft that is open already; the caller stores the zones.

    With ``kept`` set, codes that the draft's list lacks are added to it. Zones that a repair emptied are left out.
    """
    mapping = LayerMapping.read(options.mapping) if options.mapping else OFFICIAL
    metric = MetricCrs(plan.utm_zone, plan.south)
    west, south, east, north = plan.region
    with open_layer(
        path, layer=options.layer, crs=options.crs, region=(west, south, east, north), limits=_limits()
    ) as layer:
        outcome = ImportOutcome(plan.code, version.seq, layer.file_name, layer.name, layer.source_crs.name)
        checked = _check(layer, codelists.of(session, version), mapping, metric, options, outcome, progress)
    if _decide(outcome, options):
        codelists.add_local(session, version, checked.codes)
    drafts = [zone_draft(record, item) for record, item in zip(checked.read.records, checked.final, strict=True)]
    return outcome, [draft for draft in drafts if not draft.geometry.is_empty]


@dataclass(frozen=True)
class _Checked:
    """final: geometries as repaired where that was accepted. codes: local ones, with their names."""

    read: ReadLayer
    final: Any
    proposal: RepairProposal | None
    codes: dict[str, str]


def _check(
    layer: VectorLayer,
    code_list: CodeList,
    mapping: LayerMapping,
    metric: MetricCrs,
    options: ImportOptions,
    outcome: ImportOutcome,
    progress: Progress,
) -> _Checked:
    """Read all features and check them as a whole; findings go into the outcome."""
    read = read_layer(layer, code_list, mapping, outcome, progress)
    check_areas(read, metric, outcome)
    geometries = np.array(read.geometries, dtype=object)
    codes = local_codes(read, outcome)
    proposal = _repair(geometries, metric, options, outcome)
    final = geometries if proposal is None else _multis(proposal.geometries)
    outcome.coverage = validate(final, metric)
    return _Checked(read, final, proposal, codes)


def _limits() -> Limits:
    settings = runtime().settings
    return Limits(
        file_bytes=settings.max_file_bytes,
        unpacked_bytes=settings.max_file_bytes,
        unpacked_ratio=settings.max_zip_ratio,
        features=settings.max_features,
    )


def _plan(session: Session, options: ImportOptions) -> Plan:
    """The plan of the code: as stored, else as the city profile declares it, else as the options state it."""
    plan = queries.plan_by_code(session, options.plan)
    if plan is not None:
        return plan
    profile = runtime().city.plan(options.plan) or _profile_from(options)
    plan = Plan(
        code=profile.code,
        name=profile.name,
        kind=profile.kind,
        utm_zone=profile.utm_zone,
        south=profile.hemisphere == "S",
        scale=profile.scale,
        accuracy_m=profile.accuracy_m,
        sample=profile.sample,
        priority=profile.priority,
        region=list(options.region or profile.region),
    )
    session.add(plan)
    session.flush()
    return plan


def _profile_from(options: ImportOptions) -> PlanProfile:
    """A plan that the profile does not declare: in the city's bounds unless --region says otherwise."""
    region = options.region or runtime().city.city.bounds
    utm = utm_for((region[0] + region[2]) / 2, (region[1] + region[3]) / 2)
    kind = options.kind or "rdtr"
    # The usual scales: 1:5,000 for a detailed plan, 1:25,000 for a city's general plan (PP 8/2013).
    scale = 5_000 if kind == "rdtr" else 25_000
    stated = {
        "code": options.plan,
        "name": options.name or options.plan,
        "kind": kind,
        "utm_zone": utm.zone,
        "hemisphere": "S" if utm.south else "N",
        "scale": scale,
        # Half a millimetre on the printed map, the usual bound of drawing accuracy.
        "accuracy_m": scale * 0.0005,
        "sample": False,
        "region": region,
        "priority": 1 if kind == "rdtr" else 2,
    }
    try:
        return PlanProfile.model_validate(stated)
    except ValidationError:
        # Everything else was made here; only the code is the operator's own text.
        raise Unprocessable(
            gettext("“%(code)s” cannot be the code of a plan.", code=options.plan),
            field="plan",
            hint=gettext("Use small letters, digits and hyphens, at most 40, for instance rdtr-2."),
        ) from None


def _new_version(session: Session, plan: Plan, options: ImportOptions) -> tuple[PlanVersion, PlanVersion | None]:
    """A new draft on the latest published version."""
    lock_plan(session, plan)
    versions = session.scalars(
        select(PlanVersion).where(PlanVersion.plan_id == plan.id).order_by(PlanVersion.seq)
    ).all()
    opened = next((item for item in versions if item.state in ("draft", "review")), None)
    if opened is not None:
        raise Conflict(
            gettext("The plan %(code)s has an open draft already: %(seq)s.", code=plan.code, seq=opened.seq),
            hint=gettext(
                "Publish it, or delete it with: ruang plans discard %(code)s %(seq)s",
                code=plan.code,
                seq=opened.seq,
            ),
        )
    base = queries.latest_published(session, plan.id)
    version = PlanVersion(
        plan_id=plan.id,
        seq=max((item.seq for item in versions), default=0) + 1,
        state="draft",
        base_version_id=base.id if base else None,
        legal_reference=options.legal_reference,
    )
    session.add(version)
    session.flush()
    return version, base


def _multis(geometries: Any) -> Any:
    """The same as MultiPolygons; an emptied zone stays empty."""
    return np.array([item if item.is_empty else as_multi(item) for item in geometries], dtype=object)


def _repair(
    geometries: Any, metric: MetricCrs, options: ImportOptions, outcome: ImportOutcome
) -> RepairProposal | None:
    """Propose a repair where zones are invalid, overlap or leave gaps; taken only where the operator accepts it."""
    if not len(geometries):
        return None
    found = validate(geometries, metric)
    if found.edge_matched and not found.blocks_publishing:
        return None
    proposal = repair(geometries, metric, gap_width_m=runtime().settings.repair_gap_width_m)
    numbers = outcome.numbers
    for transfer in proposal.transfers:
        giver = numbers[transfer.source] if transfer.source is not None else gettext("no feature")
        taker = numbers[transfer.target] if transfer.target is not None else gettext("no feature")
        message = gettext("Repair: land goes from %(giver)s to %(taker)s", giver=giver, taker=taker)
        number = transfer.source if transfer.source is not None else transfer.target
        outcome.repairs.append(
            Finding("repair", message, number=None if number is None else numbers[number], area_m2=transfer.area_m2)
        )
    for emptied in proposal.emptied:
        taker = numbers[emptied.taker] if emptied.taker is not None else gettext("no feature")
        message = gettext("Repair: nothing is left of this zone; its land goes to %(taker)s", taker=taker)
        outcome.repairs.append(Finding("emptied", message, number=numbers[emptied.zone], area_m2=emptied.area_m2))
    return proposal if options.accept_repairs else None


def _decide(outcome: ImportOutcome, options: ImportOptions) -> bool:
    """Whether the import is kept; says why not."""
    invalid = len(outcome.coverage.invalid) if outcome.coverage else 0
    if outcome.refusals and not options.accept_refusals:
        outcome.reason = gettext(
            "%(count)s features are refused. Mend them, or import the rest with --accept-refusals.",
            count=len(outcome.refusals),
        )
    elif not outcome.zones:
        outcome.reason = gettext("No feature of the layer can be used.")
    elif invalid:
        outcome.reason = gettext(
            "%(count)s geometries are invalid. Mend them, or import them as repaired with --accept-repairs.",
            count=invalid,
        )
    elif options.dry_run:
        outcome.reason = gettext("this was a dry run")
    else:
        outcome.kept = True
    return outcome.kept
