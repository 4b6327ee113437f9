"""What a comparison with WILDS' algorithms step by step has in common on both sides: weights, batches and settings.

Both sides have a linear layer with ReLU as the featurizer and a linear classifier, and go down by SGD with momentum.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

INPUTS, WIDTH, CLASSES, GROUPS = 6, 8, 3, 4
BATCH, STEPS, PREDICTED = 8, 6, 5
LR, MOMENTUM, WEIGHT_DECAY = 0.05, 0.9, 0.01
STEP_SIZE, LAMBDA, ANNEAL, CORAL_WEIGHT, DANN_WEIGHT, AFN_WEIGHT = 0.5, 0.4, 3, 2.0, 0.7, 0.3
RATES = {"featurizer": 0.02, "classifier": 0.05, "discriminator": 0.1}
SELF_WEIGHT, THRESHOLD, RAMP, WEAKER = 0.6, 0.4, 0.5, 0.5
SELF_TRAINED = ("PseudoLabel", "FixMatch", "NoisyStudent")
OF_GROUPS = ("ERM", "GroupDRO", "IRM", "CORAL", "CORAL-unlabeled", "DANN", "DANN-unlabeled", "AFN", "AFN-hard")
COMPARED = (*OF_GROUPS, *SELF_TRAINED)
OF_VALUES = ("ERM", "GroupDRO", "IRM", "CORAL")


@dataclass(frozen=True, kw_only=True)
class Labeled:
    """inputs [B, INPUTS], labels and groups int64 [B], values float32 [B, 1]."""

    inputs: torch.Tensor
    labels: torch.Tensor
    groups: torch.Tensor
    values: torch.Tensor


def labeled(step: int) -> Labeled:
    """Two groups of four examples each, others from step to step."""
    rng = np.random.default_rng([1, step])
    groups = np.repeat(rng.choice(GROUPS, 2, replace=False), BATCH // 2)
    inputs = rng.normal(size=(BATCH, INPUTS)) + groups[:, None]
    return Labeled(
        inputs=torch.from_numpy(inputs.astype(np.float32)),
        labels=torch.from_numpy(rng.integers(0, CLASSES, BATCH)),
        groups=torch.from_numpy(groups),
        values=torch.from_numpy(rng.normal(size=(BATCH, 1)).astype(np.float32)),
    )


def unlabeled(step: int) -> Labeled:
    """A batch of the same kind, whose labels nobody looks at."""
    return labeled(step + 100)


def views(step: int) -> tuple[torch.Tensor, torch.Tensor]:
    """A weak and a strong view of the unlabeled batch."""
    inputs = unlabeled(step).inputs
    return inputs, WEAKER * inputs


def test_inputs() -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(2).normal(size=(PREDICTED, INPUTS)).astype(np.float32))


def fill(name: str, module: nn.Module) -> None:
    """The first weights of a part: the same on both sides, whatever the module's tensors are called."""
    rng = np.random.default_rng(list(name.encode()))
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.from_numpy(rng.normal(size=tuple(parameter.shape), scale=0.3)))
