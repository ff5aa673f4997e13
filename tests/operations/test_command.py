"""The ``ruang`` command as a program of its own: a mistake ends with one clear message, not with a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.config import REPOSITORY


def ruang(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run ``ruang`` with nothing but these variables of ours set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RUANG_", "DATABASE_URL"))}
    command = [sys.executable, "-m", "app.operations.command", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, env=kept | env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [("plans", "list"), ("sample", "load"), ("plans", "discard", "rdtr", "1")])
def test_a_database_that_does_not_answer(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = ruang(*arguments, RUANG_VAR=str(tmp_path), DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    said, hint = done.stderr.splitlines()
    assert said.startswith("ruang: the database does not answer")
    assert "127.0.0.1" in said
    assert "ruang doctor" in hint
