"""What a watermark takes from a classifier, and how much more it takes things for cartons.

Li et al., A Whac-A-Mole Dilemma, CVPR 2023 (arXiv 2212.04825); its release, facebookresearch/Whac-A-Mole c91b097,
`eval_watermark_shortcut.py`. Training images of cartons have the watermark, of which ImageNet-W draws one like it on
every validation image. The drop is the release's `in_w_gap` with its sign turned; the others are its `carton_gap`,
`delta_p_carton` and `delta_p_carton_cond_carton`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.calibration import mean, outcomes
from farfield_evaluators.scoring.classification import HIT, LOGITS
from farfield_evaluators.scoring.scorer import Wanted
from farfield_evaluators.scoring.test import Array, Outcome, Test

CARTON = 478
"""The number of ImageNet's class carton."""
DROP = Metric(
    name="watermark-drop",
    title="IN-W gap, as a drop",
    higher_is_better=False,
    description="Accuracy without the watermark less that with it; the paper's IN-W gap with its sign turned.",
)
CARTON_GAP = Metric(
    name="carton-gap",
    title="Carton gap",
    higher_is_better=False,
    description="Accuracy on images of cartons with the watermark less that without it; 0 is no shortcut.",
)
CARTON_SHARE = Metric(
    name="carton-probability-gap",
    title="Carton's probability, gap",
    higher_is_better=False,
    description="Mean probability of the class carton with the watermark less that without it, over all images.",
)
CARTON_SHARE_OF_CARTONS = Metric(
    name="carton-probability-gap-of-cartons",
    title="Carton's probability on cartons, gap",
    higher_is_better=False,
    description="The same over images of cartons.",
)


def _probability(test: Test) -> Mapping[str, Array]:
    said = outcomes(test.outputs[LOGITS], np.full(len(test), CARTON))
    return {"carton-probability": np.exp(-said.nll)}


PROBABILITY = Outcome(columns=("carton-probability",), of=_probability, each=True)


@dataclass(frozen=True, kw_only=True)
class WatermarkGaps:
    """What changes from the ID set to each shift, which is the same images with something drawn on them.

    No standard errors: both sets are of the same images, so they are not independent.
    """

    gives: tuple[Metric, ...] = (DROP, CARTON_GAP, CARTON_SHARE, CARTON_SHARE_OF_CARTONS)

    def needs(self, test: Test) -> Iterable[Outcome]:
        return (HIT, PROBABILITY)

    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterator[Figure]:
        [clean] = [test for test in tests if test.role == "id"]
        before = _means(clean)
        for test in tests:
            if test.role == "shift":
                yield from _gaps(before, _means(test), test.domain)


@dataclass(frozen=True, kw_only=True)
class _Mean:
    value: float
    n: int


def _means(test: Test) -> dict[Metric, _Mean]:
    """Of each metric the mean of which it is the gap, where there are such images."""
    hits, cartons = test.outcome(HIT)["hit"].astype(np.float64), test.labels == CARTON
    [shares] = test.outcome(PROBABILITY).values()
    found = [(DROP, hits), (CARTON_GAP, hits[cartons]), (CARTON_SHARE, shares)]
    found += [(CARTON_SHARE_OF_CARTONS, shares[cartons])]
    return {metric: _Mean(value=mean(values).value, n=len(values)) for metric, values in found if len(values)}


def _gaps(before: Mapping[Metric, _Mean], after: Mapping[Metric, _Mean], domain: str) -> Iterator[Figure]:
    for metric in (metric for metric in before if metric in after):
        grown = after[metric].value - before[metric].value
        value = -grown if metric is DROP else grown
        yield Figure(metric=metric.name, domain=domain, value=value, stderr=None, n=after[metric].n)


WATERMARK_GAPS = WatermarkGaps()
