"""Kind: a figure that chooses otherwise than it says. References: scikit-learn and numpy."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield_baselines.trained.selection import figure, macro_f1, pearson

LABELS = np.array([0, 0, 1, 1, 0, 1, 1, 1])
DOMAINS = np.array([0, 0, 0, 0, 1, 1, 1, 1])
PREDICTED = np.array([0, 1, 1, 1, 1, 1, 1, 0])


def split(targets: np.ndarray | None = None) -> LabeledSet:
    return LabeledSet(ArraySource(np.zeros((8, 1))), LABELS, DOMAINS, targets)


@pytest.mark.parametrize(
    ("name", "expected"), [("average", 5 / 8), ("worst-domain", 2 / 4), ("worst-group", 0.0), ("macro-f1", None)]
)
def test_of_classes(name: str, expected: float | None) -> None:
    wanted = f1_score(LABELS, PREDICTED, average="macro") if expected is None else expected
    assert figure(name, np.eye(2)[PREDICTED], split()) == pytest.approx(wanted)


def test_the_macro_f1_is_over_the_classes_that_occur(rng: np.random.Generator) -> None:
    labels, predicted = rng.integers(0, 4, 50) * 2, rng.integers(0, 8, 50)
    wanted = f1_score(labels, predicted, average="macro", labels=np.unique(labels))
    assert macro_f1(predicted, labels, labels) == pytest.approx(wanted)


def test_of_values_it_is_the_correlation(rng: np.random.Generator) -> None:
    targets = rng.normal(size=(8, 1))
    values = targets + rng.normal(size=(8, 1))
    each = [np.corrcoef(values[d == DOMAINS, 0], targets[d == DOMAINS, 0])[0, 1] for d in (0, 1)]
    assert figure("average", values, split(targets)) == pytest.approx(np.corrcoef(values[:, 0], targets[:, 0])[0, 1])
    assert figure("worst-domain", values, split(targets)) == pytest.approx(min(each))
    with pytest.raises(ValueError, match="macro F1 is of classes"):
        figure("macro-f1", values, split(targets))


def test_what_does_not_vary_correlates_with_nothing() -> None:
    assert pearson(np.ones((3, 1)), np.arange(3.0)[:, None]) == 0.0
