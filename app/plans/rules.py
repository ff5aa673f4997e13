"""Load the rules of a plan version from a folder of CSV tables (their form: data/README.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask_babel import gettext
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.database import Base, copy_rows
from app.errors import Unprocessable
from app.places.service import ROAD_CLASSES, fold
from app.plans.models import (
    Activity,
    Article,
    IntensityRule,
    KbliCorrespondence,
    OverlayRule,
    PermittedUse,
    Subzone,
    UseCondition,
)
from app.plans.rule_tables import Table
from gis.rdtr.columns import Overlay
from gis.rdtr.itbx import Cell, parse_cell

_NUMBERS = (
    "lot_min_m2", "lot_max_m2", "kdb_max_pct", "klb_max_ratio", "kdh_min_pct", "ktb_max_pct", "gsb_min_m", "side_min_m",
    "rear_min_m", "height_max_m",
)  # fmt: skip
_COLOUR = re.compile(r"#[0-9a-f]{6}", re.ASCII)
_KBLI = re.compile(r"\d{2,5}", re.ASCII)
# What the letter of a condition's code says about it.
_KINDS = {"T": "limited", "B": "conditional"}
_OVERLAYS = tuple(kind.value for kind in Overlay)
# Slips that change what a cell says; others, such as a stray blank, are read.
_UNREADABLE = ("cell_unknown", "cell_contradiction")


def load(session: Session, version_id: int, folder: Path) -> dict[str, int]:
    """Replace the rules of a draft by those of the folder, in the session's transaction.

    Returns the number of rows per table. Raises Unprocessable with file, row and column; nothing is kept then.
    """
    subzones = list(_subzones(folder, version_id))
    codes = {row["code"] for row in subzones}
    conditions = list(_conditions(folder, version_id))
    activities = list(_activities(folder, version_id))
    known = {row["activity_id"] for row in activities}
    uses = list(_uses(folder, version_id, codes, known, {row["code"] for row in conditions}))
    loaded: list[tuple[type[Base], list[dict[str, Any]]]] = [
        (Subzone, subzones),
        (UseCondition, conditions),
        (Activity, activities),
        (PermittedUse, uses),
        (IntensityRule, list(_intensity(folder, version_id, codes))),
        (OverlayRule, list(_overlays(folder, version_id))),
        (Article, list(_articles(folder, version_id))),
    ]
    correspondence = list(_correspondence(folder))
    for model in (PermittedUse, Activity, Subzone, UseCondition, IntensityRule, OverlayRule, Article):
        session.execute(delete(model).where(model.version_id == version_id))  # type: ignore[attr-defined]
    counts = {model.__tablename__: copy_rows(session, model, rows) for model, rows in loaded}
    for row in correspondence:
        session.merge(KbliCorrespondence(**row))
    return counts


def replace_table(session: Session, version_id: int, name: str, folder: Path) -> int:
    """Replace one table of a draft by the CSV files of a folder, checked against the draft's other tables.

    name: itbx (with activities.csv), conditions, intensity or overlays. Returns the number of rows. Raises Unprocessable
    with file, row and column; nothing is kept then.
    """
    codes = set(session.scalars(select(Subzone.code).where(Subzone.version_id == version_id)))
    loaded: list[tuple[type[Base], list[dict[str, Any]]]]
    if name == "itbx":
        conditions = set(session.scalars(select(UseCondition.code).where(UseCondition.version_id == version_id)))
        activities = list(_activities(folder, version_id))
        known = {row["activity_id"] for row in activities}
        loaded = [(Activity, activities), (PermittedUse, list(_uses(folder, version_id, codes, known, conditions)))]
    elif name == "conditions":
        loaded = [(UseCondition, list(_conditions(folder, version_id)))]
        _check_conditions_in_use(session, version_id, {row["code"] for row in loaded[0][1]})
    elif name == "intensity":
        loaded = [(IntensityRule, list(_intensity(folder, version_id, codes)))]
    else:
        loaded = [(OverlayRule, list(_overlays(folder, version_id)))]
    for model, _rows in reversed(loaded):
        session.execute(delete(model).where(model.version_id == version_id))  # type: ignore[attr-defined]
    return sum(copy_rows(session, model, rows) for model, rows in loaded)


def _check_conditions_in_use(session: Session, version_id: int, codes: set[str]) -> None:
    used = select(func.unnest(PermittedUse.conditions)).where(PermittedUse.version_id == version_id).distinct()
    missing = sorted(set(session.scalars(used)) - codes)
    if missing:
        raise Unprocessable(
            gettext("The table of activities still names the conditions %(codes)s.", codes=", ".join(missing[:20])),
            hint=gettext("Change those cells first."),
        )


def _subzones(folder: Path, version_id: int) -> Iterator[dict[str, Any]]:
    table = Table(
        folder,
        "subzones.csv",
        required=("code", "domain_code", "name", "zone", "group", "colour", "colour_official"),
    )
    unique, unique_number = table.once("code"), table.once("domain_code")
    for number, row in table.numbered():
        unique(number, row["code"])
        if row["domain_code"]:
            unique_number(number, row["domain_code"])
        colour = row["colour"].lower()
        if not _COLOUR.fullmatch(colour):
            raise table.wrong(number, "colour", row["colour"], gettext("is not a colour such as #ffdc00"))
        official = table.choice(number, "colour_official", row["colour_official"].lower(), ("true", "false"))
        yield {
            "version_id": version_id,
            "code": row["code"],
            "domain_code": row["domain_code"] or None,
            "name": table.filled(number, "name", row["name"]),
            "zone": row["zone"] or None,
            "group": row["group"] or None,
            "colour": colour,
            "colour_official": official == "true",
            "position": number,
        }


def _conditions(folder: Path, version_id: int) -> Iterator[dict[str, Any]]:
    table = Table(folder, "conditions.csv", required=("code", "kind", "text", "article"), optional=True)
    unique = table.once("code")
    for number, row in table.numbered():
        unique(number, row["code"])
        kind = table.choice(number, "kind", row["kind"], tuple(_KINDS.values()))
        if _KINDS.get(row["code"][0]) != kind:
            reason = gettext("does not go with the code: T is limited, B conditional")
            raise table.wrong(number, "kind", row["kind"], reason)
        yield {
            "version_id": version_id,
            "code": row["code"],
            "kind": kind,
            "text": table.filled(number, "text", row["text"]),
            "article": row["article"] or None,
        }


def _activities(folder: Path, version_id: int) -> Iterator[dict[str, Any]]:
    table = Table(folder, "activities.csv", required=("activity_id", "kbli", "title"), optional=True)
    unique = table.once("activity_id")
    for number, row in table.numbered():
        unique(number, row["activity_id"])
        synonyms = _several(row.get("synonyms", ""))
        kbli = _several(row["kbli"])
        if not all(_KBLI.fullmatch(code) for code in kbli):
            raise table.wrong(number, "kbli", row["kbli"], gettext("is not a list of KBLI codes of 2 to 5 digits"))
        if kbli:
            table.filled(number, "kbli_edition", row.get("kbli_edition", ""))
        names = [table.filled(number, "title", row["title"]), *synonyms, row.get("kbli_title", "")]
        yield {
            "version_id": version_id,
            "activity_id": row["activity_id"],
            "kbli": kbli,
            "kbli_edition": row.get("kbli_edition") or None,
            "title": row["title"],
            "kbli_title": row.get("kbli_title") or None,
            "category": row.get("category") or None,
            "synonyms": synonyms,
            "search_text": "|" + "|".join(fold(name) for name in names if name) + "|",
            "position": number,
        }


def _several(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _uses(
    folder: Path, version_id: int, codes: set[str], known: set[str], conditions: set[str]
) -> Iterator[dict[str, Any]]:
    table = Table(folder, "itbx.csv", required=("activity_id",), optional=True)
    columns = [column for column in table.columns if column != "activity_id"]
    for column in columns:
        if column not in codes:
            raise table.wrong(1, column, column, gettext("is not in subzones.csv"))
    unique = table.once("activity_id")
    for number, row in table.numbered():
        unique(number, row["activity_id"])
        if row["activity_id"] not in known:
            raise table.wrong(number, "activity_id", row["activity_id"], gettext("is not in activities.csv"))
        for column in columns:
            cell = _cell(table, number, column, row[column], conditions)
            yield {
                "version_id": version_id,
                "activity_id": row["activity_id"],
                "subzone_code": column,
                "cell": row[column],
                "verdict": cell.verdict.value,
                "conditions": list(cell.conditions),
            }


def _cell(table: Table, number: int, column: str, value: str, conditions: set[str]) -> Cell:
    cell = parse_cell(value)
    if any(warning.code in _UNREADABLE for warning in cell.warnings):
        raise table.wrong(number, column, value, gettext("is none of I, T.., B.., X or empty"))
    if not conditions.issuperset(cell.conditions):
        raise table.wrong(number, column, value, gettext("names a condition that conditions.csv lacks"))
    return cell


def _intensity(folder: Path, version_id: int, codes: set[str]) -> Iterator[dict[str, Any]]:
    table = Table(folder, "intensity.csv", required=("subzone_code",), optional=True)
    for number, row in table.numbered():
        if row["subzone_code"] not in codes:
            raise table.wrong(number, "subzone_code", row["subzone_code"], gettext("is not in subzones.csv"))
        stated = {name: table.number(number, name, row.get(name, "")) for name in _NUMBERS}
        low, high = stated["lot_min_m2"], stated["lot_max_m2"]
        if low is not None and high is not None and low > high:
            raise table.wrong(number, "lot_max_m2", row["lot_max_m2"], gettext("is less than lot_min_m2"))
        floors = table.number(number, "floors_max", row.get("floors_max", ""))
        if floors is not None and not floors.is_integer():
            raise table.wrong(number, "floors_max", row["floors_max"], gettext("is not a whole number"))
        yield {
            "version_id": version_id,
            "position": number,
            "subzone_code": row["subzone_code"],
            **{name: row.get(name) or None for name in ("applies", "building_type", "article")},
            "road_class": table.choice(number, "road_class", row.get("road_class", ""), ROAD_CLASSES, empty=True),
            **stated,
            "floors_max": None if floors is None else int(floors),
        }


def _overlays(folder: Path, version_id: int) -> Iterator[dict[str, Any]]:
    table = Table(folder, "overlays.csv", required=("kind", "name", "class", "text", "article"), optional=True)
    seen: set[tuple[str, str]] = set()
    for number, row in table.numbered():
        table.choice(number, "kind", row["kind"], _OVERLAYS)
        key = (row["kind"], table.filled(number, "class", row["class"]))
        if key in seen:
            raise table.wrong(number, "class", row["class"], gettext("stands there twice"))
        seen.add(key)
        yield {
            "version_id": version_id,
            "kind": row["kind"],
            "class_": row["class"],
            "name": table.filled(number, "name", row["name"]),
            "text": row["text"] or None,
            "article": row["article"] or None,
        }


def _articles(folder: Path, version_id: int) -> Iterator[dict[str, Any]]:
    table = Table(folder, "articles.csv", required=("number", "title", "text"), optional=True)
    unique = table.once("number")
    for number, row in table.numbered():
        unique(number, row["number"])
        yield {
            "version_id": version_id,
            "number": row["number"],
            "title": row["title"],
            "text": row["text"],
            "position": number,
        }


def _correspondence(folder: Path) -> Iterator[dict[str, Any]]:
    columns = ("from_edition", "from_code", "to_edition", "to_code")
    table = Table(folder, "kbli_correspondence.csv", required=columns, optional=True)
    for number, row in table.numbered():
        stated = {column: table.filled(number, column, row[column]) for column in columns}
        yield {**stated, "note": row.get("note") or None}
