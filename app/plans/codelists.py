"""The sub-zone code list of a draft.

That of the version before, or the national list; the layer's local codes are added to either.
"""

from __future__ import annotations

import colorsys
import csv
import hashlib
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.config import REPOSITORY
from app.database import copy_rows
from app.plans import queries
from app.plans.models import PlanVersion, Subzone
from gis.rdtr.codes import CodeList
from gis.rdtr.codes import Subzone as Entry

NATIONAL = REPOSITORY / "data" / "codelists" / "national.csv"
# Rules travel from a version to the draft based on it.
_RULE_TABLES = (
    "subzone",
    "use_condition",
    "activity",
    "permitted_use",
    "intensity_rule",
    "overlay_rule",
    "article",
)


def prepare(session: Session, version: PlanVersion, base: PlanVersion | None) -> CodeList:
    """Give a new draft its code list and rules, and return the list for reading the layer."""
    if base is not None:
        _copy_rules(session, base.id, version.id)
    else:
        copy_rows(session, Subzone, national(version.id))
    return of(session, version)


def of(session: Session, version: PlanVersion) -> CodeList:
    """The code list of a version, for reading a layer."""
    return CodeList(Entry(row.code, row.domain_code, row.name) for row in queries.subzones(session, version.id))


def national(version_id: int) -> list[dict[str, Any]]:
    """The national list as rows of a version; its source is named in data/codelists/README.md."""
    with NATIONAL.open(encoding="utf-8", newline="") as file:
        return [
            {
                "version_id": version_id,
                "code": row["code"],
                "domain_code": row["domain_code"] or None,
                "name": row["name"],
                "zone": row["zone"] or None,
                "group": row["group"] or None,
                "colour": _hex(row["rgb"]) if row["rgb"] else own_colour(row["code"]),
                "colour_official": bool(row["rgb"]),
                "position": position,
            }
            for position, row in enumerate(csv.DictReader(file), start=1)
        ]


def add_local(session: Session, version: PlanVersion, names: dict[str, str]) -> None:
    """Add codes that the layer uses and the list lacks; names: code to the name that the layer gives it."""
    rows = [
        {
            "version_id": version.id,
            "code": code,
            "domain_code": None,
            "name": names[code],
            "zone": None,
            "group": None,
            "colour": own_colour(code),
            "colour_official": False,
            "position": 1000 + number,
        }
        for number, code in enumerate(sorted(names))
    ]
    copy_rows(session, Subzone, rows)


def own_colour(code: str) -> str:
    """A muted colour of our own for a code without an official one; always the same for the same code."""
    hue = hashlib.sha256(code.encode()).digest()[0] / 256
    red, green, blue = colorsys.hls_to_rgb(hue, 0.68, 0.35)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def _hex(rgb: str) -> str:
    return "#" + "".join(f"{int(part):02x}" for part in rgb.split(","))


def _copy_rules(session: Session, source: int, target: int) -> None:
    for table in _RULE_TABLES:
        columns = session.execute(
            text(
                "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
                " WHERE table_schema = 'public' AND table_name = :table AND column_name <> 'version_id'"
            ),
            {"table": table},
        ).scalar_one()
        # The names come from the catalogue, quoted, and from the constant above.
        statement = (
            f"INSERT INTO {table} (version_id, {columns})"  # noqa: S608 - see above
            f" SELECT :target, {columns} FROM {table} WHERE version_id = :source"
        )
        session.execute(text(statement), {"target": target, "source": source})
