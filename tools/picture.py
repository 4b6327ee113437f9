"""The picture of docs/architecture.md, drawn from the imports that the code has: `python -m tools.picture`.

Packages stand in the layers of the import contract in pyproject.toml, with the rooms that they have; an arrow says that
one imports another. A test draws it again and compares.
"""

import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import permutations
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "images" / "architecture.svg"
ABOUT: Mapping[str, str] = {
    "farfield_local": "a whole site on one machine",
    "farfield_web": "the site: pages, API, database",
    "farfield_workers": "runs methods in sandboxes, reports",
    "farfield_evaluators": "benchmarks, packs, plans, scoring",
    "farfield_baselines": "our own methods",
    "farfield": "the SDK: what an author of a method imports",
}
WIDTH, MARGIN, GAP, LINE, HEAD = 860, 20, 60, 20, 46
IN_A_LINE = 3
FONT = "font-family='system-ui, sans-serif'"


@dataclass(frozen=True, kw_only=True)
class Box:
    """A package: where it is drawn, and its rooms, those that import others first."""

    name: str
    rooms: tuple[str, ...]
    x: float
    y: float
    width: float

    @property
    def height(self) -> float:
        return HEAD + LINE * -(-len(self.rooms) // IN_A_LINE) + 8


def layers() -> list[list[str]]:
    """The packages of each layer, the highest first, as the contract has them."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    contracts = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    [found] = [contract["layers"] for contract in contracts if contract["name"] == "layers"]
    return [[name.strip() for name in row.split("|")] for row in found]


def boxes(graph: grimp.ImportGraph, rows: Sequence[Sequence[str]]) -> list[Box]:
    """Every package in its row."""
    found, y = list[Box](), float(MARGIN)
    for row in rows:
        width = (WIDTH - MARGIN * (len(row) + 1)) / len(row)
        xs = [MARGIN + number * (width + MARGIN) for number in range(len(row))]
        placed = [
            Box(name=name, rooms=rooms(graph, name), x=x, y=y, width=width) for name, x in zip(row, xs, strict=True)
        ]
        found += placed
        y += max(box.height for box in placed) + GAP
    return found


def rooms(graph: grimp.ImportGraph, package: str) -> tuple[str, ...]:
    """The packages within a package, by how many of the others each reaches: who imports most comes first."""
    inside = sorted(child for child in graph.find_children(package) if graph.find_children(child))
    reached = {one: sum(imports(graph, one, other) for other in inside if other != one) for one in inside}
    return tuple(one.rpartition(".")[2] for one in sorted(inside, key=lambda one: (-reached[one], one)))


def imports(graph: grimp.ImportGraph, importer: str, imported: str) -> bool:
    """Whether any module of the one imports one of the other, without a third between them."""
    pattern = f"{importer}.** -> {imported}"
    return bool(graph.find_matching_direct_imports(import_expression=pattern)) or bool(
        graph.find_matching_direct_imports(import_expression=f"{pattern}.**")
    )


def draw(found: Sequence[Box], arrows: Iterable[tuple[Box, Box]]) -> str:
    """The SVG."""
    height = max(box.y + box.height for box in found) + MARGIN
    lines = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height:g}' role='img' {FONT}>",
        "<title>The packages of Farfield and which imports which</title>",
        (
            "<defs><marker id='tip' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='7' markerHeight='7' orient='auto'>"
            "<path d='M0 0 8 4 0 8z' fill='#55607a'/></marker></defs>"
        ),
        f"<rect width='{WIDTH}' height='{height:g}' fill='#ffffff'/>",
        *(_arrow(above, below) for above, below in arrows),
        *(_box(box) for box in found),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _arrow(above: Box, below: Box) -> str:
    x1, y1 = above.x + above.width / 2, above.y + above.height
    # Arrows of several end beside one another.
    x2, y2 = below.x + below.width * (0.25 + 0.5 * x1 / WIDTH), below.y
    middle = f"{x1:g} {(y1 + y2) / 2:g} {x2:g} {(y1 + y2) / 2:g}"
    path = f"M{x1:g} {y1:g} C{middle} {x2:g} {y2 - 2:g}"
    return f"<path d='{path}' fill='none' stroke='#55607a' stroke-width='1.3' marker-end='url(#tip)'/>"


def _box(box: Box) -> str:
    lines = [box.rooms[start : start + IN_A_LINE] for start in range(0, len(box.rooms), IN_A_LINE)]
    texts = [
        _text(box, HEAD + LINE * number, "  ·  ".join(line), "12", "#33405c") for number, line in enumerate(lines, 1)
    ]
    frame = f"<rect x='{box.x:g}' y='{box.y:g}' width='{box.width:g}' height='{box.height:g}' rx='8'"
    return "\n".join(
        (
            f"{frame} fill='#eef2fb' stroke='#33405c'/>",
            _text(box, 22, box.name, "15", "#111a2e", "600"),
            _text(box, 40, ABOUT.get(box.name, ""), "12", "#33405c"),
            *texts,
        )
    )


def _text(box: Box, down: float, text: str, size: str, colour: str, weight: str = "400") -> str:
    where = f"x='{box.x + 14:g}' y='{box.y + down:g}' font-size='{size}' font-weight='{weight}' fill='{colour}'"
    return f"<text {where}>{escape(text)}</text>"


def picture() -> str:
    """The picture of the code as it is."""
    rows = layers()
    names = [name for row in rows for name in row]
    graph = grimp.build_graph(names[0], *names[1:], cache_dir=None)
    found = boxes(graph, rows)
    arrows = [(one, other) for one, other in permutations(found, 2) if imports(graph, one.name, other.name)]
    return draw(found, arrows)


def main(argv: list[str]) -> int:
    """Draw it; with --check only say whether it is up to date."""
    drawn = picture()
    if argv == ["--check"]:
        same = PICTURE.read_text(encoding="utf-8") == drawn
        print("" if same else "the picture of the architecture is not up to date: make picture", end="")
        return int(not same)
    PICTURE.write_text(drawn, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
