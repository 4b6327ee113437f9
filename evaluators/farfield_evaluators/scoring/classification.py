"""The scorers of classifiers: what logits give on labelled test sets, each read in its own label space."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics import catalog as metrics
from farfield_evaluators.metrics.calibration import Estimate, ece, mean, outcomes
from farfield_evaluators.metrics.classification import (
    Hits,
    Labels,
    Logits,
    accuracy,
    binomial_stderr,
    class_accuracy,
    correct,
    in_top,
)
from farfield_evaluators.metrics.labelspace import Space, positions, projected, relabelled
from farfield_evaluators.metrics.names import canonical
from farfield_evaluators.metrics.robustness import TESTBED, Expected, effective_robustness, robustness_stderr
from farfield_evaluators.scoring.scorer import Each, Scorer, Wanted, each, figure_of
from farfield_evaluators.scoring.test import Array, Outcome, Test

TOP = 5
LOGITS = "logits"
ID_ACCURACY = (metrics.ACCURACY.name, "id")


def labels_of(test: Test) -> Labels:
    """Labels [N] as numbers of the test's label space. Raises ValueError for a label beyond it."""
    labels = relabelled(test.labels, test.space, test.classes)
    if (labels < 0).any():
        beyond = int((labels < 0).sum())
        raise ValueError(f"{beyond} of {len(labels)} labels of {test.domain} are not in its label space")
    return labels


def logits_of(test: Test) -> Logits:
    """Logits [N, K] in the test's label space."""
    return projected(test.outputs[LOGITS], test.space)


def size_of(test: Test) -> int:
    """How many classes the test's label space has."""
    return int(positions(test.space, test.classes).max()) + 1


def share_of(hits: Hits) -> Estimate:
    """The share of hits [N], with the binomial error."""
    share = accuracy(hits)
    return Estimate(value=share, stderr=binomial_stderr(share, len(hits)))


def _hits(test: Test) -> Mapping[str, Array]:
    return {"hit": correct(logits_of(test), labels_of(test))}


def _top(test: Test) -> Mapping[str, Array]:
    return {"top5-hit": in_top(logits_of(test), labels_of(test), TOP)}


def _probabilities(test: Test) -> Mapping[str, Array]:
    said = outcomes(logits_of(test), labels_of(test))
    return {"confidence": said.confidence, "nll": said.nll, "brier": said.brier, "hit": said.hits}


HIT = Outcome(columns=("hit",), of=_hits, each=True)
TOP_HIT = Outcome(columns=("top5-hit",), of=_top, each=True)
PROBABILITIES = Outcome(columns=("confidence", "nll", "brier", "hit"), of=_probabilities, each=True)


def _accuracy(test: Test) -> Estimate:
    return share_of(test.outcome(HIT)["hit"])


def _top5(test: Test) -> Estimate | None:
    """None for so few classes that it is 1, whatever the method."""
    return share_of(test.outcome(TOP_HIT)["top5-hit"]) if size_of(test) > TOP else None


def _class_accuracy(test: Test) -> Estimate:
    value, stderr = class_accuracy(test.outcome(HIT)["hit"], labels_of(test), size_of(test))
    return Estimate(value=value, stderr=stderr)


def _ece(test: Test) -> Estimate:
    said = test.outcome(PROBABILITIES)
    return ece(said["confidence"], said["hit"])


def _mean(column: str) -> Callable[[Test], Estimate | None]:
    def of(test: Test) -> Estimate | None:
        """None where a label has no probability: the likelihood is then undefined."""
        estimate = mean(test.outcome(PROBABILITIES)[column])
        return estimate if math.isfinite(estimate.value) else None

    return of


ACCURACY = each(metrics.ACCURACY, _accuracy, HIT, mean_of="hit")
TOP5 = each(metrics.TOP5, _top5, TOP_HIT, mean_of="top5-hit")
CLASS_ACCURACY = each(metrics.CLASS_ACCURACY, _class_accuracy, HIT)
ECE = each(metrics.ECE, _ece, PROBABILITIES)
BRIER = each(metrics.BRIER, _mean("brier"), PROBABILITIES, mean_of="brier")
NLL = each(metrics.NLL, _mean("nll"), PROBABILITIES, mean_of="nll")
CALIBRATION: tuple[Each, ...] = (ECE, BRIER, NLL)


@dataclass(frozen=True, kw_only=True)
class IdSubsetAccuracy:
    """The ID accuracy on the classes of each shift that has a label space, read in that space."""

    metric: Metric = metrics.ID_SUBSET_ACCURACY

    @property
    def gives(self) -> tuple[Metric, ...]:
        return (self.metric,)

    def needs(self, test: Test) -> Iterable[Outcome]:
        return ()

    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterator[Figure]:
        id_tests = [test for test in tests if test.role == "id"]
        for shift in tests:
            if shift.role != "id" and shift.space is not None:
                yield from self._on_classes_of(shift, shift.space, id_tests)

    def _on_classes_of(self, shift: Test, space: Space, id_tests: Sequence[Test]) -> Iterator[Figure]:
        outcome = _in_space_of(shift.domain, space)
        looked_at = [test.outcome(outcome)[outcome.columns[0]] for test in id_tests]
        hits = np.concatenate([np.zeros(0, np.int8), *looked_at])
        inside = hits[hits >= 0] == 1
        if len(inside):
            share = share_of(inside)
            name = self.metric.name
            yield Figure(metric=name, domain=shift.domain, value=share.value, stderr=share.stderr, n=len(inside))


def _in_space_of(name: str, space: Space) -> Outcome:
    """Whether an ID example is a hit in another set's label space: 1 or 0, and -1 for a class that is not in it."""
    column = f"hit-in-{name}"

    def of(test: Test) -> Mapping[str, Array]:
        labels = relabelled(test.labels, space, test.classes)
        inside = labels >= 0
        hits = np.full(len(test), -1, np.int8)
        hits[inside] = correct(projected(test.outputs[LOGITS][inside], space), labels[inside])
        return {column: hits}

    return Outcome(columns=(column,), of=of)


@dataclass(frozen=True, kw_only=True)
class EffectiveRobustness:
    """OOD accuracy over what is expected at this ID accuracy, on the shifts that the testbed has a line for.

    Where a shift has a label space of its own the ID accuracy is that on its classes.
    """

    metric: Metric = metrics.EFFECTIVE_ROBUSTNESS

    @property
    def gives(self) -> tuple[Metric, ...]:
        return (self.metric,)

    def needs(self, test: Test) -> Iterable[Outcome]:
        return (HIT,)

    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterator[Figure]:
        yield from wanted.of(self.metric, list(self._of_shifts(tests)), tests)

    def _of_shifts(self, tests: Sequence[Test]) -> Iterator[Figure]:
        known = known_figures((ACCURACY, IdSubsetAccuracy()), tests)
        for test in tests:
            line = TESTBED.get(canonical(test.domain))
            in_space = test.role != "id" and test.space is not None
            id_accuracy = known.get((metrics.ID_SUBSET_ACCURACY.name, test.domain) if in_space else ID_ACCURACY)
            if line is not None and id_accuracy is not None:
                estimate = _robustness(id_accuracy, known[ACCURACY.metric.name, test.domain], line)
                yield figure_of(self.metric, test, estimate)


def _robustness(x: Figure, y: Figure, line: Expected) -> Estimate:
    value = effective_robustness(x.value, y.value, line)
    return Estimate(value=value, stderr=robustness_stderr(x.value, x.stderr or 0.0, y.stderr or 0.0, line))


def known_figures(scorers: Sequence[Scorer], tests: Sequence[Test]) -> dict[tuple[str, str], Figure]:
    """The figures of other scorers, for those that are functions of them, with the usual aggregates."""
    wanted = Wanted(metrics=frozenset(metric.name for scorer in scorers for metric in scorer.gives))
    return {figure.key: figure for scorer in scorers for figure in scorer.score(tests, wanted)}


ID_SUBSET_ACCURACY = IdSubsetAccuracy()
EFFECTIVE_ROBUSTNESS = EffectiveRobustness()
