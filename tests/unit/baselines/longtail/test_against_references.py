"""Ours equal the references' to their figures, which `measure_references.py` measured by running them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.unit.baselines.longtail import reference_inputs as given
from torch.nn import functional

from farfield_baselines.longtail import weights
from farfield_baselines.networks import long_tail

FIGURES = json.loads(Path(__file__).with_name("references.json").read_text(encoding="utf-8"))
COUNTS = torch.tensor(given.COUNTS)


def agree(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(given.rounded(ours), theirs, rtol=1e-4, atol=2e-5)


def test_balanced_softmax() -> None:
    logits = given.tensor(0, given.BATCH, given.CLASSES)
    agree(long_tail.balanced_softmax(logits, given.targets(), COUNTS), FIGURES["balanced softmax"])


@pytest.mark.parametrize("tau", [0.0, 0.7, 2.0])
def test_tau_norm(tau: float) -> None:
    weight = given.tensor(0, given.CLASSES, given.WIDTH)
    agree(long_tail.tau_normalised(weight, tau), FIGURES["tau-norm"][f"{tau:g}"])


def test_the_causal_head_after_some_steps() -> None:
    """De-confound-TDE's."""
    head = long_tail.CausalHead(
        given.WIDTH, given.CLASSES, heads=given.HEADS, tau=given.TAU, gamma=given.GAMMA, alpha=given.ALPHA
    )
    head.weight.data = given.tensor(0, given.CLASSES, given.WIDTH)
    optimizer = torch.optim.SGD(head.parameters(), lr=given.RATE, momentum=given.MOMENTUM)
    for step in range(given.STEPS):
        features = given.tensor(10 + step, given.BATCH, given.WIDTH) + 1.0
        head.remember(features, given.MEAN_MOMENTUM)
        loss = functional.cross_entropy(head(features), given.targets(step))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    agree(loss, FIGURES["causal"]["loss"])
    agree(head.effect(given.tensor(30, given.BATCH, given.WIDTH)), FIGURES["causal"]["logits"])


def test_weights_by_difficulty() -> None:
    """IFL's."""
    ours = weights.by_difficulty(given.probabilities(), given.labels(3, 200))
    agree(ours, FIGURES["difficulty"])


def test_the_centre_loss_and_its_centres_after_some_steps() -> None:
    """IFL's."""
    centres = long_tail.Centres(given.CLASSES, given.WIDTH)
    centres.values.copy_(given.tensor(1, given.CLASSES, given.WIDTH))
    linear = torch.nn.Parameter(given.tensor(0, given.WIDTH, given.WIDTH))
    optimizer = torch.optim.SGD([linear], lr=given.RATE)
    for step in range(given.STEPS):
        features, labels = given.tensor(10 + step, given.BATCH, given.WIDTH) @ linear, given.targets(step)
        loss = centres(features, labels)
        optimizer.zero_grad()
        (loss * given.CENTRE_WEIGHT).backward()
        optimizer.step()
        centres.follow(features, labels, given.CENTRE_RATE)
    agree(loss, FIGURES["centre loss"]["loss"])
    agree(centres.values, FIGURES["centre loss"]["centres"])
    agree(linear, FIGURES["centre loss"]["map"])


def test_the_invariance_penalty() -> None:
    """H2E's."""
    logits = given.tensor(0, given.BATCH, given.CLASSES)
    agree(long_tail.invariance_penalty(logits, given.targets()), FIGURES["invariance penalty"])


def test_weights_by_trust() -> None:
    """H2E's."""
    logits = 2.0 * given.tensor(0, given.BATCH, given.CLASSES)
    probabilities = long_tail.without_prior(logits, COUNTS).softmax(dim=1).numpy()
    agree(weights.by_trust(probabilities, given.labels()), FIGURES["trust"])
