"""The documents as a site, so that no page has to be listed by hand: hooks of mkdocs.

The pages that lie in the repository's root, where people look for them, are pages of the site too.
"""

from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

ROOT = Path(__file__).parents[1]
OF_THE_ROOT = {name: name.lower() for name in ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")}

# The first pages of each part; whatever else lies in docs/ comes under the last one.
PARTS: dict[str, tuple[str, ...]] = {
    "Start": ("quickstart.md", "glossary.md", "accounts.md"),
    "Methods": (
        "plugin-guide.md",
        "predictions.md",
        "client.md",
        "entries.md",
        "comparing.md",
        "sandbox-contract.md",
        "failure-codes.md",
    ),
    "Benchmarks": (
        "suites.md",
        "metrics.md",
        "coverage.md",
        "domainbed.md",
        "generalization.md",
        "groups.md",
        "adaptation.md",
        "long-tails.md",
        "few-shot-detection.md",
        "few-shot-classification.md",
        "retrieval.md",
        "sequences.md",
        "pruning.md",
        "robust-fine-tuning.md",
    ),
    "Running a site": ("operator-guide.md", "performance.md", "hardening.md", "threat-model.md", "security.md"),
    "Working on Farfield": ("contributing.md", "architecture.md", "fuzzing.md", "chaos.md", "changelog.md"),
}
FOLDERS = {"benchmarks": "Cards of benchmarks", "coverage": "Coverage", "api": "API", "decisions": "Decisions"}


def on_config(config: Any) -> Any:
    """Called by mkdocs before it looks at the pages."""
    config["nav"] = nav(Path(config["docs_dir"]))
    return config


def on_files(files: Any, config: Any) -> Any:
    """Called by mkdocs when it has found the pages."""
    for name, page in OF_THE_ROOT.items():
        files.append(File.generated(config, page, content=(ROOT / name).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Called by mkdocs for each page: links between the root and docs/ lead within the site."""
    for name, page in OF_THE_ROOT.items():
        markdown = markdown.replace(f"](../{name}", f"]({page}").replace(f"]({name}", f"]({page}")
    return markdown.replace("](docs/", "](")


def nav(docs: Path) -> list[Any]:
    """Every page of the folder in one place, in mkdocs' form."""
    pages = sorted([*(path.name for path in docs.glob("*.md")), *OF_THE_ROOT.values()])
    parts = {title: [page for page in named if page in pages] for title, named in PARTS.items()}
    placed = {"index.md", *(page for named in parts.values() for page in named)}
    parts["Benchmarks"] += [page for page in pages if page not in placed]
    folders = [{title: [f"{name}/{p.name}" for p in _in_order(docs / name)]} for name, title in FOLDERS.items()]
    return ["index.md", *({title: named} for title, named in parts.items()), *folders]


def _in_order(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.md"), key=lambda path: (path.name != "README.md", path.name))
