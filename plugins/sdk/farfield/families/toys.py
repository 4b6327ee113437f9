"""What the conformance tests of all families share: small random data of the declared kind, and what must agree."""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from farfield.errors import JobError, ProtocolError
from farfield.families.family import Build, Evaluated, Size
from farfield.labels import Budget, Labels
from farfield.method import Features, MethodSpec, TaskFamily
from farfield.method import Inputs as Declared
from farfield.protocols import AnnotatedImage, AnnotatedSet, Inputs, Ints
from farfield.runtime.dataset import ArraySource, LabeledSet, Source
from farfield.runtime.loops import PARTS, Array

CLASSES = ("dog", "cat", "car")
SYNSETS = (("n02099601",), ("n02123045",), ("n02930766",))
DOMAINS = ("photographs", "drawings")
NOVEL = (2,)
TARGETS = ("weight",)
CAPTIONS = ("a dog", "two cats on a red car", "a photograph of a cat", "a dog", "a drawing of a car")
TOLERANCE = 1e-3
EXAMPLES, IN_A_PART = 7, 12
BUDGET = Budget(rounds=3, per_round=2)


class Toys:
    """The inputs of a conformance test, as a run has them; every part that a benchmark may have is there."""

    seed = 0
    base_model: Path | None = None
    captions = CAPTIONS
    size = Size(
        examples=EXAMPLES,
        classes=len(CLASSES),
        targets=len(TARGETS),
        checkpoints=3,
        masks=True,
        texts=len(CAPTIONS),
    )

    def __init__(self, build: Build) -> None:
        self.spec: MethodSpec = build.spec
        self._declared = build.inputs

    @cached_property
    def test(self) -> Source:
        return source(self._declared, EXAMPLES, seed=1)

    def part(self, name: str) -> LabeledSet:
        """Twelve examples of any part, some without labels; targets are for regression alone."""
        numbers, told = np.arange(IN_A_PART, dtype=np.int64), name not in ("unlabeled", "pool", "ood_val")
        labels = numbers % len(CLASSES) if told else np.full(IN_A_PART, -1, np.int64)
        told = told and self.spec.family is TaskFamily.REGRESSION
        targets = np.sqrt(numbers)[:, None] if told else None
        inputs = source(self._declared, IN_A_PART, seed=("train", *PARTS, "base").index(name))
        return LabeledSet(inputs, labels, numbers % len(DOMAINS), targets)

    @property
    def labels(self) -> Labels:
        """Those of the pool, two in each of three rounds; whoever learns anew asks anew."""
        return Labels(BUDGET, IN_A_PART, lambda positions: positions % len(CLASSES))

    def evaluation(self, output: Path, steps: Sequence[int]) -> Evaluated:
        """None is to be had: a conformance test predicts at every checkpoint itself. Raises JobError."""
        raise JobError("a conformance test has no job whose checkpoints could be predicted")

    def scenes(self, name: str) -> AnnotatedSet:
        """Four images of the parts "base" and "train", or two of any other; those of "unlabeled" have no boxes."""
        listed = scenes(4 if name in ("base", "train") else 2)
        return scenes(2, boxes=0) if name == "unlabeled" else listed


class Whole(Protocol):
    """How all test inputs are predicted."""

    def whole(self, method: Any, inputs: Any, batch: int) -> Array:
        """The predictions [M, D], whatever their rows are of."""


def check_stream(build: Build, toys: Toys, learn: Callable[[Any], None], outputs: "Whole") -> Any:
    """Two calls and two builds with one seed must agree, and no batch size matter, unless the spec declares it.

    Returns the first build, as `learn` left it.
    """
    method = build()
    learn(method)
    first = outputs.whole(method, toys, 4)
    # In this order: what differs from call to call anyway says nothing of batches.
    steady = close(first, outputs.whole(method, toys, 4))
    if not steady and not (build.spec.stochastic or build.spec.transductive):
        raise ProtocolError(
            "the same images are predicted otherwise from one call to the next; seed the generator anew in each call "
            "or declare stochastic=True; a method that adapts to the test images declares transductive=True"
        )
    if steady and not build.spec.transductive and not close(first, outputs.whole(method, toys, 3)):
        raise ProtocolError(
            "predictions change with the batch size; predict each image by itself, or declare transductive=True"
        )
    other = build()
    learn(other)
    if not build.spec.stochastic and not close(first, outputs.whole(other, toys, 4)):
        raise ProtocolError("two runs with the same seed differ; seed every generator, or declare stochastic=True")
    return method


class SizesOfTheirOwn:
    """Uncropped images: each has another size, so that a read stacks one only."""

    largest_batch = 1

    def __init__(self, count: int, side: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self._images = [rng.integers(0, 256, (side + i, side + 2 * i, 3), dtype=np.uint8) for i in range(count)]

    def __len__(self) -> int:
        return len(self._images)

    def read(self, indices: Ints) -> Inputs:
        return np.stack([self._images[i] for i in indices])


def source(inputs: Declared, count: int, seed: int) -> Source:
    """Random inputs as they are declared."""
    rng = np.random.default_rng(seed)
    if isinstance(inputs, Features):
        return ArraySource(rng.normal(size=(count, inputs.dim)).astype(np.float32))
    side = inputs.size
    if inputs.crop == "none":
        return SizesOfTheirOwn(count, side, seed)
    return ArraySource(rng.integers(0, 256, (count, side, side, 3), dtype=np.uint8))


class Scenes(list[AnnotatedImage]):
    """Annotated images in memory."""

    @property
    def domains(self) -> Ints:
        return np.array([scene.domain for scene in self], np.int64)


def scenes(count: int, boxes: int = 2) -> Scenes:
    """Random images of 48 x 64 pixels with up to two boxes each, the second of the novel class, of both domains.

    The mask of each object is its box without the corners.
    """
    rng = np.random.default_rng(count)
    corners = np.array([[4.0, 4.0, 20.0, 20.0], [10.0, 12.0, 40.0, 30.0]])[:boxes]
    labels = np.array([0, NOVEL[0]], np.int64)[:boxes]
    images = rng.integers(0, 256, (count, 48, 64, 3), dtype=np.uint8)
    masks = np.zeros((len(corners), 48, 64), bool)
    for mask, (left, top, right, bottom) in zip(masks, corners.astype(int), strict=True):
        mask[top:bottom, left + 1 : right - 1] = mask[top + 1 : bottom - 1, left:right] = True
    return Scenes(
        AnnotatedImage(image=image, boxes=corners, labels=labels, masks=masks, domain=number % len(DOMAINS))
        for number, image in enumerate(images)
    )


def close(a: Array, b: Array) -> bool:
    """Whether two runs gave the same, but for what rounding makes of it."""
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=TOLERANCE, atol=TOLERANCE))
