"""Learn from the Learnt: what is asked and what is learned, against what `measure_lftl.py` measured of its own code."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.unit.baselines.adaptation import lftl_case as case

from farfield_baselines.adaptation.active import Round
from farfield_baselines.adaptation.lftl import Lftl
from farfield_baselines.adaptation.querying import contrastive

MEASURED = json.loads(Path(__file__).with_name("lftl.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", case.QUERIES)
def test_the_same_examples_are_asked_round_after_round(name: str) -> None:
    values = case.QUERIES[name]
    unknown, before = np.arange(len(case.probabilities(0))), None
    for number, measured in enumerate(MEASURED["queries"][name]):
        now = case.probabilities(number)[unknown]
        scores = contrastive(
            now, before, ratio=values["cd_ratio"], most=int(values["topk"]), class_weight=values["lambda_topk"]
        )
        places = np.argsort(scores, kind="stable")[: case.ASKED]
        assert unknown[places].tolist() == measured
        unknown, before = np.delete(unknown, places), np.delete(now, places, axis=0)


def learned(recipe: Lftl) -> Lftl:
    for number, count in enumerate((case.SOONER, case.LABELED)):
        recipe.known[:count] = case.labels()[:count]
        Round(recipe, number, np.random.default_rng(number)).learn()
    return recipe


def outputs(recipe: Lftl) -> dict[str, Any]:
    looks = {"logits": recipe.logits, "embeddings": recipe.embeddings}
    return {name: recipe.evaluated(case.inputs(), look) for name, look in looks.items()}


def test_two_rounds_of_training_end_with_the_same_network() -> None:
    """Twenty steps: both forward passes, three losses, the memory over rounds, the schedule, Nesterov's momentum."""
    before, after = outputs(case.recipe()), outputs(learned(case.recipe()))
    for name, found in after.items():
        np.testing.assert_allclose(found, np.array(MEASURED["training"][name]), rtol=2e-4, atol=2e-4)
        assert np.abs(found - before[name]).max() > 0.1


@pytest.mark.parametrize("change", [{"beta_im": 0.0}, {"beta_vpa": 0.0}, {"memory_momentum": 0.5}, {"round_lr": 0.01}])
def test_each_part_of_it_counts(change: dict[str, float]) -> None:
    found = outputs(learned(case.recipe(**change)))["logits"]
    assert np.abs(found - np.array(MEASURED["training"]["logits"])).max() > 1e-3


def test_mixup_is_of_labelled_examples_with_the_larger_share_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """One step of it, by hand; the network is one that learns nothing, so that the loss is all there is."""
    recipe = case.recipe(mixup_weight=2.0)
    recipe.known[:4] = case.labels()[:4]
    step = Round(recipe, 0, np.random.default_rng(5))
    losses: list[torch.Tensor] = []
    monkeypatch.setattr(Round, "_descend", lambda self, loss: losses.append(loss.detach()))
    inputs, labels = torch.from_numpy(case.inputs()[:4]), torch.from_numpy(case.labels()[:4])
    step._mix([(inputs[:2], labels[:2]), (inputs[2:], labels[2:])])
    rng = np.random.default_rng(5)
    shares = rng.beta(0.75, 0.75, 4)
    share = torch.from_numpy(np.maximum(shares, 1 - shares)).float()[:, None]
    partners, rows = rng.permutation(4), rng.permutation(4)
    mixed, targets = (share * own + (1 - share) * own[partners] for own in (inputs, torch.eye(3)[labels]))
    recipe.parts.train()
    logs = recipe.logits(mixed[rows]).log_softmax(dim=1)
    torch.testing.assert_close(losses, [2.0 * -(targets[rows] * logs).sum(dim=1).mean()])
