"""Babel extractor for the spatial library's messages, which stand in one table and not in gettext calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from gis.errors import TEXTS


def gis_texts(_file: IO[bytes], _keywords: Any, _tags: Any, options: Any) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield every template and hint of the table: (line, function, message, comments)."""
    for code, text in TEXTS.items():
        for message in text:
            if message:
                yield 1, "gettext", message, [code]
