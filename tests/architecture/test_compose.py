"""compose.yaml: what can be checked without starting it."""

import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SOURCES = ("platform", "evaluators", "workers", "plugins", "docs")
Service = dict[str, Any]
# Read by compose itself, to build the addresses of the two services.
OF_COMPOSE = {"FARFIELD_DATABASE_PASSWORD", "FARFIELD_QUEUE_PASSWORD"}


@pytest.fixture(scope="module")
def text() -> str:
    return (ROOT / "compose.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def services(text: str) -> dict[str, Service]:
    found: dict[str, Service] = yaml.safe_load(text)["services"]
    return found


def evaluation_workers(services: dict[str, Service]) -> list[Service]:
    return [services["evaluation-worker"], services["evaluation-worker-gpu"]]


def test_the_evaluation_workers_know_no_database(services: dict[str, Service]) -> None:
    for worker in evaluation_workers(services):
        assert not [name for name in worker["environment"] if "DATABASE" in name or "SECRET" in name]
        assert "database" not in worker["networks"]
        assert not set(worker["networks"]) & set(services["database"]["networks"])
        assert "database" not in worker["depends_on"]


def test_nothing_holds_the_engine_and_only_evaluation_workers_have_capabilities(services: dict[str, Service]) -> None:
    assert [name for name, service in services.items() if "docker.sock" in str(service)] == []
    holders = {name for name, service in services.items() if service.get("cap_add") or service.get("privileged")}
    assert holders == {"evaluation-worker", "evaluation-worker-gpu"}
    assert all(service["cap_drop"] == ["ALL"] for name, service in services.items() if name in holders)


def test_only_the_web_is_published_and_only_to_this_host(services: dict[str, Service]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:8000:8000"]}


def test_networks_but_the_front_are_internal(text: str) -> None:
    networks = yaml.safe_load(text)["networks"]
    assert [name for name, options in networks.items() if not options.get("internal")] == ["front"]


def test_services_that_others_wait_for_have_a_health_check(services: dict[str, Service]) -> None:
    for service in services.values():
        for needed, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert services[needed]["healthcheck"]["test"][0] == "CMD"


def test_environment_names_are_read_by_the_code(text: str) -> None:
    read = {
        name
        for folder in SOURCES
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"\bFARFIELD_[A-Z_]+\b", path.read_text(encoding="utf-8"))
    }
    assert set(re.findall(r"\bFARFIELD_[A-Z_]+\b", text)) - OF_COMPOSE <= read


def test_no_secret_has_a_default_and_the_example_names_all(text: str) -> None:
    example = (ROOT / "site.env.example").read_text(encoding="utf-8")
    variables = dict(re.findall(r"\$\{(\w+)(:[-?][^}]*)?\}", text))
    assert set(variables) == set(re.findall(r"^(\w+)=", example, re.MULTILINE))
    for name, fallback in variables.items():
        if re.search("SECRET|TOKEN|PASSWORD", name):
            assert fallback.startswith(":?")


def test_modules_of_commands_exist(services: dict[str, Service]) -> None:
    for service in services.values():
        for word in service.get("command", ()):
            if re.fullmatch(r"farfield_\w+(\.\w+)+(:\w+)?", word):
                assert find_spec(word.split(":")[0]) is not None
    assert (ROOT / "manage.py").exists()


def test_the_queues_are_those_of_the_code(services: dict[str, Service]) -> None:
    queues = {s["command"][s["command"].index("-Q") + 1] for s in services.values() if "-Q" in s.get("command", ())}
    assert queues == {"site", "evaluate.cpu", "evaluate.gpu"}


def test_what_the_images_copy_exists(services: dict[str, Service]) -> None:
    files = {
        service["build"]["dockerfile"]: service["build"]["target"]
        for service in services.values()
        if "build" in service
    }
    for file in files:
        recipe = (ROOT / file).read_text(encoding="utf-8")
        for line in re.findall(r"^COPY (.+)$", recipe, re.MULTILINE):
            for source in line.split()[:-1]:
                assert (ROOT / source).exists(), source
    targets = {service["build"]["target"] for service in services.values() if "build" in service}
    assert targets == {"site", "worker"}


def test_docker_compose_accepts_it(tmp_path: Path) -> None:
    """Where there is the command; elsewhere the file has at least been parsed."""
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        return
    example = (ROOT / "site.env.example").read_text(encoding="utf-8")
    filled = tmp_path / "env"
    filled.write_text(re.sub(r"=$", "=x", example, flags=re.MULTILINE), encoding="utf-8")
    command = [docker, "compose", "--env-file", str(filled), "--profile", "gpu", "config", "--quiet"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0
