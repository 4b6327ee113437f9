"""CMA: its loss is that of the authors' code, and what it scores by is what was trained."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tests.unit.baselines.ood_training.measure_cma import SCALE, WEIGHT
from tests.unit.baselines.ood_training.trainers_case import EXAMPLES, WIDTH, tensor
from torch.nn import functional

from farfield_baselines.networks.objectives import aligned
from farfield_baselines.ood_training import clip_cma

Make = Callable[..., Any]


def test_the_gradients_are_those_of_the_authors_code() -> None:
    theirs = json.loads(Path(__file__).with_name("cma.json").read_text(encoding="utf-8"))
    both = [tensor(seed, EXAMPLES, WIDTH) for seed in (20, 21)]
    loss = aligned(*(functional.normalize(rows, dim=1) for rows in both), torch.tensor(SCALE), WEIGHT)
    for gradient, expected in zip(torch.autograd.grad(loss, both), theirs, strict=True):
        np.testing.assert_allclose(gradient, np.array(expected), rtol=1e-4, atol=1e-6)


def test_it_is_trained_and_then_scores_by_far_words_or_cosines(build: Make, labeled: Make, rng: Any) -> None:
    images = rng.integers(0, 256, (4, 128, 128, 3), dtype=np.uint8)
    small = {"epochs": 1, "batch_size": 4, "candidates": 20, "negatives": 8, "groups": 2, "templates": "single"}
    method = build(clip_cma.SPEC, small)
    before = method.clip.embed_classes(("zebra", "cat", "banana"), ("a photo of a {}",))
    method.fit(labeled(images, np.array([0, 1, 2, 0])))
    scores, logits = method.score(images)
    assert ((scores > 0) & (scores < 1)).all()
    assert np.abs(method._classes - before).max() > 1e-6
    np.testing.assert_allclose(logits * 0.01, method.clip.embed_images(images) @ method._classes.T, atol=1e-5)
    method._negatives = None
    highest = torch.from_numpy(logits * 0.01).softmax(dim=1).amax(dim=1)
    np.testing.assert_allclose(method.score(images)[0], highest, rtol=1e-4)
