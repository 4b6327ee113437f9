"""A pack of few-shot detection in small, made by hand: two base and two novel classes, two shot sets, 1 and 2 shots.

Every class is a rectangle at a place and in a colour of its own, so that the trivial detector has something to find.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageDraw

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, build
from farfield_evaluators.suites.fsdet.board import FewShotData, Setting, few_shot_board
from farfield_evaluators.suites.fsdet.plan import Shots
from farfield_evaluators.suites.fsdet.sets import COLUMNS, TEST, TRAIN, joined_sets, record_set

NAME = "own/few-shot-toys"
CLASSES = ("apple", "bell", "cat", "dog")
BASE, NOVEL = (0, 1), (2, 3)
SHOTS, SHOT_SETS = (1, 2), (0, 1)
DATA = FewShotData(pack=NAME, base=BASE, novel=NOVEL)
TFA_LIKE = Shots(shots=SHOTS, shot_sets=SHOT_SETS)
FSRW_LIKE = Shots(shots=SHOTS, shot_sets=(0,), protocol="fsrw", trainings=3)
BOXES = {0: (4, 4, 12, 10), 1: (24, 4, 8, 12), 2: (10, 6, 20, 12), 3: (8, 14, 24, 8)}
HEIGHT, WIDTH = 24, 40


def board(setting: Setting, plan: Shots = TFA_LIKE, *, masks: bool = False) -> Benchmark:
    data = replace(DATA, masks=masks)
    texts = {"title": "Toys", "summary": "Toys.", "description": "Toys.", "licence": "CC0"}
    return few_shot_board(setting, data, plan, name="own/toys", **texts)


def pack(folder: Path) -> Pack:
    """Two images of every base class to begin with, two with all classes to be tested on, and the shots."""
    folder.mkdir(parents=True)
    examples = list(_examples(folder))
    classes = tuple(PackClass(name=name) for name in CLASSES)
    joins = joined_sets([example.set for example in examples], SHOTS, SHOT_SETS)
    source = Source(
        name=NAME, title="Toys", licence="CC0", classes=classes, domains=("toys",), examples=examples,
        columns=COLUMNS, joined=joins,
    )  # fmt: skip
    return build(source, folder.parent / "packs")


def _examples(folder: Path) -> Iterator[Example]:
    for label in BASE:
        for _ in range(2):
            yield _example(folder, TRAIN, [label])
    for _ in range(2):
        yield _example(folder, TEST, [*BASE, *NOVEL])
    for label in (*BASE, *NOVEL):
        for group in SHOT_SETS:
            for shots in ((1, 2), (2,)):
                yield _example(folder, record_set(novel=label in NOVEL, group=group, shots=shots), [label])


def _example(folder: Path, name: str, labels: list[int]) -> Example:
    number = len(list(folder.iterdir()))
    image = Image.new("RGB", (WIDTH, HEIGHT), (number, number, 0))
    boxes = [BOXES[label] for label in labels]
    for label, (x, y, w, h) in zip(labels, boxes, strict=True):
        ImageDraw.Draw(image).rectangle((x, y, x + w - 1, y + h - 1), fill=(0, 60 * label, 255 - 60 * label))
    image.save(folder / f"{number}.png")
    outlines = [f"[[{x},{y},{x + w},{y},{x + w},{y + h},{x},{y + h}]]" for x, y, w, h in boxes]
    more = {
        "boxes": boxes,
        "box-labels": labels,
        "box-area": [w * h for _, _, w, h in boxes],
        "box-crowd": [0] * len(boxes),
        "masks": "\n".join(outlines).encode(),
        "size": [[HEIGHT, WIDTH]],
    }
    return Example(path=folder / f"{number}.png", set=name, more=more)
