"""The conformance test: it passes good methods of all families and names what is wrong with bad ones."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from farfield import Detections, Features, Images, MethodSpec, RunContext, TaskFamily, TrackClaims, setting
from farfield.errors import ConfigError, FarfieldError, ProtocolError
from farfield.testing import check_method

COUNTER = iter(range(10**9))
CLASSIFICATION, DETECTION = TaskFamily.CLASSIFICATION, TaskFamily.OOD_DETECTION
FEW_SHOT, REGRESSION = TaskFamily.FEW_SHOT_DETECTION, TaskFamily.REGRESSION
BOXES = (FEW_SHOT, TaskFamily.DETECTION)


@dataclass(frozen=True, kw_only=True)
class Config:
    classes: int = setting(3, ge=1, le=5, help="How many columns the logits have.")


def spec(build: Callable[..., Any], family: TaskFamily = CLASSIFICATION, **changes: Any) -> MethodSpec:
    good: dict[str, Any] = {"inputs": Images(size=8), "claims": TrackClaims(backbone="none"), "config": Config}
    if family in BOXES:
        good["inputs"] = Images(size=8, crop="none")
    return MethodSpec(name="toy", family=family, summary="A toy.", build=build, **good | changes)


class Good:
    """A method of every family at once, but for regression."""

    def __init__(self, context: RunContext) -> None:
        self.context = context
        self.seen = 0

    def fit(self, train: Any) -> None:
        self.seen = len(getattr(train, "labels", train))
        self.support = train

    def predict(self, images: Any) -> Any:
        flat = images.reshape(len(images), -1)[:, :3] / 255.0 + self.seen
        return flat[:, : self.context.config.classes]

    def score(self, images: Any) -> Any:
        logits = self.predict(images)
        return logits.max(axis=1), logits

    def update(self, minibatches: Any, unlabeled: Any = None) -> Any:
        assert unlabeled is None or [len(inputs) for inputs in unlabeled] == [4, 4]
        self.seen += len(minibatches)
        return {"loss": 1.0 / self.seen}

    def fit_novel(self, support: Any) -> None:
        self.support = support

    def embed_texts(self, texts: Any) -> Any:
        return np.array([[len(text), 1.0] for text in texts])

    def embed_images(self, images: Any) -> Any:
        return images.reshape(len(images), -1)[:, :2] / 255.0

    def choose(self, train: Any, most: int) -> Any:
        return np.arange(most)

    def detect(self, images: Any) -> Any:
        scene = self.support[0]
        scores = np.full(len(scene.boxes), 0.5)
        return [Detections(boxes=scene.boxes, scores=scores, labels=scene.labels) for _ in images]


@pytest.mark.parametrize("family", sorted(set(TaskFamily) - {REGRESSION}))
def test_a_good_method_passes(tmp_path: Path, family: TaskFamily) -> None:
    check_method(spec(Good, family), tmp_path)


def test_a_good_regressor_tells_the_targets(tmp_path: Path) -> None:
    class Mean:
        def __init__(self, context: RunContext) -> None:
            assert context.target_names == ("weight",)

        def fit(self, train: Any) -> None:
            assert train.targets.shape == (len(train), 1)
            self.mean = float(np.mean([batch.targets.mean() for batch in train.batches(3)]))

        def predict(self, images: Any) -> Any:
            return np.full(len(images), self.mean)

    class Column(Mean):
        def predict(self, images: Any) -> Any:
            return super().predict(images)[:, None]

    for build in (Mean, Column):
        check_method(spec(build, REGRESSION), tmp_path)


@pytest.mark.parametrize("family", BOXES)
@pytest.mark.parametrize("inputs", [Images(size=8), Features(backbone="toy", dim=3)])
def test_a_detector_takes_whole_images(inputs: Any, family: TaskFamily) -> None:
    with pytest.raises(FarfieldError, match=r"detection finds boxes in whole images: it takes Images\(crop='none'\)"):
        spec(Good, family, inputs=inputs)


def test_a_detector_is_given_annotated_sets_by_name(tmp_path: Path) -> None:
    asked: list[Any] = []

    class Asking(Good):
        def fit(self, train: Any, *, val: Any = None, unlabeled: Any = None) -> None:
            self.support = train
            asked.append([(len(each), each.domains.tolist(), len(each[0].boxes)) for each in (train, val, unlabeled)])

    check_method(spec(Asking, TaskFamily.DETECTION), tmp_path)
    assert asked[0] == [(4, [0, 1, 0, 1], 2), (2, [0, 1], 2), (2, [0, 1], 0)]


@pytest.mark.parametrize("family", [CLASSIFICATION, DETECTION, TaskFamily.DOMAIN_GENERALIZATION])
def test_features_and_uncropped_images_are_fed_as_declared(tmp_path: Path, family: TaskFamily) -> None:
    shapes = set()

    class Watching(Good):
        def predict(self, images: Any) -> Any:
            shapes.add((images.shape, images.dtype.name))
            return super().predict(images)

    check_method(spec(Watching, family, inputs=Features(backbone="toy", dim=5)), tmp_path)
    assert shapes == {((n, 5), "float32") for n in (1, 3, 4)} or shapes == {((n, 5), "float32") for n in (1, 2, 3, 4)}
    if family is not TaskFamily.DOMAIN_GENERALIZATION:
        shapes.clear()
        check_method(spec(Watching, family, inputs=Images(size=8, crop="none")), tmp_path)
        assert {shape[0] for shape, _ in shapes} == {1}
        assert len(shapes) == 7


def _method(**members: Any) -> type:
    return type("Bad", (Good,), members)


def _batch_mean(self: Any, images: Any) -> Any:
    flat = images.reshape(len(images), -1)[:, :3] / 255.0
    return flat - flat.mean(axis=0)


def _unseeded(self: Any, images: Any) -> Any:
    if not hasattr(self, "offset"):
        self.offset = float(next(COUNTER))
    return images.reshape(len(images), -1)[:, :3] / 255.0 + self.offset


def _random(self: Any, images: Any) -> Any:
    return np.random.default_rng().normal(size=(len(images), 3))


class Line(Good):
    """Logits that grow with the point."""

    curve_points = (0.0, 0.5, 1.0)
    scale = 1.0

    def move_to(self, point: float) -> None:
        self.scale = point

    def predict(self, images: Any) -> Any:
        return super().predict(images) * self.scale


def _drifting(self: Any, point: float) -> None:
    self.scale += point


def test_a_method_with_a_curve_passes(tmp_path: Path) -> None:
    check_method(spec(Line, CLASSIFICATION), tmp_path)


BAD: dict[str, tuple[type, TaskFamily, str]] = {
    "no member": (type("Bare", (), {"__init__": lambda self, context: None}), CLASSIFICATION, "Bare misses `predict`"),
    "shape": (_method(predict=lambda self, x: np.zeros((len(x), 2))), CLASSIFICATION, "must have the shape"),
    "integers": (_method(predict=lambda self, x: np.zeros((len(x), 3), int)), CLASSIFICATION, "floating point"),
    "nan": (_method(predict=lambda self, x: np.full((len(x), 3), np.nan)), CLASSIFICATION, "must be finite"),
    "batch": (_method(predict=_batch_mean), CLASSIFICATION, "change with the batch size.*transductive=True"),
    "seed": (_method(predict=_unseeded), CLASSIFICATION, "two runs with the same seed differ.*stochastic=True"),
    "random": (_method(predict=_random), CLASSIFICATION, "from one call to the next.*stochastic=True"),
    "ood random": (_method(predict=_random), DETECTION, "from one call to the next"),
    "score only": (_method(score=lambda self, x: self.predict(x)), DETECTION, "must return the pair"),
    "curve alone": (_method(curve_points=(0, 1)), CLASSIFICATION, r"`move_to\(point\)` is not"),
    "no line": (
        _method(curve_points=(1, 0), move_to=lambda self, p: None),
        CLASSIFICATION,
        "each above the one before",
    ),
    "drift": (type("Drift", (Line,), {"move_to": _drifting}), CLASSIFICATION, "depend on the points before"),
    "ood batch": (_method(predict=_batch_mean), DETECTION, "change with the batch size"),
    "ood seed": (_method(predict=_unseeded), DETECTION, "two runs with the same seed differ"),
    "losses": (_method(update=lambda self, m, u=None: 0.5), TaskFamily.DOMAIN_GENERALIZATION, "dict of losses"),
    "dg seed": (_method(predict=_unseeded), TaskFamily.DOMAIN_GENERALIZATION, "two runs with the same seed differ"),
    "dg shape": (_method(predict=lambda self, x: x), TaskFamily.DOMAIN_GENERALIZATION, "must have the shape"),
    "one result": (_method(detect=lambda self, x: []), TaskFamily.FEW_SHOT_DETECTION, "4 images gave 0 results"),
    "regression shape": (_method(predict=lambda self, x: np.zeros((len(x), 2))), REGRESSION, r"shape \(4, 1\), got"),
    "no novel": (_method(fit_novel=None), TaskFamily.FEW_SHOT_DETECTION, "Bad misses `fit_novel`"),
}


@pytest.mark.parametrize("kind", sorted(BAD))
def test_a_bad_method_is_told_what_to_change(tmp_path: Path, kind: str) -> None:
    build, family, message = BAD[kind]
    with pytest.raises(ProtocolError, match=message):
        check_method(spec(build, family), tmp_path)


def test_what_is_declared_is_allowed(tmp_path: Path) -> None:
    check_method(spec(_method(predict=_batch_mean), transductive=True), tmp_path)
    check_method(spec(_method(predict=_unseeded), stochastic=True), tmp_path)


def test_random_predictions_that_are_declared_do_not_read_as_dependent_on_the_batch(tmp_path: Path) -> None:
    check_method(spec(_method(predict=_random), stochastic=True), tmp_path)
    with pytest.raises(ProtocolError, match="change with the batch size"):
        check_method(spec(_method(predict=_batch_mean), stochastic=True), tmp_path)


def test_a_configuration_can_be_given(tmp_path: Path) -> None:
    with pytest.raises(FarfieldError, match=r"must have the shape \(4, 3\), got \(4, 2\)"):
        check_method(spec(Good), tmp_path, {"classes": 2})
    with pytest.raises(ConfigError, match="9 is above the maximum 5"):
        check_method(spec(Good), tmp_path, {"classes": 9})


def test_what_a_method_raises_passes_through(tmp_path: Path) -> None:
    def build(context: RunContext) -> Any:
        raise LookupError("weights are missing")

    with pytest.raises(LookupError, match="weights are missing"):
        check_method(spec(build), tmp_path)


def test_the_context_is_frozen_and_complete(tmp_path: Path) -> None:
    contexts = []

    def build(context: RunContext) -> Any:
        contexts.append(context)
        context.log("built")
        context.progress(1, 2)
        return Good(context)

    check_method(spec(build), tmp_path)
    context = contexts[0]
    assert context.class_count == len(context.class_names) == len(context.class_synsets) == 3
    assert context.work_folder == tmp_path
    with pytest.raises(AttributeError):
        context.seed = 3  # type: ignore[misc]


def test_who_claims_unlabeled_examples_asks_for_them(tmp_path: Path) -> None:
    class Asks(Good):
        def fit(self, train: Any, *, unlabeled: Any = None) -> None:
            super().fit(train)

    claims = TrackClaims(backbone="none", unlabeled=True)
    check_method(spec(Asks, claims=claims), tmp_path)
    check_method(spec(Asks), tmp_path)
    with pytest.raises(ProtocolError, match="Good claims `unlabeled`, but its `fit` does not name that part"):
        check_method(spec(Good, claims=claims), tmp_path)
