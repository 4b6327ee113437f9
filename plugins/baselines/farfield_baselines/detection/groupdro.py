"""Faster R-CNN by group DRO (Sagawa et al. 2020, arXiv 1911.08731), as WILDS trains it: the domains are the groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from farfield import setting
from farfield_baselines.detection.core import Ints, Recipe
from farfield_baselines.detection.declare import declare
from farfield_baselines.generalization.groupdro import moved
from farfield_baselines.trained.sampling import even, weighted

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How fast the weights of the domains move."""

    groupdro_eta: float = setting(1e-2, ge=0.0, le=10.0, help="Step size of the exponentiated gradient.")


class GroupDRO(Recipe):
    """Domains are drawn alike, and weighted towards those whose loss is highest now.

    A domain that a batch does not show counts with a loss of 0, in the weights as in what is minimised: WILDS' way.
    """

    def __init__(self, config: Any, domains: int, device: str) -> None:
        import torch

        super().__init__(config, domains, device)
        self.weights = torch.full((domains,), 1.0 / domains, device=device)

    def order(self, domains: Ints, rng: np.random.Generator) -> Iterator[Ints]:
        return weighted(even(domains), self.config.batch, rng)

    def objective(self, losses: torch.Tensor, domains: torch.Tensor) -> torch.Tensor:
        counts = domains.bincount(minlength=self.domains).clamp(min=1)
        means = losses.new_zeros(self.domains).index_add(0, domains, losses) / counts
        self.weights = moved(self.weights, means.detach(), self.config.groupdro_eta)
        return means @ self.weights


SPEC = declare(
    "faster-rcnn-groupdro",
    GroupDRO,
    "Faster R-CNN by group DRO over the training domains",
    ("Sagawa et al. 2020, arXiv 1911.08731", "Koh et al. 2021, arXiv 2012.07421"),
    settings=Settings,
)
