"""What a newcomer meets first: the files in the root say what is so, and the picture is the code's."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from pre_commit import clientlib
from tools import picture
from tools.docs_nav import FOLDERS, OF_THE_ROOT, PARTS, nav

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_picture_of_the_architecture_is_the_codes() -> None:
    assert picture.PICTURE.read_text(encoding="utf-8") == picture.picture(), "draw it again: make picture"


def test_no_arrow_of_the_picture_goes_up() -> None:
    rows = picture.layers()
    names = [name for row in rows for name in row]
    graph = picture.grimp.build_graph(names[0], *names[1:], cache_dir=None)
    height = {name: number for number, row in enumerate(rows) for name in row}
    wrong = [(a, b) for a in names for b in names if height[a] > height[b] and picture.imports(graph, a, b)]
    assert wrong == []


def test_the_citation_is_of_this_project() -> None:
    """The keys that the format asks for (cff-version 1.2.0), with the release and the licence that are published."""
    cited: dict[str, Any] = yaml.safe_load(text("CITATION.cff"))
    assert {"cff-version", "message", "title", "authors"} <= cited.keys()
    assert cited["cff-version"] == "1.2.0"
    assert cited["version"] == PROJECT["version"]
    assert cited["license"] == PROJECT["license"]
    assert cited["type"] in {"software", "dataset"}
    known = {"cff-version", "message", "title", "type", "authors", "version", "license", "abstract", "keywords"}
    assert cited.keys() <= known
    assert all(author.keys() <= {"name", "family-names", "given-names", "orcid"} for author in cited["authors"])


def test_hooks_before_a_commit_are_our_own_programs() -> None:
    clientlib.load_config(str(ROOT / ".pre-commit-config.yaml"))
    config: dict[str, Any] = yaml.safe_load(text(".pre-commit-config.yaml"))
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    for hook in config["repos"][0]["hooks"]:
        assert hook["language"] == "system"
        program = Path(hook["entry"].split()[0])
        assert program.parent == Path(".venv/bin")
        assert (Path(sys.executable).parent / program.name).exists()


@pytest.mark.parametrize("name", ["problem.yml", "benchmark.yml"])
def test_issue_forms_have_what_a_form_needs(name: str) -> None:
    form: dict[str, Any] = yaml.safe_load(text(f".github/ISSUE_TEMPLATE/{name}"))
    assert {"name", "description", "body"} <= form.keys()
    assert {part["type"] for part in form["body"]} <= {"markdown", "textarea", "input", "dropdown", "checkboxes"}
    assert all("label" in part["attributes"] or part["type"] == "markdown" for part in form["body"])


def test_every_place_that_the_table_names_is_there() -> None:
    table = text("CONTRIBUTING.md").partition("## Where do I put it?")[2].partition("\n## ")[0]
    named = [word for word in re.findall(r"`([^`<>\s]+/[^`<>\s]*)`", table) if not word.startswith("/")]
    pages = ROOT / "platform" / "farfield_web"
    missing = [word for word in named if not ((ROOT / word).exists() or (pages / word).exists())]
    assert len(named) > 12
    assert missing == []


def test_the_editor_is_told_what_ruff_is_told() -> None:
    ruff = tomllib.loads(text("pyproject.toml"))["tool"]["ruff"]
    assert f"max_line_length = {ruff['line-length']}" in text(".editorconfig")


def test_every_page_is_once_in_the_sites_order() -> None:
    def flat(items: Any) -> list[str]:
        if isinstance(items, str):
            return [items]
        return [page for item in (items.values() if isinstance(items, dict) else items) for page in flat(item)]

    placed = flat(nav(ROOT / "docs"))
    there = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")}
    assert sorted(placed) == sorted({*there, *OF_THE_ROOT.values()})
    assert {page for named in PARTS.values() for page in named} <= {*there, *OF_THE_ROOT.values()}
    assert all((ROOT / "docs" / folder).is_dir() for folder in FOLDERS)


def test_to_start_the_tests_of_one_file_loads_nothing_heavy() -> None:
    """What alone takes longer to import than a newcomer's first test would: models, and what draws random requests."""
    named = "tests/unit/sdk/test_choices.py"
    script = (
        "import sys, pytest\n"
        f"status = pytest.main(['-n', '0', '--collect-only', '-q', {named!r}])\n"
        "print('loaded:', *{name.partition('.')[0] for name in sys.modules})\n"
        "sys.exit(status)"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout
    loaded = set(done.stdout.rpartition("loaded:")[2].split())
    assert "pytest" in loaded
    assert loaded & {"torch", "timm", "open_clip", "sklearn", "scipy", "pyarrow", "schemathesis", "playwright"} == set()


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """The documents as a site: what CI has just built with `make docs` and names, or built now."""
    if built := os.environ.get("BUILT_DOCS"):
        return ROOT / built
    command = [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return tmp_path / "site"


def test_the_documents_build_as_a_site_and_no_link_leads_nowhere(documents: Path) -> None:
    page = (documents / "api" / "methods.html").read_text(encoding="utf-8")
    assert "described_for" in page
    assert "One method, as it is listed, submitted and built." in page
    for name in OF_THE_ROOT.values():
        assert (documents / name.replace(".md", ".html")).exists()
    pages = [path.read_text(encoding="utf-8") for path in documents.rglob("*.html")]
    fetched = {
        found
        for text in pages
        for found in re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=\"?(https?:[^\s\">]+)", text)
    }
    assert fetched == set(), "a reader's browser asks nobody else"
