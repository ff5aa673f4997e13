"""The generator's output, made once per test run."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def run_once(folder: Path, hash_seed: str) -> Path:
    """Run the generator as a program into a folder, unless another worker process of this test run has done so."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            part = folder.with_suffix(".part")
            command = [sys.executable, "-m", "data.bontang.generator", str(part)]
            environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
            subprocess.run(command, check=True, cwd=REPOSITORY, env=environment, timeout=600)
            part.rename(folder)
    return folder


@pytest.fixture(scope="session")
def sample_folder(shared_folder: Path) -> Path:
    """Folder with one run of the generator."""
    return run_once(shared_folder / "sample_city", "1")


@pytest.fixture(scope="session")
def second_run(shared_folder: Path) -> Path:
    """Folder with another run, in a process that hashes differently."""
    return run_once(shared_folder / "sample_city_again", "4711")
