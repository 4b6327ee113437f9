"""Kind: a last layer that is not the one of the balanced groups. Reference: scikit-learn's L1 logistic regression."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from farfield.errors import ConfigError
from farfield.logistic import ABSENT
from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield_baselines.groups import dfr
from farfield_baselines.groups.dfr import Split, as_layer, balanced, last_layer
from farfield_baselines.networks.sparse import fit_sparse_softmax, objective
from farfield_baselines.trained.loop import run


@pytest.mark.parametrize("c", [0.01, 0.1, 1.0])
def test_the_sparse_fit_is_as_good_as_that_of_scikit_learn(rng: np.random.Generator, c: float) -> None:
    features = rng.normal(size=(120, 8))
    labels = (features[:, :3] + 0.5 * rng.normal(size=(120, 3))).argmax(axis=1)
    weights = fit_sparse_softmax(features, labels, c)
    reference = LogisticRegression(l1_ratio=1.0, C=c, solver="saga", tol=1e-8, max_iter=20000).fit(features, labels)
    theirs = np.column_stack([reference.coef_, reference.intercept_])
    inputs, wanted = np.column_stack([features, np.ones(120)]), np.eye(3)[labels]
    assert objective(weights, inputs, wanted, c) <= objective(theirs, inputs, wanted, c) * (1 + 1e-6)
    np.testing.assert_allclose(weights[:, :-1], reference.coef_, atol=5e-3)


def test_a_balanced_draw_has_as_many_of_each_group(rng: np.random.Generator) -> None:
    groups = np.repeat([0, 3, 7], [50, 9, 4])
    drawn = balanced(groups, rng)
    assert np.bincount(groups[drawn]).tolist() == [4, 0, 0, 4, 0, 0, 0, 4]
    assert len(set(drawn)) == 12


def test_the_layer_is_on_features_as_they_are(rng: np.random.Generator) -> None:
    """Scaling the features scales nothing but the weights; a class without examples is never predicted."""
    features = rng.normal(size=(60, 4))
    labels = 2 * (features[:, 0] > 0)
    split = Split(features=features, labels=labels.astype(np.int64), groups=labels)
    moved = Split(features=10.0 * features + 5.0, labels=split.labels, groups=labels)
    here, there = last_layer(split, 1.0, 3), last_layer(moved, 1.0, 3)
    logits = features @ here[:, :-1].T + here[:, -1]
    np.testing.assert_allclose(logits, moved.features @ there[:, :-1].T + there[:, -1], atol=1e-6)
    assert (logits.argmax(axis=1) == labels).mean() > 0.9
    assert here[1, -1] == ABSENT
    np.testing.assert_allclose(as_layer(here).weight.detach().numpy(), here[:, :-1], rtol=1e-6)


def grouped(count: int, seed: int) -> LabeledSet:
    """Two domains and two classes; the domain tells the class of nine examples in ten, the first column of all."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, count)
    domains = np.where(rng.random(count) < 0.9, labels, 1 - labels)
    inputs = rng.normal(size=(count, 6)).astype(np.float32)
    inputs[:, 0] += 2.0 * (2 * labels - 1)
    inputs[:, 1] = 5.0 * (2 * domains - 1)
    return LabeledSet(ArraySource(inputs), labels, domains)


def test_the_last_layer_no_longer_leans_on_the_domain(recipe_of: Callable[..., Any]) -> None:
    recipe = recipe_of(dfr.DFR, grouped(400, 0), config=dfr.DFRConfig, val=grouped(300, 1), hidden_layers=0, epochs=5)
    weights: list[np.ndarray] = []
    finish = recipe.finish

    def watched() -> None:
        weights.append(recipe.classifier.weight.detach().numpy().copy())
        finish()
        weights.append(recipe.classifier.weight.detach().numpy().copy())

    recipe.finish = watched
    run(recipe, lambda *_: None)
    leans = [abs(w[1, 1] - w[0, 1]) / abs(w[1, 0] - w[0, 0]) for w in weights]
    assert leans[1] < 0.25 * leans[0]
    assert recipe.parts["classifier"] is recipe.classifier


def test_without_a_validation_split_it_says_what_to_set(recipe_of: Callable[..., Any]) -> None:
    recipe = recipe_of(dfr.DFR, grouped(60, 0), config=dfr.DFRConfig, epochs=1, strength=0.1)
    with pytest.raises(ConfigError, match="retrain_on: .* set it to training"):
        run(recipe, lambda *_: None)
    on_training = recipe_of(
        dfr.DFR, grouped(60, 0), config=dfr.DFRConfig, epochs=1, strength=0.1, retrain_on="training"
    )
    run(on_training, lambda *_: None)
    assert on_training.classifier.weight.shape == (3, 256)


def test_it_says_that_it_trains_on_validation_data() -> None:
    """WILDS' rules ask for it; it is so with every input."""
    claims = [dfr.SPEC.with_input(name).claims for name in dfr.SPEC.inputs_by_name]
    assert [claim.departs for claim in claims] == [("trains-on-validation",)] * 3
