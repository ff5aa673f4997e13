"""Comparing a workbook of rules with the draft's table, and putting it in the table's place, in the background."""

from __future__ import annotations

import uuid
from typing import Any, Literal

from flask_babel import gettext, lazy_gettext
from pydantic import BaseModel

from app.jobs.kinds import Kind, Run
from app.plans.exchange import rule_editing

# Of a table that is replaced as a whole a person reads the first rows; the counts are of all.
MOST_ROWS = 500


class ComparingRules(BaseModel):
    """Which table of which plan's draft."""

    plan: str
    table: Literal["itbx", "conditions", "intensity", "overlays"]


class TakingRules(ComparingRules):
    """Which comparison is taken, and the hash of the table that it was made with."""

    comparison: uuid.UUID
    base: str


def _compare(run: Run, arguments: ComparingRules) -> dict[str, Any]:
    run.step(0.1, gettext("reading the file"))
    found = rule_editing.propose(run.actor, arguments.plan, arguments.table, run.file())
    run.step(0.9, gettext("comparing with the draft"))
    return {
        "counts": {
            "rows": found.rows,
            "added": sum(change.before is None for change in found.changes),
            "removed": sum(change.after is None for change in found.changes),
            "changed": sum(change.before is not None and change.after is not None for change in found.changes),
        },
        "changes": [{**vars(change), "fields": change.fields} for change in found.changes[:MOST_ROWS]],
        "new_conditions": found.new_conditions,
        "notes": list(found.notes),
        "base": found.base,
    }


def _take(run: Run, arguments: TakingRules) -> dict[str, Any]:
    run.step(0.1, gettext("reading the file"))
    path = run.file(arguments.comparison)
    rows = rule_editing.take(run.actor, arguments.plan, arguments.table, path, arguments.base)
    run.step(0.95, gettext("storing the rules"))
    return {"rows": rows}


COMPARISON = Kind(
    name="rules_comparison",
    title=lazy_gettext("Comparing a workbook with the rules"),
    roles=("planner",),
    arguments=ComparingRules,
    work=_compare,
    page=lambda arguments, job_id: f"/plans/{arguments.plan}/draft/rules/{arguments.table}/comparisons/{job_id}",
)
TAKING = Kind(
    name="rules_taking",
    title=lazy_gettext("Taking a workbook into the rules"),
    roles=("planner",),
    arguments=TakingRules,
    work=_take,
    page=lambda arguments, job_id: f"/plans/{arguments.plan}/draft/rules/{arguments.table}?done=taken",
)
