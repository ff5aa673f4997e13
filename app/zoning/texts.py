"""The end of every card: what to do next, the sources, and what the answer is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from flask_babel import gettext

if TYPE_CHECKING:
    from app.zoning.snapshot import Snapshot


def next_steps(status: str) -> list[str]:
    """What a person does next, by what was found; in the language of the request."""
    krk = gettext(
        "Ask the city for a KRK (the official statement of zoning and building rules for your parcel) before you build or buy."
    )
    kkpr = gettext(
        "A business applies for its KKPR (conformity with the plan) through the national licensing system OSS."
    )
    by_status = {
        "inside": [krk, kkpr],
        "border": [
            gettext("The point lies on the border of several zones. Only a measured KRK says which rules hold."),
            krk,
        ],
        "near_border": [
            gettext(
                "The point lies so near a border that the drawing cannot tell for certain. Only a measured KRK can."
            ),
            krk,
        ],
        "plan_gap": [gettext("The plan states nothing for this place. Ask the city's planning office."), krk],
        "sea": [gettext("At sea the land plan does not rule: the province's marine plan and a KKPRL do.")],
        "other_region": [gettext("This place lies outside the plan. Ask the regency or city that it belongs to.")],
        "withdrawn": [
            gettext("The version of that date was withdrawn. Ask the city's planning office what holds."),
            krk,
        ],
    }
    return by_status[status]


def notes(snapshot: Snapshot, *, future: bool) -> list[str]:
    """What limits this answer: a sample, overlaps or gaps in the plan, its withdrawal, a day that has not come yet."""
    found = []
    if snapshot.timeline.sample:
        found.append(gettext("Sample data: this is not the legal plan."))
    if snapshot.entry.overlaps_m2 > 0:
        found.append(
            gettext(
                "This plan was published although zones overlap (%(area)s m² in all): where they do, several zones are listed.",
                area=f"{snapshot.entry.overlaps_m2:.0f}",
            )
        )
    if snapshot.entry.gaps_m2 > 0:
        found.append(
            gettext(
                "This plan was published although there are gaps between zones (%(area)s m² in all):"
                " there it states nothing.",
                area=f"{snapshot.entry.gaps_m2:.0f}",
            )
        )
    if snapshot.entry.withdrawal_reason:
        found.append(gettext("This version was withdrawn: %(reason)s", reason=snapshot.entry.withdrawal_reason))
    if future:
        found.append(gettext("A future date: this is what is published today for that date."))
    return found


def disclaimer() -> str:
    """What the answer is not."""
    return gettext("This is information, not a KKPR, a KRK or a permit.")


def closing_bytes(status: str, snapshot: Snapshot, language: str, *, future: bool) -> bytes:
    """The card's last members as JSON without the opening brace; kept per snapshot, as they are few."""
    key = (status, language, future)
    kept = snapshot.closing.get(key)
    if kept is None:
        kept = orjson.dumps(
            {
                "next_steps": next_steps(status),
                "notes": notes(snapshot, future=future),
                "sources": [
                    {
                        "title": f"{snapshot.timeline.name}: {snapshot.entry.legal_reference}",
                        "date": snapshot.entry.valid_from.isoformat(),
                    }
                ],
                "disclaimer": disclaimer(),
            }
        )[1:]
        snapshot.closing[key] = kept
    return kept
