"""The pages on failure codes, settings and threats say what the code says."""

import re
from pathlib import Path

import pytest
from tests.docs.test_documents import ROOT, VARIABLE

from farfield_web.runs import failures
from farfield_workers.packages.settings import BuildSettings
from farfield_workers.sandbox import bubblewrap, docker
from farfield_workers.sandbox.base import GIB, MIB, Limits

CODES, GUIDE, THREATS, HARDENING = (
    (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    for name in ("failure-codes", "operator-guide", "threat-model", "hardening")
)
ATTACKS = (ROOT / "tests" / "sandbox" / "test_attacks.py").read_text(encoding="utf-8")
LABEL_ATTACKS = (ROOT / "tests" / "sandbox" / "test_label_attacks.py").read_text(encoding="utf-8")
MENTIONED = re.compile(r"`((?:tests|workers|platform|plugins)/[\w./-]+)`")


def codes_in_sources() -> set[str]:
    """The codes that runs can end with, as the worker, the runner and the scoring write them."""
    places = ("workers/farfield_workers", "plugins/sdk/farfield", "evaluators/farfield_evaluators")
    texts = [path.read_text(encoding="utf-8") for place in places for path in (ROOT / place).rglob("*.py")]
    families = r'"((?:plugin|predictions|resources|platform)\.(?!npy")[a-z_]+|data\.(?:pack|unreadable_image))"'
    return {code for text in texts for code in re.findall(families, text)}


def test_the_page_lists_the_codes_of_the_site_and_of_the_workers_and_no_others() -> None:
    listed = re.findall(r"^\| `([a-z]+\.[a-z_]+)` \|", CODES, re.MULTILINE)
    assert sorted(listed) == sorted({*failures.SENTENCES, *codes_in_sources()})


def test_what_costs_no_quota_stands_under_its_heading() -> None:
    section = CODES.partition("## Refused before it ran")[2].partition("\n## ")[0]
    listed = set(re.findall(r"^\| `((?:plugin|resources)\.\w+)`", section, re.MULTILINE))
    assert listed - {"plugin.unknown_name"} == failures.INTAKE


def settings_files() -> list[Path]:
    return [*(ROOT / "workers" / "farfield_workers").rglob("*.py"), ROOT / "platform" / "farfield_web" / "settings.py"]


@pytest.mark.parametrize("path", settings_files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_variable_that_is_read_is_in_the_operator_guide(path: Path) -> None:
    table = set(VARIABLE.findall(GUIDE.partition("## Settings")[2].partition("\n## ")[0]))
    assert set(VARIABLE.findall(path.read_text(encoding="utf-8"))) - table == set()


def test_every_attack_of_the_suite_is_in_the_threat_model() -> None:
    attacks = set(re.findall(r'^    \("([a-z-]+)", \{', ATTACKS, re.MULTILINE))
    attacks |= set(re.findall(r'^    "([a-z-]+)": "', LABEL_ATTACKS, re.MULTILINE))
    hostile = THREATS.partition("## Somebody who submits a hostile method")[2].partition("\n### ")[0]
    shown_by = [line.rpartition(" | ")[2] for line in hostile.splitlines() if line.startswith("| ")]
    named = {name for cell in shown_by for name in re.findall(r"`([a-z-]+)`", cell)}
    assert named == attacks


@pytest.mark.parametrize("page", [THREATS, HARDENING, GUIDE, CODES], ids=["threats", "hardening", "guide", "codes"])
def test_files_that_are_named_exist(page: str) -> None:
    assert [name for name in MENTIONED.findall(page) if not (ROOT / name).exists()] == []


def test_the_numbers_of_the_hardening_page() -> None:
    last = bubblewrap.FIRST_USER + bubblewrap.USERS - 1
    assert f"{bubblewrap.FIRST_USER} to {last}" in HARDENING
    assert f"nobody ({bubblewrap.NOBODY})" in HARDENING
    assert f"root worker: {docker.USER}" in HARDENING


def test_the_limits_that_authors_are_told() -> None:
    limits, building = Limits(memory_bytes=GIB, seconds=1), BuildSettings()
    assert (limits.tmp_bytes, limits.shared_bytes) == (GIB, GIB)
    assert (limits.output_bytes, limits.log_bytes) == (2 * GIB, 4 * MIB)
    assert (limits.output_files, limits.processes, limits.open_files) == (20_000, 512, 1024)
    assert (building.seconds, building.memory_bytes, building.output_bytes) == (600, 4 * GIB, 16 * GIB)
