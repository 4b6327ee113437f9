"""DomainBed's network for small images, trained from nothing as a classifier that detectors wrap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from farfield import RunContext, TrainingSet
from farfield_baselines.networks.featurizers import mnist_cnn
from farfield_baselines.networks.fine_tuning import Recipe, cross_entropy, optimise
from farfield_baselines.networks.pixels import Normalise
from farfield_baselines.networks.seeding import seeded
from farfield_baselines.ood_detection.core import Head, each_its_own
from farfield_baselines.ood_detection.models import Network

MIDDLE, SPREAD = (127.5,) * 3, (64.0,) * 3  # of pixels in 0..255: no data set's own, so that none is assumed


def trained(context: RunContext, train: TrainingSet) -> dict[str, Any]:
    """The classifier after training, every tensor by name. The same seed gives the same network."""
    config = context.config
    network = _classifier(context)
    recipe = Recipe(
        epochs=config.epochs,
        batch_size=config.batch_size,
        learning_rate=config.learning_rate,
        weight_decay=config.weight_decay,
        seed=context.seed,
    )
    optimise(list(network.parameters()), cross_entropy(network), train, recipe, _pixels(context), context.progress)
    return {name: tensor.detach().cpu().numpy() for name, tensor in network.state_dict().items()}


def seen_with(context: RunContext, arrays: Mapping[str, Any]) -> Network:
    """What `trained` gave, as detectors see it: features [B, width] and a linear layer over the classes."""
    network = _classifier(context)
    network.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in arrays.items()})
    network.eval().requires_grad_(False)
    std = tuple(value / 255.0 for value in SPREAD)
    return Network(pixels=_pixels(context), trunk=network[0], head=_head(network[1]), std=std)


def _classifier(context: RunContext) -> nn.Sequential:
    """The network with its first weights; the configuration is a `scratch.TrainConfig`."""
    config = context.config
    with seeded(context.device, context.seed):
        trunk = mnist_cnn(3, config.width)
        return nn.Sequential(trunk, nn.Linear(config.width, context.class_count)).to(context.device)


def _pixels(context: RunContext) -> Normalise:
    return Normalise(MIDDLE, SPREAD, context.device)


def _head(last: nn.Module) -> Head:
    assert isinstance(last, nn.Linear)  # noqa: S101 - for mypy
    weight, bias = (tensor.detach().cpu().numpy() for tensor in (last.weight, last.bias))
    return Head(weight=weight, bias=bias, members=each_its_own(len(weight)))
