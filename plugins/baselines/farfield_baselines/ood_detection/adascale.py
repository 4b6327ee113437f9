"""AdaSCALE (Regmi 2025, arXiv 2503.08023): activations are scaled, the more the less a nudged image's features move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from farfield import setting
from farfield.numerics import logsumexp
from farfield_baselines.ood_detection.core import Floats, Head, Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector

if TYPE_CHECKING:
    import torch

    from farfield_baselines.ood_detection.models import Network

PAPER = "Regmi 2025, arXiv 2503.08023"
NUDGE = 0.5  # in units of the network's input, as OpenOOD has it
PERCENTILES = (60.0, 65.0, 70.0, 75.0, 80.0, 85.0, 90.0, 95.0, 99.0)
GRID = tuple({"low": low, "high": high} for low, high in combinations(PERCENTILES, 2))  # OpenOOD v1.5's
Scaled = Callable[[Head, Floats, Floats], Floats]


@dataclass(frozen=True, kw_only=True)
class Config:
    """Between which percentiles, and what an image's stability is measured by."""

    low: float = setting(
        75.0, ge=0.1, le=99.9, help="Percentile for the image whose features move most; OpenOOD's is 75."
    )
    high: float = setting(85.0, ge=0.1, le=99.9, help="Percentile for the one whose move least; OpenOOD's is 85.")
    kept: float = setting(5.0, ge=0.0, le=100.0, help="Highest activations whose nudged values count, in percent.")
    moved: float = setting(1.0, ge=0.0, le=100.0, help="Highest activations whose moves count, in percent.")
    weight: float = setting(10.0, ge=0.0, le=1000.0, help="Weight of the moves; OpenOOD's is 10.")
    nudged: float = setting(
        0.05, ge=0.0, le=1.0, help="Share of the image's values that are nudged; OpenOOD's is 0.05."
    )


def look(network: Network, pixels: torch.Tensor, config: Config) -> Seen:
    """Inside: the features after a nudge up the best logit, of the values that hardly change it."""
    import torch

    from farfield_baselines.ood_detection.inside import seen_with

    with torch.enable_grad():
        inputs = pixels.detach().clone().requires_grad_(True)
        features = network.trunk(inputs)
        (gradient,) = torch.autograd.grad(network.classified(features).amax(dim=1).sum(), inputs)
    with torch.no_grad():
        flat = gradient.abs().flatten(1)
        places = flat.topk(int(flat.shape[1] * config.nudged), dim=1, largest=False).indices
        some = torch.zeros_like(flat).scatter_(1, places, 1.0).view_as(gradient)
        return seen_with(network, features, network.trunk(inputs + NUDGE * gradient.sign() * some))


def instability(seen: Seen, config: Config) -> Floats:
    """The nudged values of the highest activations plus the weighted moves of the very highest: [B]."""
    features, nudged = (np.asarray(part, np.float64) for part in (seen.features, seen.inside[0]))
    width = features.shape[1]
    order = np.argsort(-features, axis=1, kind="stable")
    kept, moved = (order[:, : int(width * share / 100)] for share in (config.kept, config.moved))
    values = np.take_along_axis(np.maximum(nudged, 0.0), kept, axis=1).sum(axis=1)
    return np.asarray(values + config.weight * np.take_along_axis(np.abs(features - nudged), moved, axis=1).sum(axis=1))


def sharpness(features: Floats, percentiles: Floats) -> Floats:
    """The sum of each row's activations [B, D] over that of those above its own percentile [B]: [B]."""
    active = np.maximum(features, 0.0)
    counts = active.shape[1] - np.round(active.shape[1] * percentiles / 100).astype(np.int64)
    ordered = np.cumsum(-np.sort(-active, axis=1), axis=1)
    highest = ordered[np.arange(len(active)), np.maximum(counts, 1) - 1]
    return np.asarray(np.where(highest > 0, active.sum(axis=1) / np.where(highest > 0, highest, 1.0), 1.0))


def activations(head: Head, features: Floats, factor: Floats) -> Floats:
    """A: the logits of x exp(factor)."""
    return head(features * np.exp(factor)[:, None])


def logits(head: Head, features: Floats, factor: Floats) -> Floats:
    """L: the logits times the factor squared."""
    return np.asarray(head(features) * np.square(factor)[:, None])


def adascale(scaled: Scaled) -> Callable[[Known, Config], Score]:
    """The energy score after scaling by a percentile that depends on the image's place among the training images."""

    def make(known: Known, config: Config) -> Score:
        ordered = np.sort(instability(known.seen, config))

        def score(seen: Seen) -> Floats:
            below = np.searchsorted(ordered, instability(seen, config), side="right") / len(ordered)
            percentiles = config.low + (1.0 - below) * (config.high - config.low)
            features = seen.features.astype(np.float64)
            return logsumexp(scaled(known.head, features, sharpness(features, percentiles)))

        return score

    return make


def detector(letter: str, scaled: Scaled, what: str) -> Detector:
    """AdaSCALE-A or -L."""
    rule = Rule(make=adascale(scaled), fits=True, look=look, grid=GRID)
    title = f"{what} scaled by the image's stability (AdaSCALE-{letter.upper()}) with the energy score"
    return Detector(name=f"adascale-{letter}", title=title, rule=rule, config=Config, papers=(PAPER,))


OF_ACTIVATIONS = detector("a", activations, "Activations")
OF_LOGITS = detector("l", logits, "Logits")
SPECS = (OF_ACTIVATIONS.spec, OF_LOGITS.spec)
