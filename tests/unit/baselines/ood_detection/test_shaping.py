"""ReAct and ASH: what they do to features, and that the energy afterwards is pytorch-ood's."""

from typing import Any

import numpy as np
import pytest
import torch
from pytorch_ood.detector import ASH, ReAct

from farfield_baselines.ood_detection import ash, energy, react
from farfield_baselines.ood_detection.core import Head, Known, Seen


def layer(head: Head) -> Any:
    weight, bias = torch.from_numpy(head.weight), torch.from_numpy(head.bias)
    return lambda maps: maps.flatten(1) @ weight.T + bias


def maps(seen: Seen) -> torch.Tensor:
    return torch.from_numpy(seen.features)[:, :, None, None]


@pytest.mark.parametrize("percentile", [50.0, 90.0, 99.0])
def test_react_is_pytorch_oods(known: Known, test: Seen, percentile: float) -> None:
    theirs = ReAct(None, layer(known.head), percentile=percentile / 100.0)
    theirs.fit_feature_maps(maps(known.seen), torch.from_numpy(known.labels))
    score = react.react(known, react.Config(percentile=percentile))(test)
    np.testing.assert_allclose(score, -theirs.predict_feature_maps(maps(test)).numpy(), rtol=1e-5)


def test_react_that_clips_nothing_is_energy(known: Known) -> None:
    score = react.react(known, react.Config(percentile=100.0))(known.seen)
    np.testing.assert_allclose(score, energy.negative_energy(known.seen.logits), rtol=1e-6)


def test_react_does_not_see_activations_above_its_ceiling(known: Known, test: Seen) -> None:
    ceiling = np.percentile(known.seen.features, 90.0)
    huge = np.where(test.features > ceiling, 1e3, test.features)
    score = react.react(known, react.Config())
    np.testing.assert_allclose(score(Seen(features=huge, logits=known.head(huge))), score(test), rtol=1e-6)


@pytest.mark.parametrize("variant", ["s", "b", "p"])
@pytest.mark.parametrize("percentile", [0.0, 40.0, 65.0, 90.0])
def test_ash_is_pytorch_oods(known: Known, test: Seen, variant: str, percentile: float) -> None:
    theirs = ASH(None, layer(known.head), variant=f"ash-{variant}", percentile=percentile / 100.0)
    score = ash.ash(known, ash.Config(variant=variant, percentile=percentile))(test)
    np.testing.assert_allclose(score, -theirs.predict_feature_maps(maps(test)).numpy(), rtol=1e-5)


def test_pruning_keeps_the_highest(test: Seen) -> None:
    left = ash.pruned(test.features, 75.0)
    assert ((left > 0).sum(axis=1) == 3).all()
    np.testing.assert_array_equal(np.sort(left, axis=1)[:, -3:], np.sort(test.features, axis=1)[:, -3:])


def test_levelling_keeps_the_sum(test: Seen) -> None:
    left = ash.levelled(test.features, 75.0)
    np.testing.assert_allclose(left.sum(axis=1), test.features.sum(axis=1))
    assert [len(np.unique(row)) for row in left] == [2] * len(left)


def test_pruning_nothing_is_energy(known: Known, test: Seen) -> None:
    score = ash.ash(known, ash.Config(variant="p", percentile=0.0))(test)
    np.testing.assert_allclose(score, energy.negative_energy(test.logits), rtol=1e-6)


def test_scaling_without_a_positive_sum_stays_finite() -> None:
    np.testing.assert_array_equal(ash.scaled(-np.ones((2, 4)), 50.0).sum(axis=1), [-2.0, -2.0])
