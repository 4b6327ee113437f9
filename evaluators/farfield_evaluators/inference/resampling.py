"""The bootstrap over test examples, paired: every method is looked at on the same resampled examples.

A figure is the mean over an entry's domains of the mean over a domain's examples; with one domain, the plain mean. A
resample draws each domain's examples anew, or whole clusters of them where examples are not independent, such as
the images of one patient (Efron & Tibshirani 1993, chapter 6; clusters: Davison & Hinkley 1997, section 3.8).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Reals = npt.NDArray[Any]
"""Numbers of any type, bool among them."""
Counts = npt.NDArray[np.float32]
RESAMPLES = 1000
SEED = 20_260_101
CHUNK_VALUES = 4_000_000  # of the draws that are held at once: 8 MB
BLOCK = 2048  # clusters whose counts are made and used at once, in a core's own cache
MANY = 500  # clusters from which on their counts are independent


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcomes:
    """Of one domain: values [N, M] of N examples by M methods, such as whether it is a hit; clusters int64 [N] or None.

    Values are of any real type: hits are small as bool.

    Raises ValueError for no example, for values that are not finite, and for clusters of another length.
    """

    values: Reals = field(repr=False)
    clusters: Ints | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or not len(self.values):
            raise ValueError(f"outcomes are [examples, methods] of at least one example, not {self.values.shape}")
        if not np.isfinite(self.values).all():
            raise ValueError("an outcome is not finite: a missing one cannot be compared")
        if self.clusters is not None and self.clusters.shape != self.values.shape[:1]:
            raise ValueError(f"{len(self.values)} examples have {len(self.clusters)} clusters")

    @property
    def sums(self) -> tuple[Reals, Floats]:
        """Of each cluster the sums [K, M] and its size [K]; an example is a cluster of its own where none are given."""
        if self.clusters is None:
            return self.values, np.ones(len(self.values))
        names, places = np.unique(self.clusters, return_inverse=True)
        sums = np.zeros((len(names), self.values.shape[1]))
        np.add.at(sums, places.reshape(-1), self.values)
        return sums, np.bincount(places.reshape(-1)).astype(np.float64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Estimates:
    """Of M methods the figures [M], and the figures in each of R resamples [R, M]."""

    values: Floats = field(repr=False)
    draws: Floats = field(repr=False)

    def __post_init__(self) -> None:
        if self.values.ndim != 1 or self.draws.shape[1:] != self.values.shape:
            raise ValueError(f"{self.values.shape} figures have draws of the shape {self.draws.shape}")

    def __len__(self) -> int:
        return len(self.values)

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Percentile interval of each figure: low [M] and high [M]."""
        tail = (1 - level) / 2
        low, high = np.quantile(self.draws, [tail, 1 - tail], axis=0)
        return low, high


def bootstrap(domains: Sequence[Outcomes], *, resamples: int = RESAMPLES, seed: int = SEED) -> Estimates:
    """The figures of all methods, and their draws, which are the same for the same outcomes and seed.

    Raises ValueError for no domain, and for domains with other numbers of methods.
    """
    if len({outcomes.values.shape[1] for outcomes in domains}) != 1:
        raise ValueError("every domain has the outcomes of the same methods; leave out what one of them lacks")
    rng = np.random.default_rng(seed)
    parts = [_means(*outcomes.sums, resamples, rng) for outcomes in domains]
    values = np.mean([outcomes.values.mean(axis=0, dtype=np.float64) for outcomes in domains], axis=0)
    return Estimates(values=values, draws=np.mean(parts, axis=0))


def _means(sums: Reals, sizes: Floats, resamples: int, rng: np.random.Generator) -> Floats:
    """The mean outcome [R, M] in each resample of the clusters."""
    centre = (sums.sum(axis=0, dtype=np.float64) / sizes.sum()).astype(np.float32)
    # Of all methods at once: a resample is a row of a matrix product. Centred, so that single precision is plenty.
    table = np.empty((len(sizes), len(centre) + 1), np.float32)
    table[:, -1] = sizes
    np.multiply(table[:, -1:], centre, out=table[:, :-1])
    np.subtract(sums, table[:, :-1], out=table[:, :-1], casting="unsafe")
    drawn = np.zeros((resamples, table.shape[1]), np.float32)
    for rows, clusters, counts in _counts(len(sizes), resamples, rng):
        drawn[rows] += counts @ table[clusters]
    means: Floats = centre + drawn[:, :-1].astype(np.float64) / drawn[:, -1:]
    return means


def _counts(size: int, resamples: int, rng: np.random.Generator) -> Iterator[tuple[slice, slice, Counts]]:
    """How often each of `size` clusters is in a resample: some resamples, some clusters, and the counts of both [r, c].

    Of many, each is there a Poisson number of times, which is as good and several times faster: means are by the
    resample's own size (Chamandy, Muralidharan, Najmi & Naidu 2012, Estimating uncertainty for massive data streams).
    """
    most = max(1, CHUNK_VALUES // size)
    for start in range(0, resamples, most):
        rows = slice(start, min(start + most, resamples))
        count = rows.stop - rows.start
        if size < MANY:
            drawn = rng.multinomial(size, np.full(size, 1 / size), count).astype(np.float32)
            yield rows, slice(0, size), drawn
            continue
        chance = _chance(rng, count * size).reshape(count, size)
        for first in range(0, size, BLOCK):
            clusters = slice(first, min(first + BLOCK, size))
            yield rows, clusters, _poisson(chance[:, clusters])


def _chance(rng: np.random.Generator, size: int) -> npt.NDArray[np.uint16]:
    """16 bits of chance [size], those of `rng.bytes`: by words of 64 bits, in half the time, where no half is left."""
    words = -(-size // 2)
    if words % 2 or rng.bit_generator.state["has_uint32"]:
        return rng.integers(0, 1 << 32, words, np.uint32).view(np.uint16)[:size]
    return rng.integers(0, 1 << 64, words // 2, np.uint64).view(np.uint16)[:size]


def _poisson(chance: npt.NDArray[np.uint16]) -> Counts:
    """A Poisson number of mean 1 for each 16 bits of chance: how many bounds they reach, faster than by a table."""
    passed = np.zeros(chance.shape, np.uint8)
    for bound in _BOUNDS:
        passed += (chance >= bound).view(np.uint8)
    return passed.astype(np.float32)


def _bounds() -> npt.NDArray[np.uint16]:
    """From which of 2^16 equally likely values on a Poisson number of mean 1 is at least 1, 2, 3 ..."""
    terms = np.cumsum([math.exp(-1) / math.factorial(number) for number in range(12)])
    middles = (np.arange(1 << 16) + 0.5) / (1 << 16)
    bounds = np.searchsorted(middles, terms, side="right")
    return bounds[bounds < len(middles)].astype(np.uint16)


_BOUNDS = _bounds()


def independent(values: Floats, stderr: Floats, *, resamples: int = RESAMPLES, seed: int = SEED) -> Estimates:
    """Normal draws for figures [M] of which only standard errors [M] are known, each method's by itself.

    For entries whose outcomes on examples are not to be had, such as sweeps that were handed in as records: their
    intervals are wider than paired ones. Raises ValueError for an error that is negative or not finite.
    """
    if not (np.isfinite(stderr) & (stderr >= 0)).all():
        raise ValueError("a standard error is a number from 0 on")
    noise = np.random.default_rng(seed).standard_normal((resamples, len(values)))
    return Estimates(values=np.asarray(values, np.float64), draws=values + noise * stderr)
