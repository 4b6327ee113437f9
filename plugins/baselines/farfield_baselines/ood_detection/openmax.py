"""OpenMax (Bendale & Boult 2016, arXiv 1511.06233, section 3), on logits as OpenOOD has it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from farfield import setting
from farfield.numerics import logsumexp
from farfield_baselines.ood_detection.core import Floats, Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.ood_detection.she import patterns
from farfield_baselines.ood_detection.weibull import Tail, tail_of


@dataclass(frozen=True, kw_only=True)
class Config:
    """How many distances make a class's tail, and how many of an image's best classes are revised."""

    tail: int = setting(20, ge=2, le=10000, help="The largest distances of a class that the tail is fitted to.")
    alpha: int = setting(3, ge=1, le=1000, help="How many of an image's best classes are revised; OpenOOD's is 3.")


def tails_of(known: Known, means: Floats, size: int) -> list[Tail | None]:
    """Of each class, of the distances of its rightly classified images' logits to their mean [C, C]."""
    logits = known.seen.logits.astype(np.float64)
    right = logits.argmax(axis=1) == known.labels

    def tail(number: int) -> Tail | None:
        return tail_of(np.linalg.norm(logits[right & (known.labels == number)] - means[number], axis=1), size)

    return [tail(number) for number in range(len(means))]


def unknown_log_odds(logits: Floats, means: Floats, tails: Sequence[Tail | None], alpha: int) -> Floats:
    """The log of the unknown class's probability, less the log of that of the others together: [B, C] -> [B].

    The r-th best class keeps 1 - w (alpha + 1 - r) / alpha of its logit, w its tail's share below the distance to its
    mean; what is taken from all of them is the logit of the unknown class. A class without a tail keeps its own.
    """
    best = np.argsort(-logits, axis=1)[:, :alpha]
    weights = np.zeros_like(logits)
    np.put_along_axis(
        weights, best, np.broadcast_to(np.arange(alpha, 0, -1)[: best.shape[1]] / alpha, best.shape), axis=1
    )
    shares = np.zeros_like(logits)
    for number, tail in enumerate(tails):
        if tail is not None:
            shares[:, number] = tail(np.linalg.norm(logits - means[number], axis=1))
    taken = logits * shares * weights
    return np.asarray(taken.sum(axis=1) - logsumexp(logits - taken))


def openmax(known: Known, config: Config) -> Score:
    """Minus the probability of the unknown class, in [-1, 0]."""
    said = replace(known.seen, features=known.seen.logits)
    means = patterns(replace(known, seen=said))
    tails = tails_of(known, means, config.tail)

    def score(seen: Seen) -> Floats:
        odds = unknown_log_odds(seen.logits.astype(np.float64), means, tails, config.alpha)
        return np.asarray(-1.0 / (1.0 + np.exp(-odds)))

    return score


RULE = Rule(make=openmax, fits=True)
DETECTOR = Detector(
    name="openmax",
    title="OpenMax",
    rule=RULE,
    config=Config,
    papers=("Bendale & Boult 2016, arXiv 1511.06233", "Scheirer et al. 2011, doi 10.1109/TPAMI.2011.54"),
)
SPEC = DETECTOR.spec
