"""What the query-based segmenter minimises: queries are matched with objects one to one, after every layer.

Costs and losses are Mask2Former's (Cheng et al. 2022, arXiv 2112.01527, section 3.3 and appendix): cross-entropy of the
class, and binary cross-entropy and dice of the mask at places that are drawn anew each time. The best match is found by
the Hungarian method (Carion et al. 2020, arXiv 2005.12872).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from scipy.optimize import linear_sum_assignment
from torch.nn import functional

from farfield_baselines.networks.query_segmenter_decoder import Predicted
from farfield_baselines.networks.query_segmenter_frames import Truth

Ints = npt.NDArray[np.int64]
FOCUS, FALLOFF = 2.0, 4.0  # exponents of CenterNet's focal loss


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Of the terms, in matching as in learning. nothing: of no object among classes. places: looked at in a mask."""

    classes: float = 2.0
    cover: float = 5.0
    dice: float = 5.0
    middles: float = 1.0
    nothing: float = 0.1
    places: int = 12544


def losses(layers: Sequence[Predicted], truths: Sequence[Truth], weights: Weights) -> torch.Tensor:
    """The sum over layers of what is lost on a batch."""
    return torch.stack([layer_loss(layer, truths, weights) for layer in layers]).sum()


def layer_loss(layer: Predicted, truths: Sequence[Truth], weights: Weights) -> torch.Tensor:
    """Cross-entropy over all queries, and the masks' losses over those that have an object, by the number of these."""
    chosen = drawn_places(layer.masks, weights.places)
    masks = layer.masks.flatten(2)[:, :, chosen]
    objects = [truth.masks.flatten(1)[:, chosen] for truth in truths]
    wanted = torch.full(layer.classes.shape[:2], layer.classes.shape[2] - 1, device=masks.device)
    said, told = [], []
    for number, truth in enumerate(truths):
        price = cost(layer.classes[number], masks[number], truth.labels, objects[number], weights)
        queries, matched = (torch.from_numpy(each).to(masks.device) for each in match(price))
        wanted[number, queries] = truth.labels[matched]
        said.append(masks[number][queries])
        told.append(objects[number][matched])
    return weights.classes * class_loss(layer.classes, wanted, weights.nothing) + mask_loss(
        torch.cat(said), torch.cat(told), weights
    )


def drawn_places(masks: torch.Tensor, most: int) -> torch.Tensor:
    """int64 [P]: places of the maps [B, N, h, w] by chance, the same in all; every place where there are no more."""
    count = masks.shape[2] * masks.shape[3]
    if count <= most:
        return torch.arange(count, device=masks.device)
    return torch.randperm(count, device=masks.device)[:most]


@torch.no_grad()
def cost(
    classes: torch.Tensor, masks: torch.Tensor, labels: torch.Tensor, objects: torch.Tensor, weights: Weights
) -> torch.Tensor:
    """What each query would cost as each object: [N, G] of logits [N, C + 1] and [N, P], labels [G], masks [G, P]."""
    likely = classes.softmax(dim=1)[:, labels]
    outside = functional.softplus(masks)  # the cross-entropy of a place with 0; with 1 it is less by the logit
    cover = (outside.sum(dim=1, keepdim=True) - masks @ objects.T) / masks.shape[1]
    shares = masks.sigmoid()
    together = 2 * shares @ objects.T + 1
    dice = 1 - together / (shares.sum(dim=1)[:, None] + objects.sum(dim=1)[None] + 1)
    return weights.cover * cover + weights.dice * dice - weights.classes * likely


def match(price: torch.Tensor) -> tuple[Ints, Ints]:
    """(queries, objects), a pair for each of the fewer of both, of the least sum of prices [N, G]."""
    rows, columns = linear_sum_assignment(price.cpu().numpy())
    return rows.astype(np.int64), columns.astype(np.int64)


def class_loss(logits: torch.Tensor, wanted: torch.Tensor, nothing: float) -> torch.Tensor:
    """Cross-entropy of logits [B, N, C + 1] with int64 [B, N]; no object, the last class, weighs `nothing`."""
    weights = logits.new_ones(logits.shape[2])
    weights[-1] = nothing
    return functional.cross_entropy(logits.flatten(0, 1), wanted.flatten(), weights)


def mask_loss(said: torch.Tensor, told: torch.Tensor, weights: Weights) -> torch.Tensor:
    """Of logits [M, P] with shares [M, P] in 0..1: cross-entropy and dice, by the number of masks; 0 without one."""
    count = max(1, len(said))
    cover = functional.binary_cross_entropy_with_logits(said, told, reduction="none").mean(dim=1).sum()
    shares = said.sigmoid()
    dice = 1 - (2 * (shares * told).sum(dim=1) + 1) / (shares.sum(dim=1) + told.sum(dim=1) + 1)
    return (weights.cover * cover + weights.dice * dice.sum()) / count


def middles_loss(logits: torch.Tensor, truths: Sequence[Truth]) -> torch.Tensor:
    """CenterNet's focal loss of the map of objects' middles, logits [B, h, w], by the number of objects."""
    wanted = torch.stack([middles(truth.masks, logits.shape[1:]) for truth in truths])
    likely, exact = logits.sigmoid(), wanted >= 1
    of_objects = (1 - likely) ** FOCUS * functional.logsigmoid(logits)
    of_rest = (1 - wanted) ** FALLOFF * likely**FOCUS * functional.logsigmoid(-logits)
    return -torch.where(exact, of_objects, of_rest).sum() / exact.sum().clamp(min=1)


def middles(masks: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    """[h, w], highest over objects [G, H, W]: 1 where a mask's mean place is, falling off by its spread around it."""
    height, width = size
    if not len(masks):
        return masks.new_zeros(height, width)
    (x, spread_x), (y, spread_y) = _along(masks.sum(dim=1), width), _along(masks.sum(dim=2), height)
    columns, rows = (torch.arange(count, device=masks.device) for count in (width, height))
    far_x = ((columns - x[:, None]) / spread_x[:, None]) ** 2
    far_y = ((rows - y[:, None]) / spread_y[:, None]) ** 2
    return torch.exp(-0.5 * (far_y[:, :, None] + far_x[:, None, :])).amax(dim=0)


def _along(weights: torch.Tensor, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(the cell of `count` where the mean place is, half the deviation in cells) of weights [G, L] along one side."""
    places = (torch.arange(weights.shape[1], device=weights.device) + 0.5) * count / weights.shape[1]
    shares = weights / weights.sum(dim=1, keepdim=True).clamp(min=1e-6)
    mean = shares @ places
    spread = (shares * (places - mean[:, None]) ** 2).sum(dim=1).sqrt()
    return mean.floor().clamp(0, count - 1), (spread / 2).clamp(min=0.3)
