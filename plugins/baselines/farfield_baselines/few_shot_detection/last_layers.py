"""How the last layers of a detector learn on features of layers that stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional
from torchvision.models.detection.roi_heads import RoIHeads, fastrcnn_loss  # type: ignore[import-untyped]

from farfield_baselines.few_shot_detection.phases import Phase, in_steps, pace
from farfield_baselines.few_shot_detection.views import View, Views, sampled
from farfield_baselines.networks.few_shot_heads import LinearPredictor
from farfield_baselines.networks.seeding import seeded
from farfield_baselines.trained.optimizers import optimizer

Ints = npt.NDArray[np.int64]
MOST_LABELS = 1 << 16


@dataclass(frozen=True, kw_only=True)
class Seed:
    """What the chance of a phase starts from, and on which device it is."""

    seed: tuple[int, ...]
    device: str


@dataclass(frozen=True, kw_only=True)
class LastLayers:
    """A box predictor, a predictor of masks if there is one to train, and the label numbers of their outputs."""

    predictor: LinearPredictor
    masks: nn.Module | None
    shown: Sequence[int]

    def parameters(self) -> Iterator[nn.Parameter]:
        """What is trained: of the masks the last layer alone, as MTFA's authors have it."""
        yield from self.predictor.parameters()
        if self.masks is not None:
            yield from self.masks.get_submodule("mask_fcn_logits").parameters()

    def loss(self, views: Sequence[View], heads: RoIHeads, rows: torch.Tensor) -> torch.Tensor:
        """Of classes and boxes of regions sampled from these views, and of masks.

        `rows` has the output of each label; objects of classes without one are background.
        """
        labels = [outputs_of(each.labels, rows) for each in views]
        chosen = [sampled(heads, each) for each in labels]
        features, deltas = (
            [getattr(each, name)[places] for each, places in zip(views, chosen, strict=True)]
            for name in ("features", "deltas")
        )
        labels = [each[places] for each, places in zip(labels, chosen, strict=True)]
        terms = [*fastrcnn_loss(*self.predictor(torch.cat(features)), labels, deltas)]
        if self.masks is not None:
            terms.append(_mask_loss(self.masks, views, rows))
        return torch.stack(terms).sum()


def _mask_loss(masks: nn.Module, views: Sequence[View], rows: torch.Tensor) -> torch.Tensor:
    """The mean cross-entropy of the pixels of the masks of objects whose classes have an output."""
    features, labels, wanted = (
        torch.cat([getattr(each, name) for each in views]) for name in ("mask_features", "mask_labels", "masks")
    )
    on = rows[labels] > 0
    if not on.any():
        return torch.zeros((), device=rows.device)
    logits = masks(features[on])
    told = logits[torch.arange(len(logits), device=logits.device), rows[labels[on]]]
    return functional.binary_cross_entropy_with_logits(told, wanted[on])


def learn(
    layers: LastLayers, views: Views, places: Ints, phase: Phase, how: Seed, tell: Callable[[int, int], Any]
) -> None:
    """Train the last layers, in place, on the images at these places; objects of other classes are background."""
    rng = np.random.default_rng(list(how.seed))
    parameters = list(layers.parameters())
    rows = rows_by_label(layers.shown, how.device)
    optimiser = optimizer([{"params": parameters, "lr": phase.lr}], phase)
    layers.predictor.requires_grad_(True).train()
    for step, positions in enumerate(in_steps(len(places), phase, rng)):
        chosen = [views.take(int(places[position]), rng) for position in positions]
        optimiser.param_groups[0]["lr"] = phase.lr * pace(phase, step, phase.steps)
        optimiser.zero_grad()
        with seeded(how.device, *how.seed, step):
            layers.loss(chosen, views.heads, rows).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        tell(step + 1, phase.steps)


def outputs_of(labels: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """Labels of a view [R] as outputs; what counts as neither stays -1."""
    return torch.where(labels < 0, labels, rows[labels.clamp(min=0)])


def rows_by_label(shown: Sequence[int], device: str) -> torch.Tensor:
    """Of each label number + 1 the output that tells it, or 0; of 0, the background, 0."""
    rows = torch.zeros(MOST_LABELS + 1, dtype=torch.int64, device=device)
    rows[torch.tensor(shown, dtype=torch.int64, device=device) + 1] = torch.arange(1, len(shown) + 1, device=device)
    return rows
