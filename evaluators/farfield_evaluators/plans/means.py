"""Means over runs with their errors, as plans give them. Pure functions.

Every error here is a standard error: of a mean over k >= 2 runs the standard deviation (ddof 1) over sqrt(k), of one
run its own over test examples, and of several both where a plan asks for it. Of a mean over several such means, each
over the same repeats, it is that of the means of each repeat where there are several repeats, since what one repeat has
in common moves all its runs alike; else of a mean of independent figures. A plan may have another measure shown in its
place, see `spread_of`.
"""

import math
import statistics
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from farfield_evaluators.figure import Figure
from farfield_evaluators.run_plan import Chosen, Spread

KeyT = TypeVar("KeyT", bound=Hashable)
Key = tuple[str, str]
Z95 = 1.96  # as FsDet has it
BESIDES: tuple[Spread, ...] = ("std", "ci95")
"""What may be shown in place of the standard error."""


def grouped(chosen: Iterable[Chosen], by: Callable[[Chosen], KeyT]) -> dict[KeyT, list[Chosen]]:
    """By what is given of each, in the order in which it comes first."""
    groups: dict[KeyT, list[Chosen]] = {}
    for each in chosen:
        groups.setdefault(by(each), []).append(each)
    return groups


def common_keys(runs: Sequence[Sequence[Chosen]]) -> list[Key]:
    """What all runs have a figure of, in the order of the first: a mean over fewer would flatter."""
    if not runs:
        return []
    first, *others = ([(c.metric, c.domain) for c in run] for run in runs)
    sets = [set(keys) for keys in others]
    return [key for key in first if all(key in keys for keys in sets)]


def mean_of(figures: Sequence[Chosen], domain: str = "", *, examples: bool = False) -> Figure:
    """The mean over runs, at least one; `domain` is its name where it is another.

    With `examples` the error of several is over the test examples as well, see `over_both`.
    """
    first = figures[0]
    values = [figure.value for figure in figures]
    several = len(values) > 1
    over_trials = statistics.stdev(values) / math.sqrt(len(values)) if several else first.stderr
    return Figure(
        metric=first.metric,
        domain=domain or first.domain,
        value=statistics.fmean(values) if several else first.value,
        stderr=over_both(over_trials, [figure.stderr for figure in figures]) if several and examples else over_trials,
        n=total([figure.n for figure in figures]),
        trials=len(values),
    )


def over_both(over_trials: float | None, over_examples: Sequence[float | None]) -> float | None:
    """The error of a mean over trials that were tested on the same examples: over trials and examples both.

    That of the mean over the trials at hand is at most the mean of their errors over examples, which it is where all
    trials fail on the same ones; what other trials would give comes to it, independently. None where one is not known.

    >>> over_both(0.3, [0.4, 0.4, 0.4]), over_both(0.3, [0.4, None, 0.4])
    (0.5, None)
    """
    known = [error for error in over_examples if error is not None]
    if over_trials is None or len(known) < len(over_examples):
        return None
    return math.hypot(over_trials, statistics.fmean(known))


def error_words(stochastic: int, trials: int) -> str:
    """Over what the standard error of a figure is, of a plan and over so many trials.

    >>> error_words(0, 1), error_words(0, 3), error_words(5, 5)
    ('over test examples', 'over 3 trials', 'over 5 trials and test examples')
    """
    if trials < 2:
        return "over test examples"
    return f"over {trials} trials{' and test examples' if stochastic else ''}"


def spread_of(figure: Figure, spread: Spread) -> float | None:
    """What stands after ± by the plan: the standard error, or of a mean over repeats what `Spread` names.

    >>> mean = Figure(metric="accuracy", domain="id", value=0.5, stderr=0.1, n=None, trials=4)
    >>> spread_of(mean, "stderr"), spread_of(mean, "std"), round(spread_of(mean, "ci95"), 4)
    (0.1, 0.2, 0.1697)
    """
    factor = spread_factor(spread, figure.trials)
    return None if figure.stderr is None or factor is None else figure.stderr * factor


def spread_factor(spread: Spread, trials: int) -> float | None:
    """By what a standard error over so many repeats is multiplied to be what is shown; None where that has no sense.

    A standard error is sd / sqrt(n) with ddof 1. Of a single run there is no deviation over repeats.

    >>> spread_factor("std", 9), spread_factor("ci95", 2) == 1.96 * math.sqrt(1 / 2), spread_factor("ci95", 1)
    (3.0, True, None)
    """
    if spread == "stderr":
        return 1.0
    if trials < 2:
        return None
    return math.sqrt(trials) if spread == "std" else Z95 * math.sqrt((trials - 1) / trials)


def named_spreads(figure: Figure, spread: Spread) -> dict[str, float | None]:
    """What is shown after ± in place of the standard error, by its name; None by the names that the plan does not have.

    >>> mean = Figure(metric="accuracy", domain="id", value=0.5, stderr=0.1, n=None, trials=4)
    >>> named_spreads(mean, "std"), named_spreads(mean, "stderr")
    ({'std': 0.2, 'ci95': None}, {'std': None, 'ci95': None})
    """
    return {name: spread_of(figure, name) if name == spread else None for name in BESIDES}


def spread_words(spread: Spread, trials: int) -> str:
    """What stands after ± of a mean over so many repeats, in words; empty where it is the usual standard error.

    >>> spread_words("std", 3)
    'the standard deviation over 3 replicates (ddof 1)'
    """
    if spread == "stderr" or trials < 2:
        return ""
    if spread == "std":
        return f"the standard deviation over {trials} replicates (ddof 1)"
    return f"the 95% interval over {trials} repeats: 1.96 standard deviations (ddof 0) over the root of {trials}"


def spread_fact(spread: Spread) -> dict[str, str]:
    """What of it enters a plan's facts: nothing where it is the usual one, so that keys are as they were."""
    return {} if spread == "stderr" else {"spread": spread}


def of_independent(errors: Sequence[float | None]) -> float | None:
    """The error of an unweighted mean of independent figures; None where one of theirs is not known.

    >>> of_independent([0.3, 0.4]), of_independent([0.3, None])
    (0.25, None)
    """
    known = [error for error in errors if error is not None]
    return math.hypot(*known) / len(errors) if len(known) == len(errors) else None


def total(sizes: Sequence[int | None]) -> int | None:
    """The sum; None where one is not known."""
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None
