"""Scoring joins predictions with hidden labels, and refuses what does not fit."""

import numpy as np
import pytest

from farfield.errors import PredictionsError
from farfield_evaluators.benchmarks.imagenet_ood import IMAGENET_OOD_MINI
from farfield_evaluators.benchmarks.ood_detection import OOD_DETECTION_MINI
from farfield_evaluators.evaluate import Truth, evaluate
from farfield_evaluators.metrics.detection import auroc

CLASSES = 4


def truth(benchmark, per_domain: int = 6) -> Truth:
    domains = np.repeat(np.arange(len(benchmark.domains)), per_domain)
    is_ood = np.array([d.role in ("near", "far") for d in benchmark.domains])[domains]
    labels = np.where(is_ood, -1, np.arange(len(domains)) % CLASSES)
    order = np.random.default_rng(0).permutation(len(domains))
    return Truth(labels=labels[order], domains=domains[order], classes=CLASSES)


def logits_right_on(hidden: Truth, right: np.ndarray) -> np.ndarray:
    answer = np.where(right, hidden.labels, (hidden.labels + 1) % CLASSES)
    return np.eye(CLASSES, dtype=np.float32)[answer]


def test_accuracy_per_domain_and_unweighted_means() -> None:
    hidden = truth(IMAGENET_OOD_MINI)
    logits = logits_right_on(hidden, hidden.domains <= 1)  # photographs and the first shift
    found = {(s.metric, s.domain): s for s in evaluate(IMAGENET_OOD_MINI, hidden, {"logits": logits})}
    assert found["accuracy", "id"].value == 1
    assert found["accuracy", "openmoji"].value == 1
    assert found["accuracy", "symbola"].value == 0
    assert found["accuracy", "shifts"].value == pytest.approx(1 / 10)
    assert found["accuracy", "shifts"].stderr == 0  # every domain is all right or all wrong


def test_means_do_not_weigh_by_size() -> None:
    hidden = truth(IMAGENET_OOD_MINI)
    double = Truth(
        labels=np.r_[hidden.labels, hidden.labels[hidden.domains == 1]],
        domains=np.r_[hidden.domains, hidden.domains[hidden.domains == 1]],
        classes=CLASSES,
    )
    logits = logits_right_on(double, double.domains == 1)
    found = {(s.metric, s.domain): s.value for s in evaluate(IMAGENET_OOD_MINI, double, {"logits": logits})}
    assert found["accuracy", "shifts"] == pytest.approx(1 / 10)


def test_detection_scores_each_set_and_near_and_far() -> None:
    hidden = truth(OOD_DETECTION_MINI, per_domain=30)
    scores = np.random.default_rng(1).normal(size=len(hidden)) + (hidden.labels >= 0)
    logits = logits_right_on(hidden, hidden.labels >= 0)
    found = {
        (s.metric, s.domain): s for s in evaluate(OOD_DETECTION_MINI, hidden, {"scores": scores, "logits": logits})
    }
    id_scores = scores[hidden.domains == 0]
    first, second = (auroc(id_scores, scores[hidden.domains == i]) for i in (1, 2))
    assert found["auroc", "near"].value == pytest.approx((first + second) / 2)
    assert 0 < found["auroc", "near"].stderr < 0.2
    assert found["accuracy", "id"].value == 1
    assert found["auroc", "near"].n == 90


def test_the_same_scores_give_the_same_error_bars() -> None:
    hidden = truth(OOD_DETECTION_MINI)
    arrays = {"scores": np.arange(len(hidden), dtype=float), "logits": logits_right_on(hidden, hidden.labels >= 0)}
    order = np.random.default_rng(3).permutation(len(hidden))  # as another run would be staged
    shuffled = Truth(labels=hidden.labels[order], domains=hidden.domains[order], classes=CLASSES)
    again = {name: array[order] for name, array in arrays.items()}
    assert evaluate(OOD_DETECTION_MINI, hidden, arrays) == evaluate(OOD_DETECTION_MINI, shuffled, again)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda a: {}, "'logits' is missing"),
        (lambda a: {"logits": a[:-1]}, r"shape \(65, 4\); expected \(66, 4\)"),
        (lambda a: {"logits": a[:, :3]}, "expected"),
        (lambda a: {"logits": a.astype(int)}, "floating point"),
        (lambda a: {"logits": np.where(a > 0, np.nan, a)}, "finite"),
    ],
)
def test_predictions_that_do_not_fit(spoil, says: str) -> None:
    hidden = truth(IMAGENET_OOD_MINI)
    with pytest.raises(PredictionsError, match=says):
        evaluate(IMAGENET_OOD_MINI, hidden, spoil(logits_right_on(hidden, hidden.domains >= 0)))


def test_one_key_per_protocol_and_data() -> None:
    keys = {b.comparability_key(f) for b in (IMAGENET_OOD_MINI, OOD_DETECTION_MINI) for f in ("a", "b")}
    assert len(keys) == 4
