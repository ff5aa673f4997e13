"""Answers are sent compressed to whoever takes it: a phone on a slow line waits for every kilobyte."""

from __future__ import annotations

from flask import Response
from flask_compress import Compress

# Bytes below which the headers weigh more than what is saved; also what Flask-Compress itself takes.
_SMALLEST = 500


class Compression(Compress):
    """Flask-Compress, which looks at an answer only where compressing it may be worth anything."""

    def after_request(self, response: Response) -> Response:
        """Compress the body, or leave the answer as it is where it is short or compressed already (a tile)."""
        length = response.content_length
        # A file is sent as it lies there: Flask-Compress would read it and leave it open, and the build's files have
        # compressed copies beside them.
        if (length is not None and length < _SMALLEST) or response.content_encoding or response.direct_passthrough:
            return response
        compressed: Response = super().after_request(response)
        return compressed
