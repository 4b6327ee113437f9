"""Gram matrices (Sastry & Oore 2020, arXiv 1912.12510, section 3) of the outputs of all convolutions and ReLUs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from farfield import setting
from farfield.numerics import softmax
from farfield_baselines.ood_detection.core import Floats, Ints, Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector

if TYPE_CHECKING:
    import torch

    from farfield_baselines.ood_detection.models import Network

HELD_OUT = 0.1  # of each class's images, for the scale of a layer's deviations: OpenOOD's and the paper's
SMALL = 1e-6
Range = tuple[Floats, Floats]


@dataclass(frozen=True, kw_only=True)
class Config:
    """How high the powers go."""

    powers: int = setting(5, ge=1, le=10, help="Activations are taken to the powers 1 to this one; OpenOOD's is 5.")


def row_sums(output: torch.Tensor, powers: int) -> torch.Tensor:
    """sum_j (F^p F^p')_ij to the power 1 / p, of a layer's output F [B, C, places]: [B, powers C]."""
    import torch

    from farfield_baselines.networks.watching import by_channel

    maps, sums = by_channel(output).double(), []
    for power in range(1, powers + 1):
        raised = maps**power
        row = (raised * raised.sum(dim=1, keepdim=True)).sum(dim=2)  # no matrix of all channels with all is needed
        sums.append(row.sign() * row.abs() ** (1 / power))
    return torch.cat(sums, dim=1)


def look(network: Network, pixels: torch.Tensor, config: Config) -> Seen:
    """Inside: the row sums of each convolution's and ReLU's output."""
    import torch
    from torch import nn

    from farfield_baselines.networks.watching import watched
    from farfield_baselines.ood_detection.inside import body_of, seen_with

    layers = [module for module in body_of(network).network.modules() if isinstance(module, nn.ReLU | nn.Conv2d)]
    with torch.no_grad(), watched(layers, lambda output: row_sums(output, config.powers)) as sums:
        features = network.trunk(pixels)
    return seen_with(network, features, *sums)


def outside(rows: Floats, bounds: Range) -> Floats:
    """How far rows [B, K] lie outside of their bounds [K], in units of these, summed: [B]."""
    lowest, highest = bounds
    below = np.maximum(lowest - rows, 0.0) / np.abs(lowest + SMALL)
    return np.asarray((below + np.maximum(rows - highest, 0.0) / np.abs(highest + SMALL)).sum(axis=1))


def bounds_of(rows: Floats) -> Range:
    return rows.min(axis=0), rows.max(axis=0)


def parted(labels: Ints) -> tuple[list[tuple[Ints, Ints]], Ints]:
    """(pairs of images that give a range and images that it is tried on, the images that give the ranges at test).

    The first tenth of each class is held out. Where no class has ten images, each image of the classes that have two is
    tried once, on the range of the others, and all give the ranges at test.
    """
    members = [np.flatnonzero(labels == c) for c in np.unique(labels)]
    pairs = [(rows[int(HELD_OUT * len(rows)) :], rows[: int(HELD_OUT * len(rows))]) for rows in members]
    if any(len(tried) for _, tried in pairs):
        return pairs, np.concatenate([learned for learned, _ in pairs])
    several = [rows for rows in members if len(rows) > 1]
    return [(np.delete(rows, n), rows[n : n + 1]) for rows in several for n in range(len(rows))], np.arange(len(labels))


def layer_deviation(rows: Floats, labels: Ints) -> Callable[[Floats, Ints], Floats]:
    """Of one layer's training rows [N, K]: rows [B, K] and predicted classes [B] -> deviations [B].

    They are in units of the held-out images' mean. A class without training images has the range of all.
    """
    pairs, learned = parted(labels)
    tried = [outside(rows[of], bounds_of(rows[by])) for by, of in pairs]
    mean = float(np.concatenate(tried).mean()) if tried else 0.0
    ranges = {int(c): bounds_of(rows[learned[labels[learned] == c]]) for c in np.unique(labels[learned])}
    everything = bounds_of(rows)

    def deviation(seen: Floats, predicted: Ints) -> Floats:
        values = np.empty(len(seen))
        for number in np.unique(predicted):
            chosen = predicted == number
            values[chosen] = outside(seen[chosen], ranges.get(int(number), everything))
        return values / (mean if mean > 0 else 1.0)

    return deviation


def gram(known: Known, _: Config) -> Score:
    """Minus the deviations of all layers from the predicted class's ranges, over the highest probability."""
    layers = [layer_deviation(rows.astype(np.float64), known.labels) for rows in known.seen.inside]

    def score(seen: Seen) -> Floats:
        predicted = seen.logits.argmax(axis=1)
        total = np.sum([of(rows, predicted) for of, rows in zip(layers, seen.inside, strict=True)], axis=0)
        return np.asarray(-total / softmax(seen.logits).max(axis=1))

    return score


RULE = Rule(make=gram, fits=True, look=look, maps=True)
DETECTOR = Detector(
    name="gram",
    title="Deviations of the Gram matrices of all layers",
    rule=RULE,
    config=Config,
    papers=("Sastry & Oore 2020, arXiv 1912.12510",),
)
SPEC = DETECTOR.spec
