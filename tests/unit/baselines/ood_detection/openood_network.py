"""A small network and images that both sides of a comparison with OpenOOD have, with the names that it uses."""

from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import nn

CLASSES, WIDTH, LAST, SIDE, TRAINING, TEST = 4, 8, 200, 8, 80, 12


class Net(nn.Module):
    """Four stages of a convolution and a ReLU, mean pooling and a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        random, widths = np.random.RandomState(5), (3, WIDTH, WIDTH, WIDTH, LAST)
        for number, (before, after) in enumerate(pairwise(widths), 1):
            self.add_module(f"layer{number}", _stage(random, before, after, stride=2 if number == 2 else 1))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(LAST, CLASSES)
        _fill(random, self.fc, 2.0)
        self.feature_size = LAST

    def maps(self, pixels: torch.Tensor) -> list[torch.Tensor]:
        outputs = [pixels]
        for number in range(1, 5):
            outputs.append(getattr(self, f"layer{number}")(outputs[-1]))
        return outputs[1:]

    def pooled(self, maps: torch.Tensor) -> torch.Tensor:
        return torch.flatten(self.avgpool(maps), 1)

    def forward(self, pixels: torch.Tensor, return_feature: bool = False, return_feature_list: bool = False) -> Any:
        maps = self.maps(pixels)
        features = self.pooled(maps[-1])
        logits = self.fc(features)
        if return_feature_list:
            return logits, maps
        return (logits, features) if return_feature else logits

    def intermediate_forward(self, pixels: torch.Tensor, layer_index: int) -> torch.Tensor:
        return self.maps(pixels)[layer_index - 1]

    def get_fc_layer(self) -> nn.Module:
        return self.fc


def training() -> tuple[torch.Tensor, torch.Tensor]:
    """Images [N, 3, S, S] of classes that have a pattern each, and labels."""
    labels = np.arange(TRAINING) % CLASSES
    return _images(np.random.RandomState(6), labels), torch.from_numpy(labels)


def test_images() -> torch.Tensor:
    """Of some images of the classes, and of as many that are of none."""
    random = np.random.RandomState(7)
    inside = _images(random, np.arange(TEST // 2) % CLASSES)
    return torch.cat([inside, torch.from_numpy(random.standard_normal((TEST // 2, 3, SIDE, SIDE)).astype(np.float32))])


def _images(random: np.random.RandomState, labels: Any) -> torch.Tensor:
    patterns = np.random.RandomState(8).standard_normal((CLASSES, 3, SIDE, SIDE))
    noise = random.standard_normal((len(labels), 3, SIDE, SIDE))
    return torch.from_numpy((patterns[labels] + 0.5 * noise).astype(np.float32))


def _stage(random: np.random.RandomState, before: int, after: int, stride: int) -> nn.Sequential:
    convolution = nn.Conv2d(before, after, 3, stride=stride, padding=1)
    _fill(random, convolution, 1.5 / (9 * before) ** 0.5)
    return nn.Sequential(convolution, nn.ReLU())


def _fill(random: np.random.RandomState, layer: Any, deviation: float) -> None:
    for parameter in layer.parameters():
        parameter.data = torch.from_numpy((deviation * random.standard_normal(parameter.shape)).astype(np.float32))
