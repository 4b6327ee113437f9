"""Tests for scorers to look at, made of arrays."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from farfield_evaluators.figure import Figure
from farfield_evaluators.metrics.labelspace import Space
from farfield_evaluators.scoring.files import OF_CLASSIFIERS
from farfield_evaluators.scoring.scorer import Scorer, Wanted, score_tests
from farfield_evaluators.scoring.test import Attribute, Test


def classified(
    name: str,
    role: str,
    logits: npt.NDArray[np.floating],
    labels: npt.NDArray[np.int64],
    space: Space | None = None,
    **attributes: Sequence[int],
) -> Test:
    """A labelled set with a classifier's logits [N, C]; attributes are numbers [N], named a0, a1, ..."""
    classes = logits.shape[1]
    columns = {"label": labels, **{name: np.asarray(values) for name, values in attributes.items()}}
    return Test(
        domain=name,
        role=role,
        count=len(labels),
        outputs={"logits": logits},
        targets={"label": labels},
        attributes={name: _attribute(name, values) for name, values in columns.items()},
        space=space,
        classes=classes,
    )


def _attribute(name: str, values: npt.NDArray[np.int64]) -> Attribute:
    return Attribute(numbers=values, values=tuple(f"{name[0]}{n}" for n in range(int(values.max(initial=-1)) + 1)))


def detected(name: str, role: str, scores: npt.NDArray[np.floating]) -> Test:
    """A set with a detector's scores [N]."""
    return Test(domain=name, role=role, count=len(scores), outputs={"scores": scores})


def figures_of(tests: Iterable[Test], scorers: Sequence[Scorer] = OF_CLASSIFIERS) -> tuple[Figure, ...]:
    """All figures that the scorers give."""
    names = frozenset(metric.name for scorer in scorers for metric in scorer.gives)
    return score_tests(scorers, tests, Wanted(metrics=names))
