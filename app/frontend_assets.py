"""The built front end: which hashed file a template's name stands for, and how the files are sent.

``npm run build`` in ``app/frontend`` writes ``app/static/dist`` with ``meta.json``. Files carry a hash of their content
in their name, so a browser may keep them for ever; copies made at build time are sent to whoever takes brotli or gzip.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, abort, current_app, request, send_from_directory, url_for

FOLDER = Path(__file__).resolve().parent / "static" / "dist"
_FOR_EVER = 31_536_000
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))


class FrontendNotBuilt(RuntimeError):
    """``app/static/dist`` is missing or older than the templates; the message says how to build it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"'{name}' is not built: run 'npm ci --ignore-scripts && npm run build' in app/frontend")


def manifest(folder: Path = FOLDER) -> dict[str, str]:
    """Names that templates use and the built files they stand for; empty before the first build."""
    path = folder / "meta.json"
    if not path.exists():
        return {}
    names: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return names


def is_built() -> bool:
    """Whether every file that the pages ask for exists."""
    names = manifest()
    return bool(names) and all((FOLDER / name).exists() for name in names.values())


def asset(name: str) -> str:
    """The address of a built file, e.g. ``asset('map.js')``.

    Raises FrontendNotBuilt when the build knows no such name.
    """
    names = current_app.extensions["frontend_assets"]
    if name not in names or current_app.debug:
        # A rebuild while the server runs: read again before giving up.
        names.update(manifest())
    if name not in names:
        raise FrontendNotBuilt(name)
    return url_for("built_file", name=names[name])


def address_with(**changes: Any) -> str:
    """The present page's address with some query parameters changed; None removes one."""
    query = {**request.args.to_dict(), **changes}
    kept = {key: value for key, value in query.items() if value is not None}
    return f"{request.path}?{urlencode(kept)}" if kept else request.path


def _built_file(name: str) -> Response:
    """A file of the build, in the smallest form that the browser takes."""
    if name not in set(current_app.extensions["frontend_assets"].values()) and not (FOLDER / name).is_file():
        abort(404)
    for encoding, suffix in _ENCODINGS:
        if encoding in request.accept_encodings and (FOLDER / f"{name}{suffix}").is_file():
            response = send_from_directory(FOLDER, f"{name}{suffix}", mimetype=_mime_type(name))
            response.headers["Content-Encoding"] = encoding
            break
    else:
        response = send_from_directory(FOLDER, name)
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = f"public, max-age={_FOR_EVER}, immutable"
    return response


def _mime_type(name: str) -> str:
    return {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}.get(
        Path(name).suffix, "application/octet-stream"
    )


def init_app(app: Flask) -> None:
    """Serve the build and give templates ``asset`` and ``address_with``."""
    app.extensions["frontend_assets"] = manifest()
    # Before Flask's own /static/<path:filename>, which would neither compress nor allow keeping for ever.
    app.add_url_rule("/static/dist/<name>", "built_file", _built_file)
    app.jinja_env.globals.update(asset=asset, address_with=address_with)
