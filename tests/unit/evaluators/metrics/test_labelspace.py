"""Restriction and projection before argmax, against loops."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield_evaluators.data.label_space import LabelSpace, subset
from farfield_evaluators.metrics import labelspace
from farfield_evaluators.metrics.labelspace import max_projected, positions, projected, relabelled, restricted

CLASSES = 9
GROUPS = ((4, 0), (7,), (2, 3, 8))


@st.composite
def grouped(draw: st.DrawFn) -> tuple[tuple[int, ...], ...]:
    """Some of the nine classes, in groups."""
    chosen = draw(st.permutations(range(CLASSES)))
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4).filter(lambda s: sum(s) <= CLASSES))
    ends = np.cumsum(sizes)
    return tuple(tuple(chosen[end - size : end]) for size, end in zip(sizes, ends, strict=True))


@given(grouped(), st.integers(0, 2**32 - 1))
def test_a_groups_logit_is_its_highest(groups: tuple[tuple[int, ...], ...], seed: int) -> None:
    logits = np.random.default_rng(seed).normal(size=(6, CLASSES)).astype(np.float32)
    expected = np.array([[max(row[c] for c in group) for group in groups] for row in logits])
    assert (max_projected(logits, groups) == expected).all()


def test_groups_of_one_are_a_restriction() -> None:
    logits = np.random.default_rng(0).normal(size=(5, CLASSES))
    assert (max_projected(logits, ((3,), (1,))) == restricted(logits, (3, 1))).all()


def test_the_space_says_which() -> None:
    logits = np.arange(18.0).reshape(2, 9)
    assert projected(logits, None) is logits
    assert projected(logits, subset((8, 1))).tolist() == [[1, 8], [10, 17]]
    assert projected(logits, LabelSpace(kind="max", groups=GROUPS)).tolist() == [[4, 7, 8], [13, 16, 17]]


def test_labels_follow_their_classes() -> None:
    labels = np.array([4, 0, 7, 3, 1, -1])
    assert relabelled(labels, LabelSpace(kind="max", groups=GROUPS), CLASSES).tolist() == [0, 0, 1, 2, -1, -1]
    assert relabelled(labels, subset((0, 4, 7)), CLASSES).tolist() == [1, 0, 2, -1, -1, -1]
    assert relabelled(labels, None, CLASSES).tolist() == labels.tolist()
    assert positions(subset((2,)), 4).tolist() == [-1, -1, 0, -1]


@pytest.mark.parametrize("classes", [(), (1, 1), (9,), (-1, 0)])
def test_a_space_that_does_not_fit(classes: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="different classes from 0 to 8"):
        restricted(np.zeros((1, CLASSES)), classes)
    with pytest.raises(ValueError, match="different classes from 0 to 8"):
        positions(LabelSpace(kind="subset", classes=classes), CLASSES)


def test_an_empty_group_does_not_fit() -> None:
    with pytest.raises(ValueError, match="has no class"):
        max_projected(np.zeros((1, 3)), ((0,), ()))


def test_the_examples_in_the_docstrings() -> None:
    assert doctest.testmod(labelspace).failed == 0
