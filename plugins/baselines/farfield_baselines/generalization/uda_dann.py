"""DANN as it was made at first, for domain adaptation: unlabeled images of the target are one domain more.

Ganin et al. 2016, arXiv 1505.07818. DomainBed's DANN has the training domains alone to make alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from farfield_baselines.generalization.adversarial import Adversarial, AdversarialConfig, domains_of
from farfield_baselines.generalization.core import Environment, Setup, pooled
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch


class AdaptedDANN(Adversarial):
    """The discriminator tells the training domains and the target apart; only the former have a risk.

    Where no target is given, the discriminator has a class that no image has.
    """

    ADAPTS = True

    def __init__(self, setup: Setup) -> None:
        super().__init__(replace(setup, domains=setup.domains + 1))

    def step(self, environments: Sequence[Environment]) -> dict[str, Any]:
        inputs, labels = pooled(environments)
        return self.play(self._all_features(inputs), labels, self._domains(environments))

    def _all_features(self, inputs: torch.Tensor) -> torch.Tensor:
        import torch

        features: torch.Tensor = self.featurizer(torch.cat([inputs, *self.targets]))
        return features

    def _domains(self, environments: Sequence[Environment]) -> torch.Tensor:
        """Of the training images as ever; the target's number, whatever it is made of, follows theirs."""
        import torch

        own = domains_of(environments)
        return torch.cat([own, own.new_full((sum(map(len, self.targets)),), len(environments))])


SPEC = declare(
    "uda-dann",
    AdaptedDANN,
    "DANN for domain adaptation: a discriminator can tell neither training domains nor unlabeled target images.",
    ("Ganin et al. 2016, arXiv 1505.07818",),
    config=AdversarialConfig,
)
