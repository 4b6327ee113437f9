"""H2E: labels of a long tail are trusted by a classifier that no sampling sways (Yi et al. 2022, arXiv 2207.13378)."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from farfield import MethodSpec, TrainingSet, setting
from farfield.numerics import softmax
from farfield_baselines.longtail.core import LongTail, LongTailConfig
from farfield_baselines.longtail.declare import method
from farfield_baselines.longtail.samplers import image_weights
from farfield_baselines.longtail.weights import by_trust
from farfield_baselines.trained.core import Ints, Setup, Stage

if TYPE_CHECKING:
    import torch

    from farfield_baselines.trained.core import TensorBatch

BALANCED, REVERSED = 1.0, 2.0  # powers of a class's count, see image_weights


@dataclass(frozen=True, kw_only=True)
class HardToEasyConfig(LongTailConfig):
    """The three stages."""

    mixup_alpha: float = setting(1.0, ge=0.0, le=100.0, help="Beta distribution of mixup in the first stage; 0: none.")
    identifier_epochs: int = setting(10, ge=1, le=1000, help="Passes in which the noise identifier is learned.")
    identifier_lr: float = setting(0.001, ge=0.0, le=10.0, help="Learning rate of the noise identifier.")
    classifier_epochs: int = setting(20, ge=1, le=1000, help="Passes of the last stage.")
    classifier_lr: float = setting(0.01, ge=0.0, le=10.0, help="Learning rate of the last stage.")


class HardToEasy(LongTail):
    """Mixup; a noise identifier on the frozen features; the classifier again, on images as far as they are trusted.

    The identifier starts from the classifier and lowers the mean invariance penalty over three samplings: as images
    come, reversed and balanced. This is one round, as the release's script runs it; the release subtracts the prior
    from the identifier's logits twice, ours once. At test the prior is taken out of the classifier's logits.
    """

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.identifier = self.part("identifier", copy.deepcopy(self.classifier))
        self.trust = np.ones(len(setup.train))
        self.judge = "classifier"

    def stages(self) -> Sequence[Stage]:
        config = self.config
        return [
            Stage(name="mixup", epochs=config.epochs, trained=("featurizer", "classifier"), loss=self.mixup_risk),
            Stage(
                name="noise identifier",
                epochs=config.identifier_epochs,
                trained=("identifier",),
                lr=config.identifier_lr,
                order=self.three_samplings,
                loss=self.invariance,
                before=self.start_identifier,
            ),
            Stage(
                name="classifier",
                epochs=config.classifier_epochs,
                trained=("classifier",),
                lr=config.classifier_lr,
                loss=self.trusted_risk,
                before=self.weigh,
            ),
        ]

    def start_identifier(self) -> None:
        self.identifier.load_state_dict(self.classifier.state_dict())
        self.judge = "identifier"

    def weigh(self) -> None:
        """What each training image counts in the last stage."""
        train = self.setup.train
        self.trust = by_trust(softmax(self.outputs(train)), train.labels)
        self.judge = "classifier"
        self.setup.log(f"{(self.trust < 0.5).sum()} of {len(train)} labels are not trusted")

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        """Without the prior: those of the part that the stage is about."""
        from farfield_baselines.networks.long_tail import without_prior

        return without_prior(self.parts[self.judge](self.featurizer(inputs)), self.counts)

    def mixup_risk(self, batch: TensorBatch) -> torch.Tensor:
        import torch
        from torch.nn import functional

        alpha = self.config.mixup_alpha
        share = float(torch.distributions.Beta(alpha, alpha).sample()) if alpha else 1.0
        partner = torch.randperm(len(batch.labels)).to(batch.labels.device)
        mixture = share * batch.inputs + (1.0 - share) * batch.inputs[partner]
        logits = self.classifier(self.featurizer(mixture))
        first = functional.cross_entropy(logits, batch.labels)
        return share * first + (1.0 - share) * functional.cross_entropy(logits, batch.labels[partner])

    def three_samplings(self, train: TrainingSet, epoch: int, rng: np.random.Generator) -> Iterator[Ints]:
        """Batches in three parts of the same length: images as they come, then reversed, then balanced."""
        parts = [list(self.order(train, epoch, rng))]
        for power in (REVERSED, BALANCED):
            chances = image_weights(train.labels, power)
            parts.append([rng.choice(len(train), len(first), p=chances) for first in parts[0]])
        return (np.concatenate(trio) for trio in zip(*parts, strict=True))

    def invariance(self, batch: TensorBatch) -> torch.Tensor:
        import torch

        from farfield_baselines.networks.long_tail import invariance_penalty

        logits = self.logits(batch.inputs)
        samplings = zip(logits.chunk(3), batch.labels.chunk(3), strict=True)
        return torch.stack([invariance_penalty(z, y) for z, y in samplings]).mean()

    def trusted_risk(self, batch: TensorBatch) -> torch.Tensor:
        import torch

        weights = torch.from_numpy(self.trust).to(batch.inputs)[batch.positions]
        errors = self.errors(self.classifier(self.featurizer(batch.inputs)), batch)
        return (weights / weights.sum() * errors).sum()


SPEC: MethodSpec = method(
    "h2e",
    HardToEasy,
    "Hard-to-easy learning from noisy labels (H2E)",
    ("Yi et al. 2022, ECCV, arXiv 2207.13378",),
    HardToEasyConfig,
)
