"""The case on which Learn from the Learnt's code and ours are compared: probabilities to choose by, and two rounds.

The labelled examples are the first of the pool: there the places that the authors' memory goes by are the pool's.
"""

from types import MappingProxyType
from typing import Any

import numpy as np
import torch

from farfield import Budget, Labels, parse_config
from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield_baselines.adaptation.lftl import Lftl, LftlConfig
from farfield_baselines.trained.config import on_features
from farfield_baselines.trained.core import Setup

CLASSES, WIDTH, POOL, LABELED, SOONER = 3, 5, 14, 6, 4
EPOCHS, RATE = 10, 0.02  # the fewest passes that the authors' log can divide
SETTINGS = MappingProxyType({"hidden_width": 6, "bottleneck": 4, "round_epochs": EPOCHS, "round_lr": RATE})
QUERIES = MappingProxyType(
    {
        "Office": {"cd_ratio": 0.03, "topk": 100, "lambda_topk": 0.1},
        "few of the surest": {"cd_ratio": 0.03, "topk": 9, "lambda_topk": 0.1},
        "a strong contrast": {"cd_ratio": 2.0, "topk": 20, "lambda_topk": 0.5},
        "the margin alone": {"cd_ratio": 0.0, "topk": 9, "lambda_topk": 0.0},
    }
)
ASKED, ROUNDS = 7, 4


def probabilities(round_number: int, count: int = 60) -> np.ndarray:
    """Of a pool of 60 examples and 5 classes, as a model says them in a round: float32 [60, 5]."""
    logits = np.random.default_rng([3, round_number]).normal(size=(count, 5)) * 1.5
    shares = np.exp(logits)
    return np.asarray((shares / shares.sum(axis=1, keepdims=True)).astype(np.float32))


def inputs() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(POOL, WIDTH)).astype(np.float32)


def labels() -> np.ndarray:
    return np.arange(POOL, dtype=np.int64) % CLASSES


def recipe(**settings: Any) -> Lftl:
    """Ours, from the same weights each time."""
    config: Any = parse_config(on_features(LftlConfig), {"mixup_weight": 0.0, **SETTINGS, **settings})
    nothing = np.full(POOL, -1, np.int64)
    pool = LabeledSet(ArraySource(inputs()), nothing, np.zeros_like(nothing))
    known = LabeledSet(ArraySource(inputs()), labels(), np.zeros_like(nothing))
    asking = Labels(Budget(rounds=4, per_round=4), POOL, lambda positions: labels()[positions])
    torch.manual_seed(0)
    return Lftl(Setup(config=config, shape=(WIDTH,), outputs=CLASSES, domains=1, train=known, pool=pool, labels=asking))
