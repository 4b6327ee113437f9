"""Groups drawn as often as each other: RWG of Idrissi et al. 2022 (arXiv 2110.14503)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import TrainingSet, setting
from farfield_baselines.groups.class_reweighting import BALANCING
from farfield_baselines.groups.declare import method
from farfield_baselines.groups.grouping import HELP, KINDS, GroupConfig, Grouped, Ints

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, kw_only=True)
class ReweightingConfig(GroupConfig):
    """What a group is; in the paper a domain and a class."""

    group_by: str = setting("domain-label", choices=KINDS, help=HELP)


class GroupReweighting(Grouped):
    """ERM on examples that are drawn with replacement, each group as often."""

    def order(self, train: TrainingSet, epoch: int, rng: np.random.Generator) -> Iterator[Ints]:
        return self.uniform(train, epoch, rng)


TITLE = "ERM with every group drawn as often"
SPEC = method("group-reweighting", GroupReweighting, TITLE, (BALANCING,), config=ReweightingConfig)
