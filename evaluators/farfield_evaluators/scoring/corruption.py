"""The scorer of corruption errors, from the accuracies on corrupted sets (Hendrycks & Dietterich 2019)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics import catalog as metrics
from farfield_evaluators.metrics.corruption import (
    ALEXNET,
    MAIN,
    SEVERITIES,
    corruption_error,
    mce,
    place_of,
    relative_mce,
)
from farfield_evaluators.scoring.aggregates import total
from farfield_evaluators.scoring.classification import ACCURACY, HIT, ID_ACCURACY, known_figures
from farfield_evaluators.scoring.scorer import Wanted
from farfield_evaluators.scoring.test import Outcome, Test

SHIFTS = "shifts"


@dataclass(frozen=True, kw_only=True)
class CorruptionErrors:
    """Corruption errors, and their means where all 15 are there.

    No standard errors: all corruptions are of the same images, so the sets are not independent.
    """

    gives: tuple[Metric, ...] = (metrics.CORRUPTION_ERROR, metrics.MCE, metrics.RELATIVE_MCE)

    def needs(self, test: Test) -> Iterable[Outcome]:
        return (HIT,)

    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterator[Figure]:
        figures = known_figures((ACCURACY,), tests)
        accuracies = {test.domain: figures[ACCURACY.metric.name, test.domain] for test in tests}
        errors, sizes = _by_corruption(accuracies)
        for name, members in errors.items():
            domain, value = name.replace("_", "-"), corruption_error(name, members)
            yield _figure(metrics.CORRUPTION_ERROR, domain, value, sizes[name])
        if all(name in errors for name in MAIN):
            n = total(sizes[name] for name in MAIN)
            yield _figure(metrics.MCE, SHIFTS, mce(errors), n)
            if ID_ACCURACY in figures:
                clean = 1 - figures[ID_ACCURACY].value
                yield _figure(metrics.RELATIVE_MCE, SHIFTS, relative_mce(errors, clean), n)


def _figure(metric: Metric, domain: str, value: float, n: int | None) -> Figure:
    return Figure(metric=metric.name, domain=domain, value=value, stderr=None, n=n)


def _by_corruption(accuracies: Mapping[str, Figure]) -> tuple[dict[str, list[float]], dict[str, int | None]]:
    """Errors and examples of each corruption that is whole: of all five severities, or a set that pools them."""
    found: dict[str, dict[int | None, Figure]] = {name: {} for name in ALEXNET}
    for name, figure in accuracies.items():
        place = place_of(name)
        if place is not None:
            found[place.corruption][place.severity] = figure
    whole = {name: parts for name, parts in found.items() if None in parts or len(parts) == SEVERITIES}
    used = {name: [parts[None]] if None in parts else list(parts.values()) for name, parts in whole.items()}
    errors = {name: [1 - figure.value for figure in figures] for name, figures in used.items()}
    return errors, {name: total(figure.n for figure in figures) for name, figures in used.items()}


CORRUPTION_ERRORS = CorruptionErrors()
