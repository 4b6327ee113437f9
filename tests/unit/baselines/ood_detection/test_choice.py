"""Choosing a hyperparameter: by AUROC, on validation data only."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from farfield_baselines.ood_detection import ash, choice, knn, react, vim
from farfield_baselines.ood_detection.core import Floats, Head, Known, Score, Seen, each_its_own


def test_auroc_is_scikit_learns(rng: np.random.Generator) -> None:
    inside, outside = rng.integers(0, 6, 40).astype(float), rng.integers(-2, 4, 25).astype(float)
    expected = roc_auc_score(np.repeat([1, 0], [40, 25]), np.concatenate([inside, outside]))
    assert choice.auroc(inside, outside) == pytest.approx(expected, abs=1e-12)


def test_the_first_of_equals_is_chosen() -> None:
    assert choice.best([0.5, 0.7, 0.7], (10, 20, 30)) == 20


def clusters(rng: np.random.Generator, images: int) -> Known:
    """Four classes, each around a vector of its own."""
    centres, labels = 10.0 * np.eye(4), np.arange(images, dtype=np.int64) % 4
    features = centres[labels] + rng.normal(size=(images, 4))
    head = Head(weight=centres, bias=np.zeros(4), members=each_its_own(4))
    return Known(head=head, seen=Seen(features=features, logits=head(features)), labels=labels)


def test_held_out_classes_are_strangers(rng: np.random.Generator) -> None:
    """Each detector learns from two classes; the other two are OOD, and it sees logits of its own two alone."""
    fitted: list[Known] = []

    def record(known: Known, value: int) -> Score:
        fitted.append(known)
        return lambda seen: np.zeros(len(seen)) + 0 * value

    choice.on_held_out_classes(record, (1,), clusters(rng, 40))
    assert [len(known.labels) for known in fitted] == [10, 10]
    assert [sorted(set(known.labels.tolist())) for known in fitted] == [[0, 1], [0, 1]]
    means = [known.seen.features.mean(axis=0).argsort()[-2:] for known in fitted]
    assert [sorted(mean.tolist()) for mean in means] == [[1, 3], [0, 2]]
    for known in fitted:
        np.testing.assert_allclose(known.seen.logits, known.head(known.seen.features), rtol=1e-6)


def test_no_image_is_learned_from_and_scored(rng: np.random.Generator) -> None:
    overlaps: list[int] = []

    def check(known: Known, _: int) -> Score:
        learned = {row.tobytes() for row in known.seen.features}

        def score(seen: Seen) -> Floats:
            overlaps.append(len(learned & {row.tobytes() for row in seen.features}))
            return np.zeros(len(seen))

        return score

    choice.on_held_out_classes(check, (1, 2), clusters(rng, 24))
    assert overlaps == [0] * 8


def test_a_value_that_works_is_chosen_on_held_out_classes(rng: np.random.Generator) -> None:
    """Far neighbours lie in the other class: only small k tell a stranger."""
    known = clusters(rng, 80)
    assert choice.on_held_out_classes(knn.with_k, (1000, 5), known) == 5


@pytest.mark.parametrize(
    ("rule", "config"),
    [
        (knn.RULE, knn.Config(k=0)),
        (vim.RULE, vim.Config(dim=-1)),
        (react.RULE, react.Config(percentile=0.0)),
        (ash.RULE, ash.Config(percentile=-1.0)),
    ],
)
def test_every_grid_works(rule: Any, config: Any, known: Known, test: Seen) -> None:
    assert np.isfinite(rule.make(known, config)(test)).all()


def test_too_few_images_to_choose_are_refused(known: Known) -> None:
    with pytest.raises(ValueError, match="too few ID training images to choose a setting on held-out classes"):
        knn.knn(known.take(np.arange(2)), knn.Config(k=0))


Make = Callable[..., Any]


def test_a_choice_never_sees_test_images(build: Make, labeled: Make, rng: np.random.Generator) -> None:
    """What is scored, and in what company, does not change the choice."""
    method = build(knn.SPEC, {"input": "lite0", "k": 0})
    method.fit(labeled(rng.random((24, 1280), dtype=np.float32), np.arange(24) % 3))
    images = rng.random((6, 1280), dtype=np.float32)
    together, alone = method.score(images)[0], [method.score(images[i : i + 1])[0][0] for i in range(6)]
    np.testing.assert_allclose(together, alone, atol=1e-7)
