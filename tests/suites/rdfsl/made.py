"""A small episodic pack: grey squares, of three base and four novel classes, whose queries are darker by a step."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.packs import ArrayExample, Pack, PackClass, Source, build
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
    examples = [
        ArrayExample(pixels=square(CLASSES.index(c), number, name), set=name, label=CLASSES.index(c), order=number)
        for name, (classes, count) in SETS.items()
        for c in classes
        for number in range(count)
    ]
    source = Source(
        name="own-squares",
        title="Squares",
        licence="CC0",
        classes=tuple(PackClass(name=name) for name in CLASSES),
        domains=("grey",),
        examples=tuple(examples),
        shape=(SIDE, SIDE, 3),
        ordered=True,
    )
    return build(source, packs)
