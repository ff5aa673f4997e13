"""``ruang doctor``, ``ruang config``, ``ruang cluster``: what they say, and with which exit status."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.config import REPOSITORY, Settings, get_settings
from app.operations import doctor
from app.operations.bootstrap import bootstrap, drop_database, with_database, with_role
from app.operations.cli import commands, variable_of
from app.operations.cluster import Cluster, ClusterError, temporary_cluster
from app.operations.doctor import Finding, examine
from app.operations.inspection import has_plans, inspect_database, is_empty, migrations_at_head, version_of

COMMANDS = {command.name: command for command in commands}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with temporary_cluster() as made:
        bootstrap(made.admin_url)
        yield made


@pytest.fixture
def settings(cluster: Cluster, tmp_path: Path) -> Settings:
    return Settings(var=tmp_path, database_url=cluster.app_url, owner_database_url=cluster.owner_url)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    get_settings.cache_clear()
    yield monkeypatch
    get_settings.cache_clear()


def finding(findings: list[Finding], name: str) -> Finding:
    return next(found for found in findings if found.name == name)


def test_an_empty_database_lacks_its_migrations_and_plans(settings: Settings) -> None:
    findings = examine(settings)
    assert finding(findings, "PostGIS").fine
    assert finding(findings, "extensions").fine
    assert finding(findings, "roles").fine
    assert not finding(findings, "plans").fine
    assert not has_plans(settings)
    assert is_empty(settings)


def test_migrations_are_at_head_only_when_the_newest_has_run(settings: Settings) -> None:
    assert not migrations_at_head(settings)
    assert not finding(examine(settings), "migrations").fine


def test_a_database_without_postgis_is_named_with_the_next_step(cluster: Cluster, tmp_path: Path) -> None:
    settings = Settings(var=tmp_path, database_url=cluster.admin_url)  # the database "postgres" has no extension
    found = finding(examine(settings), "PostGIS")
    assert not found.fine
    assert found.needed
    assert "ruang cluster bootstrap" in found.step
    assert "postgis" in inspect_database(settings).missing_extensions


def test_one_role_for_everything_is_a_note_and_not_a_fault(cluster: Cluster, tmp_path: Path) -> None:
    found = finding(examine(Settings(var=tmp_path, database_url=cluster.owner_url)), "roles")
    assert not found.fine
    assert not found.needed


def test_a_database_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path, database_url="postgresql://nobody@127.0.0.1:1/nothing")
    found = finding(examine(settings), "database")
    assert not found.fine
    assert found.needed


def test_a_machine_without_postgis_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_installed() -> Path:
        raise ClusterError("PostgreSQL with PostGIS is missing: sudo apt-get install postgresql-postgis")

    monkeypatch.setattr(doctor, "server_programs", none_installed)
    found = finding(examine(Settings(var=tmp_path)), "PostgreSQL with PostGIS")
    assert not found.fine
    assert "apt-get install" in found.step


def test_exit_status_is_1_when_something_needed_is_missing(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    result = CliRunner().invoke(COMMANDS["doctor"])
    assert result.exit_code == 1
    assert re.search(r"MISSING database .*\n\s+-> check DATABASE_URL", result.output)


def test_config_masks_secrets(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DATABASE_URL", "postgresql://somebody:pass-phrase@host/name")
    environment.setenv("RUANG_SECRET_KEY", "key-phrase")
    for options in ([], ["--json"]):
        result = CliRunner().invoke(COMMANDS["config"], options)
        assert result.exit_code == 0
        assert "phrase" not in result.output
    rows = {row["variable"]: row["value"] for row in json.loads(result.output)}
    assert rows["DATABASE_URL"] == "(hidden)"
    assert rows["RUANG_PORT"] == "8000"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_described_and_in_the_readme(name: str) -> None:
    assert Settings.model_fields[name].description
    readme = (REPOSITORY / "README.md").read_text()
    assert re.search(rf"(?<![A-Z_]){variable_of(name)}(?![A-Z_])", readme), f"{variable_of(name)} is not in README.md"


def test_secret_settings_are_all_masked() -> None:
    typed = {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
    assert typed == Settings().secrets


def test_there_is_no_private_cluster_beside_database_url(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    for command in ("start", "stop", "status"):
        result = CliRunner().invoke(COMMANDS["cluster"], [command])
        assert result.exit_code == 1
        assert "DATABASE_URL is set" in result.output


def test_bootstrap_prepares_another_server(cluster: Cluster) -> None:
    arguments = ["bootstrap", cluster.admin_url, "--database", "elsewhere", "--role-password", "a'b"]
    try:
        for _ in range(2):
            result = CliRunner().invoke(COMMANDS["cluster"], arguments)
            assert result.exit_code == 0, result.output
        url = with_database(with_role(cluster.admin_url, "ruang_app"), "elsewhere")
        assert inspect_database(Settings(database_url=url)).missing_extensions == ()
    finally:
        drop_database(cluster.admin_url, "elsewhere")


@pytest.mark.parametrize(("text", "numbers"), [("3.3.2", (3, 3)), ("3.10.1dev", (3, 10)), ("unknown", (0, 0))])
def test_versions_compare_as_numbers(text: str, numbers: tuple[int, int]) -> None:
    assert version_of(text) == numbers
