"""A zoning card in words: what the pages say about verdicts, intensity, overlays and distances.

Pure functions of the card (DESIGN section 5) and of the reader's language. What the plan does not state stays None and
is shown as not stated; nothing is filled in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import format_date, format_decimal, gettext, lazy_gettext, ngettext, pgettext

# Smallest and largest lot in m2; None is open.
Lot = tuple[float | None, float | None]

VERDICTS: dict[str, Any] = {
    "allowed": lazy_gettext("Allowed"),
    "limited": lazy_gettext("Allowed within limits"),
    "conditional": lazy_gettext("Allowed on conditions"),
    "limited_conditional": lazy_gettext("Allowed within limits and on conditions"),
    "forbidden": lazy_gettext("Not allowed"),
    "undecided": lazy_gettext("Not stated by the plan"),
}

_SENTENCES: dict[str, Any] = {
    "allowed": lazy_gettext("%(activities)s: allowed."),
    "limited": lazy_gettext("%(activities)s: allowed within limits."),
    "conditional": lazy_gettext("%(activities)s: allowed on conditions."),
    "limited_conditional": lazy_gettext("%(activities)s: allowed within limits and on conditions."),
    "forbidden": lazy_gettext("%(activities)s: not allowed."),
    "undecided": lazy_gettext("%(activities)s: not stated by the plan."),
}

OVERLAY_STATES: dict[str, Any] = {
    "applies": lazy_gettext("Applies"),
    "does_not_apply": lazy_gettext("Does not apply"),
    "not_checked": lazy_gettext("Not checked yet"),
}

ROAD_CLASSES: dict[str, Any] = {
    "arteri": lazy_gettext("arterial road"),
    "kolektor": lazy_gettext("collector road"),
    "lokal": lazy_gettext("local road"),
    "lingkungan": lazy_gettext("neighbourhood road"),
}

DIRECTIONS: dict[str, Any] = {
    "north": lazy_gettext("To the north"),
    "east": lazy_gettext("To the east"),
    "south": lazy_gettext("To the south"),
    "west": lazy_gettext("To the west"),
}

MATCH_KINDS: dict[str, Any] = {
    "coordinates": lazy_gettext("Coordinates"),
    "parcel": lazy_gettext("Land parcel (NIB tanah)"),
    "kelurahan": lazy_gettext("Kelurahan"),
    "kecamatan": lazy_gettext("Kecamatan"),
    "rt": lazy_gettext("Neighbourhood (RT)"),
    "street": lazy_gettext("Street"),
    "landmark": lazy_gettext("Place"),
}

# A hit of these kinds is an area or a line: one point of it does not answer for the whole.
AREA_KINDS = frozenset({"kelurahan", "kecamatan", "rt", "street"})


@dataclass(frozen=True)
class Measure:
    """One quantity of the intensity table. unit is a suffix; minimum tells a lower bound from an upper one."""

    key: str
    label: Any
    short: str
    unit: str
    minimum: bool = False


MEASURES: tuple[Measure, ...] = (
    Measure("kdb_max_pct", lazy_gettext("Building area on the land"), "KDB", "%"),
    Measure("klb_max_ratio", lazy_gettext("Area of all floors together"), "KLB", ""),
    Measure("kdh_min_pct", lazy_gettext("Land left green"), "KDH", "%", minimum=True),
    Measure("ktb_max_pct", lazy_gettext("Basement area"), "KTB", "%"),
    Measure("gsb_min_m", lazy_gettext("Distance from the road"), "GSB", "m", minimum=True),
    Measure("side_min_m", lazy_gettext("Distance from the side neighbours"), "", "m", minimum=True),
    Measure("rear_min_m", lazy_gettext("Distance from the neighbour behind"), "", "m", minimum=True),
    Measure("height_max_m", lazy_gettext("Height of the building"), "", "m"),
    Measure("floors_max", lazy_gettext("Number of floors"), "", ""),
)

ABBREVIATIONS: dict[str, str] = {
    "KDB": "Koefisien Dasar Bangunan",
    "KLB": "Koefisien Lantai Bangunan",
    "KDH": "Koefisien Dasar Hijau",
    "KTB": "Koefisien Tapak Basemen",
    "GSB": "Garis Sempadan Bangunan",
}

# A number and its unit stay on one line.
_NO_BREAK = "\N{NO-BREAK SPACE}"
_DIMENSIONS = ("road_class", "lot")


@dataclass(frozen=True)
class MeasureValue:
    """A value in words, None where not stated, and when it holds ('' when always)."""

    text: str | None
    when: str


@dataclass(frozen=True)
class MeasureRow:
    """One quantity with its values, ready to print."""

    measure: Measure
    values: tuple[MeasureValue, ...]


@dataclass(frozen=True)
class IntensityGroup:
    """The quantities of one kind of building; title is the plan's own words, '' where it names none."""

    title: str
    rows: tuple[MeasureRow, ...]


@dataclass(frozen=True)
class SummaryLine:
    """Everyday activities that share a verdict, as one sentence."""

    verdict: str
    sentence: str


def number(value: float) -> str:
    """A number as people write it in the reader's language, with as many decimals as the plan states."""
    return str(format_decimal(value))


def distance(metres: float) -> str:
    """A distance in words: metres below a kilometre, kilometres with one decimal above."""
    if metres >= 1000:
        return gettext("%(number)s km", number=format_decimal(round(metres / 1000, 1)))
    if metres >= 10:
        return gettext("%(number)s m", number=format_decimal(round(metres)))
    return gettext("%(number)s m", number=format_decimal(round(metres, 1)))


def area(square_metres: float) -> str:
    """An area in words: square metres below a hectare, hectares above."""
    if square_metres >= 10_000:
        return gettext("%(number)s hectares", number=format_decimal(round(square_metres / 10_000, 2)))
    return gettext("%(number)s m²", number=format_decimal(round(square_metres)))


def day(value: dt.date | str | None) -> str | None:
    """A date written out; a string is ISO 8601."""
    if value is None:
        return None
    return str(format_date(dt.date.fromisoformat(value) if isinstance(value, str) else value, "d MMMM y"))


def and_list(items: Sequence[str]) -> str:
    """'a', 'a and b', 'a, b and c' in the reader's language."""
    if len(items) < 2:
        return "".join(items)
    return gettext("%(first)s and %(last)s", first=", ".join(items[:-1]), last=items[-1])


def summary(everyday: Iterable[Mapping[str, Any]]) -> list[SummaryLine]:
    """The verdicts on everyday activities as sentences, the most permissive first."""
    lines = []
    activities = list(everyday)
    for verdict, sentence in _SENTENCES.items():
        titles = [_in_sentence(item["title"]) for item in activities if item["verdict"] == verdict]
        if titles:
            text = str(sentence) % {"activities": and_list(titles)}
            lines.append(SummaryLine(verdict, text[:1].upper() + text[1:]))
    return lines


def _in_sentence(title: str) -> str:
    # "Rumah tunggal" becomes "rumah tunggal" inside a sentence; "SPBU" and "BTS" stay.
    return title[:1].lower() + title[1:] if title[1:2].islower() or title[1:2] == " " else title


def measure_value(measure: Measure, value: float | None) -> str | None:
    """'60%', '5 m at least': one value with its unit and direction; None where the plan does not state it."""
    if value is None:
        return None
    text = number(value)
    if measure.key == "floors_max":
        text = ngettext("%(num)s floor", "%(num)s floors", int(value)) % {"num": text}
    elif measure.key == "klb_max_ratio":
        text = gettext("%(number)s times the land area", number=text)
    elif measure.unit == "%":
        text = f"{text}%"
    elif measure.unit:
        text = f"{text}{_NO_BREAK}{measure.unit}"
    return gettext("at least %(value)s", value=text) if measure.minimum else gettext("at most %(value)s", value=text)


def intensity(rows: Sequence[Mapping[str, Any]]) -> list[IntensityGroup]:
    """The intensity table by kind of building: each quantity with its values and what decides between them.

    Road class and lot size are named only where the value depends on them, so that no case is lost and none repeated.
    """
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row.get("applies") or "", row.get("building_type") or ""), []).append(row)
    return [
        IntensityGroup(building_words(*key), tuple(MeasureRow(measure, _values(measure, held)) for measure in MEASURES))
        for key, held in groups.items()
    ]


def building_words(applies: str, building_type: str) -> str:
    """What a row of the table is about, in the plan's words; a building type that they name already is not repeated."""
    if building_type.lower() in applies.lower():
        return applies
    return f"{applies}, {building_type}" if applies else building_type


def _values(measure: Measure, rows: Sequence[Mapping[str, Any]]) -> tuple[MeasureValue, ...]:
    deciding = _deciding_dimensions(measure.key, rows)
    grouped: dict[float | None, list[Mapping[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(row.get(measure.key), []).append(row)
    alone = len(grouped) == 1
    return tuple(
        MeasureValue(measure_value(measure, value), "" if alone else _circumstances(deciding, held, rows))
        for value, held in grouped.items()
    )


def _deciding_dimensions(key: str, rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The fewest of road class and lot size that determine the value; both when nothing does."""
    for names in ((), ("lot",), ("road_class",)):
        seen: dict[tuple[Any, ...], float | None] = {}
        cases = ((tuple(_dimension(row, name) for name in names), row.get(key)) for row in rows)
        if all(seen.setdefault(case, value) == value for case, value in cases):
            return names
    return _DIMENSIONS


def _dimension(row: Mapping[str, Any], name: str) -> Any:
    return (row.get("lot_min_m2"), row.get("lot_max_m2")) if name == "lot" else row.get(name)


def _circumstances(
    deciding: tuple[str, ...], held: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
) -> str:
    """When a value holds, in words: "local road, lot up to 120 m²; any road, lot from 120 m²"."""
    if deciding == ("road_class",):
        return and_list([_road_words(road) for road in dict.fromkeys(row.get("road_class") for row in held)])
    if deciding == ("lot",):
        return "; ".join(_lots_words([_dimension(row, "lot") for row in held]))
    every_road, own_roads = _roads_by_lot(rows), _roads_by_lot(held)
    lots_of: dict[tuple[Any, ...], list[Lot]] = {}
    for lot, roads in own_roads.items():
        # A lot size for which the value holds on every road that the table knows needs no road named.
        lots_of.setdefault(() if roads == every_road[lot] else tuple(roads), []).append(lot)
    parts = []
    for roads, lots in lots_of.items():
        words = and_list([_road_words(road) for road in roads])
        parts += [f"{words}, {lot}" if words else lot for lot in _lots_words(lots)]
    return "; ".join(parts)


def _roads_by_lot(rows: Sequence[Mapping[str, Any]]) -> dict[Lot, list[Any]]:
    found: dict[Lot, list[Any]] = {}
    for row in rows:
        roads = found.setdefault(_dimension(row, "lot"), [])
        if row.get("road_class") not in roads:
            roads.append(row.get("road_class"))
    return found


def _road_words(road: str | None) -> str:
    return str(ROAD_CLASSES.get(road, road)) if road else gettext("any road")


def _lots_words(lots: Iterable[Lot]) -> list[str]:
    """Ranges of lot sizes in words, those that follow on each other as one."""
    merged: list[Lot] = []
    for smallest, largest in sorted(set(lots), key=lambda lot: (lot[0] or 0, lot[1] or float("inf"))):
        if merged and merged[-1][1] is not None and merged[-1][1] == smallest:
            merged[-1] = (merged[-1][0], largest)
        else:
            merged.append((smallest, largest))
    return [lot_words(*lot) for lot in merged]


def lot_words(smallest: float | None, largest: float | None) -> str:
    """A range of lot sizes, in m2, in words."""
    if smallest is None and largest is None:
        return gettext("any lot size")
    if smallest is None or smallest == 0:
        text = gettext("lot up to %(most)s m²", most=number(largest or 0))
    elif largest is None:
        text = gettext("lot from %(least)s m²", least=number(smallest))
    else:
        text = gettext("lot of %(least)s to %(most)s m²", least=number(smallest), most=number(largest))
    return text.replace(" m²", f"{_NO_BREAK}m²")


def overlays_by_state(overlays: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """The overlays in three lists, those that apply first; all are listed, also the unchecked."""
    listed = list(overlays)
    return {state: [item for item in listed if item["status"] == state] for state in OVERLAY_STATES}


def use_counts(uses: Mapping[str, int]) -> list[tuple[str, Any, int]]:
    """How many activities have each verdict: (verdict, its words, count)."""
    return [(verdict, words, uses.get(verdict, 0)) for verdict, words in VERDICTS.items()]


def kbli_words(activity: Mapping[str, Any]) -> str:
    """'KBLI 2020: 56102, 56103', or '' for an activity without a code."""
    codes = activity.get("kbli")
    if not codes:
        return ""
    edition = activity.get("kbli_edition") or activity.get("edition") or ""
    joined = codes if isinstance(codes, str) else ", ".join(codes)
    return pgettext("business classification and edition", "KBLI %(edition)s: %(codes)s") % {
        "edition": edition,
        "codes": joined.replace(";", ", "),
    }
