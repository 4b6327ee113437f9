"""Our last layers against TFA's own, whose figures `measure_fsdet.py` took: scores, steps, and rows put together."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.unit.baselines.few_shot_detection import fsdet_case as case

from farfield_baselines.few_shot_detection.core import rows_of
from farfield_baselines.networks.few_shot_heads import LinearPredictor, copy_rows, predictor

FIGURES = json.loads(Path(__file__).with_name("fsdet.json").read_text(encoding="utf-8"))


def first(rows: Any) -> np.ndarray:
    """The background's row, which the reference has last, before the others."""
    array = np.asarray(rows, np.float32)
    return np.concatenate([array[-1:], array[:-1]])


def made(kind: str, classes: int, seed: int) -> LinearPredictor:
    """Ours with the weights of the case; the background's deltas, which only we have, are zeros."""
    layers, given = predictor(kind, case.WIDTH, classes), case.last_layers(classes, seed, biased=kind == "fc")
    state = {name: torch.from_numpy(first(array)) for name, array in given.items() if name.startswith("cls")}
    for name in ("bbox_pred.weight", "bbox_pred.bias"):
        state[name] = torch.from_numpy(np.concatenate([np.zeros_like(given[name][:4]), given[name]]))
    layers.load_state_dict(state)
    return layers


@pytest.mark.parametrize("kind", ["fc", "cosine"])
@pytest.mark.parametrize("training", [False, True])
def test_scores_and_deltas(kind: str, training: bool) -> None:
    layers = made(kind, len(case.ALL), 10).train(training)
    scores, deltas = (each.detach().numpy() for each in layers(torch.from_numpy(case.features())))
    np.testing.assert_allclose(scores, first(np.transpose(FIGURES[kind]["scores"])).T, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(deltas[:, 4:], FIGURES[kind]["deltas"], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", ["fc", "cosine"])
def test_steps_of_gradient_descent(kind: str) -> None:
    classes = len(case.ALL)
    layers = made(kind, classes, 10).train()
    labels = torch.tensor([(label + 1) % (classes + 1) for label in case.labels(classes)])
    optimiser = torch.optim.SGD(layers.parameters(), lr=case.LR, momentum=0.9, weight_decay=1e-4)
    for _ in range(case.STEPS):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(layers(torch.from_numpy(case.features()))[0], labels).backward()
        optimiser.step()
    np.testing.assert_allclose(
        layers.cls_score.weight.detach().numpy(), first(FIGURES[kind]["weight"]), rtol=1e-4, atol=1e-5
    )


def test_rows_of_base_and_novel_classes_put_together() -> None:
    base, novel = made("fc", len(case.BASE), 20), made("fc", len(case.NOVEL), 30)
    both = predictor("fc", case.WIDTH, len(case.ALL))
    copy_rows(novel, both, rows_of(case.ALL, case.NOVEL))
    copy_rows(base, both, {0: 0, **rows_of(case.ALL, case.BASE)})
    state, told = {name: tensor.numpy() for name, tensor in both.state_dict().items()}, FIGURES["combined"]
    for name in ("cls_score.weight", "cls_score.bias"):
        np.testing.assert_allclose(state[name], first(told[name]), rtol=1e-6)
    for name in ("bbox_pred.weight", "bbox_pred.bias"):
        np.testing.assert_allclose(state[name][4:], told[name], rtol=1e-6)
