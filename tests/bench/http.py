"""What is measured over HTTP: rates in interleaved rounds, tiles cold and by size, search."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.bench import load
from tests.bench.load import Round
from tests.bench.servers import Server

Rounds = dict[str, list[Round]]
Tile = tuple[int, int, int]
_WORDS = ("warung", "bengkel", "kos", "laundry", "rumah makan", "sarang walet", "bengkl", "47112", "toko", "salon")
_PLACES = ("guntung", "lok tuan", "jalan", "masjid", "bontang kuala", "tanjung laut", "rt 12", "berbas", "pasar")


@dataclass(frozen=True)
class Subject:
    """Something to ask a server for, again and again."""

    name: str
    port: int
    requests: Iterator[bytes]


def cards(points: Iterator[list[float]], *, compressed: bool) -> Iterator[bytes]:
    """Requests for the card of each point; none is used twice."""
    encoding = load.COMPRESSED if compressed else load.PLAIN
    return (load.get(f"/api/v1/zoning?lon={lon:.7f}&lat={lat:.7f}", encoding) for lon, lat in points)


def interleave(subjects: list[Subject], *, rounds: int, seconds: float) -> Rounds:
    """Rounds of load, one subject after another, so that what the machine does besides weighs on all alike.

    Raises RuntimeError when an answer has another status than 200: what is refused quickly proves nothing.
    """
    measured: Rounds = {subject.name: [] for subject in subjects}
    for number in range(rounds + 1):
        for subject in subjects:
            done = load.fire(subject.port, subject.requests, seconds=seconds)
            if set(done.statuses) != {200}:
                raise RuntimeError(f"{subject.name}: answers by status {done.statuses}")
            # The first round fills caches, and is not counted.
            if number:
                measured[subject.name].append(done)
    return measured


def ratio(rounds: Rounds, name: str, to: str) -> float:
    """The median, over rounds, of one rate in units of the other's in the same round."""
    pairs = zip(rounds[name], rounds[to], strict=True)
    return statistics.median(one.per_second / other.per_second for one, other in pairs)


def median(rounds: list[Round], value: Callable[[Round], float]) -> float:
    """The median of a figure over rounds."""
    return statistics.median(map(value, rounds))


def busiest_tiles(points: list[list[float]], zooms: tuple[int, ...]) -> dict[int, Tile]:
    """Per zoom the tile in which most of the points lie. points: one per zone, lon/lat."""
    found = {}
    for zoom in zooms:
        counted: dict[Tile, int] = {}
        for lon, lat in points:
            tile = tile_of(lon, lat, zoom)
            counted[tile] = counted.get(tile, 0) + 1
        found[zoom] = max(counted, key=lambda tile: (counted[tile], tile))
    return found


def tile_of(lon: float, lat: float, zoom: int) -> Tile:
    """The web map's tile (z, x, y) that holds a point."""
    size = 2**zoom
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return zoom, int((lon + 180) / 360 * size), int(y * size)


def tile_path(layer: str, version_id: int, tile: Tile) -> str:
    """The address of a tile."""
    return f"/api/v1/tiles/{layer}/{version_id}/{'/'.join(map(str, tile))}.mvt"


def first_ms(server: Server, path: str) -> tuple[float, int]:
    """Milliseconds of the first answer for an address (nothing cached), and the bytes sent."""
    status, seconds, answer = load.fetch(server.port, load.get(path))
    if status not in (200, 204):
        raise RuntimeError(f"{path}: status {status}")
    return seconds * 1000, len(answer) - answer.find(b"\r\n\r\n") - 4


def median_ms(server: Server, path: str, words: tuple[str, ...]) -> float:
    """Median milliseconds of one request at a time, for words asked in turn. path ends in the parameter's name and =."""
    requests = [load.get(path + word.replace(" ", "%20")) for word in words]
    done = load.fire(server.port, iter(list(itertools.chain.from_iterable([requests] * 10))), connections=1)
    return done.percentile_ms(50)


def activities_ms(server: Server) -> float:
    """Median of the search for activities."""
    return median_ms(server, "/api/v1/activities?q=", _WORDS)


def search_ms(server: Server) -> float:
    """Median of the search for places."""
    return median_ms(server, "/api/v1/search?q=", _PLACES)
