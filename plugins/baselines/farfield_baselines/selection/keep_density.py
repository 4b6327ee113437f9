"""Density-based pruning (Abbas et al. 2024, arXiv 2401.04578): the choice of `farfield prune`, within a budget."""

from dataclasses import dataclass

import numpy as np

from farfield import RunContext, TrainingSet, pruning, setting
from farfield_baselines.selection.declare import Ints, features_of, method

CLUSTERS = "How many clusters; at most half as many as examples may be chosen, for the share of each is rounded."
BALANCE = "What each cluster keeps of an equal part at least, where it has so many."


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings of `farfield prune`."""

    clusters: int = setting(50, ge=1, le=100_000, help=CLUSTERS)
    temperature: float = setting(0.5, ge=1e-3, le=100.0, help="Of the softmax over the clusters' complexities.")
    balance: float = setting(0.5, ge=0.0, le=1.0, help=BALANCE)


class KeepDensity:
    """Spread-out clusters far from others keep more, and within a cluster the farthest from its centre are kept."""

    def __init__(self, context: RunContext) -> None:
        self._config: Config = context.config
        self._seed = context.seed

    def choose(self, train: TrainingSet, most: int) -> Ints:
        features, config = features_of(train), self._config
        count = min(config.clusters, max(2, most // 2), len(np.unique(features, axis=0)))
        clusters = pruning.clustered(features, count, seed=self._seed)
        counts = pruning.counts_by_density(clusters, most, temperature=config.temperature, balance=config.balance)
        return farthest(pruning.kept(clusters, counts), clusters.distances, most)


def farthest(places: Ints, distances: pruning.Floats, most: int) -> Ints:
    """Those [K], at most `most`, that are farthest from their centres [N]: rounded shares may be some too many."""
    order = np.argsort(-distances[places], kind="stable")
    return np.sort(places[order[:most]])


SPEC = method(
    "keep-density",
    KeepDensity,
    "More of clusters that are spread out and far from others, and of each the farthest from its centre.",
    ("Abbas et al. 2024, arXiv 2401.04578",),
    Config,
)
