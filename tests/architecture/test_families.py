"""Nobody outside `farfield.families` asks which family it is, or keeps anything by family: the object is asked."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from farfield import TaskFamily, families

ROOT = Path(__file__).parents[2]
SOURCES = (
    "platform/farfield_web",
    "evaluators/farfield_evaluators",
    "workers/farfield_workers",
    "plugins/sdk/farfield",
    "bench",
    "fuzz",
)


def sources() -> Iterator[Path]:
    for folder in SOURCES:
        yield from (path for path in (ROOT / folder).rglob("*.py") if "families" not in path.parts)


def is_family(node: ast.AST) -> bool:
    """`TaskFamily.X`, with `.value` or without."""
    if isinstance(node, ast.Attribute) and node.attr == "value":
        return is_family(node.value)
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "TaskFamily"


def asked(tree: ast.AST) -> list[int]:
    """Lines that compare with a family, or have one as a key."""
    lines = []
    for node in ast.walk(tree):
        compared = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        keys = node.keys if isinstance(node, ast.Dict) else []
        if any(is_family(part) for part in (*compared, *keys) if part is not None):
            lines.append(node.lineno)
    return lines


def test_nobody_asks_which_family_it_is() -> None:
    places = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources()
        for line in asked(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert not places, "ask farfield.families.of(name) for what differs"


@pytest.mark.parametrize("text", ["x is TaskFamily.A", "x.value != TaskFamily.A.value", "{TaskFamily.A: 1}"])
def test_the_test_sees_what_it_looks_for(text: str) -> None:
    assert asked(ast.parse(text)) == [1]


def test_every_family_has_one_file_and_one_object() -> None:
    assert [family.name for family in families.every()] == [name.value for name in TaskFamily]
    assert all(hasattr(family.protocol, member) for family in families.every() for member in family.members)


def test_the_guide_says_of_every_family_what_it_is() -> None:
    rows = [line for line in (ROOT / "docs" / "plugin-guide.md").read_text("utf-8").splitlines() if line[:3] == "| `"]
    for family in families.every():
        row = next(line for line in rows if line.startswith(f"| `{TaskFamily(family.name).name}`"))
        arrays = tuple(family.outputs(families.Size(examples=1, classes=2, checkpoints=1)))
        assert row.endswith(f"| {', '.join(f'`{name}`' for name in arrays)} |")
        for member in family.members:
            assert f"`{member}(" in row
