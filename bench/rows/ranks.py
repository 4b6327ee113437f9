"""Rank intervals of a board against a plain numpy bootstrap of two of its methods."""

import numpy as np

from bench.timing import Comparison, compare
from farfield_evaluators.inference.ranks import standings
from farfield_evaluators.inference.resampling import RESAMPLES, Outcomes, bootstrap

METHODS, EXAMPLES = 50, 50_000


def ranking(runs: int = 3) -> Comparison:
    """50 methods on 50,000 examples with 1,000 resamples, all pairs tested; theirs is the error of one difference."""
    rng = np.random.default_rng(0)
    hits = (rng.random((EXAMPLES, METHODS)) < np.linspace(0.6, 0.65, METHODS)).astype(np.float64)
    first, second = hits[:, 0].copy(), hits[:, 1].copy()

    def ours() -> object:
        return standings(bootstrap([Outcomes(values=hits)]), higher_is_better=True)

    def theirs() -> float:
        draws = np.random.default_rng(1)
        places = (draws.integers(0, EXAMPLES, EXAMPLES) for _ in range(RESAMPLES))
        return float(np.std([first[chosen].mean() - second[chosen].mean() for chosen in places]))

    return compare(f"ranks of {METHODS} methods, {EXAMPLES:,} examples", ours, theirs, "numpy bootstrap of two", runs)


if __name__ == "__main__":
    print(ranking())
