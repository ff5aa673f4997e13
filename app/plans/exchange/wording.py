"""What the pages of the exchange call things."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext


def what_changed(kinds: Iterable[str]) -> str:
    """What was done to a zone, in the reader's language."""
    names = {
        "added": gettext("new zone"),
        "piece": gettext("piece of a zone that was split"),
        "merged": gettext("took in another zone"),
        "removed": gettext("gone"),
        "reshaped": gettext("another outline"),
        "recoded": gettext("another sub-zone"),
        "attributes": gettext("other attributes"),
    }
    return ", ".join(names[kind] for kind in kinds)


def kind_name(kind: str) -> str:
    """A kind of conflict or repair, in the reader's language."""
    names = {
        "geometry": gettext("Both changed the same border"),
        "attributes": gettext("Both changed the same attribute"),
        "deleted": gettext("One changed the zone, the other took it out"),
        "overlap": gettext("Both claim the same land"),
        "gap": gettext("Land that nobody would have"),
        "border": gettext("Borders that would not meet"),
    }
    return names[kind]


def table_names() -> dict[str, str]:
    """The rule tables by name, in the reader's language."""
    return {
        "itbx": gettext("Activities (ITBX)"),
        "conditions": gettext("Conditions (T and B)"),
        "intensity": gettext("Building intensity"),
        "overlays": gettext("Special provisions"),
    }


def column_name(column: str) -> str:
    """The heading of a column; a sub-zone's code stands for itself."""
    names = {
        "activity_id": gettext("Key"),
        "kbli": "KBLI",
        "kbli_edition": gettext("KBLI edition"),
        "title": gettext("Activity"),
        "kbli_title": gettext("Title in KBLI"),
        "category": gettext("Category"),
        "synonyms": gettext("Synonyms, separated by ;"),
        "code": gettext("Code"),
        "kind": gettext("Kind"),
        "text": gettext("Text"),
        "article": gettext("Article"),
        "subzone_code": gettext("Sub-zone"),
        "applies": gettext("Applies to"),
        "road_class": gettext("Road class"),
        "lot_min_m2": gettext("Lot from (m²)"),
        "lot_max_m2": gettext("Lot to (m²)"),
        "building_type": gettext("Type of building"),
        "kdb_max_pct": gettext("KDB at most (%)"),
        "klb_max_ratio": gettext("KLB at most"),
        "kdh_min_pct": gettext("KDH at least (%)"),
        "ktb_max_pct": gettext("KTB at most (%)"),
        "gsb_min_m": gettext("GSB at least (m)"),
        "side_min_m": gettext("Side at least (m)"),
        "rear_min_m": gettext("Rear at least (m)"),
        "height_max_m": gettext("Height at most (m)"),
        "floors_max": gettext("Floors at most"),
        "name": gettext("Name"),
        "class": gettext("Class (* for any)"),
    }
    return names.get(column, column)


def change_name(kind: str) -> str:
    """A kind of change to a rule table."""
    return {"edit": gettext("edited"), "import": gettext("taken from a file"), "restore": gettext("put back")}[kind]


def done_name(done: str | None) -> str | None:
    """What was just done, for the top of a page."""
    return {
        "saved": gettext("The row was saved."),
        "taken": gettext("The table was taken from the file. Below you can put it back as it was."),
        "restored": gettext("The table was put back."),
    }.get(done or "")
