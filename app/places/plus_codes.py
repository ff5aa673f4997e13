"""Read a plus code (Open Location Code), the short address that phone maps give to places without one.

A code names a cell of a grid in degrees, EPSG:4326; the position is the middle of the cell. Full codes ("6P654FJR+9W")
stand alone; short ones ("4FJR+9W" with the name of a town) leave out the first digits and mean the nearest such cell to
a place that is known from elsewhere. Source: the published specification, version 1.0 (Apache-2.0).
"""

from __future__ import annotations

import re

_DIGITS = "23456789CFGHJMPQRVWX"
_SEPARATOR_AT = 8
_PAIR_STEPS = (20.0, 1.0, 1 / 20, 1 / 400, 1 / 8000)
# After five pairs each digit divides the cell into 5 rows and 4 columns.
_ROWS, _COLUMNS = 5, 4
_CODE = re.compile(
    rf"(?<!\S)([{_DIGITS}]{{4}}|[{_DIGITS}]{{6}}|[{_DIGITS}]{{8}})\+([{_DIGITS}]{{2,7}})\b", re.IGNORECASE
)


def read_plus_code(text: str, *, near: tuple[float, float]) -> tuple[float, float] | None:
    """Lon and lat of the plus code in a text, in degrees; None where there is none or it is no place.

    near: lon, lat. A short code means the cell nearest to it.
    """
    found = _CODE.search(text)
    if found is None:
        return None
    stated = found[1].upper()
    missing = _SEPARATOR_AT - len(stated)
    digits = _prefix(near, missing) + stated + found[2].upper()
    lon, lat = _middle(digits)
    if missing:
        # The nearest cell of that name may lie in the neighbouring block.
        block = _PAIR_STEPS[missing // 2 - 1]
        lon = _nearest(lon, near[0], block)
        lat = _nearest(lat, near[1], block)
    return (lon, lat) if abs(lat) <= 90 and abs(lon) <= 180 else None


def _prefix(near: tuple[float, float], length: int) -> str:
    """The first digits of the code of a position."""
    lon, lat = near[0] + 180, near[1] + 90
    digits = ""
    for step in _PAIR_STEPS[: length // 2]:
        row, column = int(lat // step), int(lon // step)
        digits += _DIGITS[row] + _DIGITS[column]
        lat, lon = lat - row * step, lon - column * step
    return digits


def _middle(digits: str) -> tuple[float, float]:
    south, west, height, width = -90.0, -180.0, 0.0, 0.0
    for pair, step in zip(re.findall("..", digits[:10]), _PAIR_STEPS, strict=False):
        south += _DIGITS.index(pair[0]) * step
        west += _DIGITS.index(pair[1]) * step
        height = width = step
    for digit in digits[10:]:
        height, width = height / _ROWS, width / _COLUMNS
        row, column = divmod(_DIGITS.index(digit), _COLUMNS)
        south, west = south + row * height, west + column * width
    return west + width / 2, south + height / 2


def _nearest(value: float, near: float, block: float) -> float:
    return min((value - block, value, value + block), key=lambda candidate: abs(candidate - near))
