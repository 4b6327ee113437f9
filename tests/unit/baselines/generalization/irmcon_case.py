"""The fixed case on which IRMCon's release and ours are compared step by step: what both are set to, and two views."""

import torch
from tests.unit.baselines.generalization import matched

FIRST, CONTEXT, START = 2, 2, 5  # steps of the first network and of the context network, and steps before weights
HARDEST, OTHERS, WIDTH = 2, 3, 4
BASE, LAMBDA, LR_CONTEXT, LR_BIAS = 0.5, 0.1, 8e-3, 5e-2
PARTS = ("first", "context", "bias", "featurizer", "classifier")


class Frozen(matched.Network):
    """BatchNorm keeps its statistics, as in the release."""

    def train(self, mode: bool = True) -> "Frozen":
        super().train(False)
        return self


def views(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """In place of two random views of each image."""
    return images.flip(3), 1.0 - 0.8 * images


def fill(part: str, module: torch.nn.Module) -> None:
    """First weights: `matched.fill`, with numbers of its own for each part."""
    state = torch.get_rng_state()
    torch.manual_seed(PARTS.index(part))
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            spread = 0.1 if parameter.ndim == 1 else 2.5 * parameter[0].numel() ** -0.5
            parameter.copy_(spread * torch.randn(parameter.shape) + (parameter.ndim == 1 and name.endswith("weight")))
    torch.set_rng_state(state)
