"""The linear probe, whatever the features are."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import RunContext
from farfield_baselines import validation
from farfield_baselines.logistic import fit_softmax

ABSENT = -1e4  # the logit of a class that has no training image: finite, and below any other
STRENGTHS = tuple(10.0**power for power in range(-4, 5))
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A classifier on features: weight [K, D] and bias [K] for the classes `present` [K] of `classes` in all."""

    weight: Floats
    bias: Floats
    present: Ints
    classes: int

    def logits(self, features: npt.NDArray[Any]) -> Floats:
        """float32 [B, D] -> logits [B, C]; ABSENT for a class without training images."""
        logits = np.full((len(features), self.classes), ABSENT)
        logits[:, self.present] = features @ self.weight.T + self.bias
        return logits


def by_adamw(features: npt.NDArray[Any], labels: Ints, decay: float, share: float, context: RunContext) -> Probe:
    """As CLIP_benchmark trains it, of unit features [N, D]; a `decay` of 0 is chosen on a `share` of them first."""
    from farfield_baselines.networks import adamw_probe

    present, numbers = np.unique(labels, return_inverse=True)

    def probe(rows: Ints, weight_decay: float) -> Probe:
        of_these, targets = np.unique(numbers[rows], return_inverse=True)
        weight, bias = adamw_probe.fit(features[rows], targets, weight_decay, context.seed)
        return Probe(weight=weight, bias=bias, present=present[of_these], classes=context.class_count)

    if decay == 0.0:
        kept, held = validation.split(labels, share, context.seed)
        right = labels[held]
        decay = adamw_probe.chosen_decay(
            lambda each: float((probe(kept, each).logits(features[held]).argmax(axis=1) == right).mean())
        )
        context.log(f"weight decay chosen on {len(held)} held-out images: {decay:g}")
    return probe(np.arange(len(labels)), decay)


def trained(features: npt.NDArray[Any], labels: Ints, l2: float, classes: int) -> Probe:
    """The probe of features [N, D] and labels [N]."""
    present, numbers = np.unique(labels, return_inverse=True)
    weight, bias = fit_softmax(features, numbers, l2)
    return Probe(weight=weight, bias=bias, present=present, classes=classes)


def fitted(features: npt.NDArray[Any], labels: Ints, l2: float, share: float, context: RunContext) -> Probe:
    """The probe of the whole training split; with `l2` 0 the strength is chosen on a `share` of it first."""
    if l2 == 0.0:
        l2, accuracies = chosen(features, labels, share, context)
        listed = ", ".join(f"{s:g}: {100 * a:.1f}" for s, a in zip(STRENGTHS, accuracies, strict=True))
        context.log(f"validation accuracy (%) by l2: {listed}; chosen {l2:g}")
    return trained(features, labels, l2, context.class_count)


def chosen(features: npt.NDArray[Any], labels: Ints, share: float, context: RunContext) -> tuple[float, list[float]]:
    """(the first of STRENGTHS with the highest accuracy on the held-out share, the accuracies of all)."""
    kept, held = validation.split(labels, share, context.seed)

    def accuracy(l2: float) -> float:
        probe = trained(features[kept], labels[kept], l2, context.class_count)
        return float((probe.logits(features[held]).argmax(axis=1) == labels[held]).mean())

    return validation.best(STRENGTHS, accuracy)
