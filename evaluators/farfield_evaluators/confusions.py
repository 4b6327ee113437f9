"""Which classes a run took for which, domain by domain: counts that sum up its predictions, and name no example.

A count tells labels all the same where a method chooses what to predict for a single image. So these are for the site,
which publishes of them what its rules allow.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.evaluate import Arrays, Truth, as_tests
from farfield_evaluators.metrics.labelspace import classes_in
from farfield_evaluators.metrics.labelspace import relabelled as in_space
from farfield_evaluators.scoring.classification import LOGITS, logits_of
from farfield_evaluators.scoring.test import Test

Counts = npt.NDArray[np.int64]
MOST_PAIRS = 2000  # of a domain, those with the highest counts
MOST_CLASSES = 20_000
MOST_NUMBERS = 500_000  # of all domains together; those that come later are left out


@dataclass(frozen=True, kw_only=True)
class Confusion:
    """Of one test domain, whose label space has K classes; `classes` [K] are their numbers in the pack.

    counts: test examples of each class [K]. hits: those that were predicted right [K]. said: how often each class was
    predicted [K]. pairs: (class, what it was taken for, how often), the most frequent first, without the hits.
    """

    domain: str
    classes: tuple[int, ...]
    counts: tuple[int, ...]
    hits: tuple[int, ...]
    said: tuple[int, ...]
    pairs: tuple[tuple[int, int, int], ...]

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return 4 * len(self.classes) + 3 * len(self.pairs)

    def as_json(self) -> dict[str, Any]:
        names = ("domain", "classes", "counts", "hits", "said")
        values = {name: getattr(self, name) for name in names}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()} | {
            "pairs": [list(pair) for pair in self.pairs]
        }


def confusions_of(benchmark: Benchmark, truth: Truth, arrays: Arrays) -> Iterator[Confusion]:
    """Of each test domain with labels, where the run's outputs are one prediction a test example; else none.

    Of many domains with many classes those that fit into MOST_NUMBERS.
    """
    logits = arrays.get(LOGITS)
    if logits is None or logits.ndim != 2 or len(logits) != len(truth.labels):
        return
    room = MOST_NUMBERS
    for test in as_tests(benchmark, truth, {LOGITS: logits}):
        confused = _of(test) if len(test) else None
        if confused is not None and (room := room - confused.size) >= 0:
            yield confused


def confusion(domain: str, classes: tuple[int, ...], labels: Counts, said: Counts) -> Confusion:
    """Pure: of labels [N] and predictions [N], both numbers below K = len(classes)."""
    size = len(classes)
    wrong = labels != said
    codes, counts = np.unique(labels[wrong] * size + said[wrong], return_counts=True)
    order = np.lexsort((codes, -counts))[:MOST_PAIRS]
    pairs = ((int(codes[at] // size), int(codes[at] % size), int(counts[at])) for at in order)
    return Confusion(
        domain=domain,
        classes=classes,
        counts=_numbers(np.bincount(labels, minlength=size)),
        hits=_numbers(np.bincount(labels[~wrong], minlength=size)),
        said=_numbers(np.bincount(said, minlength=size)),
        pairs=tuple(pairs),
    )


def _of(test: Test) -> Confusion | None:
    labels = in_space(test.labels, test.space, test.classes)
    classes = classes_in(test.space, test.classes)
    if (labels < 0).any() or len(classes) > MOST_CLASSES:
        return None
    return confusion(test.domain, classes, labels, logits_of(test).argmax(axis=1).astype(np.int64))


def _numbers(counts: Counts) -> tuple[int, ...]:
    return tuple(int(count) for count in counts)


def total(parts: Sequence[Mapping[str, Any]]) -> Confusion | None:
    """Several of them as one, as of the domains or repeats of an entry; None where their classes differ.

    Each is what `as_json` made. Pairs that a part left out count as if they had not been.
    """
    if not parts or any(part["classes"] != parts[0]["classes"] for part in parts):
        return None
    pairs: dict[tuple[int, int], int] = {}
    for part in parts:
        for label, said, count in part["pairs"]:
            pairs[label, said] = pairs.get((label, said), 0) + count
    ordered = sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_PAIRS]
    sums = {name: np.sum([part[name] for part in parts], axis=0) for name in ("counts", "hits", "said")}
    return Confusion(
        domain=parts[0]["domain"] if len(parts) == 1 else "",
        classes=tuple(parts[0]["classes"]),
        pairs=tuple((label, said, count) for (label, said), count in ordered),
        **{name: _numbers(counts) for name, counts in sums.items()},
    )
