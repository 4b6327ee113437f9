"""A set of which half has wrong labels: the model that is trained on a choice is as right as the choice is."""

from pathlib import Path

import numpy as np
from PIL import Image

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, build
from farfield_evaluators.metrics.catalog import ACCURACY
from farfield_evaluators.scoring import classification
from farfield_evaluators.suites.pruning.plan import FromChoice
from farfield_evaluators.tracks import OPEN

SIDE, OF_A_CLASS = 12, 8
BACKBONE, DIM = "levels", 2
PLAN = FromChoice(backbone=BACKBONE, l2=0.01)


def pack(folder: Path) -> Pack:
    """Dark squares and bright ones; in training every second has the other's label, and each is there once."""
    (folder / "images").mkdir(parents=True)
    examples = []
    for number in range(4 * OF_A_CLASS):
        bright, tested, nth = number % 2, number >= 2 * OF_A_CLASS, number // 2
        path = folder / "images" / f"{number}.png"
        Image.fromarray(np.full((SIDE, SIDE, 3), 40 + 150 * bright + number, np.uint8)).save(path)
        label = bright if tested or nth % 2 == 0 else 1 - bright
        examples.append(Example(path=path, set="test" if tested else "train", label=label))
    classes = (PackClass(name="dark"), PackClass(name="bright"))
    source = Source(
        name="own/levels", title="T", licence="CC0", classes=classes, domains=("squares",), examples=tuple(examples)
    )
    return build(source, folder / "packs")


def board(plan: FromChoice = PLAN, family: TaskFamily = TaskFamily.DATA_SELECTION) -> Benchmark:
    """Of that pack."""
    return Benchmark(
        name="own/levels",
        version="1",
        family=family,
        title="T",
        summary="S",
        description="D",
        pack="own/levels",
        train_set="train",
        domains=(Domain(name="test", title="Test", role="id", set="test"),),
        metrics=(ACCURACY,),
        scorers=(classification.ACCURACY,),
        columns=(Column(metric=ACCURACY.name, domain="test", title="Test"),),
        tracks=(OPEN,),
        aggregates=(),
        plan=plan,
        licence="CC0",
    )
