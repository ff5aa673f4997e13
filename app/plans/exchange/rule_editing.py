"""Change the rule tables of a draft: a row in the grid, a whole table from a workbook; put one back as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.roles import Actor, require
from app.accounts.service import record
from app.database import db, transaction
from app.errors import Conflict, NotFound
from app.plans import queries as plan_queries
from app.plans.drafts.saving import Draft
from app.plans.drafts.service import READERS
from app.plans.exchange import rule_rows, xlsx
from app.plans.exchange.base import open_draft
from app.plans.exchange.rule_rows import Cells, RowChange, Rows
from app.plans.models import RULE_TABLES, RuleChange


@dataclass(frozen=True)
class RuleTable:
    """A table as the grid shows it. base: its hash; a change names the hash that it was made on."""

    name: str
    columns: tuple[str, ...]
    rows: Rows
    base: str


@dataclass(frozen=True)
class Proposal:
    """What a workbook would change. base: the hash of the table that it was compared with."""

    changes: list[RowChange]
    new_conditions: list[str]
    notes: tuple[str, ...]
    base: str
    rows: int


def table(actor: Actor, code: str, name: str) -> RuleTable:
    """A rule table of the open draft. Raises NotFound where there is no such table."""
    require(actor, *READERS)
    session = db.session()
    return _table(session, open_draft(session, code), name)


def workbook(actor: Actor, code: str, name: str) -> bytes:
    """The table as a workbook."""
    found = table(actor, code, name)
    return xlsx.write(name, found.columns, found.rows, found.base)


def history(actor: Actor, code: str, name: str, limit: int = 20) -> Sequence[RuleChange]:
    """What was changed in a table, newest first."""
    require(actor, *READERS)
    session = db.session()
    draft = open_draft(session, code)
    _known(name)
    return session.scalars(
        select(RuleChange)
        .where(RuleChange.version_id == draft.version.id, RuleChange.rule_table == name)
        .order_by(RuleChange.id.desc())
        .limit(limit)
    ).all()


def change_row(actor: Actor, code: str, name: str, key: str | None, values: Mapping[str, str], base: str) -> RuleTable:
    """Change a row, add one (key None), or take it out (no values). Cells that are not named stay.

    base: the hash of the table that the planner saw. Raises Conflict where it is another one now and this row is not as
    the planner saw it, NotFound where the row is gone, Unprocessable with the cell that cannot be.
    """
    require(actor, "planner")
    with transaction() as session:
        draft = open_draft(session, code, for_writing=True)
        now = _table(session, draft, name)
        _check_base(now, base)
        if key is not None and key not in now.rows:
            raise NotFound(gettext("This row is no longer there."))
        kept = {column: str(value).strip() for column, value in values.items() if column in now.columns}
        after = _with_row(now, key, kept)
        _store(session, draft, actor, "edit", now, after, gettext("edited on the page"))
        return _table(session, draft, name)


def propose(actor: Actor, code: str, name: str, path: Path) -> Proposal:
    """What a workbook would change. Raises Conflict where the table is no longer as it was when the file went out."""
    require(actor, "planner")
    session = db.session()
    draft = open_draft(session, code)
    now = _table(session, draft, name)
    sent = _sent(session, draft, now, path)
    return Proposal(
        rule_rows.changes(now.rows, sent.rows),
        _missing_conditions(session, draft, sent),
        sent.notes,
        now.base,
        len(sent.rows),
    )


def take(actor: Actor, code: str, name: str, path: Path, base: str) -> int:
    """Put the table of a workbook in the place of the draft's, as it was shown on ``base``; returns the rows changed."""
    require(actor, "planner")
    with transaction() as session:
        draft = open_draft(session, code, for_writing=True)
        now = _table(session, draft, name)
        _check_base(now, base)
        sent = _sent(session, draft, now, path)
        comment = gettext("from the file %(file)s", file=path.name[:200])
        missing = _missing_conditions(session, draft, sent)
        if missing:
            present = _table(session, draft, "conditions")
            added = {
                condition: {
                    "code": condition,
                    "kind": _kind(condition),
                    "text": sent.conditions[condition],
                    "article": "",
                }
                for condition in missing
            }
            _store(session, draft, actor, "import", present, present.rows | added, comment)
        return _store(session, draft, actor, "import", now, sent.rows, comment)


def restore(actor: Actor, code: str, name: str, change_id: int) -> int:
    """Put a table back as it was before a change: every later one is taken back too. Returns the rows changed.

    Raises NotFound for a change of another draft, Conflict where the table was replaced in another way since.
    """
    require(actor, "planner")
    with transaction() as session:
        draft = open_draft(session, code, for_writing=True)
        now = _table(session, draft, name)
        later = session.scalars(
            select(RuleChange)
            .where(RuleChange.version_id == draft.version.id, RuleChange.rule_table == name, RuleChange.id >= change_id)
            .order_by(RuleChange.id.desc())
        ).all()
        if not later or later[-1].id != change_id:
            raise NotFound(gettext("There is no such change."))
        before = _taken_back(now, later)
        return _store(
            session, draft, actor, "restore", now, before, gettext("as it was before change %(n)s", n=change_id)
        )


def _taken_back(now: RuleTable, later: Sequence[RuleChange]) -> Rows:
    """The rows before the last of some changes, which are given newest first."""
    current = dict(now.rows)
    expected = now.base
    for change in later:
        if change.hash_after != expected:
            raise Conflict(
                gettext("This table was loaded anew since, so it cannot be put back step by step."),
                hint=gettext("Send the table in as a workbook."),
            )
        current = {key: row for key, row in current.items() if key not in {item["key"] for item in change.rows}} | {
            item["key"]: item["before"] for item in change.rows if item["before"] is not None
        }
        current = _ordered(current, change)
        expected = change.hash_before
    return current


def _ordered(rows: Rows, change: RuleChange) -> Rows:
    """The rows in the order that they had before a change."""
    order = {key: place for place, key in enumerate(change.rows[0]["order"])} if change.rows else {}
    return dict(sorted(rows.items(), key=lambda item: order.get(item[0], len(order))))


def _store(session: Session, draft: Draft, actor: Actor, kind: str, now: RuleTable, after: Rows, comment: str) -> int:
    """Replace the table, and write down what was changed."""
    changed = rule_rows.changes(now.rows, after)
    if not changed:
        return 0
    rule_rows.replace(session, draft.version.id, now.name, after)
    session.expire_all()
    stored = _table(session, draft, now.name)
    listed: list[dict[str, Any]] = [vars(change) for change in rule_rows.changes(now.rows, stored.rows)]
    if listed:
        # The order of before, once: rows that come back are put where they were.
        listed[0] = {**listed[0], "order": list(now.rows)}
        session.add(
            RuleChange(
                version_id=draft.version.id,
                rule_table=now.name,
                kind=kind,
                author=actor.display_name or "operator",
                account_id=actor.account_id,
                comment=comment,
                rows=listed,
                hash_before=now.base,
                hash_after=stored.base,
            )
        )
        record(
            session, actor, "rules_changed", ("plan_version", draft.version.id),
            table=now.name, rows=len(listed), before=now.base[:12], after=stored.base[:12], kind=kind,
        )  # fmt: skip
    return len(listed)


def _with_row(now: RuleTable, key: str | None, kept: Cells) -> Rows:
    if key is None:
        row = dict.fromkeys(now.columns, "") | kept
        return rule_rows.keyed(now.name, [*now.rows.values(), row])
    if not kept:
        return rule_rows.keyed(now.name, [row for other, row in now.rows.items() if other != key])
    return rule_rows.keyed(now.name, [row | kept if other == key else row for other, row in now.rows.items()])


def _table(session: Session, draft: Draft, name: str) -> RuleTable:
    _known(name)
    found = rule_rows.rows(session, draft.version.id, name)
    return RuleTable(name, rule_rows.columns(session, draft.version.id, name), found, rule_rows.digest(found))


def _known(name: str) -> None:
    if name not in RULE_TABLES:
        raise NotFound(gettext("There is no table of rules of this name."))


def _check_base(now: RuleTable, base: str) -> None:
    if now.base != base:
        raise Conflict(
            gettext("Somebody has changed this table since you saw it. Nothing was changed."),
            hint=gettext("Load the table again, and make your change once more."),
        )


def _sent(session: Session, draft: Draft, now: RuleTable, path: Path) -> xlsx.SentTable:
    subzones = plan_queries.subzones(session, draft.version.id)
    sent = xlsx.read(path, now.name, now.columns, subzones, now.rows)
    if sent.base is not None:
        _check_base(now, sent.base)
    return sent


def _missing_conditions(session: Session, draft: Draft, sent: xlsx.SentTable) -> list[str]:
    """Conditions that a form explains and the draft does not know yet."""
    known = rule_rows.rows(session, draft.version.id, "conditions")
    return sorted(code for code in sent.conditions if code not in known)


def _kind(condition: str) -> str:
    return "limited" if condition.startswith("T") else "conditional"
