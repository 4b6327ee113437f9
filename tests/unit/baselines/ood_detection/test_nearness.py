"""Scores that compare an image with the training images: what defines each, by hand or by another implementation."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import optimize, stats

from farfield.numerics import softmax
from farfield_baselines.ood_detection import (
    dice,
    fdbd,
    gen,
    kl_matching,
    nci,
    nnguide,
    openmax,
    relation,
    residual,
    rmds,
    scale,
    she,
    temp_scale,
    vra,
    weibull,
)
from farfield_baselines.ood_detection.choice import on_held_out_classes
from farfield_baselines.ood_detection.core import Head, Known, Seen


def test_generalized_entropy_is_of_the_highest_probabilities() -> None:
    score = gen.minus_entropy(np.array([[0.7, 0.2, 0.1], [1.0, 0.0, 0.0]]), gamma=0.5, highest=2)
    np.testing.assert_allclose(score, [-(np.sqrt(0.21) + np.sqrt(0.16)), 0.0])


def test_the_temperature_is_the_likeliest(rng: np.random.Generator) -> None:
    logits, temperature = rng.normal(size=(4000, 6)) * 3.0, 2.0
    labels = np.array([rng.choice(6, p=row) for row in softmax(logits / temperature)])
    learned = temp_scale.likeliest_temperature(logits, labels)
    assert learned == pytest.approx(temperature, rel=0.08)

    def loss(t: float) -> float:
        return float(-np.log(softmax(logits / t)[np.arange(4000), labels]).mean())

    assert loss(learned) < min(loss(learned * 0.99), loss(learned * 1.01))

    def slope(sharpness: float) -> float:
        return float((softmax(sharpness * logits) * logits).sum(axis=1).mean() - logits[np.arange(4000), labels].mean())

    assert 1.0 / learned == pytest.approx(optimize.brentq(slope, 0.01, 100.0, xtol=1e-14), rel=1e-10)


def test_the_temperature_is_the_lowest_where_every_image_is_classified_rightly() -> None:
    learned = temp_scale.likeliest_temperature(np.eye(4) * 1000.0, np.arange(4))
    assert learned == pytest.approx(temp_scale.LOWEST, rel=1e-12)
    wrong = temp_scale.likeliest_temperature(np.eye(4), np.arange(4)[::-1])
    assert wrong == pytest.approx(temp_scale.HIGHEST, rel=1e-12)


def test_kl_matching_looks_at_classes_that_something_is_taken_for(known: Known, test: Seen) -> None:
    seen = replace(known.seen, logits=np.where(np.arange(5) == 3, -50.0, known.seen.logits))
    q, taken_for = softmax(seen.logits), seen.logits.argmax(axis=1)
    means = [q[taken_for == c].mean(axis=0) for c in range(5) if (taken_for == c).any()]
    assert 2 <= len(means) <= 4
    expected = [-min(stats.entropy(p, m) for m in means) for p in softmax(test.logits)]
    np.testing.assert_allclose(kl_matching.RULE.make(replace(known, seen=seen), None)(test), expected)


def test_a_tail_is_the_likeliest_weibull_distribution(rng: np.random.Generator) -> None:
    values = rng.gamma(5.0, 2.0, size=500)
    tail = weibull.tail_of(values, 40)
    assert tail is not None
    moved = np.sort(values)[-40:] - np.sort(values)[-40] + 1.0
    shape, _, size = stats.weibull_min.fit(moved, floc=0.0)
    assert (tail.shape, tail.scale) == (pytest.approx(shape, rel=1e-4), pytest.approx(size, rel=1e-4))
    asked = np.array([-100.0, values.max(), 1e9])
    np.testing.assert_allclose(
        tail(asked), stats.weibull_min.cdf(asked - tail.least + 1.0, shape, scale=size), rtol=1e-4
    )


@pytest.mark.parametrize("values", [[], [3.0], [2.0, 2.0, 2.0]])
def test_values_that_do_not_differ_have_no_tail(values: list[float]) -> None:
    assert weibull.tail_of(np.array(values), 20) is None


def test_the_unknown_class_gets_what_far_classes_lose(known: Known) -> None:
    means = np.zeros((5, 5))
    logits = np.array([[4.0, 3.0, 0.0, 0.0, 0.0]])
    always = weibull.Tail(least=0.0, scale=1e-3, shape=1.0)  # every distance is extreme
    odds = openmax.unknown_log_odds(logits, means, [always, None, always, always, always], alpha=2)
    left = np.array([4.0 - 4.0, 3.0, 0.0, 0.0, 0.0])  # the best loses all, the next has no tail, the others no weight
    np.testing.assert_allclose(odds, [4.0 - np.log(np.exp(left).sum())])
    assert -1.0 <= openmax.RULE.make(known, openmax.Config())(known.seen).min() <= 0.0


def test_a_pattern_is_of_rightly_classified_images_where_there_are_any(known: Known) -> None:
    right = known.seen.logits.argmax(axis=1) == known.labels
    some = np.unique(known.labels[right])
    assert len(some) < 5 or not right.all()
    stored = she.patterns(known)
    for number in some:
        rows = right & (known.labels == number)
        np.testing.assert_allclose(stored[number], known.seen.features[rows].mean(axis=0))
    none_right = replace(known, seen=replace(known.seen, logits=np.eye(5)[(known.labels + 1) % 5]))
    np.testing.assert_allclose(she.patterns(none_right)[2], known.seen.features[known.labels == 2].mean(axis=0))
    without = none_right.take(np.flatnonzero(known.labels != 2))
    np.testing.assert_allclose(she.patterns(without)[2], without.seen.features.mean(axis=0))


def test_distances_are_those_at_which_the_decision_changes(known: Known, test: Seen) -> None:
    head = known.head
    sums = fdbd.sum_of_distances(test.logits.astype(float), head.rows(test.features), fdbd.between_rows(head))
    for feature, logits, expected in zip(test.features, test.logits, sums, strict=True):
        best, total = int(logits.argmax()), 0.0
        for other in set(range(5)) - {best}:
            normal = head.weight[other] - head.weight[best]
            distance = (logits[best] - logits[other]) / np.linalg.norm(normal)
            there = head(feature[None] + distance * normal / np.linalg.norm(normal))[0]
            assert there[best] == pytest.approx(there[other], abs=1e-4)
            total += float(distance)
        assert total == pytest.approx(float(expected), rel=1e-4)


def test_a_class_of_several_rows_has_the_boundary_of_the_best_one() -> None:
    head = Head(weight=np.eye(3), bias=np.zeros(3), members=(np.array([0, 2]), np.array([1])))
    features = np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])
    assert head.rows(features).tolist() == [[2, 1], [0, 1]]
    sums = fdbd.sum_of_distances(head(features), head.rows(features), fdbd.between_rows(head))
    np.testing.assert_allclose(sums, [1 / np.sqrt(2)] * 2)


def test_nci_adds_the_size_of_a_feature(known: Known, test: Seen) -> None:
    small, large = (nci.with_alpha(known, alpha)(test) for alpha in (0.0, 0.5))
    np.testing.assert_allclose(large - small, 0.5 * np.abs(test.features).sum(axis=1))


def test_guides_are_the_first_of_each_class(known: Known, test: Seen) -> None:
    assert nnguide.first_share(np.array([1, 0, 1, 1, 0, 2]), 0.5).tolist() == [0, 1, 2, 5]
    nearest = nnguide.guidance(np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([[1.0, 1.0]]), k=1)
    assert nearest.tolist() == [2.0]
    assert nnguide.guidance(np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([[1.0, 1.0]]), k=9).tolist() == [1.5]


def test_weak_edges_are_none() -> None:
    cosines, agreements = np.array([[0.5, -0.9, 0.1]]), np.array([[0.5, 1.0, 0.3]])
    np.testing.assert_allclose(relation.edges(cosines, agreements, 2.0), [0.0625])


def test_edges_add_up_over_parts_of_the_training_images(
    known: Known, test: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = relation.with_power(known, 1.0)(test)
    monkeypatch.setattr(relation, "AT_ONCE", 7)
    np.testing.assert_allclose(relation.with_power(known, 1.0)(test), whole)


def test_relative_distance_of_what_lies_at_a_class_is_high(known: Known) -> None:
    middle = known.seen.features.mean(axis=0)
    near = np.stack([known.seen.features[known.labels == 1].mean(axis=0), middle])
    scores = rmds.RULE.make(known, rmds.Config())(Seen(features=near, logits=known.head(near)))
    assert scores[0] > 0 > scores[1]


def test_a_residual_needs_something_left(known: Known) -> None:
    with pytest.raises(ValueError, match="dim 12 leaves no residual of 60 training images of width 12"):
        residual.RULE.make(known, residual.Config(dim=12))


def test_scaling_prunes_nothing(known: Known) -> None:
    seen = Seen(features=np.array([[3.0, 1.0] + [0.0] * 10]), logits=np.zeros((1, 5)))
    expected = known.head(seen.features * np.exp(4.0 / 3.0))
    score = scale.with_percentile(known, 92.0)(seen)  # one of twelve activations is left
    np.testing.assert_allclose(score, np.log(np.exp(expected.astype(float)).sum(axis=1)), rtol=1e-6)


def test_a_sparse_layer_has_the_largest_contributions(known: Known) -> None:
    mean = known.seen.features.mean(axis=0)
    layer = dice.sparse(known.head, mean, 75.0)
    left = layer.weight != 0.0
    assert left.sum() == 15
    assert (known.head.weight * mean)[left].min() > (known.head.weight * mean)[~left].max()


def test_clipping_needs_an_order() -> None:
    with pytest.raises(ValueError, match="low: give at most high, which is 20"):
        vra.Config(low=50.0, high=20.0)


@pytest.mark.parametrize(
    ("module", "config", "make", "values"),
    [
        (scale, {"percentile": -1.0}, scale.with_percentile, scale.GRID),
        (vra, {"high": 0.0}, vra.with_percentiles, vra.GRID),
        (relation, {"power": 0.0}, relation.with_power, relation.GRID),
        (nci, {"alpha": -1.0}, nci.with_alpha, nci.GRID),
        (fdbd, {"ruler": "choose"}, fdbd.with_ruler, fdbd.RULERS),
    ],
    ids=lambda value: getattr(value, "__name__", "").rpartition(".")[2] or None,
)
def test_a_setting_may_be_chosen_on_held_out_classes(
    known: Known, test: Seen, module: Any, config: dict[str, Any], make: Any, values: Any
) -> None:
    chosen = make(known, on_held_out_classes(make, values, known))
    np.testing.assert_array_equal(module.RULE.make(known, module.Config(**config))(test), chosen(test))
