"""Figures of long tails, against the references' own code, scikit-learn, and counts of one image after the other."""

import math
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_score, recall_score
from tests.suites.longtail import tails
from tests.unit.evaluators.scoring.made import figures_of

from farfield_evaluators.figure import Figure
from farfield_evaluators.scoring.remarks import empty_groups
from farfield_evaluators.suites.longtail import measures, metrics, scoring
from farfield_evaluators.suites.longtail.shots import BUCKETS, CONVENTIONS, DECOUPLING, OLTR, Convention

# On tails.run(14): `shot_acc` of OLTR (commit f50e375) and of classifier-balancing (f162ade), in double precision.
OF_OLTR = (0.6066249095425297, 0.5127591706539075, 0.32489801864801865)
OF_DECOUPLING = (0.6790617848970252, 0.4333181438444596, 0.3993055555555555)
# On it, `calculate_recall`, `calculate_precision` and `calculate_f1` of GLT (commit 3a26997), in single precision.
OF_GLT = (0.48249998688697815, 0.5057485500971476, 0.4938508070746614)
OF_GLT_BY_FREQUENCY = {
    "many": (0.6133333444595337, 0.4486866593360901),
    "medium": (0.39716312289237976, 0.3815356016159058),
    "few": (0.4128440320491791, 0.7888525327046713),
}


def by_shots(logits: np.ndarray, labels: np.ndarray, convention: Convention) -> dict[str, Figure]:
    test = tails.as_test(logits, labels, {convention.column: tails.by_convention(convention, labels)})
    return own(figures_of([test], scoring.by_shots(convention)))


def of_glt(logits: np.ndarray, labels: np.ndarray, frequency: np.ndarray) -> dict[str, Figure]:
    test = tails.as_test(logits, labels, {scoring.FREQUENCY: frequency})
    scorers = (scoring.PRECISION, scoring.F1, *scoring.by_frequency(metrics.RANKED))
    return own(figures_of([test], scorers))


def own(figures: Iterable[Figure]) -> dict[str, Figure]:
    """Those of the test itself, by metric."""
    return {figure.metric: figure for figure in figures if figure.domain == "test"}


@pytest.mark.parametrize(("convention", "reference"), [(OLTR, OF_OLTR), (DECOUPLING, OF_DECOUPLING)])
def test_a_bucket_has_the_figure_of_its_reference(convention: Convention, reference: tuple[float, ...]) -> None:
    found = by_shots(*tails.run(14), convention)
    names = [f"{bucket}-accuracy-{convention.bounds[bucket]}" for bucket in BUCKETS]
    assert [found[name].value for name in names] == pytest.approx(reference, abs=1e-12)
    assert sum(found[name].n or 0 for name in names) == tails.IMAGES


def test_the_conventions_do_not_agree_on_the_same_run() -> None:
    logits, labels = tails.run(14)
    many = [by_shots(logits, labels, convention) for convention in CONVENTIONS]
    assert len({each.metric for found in many for each in found.values()}) == 6
    assert abs(many[0]["many-accuracy-ge100"].value - many[1]["many-accuracy-gt100"].value) > 0.05


def test_glts_figures_are_those_of_its_code() -> None:
    logits, labels = tails.run(14)
    found = of_glt(logits, labels, np.array(tails.FREQUENCIES)[labels])
    recall = float((logits.argmax(axis=1) == labels).mean())
    figures = (recall, found["glt-precision"].value, found["glt-f1"].value)
    assert figures == pytest.approx(OF_GLT, abs=1e-6)
    for bucket, reference in OF_GLT_BY_FREQUENCY.items():
        pair = [found[f"{bucket}-{what}-glt"].value for what in ("accuracy", "precision")]
        assert pair == pytest.approx(reference, abs=1e-6)


@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(2, 9))
@settings(max_examples=60, deadline=None)
def test_precision_is_scikit_learns_over_the_classes_of_the_test(seed: int, images: int, classes: int) -> None:
    logits, labels = tails.run(seed, images, classes)
    predicted = logits.argmax(axis=1)
    found = of_glt(logits, labels, np.zeros(images, np.int64))
    expected = precision_score(labels, predicted, labels=np.unique(labels), average="macro", zero_division=0)
    assert found["glt-precision"].value == pytest.approx(expected, abs=1e-12)
    assert found["many-precision-glt"].value == found["glt-precision"].value


@given(st.integers(0, 10_000), st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_a_buckets_accuracy_is_scikit_learns_macro_recall_on_its_images(seed: int, images: int) -> None:
    logits, labels = tails.run(seed, images)
    found = by_shots(logits, labels, OLTR)
    buckets = tails.by_convention(OLTR, labels)
    for number, bucket in enumerate(BUCKETS):
        inside = buckets == number
        name = f"{bucket}-accuracy-{OLTR.bounds[bucket]}"
        if not inside.any():
            assert name not in found
            continue
        true, predicted = labels[inside], logits.argmax(axis=1)[inside]
        expected = recall_score(true, predicted, labels=np.unique(true), average="macro", zero_division=0)
        assert found[name].value == pytest.approx(expected, abs=1e-12)


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_the_order_of_images_changes_nothing(seed: int) -> None:
    logits, labels = tails.run(seed, 80)
    frequency, order = np.array(tails.FREQUENCIES)[labels], np.random.default_rng(seed).permutation(80)
    assert of_glt(logits, labels, frequency) == of_glt(logits[order], labels[order], frequency[order])
    assert by_shots(logits, labels, DECOUPLING) == by_shots(logits[order], labels[order], DECOUPLING)


def test_a_bucket_without_images_is_undefined_and_named() -> None:
    logits, labels = tails.run(3)
    many = labels < 4
    test = tails.as_test(logits[many], labels[many], {OLTR.column: tails.by_convention(OLTR, labels[many])})
    scorers = scoring.by_shots(OLTR)
    assert own(figures_of([test], scorers)).keys() == {"many-accuracy-ge100"}
    [remark] = empty_groups(scorers, [test])
    assert "test[shots-ge100-le20=few]" in remark.says


def test_a_run_without_a_hit_has_figures_of_0() -> None:
    labels = np.array([0, 1, 2, 2])
    found = of_glt(np.eye(3)[(labels + 1) % 3], labels, np.zeros(4, np.int64))
    assert (found["glt-precision"].value, found["glt-f1"].value) == (0.0, 0.0)


def test_f1_is_of_the_two_means_and_no_mean_of_f1s() -> None:
    logits, labels = tails.run(14)
    predicted = logits.argmax(axis=1)
    per_class = []
    for number in np.unique(labels):
        right = float(((predicted == number) & (labels == number)).sum())
        per_class.append(2 * right / ((predicted == number).sum() + (labels == number).sum()))
    found = of_glt(logits, labels, np.zeros(len(labels), np.int64))["glt-f1"].value
    assert not math.isclose(found, float(np.mean(per_class)), abs_tol=1e-3)


def test_a_part_counts_predictions_over_the_whole_test() -> None:
    """Class 0 of the few-shot images is predicted right, but two images of others are taken for it, too."""
    predicted, labels = np.array([0, 0, 0, 1]), np.array([0, 1, 1, 1])
    shares = measures.precision_shares(predicted, predicted == labels)
    assert measures.precision(shares[:1], labels[:1]) == pytest.approx(1 / 3)
    assert measures.precision(shares, labels) == pytest.approx((1 / 3 + 1) / 2)
