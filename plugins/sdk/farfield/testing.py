"""The conformance test an author calls from their own test suite.

    from farfield.testing import check_method

    def test_my_method(tmp_path):
        check_method(SPEC, tmp_path)

It builds the method, feeds it small random data of the declared kind through the runner's own loops, and checks
what comes back.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from farfield.config import parse_config
from farfield.context import RunContext
from farfield.errors import ProtocolError
from farfield.method import Features, MethodSpec, TaskFamily
from farfield.method import Inputs as Declared
from farfield.protocols import AnnotatedImage, Inputs, Ints
from farfield.runtime.curve import move, points_of
from farfield.runtime.dataset import ArraySource, LabeledSet, Source
from farfield.runtime.loops import Array, detect, fit, generalize, predict, require_finite, require_members, score

CLASSES = ("dog", "cat", "car")
SYNSETS = (("n02099601",), ("n02123045",), ("n02930766",))
DOMAINS = ("photographs", "drawings")
TOLERANCE = 1e-3
Outputs = Callable[[Any, int], Array]  # (method, batch size) -> predictions [N, ...] on the same test inputs
Learn = Callable[[Any], None]


def check_method(
    spec: MethodSpec, work_folder: Path, config: Mapping[str, Any] | None = None, *, device: str = "cpu"
) -> None:
    """Check that a method keeps its family's protocol, with its default configuration or the one given.

    Raises FarfieldError with a sentence that says what to change; what the method itself raises passes through.
    """
    json.dumps(spec.describe(), allow_nan=False)
    chosen, settings = spec.chosen(config or {})
    _CHECKS[spec.family](_Factory(chosen, work_folder, settings, device))


class _Factory:
    """Builds the method anew, always with the same context."""

    def __init__(self, spec: MethodSpec, work_folder: Path, config: dict[str, Any], device: str) -> None:
        self.spec = spec
        self._folder = work_folder
        self._device = device
        self._config: object = parse_config(spec.config, config)
        self.inputs = spec.inputs_of(self._config)

    def __call__(self) -> Any:
        context = RunContext(
            class_names=CLASSES,
            class_synsets=SYNSETS,
            domain_names=DOMAINS,
            novel_classes=(2,),
            device=self._device,
            seed=7,
            config=self._config,
            work_folder=self._folder,
        )
        method = self.spec.build(context)
        require_members(method, self.spec.family)
        return method


def _check_classifier(build: _Factory) -> None:
    test, train = _test_stream(build.inputs), _training_set(build.inputs)

    def outputs(method: Any, batch: int) -> Array:
        return predict(method, test, len(CLASSES), batch, _no_progress)

    method = _check_stream(build, lambda method: fit(method, train), outputs)
    _check_curve(method, outputs)


def _check_curve(method: Any, outputs: Outputs) -> None:
    """Every point of a curve predicts, and the way to a point does not matter."""
    points = points_of(method)
    found: dict[float, Array] = {}
    for point in (*points, *reversed(points)):
        move(method, point)
        logits = outputs(method, 4)
        if not _close(found.setdefault(point, logits), logits):
            raise ProtocolError(f"move_to({point:g}): the predictions depend on the points before; begin from the fit")


def _check_detector(build: _Factory) -> None:
    test, train = _test_stream(build.inputs), _training_set(build.inputs)

    def outputs(method: Any, batch: int) -> Array:
        values, logits = score(method, test, len(CLASSES), batch, _no_progress)
        return np.column_stack([values, logits])

    _check_stream(build, lambda method: fit(method, train), outputs)


def _check_generalizer(build: _Factory) -> None:
    test, train = _test_stream(build.inputs), _training_set(build.inputs)

    def outputs(method: Any, batch: int) -> Array:
        return predict(method, test, len(CLASSES), batch, _no_progress)

    def learn(method: Any) -> None:
        for step, losses in generalize(method, train, steps=3, batch=4, checkpoint_every=1, seed=0):
            require_finite(losses, step)
            outputs(method, 4)

    _check_stream(build, learn, outputs)


def _check_few_shot(build: _Factory) -> None:
    images = [item.image for item in _scenes(3)]
    detect(build(), _scenes(4), _scenes(2), images, len(CLASSES))


def _check_stream(build: _Factory, learn: Learn, outputs: Outputs) -> Any:
    """Two calls and two builds with one seed must agree, and no batch size matter, unless the spec declares it.

    Returns the first build, as `learn` left it.
    """
    method = build()
    learn(method)
    first = outputs(method, 4)
    # In this order: what differs from call to call anyway says nothing of batches.
    steady = _close(first, outputs(method, 4))
    if not steady and not (build.spec.stochastic or build.spec.transductive):
        raise ProtocolError(
            "the same images are predicted otherwise from one call to the next; seed the generator anew in each call "
            "or declare stochastic=True; a method that adapts to the test images declares transductive=True"
        )
    if steady and not build.spec.transductive and not _close(first, outputs(method, 3)):
        raise ProtocolError(
            "predictions change with the batch size; predict each image by itself, or declare transductive=True"
        )
    other = build()
    learn(other)
    if not build.spec.stochastic and not _close(first, outputs(other, 4)):
        raise ProtocolError("two runs with the same seed differ; seed every generator, or declare stochastic=True")
    return method


_CHECKS: Mapping[TaskFamily, Callable[[_Factory], None]] = {
    TaskFamily.CLASSIFICATION: _check_classifier,
    TaskFamily.OOD_DETECTION: _check_detector,
    TaskFamily.DOMAIN_GENERALIZATION: _check_generalizer,
    TaskFamily.FEW_SHOT_DETECTION: _check_few_shot,
}


class _SizesOfTheirOwn:
    """Uncropped images: each has another size, so that a read stacks one only."""

    largest_batch = 1

    def __init__(self, count: int, side: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self._images = [rng.integers(0, 256, (side + i, side + 2 * i, 3), dtype=np.uint8) for i in range(count)]

    def __len__(self) -> int:
        return len(self._images)

    def read(self, indices: Ints) -> Inputs:
        return np.stack([self._images[i] for i in indices])


def _source(inputs: Declared, count: int, seed: int) -> Source:
    rng = np.random.default_rng(seed)
    if isinstance(inputs, Features):
        return ArraySource(rng.normal(size=(count, inputs.dim)).astype(np.float32))
    side = inputs.size
    if inputs.crop == "none":
        return _SizesOfTheirOwn(count, side, seed)
    return ArraySource(rng.integers(0, 256, (count, side, side, 3), dtype=np.uint8))


def _test_stream(inputs: Declared) -> Source:
    return _source(inputs, 7, seed=1)


def _training_set(inputs: Declared) -> LabeledSet:
    numbers = np.arange(12, dtype=np.int64)
    return LabeledSet(_source(inputs, 12, seed=0), numbers % len(CLASSES), numbers % len(DOMAINS))


def _scenes(count: int) -> list[AnnotatedImage]:
    rng = np.random.default_rng(count)
    boxes = np.array([[4.0, 4.0, 20.0, 20.0], [10.0, 12.0, 40.0, 30.0]])
    labels = np.array([0, 2], np.int64)
    images = rng.integers(0, 256, (count, 48, 64, 3), dtype=np.uint8)
    return [AnnotatedImage(image=image, boxes=boxes, labels=labels) for image in images]


def _close(a: Array, b: Array) -> bool:
    return bool(np.allclose(a, b, rtol=TOLERANCE, atol=TOLERANCE))


def _no_progress(*_: object) -> None:
    return None
