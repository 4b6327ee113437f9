"""Examples by chance: what any choice has to be better than (as in DataComp, Gadre et al. 2023, arXiv 2304.14108)."""

import numpy as np

from farfield import RunContext, TrainingSet
from farfield_baselines.selection.declare import Ints, method


class KeepRandom:
    """As many as may be chosen, all as likely as one another."""

    def __init__(self, context: RunContext) -> None:
        self._seed = context.seed

    def choose(self, train: TrainingSet, most: int) -> Ints:
        return np.random.default_rng(self._seed).choice(len(train), most, replace=False)


SPEC = method(
    "keep-random",
    KeepRandom,
    "Examples by chance: what a choice has to be better than.",
    ("Gadre et al. 2023, arXiv 2304.14108",),
    stochastic=True,
)
