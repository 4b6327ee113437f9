"""Optimizers by name, and how the learning rate moves: as WILDS' training script has them."""

import math
from collections.abc import Sequence
from typing import Any

import torch


def optimizer(groups: Sequence[dict[str, Any]], config: Any) -> torch.optim.Optimizer:
    """The configured optimizer over parameter groups, each with its own `lr`."""
    decay = config.weight_decay
    if config.optimizer == "sgd":
        return torch.optim.SGD(list(groups), momentum=config.momentum, weight_decay=decay)
    kind = torch.optim.AdamW if config.optimizer == "adamw" else torch.optim.Adam
    return kind(list(groups), weight_decay=decay)


def factor(config: Any, step: int, steps: int, epoch: int) -> float:
    """What the learning rates are multiplied with at 0 <= step < steps of all, in 0 <= epoch."""
    if config.schedule == "step":
        return float(config.gamma**epoch)
    if config.schedule == "fixmatch":
        return float((1.0 + 10.0 * step / steps) ** -0.75)
    if config.schedule == "none":
        return 1.0
    if step < config.warm_up:
        return float(step / config.warm_up)
    done: float = (step - config.warm_up) / max(1, steps - config.warm_up)
    return 0.5 * (1.0 + math.cos(math.pi * done)) if config.schedule == "cosine" else 1.0 - done
