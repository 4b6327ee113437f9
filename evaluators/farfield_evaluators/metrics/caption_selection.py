"""Which of a few captions is an image's, and which of two images a caption's: SugarCrepe's figure and Winoground's.

The cosines of N images with their own few captions are [M], image after image, `counts` [N] of each; the first caption
of an image is the right one. What is tied is wrong, as in both papers: Hsieh et al. 2023 (arXiv 2306.14610) and Thrush
et al. 2022 (arXiv 2204.03162). CLIP_benchmark's image_caption_selection takes the first of what is tied, and the right
one comes first there: a model with one answer for everything is always right.
"""

import numpy as np
import numpy.typing as npt

Cosines = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Hits = npt.NDArray[np.bool_]


def texts_chosen(cosines: Cosines, counts: Ints) -> Hits:
    """Whether the first caption of each image [N] has a higher cosine than all its others; each has one at least.

    >>> texts_chosen(np.array([0.9, 0.1, 0.5, 0.5], np.float32), np.array([2, 2]))
    array([ True, False])
    """
    firsts = _firsts(counts)
    others = cosines.astype(np.float64)
    others[firsts] = -np.inf
    chosen: Hits = cosines[firsts] > np.maximum.reduceat(others, firsts)
    return chosen


def images_chosen(cosines: Cosines, pairs: Ints) -> Hits:
    """Whether the caption of each image [N] has a higher cosine with it than with the other of its pair.

    pairs [N]: the number of each image's pair. Both images have two captions, of which the second is the other's first.

    >>> images_chosen(np.array([0.9, 0.8, 0.7, 0.2], np.float32), np.array([4, 4]))
    array([ True, False])
    """
    order = np.argsort(pairs, kind="stable").reshape(-1, 2)
    others = np.empty(len(pairs), np.int64)
    others[order] = order[:, ::-1]
    by_image = cosines.reshape(-1, 2)
    chosen: Hits = by_image[:, 0] > by_image[others, 1]
    return chosen


def in_pairs(hits: Hits, pairs: Ints) -> Hits:
    """Of each image [N] whether both of its pair are hits.

    >>> in_pairs(np.array([True, True, False, True]), np.array([0, 1, 0, 1]))
    array([False,  True, False,  True])
    """
    _, numbers = np.unique(pairs, return_inverse=True)
    both: Hits = (np.bincount(numbers, weights=hits) == np.bincount(numbers))[numbers]
    return both


def _firsts(counts: Ints) -> Ints:
    """Where the captions of each image begin."""
    firsts: Ints = np.cumsum(counts) - counts
    return firsts
