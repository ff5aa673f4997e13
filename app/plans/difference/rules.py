"""What the rules of two versions say differently: code list, ITBX cells, intensity rows, overlays, articles."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.plans import queries as plan_queries
from app.plans.difference import queries
from app.plans.models import Article, IntensityRule, OverlayRule, Subzone, UseCondition

Row = TypeVar("Row")
Fields = Mapping[str, Any]
# More cells than people read, and few enough to send; the count is always that of all.
MOST_USES = 2_000

_SUBZONE = ("domain_code", "name", "zone", "group", "colour")
_CONDITION = ("kind", "text", "article")
# Which building on which lot a row of the intensity table is about, and what it then allows.
INTENSITY_KEY = ("subzone_code", "applies", "road_class", "lot_min_m2", "lot_max_m2", "building_type")
INTENSITY_VALUES = (
    "kdb_max_pct", "klb_max_ratio", "kdh_min_pct", "ktb_max_pct", "gsb_min_m", "side_min_m", "rear_min_m",
    "height_max_m", "floors_max", "article",
)  # fmt: skip
_OVERLAY = ("name", "text", "article")
_ARTICLE = ("title", "text")


@dataclass(frozen=True)
class RuleChange:
    """One rule that differs. key: what it is about; old and new: what it says, None where there is no such rule."""

    key: Fields
    old: Fields | None
    new: Fields | None

    def as_json(self) -> dict[str, Any]:
        """The change as the API gives it."""
        return {**self.key, "old": self.old, "new": self.new}


@dataclass(frozen=True)
class RuleChanges:
    """All that differs. uses: at most ``MOST_USES`` cells of the ITBX table, in its order; uses_total counts all."""

    subzones: tuple[RuleChange, ...]
    uses: tuple[RuleChange, ...]
    uses_total: int
    conditions: tuple[RuleChange, ...]
    intensity: tuple[RuleChange, ...]
    overlays: tuple[RuleChange, ...]
    articles: tuple[RuleChange, ...]

    @property
    def count(self) -> int:
        """How many rules differ."""
        others = (self.subzones, self.conditions, self.intensity, self.overlays, self.articles)
        return self.uses_total + sum(len(changes) for changes in others)

    def as_json(self) -> dict[str, Any]:
        """The changes as the API gives them."""
        listed = {
            name: [change.as_json() for change in getattr(self, name)]
            for name in ("subzones", "uses", "conditions", "intensity", "overlays", "articles")
        }
        return {**listed, "uses_total": self.uses_total}


def rule_changes(session: Session, old_id: int, new_id: int) -> RuleChanges:
    """Compare the rules of two versions, named by their ids."""
    uses = queries.changed_uses(session, old_id, new_id, limit=MOST_USES)
    subzones, conditions, intensity, overlays, articles = (
        (read(session, old_id), read(session, new_id))
        for read in (
            plan_queries.subzones,
            plan_queries.use_conditions,
            plan_queries.intensity,
            plan_queries.overlay_rules,
            plan_queries.articles,
        )
    )
    return RuleChanges(
        subzones=_changes(*(_by(rows, ("code",), _SUBZONE) for rows in subzones)),
        uses=tuple(_use(row) for row in uses),
        uses_total=uses[0].total if uses else 0,
        conditions=_changes(*(_by(rows, ("code",), _CONDITION) for rows in conditions)),
        intensity=_changes(*(_by(rows, INTENSITY_KEY, INTENSITY_VALUES) for rows in intensity)),
        overlays=_changes(*(_overlays(rows) for rows in overlays)),
        articles=_changes(*(_by(rows, ("number",), _ARTICLE) for rows in articles)),
    )


def _use(row: Any) -> RuleChange:
    def cell(verdict: str | None, conditions: list[str] | None, written: str | None) -> Fields | None:
        return None if verdict is None else {"verdict": verdict, "conditions": list(conditions or ()), "cell": written}

    return RuleChange(
        {"activity_id": row.activity_id, "title": row.title, "subzone_code": row.subzone_code},
        cell(row.old_verdict, row.old_conditions, row.old_cell),
        cell(row.new_verdict, row.new_conditions, row.new_cell),
    )


def _by(
    rows: Iterable[Subzone | UseCondition | IntensityRule | OverlayRule | Article],
    key: tuple[str, ...],
    values: tuple[str, ...],
) -> dict[Hashable, tuple[Fields, Fields]]:
    """Rows by what they are about; rows about the same thing are told apart by their order."""
    found: dict[Hashable, tuple[Fields, Fields]] = {}
    for row in rows:
        about = {name: getattr(row, name) for name in key}
        number = 0
        while (*about.values(), number) in found:
            number += 1
        found[(*about.values(), number)] = (about, {name: getattr(row, name) for name in values})
    return found


def _overlays(rows: Iterable[OverlayRule]) -> dict[Hashable, tuple[Fields, Fields]]:
    return {
        (row.kind, row.class_): (
            {"kind": row.kind, "class": row.class_},
            {name: getattr(row, name) for name in _OVERLAY},
        )
        for row in rows
    }


def _changes(
    old: Mapping[Hashable, tuple[Fields, Fields]], new: Mapping[Hashable, tuple[Fields, Fields]]
) -> tuple[RuleChange, ...]:
    """What differs, in the order of the new version, then what is gone."""
    changes = []
    for key in [*new, *(key for key in old if key not in new)]:
        before, after = old.get(key), new.get(key)
        about = (after or before or ({}, {}))[0]
        values = (None if before is None else before[1], None if after is None else after[1])
        if values[0] != values[1]:
            changes.append(RuleChange(about, *values))
    return tuple(changes)
