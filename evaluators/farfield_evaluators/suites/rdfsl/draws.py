"""Which classes and images an episode has: drawn as CRLNet's release draws them, to the same draws for the same seed.

The release (Guo et al. 2025, arXiv 2502.01183) draws classes by torch's `randperm` and images by numpy's `choice`, both
from the same seed, and its data loader takes a number from torch first. Both are the Mersenne Twister, so numpy gives
both here. Pure functions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from farfield.families.few_shot_classification import Episode

Ints = npt.NDArray[np.int64]
TAKEN_FIRST = 2  # numbers of 32 bits: the seed that torch's data loader draws for its processes


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """An episode: classes [way], and of each the places of its support [way, shots] and queries [way, queries].

    others [O] are the further classes of an open episode, and open [O, queries] the places of their queries. A place is
    that of an image among the support, or the query, images of its class.
    """

    classes: tuple[int, ...]
    support: Ints
    queries: Ints
    others: tuple[int, ...]
    open: Ints


def drawn(sizes: Sequence[tuple[int, int]], episode: Episode, count: int, seed: int) -> Iterator[Drawn]:
    """The episodes of classes that have so many (support, query) images each, which must do for the episode.

    The other classes of an open episode are the next of the same permutation, and their images come from a generator of
    their own: all that is known of an episode is as without them.
    """
    of_classes, of_images = (np.random.RandomState(seed) for _ in range(2))
    of_others = np.random.RandomState(seed + 1)
    _numbers(of_classes, TAKEN_FIRST)
    for _ in range(count):
        ordered = _permutation(of_classes, len(sizes))
        classes, others = ordered[: episode.way], ordered[episode.way : episode.way + episode.others]
        places = [_images(of_images, sizes[number], episode) for number in classes]
        beyond = [of_others.choice(sizes[number][1], episode.queries, replace=False) for number in others]
        yield Drawn(
            classes=tuple(classes),
            support=np.stack([support for support, _ in places]),
            queries=np.stack([queries for _, queries in places]),
            others=tuple(others),
            open=np.array(beyond, np.int64).reshape(len(others), episode.queries),
        )


def _images(chance: np.random.RandomState, size: tuple[int, int], episode: Episode) -> tuple[Ints, Ints]:
    support, queries = size
    return (
        chance.choice(support, episode.shots, replace=False).astype(np.int64),
        chance.choice(queries, episode.queries, replace=False).astype(np.int64),
    )


def _permutation(chance: np.random.RandomState, count: int) -> list[int]:
    """As torch's `randperm` of so few: each place in turn is exchanged with one from it to the last."""
    numbers = list(range(count))
    for place, number in enumerate(_numbers(chance, count - 1)):
        other = place + number % (count - place)
        numbers[place], numbers[other] = numbers[other], numbers[place]
    return numbers


def _numbers(chance: np.random.RandomState, count: int) -> list[int]:
    """The next numbers of 32 bits as the generator has them."""
    return [int.from_bytes(chance.bytes(4), "little") for _ in range(count)]
