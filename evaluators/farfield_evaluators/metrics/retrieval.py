"""Retrieval by the cosine of embeddings: texts for each image, and images for each text; and captions told apart.

The texts of N images are rows [M, D], image after image, `counts` [N] of each. Scores are made in double precision and
compared in single precision, so that equal embeddings have equal scores; a part of them is there at a time.

What is retrieved is a hit where one of the right ones is among the first k, as in CLIP_benchmark's zeroshot_retrieval
(LAION-AI/CLIP_benchmark 48de38c). Where scores are equal their order says nothing, and a hit is the chance of one in a
random order: CLIP_benchmark takes the order in which torch has them.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Embeddings = npt.NDArray[np.floating]
Ints = npt.NDArray[np.int64]
BLOCK_VALUES = 1 << 22
"""Scores that are there at a time, 16 MiB; and numbers of embeddings in double precision, 32 MiB."""
LEAST_LENGTH = 1e-12  # by which CLIP_benchmark divides at least


def among_first(above: Ints, equal: Ints, right: Ints, k: int) -> Floats:
    """The chance [Q] that a right one is among the first k, where scores are equal in a random order.

    above [Q]: how many wrong ones have a higher score than the best right one; equal [Q]: how many wrong ones have the
    same; right [Q], from 1: how many right ones have it.

    >>> among_first(np.array([0, 1, 5, 0]), np.array([0, 0, 0, 3]), np.array([1, 2, 1, 1]), 2)
    array([1. , 1. , 0. , 0.5])
    """
    missed = np.ones(len(above))
    for place in range(k):
        taken = above + place < k
        wrong = np.maximum(equal - place, 0) / np.maximum(equal + right - place, 1)
        missed *= np.where(taken, wrong, 1.0)
    return 1.0 - missed


def texts_retrieved(images: Embeddings, texts: Embeddings, counts: Ints, ks: tuple[int, ...]) -> Floats:
    """For each image whether one of its texts is among the first k of all, [N, K] in 0..1. Without a text it is 0."""
    owners, found = _owners(counts), np.zeros((len(images), len(ks)))
    for rows in _blocks(len(images), len(texts)):
        scores, own = _cosines(images[rows], texts), owners[None, :] == rows[:, None]
        best = np.where(own, scores, -np.inf).max(axis=1, initial=-np.inf)[:, None]
        equal = scores == best
        right = (equal & own).sum(axis=1)
        found[rows] = _each(ks, (scores > best).sum(axis=1), equal.sum(axis=1) - right, right)
    return found * (counts > 0)[:, None]


def images_retrieved(images: Embeddings, texts: Embeddings, counts: Ints, ks: tuple[int, ...]) -> Floats:
    """For each text whether its image is among the first k of all, [M, K] in 0..1."""
    owners, found = _owners(counts), np.zeros((len(texts), len(ks)))
    for rows in _blocks(len(texts), len(images)):
        scores = _cosines(texts[rows], images)
        own = scores[np.arange(len(rows)), owners[rows]][:, None]
        one = np.ones(len(rows), np.int64)
        found[rows] = _each(ks, (scores > own).sum(axis=1), (scores == own).sum(axis=1) - one, one)
    return found


def own_cosines(images: Embeddings, texts: Embeddings, counts: Ints) -> npt.NDArray[np.float32]:
    """Of each text with its own image, float32 [M]."""
    owners, found = _owners(counts), np.zeros(len(texts), np.float32)
    for rows in _blocks(len(texts), images.shape[1]):
        found[rows] = (_unit(texts[rows]) * _unit(images[owners[rows]])).sum(axis=1)
    return found


def _each(ks: tuple[int, ...], above: Ints, equal: Ints, right: Ints) -> Floats:
    return np.stack([among_first(above, equal, right, k) for k in ks], axis=1)


def _owners(counts: Ints) -> Ints:
    """The image [M] of each text."""
    return np.repeat(np.arange(len(counts), dtype=np.int64), counts)


def _blocks(count: int, width: int) -> Iterator[Ints]:
    """Places of rows of which so many have BLOCK_VALUES numbers."""
    step = max(1, BLOCK_VALUES // max(1, width))
    for start in range(0, count, step):
        yield np.arange(start, min(start + step, count), dtype=np.int64)


def _cosines(queries: Embeddings, items: Embeddings) -> npt.NDArray[np.float32]:
    """Cosines float32 [Q, I]."""
    wanted, found = _unit(queries), np.empty((len(queries), len(items)), np.float32)
    for rows in _blocks(len(items), items.shape[1]):
        found[:, rows] = wanted @ _unit(items[rows]).T
    return found


def _unit(rows: Embeddings) -> Floats:
    """Of length 1; one of nothing but zeros stays as it is."""
    wide = rows.astype(np.float64)
    unit: Floats = wide / np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), LEAST_LENGTH)
    return unit
