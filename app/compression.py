"""Answers are sent compressed to whoever takes it: a phone on a slow line waits for every kilobyte.

Done here and not with Flask-Compress, which spent three times as long around the compressor as in it, on every zoning
card. Files are left alone: the build's have compressed copies beside them, and tiles come compressed.
"""

from __future__ import annotations

import functools
import struct
import sys
import threading
import zlib

from flask import Flask, Response, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# Bytes below which the headers weigh more than what is saved.
_SMALLEST = 500
_TYPES = frozenset(
    {
        "application/json", "application/geo+json", "application/problem+json", "image/svg+xml", "text/css",
        "text/csv", "text/html", "text/javascript", "text/plain",
    }
)  # fmt: skip
# Best first: at these levels zstd takes half the time of gzip, for a little less data.
_ZSTD_LEVEL = 3
_GZIP_LEVEL = 5
_GZIP_WINDOW = 31  # zlib writes a gzip header and trailer for 16 + 15
# RFC 1952: no name, no time, any system; RFC 1951: an empty last block.
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LAST_BLOCK = b"\x03\x00"
_kept = threading.local()


def init_app(app: Flask) -> None:
    """Compress what is worth it, on the way out."""
    app.after_request(compress)


def compress(response: Response) -> Response:
    """The answer with its body compressed, where it is of a kind, and long enough, to be worth it."""
    body = response.response
    if response.direct_passthrough or not isinstance(body, list) or sum(map(len, body)) < _SMALLEST:
        return response
    present = {name.lower(): value for name, value in response.headers}
    kind = present.get("content-type", "").partition(";")[0]
    # What carries an entity tag is compared byte by byte: it stays as it was tagged.
    if kind not in _TYPES or "content-encoding" in present or "etag" in present:
        return response
    if "vary" in present:
        response.vary.add("Accept-Encoding")
    else:
        response.headers.add("Vary", "Accept-Encoding")
    smaller, encoding = encode(response.get_data(), request.environ.get("HTTP_ACCEPT_ENCODING", ""))
    if encoding is not None:
        response.set_data(smaller)
        response.headers.add("Content-Encoding", encoding)
    return response


def encode(body: bytes, accepted: str) -> tuple[bytes, str | None]:
    """A body for whoever sent this Accept-Encoding header, and the name of its encoding; None where it stays as it is."""
    encoding = _encoding(accepted)
    if encoding is None:
        return body, None
    return (_zstd(body) if encoding == "zstd" else _gzip(body)), encoding


class Pieces:
    """Parts of bodies that are sent again and again, deflated once; bodies are put together from them as gzip.

    A gzip stream is a row of blocks (RFC 1951): those of a kept part stand for themselves, and what is new in a body is
    stored between them as it is. Compressing a whole body for each answer also hands the interpreter to another thread,
    which costs more than the compressing.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._deflated: dict[bytes, bytes] = {}

    def gzip(self, parts: list[tuple[bytes, bool]]) -> bytes:
        """One body. parts: its pieces in order, each with whether it will come again."""
        blocks = [self._kept(part) if comes_again else _stored(part) for part, comes_again in parts]
        body = b"".join([part for part, _ in parts])
        return b"".join([_GZIP_HEAD, *blocks, _LAST_BLOCK, struct.pack("<LL", zlib.crc32(body), len(body))])

    def _kept(self, part: bytes) -> bytes:
        found = self._deflated.get(part)
        if found is None:
            stream = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
            # Flushed to a whole byte, so that any block may follow.
            found = stream.compress(part) + stream.flush(zlib.Z_SYNC_FLUSH)
            if len(self._deflated) < self._most:
                self._deflated[part] = found
        return found


def _stored(part: bytes) -> bytes:
    """A block that is not compressed; parts are far shorter than the 65,535 bytes that fit into one."""
    return struct.pack("<BHH", 0, len(part), len(part) ^ 0xFFFF) + part


@functools.lru_cache(maxsize=256)
def takes_gzip(accepted: str) -> bool:
    """Whether who sent this Accept-Encoding header takes gzip."""
    return bool(parse_accept_header(accepted, Accept)["gzip"] > 0)


@functools.lru_cache(maxsize=256)
def _encoding(accepted: str) -> str | None:
    """The encoding to use for an Accept-Encoding header, or None; a handful of headers make up nearly all requests."""
    accept = parse_accept_header(accepted, Accept)
    return next((name for name in ("zstd", "gzip") if accept[name] > 0), None)


def _zstd(body: bytes) -> bytes:
    # One per thread, used again and again: a new one clears a megabyte of tables first.
    compressor: zstd.ZstdCompressor | None = getattr(_kept, "compressor", None)
    if compressor is None:
        compressor = _kept.compressor = zstd.ZstdCompressor(level=_ZSTD_LEVEL)
    return compressor.compress(body, zstd.ZstdCompressor.FLUSH_FRAME)


def _gzip(body: bytes) -> bytes:
    return zlib.compress(body, _GZIP_LEVEL, _GZIP_WINDOW)
