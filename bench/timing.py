"""Two ways of doing one thing, timed in turn in one run and quoted as a ratio."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Median seconds of ours and of the alternative, over the same number of runs in turn."""

    title: str
    ours: float
    theirs: float
    alternative: str

    def __str__(self) -> str:
        ratio = self.ours / self.theirs
        return f"{self.title:<44} {self.ours:9.3f} s {self.theirs:9.3f} s  x{ratio:5.2f}  vs {self.alternative}"


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
    mine, other = (statistics.median(side) for side in seconds)
    return Comparison(title=title, ours=mine, theirs=other, alternative=alternative)
