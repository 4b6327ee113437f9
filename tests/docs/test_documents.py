"""Every code block and link of the documents is true: executed, parsed, or the specimen's own code."""

import argparse
import csv
import importlib.util
import json
import os
import re
import shlex
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from farfield.cli import build_parser
from farfield_evaluators.catalog import benchmarks
from farfield_evaluators.plans.trials import Trials

ROOT = Path(__file__).parents[2]
SPECIMEN = ROOT / "tests" / "plugins" / "farfield_specimen"
SUITE = ROOT / "tests" / "plugins" / "farfield_specimen_suite"
DOCUMENTS = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md"), ROOT / "plugins" / "sdk" / "README.md"])
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
VARIABLE = re.compile(r"\bFARFIELD_[A-Z_]+\b")
# Programs that come with the system, or are only described; the others must be ours.
ELSEWHERE = {
    "cd",
    "clip_benchmark_export_wds",
    "curl",
    "docker",
    "git",
    "pg_dump",
    "pg_restore",
    "pip",
    "pytest",
    "uv",
    ".",
    "source",
}
# Executed by test_predictions_page.py, which exports the images that it needs.
ON_AN_EXPORT = {"docs/predictions.md"}
# Executed by test_client_page.py and test_api_page.py, on a site.
ON_A_SITE = {"docs/client.md", "docs/api/http.md"}


@dataclass(frozen=True, kw_only=True)
class Block:
    """One fenced block, with where it stands."""

    document: str
    number: int
    language: str
    text: str


def blocks(*languages: str) -> list[Block]:
    found = []
    for path in DOCUMENTS:
        for number, match in enumerate(FENCE.finditer(path.read_text(encoding="utf-8"))):
            if match.group(1) in languages:
                name = str(path.relative_to(ROOT))
                found.append(Block(document=name, number=number, language=match.group(1), text=match.group(2)))
    return found


def named(block: Block) -> str:
    return f"{block.document}:{block.number}"


def commands() -> list[tuple[str, str]]:
    found = []
    for block in blocks("console", "bash", "sh", "shell"):
        for line in block.text.splitlines():
            if block.language == "console" and not line.startswith("$ "):
                continue
            command = line.removeprefix("$ ").partition(" #")[0].strip()
            if command and not command.startswith("#"):
                found.append((named(block), command))
    return found


@cache
def specimen_sources() -> tuple[str, ...]:
    files = [file for specimen in (SPECIMEN, SUITE) for file in specimen.rglob("*")]
    return tuple(p.read_text(encoding="utf-8") for p in files if p.suffix in {".py", ".toml"})


def is_specimens(text: str) -> bool:
    return any(text.strip() in source for source in specimen_sources())


def test_every_block_says_what_it_is() -> None:
    known = {"python", "toml", "json", "console", "bash", "sh", "shell", "text", "yaml", "mermaid"}
    unknown = [
        f"{path.relative_to(ROOT)}: {match.group(1) or 'no language'}"
        for path in DOCUMENTS
        for match in FENCE.finditer(path.read_text(encoding="utf-8"))
        if match.group(1) not in known
    ]
    assert unknown == []


@pytest.mark.parametrize("block", blocks("python"), ids=named)
def test_python_is_the_specimens_or_runs(block: Block) -> None:
    if not is_specimens(block.text) and block.document not in ON_AN_EXPORT | ON_A_SITE:
        exec(compile(block.text, named(block), "exec"), {"__name__": "documented"})


@pytest.mark.parametrize("block", blocks("toml"), ids=named)
def test_toml_parses(block: Block) -> None:
    tomllib.loads(block.text)


@pytest.mark.parametrize("block", blocks("json"), ids=named)
def test_json_parses(block: Block) -> None:
    json.loads(block.text)


def test_the_guide_holds_the_whole_specimen() -> None:
    guide = (ROOT / "docs" / "plugin-guide.md").read_text(encoding="utf-8")
    modules = ["farfield_specimen/histogram.py", "farfield_specimen/detector.py", "farfield_specimen/plugin.py"]
    for name in [*modules, "tests/test_conformance.py"]:
        assert (SPECIMEN / name).read_text(encoding="utf-8").strip() in guide, name
    in_guide = [b for b in blocks("toml") if b.document == "docs/plugin-guide.md"]
    assert any(is_specimens(block.text) for block in in_guide)


def test_the_page_on_suites_holds_the_whole_specimen() -> None:
    """A test installs it and goes the whole way: tests/integration/test_third_party_suites.py."""
    page = (ROOT / "docs" / "suites.md").read_text(encoding="utf-8")
    for file in [SUITE / "pyproject.toml", *SUITE.rglob("*.py")]:
        assert file.name == "__init__.py" or file.read_text(encoding="utf-8").strip() in page, file.name


@pytest.mark.parametrize(("where", "command"), commands())
def test_commands_exist(where: str, command: str) -> None:
    words = shlex.split(command)
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words.pop(0)
    program, *rest = words
    if program == "make":
        check_make(rest)
    elif program == "farfield":
        build_parser().parse_args(rest)
    elif program in {"celery", "waitress-serve"}:
        check_module(next(w for w in rest if "." in w and not w.startswith("evaluate")).partition(":")[0])
    elif program.endswith(("python", "python3")):
        check_python(rest)
    elif program.startswith("tools/"):
        assert os.access(ROOT / program, os.X_OK)
    else:
        assert program in ELSEWHERE, f"{where}: is {program!r} a command of ours?"


def check_make(words: list[str]) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in (w for w in words if "=" not in w and not w.startswith("-")):
        assert re.search(rf"^{re.escape(target)}\b.*:", makefile, re.MULTILINE), f"the Makefile has no target {target}"


def check_module(name: str) -> None:
    # Only the top package is imported: its modules may read settings that a test does not have.
    package, _, rest = name.partition(".")
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0], *rest.split("."))
    assert folder.with_suffix(".py").exists() or (folder / "__init__.py").exists() or not rest, name


def check_python(words: list[str]) -> None:
    if words[0] == "-m":
        check_module(words[1]) if words[1].startswith("farfield") else importlib.util.find_spec(words[1])
    elif not words[0].startswith("-"):
        assert (ROOT / words[0]).exists(), words[0]


def test_the_parser_is_as_strict_as_the_command() -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(["evaluate", "x", "--no-such-flag"])
    assert isinstance(build_parser(), argparse.ArgumentParser)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    targets = [t for t in LINK.findall(path.read_text(encoding="utf-8")) if not re.match(r"\w+:", t)]
    assert [t for t in targets if not (path.parent / t).exists()] == []


ANCHOR = re.compile(r"\]\(([^)#\s]*)#([^)]+)\)")


def anchors(path: Path) -> set[str]:
    """Of a page's headings, as they are made of them (lower case, no punctuation, hyphens for spaces), and of rows."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    rows = re.findall(r'<a id="([^"]+)"></a>', text)
    return {*rows, *(re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings)}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_to_a_heading(path: Path) -> None:
    found = ANCHOR.findall(path.read_text(encoding="utf-8"))
    inside = [(path.parent / t if t else path, name) for t, name in found if not re.match(r"\w+:", t)]
    assert [f"{page.name}#{name}" for page, name in inside if name not in anchors(page)] == []


@cache
def variables_in_sources() -> frozenset[str]:
    places = ("platform", "workers", "evaluators", "demo", "plugins/sdk")
    files = [p for place in places for p in (ROOT / place).rglob("*.py")]
    files += [p for p in (ROOT / "Makefile", ROOT / "compose.yaml") if p.exists()]
    return frozenset(v for p in files for v in VARIABLE.findall(p.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_documented_variables_are_read_somewhere(path: Path) -> None:
    assert set(VARIABLE.findall(path.read_text(encoding="utf-8"))) - variables_in_sources() == set()


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(LINK.findall((folder / "README.md").read_text(encoding="utf-8")))
    assert listed == {p.name for p in folder.glob("0*.md")}


def test_every_benchmark_has_its_card() -> None:
    for benchmark in benchmarks():
        card = (ROOT / "docs" / "benchmarks" / f"{benchmark.name.replace('/', '-')}.md").read_text(encoding="utf-8")
        assert card.startswith(f"# {benchmark.name}\n")
        assert f"| Version | {benchmark.version} |" in card
        if type(benchmark.plan) is Trials:
            runs, more = benchmark.plan.number, benchmark.plan.stochastic
            said = f"{runs}; {more} of a [stochastic](" if more else str(runs)
            assert re.search(rf"^\| Trials \| {re.escape(said)}[^;]*\|$", card, re.MULTILINE), benchmark.name
        for domain in benchmark.domains:
            assert f"| {domain.name} |" in card
        for citation in benchmark.citations:
            assert citation in card
        assert card.count("<!-- results:begin -->") == card.count("<!-- results:end -->") == 1


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_document_has_a_gap_left_to_fill(path: Path) -> None:
    assert re.findall(r"@@\w+@@|\bTBD\b|\?\?\?", path.read_text(encoding="utf-8")) == []


def test_the_cards_count_what_is_shipped() -> None:
    with (ROOT / "demo" / "farfield_demo" / "index.csv").open(newline="", encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    shipped = Counter(f"id/{row['split']}" if row["set"] == "id" else row["set"] for row in rows)
    for benchmark in (b for b in benchmarks() if b.pack == "farfield-mini" and b.train_set):
        card = (ROOT / "docs" / "benchmarks" / f"{benchmark.name.replace('/', '-')}.md").read_text(encoding="utf-8")
        assert f"`{benchmark.train_set}`: {shipped[str(benchmark.train_set)]} photographs" in card
        for domain in benchmark.domains:
            row = next(line for line in card.splitlines() if line.startswith(f"| {domain.name} |"))
            assert str(shipped[domain.set]) in [cell.strip() for cell in row.split("|")], row


def test_the_licence_is_whole_and_goes_with_each_distribution() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.split()[:3] == ["Apache", "License", "Version"]
    for part in ("TERMS AND CONDITIONS", "9. Accepting Warranty", "END OF TERMS AND CONDITIONS", "APPENDIX"):
        assert part in text
    for folder in ("sdk", "baselines"):
        assert (ROOT / "plugins" / folder / "LICENSE").read_text(encoding="utf-8") == text


def test_every_track_that_a_document_names_exists() -> None:
    known = {track.name for benchmark in benchmarks() for track in benchmark.tracks}
    named = {
        (path.name, found)
        for path in (ROOT / "docs").rglob("*.md")
        for found in re.findall(r'(?:--track[ =]|"track": ")([\w-]+)', path.read_text(encoding="utf-8"))
        if found != "NAME"
    }
    assert {name for _, name in named} >= {"open", "imagenet-1k"}
    assert sorted((path, name) for path, name in named if name not in known) == []
