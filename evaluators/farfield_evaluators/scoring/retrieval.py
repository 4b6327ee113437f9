"""Scorers of retrieval: recall at k in both directions, over a domain's images and all of their captions."""

import math
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from farfield.families.retrieval import IMAGES, TEXTS
from farfield_evaluators.data.columns import ROWS
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.metrics.retrieval import images_retrieved, texts_retrieved
from farfield_evaluators.scoring.scorer import Each, each
from farfield_evaluators.scoring.test import Array, Outcome, Test

KS = (1, 5, 10)
COUNT = "captions"
Floats = npt.NDArray[np.float64]


def _image_recall(k: int) -> Metric:
    return Metric(
        name=f"image-recall-{k}",
        title=f"Image R@{k}",
        higher_is_better=True,
        description=f"Image retrieval: the share of captions whose image is among the first {k} of all images by the "
        f"cosine of embeddings. CLIP_benchmark's image_retrieval_recall@{k}.",
    )


def _text_recall(k: int) -> Metric:
    return Metric(
        name=f"text-recall-{k}",
        title=f"Text R@{k}",
        higher_is_better=True,
        description=f"Text retrieval: the share of images one of whose captions is among the first {k} of all captions "
        f"by the cosine of embeddings. CLIP_benchmark's text_retrieval_recall@{k}.",
    )


IMAGE_RECALL = {k: _image_recall(k) for k in KS}
TEXT_RECALL = {k: _text_recall(k) for k in KS}


def _said(test: Test) -> Mapping[str, Array]:
    """Of each image [N] whether a caption of its own is found, how many of its captions find it, and of how many."""
    images, texts, counts = test.outputs[IMAGES], test.outputs[TEXTS], test.outputs[TEXTS + ROWS]
    owners = np.repeat(np.arange(len(counts)), counts)
    found = images_retrieved(images, texts, counts, KS)
    finding = {
        f"image-at-{k}": np.bincount(owners, found[:, place], minlength=len(counts)) for place, k in enumerate(KS)
    }
    hits = texts_retrieved(images, texts, counts, KS)
    return {**{f"text-at-{k}": hits[:, place] for place, k in enumerate(KS)}, **finding, COUNT: counts}


RETRIEVED = Outcome(columns=(*(f"text-at-{k}" for k in KS), *(f"image-at-{k}" for k in KS), COUNT), of=_said)


def share(parts: Floats, wholes: Array) -> Estimate:
    """The sum of parts [N] over that of wholes [N], and its standard error over examples by the delta method.

    >>> share(np.array([1.0, 2.0, 0.0]), np.array([2, 2, 2])).value
    0.5
    """
    whole, count = math.fsum(wholes), len(parts)
    value = math.fsum(parts) / whole
    if count < 2:
        return Estimate(value=value, stderr=None)
    spread = math.fsum((parts - value * wholes) ** 2)
    return Estimate(value=value, stderr=math.sqrt(spread * count / (count - 1)) / whole)


def _texts(k: int) -> Callable[[Test], Estimate]:
    def recall(test: Test) -> Estimate:
        hits = test.outcome(RETRIEVED)[f"text-at-{k}"]
        return share(hits, np.ones(len(hits)))

    return recall


def _images(k: int) -> Callable[[Test], Estimate]:
    def recall(test: Test) -> Estimate:
        said = test.outcome(RETRIEVED)
        return share(said[f"image-at-{k}"], said[COUNT])

    return recall


RECALLS: tuple[Each, ...] = (
    *(each(IMAGE_RECALL[k], _images(k), RETRIEVED) for k in KS),
    *(each(TEXT_RECALL[k], _texts(k), RETRIEVED, mean_of=f"text-at-{k}") for k in KS),
)
