"""Both towers of a CLIP model trained on one task after another, and what keeps them near what they were (ZSCL).

Zheng et al. 2023, arXiv 2303.06628; the losses are those of its release (Thunderbeee/ZSCL b96e714).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from farfield_baselines.networks.clip import Clip
from farfield_baselines.networks.fine_tuning import rate

Labelled = tuple[torch.Tensor, torch.Tensor]  # pixels [B, 3, H, W], labels [B] among the prompts


@dataclass(frozen=True, kw_only=True)
class Steps:
    """AdamW with linear warm-up and cosine decay over `count` steps; a `warm_up` of 0 is a tenth of them."""

    count: int
    learning_rate: float
    weight_decay: float
    smoothing: float
    warm_up: int = 0


def learn(
    clip: Clip,
    prompts: Sequence[str],
    batches: Iterator[Labelled],
    steps: Steps,
    *,
    penalty: Callable[[], torch.Tensor | float],
    after: Callable[[int], None],
    progress: Callable[[int], None],
) -> None:
    """Train both towers on a task in place, its prompts [P] being embedded anew in each step.

    penalty: what each step minimises besides the cross-entropy; after, progress: told of each step, from 0.
    """
    model = clip.model.eval()
    parameters = [value.requires_grad_(True) for name, value in model.named_parameters() if name != "logit_scale"]
    optimiser = torch.optim.AdamW(parameters, lr=steps.learning_rate, weight_decay=steps.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: rate(step, steps.count, steps.warm_up))
    tokens, scale = clip.tokens(prompts), model.logit_scale.detach().exp()
    for step in range(steps.count):
        pixels, labels = next(batches)
        texts = model.encode_text(tokens, normalize=True)
        logits = scale * model.encode_image(pixels, normalize=True) @ texts.T
        loss = functional.cross_entropy(logits, labels, label_smoothing=steps.smoothing) + penalty()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        after(step)
        progress(step)


def distillation(teacher: torch.Tensor, student: torch.Tensor, temperature: float) -> torch.Tensor:
    """The mean cross-entropy of the student's rows [B, K] to the teacher's softened ones, times T squared."""
    targets = (teacher / temperature).softmax(dim=1)
    return functional.cross_entropy(student / temperature, targets) * temperature**2


def both_ways(teacher: torch.Tensor, student: torch.Tensor, temperature: float) -> torch.Tensor:
    """`distillation` of logits of images [B] over texts [K], and of texts over images."""
    return distillation(teacher, student, temperature) + distillation(teacher.T, student.T, temperature)


def squared_distance(model: nn.Module, before: Sequence[torch.Tensor]) -> torch.Tensor:
    """The sum of squared differences of all parameters from what they were."""
    pairs = zip(model.parameters(), before, strict=True)
    return torch.stack([(own - old).square().sum() for own, old in pairs]).sum()


def parameters_of(model: nn.Module) -> list[torch.Tensor]:
    """A copy of a model's parameters, in their order."""
    return [value.detach().clone() for value in model.parameters()]


class Averaged:
    """The mean of a model's parameters at its start and at every time that it is added."""

    def __init__(self, model: nn.Module) -> None:
        self.values, self._count = parameters_of(model), 1

    @torch.no_grad()
    def add(self, model: nn.Module) -> None:
        self._count += 1
        for own, now in zip(self.values, model.parameters(), strict=True):
            own.lerp_(now, 1.0 / self._count)


@torch.no_grad()
def set_parameters(model: nn.Module, values: Sequence[torch.Tensor]) -> None:
    """Give a model these parameters, in their order."""
    for own, value in zip(model.parameters(), values, strict=True):
        own.copy_(value)


def mixed(before: Sequence[torch.Tensor], now: Sequence[torch.Tensor], alpha: float) -> list[torch.Tensor]:
    """(1 - alpha) before + alpha now."""
    return [(1.0 - alpha) * old + alpha * new for old, new in zip(before, now, strict=True)]


class Reference:
    """How a frozen model tells images among texts, which another one is to keep: texts [K] are embedded once."""

    def __init__(self, clip: Clip, frozen: Any, texts: Sequence[str]) -> None:
        self._clip, self._frozen = clip, frozen.eval().requires_grad_(False)
        with torch.no_grad():
            self._texts = self._frozen.encode_text(clip.tokens(texts), normalize=True)
            self._scale = self._frozen.logit_scale.exp()

    def loss(self, pixels: torch.Tensor, temperature: float) -> torch.Tensor:
        """`both_ways` of the model's logits to the frozen one's, on the same pixels and texts."""
        with torch.no_grad():
            teacher = self._logits(self._frozen.encode_image(pixels, normalize=True))
        return both_ways(teacher, self._logits(self._clip.model.encode_image(pixels, normalize=True)), temperature)

    def _logits(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self._scale * images @ self._texts.T
        return logits
