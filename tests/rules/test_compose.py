"""The containers are started as the native service is: with settings and commands that exist, from files that are there."""

import fnmatch
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from sqlalchemy import text

from services.cli import app
from services.database import open_ledger
from services.settings import Settings
from tests.missing import missing
from tests.rules.project import OURS, ROOT

EXAMPLE = ROOT / "docker-compose.env.example"
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OF_OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("inforce:")}
LASTING = sorted(set(SERVICES) - {"migrate"})
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def written_names() -> set[str]:
    written = [(ROOT / "docker-compose.yml").read_text(encoding="utf-8"), DOCKERFILE, EXAMPLE.read_text("utf-8")]
    return set(re.findall(r"INFORCE_[A-Z_]+(?=[:=?}])", "\n".join(written)))


def test_every_setting_that_the_containers_are_given_exists() -> None:
    assert len(written_names()) > 5
    assert {name.removeprefix("INFORCE_").lower() for name in written_names()} <= set(Settings.model_fields)


def test_the_containers_settings_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    given = dict(line.split("=", 1) for line in EXAMPLE.read_text("utf-8").splitlines() if "=" in line[:30])
    for name, value in OF_OURS["projection"]["environment"].items():
        monkeypatch.setenv(name, re.sub(r"\$\{(\w+)[^}]*\}", lambda found: given[found[1]], value))
    settings = Settings()
    assert settings.links_url() == given["INFORCE_PUBLIC_URL"]
    assert settings.ledger_url().startswith("postgresql://inforce:replace-this")


@pytest.mark.parametrize("name", sorted(OF_OURS))
def test_every_command_that_a_container_runs_exists(name: str) -> None:
    group = typer.main.get_command(app())
    command, *arguments = OF_OURS[name]["command"]
    with group.make_context("inforce", [command, *arguments]) as context:
        found = group.get_command(context, command)  # type: ignore[attr-defined]
        assert found is not None, command
        found.make_context(command, arguments, parent=context)


def test_each_part_of_the_service_has_a_container() -> None:
    commands = {tuple(service["command"]) for service in OF_OURS.values()}
    serving, working = {("serve", "ingest"), ("serve", "projection")}, {("project",), ("publish",), ("clock",)}
    assert commands == {("migrate",), *serving, *working}


def test_what_a_container_has_to_keep_outlives_it() -> None:
    mounted = {name: [each.split(":") for each in service.get("volumes", [])] for name, service in SERVICES.items()}
    assert {volume for each in mounted.values() for volume, _ in each} == set(COMPOSE["volumes"])
    assert all(mounted[name] for name in ("postgres", "kafka"))
    kept = re.search(r"INFORCE_DATA_DIR=(\S+)", DOCKERFILE)
    assert kept
    assert [place for _, place in mounted["projection"]] == [kept[1]]


def test_the_first_start_is_told_with_containers_and_commands_that_exist() -> None:
    told = re.findall(r"^docker-compose run --rm (\S+)(.*?)(?:  +#|$)", OPERATING, re.MULTILINE)
    group = typer.main.get_command(app())
    for name, arguments in told:
        command, *rest = arguments.split() or OF_OURS[name]["command"]
        with group.make_context("inforce", [command, *rest]) as context:
            found = group.get_command(context, command)  # type: ignore[attr-defined]
            assert found is not None, command
            found.make_context(command, rest, parent=context)
    # The key belongs where it is kept, before the first checkpoint is due.
    assert ("projection", " key new") in told


@pytest.mark.parametrize("name", LASTING)
def test_a_container_that_lasts_says_whether_it_is_well_and_comes_back(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    assert "test" in service.get("healthcheck", {}) or (name in OF_OURS and "HEALTHCHECK" in DOCKERFILE)


def test_images_are_pinned_and_ports_lead_to_this_machine_alone() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    images = {service["image"] for service in SERVICES.values()} | set(bases)
    assert all(re.fullmatch(r"[a-z/]+:\d+\.\d+(\.\d+)?(-[a-z-]+)?", image) for image in images), images
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_image_carries_this_release() -> None:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert version
    assert {service["image"] for service in OF_OURS.values()} == {f"inforce:{version[1]}"}


def test_no_secret_is_written_down() -> None:
    given = dict(line.split("=", 1) for line in EXAMPLE.read_text("utf-8").splitlines() if "=" in line[:30])
    secret = {name: value for name, value in given.items() if "PASSWORD" in name or "KEY" in name}
    assert secret
    assert all(value.startswith("replace-this") for value in secret.values())
    assert ".env" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_image_is_built_from_files_that_are_there_and_not_left_out() -> None:
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    }
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {"pyproject.toml", "requirements.lock", "README.md", "LICENSE", *OURS} <= copied
    assert all((ROOT / source).exists() for source in copied)
    assert {source for source in copied if not any(fnmatch.fnmatch(f"!{source}", line) for line in kept)} == set()


def test_the_image_runs_as_nobody_in_particular_and_asks_what_every_server_answers() -> None:
    last = DOCKERFILE.split("FROM ")[-1]
    assert re.search(r"^USER 10001$", last, re.MULTILINE)
    assert "http://127.0.0.1:8000/readyz" in last


def test_the_builder_of_the_wheel_is_locked_by_its_hash() -> None:
    program = re.search(r"awk '(.+)' requirements-dev.lock", DOCKERFILE)
    assert program
    cut = ["awk", program[1], str(ROOT / "requirements-dev.lock")]
    lines = subprocess.run(cut, check=True, capture_output=True, text=True).stdout.splitlines()
    assert re.fullmatch(r"setuptools==[0-9.]+ \\", lines[0])
    assert lines[1:]
    assert all(line.startswith("    --hash=sha256:") for line in lines[1:])


def test_a_worker_is_well_until_what_it_does_stands_still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFORCE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    kind, check = SERVICES["projector"]["healthcheck"]["test"]
    asked = ["/bin/sh", "-c", check.replace("$$", "$")]
    assert kind == "CMD-SHELL"
    engine = open_ledger(Settings().ledger_url())
    assert subprocess.run(asked, capture_output=True).returncode == 0
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO checkpoint (generation, code, position, failed_at, failure) VALUES (1, 'sec', 1, 2, 'x')")
        )
    engine.dispose()
    assert subprocess.run(asked, capture_output=True).returncode == 1
    monkeypatch.setenv("INFORCE_DATABASE_URL", "postgresql://inforce@127.0.0.1:1/inforce")
    assert subprocess.run(asked, capture_output=True).returncode != 0


def test_docker_compose_reads_the_file() -> None:
    found = shutil.which("docker-compose")
    if found is None:
        missing("docker-compose is missing: nobody else reads docker-compose.yml; install Debian's package")
    command = [found, "--env-file", str(EXAMPLE), "-f", str(ROOT / "docker-compose.yml"), "config"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert set(yaml.safe_load(done.stdout)["services"]) == set(SERVICES)
