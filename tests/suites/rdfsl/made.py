"""A small episodic pack: grey squares, of three base and four novel classes, whose queries are darker by a step."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.packs import ArrayExample, Example, Pack, PackClass, Source, build
from farfield_evaluators.suites.rdfsl.board import episodic_board
from farfield_evaluators.suites.rdfsl.plan import Episodes
from farfield_evaluators.suites.rdfsl.sets import BASE, query_of, support_of

PLAN = Episodes(shots=(1, 2), way=3, queries=2, episodes=6)
OPEN_PLAN = replace(PLAN, others=1)
BASE_CLASSES, NOVEL_CLASSES = ("a", "b", "c"), ("v", "w", "x", "y")
CLASSES = (*BASE_CLASSES, *NOVEL_CLASSES)
SETS = {BASE: (BASE_CLASSES, 4)} | {
    name: (NOVEL_CLASSES, count) for name, count in ((support_of(query_of("dark")), 5), (query_of("dark"), 4))
}
SIDE = 12


def board(plan: Episodes = PLAN) -> Benchmark:
    return episodic_board(
        {"dark": "Dark"},
        plan,
        headline=2,
        name="own/squares",
        title="Squares",
        summary="Squares.",
        description="Squares.",
        pack="own-squares",
        licence="CC0",
    )


def square(label: int, number: int, name: str) -> bytes:
    level = 30 * label + number + (5 if name.startswith("query") else 20)
    return np.full((SIDE, SIDE, 3), level, np.uint8).tobytes()


def pack(packs: Path) -> Pack:
    """Of arrays."""
    examples = [
        ArrayExample(pixels=square(label, number, name), set=name, label=label, order=number)
        for name, label, number in _listed()
    ]
    return build(_source(tuple(examples), (SIDE, SIDE, 3)), packs)


def pictures(packs: Path, folder: Path) -> Pack:
    """The same of images, whose files are in the folder."""
    folder.mkdir()
    examples = []
    for name, label, number in _listed():
        path = folder / f"{name}-{label}-{number}.png"
        pixels = np.frombuffer(square(label, number, name), np.uint8).reshape(SIDE, SIDE, 3)
        Image.fromarray(pixels).save(path)
        examples.append(Example(path=path, set=name, label=label, order=number))
    return build(_source(tuple(examples), ()), packs)


def _listed() -> list[tuple[str, int, int]]:
    """Set, label and number of every example."""
    sized = [(name, c, count) for name, (classes, count) in SETS.items() for c in classes]
    return [(name, CLASSES.index(c), number) for name, c, count in sized for number in range(count)]


def _source(examples: tuple[ArrayExample | Example, ...], shape: tuple[int, ...]) -> Source:
    return Source(
        name="own-squares",
        title="Squares",
        licence="CC0",
        classes=tuple(PackClass(name=name) for name in CLASSES),
        domains=("grey",),
        examples=examples,
        shape=shape,
        ordered=True,
    )
