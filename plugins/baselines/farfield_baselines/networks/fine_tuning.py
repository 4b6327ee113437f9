"""End-to-end fine-tuning of an image classifier, and WiSE-FT's interpolation of its weights."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from farfield import Batch, TrainingSet

State = Mapping[str, torch.Tensor]
Progress = Callable[[int, int], None]
Pixels = Callable[[npt.NDArray[Any]], torch.Tensor]
Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]  # (pixels [B, 3, H, W], labels [B]) -> scalar


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """AdamW with linear warm-up over `warm_up` steps, cosine decay, and gradients clipped to norm 1.

    A `warm_up` of 0 means a tenth of all steps.

    The shape is that of WiSE-FT's fine-tuning (Wortsman et al. 2022, arXiv 2109.01903, appendix); the figures are
    settings, as its batch of 512 and 10 epochs of ImageNet do not fit a training set of a hundred images.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    seed: int
    warm_up: int = 0


class ImageClassifier(nn.Module):
    """Pixels [B, 3, H, W] -> logits [B, C]: an image tower, unit length, a linear head."""

    def __init__(self, tower: nn.Module, weight: npt.NDArray[np.float32]) -> None:
        """`weight` [C, D] is the head's start; its bias starts at zero."""
        super().__init__()
        self.tower = tower
        self.head = nn.Linear(weight.shape[1], weight.shape[0])
        self.head.weight.data = torch.from_numpy(weight.copy())
        self.head.bias.data.zero_()

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.head(self.embed(pixels))
        return logits

    def embed(self, pixels: torch.Tensor) -> torch.Tensor:
        """Unit embeddings [B, D]."""
        return functional.normalize(self.tower(pixels), dim=-1)


def fine_tune(network: nn.Module, train: TrainingSet, recipe: Recipe, pixels: Pixels, progress: Progress) -> None:
    """Change every parameter of the network, in place; `pixels` makes its input of the images.

    The network stays in evaluation mode: its batch statistics are those of pre-training, which so few images
    would only estimate worse; the affine parameters of the normalisation are trained.
    """
    network.eval().requires_grad_(True)
    optimise(list(network.parameters()), cross_entropy(network), train, recipe, pixels, progress)


def take_over(network: nn.Module, state: Mapping[str, npt.NDArray[Any]]) -> None:
    """Put arrays into a network, by the names that torch has for its tensors."""
    network.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in state.items()})


def cross_entropy(network: nn.Module) -> Loss:
    """The mean cross-entropy of the network's logits."""

    def loss(pixels: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(network(pixels), labels)

    return loss


def optimise(
    parameters: Sequence[nn.Parameter],
    loss: Loss,
    train: TrainingSet,
    recipe: Recipe,
    pixels: Pixels,
    progress: Progress,
    mirrored: bool = True,
) -> None:
    """Minimise the loss by the recipe over the training set, each image mirrored half of the time if `mirrored`."""
    steps = recipe.epochs * math.ceil(len(train) / recipe.batch_size)
    optimiser = torch.optim.AdamW(parameters, lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: rate(step, steps, recipe.warm_up))
    for step, batch in enumerate(_shuffled(train, recipe)):
        inputs = pixels(_flipped(batch.inputs, recipe.seed, step) if mirrored else batch.inputs)
        value = loss(inputs, torch.from_numpy(batch.labels).to(inputs.device))
        optimiser.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        schedule.step()
        progress(step + 1, steps)


def rate(step: int, steps: int, warm_up: int = 0) -> float:
    """The learning rate's factor at a step 0 <= step <= steps: warm-up to 1, then half a cosine to 0.

    `warm_up` 0 is a tenth of the steps.
    """
    warm_up = warm_up or max(1, steps // 10)
    if step < warm_up:
        return (step + 1) / warm_up
    return 0.5 * (1.0 + math.cos(math.pi * (step - warm_up) / max(1, steps - warm_up)))


def interpolate(start: State, end: State, alpha: float) -> dict[str, torch.Tensor]:
    """theta = (1 - alpha) theta0 + alpha theta1 over all keys of the state, buffers included.

    Wortsman et al. 2022, section 3. Whole numbers (a batch counter) are taken from the nearer end. Raises KeyError
    when the states have different keys.
    """
    if start.keys() != end.keys():
        raise KeyError(f"only one of the states has {', '.join(sorted(start.keys() ^ end.keys()))}")
    return {key: _mixed(start[key], end[key], alpha) for key in start}


@torch.inference_mode()
def logits_of(network: nn.Module, pixels: torch.Tensor) -> npt.NDArray[np.float32]:
    """Pixels [B, 3, H, W] -> logits float32 [B, C]."""
    return np.asarray(network(pixels).cpu().numpy())


def _mixed(start: torch.Tensor, end: torch.Tensor, alpha: float) -> torch.Tensor:
    if not start.is_floating_point():
        return (end if alpha >= 0.5 else start).clone()
    return (1.0 - alpha) * start + alpha * end


def _shuffled(train: TrainingSet, recipe: Recipe) -> Iterator[Batch]:
    for epoch in range(recipe.epochs):
        yield from train.batches(recipe.batch_size, shuffle=True, seed=recipe.seed + epoch)


def _flipped(images: npt.NDArray[Any], seed: int, step: int) -> npt.NDArray[Any]:
    """Each image mirrored left to right with probability one half."""
    mirrored = np.random.default_rng([seed, step]).random(len(images)) < 0.5
    return np.where(mirrored[:, None, None, None], images[:, :, ::-1], images)
