"""Read a position as people write it: decimal degrees, degrees and minutes, Indonesian letters, pasted map links.

Pure functions; lon/lat in degrees, EPSG:4326.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit


class Position(NamedTuple):
    """A position in degrees. ordered: the text itself said which number is the latitude."""

    lon: float
    lat: float
    ordered: bool


# Letters of the compass, in English and Indonesian: LU/LS lintang utara/selatan, BT/BB bujur timur/barat.
_SIGNS = {
    "n": ("lat", 1), "s": ("lat", -1), "e": ("lon", 1), "w": ("lon", -1),
    "lu": ("lat", 1), "ls": ("lat", -1), "bt": ("lon", 1), "bb": ("lon", -1),
    "u": ("lat", 1), "t": ("lon", 1), "b": ("lon", -1),
    # A label says which number it is and nothing about the side.
    "lat": ("lat", 1), "lon": ("lon", 1),
}  # fmt: skip
_LETTER = r"(?:lat|lon|lu|ls|bt|bb|[nsewutb])"
# Words that people write out, and the letters that stand for them.
_WORDS = (
    (r"lintang\s+utara", "LU"), (r"lintang\s+selatan", "LS"), (r"bujur\s+timur", "BT"), (r"bujur\s+barat", "BB"),
    (r"(?:latitude|lintang|lat)\b\s*[:=]?", "lat "), (r"(?:longitude|bujur|lng|long|lon)\b\s*[:=]?", "lon "),
    (r"koordinat\b\s*:?", " "),
)  # fmt: skip
# Degrees, minutes and seconds with nothing but blanks between them, as surveyors' tables give them.
_BLANK_DMS = re.compile(rf"(\d{{1,3}})\s+(\d{{1,2}})\s+(\d{{1,2}}(?:\.\d+)?)\s*({_LETTER})\b", re.IGNORECASE)
# Degrees and decimal minutes with a blank between them, as receivers show them; the letter before or after.
_BLANK_DM = re.compile(rf"(?<![\d.])(\d{{1,3}})\s+(\d{{1,2}}\.\d+)\s*({_LETTER})\b", re.IGNORECASE)
_LETTER_DM = re.compile(rf"\b({_LETTER})\s*(\d{{1,3}})\s+(\d{{1,2}}\.\d+)(?![\d.])(?!\s*['′’\"″”])", re.IGNORECASE)
_WKT = re.compile(r"point\s*\(\s*([+-]?\d+(?:\.\d+)?)\s+([+-]?\d+(?:\.\d+)?)\s*\)", re.IGNORECASE)
_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_ANGLE = re.compile(
    rf"(?P<before>\b{_LETTER}(?=[\s\d+-]))?\s*"
    rf"(?P<deg>{_NUMBER})\s*(?:°|º|d(?:eg)?\b|derajat)?\s*"
    rf"(?:(?P<min>\d+(?:\.\d+)?)\s*(?:'|′|’|m(?:enit)?\b)\s*)?"
    rf"(?:(?P<sec>\d+(?:\.\d+)?)\s*(?:\"|″|”|''|s(?:ec)?\b|detik)\s*)?"
    rf"(?P<after>\b{_LETTER}\b|{_LETTER}\b)?",
    re.IGNORECASE,
)
_PAIR = r"(-?\d+(?:\.\d+)?)\s*[,~][\s+]*(-?\d+(?:\.\d+)?)"
_LINK_PATTERNS = (
    re.compile(r"!3d(-?\d+(?:\.\d+)?)!4d(-?\d+(?:\.\d+)?)"),
    re.compile(rf"@{_PAIR}"),
    re.compile(r"#map=[\d.]+/(-?\d+(?:\.\d+)?)/(-?\d+(?:\.\d+)?)"),
    re.compile(rf"/(?:search|place|dir)/{_PAIR}"),
)
# What may stand around and between the two angles.
_BETWEEN = " \t\n,;/()[]"
_LINK_KEYS = (("lat", "lon"), ("lat", "lng"), ("mlat", "mlon"))
_PAIR_KEYS = ("q", "query", "ll", "center", "daddr", "cp", "destination")


def read_position(text: str) -> Position | None:
    """The position that the text states, or None where it states none.

    Two plain numbers are taken as latitude, longitude, the order of every map on a phone, with ``ordered`` False.
    """
    text = text.strip()
    if re.match(r"^(https?://|geo:)", text, re.IGNORECASE):
        return _from_link(text)
    # Well-known text puts the longitude first, always.
    point = _WKT.fullmatch(text)
    if point:
        return _valid(float(point[1]), float(point[2]), ordered=True)
    return _from_angles(text)


def is_short_link(text: str) -> bool:
    """A map link that hides its place behind a redirect, which cannot be followed here."""
    return (
        re.match(r"^https?://(maps\.app\.goo\.gl|goo\.gl/maps|g\.co/|bit\.ly/|osm\.org/go/)", text.strip()) is not None
    )


def _valid(lon: float, lat: float, *, ordered: bool) -> Position | None:
    return Position(lon, lat, ordered) if -180 <= lon <= 180 and -90 <= lat <= 90 else None


def _from_link(text: str) -> Position | None:
    text = unquote(text)
    if text.lower().startswith("geo:"):
        found = re.match(rf"geo:{_PAIR}", text, re.IGNORECASE)
        return _valid(float(found[2]), float(found[1]), ordered=True) if found else None
    parts = urlsplit(text)
    values = {key: items[0] for key, items in parse_qs(parts.query + "&" + parts.fragment).items()}
    for lat_key, lon_key in _LINK_KEYS:
        if lat_key in values and lon_key in values:
            try:
                return _valid(float(values[lon_key]), float(values[lat_key]), ordered=True)
            except ValueError:
                return None
    for pattern in _LINK_PATTERNS:
        found = pattern.search(text)
        if found:
            return _valid(float(found[2]), float(found[1]), ordered=True)
    for key in _PAIR_KEYS:
        found = re.match(rf"^(?:loc:)?\s*{_PAIR}", values.get(key, ""))
        if found:
            return _valid(float(found[2]), float(found[1]), ordered=True)
    return None


def _normalise(text: str) -> str:
    """Words become letters, and decimal commas points: ``0,1333 117,4761``, ``6,2 LS; 106,8 BT``, ``30,5"``."""
    text = text.replace("−", "-")
    for word, letters in _WORDS:
        text = re.sub(rf"\b{word}", letters, text, flags=re.IGNORECASE)
    # Two commas between digits and no point: each belongs to its number. One alone separates the numbers.
    if "." not in text and len(re.findall(r"\d,\d", text)) == 2:
        text = re.sub(r"(\d),(\d)", r"\1.\2", text)
    # In angles with a unit a comma between digits can only be a decimal comma.
    text = re.sub(r"(\d),(\d+)(?=\s*[°º'′’\"″”])", r"\1.\2", text)
    text = _BLANK_DMS.sub(r"""\1°\2'\3"\4""", text)
    # Letters stand on one side of their numbers throughout: "N 0 07.870 E 117 29.400" is not "07.870 E".
    if re.match(rf"\s*{_LETTER}(?=[\s\d])", text, re.IGNORECASE):
        return _LETTER_DM.sub(r"""\1 \2°\3'""", text)
    return _BLANK_DM.sub(r"""\1°\2'\3""", text)


def _from_angles(text: str) -> Position | None:
    text = _normalise(text)
    angles: list[tuple[float, str | None]] = []
    cursor = 0
    for found in _ANGLE.finditer(text):
        if text[cursor : found.start()].strip(_BETWEEN):
            return None
        angle = _angle(found)
        if angle is None:
            return None
        angles.append(angle)
        cursor = found.end()
    if text[cursor:].strip(_BETWEEN) or len(angles) != 2:
        return None
    (first, first_axis), (second, second_axis) = angles
    if first_axis is None and second_axis is None:
        # A pair of bare whole numbers is a house number or a phone number, not a position.
        if "." not in text and "°" not in text:
            return None
        return _valid(second, first, ordered=False) or _valid(first, second, ordered=False)
    if first_axis == second_axis:
        return None
    if first_axis == "lon" or second_axis == "lat":
        return _valid(first, second, ordered=True)
    return _valid(second, first, ordered=True)


def _angle(found: re.Match[str]) -> tuple[float, str | None] | None:
    """Signed degrees and the axis that its letter names."""
    minutes, seconds = float(found["min"] or 0), float(found["sec"] or 0)
    if minutes >= 60 or seconds >= 60:
        return None
    degrees = abs(float(found["deg"])) + minutes / 60 + seconds / 3600
    negative = found["deg"].startswith("-")
    letter = (found["before"] or found["after"] or "").lower()
    axis, sign = _SIGNS.get(letter, (None, 1))
    return (-degrees if negative else degrees) * sign, axis
