"""The linear probe, whatever the features are."""

from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import RunContext
from farfield.logistic import Probe, trained
from farfield_baselines import validation

STRENGTHS = tuple(10.0**power for power in range(-4, 5))
Ints = npt.NDArray[np.int64]


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
