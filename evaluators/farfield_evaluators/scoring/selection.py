"""Scorers of captions that are told apart: of an image's few, and of two images with two captions."""

from collections.abc import Callable, Mapping

import numpy as np

from farfield.families.retrieval import IMAGES, TEXTS
from farfield_evaluators.data.columns import ROWS, Ints
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.metrics.caption_selection import images_chosen, in_pairs, texts_chosen
from farfield_evaluators.metrics.classification import accuracy, binomial_stderr
from farfield_evaluators.metrics.retrieval import own_cosines
from farfield_evaluators.scoring.scorer import each
from farfield_evaluators.scoring.test import Array, Outcome, Test

PAIR = "pair"
"""The column of a pack with the number of the pair that an image is of."""
TEXT_ACCURACY = Metric(
    name="text-accuracy",
    title="Text accuracy",
    higher_is_better=True,
    description="The share of images whose caption has a higher cosine with them than the captions made to be confused "
    "with it; a tie is wrong. CLIP_benchmark's text_acc, and its acc where each instance has one image.",
)
TEXT_SCORE = Metric(
    name="text-score",
    title="Text score",
    higher_is_better=True,
    description="The share of pairs of images of which each has a higher cosine with its own caption than with the "
    "other's; a tie is wrong. CLIP_benchmark's text_acc on Winoground.",
)
IMAGE_SCORE = Metric(
    name="image-score",
    title="Image score",
    higher_is_better=True,
    description="The share of pairs of captions of which each has a higher cosine with its own image than with the "
    "other's; a tie is wrong. CLIP_benchmark's image_acc on Winoground.",
)
GROUP_SCORE = Metric(
    name="group-score",
    title="Group score",
    higher_is_better=True,
    description="The share of pairs that count for the text score and for the image score. CLIP_benchmark's acc.",
)
PAIR_SCORES = (TEXT_SCORE, IMAGE_SCORE, GROUP_SCORE)


def _cosines(test: Test) -> Array:
    return own_cosines(test.outputs[IMAGES], test.outputs[TEXTS], test.outputs[TEXTS + ROWS])


def _chosen(test: Test) -> Mapping[str, Array]:
    return {"hit": texts_chosen(_cosines(test), test.outputs[TEXTS + ROWS])}


def _of_pairs(test: Test) -> Mapping[str, Array]:
    """Of each image what counts of its pair."""
    cosines, pairs = _cosines(test), pairs_of(test)
    texts = in_pairs(texts_chosen(cosines, test.outputs[TEXTS + ROWS]), pairs)
    images = in_pairs(images_chosen(cosines, pairs), pairs)
    return {TEXT_SCORE.name: texts, IMAGE_SCORE.name: images, GROUP_SCORE.name: texts & images}


def pairs_of(test: Test) -> Ints:
    """The number of each image's pair [N]. Raises ValueError where not all are two."""
    pairs: Ints = test.targets[PAIR].reshape(-1).astype(np.int64)
    if (np.unique(pairs, return_counts=True)[1] != 2).any():
        raise ValueError(f"{test.domain} has images that are no pairs")
    return pairs


CHOSEN = Outcome(columns=("hit",), of=_chosen)
OF_PAIRS = Outcome(columns=tuple(metric.name for metric in PAIR_SCORES), of=_of_pairs)


def _accuracy(test: Test) -> Estimate:
    hits = test.outcome(CHOSEN)["hit"]
    return Estimate(value=accuracy(hits), stderr=binomial_stderr(accuracy(hits), len(hits)))


def _score(metric: Metric) -> Callable[[Test], Estimate]:
    """The mean over pairs, whose two images count alike; the error is over pairs."""

    def score(test: Test) -> Estimate:
        hits = test.outcome(OF_PAIRS)[metric.name]
        return Estimate(value=accuracy(hits), stderr=binomial_stderr(accuracy(hits), len(hits) // 2))

    return score


SELECTION = (each(TEXT_ACCURACY, _accuracy, CHOSEN, mean_of="hit"),)
SCORES_OF_PAIRS = tuple(each(metric, _score(metric), OF_PAIRS) for metric in PAIR_SCORES)
