"""Self-supervised prototypes (Sorscher et al. 2022, arXiv 2206.14486): hard examples lie far from centres."""

from dataclasses import dataclass

import numpy as np

from farfield import RunContext, TrainingSet, pruning, setting
from farfield_baselines.selection.declare import Ints, features_of, method

FARTHEST, NEAREST = "farthest", "nearest"
CLUSTERS = "How many clusters; 0: as many as there are classes."
KEEP = "Which examples: the farthest from their centres where there is much to choose from, else the nearest."


@dataclass(frozen=True, kw_only=True)
class Config:
    """Of how many prototypes, and which end is kept."""

    clusters: int = setting(0, ge=0, le=100_000, help=CLUSTERS)
    keep: str = setting(FARTHEST, choices=(FARTHEST, NEAREST), help=KEEP)


class KeepFarFromCentre:
    """The examples whose features are farthest, by their cosine, from the centre of their cluster; or the nearest."""

    def __init__(self, context: RunContext) -> None:
        self._config: Config = context.config
        self._classes, self._seed = context.class_count, context.seed

    def choose(self, train: TrainingSet, most: int) -> Ints:
        features, config = features_of(train), self._config
        count = min(config.clusters or self._classes, len(np.unique(features, axis=0)))
        away = pruning.clustered(features, count, seed=self._seed).distances
        return np.argsort(-away if config.keep == FARTHEST else away, kind="stable")[:most]


SPEC = method(
    "keep-far-from-centre",
    KeepFarFromCentre,
    "The examples that are farthest from the centres of as many clusters as there are classes.",
    ("Sorscher et al. 2022, arXiv 2206.14486",),
    Config,
)
