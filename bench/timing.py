"""Two ways of doing one thing, timed in turn in one run and quoted as a ratio of medians, with the pairs' spread."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Seconds of ours and of the alternative, run by run, in turn."""

    title: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    alternative: str

    def __str__(self) -> str:
        ours, theirs = statistics.median(self.ours), statistics.median(self.theirs)
        ratios = sorted(mine / other for mine, other in zip(self.ours, self.theirs, strict=True))
        spread = f"({ratios[0]:.2f} to {ratios[-1]:.2f})"
        return f"{self.title:<44} {ours:9.3f} s {theirs:9.3f} s  x{ours / theirs:5.2f} {spread}  vs {self.alternative}"


def compare(
    title: str, ours: Callable[[], object], theirs: Callable[[], object], alternative: str, runs: int
) -> Comparison:
    """A B A B ..., so that a drift of the machine's speed hits both."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for side, work in zip(seconds, (ours, theirs), strict=True):
            started = time.perf_counter()
            work()
            side.append(time.perf_counter() - started)
    return Comparison(title=title, ours=tuple(seconds[0]), theirs=tuple(seconds[1]), alternative=alternative)
