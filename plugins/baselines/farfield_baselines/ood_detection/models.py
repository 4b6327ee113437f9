"""The models that detectors wrap, by name: lite0, mini-clip, timm:NAME, open_clip:NAME."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import timm
import torch
from torch import nn
from torch.nn import functional

from farfield import Images, RunContext
from farfield.errors import ConfigError
from farfield_baselines.networks import clip, lite0, timm_models
from farfield_baselines.networks.frozen import looking
from farfield_baselines.networks.pixels import Normalise
from farfield_baselines.ood_detection.core import Head, Seen, each_its_own, imagenet_rows, lite0_head
from farfield_baselines.ood_detection.declare import ModelConfig
from farfield_baselines.ood_detection.seeing import ZeroShot, clip_named, zero_shot

IMAGENET_CLASSES = 1000
LITE0_SIZE = 224


@dataclass(frozen=True, kw_only=True)
class Body:
    """A network's modules, and the feature maps in it.

    stages: the names of the modules that end a resolution or a block, in order. `maps` gives what is pooled, of an
    input [B, 3, S, S]; `pooled` the features [B, D] of that.
    """

    network: nn.Module
    stages: tuple[str, ...]
    maps: Callable[[torch.Tensor], torch.Tensor]
    pooled: Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True, kw_only=True)
class Network:
    """A model on images.

    `pixels` makes its input [B, 3, S, S] of uint8 images; `trunk` maps that to features [B, D]; `head` those to class
    logits. `std`, per channel, is what pixels in 0..1 were divided by. `body` is None where no map can be looked at.
    device: where a frozen network lies; empty for one that was trained in the run, which computes as it was trained.
    """

    pixels: Callable[[npt.NDArray[Any]], torch.Tensor]
    trunk: Callable[[torch.Tensor], torch.Tensor]
    head: Head
    std: tuple[float, ...]
    body: Body | None = None
    device: str = ""

    def see(self, inputs: npt.NDArray[Any]) -> Seen:
        """uint8 [B, H, W, 3], or features [B, D] that the platform has -> features and class logits."""
        if inputs.ndim == 2:
            return Seen(features=inputs, logits=self.head(inputs))
        with looking(self.device) if self.device else torch.inference_mode():
            return self.said(self.trunk(self.pixels(inputs)))

    def said(self, features: torch.Tensor) -> Seen:
        """Features [B, D] with their class logits."""
        found = features.detach().float().cpu().numpy()
        return Seen(features=found, logits=self.head(found))

    def logits(self, pixels: torch.Tensor) -> torch.Tensor:
        """Class logits [B, C] of an input, through which a gradient passes."""
        return self.classified(self.trunk(pixels))

    def classified(self, features: torch.Tensor) -> torch.Tensor:
        """Class logits [B, C] of features [B, D], through which a gradient passes."""
        weight, bias = (torch.as_tensor(a, dtype=features.dtype, device=features.device) for a in self._layer)
        outputs = functional.linear(features, weight, bias)
        return torch.stack([outputs[:, rows].amax(dim=1) for rows in map(torch.from_numpy, self.head.members)], dim=1)

    @property
    def _layer(self) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        return self.head.weight, self.head.bias


def open_model(config: ModelConfig, context: RunContext) -> Network:
    """Raises ConfigError for a name, weights or classes that do not fit."""
    kind, _, name = config.model.partition(":")
    if kind == "lite0":
        return _lite0(context)
    if kind == "timm":
        return _timm(name, config.checkpoint, context)
    return clip_network(zero_shot(config, context), context.device)


def inputs_of(config: ModelConfig) -> Images:
    """How the model's own release prepares an image. Raises ConfigError for an unknown name."""
    kind, _, name = config.model.partition(":")
    if kind == "lite0":
        return Images(size=LITE0_SIZE)
    if kind == "timm":
        return timm_models.inputs_of(timm_models.Wanted(model=name, checkpoint=config.checkpoint))
    return clip.inputs_of(wanted_clip(config))


def _lite0(context: RunContext) -> Network:
    network = lite0.load().to(context.device, memory_format=torch.channels_last).requires_grad_(False)
    pixels = clip.Pixels(Normalise(lite0.MEAN, lite0.STD, context.device), LITE0_SIZE)
    head, std = lite0_head(context), tuple(value / 255.0 for value in lite0.STD)
    return _network(_body(network), pixels=pixels, head=head, std=std, device=context.device)


def _timm(name: str, checkpoint: str, context: RunContext) -> Network:
    wanted = timm_models.Wanted(model=name, checkpoint=checkpoint)
    network = timm_models.load(wanted, context.device).network.requires_grad_(False)
    last = network.get_classifier()
    if not isinstance(last, nn.Linear):
        raise ConfigError([f"model: the classifier of timm:{name} is not one linear layer, which detectors need"])
    data: Any = timm.data
    how: dict[str, Any] = data.resolve_model_data_config(network)
    mean, std = ([255.0 * value for value in how[key]] for key in ("mean", "std"))
    return _network(
        _body(network),
        pixels=clip.Pixels(Normalise(mean, std, context.device), timm_models.inputs_of(wanted).size),
        head=_timm_head(last, name, context),
        std=tuple(how["std"]),
        device=context.device,
    )


def _network(body: Body, **others: Any) -> Network:
    return Network(trunk=lambda pixels: body.pooled(body.maps(pixels)), body=body, **others)


def _body(network: Any) -> Body:
    def pooled(maps: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = network.forward_head(maps, pre_logits=True)
        return features

    stages = tuple(stage["module"] for stage in network.feature_info)
    return Body(network=network, stages=stages, maps=network.forward_features, pooled=pooled)


def _timm_head(last: nn.Linear, name: str, context: RunContext) -> Head:
    weight = last.weight.detach().cpu().numpy()
    bias = np.zeros(len(weight), np.float32) if last.bias is None else last.bias.detach().cpu().numpy()
    if len(weight) == context.class_count:
        return Head(weight=weight, bias=bias, members=each_its_own(len(weight)))
    if len(weight) != IMAGENET_CLASSES:
        needed = f"{IMAGENET_CLASSES} of ImageNet or the benchmark's {context.class_count}"
        raise ConfigError([f"model: timm:{name} has {len(weight)} classes; it needs {needed}"])
    return Head(weight=weight, bias=bias, members=imagenet_rows(context))


def clip_network(shot: ZeroShot, device: str) -> Network:
    """The CLIP model with its classifier, loaded where it is not yet. Raises ConfigError for weights that misfit."""
    model = shot.tower.clip
    tower = model.image_tower.requires_grad_(False)
    return Network(
        pixels=model.pixels,
        trunk=lambda pixels: functional.normalize(tower(pixels).float(), dim=-1),
        head=shot.head,
        std=tuple(model.model.visual.preprocess_cfg["std"]),
        device=device,
    )


def wanted_clip(config: ModelConfig) -> clip.Wanted:
    """The CLIP model that is named. Raises ConfigError for a name that is of no kind."""
    return clip.Wanted(**clip_named(config))
