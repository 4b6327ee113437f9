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
from torchvision.models.detection.roi_heads import fastrcnn_loss  # type: ignore[import-untyped]

from farfield_baselines.few_shot_detection.draws import Draw, Draws
from farfield_baselines.few_shot_detection.phases import Phase, in_steps, pace
from farfield_baselines.networks.few_shot_heads import LinearPredictor
from farfield_baselines.trained.optimizers import optimizer

Ints = npt.NDArray[np.int64]
MOST_LABELS = 1 << 16


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

    def loss(self, draws: Sequence[Draw], rows: torch.Tensor) -> torch.Tensor:
        """Of classes, of boxes and of masks, over all regions of these draws; `rows` has the output of each label."""
        features = torch.cat([each.features for each in draws])
        scores, deltas = self.predictor(features)
        terms = [*fastrcnn_loss(scores, deltas, [rows[each.labels] for each in draws], [e.deltas for e in draws])]
        if self.masks is not None:
            terms.append(_mask_loss(self.masks, draws, rows))
        return torch.stack(terms).sum()


def _mask_loss(masks: nn.Module, draws: Sequence[Draw], rows: torch.Tensor) -> torch.Tensor:
    """The mean cross-entropy of the pixels of the masks of objects whose classes have an output."""
    features, labels, wanted = (
        torch.cat([getattr(each, name) for each in draws]) for name in ("mask_features", "mask_labels", "masks")
    )
    on = rows[labels] > 0
    if not on.any():
        return torch.zeros((), device=rows.device)
    logits = masks(features[on])
    told = logits[torch.arange(len(logits), device=logits.device), rows[labels[on]]]
    return functional.binary_cross_entropy_with_logits(told, wanted[on])


def learn(
    layers: LastLayers, draws: Draws, places: Ints, phase: Phase, seed: tuple[int, ...], tell: Callable[[int, int], Any]
) -> None:
    """Train the last layers, in place, on the images at these places; objects of other classes are background."""
    rng = np.random.default_rng(list(seed))
    parameters = list(layers.parameters())
    rows = rows_by_label(layers.shown, parameters[0].device)
    optimiser = optimizer([{"params": parameters, "lr": phase.lr}], phase)
    layers.predictor.requires_grad_(True).train()
    for step, positions in enumerate(in_steps(len(places), phase, rng)):
        chosen = [draws.take(int(places[position]), rng) for position in positions]
        optimiser.param_groups[0]["lr"] = phase.lr * pace(phase, step, phase.steps)
        optimiser.zero_grad()
        layers.loss(chosen, rows).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        tell(step + 1, phase.steps)


def rows_by_label(shown: Sequence[int], device: Any) -> torch.Tensor:
    """Of each label number + 1 the output that tells it, or 0; of 0, the background, 0."""
    rows = torch.zeros(MOST_LABELS + 1, dtype=torch.int64, device=device)
    rows[torch.tensor(shown, dtype=torch.int64, device=device) + 1] = torch.arange(1, len(shown) + 1, device=device)
    return rows
