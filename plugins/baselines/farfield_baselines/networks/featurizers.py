"""Featurizers of domain generalisation: images in 0..1 to a vector each, by name.

The names and the treatment of BatchNorm follow DomainBed (Gulrajani & Lopez-Paz 2021, arXiv 2007.01434, appendix D).
"""

import hashlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from farfield.errors import ConfigError
from farfield_baselines.networks.checkpoints import OF_CLIP, plain_file, read_tensors, refusal
from farfield_baselines.networks.heads import perceptron

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
MNIST_WIDTH = 128
MLP_WIDTH, MLP_DEPTH = 256, 3
Fitted = Callable[[Mapping[str, torch.Tensor], Mapping[str, torch.Tensor]], Mapping[str, torch.Tensor]]
REMEMBERED = 16384  # vectors of 1,280 float32: 84 MB


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked for: `shape` is one input's, [C, H, W] of an image or [D] of ready features."""

    name: str
    shape: tuple[int, ...]
    weights: str = ""
    dropout: float = 0.0
    freeze_bn: bool = True
    trainable: bool = True

    @property
    def channels(self) -> int:
        return self.shape[0]


class Featurizer(nn.Module):
    """A tower after its own normalisation: images [B, C, H, W] in 0..1 -> features [B, width].

    `frozen_statistics` keeps every BatchNorm at the statistics it came with, as DomainBed does;
    `stages` are the modules whose outputs count as intermediate features, none meaning the last features alone; `stem`
    is the last module before them, where there is one.
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(
        self,
        tower: nn.Module,
        width: int,
        *,
        mean: Sequence[float] = (),
        std: Sequence[float] = (),
        frozen_statistics: bool = False,
        dropout: float = 0.0,
        stages: Sequence[nn.Module] = (),
    ) -> None:
        super().__init__()
        self.tower, self.width, self.stages = tower, width, tuple(stages)
        self.stem: tuple[nn.Module, ...] = ()
        self.dropout = nn.Dropout(dropout)
        self._frozen_statistics = frozen_statistics
        self.register_buffer("mean", torch.tensor(mean).view(-1, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(-1, 1, 1), persistent=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = self.dropout(self.tower(self.normalised(images)))
        return features

    def normalised(self, images: torch.Tensor) -> torch.Tensor:
        """(x - mean) / std; a channel beyond those that have statistics stays as it is."""
        known = self.mean.shape[0]
        if not known:
            return images
        first = (images[:, :known] - self.mean) / self.std
        return first if images.shape[1] <= known else torch.cat([first, images[:, known:]], dim=1)

    def train(self, mode: bool = True) -> "Featurizer":
        super().train(mode)
        if self._frozen_statistics:
            for module in self.modules():
                if isinstance(module, nn.modules.batchnorm._BatchNorm):
                    module.eval()
        return self


def mnist_cnn(channels: int, width: int = MNIST_WIDTH) -> nn.Sequential:
    """DomainBed's network for small images: four 3x3 convolutions and the mean over the positions.

    Each convolution is followed by ReLU and GroupNorm of 8 groups; the second has stride 2. [B, C, H, W] -> [B, width].
    """
    layers: list[nn.Module] = []
    for before, after, stride in (
        (channels, width // 2, 1),
        (width // 2, width, 2),
        (width, width, 1),
        (width, width, 1),
    ):
        layers += [nn.Conv2d(before, after, 3, stride=stride, padding=1), nn.ReLU(), nn.GroupNorm(8, after)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())


class Memory:
    """What a frozen network said of an input, by the input's digest; the last REMEMBERED that were asked for.

    A copy of the network shares it.
    """

    def __init__(self) -> None:
        self._rows: dict[bytes, torch.Tensor] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __deepcopy__(self, _: object) -> "Memory":
        return self

    def recall(self, inputs: torch.Tensor, look: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
        """`look` [B, ...] -> [B, D] of the inputs, computed for those alone that are not remembered."""
        keys = [hashlib.sha256(row).digest() for row in inputs.detach().cpu().contiguous().numpy()]
        new = {key: number for number, key in enumerate(keys) if key not in self._rows}
        if new:
            self._rows.update(zip(new, look(inputs[list(new.values())]), strict=True))
        # The rows that were used become the youngest, and the oldest are forgotten.
        rows = {key: self._rows.pop(key) for key in dict.fromkeys(keys)}
        self._rows.update(rows)
        for key in list(self._rows)[: max(0, len(self._rows) - REMEMBERED)]:
            del self._rows[key]
        return torch.stack([rows[key] for key in keys])


class OnLite0(nn.Module):
    """A small perceptron on the frozen Lite0 trunk; what the trunk said of an image is remembered.

    The trunk costs nearly all of the time on a CPU, and without augmentation the same images come again and again.
    A gradient with respect to the images still passes through the trunk.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trunk = _lite0_trunk().requires_grad_(False)
        self.perceptron = _small_perceptron(lite0_width())
        self.memory = Memory()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.trunk.eval()
        vectors = self.trunk(images) if images.requires_grad else self.memory.recall(images, self._look)
        features: torch.Tensor = self.perceptron(vectors)
        return features

    @torch.no_grad()
    def _look(self, images: torch.Tensor) -> torch.Tensor:
        vectors: torch.Tensor = self.trunk(images)
        return vectors


def featurizer(wanted: Wanted) -> Featurizer:
    """Build it. Raises ValueError for a name, a file of weights or an input that does not fit."""
    if len(wanted.shape) == 1:
        return _on_features(wanted)
    kind, _, name = wanted.name.partition(":")
    if kind not in _MAKERS:
        raise ValueError(f"featurizer {wanted.name!r} is not one of {', '.join(NAMES)}")
    built = _MAKERS[kind](wanted, name)
    if not wanted.trainable:
        built.tower.requires_grad_(False)
    return built


def on_vectors(inputs: int, width: int, layers: int, dropout: float = 0.0) -> Featurizer:
    """[B, inputs] -> [B, width] through `layers` linear layers with ReLU after each; with none, as they are."""
    if not layers:
        return Featurizer(nn.Identity(), inputs, dropout=dropout)
    return Featurizer(nn.Sequential(perceptron(inputs, width, width, layers), nn.ReLU()), width, dropout=dropout)


def lite0_width() -> int:
    return 1280


def widen(tower: nn.Module, channels: int) -> None:
    """Let the first convolution take that many channels: further ones get the kernels of the first three in turn.

    A tower that takes RGB is changed in place; one that has no convolution is refused with ValueError.
    """
    first = next((module for module in tower.modules() if isinstance(module, nn.Conv2d)), None)
    if first is None:
        raise ValueError(f"a tower without a convolution takes 3 channels, and the images have {channels}")
    if first.in_channels == channels:
        return
    kernels = first.weight.detach()[:, [c % first.in_channels for c in range(channels)]].clone()
    first.in_channels, first.weight = channels, nn.Parameter(kernels)


def load_tower(tower: nn.Module, path: str, fitted: Fitted | None = None) -> None:
    """Put a file's tensors into the tower; what the file has beyond them (a classifier) is left out.

    `fitted` makes of the file's tensors and the tower's own those that are put in, where a size may differ.
    Raises ValueError that names the tensors which are missing or have another shape, and for a file that is no weights.
    """
    own = tower.state_dict()
    try:
        stored = read_tensors(path, "weights", wanted=own)
    except ConfigError as error:
        raise ValueError(f"{error}, or leave the setting empty to start from scratch") from error
    stored = fitted(stored, own) if fitted else stored
    wrong = [n for n, t in own.items() if n not in stored or stored[n].shape != t.shape]
    if wrong:
        raise ValueError(f"weights: {path} does not fit the featurizer: {', '.join(wrong[:5])} missing or misshapen")
    tower.load_state_dict({name: stored[name] for name in own})


def _on_features(wanted: Wanted) -> Featurizer:
    if wanted.name != "mlp-on-lite0":
        raise ValueError(f"featurizer {wanted.name!r} takes images; on ready features only 'mlp-on-lite0' is of use")
    return Featurizer(_small_perceptron(wanted.shape[0]), MLP_WIDTH, dropout=wanted.dropout)


def _small_perceptron(inputs: int) -> nn.Module:
    return nn.Sequential(perceptron(inputs, MLP_WIDTH, MLP_WIDTH, MLP_DEPTH), nn.ReLU())


def _mnist_cnn(wanted: Wanted, _: str) -> Featurizer:
    # No dropout, whatever was drawn: in DomainBed only its ResNet has any.
    return Featurizer(mnist_cnn(wanted.channels), MNIST_WIDTH)


class EverySecondPixel(nn.Module):
    """[B, C, H, W] -> [B, C, H/2, W/2], as ColoredMNIST was made at first (Arjovsky et al., arXiv 1907.02893)."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images[:, :, ::2, ::2]


def _mnist_cnn_half(wanted: Wanted, _: str) -> Featurizer:
    """Half as wide on a quarter of the pixels: about a fifteenth of the arithmetic."""
    width = MNIST_WIDTH // 2
    return Featurizer(nn.Sequential(EverySecondPixel(), mnist_cnn(wanted.channels, width)), width)


def _resnet18(wanted: Wanted, _: str) -> Featurizer:
    return _resnet(wanted, "resnet18")


def _resnet50(wanted: Wanted, _: str) -> Featurizer:
    return _resnet(wanted, "resnet50")


def _resnet(wanted: Wanted, name: str) -> Featurizer:
    from torchvision import models  # type: ignore[import-untyped]

    network: Any = models.get_model(name, weights=None)
    width: int = network.fc.in_features
    network.fc = nn.Identity()
    stages = (network.layer1, network.layer2, network.layer3, network.layer4)
    built = _tower(wanted, network, width, IMAGENET_MEAN, IMAGENET_STD, stages)
    built.stem = (network.maxpool,)
    return built


def _timm(wanted: Wanted, name: str) -> Featurizer:
    import timm  # here, as below, because it takes seconds, which only a network of its own should cost

    if name not in timm.list_models(name):
        raise ValueError(f"featurizer: timm has no model called {name!r}; write it as timm:resnet26d")
    network = timm.create_model(name, pretrained=False, num_classes=0)
    how: Any = network.pretrained_cfg
    width: Any = network.num_features
    return _tower(wanted, network, width, how["mean"], how["std"])


def _open_clip(wanted: Wanted, name: str) -> Featurizer:
    """The image tower alone; `weights` is a file of the whole model, as open_clip saves it."""
    import open_clip

    if name not in open_clip.list_models():
        raise ValueError(f"featurizer: open_clip has no model called {name!r}; write it as open_clip:ViT-B-16")
    model = _whole_clip(name, wanted.weights) if wanted.weights else open_clip.create_model(name)
    how, width = model.visual.preprocess_cfg, open_clip.get_model_config(name)["embed_dim"]
    if wanted.channels != len(how["mean"]):
        widen(model.visual, wanted.channels)
    return _finished(wanted, model.visual, width, how["mean"], how["std"], bool(wanted.weights))


def _whole_clip(name: str, weights: str) -> Any:
    """Raises ValueError for a file that is no weights, or another model's."""
    import open_clip

    try:
        with tempfile.TemporaryDirectory() as folder, plain_file(weights, "weights", Path(folder), OF_CLIP) as file:
            return open_clip.create_model(name, pretrained=str(file))
    except ConfigError as error:
        raise ValueError(str(error)) from error
    except Exception as error:  # open_clip's own, torch's and safetensors' alike: the file is at fault
        raise ValueError(refusal(weights, "weights", error)) from error


def _dinov2(wanted: Wanted, _: str) -> Featurizer:
    from farfield_baselines.networks import dinov2

    tower = dinov2.vit_b14(wanted.shape[1])
    if wanted.weights:
        load_tower(tower, wanted.weights, dinov2.fitted)
    if wanted.channels != 3:
        widen(tower, wanted.channels)
    network = dinov2.LastBlocks(tower)
    return _finished(wanted, network, network.width, IMAGENET_MEAN, IMAGENET_STD, bool(wanted.weights))


def _lite0(wanted: Wanted, _: str) -> Featurizer:
    from farfield_baselines.networks import lite0

    trunk = _lite0_trunk()
    if wanted.channels != 3:
        widen(trunk, wanted.channels)
    return _finished(wanted, trunk, lite0_width(), _unit(lite0.MEAN), _unit(lite0.STD), True)


def _mlp_on_lite0(wanted: Wanted, _: str) -> Featurizer:
    from farfield_baselines.networks import lite0

    if wanted.channels != 3:
        raise ValueError(f"featurizer 'mlp-on-lite0' takes 3 channels, and the images have {wanted.channels}")
    return Featurizer(OnLite0(), MLP_WIDTH, mean=_unit(lite0.MEAN), std=_unit(lite0.STD), dropout=wanted.dropout)


def _lite0_trunk() -> nn.Module:
    from farfield_baselines.networks import lite0

    network = lite0.load()
    network.reset_classifier(0)
    trunk: nn.Module = network
    return trunk


def _unit(values: Sequence[float]) -> tuple[float, ...]:
    """From units of the pixels, 0..255, to 0..1."""
    return tuple(value / 255.0 for value in values)


def _tower(
    wanted: Wanted,
    network: nn.Module,
    width: int,
    mean: Sequence[float],
    std: Sequence[float],
    stages: Sequence[nn.Module] = (),
) -> Featurizer:
    if wanted.weights:
        load_tower(network, wanted.weights)
    if wanted.channels != 3:
        widen(network, wanted.channels)
    return _finished(wanted, network, width, mean, std, bool(wanted.weights), stages)


def _finished(
    wanted: Wanted,
    network: nn.Module,
    width: int,
    mean: Sequence[float],
    std: Sequence[float],
    pretrained: bool,
    stages: Sequence[nn.Module] = (),
) -> Featurizer:
    """Statistics are frozen only where there are some: a network from scratch must still learn them."""
    known = min(wanted.channels, len(mean))
    return Featurizer(
        network,
        width,
        mean=mean[:known],
        std=std[:known],
        frozen_statistics=wanted.freeze_bn and pretrained,
        dropout=wanted.dropout,
        stages=stages,
    )


_MAKERS: Mapping[str, Callable[[Wanted, str], Featurizer]] = {
    "mnist-cnn": _mnist_cnn,
    "mnist-cnn-half": _mnist_cnn_half,
    "resnet18": _resnet18,
    "resnet50": _resnet50,
    "dinov2": _dinov2,
    "lite0": _lite0,
    "mlp-on-lite0": _mlp_on_lite0,
    "timm": _timm,
    "open_clip": _open_clip,
}
NAMES = (
    "mnist-cnn",
    "mnist-cnn-half",
    "resnet18",
    "resnet50",
    "dinov2",
    "lite0",
    "mlp-on-lite0",
    "timm:<name>",
    "open_clip:<name>",
)


def stage_outputs(
    network: Featurizer, images: torch.Tensor, *, stem: bool = False
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """(features [B, width], the outputs of the stages, after that of the stem where it is asked for; the features)."""
    seen: list[torch.Tensor] = []
    modules = (*(network.stem if stem else ()), *network.stages)
    hooks = [module.register_forward_hook(lambda _m, _i, out: seen.append(out)) for module in modules]
    try:
        features = network(images)
    finally:
        for hook in hooks:
            hook.remove()
    return features, [*seen, features]
