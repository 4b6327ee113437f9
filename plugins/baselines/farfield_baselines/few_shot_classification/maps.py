"""What frozen backbones make of images: maps of places, projected to fewer channels where that is wanted."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from farfield import TrainingSet
from farfield.errors import ConfigError
from farfield_baselines.few_shot_classification.config import SmallConfig
from farfield_baselines.networks import lite0
from farfield_baselines.networks.checkpoints import read_tensors
from farfield_baselines.networks.featurizers import IMAGENET_MEAN, IMAGENET_STD
from farfield_baselines.networks.kept_maps import KeptMaps
from farfield_baselines.networks.pixels import Normalise
from farfield_baselines.networks.resnet12 import WIDTHS, ResNet12

LITE0_WIDTH, LITE0_STRIDE = 1280, 32
SIDES = {"lite0": (128, LITE0_STRIDE), "resnet12": (224, 16)}
AT_ONCE = 64


class Maps:
    """Of images uint8 [B, H, W, 3]: float32 [B, width, h, w], on the device.

    Where the backbone has more channels than are wanted, `fit` finds the directions in which the base images' places
    differ most. What was made of an image is kept while there is room: in other episodes it comes again.
    """

    def __init__(self, backbone: str, config: SmallConfig, device: str) -> None:
        side, stride = SIDES[backbone]
        self.places = (side // stride) ** 2
        self._device, self._width = device, config.width
        self._pixels, self._network, own = _backbone(backbone, config, device)
        self._projected = config.width < own
        self._mean = torch.zeros(own, device=device)
        self._directions = torch.zeros(config.width, own, device=device)
        self._kept = KeptMaps()

    def fit(self, base: TrainingSet) -> None:
        """Find the projection. Of a backbone whose channels are all wanted there is nothing to find."""
        if not self._projected:
            return
        own = len(self._mean)
        total, product, count = torch.zeros(own).double(), torch.zeros(own, own).double(), 0
        for batch in base.batches(AT_ONCE):
            places = self._raw(batch.inputs).permute(0, 2, 3, 1).reshape(-1, own).cpu().double()
            total, product, count = total + places.sum(0), product + places.T @ places, count + len(places)
        mean = total / count
        directions = torch.linalg.eigh(product / count - mean.outer(mean)).eigenvectors
        self._mean.copy_(mean)
        self._directions.copy_(directions.flip(1)[:, : self._width].T)

    def of(self, images: npt.NDArray[Any]) -> torch.Tensor:
        """The maps of images that come again."""
        made = [self._kept.of(torch.from_numpy(np.ascontiguousarray(each)), self._one)[0] for each in images]
        return torch.cat(made).to(self._device)

    def once(self, images: npt.NDArray[Any]) -> torch.Tensor:
        """The maps of images that do not."""
        raw = self._raw(images)
        if not self._projected:
            return raw
        return torch.einsum("wc,bchx->bwhx", self._directions, raw - self._mean.view(1, -1, 1, 1))

    def learned(self) -> dict[str, torch.Tensor]:
        """What `fit` has found, by name."""
        return {"maps.mean": self._mean, "maps.directions": self._directions} if self._projected else {}

    def _one(self, image: torch.Tensor) -> list[torch.Tensor]:
        return [self.once(image.numpy()[None]).cpu()]

    @torch.no_grad()
    def _raw(self, images: npt.NDArray[Any]) -> torch.Tensor:
        maps: torch.Tensor = self._network(self._pixels(images)).float()
        return maps


def _backbone(name: str, config: SmallConfig, device: str) -> tuple[Normalise, Any, int]:
    """How pixels come in, the network in evaluation mode, and how many channels it gives. Raises ConfigError."""
    if name == "lite0":
        trunk = lite0.load().to(device, memory_format=torch.channels_last)
        return Normalise(lite0.MEAN, lite0.STD, device), trunk.forward_features, LITE0_WIDTH
    path = getattr(config, "weights", "")
    if not path:
        raise ConfigError(["weights: the backbone is not trained here; give the file of a trained ResNet-12"])
    network: nn.Module = ResNet12()
    network.take(read_tensors(path, "weights", list(network.state_dict())), path)  # type: ignore[operator]
    mean, std = ([255.0 * value for value in values] for values in (IMAGENET_MEAN, IMAGENET_STD))
    return Normalise(mean, std, device), network.eval().to(device), WIDTHS[-1]
