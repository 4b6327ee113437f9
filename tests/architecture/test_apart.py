"""What strangers send is parsed apart: no server or worker calls a parser of archives in its own process."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Functions that parse a stranger's file where they are called, and the modules that may call them: their own, and the
# child's side of those that look into a file apart.
PARSERS = {"inspect_package", "read_archive", "read_zip", "open_npz"}
ALLOWED = {
    "plugins/sdk/farfield/packaging/archive.py",
    "plugins/sdk/farfield/packaging/intake.py",
    "plugins/sdk/farfield/packaging/package.py",
    "evaluators/farfield_evaluators/suites/domainbed/archive.py",
    "evaluators/farfield_evaluators/suites/domainbed/intake.py",
    "evaluators/farfield_evaluators/suites/wilds/archive.py",
    "evaluators/farfield_evaluators/npz.py",
    "evaluators/farfield_evaluators/npz_apart.py",
    "evaluators/farfield_evaluators/predictions.py",
}


def sources() -> Iterator[Path]:
    for folder in ("platform/farfield_web", "workers/farfield_workers", "plugins/sdk/farfield", "evaluators"):
        yield from (ROOT / folder).rglob("*.py")


def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {f.id if isinstance(f, ast.Name) else f.attr for f in calls if isinstance(f, ast.Name | ast.Attribute)}


@pytest.mark.parametrize("path", sorted(sources()), ids=lambda p: p.name)
def test_no_stranger_s_file_is_parsed_in_a_process_that_serves(path: Path) -> None:
    place = path.relative_to(ROOT).as_posix()
    if place not in ALLOWED:
        assert not names_in(path) & PARSERS, (
            f"{place}: call farfield.packaging.intake, or what belongs to the kind of file"
        )
