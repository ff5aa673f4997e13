"""Nothing outside data/ names the city that the platform was first made for: a city is a profile, not code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.config import REPOSITORY

FOLDERS = ("app", "gis", "migrations", "notebooks", "benchmarks")
# What was built, installed or translated by machine from what is checked here.
MADE = {"node_modules", "dist", "__pycache__"}
SUFFIXES = {
    ".py",
    ".html",
    ".js",
    ".mjs",
    ".scss",
    ".css",
    ".json",
    ".toml",
    ".po",
    ".mako",
    ".md",
    ".sql",
    ".txt",
    ".ipynb",
}
# The folder of the profile that is used when the operator names none.
DEFAULT_PROFILE = re.compile(r'REPOSITORY / "data" / "bontang"')


def files() -> list[Path]:
    found = []
    for folder in FOLDERS:
        for path in (REPOSITORY / folder).rglob("*"):
            if path.suffix in SUFFIXES and not MADE.intersection(path.parts):
                found.append(path)
    return found


def test_no_code_template_or_text_names_the_city() -> None:
    checked = files()
    assert len(checked) > 100
    naming = [
        f"{path.relative_to(REPOSITORY)}:{number}"
        for path in checked
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if "bontang" in DEFAULT_PROFILE.sub("", line).lower()
    ]
    assert naming == []


@pytest.mark.parametrize("words", ["Asia/Makassar", "WITA", "64.74", "117.48", "zone=50", "EPSG:32650"])
def test_no_code_holds_what_the_profile_says(words: str) -> None:
    """Time zone, area codes, places and CRS of one city; an example in a message or docstring may show a CRS."""
    code = [
        path for path in files() if path.suffix == ".py" and not path.is_relative_to(REPOSITORY / "gis" / "errors.py")
    ]
    naming = []
    for path in code:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if words in line and "for instance" not in line and "such as" not in line:
                naming.append(f"{path.relative_to(REPOSITORY)}:{number}: {line.strip()}")
    assert naming == []
