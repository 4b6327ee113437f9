"""Measure the gradients of CMA's loss by running its training for a step: `python measure_cma.py FOLDER > cma.json`.

FOLDER is a checkout of https://github.com/ma-kjh/CMA-OoDD (the committed figures are of d7b6752). The model is stood in
for by two tensors of embeddings; nothing of CMA is kept but their gradients.
"""

import json
import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

import torch

sys.path.insert(0, str(Path(__file__).parents[4]))
from tests.unit.baselines.ood_training.trainers_case import EXAMPLES, LABELS, WIDTH, tensor

WEIGHT, SCALE = 0.3, 7.0


class Towers(torch.nn.Module):
    """Embeddings of a batch of images and of their texts, whatever they are."""

    def __init__(self) -> None:
        super().__init__()
        self.images = torch.nn.Parameter(tensor(20, EXAMPLES, WIDTH).detach())
        self.texts = torch.nn.Parameter(tensor(21, EXAMPLES, WIDTH).detach())

    def forward(self, *_: Any) -> Any:
        return self.images, self.texts, torch.tensor([SCALE])


class Batches(list[Any]):
    """Batches, and what they are of."""

    dataset = range(EXAMPLES)


def main(folder: str) -> None:
    sys.path.insert(0, folder)
    annealing = sys.modules["cosine_annealing_warmup"] = ModuleType("cosine_annealing_warmup")
    annealing.CosineAnnealingWarmupRestarts = lambda *_, **__: SimpleNamespace(step=lambda: None)  # type: ignore[attr-defined]
    prompt = sys.modules["prompt"] = ModuleType("prompt")
    prompt.Prompt_classes = lambda _: ([], [])  # type: ignore[attr-defined]
    from utils.train_utils import train  # type: ignore[import-not-found]

    towers, batches = Towers(), Batches([(torch.zeros(EXAMPLES), LABELS)])
    args = SimpleNamespace(lr=1e-12, bs=EXAMPLES, epochs=1, lam=WEIGHT, methods="cma")
    with mock.patch.object(torch, "save"), mock.patch("sys.stdout", sys.stderr), mock.patch.object(os, "makedirs"):
        train(args, towers, batches, torch.zeros(10), "cpu")
    json.dump([each.grad.tolist() for each in (towers.images, towers.texts)], sys.stdout, indent=1)  # type: ignore[union-attr]


if __name__ == "__main__":
    main(sys.argv[1])
