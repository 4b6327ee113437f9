"""Scorers: a metric is a computation that a benchmark declares. Adding one is one file with one of these in it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from farfield.errors import FarfieldError
from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.scoring.aggregates import USUAL, Aggregate, aggregated
from farfield_evaluators.scoring.test import Array, Outcome, Test


class ScorerError(FarfieldError):
    """A scorer that does not keep its word. The benchmark's suite is to blame, and no method."""

    code = "platform.scorer"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked of scorers: metrics by name, and over which aggregates; without `errors` only those at no cost."""

    metrics: frozenset[str]
    aggregates: tuple[Aggregate, ...] = USUAL
    errors: bool = True

    def of(self, metric: Metric, figures: Sequence[Figure], tests: Iterable[Test]) -> Iterator[Figure]:
        """One metric's figures of domains, and those over the aggregates whose domains all have one."""
        yield from figures
        yield from aggregated(metric, figures, {test.domain: test.role for test in tests}, self.aggregates)


class Scorer(Protocol):
    """Computes some metrics of a run.

    gives: the metrics; figures of others are a ScorerError. needs: what is looked at of a test's outputs, so that they
    are gone through once for all scorers. score: the figures of domains and aggregates, from outcomes, targets and
    attributes; an undefined figure is left out. Both must give the same for the same examples in any order. A scorer
    is a value: hashable, without state.
    """

    @property
    def gives(self) -> tuple[Metric, ...]: ...
    def needs(self, test: Test) -> Iterable[Outcome]: ...
    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterable[Figure]: ...


@dataclass(frozen=True, kw_only=True)
class Each:
    """A metric of each test domain alone; `of` gives its value and error, None where it is undefined.

    mean_of: the outcome whose mean over a domain's examples the value is, where it is one: so entries are compared
    example by example.
    """

    metric: Metric
    of: Callable[[Test], Estimate | None]
    outcomes: tuple[Outcome, ...] = ()
    mean_of: str = ""

    @property
    def gives(self) -> tuple[Metric, ...]:
        return (self.metric,)

    def needs(self, test: Test) -> Iterable[Outcome]:
        return self.outcomes

    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterator[Figure]:
        estimates = [(test, self.of(test)) for test in tests]
        figures = [figure_of(self.metric, test, estimate) for test, estimate in estimates if estimate is not None]
        yield from wanted.of(self.metric, figures, tests)


def each(metric: Metric, of: Callable[[Test], Estimate | None], *outcomes: Outcome, mean_of: str = "") -> Each:
    """The scorer of a metric that is a function of a test's outcomes, targets and attributes; see `Each.mean_of`."""
    return Each(metric=metric, of=of, outcomes=outcomes, mean_of=mean_of)


def figure_of(metric: Metric, test: Test, estimate: Estimate) -> Figure:
    """The metric's figure on the test's domain."""
    return Figure(metric=metric.name, domain=test.domain, value=estimate.value, stderr=estimate.stderr, n=len(test))


def score_tests(scorers: Sequence[Scorer], tests: Iterable[Test], wanted: Wanted) -> tuple[Figure, ...]:
    """The wanted figures of all scorers, in their order. Tests are looked at one after the other, each once.

    Raises ScorerError for a figure that comes twice, or of a metric that its scorer does not give, and for a scorer
    that fails.
    """
    asked = [scorer for scorer in scorers if any(metric.name in wanted.metrics for metric in scorer.gives)]
    ready = [_looked_at(test, asked) for test in tests]
    given = (figure for scorer in asked for figure in _given(scorer, ready, wanted))
    figures = [figure for figure in given if figure.metric in wanted.metrics]
    counts = Counter(figure.key for figure in figures)
    twice = [f"{metric} on {domain}" for (metric, domain), count in counts.items() if count > 1]
    if twice:
        raise ScorerError(f"a figure is given twice: {', '.join(twice[:5])}")
    return tuple(figures)


def _given(scorer: Scorer, tests: Sequence[Test], wanted: Wanted) -> Iterator[Figure]:
    with _blamed(scorer):
        figures = list(scorer.score(tests, wanted))
    names = {metric.name for metric in scorer.gives}
    for figure in figures:
        if figure.metric not in names:
            raise ScorerError(f"the scorer of {_called(scorer)} gives the metric {figure.metric!r}, too")
        yield figure


@contextmanager
def _blamed(scorer: Scorer) -> Iterator[None]:
    """What goes wrong here is the scorer's fault, but for what it raises on purpose. Raises ScorerError."""
    try:
        yield
    except (FarfieldError, MemoryError):
        raise
    except Exception as error:
        raise ScorerError(f"the scorer of {_called(scorer)} failed: {type(error).__name__}: {error}") from error


def _called(scorer: Scorer) -> str:
    return ", ".join(metric.name for metric in scorer.gives)


def _looked_at(test: Test, scorers: Sequence[Scorer]) -> Test:
    """The test with all outcomes known that scorers need.

    Outputs are taken once for all outcomes that look at them as a whole, and in blocks for those of each example.
    """
    looking = test.with_outputs(_Once(test.outputs))
    for scorer in scorers:
        with _blamed(scorer):
            for outcome in scorer.needs(test):
                (test if outcome.each else looking).outcome(outcome)
    return test


class _Once(Mapping[str, Array]):
    """Arrays that are kept from when they are first asked for."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._arrays, self._taken = arrays, dict[str, Array]()

    def __getitem__(self, name: str) -> Array:
        if name not in self._taken:
            self._taken[name] = self._arrays[name]
        return self._taken[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)
