"""Small networks beside the featurizer: classifiers, perceptrons, and the context network of ARM."""

import torch
from torch import nn


def perceptron(inputs: int, outputs: int, width: int, depth: int, dropout: float = 0.0) -> nn.Sequential:
    """[B, inputs] -> [B, outputs] through `depth` - 1 hidden layers of `width` with ReLU and dropout after each."""
    layers: list[nn.Module] = []
    for number in range(depth - 1):
        layers += [nn.Linear(width if number else inputs, width), nn.Dropout(dropout), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(width if depth > 1 else inputs, outputs))


def discriminator(inputs: int, outputs: int, width: int) -> nn.Sequential:
    """WILDS' domain classifier: [B, inputs] -> [B, outputs] through two hidden layers with BatchNorm and ReLU."""
    layers: list[nn.Module] = []
    for before in (inputs, width):
        layers += [nn.Linear(before, width), nn.BatchNorm1d(width), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(width, outputs))


def projection(width: int, hidden: int) -> nn.Sequential:
    """SelfReg's: [B, width] -> [B, width] through two hidden layers, with BatchNorm after every layer."""
    layers: list[nn.Module] = []
    for before in (width, hidden):
        layers += [nn.Linear(before, hidden), nn.BatchNorm1d(hidden), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(hidden, width), nn.BatchNorm1d(width))


def context_net(channels: int, hidden: int = 64) -> nn.Sequential:
    """ARM's context network: images [B, C, H, W] -> one map each [B, 1, H, W]."""
    layers: list[nn.Module] = []
    for before in (channels, hidden):
        layers += [nn.Conv2d(before, hidden, 5, padding=2), nn.BatchNorm2d(hidden), nn.ReLU()]
    return nn.Sequential(*layers, nn.Conv2d(hidden, 1, 5, padding=2))


def classifier(width: int, classes: int, nonlinear: bool) -> nn.Module:
    """Linear, or DomainBed's funnel of two halvings."""
    if not nonlinear:
        return nn.Linear(width, classes)
    half, quarter = width // 2, width // 4
    return nn.Sequential(
        nn.Linear(width, half), nn.ReLU(), nn.Linear(half, quarter), nn.ReLU(), nn.Linear(quarter, classes)
    )


def last_layer(head: nn.Module) -> nn.Linear:
    """The layer that makes the logits."""
    return [module for module in head.modules() if isinstance(module, nn.Linear)][-1]


def parameters_of(*modules: nn.Module) -> list[nn.Parameter]:
    """Those that are trained."""
    return [p for module in modules for p in module.parameters() if p.requires_grad]


def gradients(loss: torch.Tensor, parameters: list[nn.Parameter]) -> list[torch.Tensor]:
    """d loss / d parameter for each; zeros where the loss does not depend on it."""
    found = torch.autograd.grad(loss, parameters, allow_unused=True)
    return [torch.zeros_like(p) if g is None else g for p, g in zip(parameters, found, strict=True)]
