"""Losses with their gradients, heads and scores against what `measure_trainers.py` measured of OpenOOD itself."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.unit.baselines.ood_training import trainers_case as case
from tests.unit.baselines.ood_training.trainers_case import CLASSES, EXAMPLES, FREEDOM, WIDTH, tensor, unit
from torch.nn import functional

from farfield_baselines.networks import ood_losses as losses
from farfield_baselines.networks.ood_heads import OverTemperature
from farfield_baselines.ood_training.cider import TEMPERATURES

MEASURED: dict[str, Any] = json.loads(Path(__file__).with_name("trainers.json").read_text(encoding="utf-8"))


def logit_norm() -> tuple[torch.Tensor, list[torch.Tensor]]:
    logits = tensor(1, EXAMPLES, CLASSES)
    return losses.logit_norm(logits, case.LABELS, 0.04), [logits]


def conf_branch() -> tuple[torch.Tensor, list[torch.Tensor]]:
    logits, confidence = tensor(1, EXAMPLES, CLASSES), tensor(2, EXAMPLES, 1)
    task, unsure = losses.hinted(logits, confidence[:, 0], case.LABELS, case.HINTED)
    return task + 0.1 * unsure, [logits, confidence]


def rts() -> tuple[torch.Tensor, list[torch.Tensor]]:
    logits, noise = tensor(1, EXAMPLES, CLASSES), tensor(5, EXAMPLES, FREEDOM).detach()
    variance = tensor(4, EXAMPLES, FREEDOM).detach().exp().requires_grad_(True)
    return losses.random_temperature(logits, variance, case.LABELS, noise, 0.1), [logits, variance]


def outlier_exposure() -> tuple[torch.Tensor, list[torch.Tensor]]:
    both = torch.cat([tensor(1, EXAMPLES, CLASSES), tensor(3, CLASSES, CLASSES)]).detach().requires_grad_(True)
    inside, outside = both[:EXAMPLES], both[EXAMPLES:]
    return functional.cross_entropy(inside, case.LABELS) + 0.5 * losses.to_uniform(outside), [both]


def mcd() -> tuple[torch.Tensor, list[torch.Tensor]]:
    heads = [
        torch.cat([tensor(id_seed, EXAMPLES, CLASSES), tensor(ood_seed, CLASSES, CLASSES).T]).detach()
        for id_seed, ood_seed in ((1, 3), (2, 6))
    ]
    first, second = (head.requires_grad_(True) for head in heads)
    risk = sum(functional.cross_entropy(head[:EXAMPLES], case.LABELS) for head in (first, second))
    return risk + losses.discrepancy(first[EXAMPLES:].T, second[EXAMPLES:].T, 1.2), [first, second]


def cider() -> tuple[torch.Tensor, list[torch.Tensor]]:
    features = unit(7, EXAMPLES, WIDTH)
    prototypes = losses.moved(unit(8, CLASSES, WIDTH), features, case.LABELS, 0.95)
    near = 0.1 / TEMPERATURES[0] * losses.compactness(features, prototypes.detach(), case.LABELS, 0.1)
    return 2 * near + losses.dispersion(prototypes, 0.1), [features]


def mix_oe() -> tuple[torch.Tensor, list[torch.Tensor]]:
    logits = tensor(1, EXAMPLES, CLASSES)
    return losses.soft_cross_entropy(logits, tensor(9, EXAMPLES, CLASSES).softmax(dim=1).detach()), [logits]


OURS = (logit_norm, conf_branch, rts, outlier_exposure, mcd, cider, mix_oe)


@pytest.mark.parametrize("ours", OURS, ids=lambda ours: ours.__name__)
def test_a_loss_and_its_gradients_are_openoods(ours: Any) -> None:
    theirs = MEASURED[ours.__name__.replace("_", "-")]
    loss, tensors = ours()
    assert loss.item() == pytest.approx(theirs["loss"], rel=1e-4)
    for gradient, expected in zip(torch.autograd.grad(loss, tensors), theirs["gradients"], strict=True):
        np.testing.assert_allclose(gradient, np.array(expected), rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("similarity", ["cosine", "inner", "euclid"])
def test_a_head_of_g_odin_is_openoods(similarity: str) -> None:
    """AbeT has the cosine one."""
    head, features = OverTemperature(WIDTH, CLASSES, similarity), tensor(10, EXAMPLES, WIDTH)
    head.h.weight.data = tensor(11, CLASSES, WIDTH).detach()
    head.g[0].weight.data, head.g[0].bias.data = tensor(12, 1, WIDTH).detach(), torch.zeros(1)
    quotients, numerators = MEASURED[f"g-odin {similarity}"]["values"]
    np.testing.assert_allclose(head(features).detach(), np.array(quotients), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(head.numerator(features).detach(), np.array(numerators), rtol=1e-4, atol=1e-6)


def test_the_score_of_rot_pred_is_openoods() -> None:
    score = losses.rotation_score(tensor(1, EXAMPLES, CLASSES).detach(), tensor(13, 4 * EXAMPLES, 4).detach())
    np.testing.assert_allclose(score, MEASURED["rot-pred"]["values"], rtol=1e-4)


def test_all_that_was_measured_is_compared() -> None:
    named = {ours.__name__.replace("_", "-") for ours in OURS}
    heads = {f"g-odin {similarity}" for similarity in ("cosine", "inner", "euclid")}
    assert set(MEASURED) == named | heads | {"rot-pred", "mcd score"}
