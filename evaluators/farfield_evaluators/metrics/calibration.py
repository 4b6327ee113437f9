"""Calibration of the softmax of logits [N, C]: ECE, Brier score and negative log-likelihood, in double precision.

Conventions: the confidence is the highest probability, and the prediction its class (the first of equal ones). ECE has
15 bins of equal width, (0, 1/15], ..., (14/15, 1], each weighted by its share of the examples (Guo et al. 2017, arXiv
1706.04599, section 2). The Brier score is summed over classes (Brier 1950), so it runs from 0 to 2. Sums over examples
are exactly rounded: no figure depends on the examples' order.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from farfield_evaluators.metrics.classification import Hits, Labels, Logits, chunks

Values = npt.NDArray[np.float64]
BINS = 15


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """What the softmax says of each example [N]: confidence, whether it is right, -log p(label), Brier score."""

    confidence: Values
    hits: Hits
    nll: Values
    brier: Values


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A figure and its standard error over examples; None where there is only one example."""

    value: float
    stderr: float | None


def outcomes(logits: Logits, labels: Labels) -> Outcomes:
    """The softmax's outcomes for labels [N] in 0..C-1, N > 0. Raises ValueError for no example."""
    if not len(labels):
        raise ValueError("the calibration of no examples is undefined")
    parts = [_outcomes(*part) for part in chunks(logits, labels)]
    return Outcomes(
        confidence=np.concatenate([p.confidence for p in parts]),
        hits=np.concatenate([p.hits for p in parts]),
        nll=np.concatenate([p.nll for p in parts]),
        brier=np.concatenate([p.brier for p in parts]),
    )


def _outcomes(logits: Logits, labels: Labels) -> Outcomes:
    rows = np.arange(len(labels))
    values = logits.astype(np.float64, order="C")
    top = values.argmax(axis=1)
    with np.errstate(over="ignore"):  # a gap beyond the range of doubles is infinite, and the class impossible
        values -= values[rows, top][:, None]
    own = values[rows, labels]
    np.exp(values, out=values)
    total = values.sum(axis=1)
    values /= total[:, None]
    values[rows, labels] -= 1
    brier = np.einsum("nc,nc->n", values, values)
    return Outcomes(confidence=1 / total, hits=top == labels, nll=np.log(total) - own, brier=brier)


def ece(confidence: Values, hits: Hits, bins: int = BINS) -> Estimate:
    """Expected calibration error, 0..1: the bins' gaps |accuracy - confidence|, weighted by their shares of [N].

    The error is the delta method's, which takes the sign of each bin's gap as known. The figure itself is biased
    upwards on few examples, whatever the model (Kumar et al. 2019, arXiv 1909.10155).

    >>> ece(np.array([0.9, 0.9]), np.array([True, False])).value
    0.4
    """
    bin_of = np.searchsorted(np.linspace(0, 1, bins + 1), confidence, side="left") - 1
    gaps = hits - confidence
    sums = np.array([math.fsum(gaps[bin_of == number]) for number in range(bins)])
    return Estimate(value=_mean(np.abs(sums), len(gaps)), stderr=_stderr(np.sign(sums)[bin_of] * gaps))


def mean(values: Values) -> Estimate:
    """The mean of one figure per example [N], such as the Brier score or the negative log-likelihood."""
    return Estimate(value=_mean(values, len(values)), stderr=_stderr(values))


def brier(logits: Logits, labels: Labels) -> float:
    """Mean squared distance of the softmax to the label's unit vector, 0..2.

    >>> brier(np.array([[0.0, 0.0]]), np.array([0]))
    0.5
    """
    return mean(outcomes(logits, labels).brier).value


def nll(logits: Logits, labels: Labels) -> float:
    """Mean negative log-likelihood of the labels, in nats: 0 or more, and log C for equal logits; may be infinite.

    >>> nll(np.array([[0.0, 0.0]]), np.array([0])) == math.log(2)
    True
    """
    return mean(outcomes(logits, labels).nll).value


def _mean(values: Iterable[float], count: int) -> float:
    return math.fsum(values) / count


def _stderr(values: Values) -> float | None:
    """Standard deviation (ddof 1) over the square root of N; None for one example or infinite values."""
    if len(values) < 2 or not np.isfinite(values).all():
        return None
    centred = values - _mean(values, len(values))
    return math.sqrt(math.fsum(centred * centred) / (len(values) - 1) / len(values))
