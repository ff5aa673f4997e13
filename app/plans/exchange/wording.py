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
