"""Two ways of doing one thing, timed in turn in one run."""

import time
from collections.abc import Callable

Seconds = tuple[float, ...]


def in_turn(ours: Callable[[], object], peer: Callable[[], object], runs: int) -> tuple[Seconds, Seconds]:
    """Seconds of both, A B A B ..., so that a drift of the machine's speed hits both."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for side, work in zip(seconds, (ours, peer), strict=True):
            side.append(timed(work))
    return tuple(seconds[0]), tuple(seconds[1])


def timed(work: Callable[[], object]) -> float:
    """Seconds on the clock."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
