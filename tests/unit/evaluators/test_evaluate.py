"""Scoring joins predictions with hidden labels, and refuses what does not fit."""

from dataclasses import replace

import numpy as np
import pytest

from farfield.errors import PredictionsError
from farfield_evaluators.evaluate import Truth, evaluate
from farfield_evaluators.metrics.catalog import ACCURACY_FULL_SPECTRUM, FULL_SPECTRUM
from farfield_evaluators.metrics.detection import auroc
from farfield_evaluators.scoring import detection
from farfield_evaluators.suites.mini.classification import IMAGENET_OOD_MINI
from farfield_evaluators.suites.mini.detection import OOD_DETECTION_MINI

CLASSES = 4
DETECTION_DIGITS: dict[tuple[str, str], tuple[str, str]] = {
    ("auroc", "near"): ("0x1.7a3d70a3d70a4p-1", "0x1.83534dfaf0ef7p-5"),
    ("auroc", "far-flags"): ("0x1.79eb851eb851ep-1", "0x1.b51e8c7b3281dp-5"),
    ("fpr95", "near"): ("0x1.999999999999ap-1", "0x1.8d9d796fa2c71p-4"),
    ("fpr95", "far-flags"): ("0x1.999999999999ap-1", "0x1.2b7149978495ep-3"),
    ("aupr-in", "near"): ("0x1.5bb75d0742b7dp-1", "0x1.9d0da985c2f98p-5"),
    ("aupr-in", "far-flags"): ("0x1.7770899a6d731p-1", "0x1.d2065fa27d7b9p-5"),
    ("aupr-out", "near"): ("0x1.7a5def267655ap-1", "0x1.c1ab43a416cdap-5"),
    ("aupr-out", "far-flags"): ("0x1.82453d7468253p-1", "0x1.a8b56aabd8196p-5"),
    ("accuracy", "id"): ("0x1.999999999999ap-4", "0x1.8494a75f057acp-5"),
}
ACCURACY_DIGITS: dict[tuple[str, str], tuple[str, str]] = {
    ("accuracy", "id"): ("0x1.8cccccccccccdp-1", "0x1.0e70d22c72ff5p-4"),
    ("accuracy", "shifts"): ("0x1.b851eb851eb85p-2", "0x1.099bede36ffb6p-6"),
    ("accuracy", "noto"): ("0x1.a666666666666p-1", "0x1.ec28da7d24096p-5"),
    ("accuracy", "symbola"): ("0x1.999999999999ap-5", "0x1.1a4c1d0fbc5b6p-5"),
}


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


def test_shifted_id_images_count_as_id_in_the_full_spectrum_alone() -> None:
    first, second, *others = OOD_DETECTION_MINI.domains
    columns = tuple(c for c in OOD_DETECTION_MINI.columns if c.domain != second.name)
    domains = (first, replace(second, role="shift"), *others)
    benchmark = replace(
        OOD_DETECTION_MINI,
        domains=domains,
        columns=columns,
        metrics=(*OOD_DETECTION_MINI.metrics, *FULL_SPECTRUM, ACCURACY_FULL_SPECTRUM),
        scorers=(*OOD_DETECTION_MINI.scorers, detection.FULL_SPECTRUM, detection.FULL_SPECTRUM_ACCURACY),
    )
    hidden = truth(benchmark, per_domain=30)
    scores = np.random.default_rng(1).normal(size=len(hidden)) + (hidden.labels >= 0)
    logits = logits_right_on(hidden, hidden.domains == 0)
    found = {(s.metric, s.domain): s for s in evaluate(benchmark, hidden, {"scores": scores, "logits": logits})}
    far = [scores[hidden.domains == n] for n, d in enumerate(benchmark.domains) if d.role == "far"]
    plain, both = scores[hidden.domains == 0], scores[hidden.domains <= 1]
    assert found["auroc", "far"].value == pytest.approx(np.mean([auroc(plain, ood) for ood in far]))
    assert found["auroc-full-spectrum", "far"].value == pytest.approx(np.mean([auroc(both, ood) for ood in far]))
    assert (found["auroc", "near"].n, found["auroc-full-spectrum", "near"].n) == (60, 90)
    assert (found["accuracy", "id"].value, found["accuracy", "id"].n) == (1, 30)
    right = logits[hidden.domains <= 1].argmax(axis=1) == hidden.labels[hidden.domains <= 1]
    assert found["accuracy-full-spectrum", "id"].value == right.mean() < 1
    assert found["accuracy-full-spectrum", "id"].n == 60
    assert "near-photographs" not in {domain for _, domain in found}


def test_figures_stay_what_they_were_to_the_last_digit() -> None:
    """Version 1 of both boards, as computed before runs stored more than their columns."""
    hidden = truth(OOD_DETECTION_MINI, per_domain=40)
    rng = np.random.default_rng(11)
    arrays = {
        "scores": rng.normal(size=len(hidden)) + (hidden.labels >= 0),
        "logits": rng.normal(size=(len(hidden), 4)),
    }
    found = {(s.metric, s.domain): s for s in evaluate(OOD_DETECTION_MINI, hidden, arrays)}
    assert_digits(found, DETECTION_DIGITS)
    hidden = truth(IMAGENET_OOD_MINI, per_domain=40)
    logits = rng.normal(size=(len(hidden), 4)) + 2 * logits_right_on(hidden, hidden.domains < 6)
    found = {(s.metric, s.domain): s for s in evaluate(IMAGENET_OOD_MINI, hidden, {"logits": logits})}
    assert_digits(found, ACCURACY_DIGITS)


def assert_digits(found, digits: dict[tuple[str, str], tuple[str, str]]) -> None:
    """The same doubles, but for what another machine's order of summing may do to the last bits."""
    for key, (value, stderr) in digits.items():
        assert found[key].value == pytest.approx(float.fromhex(value), rel=1e-14, abs=0)
        assert found[key].stderr == pytest.approx(float.fromhex(stderr), rel=1e-13, abs=0)


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
