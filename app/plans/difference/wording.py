"""A comparison and a history in words: what the pages, the PDF and the map's labels say, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import format_date, format_decimal, gettext, lazy_gettext, ngettext

from app.i18n import language
from app.plans.difference.rules import INTENSITY_KEY, RuleChange
from app.plans.difference.service import Comparison, Lineage, subzone_name, where
from app.plans.difference.versions import VersionRef
from app.plans.drafts.states import StoredZone
from gis.rdtr.columns import Overlay

KINDS: dict[str, Any] = {
    "added": lazy_gettext("New zones"),
    "removed": lazy_gettext("Zones that are gone"),
    "reshaped": lazy_gettext("Zones with another outline"),
    "recoded": lazy_gettext("Zones with another sub-zone"),
    "edited": lazy_gettext("Zones with other details"),
}
# A letter beside each colour, so that no colour has to be told from another.
MARKS = {"added": "+", "removed": "×", "reshaped": "↔", "recoded": "⇄", "edited": "i"}

WHERE: dict[str, Any] = {
    "in_force": lazy_gettext("in force"),
    "future": lazy_gettext("not in force yet"),
    "past": lazy_gettext("replaced"),
    "withdrawn": lazy_gettext("withdrawn"),
    "draft": lazy_gettext("draft"),
}

AFFECTED: dict[str, Any] = {
    "parcels": lazy_gettext("Land parcels"),
    "watched_places": lazy_gettext("Places that people watch"),
    "documents": lazy_gettext("Documents that are still valid"),
}

LINEAGE: dict[str, Any] = {
    "split": lazy_gettext("Zone %(child)s was split off from zone %(parent)s (version %(seq)s)."),
    "merge": lazy_gettext("Zone %(parent)s was merged into zone %(child)s (version %(seq)s)."),
    "carve": lazy_gettext("Zone %(child)s was cut out of zone %(parent)s (version %(seq)s)."),
    "repair": lazy_gettext("Land of zone %(parent)s went to zone %(child)s in a repair (version %(seq)s)."),
}

_ATTRIBUTES: dict[str, Any] = {
    "geometry": lazy_gettext("Outline"),
    "subzone_code": lazy_gettext("Sub-zone"),
    "block": lazy_gettext("Block"),
    "sub_block": lazy_gettext("Sub-block"),
    "legal_area_ha": lazy_gettext("Area as the plan states it (hectares)"),
    "remark": lazy_gettext("Remark"),
}
RULE_FIELDS: dict[str, Any] = {
    "kdb_max_pct": lazy_gettext("Building area on the land (KDB), per cent"),
    "klb_max_ratio": lazy_gettext("Area of all floors together (KLB)"),
    "kdh_min_pct": lazy_gettext("Land left green (KDH), per cent"),
    "ktb_max_pct": lazy_gettext("Basement area (KTB), per cent"),
    "gsb_min_m": lazy_gettext("Distance from the road (GSB), m"),
    "side_min_m": lazy_gettext("Distance from the side neighbours, m"),
    "rear_min_m": lazy_gettext("Distance from the neighbour behind, m"),
    "height_max_m": lazy_gettext("Height of the building, m"),
    "floors_max": lazy_gettext("Number of floors"),
    "article": lazy_gettext("Article"),
    "name": lazy_gettext("Name"),
    "title": lazy_gettext("Title"),
    "text": lazy_gettext("Text"),
    "kind": lazy_gettext("Kind"),
    "zone": lazy_gettext("Zone"),
    "group": lazy_gettext("Group"),
    "colour": lazy_gettext("Colour"),
    "domain_code": lazy_gettext("Official number"),
}
_OVERLAY = "overlay:"


@dataclass(frozen=True)
class ZoneLine:
    """One zone of a list. mark, kind: as KINDS has it; title: what it was and is; facts: (name, before, after)."""

    zone_id: int
    kind: str
    title: str
    area: str
    facts: tuple[tuple[str, str, str], ...]
    bounds: tuple[float, float, float, float]


def lineage(link: Lineage) -> str:
    """Who came from whom, as a sentence."""
    return str(LINEAGE[link.kind]) % {"child": link.child, "parent": link.parent, "seq": link.seq}


def hectares(area_m2: float) -> str:
    """Hectares with two decimals; more where it is less than a hundredth."""
    value = area_m2 / 10_000
    return str(format_decimal(round(value, 2 if abs(value) >= 0.01 else 4)))


def signed_hectares(area_m2: float) -> str:
    """The same with its sign."""
    if abs(area_m2) < 0.05:
        return str(format_decimal(0))
    return ("+" if area_m2 > 0 else "\N{MINUS SIGN}") + hectares(abs(area_m2))


def percent(value: float | None) -> str:
    """Per cent with one decimal; words where it is not known."""
    return gettext("not stated") if value is None else f"{format_decimal(round(value, 1))} %"


def validity(version: VersionRef) -> str:
    """When a version is in force, in words."""
    if version.valid_from is None:
        return gettext("not in force: still being worked on")
    first = format_date(version.valid_from, "d MMMM y")
    if version.valid_to is None:
        return gettext("from %(first)s", first=first)
    return gettext("from %(first)s until before %(last)s", first=first, last=format_date(version.valid_to, "d MMMM y"))


def version_name(version: VersionRef) -> str:
    """How a version is called in sentences."""
    if version.is_public:
        return gettext("version %(seq)s", seq=version.seq)
    return gettext("the draft (version %(seq)s)", seq=version.seq)


def state(version: VersionRef) -> tuple[str, str]:
    """What a version is today: the word for programs and for people."""
    word = where(version)
    return word, str(WHERE[word])


def summary(comparison: Comparison) -> list[str]:
    """The difference as sentences, the weightiest first."""
    if comparison.is_empty:
        return [gettext("The two versions say the same.")]
    found, rules = comparison.found, comparison.rules
    sentences = []
    if comparison.changed_m2 >= 1:
        sentences.append(
            gettext("%(hectares)s hectares get another sub-zone.", hectares=hectares(comparison.changed_m2))
        )
    counts = {
        name: len(zones)
        for name, zones in (
            ("added", found.added),
            ("removed", found.removed),
            ("reshaped", found.reshaped),
            ("recoded", found.recoded),
            ("edited", comparison.edited),
        )
    }
    sentences += [_counted(name, count) for name, count in counts.items() if count]
    if rules.count:
        sentences.append(
            ngettext(
                "%(num)s rule about activities, buildings or special provisions is different.",
                "%(num)s rules about activities, buildings or special provisions are different.",
                rules.count,
            )
        )
    return sentences


def _counted(kind: str, count: int) -> str:
    if kind == "added":
        return ngettext("%(num)s zone is new.", "%(num)s zones are new.", count)
    if kind == "removed":
        return ngettext("%(num)s zone is gone.", "%(num)s zones are gone.", count)
    if kind == "reshaped":
        return ngettext("%(num)s zone has another outline.", "%(num)s zones have another outline.", count)
    if kind == "recoded":
        return ngettext("%(num)s zone has another sub-zone.", "%(num)s zones have another sub-zone.", count)
    return ngettext("%(num)s zone has other details.", "%(num)s zones have other details.", count)


def lists(comparison: Comparison, *, most: int) -> list[tuple[str, int, list[ZoneLine]]]:
    """The zones that differ: (kind, how many in all, the first of them), kinds without zones left out."""
    found = comparison.found
    kinds: dict[str, Iterable[int]] = {
        "added": found.added,
        "removed": found.removed,
        "recoded": found.recoded,
        "reshaped": found.reshaped,
        "edited": comparison.edited,
    }
    return [
        (kind, len(numbers), [_line(comparison, kind, zone) for zone in numbers[:most]])
        for kind, zones in kinds.items()
        if (numbers := list(zones))
    ]


def _line(comparison: Comparison, kind: str, zone: int) -> ZoneLine:
    old, new = comparison.before.get(zone), comparison.after.get(zone)
    codes = [subzone_name(comparison, item.state.attributes["subzone_code"]) for item in (old, new) if item is not None]
    areas = [None if item is None else comparison.plan.metric.area_m2(item.state.geometry) for item in (old, new)]
    here = new or old
    west, south, east, north = (0.0,) * 4 if here is None else here.state.geometry.bounds
    return ZoneLine(
        zone,
        kind,
        " → ".join(dict.fromkeys(codes)),
        _areas(areas[0], areas[1]),
        tuple(_facts(comparison, zone, old, new)),
        (round(west, 6), round(south, 6), round(east, 6), round(north, 6)),
    )


def _areas(before: float | None, after: float | None) -> str:
    if before is not None and after is not None and abs(before - after) >= 0.5:
        return gettext("%(before)s → %(after)s ha", before=hectares(before), after=hectares(after))
    return gettext("%(area)s ha", area=hectares(after if after is not None else before or 0.0))


def _facts(
    comparison: Comparison, zone: int, old: StoredZone | None, new: StoredZone | None
) -> Iterable[tuple[str, str, str]]:
    if old is None or new is None:
        return
    for name, (before, after) in comparison.found.attributes.get(zone, {}).items():
        if name != "subzone_code":
            yield attribute(name), value(before), value(after)


def attribute(name: str) -> str:
    """What people call an attribute of a zone."""
    if name.startswith(_OVERLAY):
        try:
            kind = Overlay(name.removeprefix(_OVERLAY))
        except ValueError:
            return name.removeprefix(_OVERLAY)
        return kind.name_en if language() == "en" else kind.name_id
    return str(_ATTRIBUTES.get(name, name))


def value(found: Any) -> str:
    """A value of an attribute or rule as people read it."""
    if found is None or found == "":
        return gettext("not stated")
    if isinstance(found, bool):
        return gettext("yes") if found else gettext("no")
    if isinstance(found, int | float):
        return str(format_decimal(found))
    return str(found)


def rule_about(change: RuleChange) -> str:
    """What a row of the intensity table is about, in one line."""
    key = change.key
    parts = [str(key[name]) for name in ("subzone_code", "applies", "road_class", "building_type") if key.get(name)]
    lot = [key.get("lot_min_m2"), key.get("lot_max_m2")]
    if any(limit is not None for limit in lot):
        shown = ["…" if limit is None else str(format_decimal(limit)) for limit in lot]
        parts.append(gettext("lot %(smallest)s to %(largest)s m²", smallest=shown[0], largest=shown[1]))
    return ", ".join(parts)


def rule_values(change: RuleChange) -> list[tuple[str, str, str]]:
    """What differs in a row: (name, before, after); a side that has no such row says so."""
    old, new = change.old, change.new
    if old is None or new is None:
        there: Mapping[str, Any] = new or old or {}
        shown = "; ".join(
            f"{RULE_FIELDS.get(name, name)}: {value(found)}" for name, found in there.items() if found is not None
        )
        missing = gettext("not there")
        return [(gettext("The whole row"), missing if old is None else shown, shown if old is None else missing)]
    return [
        (str(RULE_FIELDS.get(name, name)), value(old.get(name)), value(new.get(name)))
        for name in new
        if old.get(name) != new.get(name)
    ]


def about(change: RuleChange) -> str:
    """What a rule is about."""
    if set(INTENSITY_KEY) <= set(change.key):
        return rule_about(change)
    return ", ".join(str(part) for part in change.key.values() if part not in (None, "", "*"))
