"""Vector tiles from PostGIS, kept compressed in memory. Their address carries the version, so they never go stale."""

from __future__ import annotations

import gzip
import threading

from cachetools import LRUCache
from flask_babel import gettext

from app.errors import NotFound
from app.places import service as places
from app.plans import service as plans
from app.runtime import Runtime, runtime

ZONE_LAYERS = ("zones", "zone_labels")
MAX_ZOOM = 20
_LARGEST_VERSION = 2**31 - 1  # PostgreSQL's integer
Key = tuple[str, int, int, int, int]


class TileCache:
    """Compressed tiles of this process, the least recently used dropped beyond a number of bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._tiles: LRUCache[Key, bytes] = LRUCache(max_bytes, getsizeof=lambda tile: len(tile) + 200)
        self._lock = threading.Lock()

    def get(self, key: Key) -> bytes | None:
        """The tile, or None where it is not kept."""
        with self._lock:
            return self._tiles.get(key)

    def clear(self) -> None:
        """Keep nothing any more."""
        with self._lock:
            self._tiles.clear()

    def put(self, key: Key, tile: bytes) -> None:
        """Keep a tile, unless it alone is larger than the whole cache."""
        with self._lock:
            if len(tile) + 200 <= self._tiles.maxsize:
                self._tiles[key] = tile


def tile(layer: str, version: int, z: int, x: int, y: int) -> bytes:
    """The gzip-compressed tile; empty bytes where nothing lies in it. Raises NotFound for what cannot exist."""
    key = (layer, version, z, x, y)
    cache = tile_cache(runtime())
    found = cache.get(key)
    if found is not None:
        return found
    if layer not in (*ZONE_LAYERS, *places.TILE_LAYERS):
        raise NotFound(gettext("There is no tile layer %(layer)s.", layer=layer), field="layer")
    if z > MAX_ZOOM or x >= 2**z or y >= 2**z:
        raise NotFound(gettext("There is no tile %(z)s/%(x)s/%(y)s.", z=z, x=x, y=y))
    if version > _LARGEST_VERSION:
        raise NotFound(gettext("There is no published version with the number %(id)s.", id=version))
    read = plans.zone_tile if layer in ZONE_LAYERS else places.place_tile
    plain = read(layer, version, z, x, y)
    # Level 5: a tile is compressed once and sent many times, and a cold one must not keep anybody waiting.
    found = gzip.compress(plain, 5, mtime=0) if plain else b""
    cache.put(key, found)
    return found


def tile_cache(of: Runtime) -> TileCache:
    """The tiles that the process of this application keeps."""
    if "tiles" not in of.caches:
        of.caches.setdefault("tiles", TileCache(of.settings.tile_cache_bytes))
    cache: TileCache = of.caches["tiles"]
    return cache
