"""Deep feature reweighting (Kirichenko et al. 2022, arXiv 2204.02937): the last layer again, on balanced groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from farfield import TrainingSet, setting
from farfield.departures import TRAINS_ON_VALIDATION
from farfield.errors import ConfigError
from farfield.logistic import ABSENT
from farfield_baselines.groups.declare import method
from farfield_baselines.groups.grouping import HELP, KINDS, numbers
from farfield_baselines.groups.wilds_erm import FIRST
from farfield_baselines.trained.config import TrainConfig
from farfield_baselines.trained.first import Begun

if TYPE_CHECKING:
    from torch import nn

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
# The paper's grid of inverse strengths.
STRENGTHS = (1.0, 0.7, 0.3, 0.1, 0.07, 0.03, 0.01)


@dataclass(frozen=True, kw_only=True)
class DFRConfig(TrainConfig):
    """Where the last layer is trained again, and how often."""

    retrain_on: str = setting(
        "validation",
        choices=("validation", "training"),
        help="Split on which the last layer is trained again; the validation split where the benchmark has one.",
    )
    group_by: str = setting("domain-label", choices=KINDS, help=HELP)
    retrainings: int = setting(20, ge=1, le=1000, help="Last layers, each on a balanced draw of its own; averaged.")
    strength: float = setting(0.0, ge=0.0, le=1e3, help="Inverse weight of the L1 penalty, C; 0: chosen on one half.")


@dataclass(frozen=True, kw_only=True)
class Split:
    """Features [N, D] of one split, labels [N] in 0..C-1 and groups [N]."""

    features: Floats
    labels: Ints
    groups: Ints

    def __getitem__(self, positions: Ints) -> Split:
        return Split(features=self.features[positions], labels=self.labels[positions], groups=self.groups[positions])


class DFR(Begun):
    """ERM, then L1 logistic regressions on draws with as many examples of each group, averaged into the last layer."""

    def finish(self) -> None:
        config: DFRConfig = self.config
        part = self.setup.train if config.retrain_on == "training" else self.setup.val
        if part is None:
            says = "this benchmark has no validation split to train the last layer on; set it to training"
            raise ConfigError([f"retrain_on: {says}"])
        split = self.split_of(part)
        rng = np.random.default_rng([self.setup.seed, 3])
        strength = config.strength or self.chosen(split, rng)
        drawn = [balanced(split.groups, rng) for _ in range(config.retrainings)]
        layers = [last_layer(split[positions], strength, self.setup.outputs) for positions in drawn]
        self.classifier = self.part("classifier", as_layer(np.mean(layers, axis=0)))

    def split_of(self, part: TrainingSet) -> Split:
        features = self.over(part, self.featurizer).astype(np.float64)
        return Split(features=features, labels=part.labels, groups=numbers(part, self.config.group_by))

    def chosen(self, split: Split, rng: np.random.Generator) -> float:
        """The strength with the best worst group on one half, of layers trained on the other."""
        first, second = np.array_split(rng.permutation(len(split.labels)), 2)
        some = first[balanced(split.groups[first], rng)]
        figures = [worst(last_layer(split[some], c, self.setup.outputs), split[second]) for c in STRENGTHS]
        listed = ", ".join(f"{c:g}: {100 * v:.1f}" for c, v in zip(STRENGTHS, figures, strict=True))
        strength = STRENGTHS[int(np.argmax(figures))]
        self.setup.log(f"worst group's accuracy (%) on half of the split by strength: {listed}; chosen {strength:g}")
        return strength


def balanced(groups: Ints, rng: np.random.Generator) -> Ints:
    """Positions with as many examples of each group that occurs as the smallest has, without replacement."""
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    least = min(map(len, members))
    return np.concatenate([rng.choice(these, least, replace=False) for these in members])


def last_layer(split: Split, strength: float, classes: int) -> Floats:
    """Weights [C, D + 1] on the features as they are, the last column the bias; trained on standardised features.

    The bias of a class without examples is ABSENT.
    """
    from farfield_baselines.networks.sparse import fit_sparse_softmax

    mean, deviation = split.features.mean(axis=0), split.features.std(axis=0)
    scale = np.where(deviation > 0.0, deviation, 1.0)
    present, labels = np.unique(split.labels, return_inverse=True)
    fitted = fit_sparse_softmax((split.features - mean) / scale, labels, strength)
    weights = np.zeros((classes, len(mean) + 1))
    weights[:, -1] = ABSENT
    weights[present, :-1] = fitted[:, :-1] / scale
    weights[present, -1] = fitted[:, -1] - weights[present, :-1] @ mean
    return weights


def worst(layer: Floats, split: Split) -> float:
    """The lowest accuracy of any group that occurs."""
    right = (split.features @ layer[:, :-1].T + layer[:, -1]).argmax(axis=1) == split.labels
    return min(float(right[split.groups == group].mean()) for group in np.unique(split.groups))


def as_layer(weights: Floats) -> nn.Module:
    """A linear layer of weights [C, D + 1]."""
    import torch
    from torch import nn

    layer = nn.Linear(weights.shape[1] - 1, weights.shape[0])
    values = torch.from_numpy(weights.astype(np.float32))
    layer.weight.data, layer.bias.data = values[:, :-1].clone(), values[:, -1].clone()
    return layer


TITLE = "DFR: ERM, then its last layer again, on validation data of balanced groups"
PAPER = "Kirichenko et al. 2022, arXiv 2204.02937"
SPEC = method("dfr", DFR, TITLE, (PAPER,), config=DFRConfig, departs=(TRAINS_ON_VALIDATION,), first=FIRST)
