"""The validation part: class by class, disjoint, and of the training split alone."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from farfield_baselines import probe, validation
from farfield_baselines.classification import linear_probe

Make = Callable[..., Any]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=2, max_size=60), st.floats(0.01, 0.9), st.integers(0, 99))
def test_a_split_is_a_partition_that_keeps_every_class(labels: list[int], share: float, seed: int) -> None:
    numbers = np.array(labels)
    kept, held = validation.split(numbers, share, seed)
    assert sorted([*kept, *held]) == list(range(len(labels)))
    spare = len(labels) - len(set(labels))
    wanted = max(1, round(share * len(labels)))
    assert len(held) == (min(wanted, spare) if spare else wanted)
    if spare:
        assert set(numbers[kept]) == set(labels)


def test_each_class_gives_its_share() -> None:
    labels = np.repeat([0, 1], [10, 20])
    for seed in range(20):
        _, held = validation.split(labels, 0.2, seed)
        counts = np.bincount(labels[held])
        assert counts.sum() == 6
        assert abs(counts[0] - 2) <= 1


def test_which_are_held_out_depends_on_the_seed() -> None:
    labels = np.repeat([0, 1], 20)
    held = {tuple(validation.split(labels, 0.2, seed)[1]) for seed in range(5)}
    assert len(held) == 5


def test_a_part_reads_its_own_examples(labeled: Make) -> None:
    whole = labeled(np.arange(6).reshape(6, 1), [0, 1, 2, 0, 1, 2])
    part = validation.part_of(whole, np.array([4, 1]))
    (batch,) = part.batches(10)
    assert batch.inputs.ravel().tolist() == [4, 1]
    assert batch.labels.tolist() == [1, 1]


def test_the_first_of_equals_is_chosen() -> None:
    assert validation.best((0.1, 0.2, 0.3), {0.1: 0.5, 0.2: 0.9, 0.3: 0.9}.__getitem__) == (0.2, [0.5, 0.9, 0.9])


def test_the_probe_is_scikit_learns(build: Make, tiny: Any, train: Any, images: Any) -> None:
    method = build(linear_probe.SPEC.with_input("clip"), {**tiny, "l2": 0.1})
    method.fit(train)
    embeddings = method._embed(images).astype(np.float64)
    theirs = LogisticRegression(C=10.0, tol=1e-10, max_iter=10_000).fit(embeddings, train.labels)
    ours = method.predict(images)
    np.testing.assert_allclose(
        ours - ours.mean(axis=1, keepdims=True), theirs.decision_function(embeddings), rtol=1e-3, atol=1e-3
    )


def test_the_probes_strength_is_chosen_without_the_held_out_images_labels_in_training(
    build: Make, tiny: Any, train: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    whole = probe.trained
    monkeypatch.setattr(probe, "trained", lambda f, *rest: (sizes.append(len(f)), whole(f, *rest))[1])
    logged: list[str] = []
    build(linear_probe.SPEC.with_input("clip"), {**tiny, "validation": 0.34}, log=logged.append).fit(train)
    assert sizes == [6] * len(probe.STRENGTHS) + [9]
    assert logged[0].startswith("validation accuracy (%) by l2: 0.0001: ")


def test_without_a_training_split_it_says_so(build: Make, tiny: Any, images: Any) -> None:
    with pytest.raises(ValueError, match="a linear probe needs a benchmark with a training split"):
        build(linear_probe.SPEC.with_input("clip"), tiny).predict(images)
