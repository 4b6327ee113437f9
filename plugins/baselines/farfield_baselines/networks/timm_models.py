"""Any classifier of timm's, by name or with a file of weights, and test-time augmentation.

timm: Wightman 2019, doi 10.5281/zenodo.4414861.
"""

import difflib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import timm
import torch
from timm.data.config import resolve_data_config
from timm.models import get_pretrained_cfg, is_model
from torch.nn import functional

from farfield import Images
from farfield.errors import ConfigError
from farfield_baselines.networks import lite0
from farfield_baselines.networks.checkpoints import read_tensors, refusal
from farfield_baselines.networks.frozen import looking
from farfield_baselines.networks.pixels import Normalise

SHIPPED = "lite0"
INTERPOLATIONS = ("bicubic", "bilinear", "nearest")
CROP = 7 / 8  # the side of a test-time crop, in units of the image's
Views = Callable[[torch.Tensor], list[torch.Tensor]]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """`model` is a name of timm's, with or without a tag (convnextv2_base.fcmae_ft_in1k), or lite0, which is shipped.

    With a `checkpoint` the weights are the file's. Without one timm fetches its own unless they lie in its cache.
    """

    model: str
    checkpoint: str = ""


class Classifier:
    """A network on one device with its normalisation: uint8 images [B, H, W, 3] -> logits [B, K] of its K classes."""

    def __init__(self, network: Any, pixels: Normalise, device: str) -> None:
        self.network, self._pixels, self._device = network.eval(), pixels, device

    def features(self, images: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """What the last layer is given: [B, D]."""
        with looking(self._device):
            maps = self.network.forward_features(self._pixels(images))
            return np.asarray(self.network.forward_head(maps, pre_logits=True).float().cpu().numpy())

    def logits(self, images: npt.NDArray[Any], views: str = "none") -> npt.NDArray[np.float32]:
        """With several views the logarithm of their mean softmax, which is a logit up to a constant."""
        with looking(self._device):
            pixels = self._pixels(images)
            if views == "none":
                return np.asarray(self.network(pixels).float().cpu().numpy())
            chances = [self.network(view).float().softmax(dim=1) for view in VIEWS[views](pixels)]
            return np.asarray(torch.stack(chances).mean(dim=0).log().cpu().numpy())


def load(wanted: Wanted, device: str = "cpu") -> Classifier:
    """Raises ConfigError for a name or a file that is not to be had, or a file that does not fit."""
    if wanted.model == SHIPPED:
        return _shipped(wanted, device)
    name = known(wanted.model)
    network = _from_file(name, wanted.checkpoint) if wanted.checkpoint else _fetched(name)
    how = _data_config(name)
    mean, std = ([255.0 * value for value in how[key]] for key in ("mean", "std"))
    ready = network.to(device, memory_format=torch.channels_last)
    return Classifier(ready, Normalise(mean, std, device), device)


def inputs_of(wanted: Wanted) -> Images:
    """timm's own evaluation: the shorter side to size / crop_pct, then the centre. Raises ConfigError."""
    if wanted.model == SHIPPED:
        return Images(size=224)
    how = _data_config(known(wanted.model))
    _, height, width = how["input_size"]
    if height != width:
        raise ConfigError([f"model: {wanted.model} takes {height} x {width} pixels; only square images are supported"])
    interpolation: Any = how["interpolation"] if how["interpolation"] in INTERPOLATIONS else "bicubic"
    if how["crop_mode"] == "squash":
        return Images(size=height, interpolation=interpolation, crop="squash")
    return Images(size=height, resize=math.floor(height / how["crop_pct"]), interpolation=interpolation)


def known(model: str) -> str:
    """The name, if timm has it. Raises ConfigError that offers the near ones."""
    if is_model(model):
        return model
    names = [SHIPPED, *timm.list_models()]
    near = ", ".join(difflib.get_close_matches(model, names, n=5, cutoff=0.5)) or "none"
    raise ConfigError([f"model: timm has no model called {model!r}; near ones are {near}"])


def mirrored(pixels: torch.Tensor) -> list[torch.Tensor]:
    """The images and their mirror images."""
    return [pixels, pixels.flip(3)]


def ten_crops(pixels: torch.Tensor) -> list[torch.Tensor]:
    """The four corners and the centre at CROP of the side, back at full size, and their mirror images.

    Krizhevsky et al. 2012, section 4.1; bilinear.
    """
    side = pixels.shape[2]
    crop = round(CROP * side)
    far, middle = side - crop, (side - crop) // 2
    corners = ((0, 0), (0, far), (far, 0), (far, far), (middle, middle))
    parts = [pixels[:, :, top : top + crop, left : left + crop] for top, left in corners]
    full = [functional.interpolate(part, (side, side), mode="bilinear", antialias=True) for part in parts]
    return [view for part in full for view in mirrored(part)]


VIEWS: Mapping[str, Views] = {"flip": mirrored, "ten-crop": ten_crops}


def _shipped(wanted: Wanted, device: str) -> Classifier:
    if wanted.checkpoint:
        raise ConfigError([f"checkpoint: {SHIPPED} comes with its weights; for a file of yours name timm's model"])
    network = lite0.load().to(device, memory_format=torch.channels_last)
    return Classifier(network, Normalise(lite0.MEAN, lite0.STD, device), device)


def _data_config(name: str) -> dict[str, Any]:
    settings: Any = get_pretrained_cfg(name)
    found = resolve_data_config({}, pretrained_cfg=settings.to_dict() if settings else {})  # type: ignore[no-untyped-call]
    return dict(found)


def _fetched(name: str) -> Any:
    try:
        return timm.create_model(name, pretrained=True)
    except Exception as error:  # the hub's, the network's and timm's own
        advice = "download them where there is a network, and give the file as checkpoint"
        raise ConfigError([f"model: the weights of {name} could not be fetched; {advice}"]) from error


def _from_file(name: str, path: str) -> Any:
    """As many classes as the file has, and mean pooling where it has that layout's norm (MAE's, for one)."""
    settings: Any = get_pretrained_cfg(name)
    classifier = _classifier(settings.classifier if settings else None)
    tensors = dict(read_tensors(path, "checkpoint", wanted=classifier))
    classes = _classes(tensors, classifier, path)
    pooling: dict[str, Any] = {"global_pool": "avg"} if "fc_norm.weight" in tensors else {}
    overlay = {"state_dict": tensors, "num_classes": classes}
    try:
        return timm.create_model(name, pretrained=True, num_classes=classes, pretrained_cfg_overlay=overlay, **pooling)
    except (RuntimeError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError([refusal(path, "checkpoint", error)]) from error


def _classifier(names: Any) -> tuple[str, ...]:
    """What a model's classifier weights are called; timm tells the modules' names."""
    modules = (names,) if isinstance(names, str) else tuple(names or ())
    return tuple(f"{module}.weight" for module in modules)


def _classes(tensors: Mapping[str, torch.Tensor], classifier: tuple[str, ...], path: str) -> int:
    """Rows of the classifier's weight. Raises ConfigError for a file without one."""
    for name in classifier:
        if name in tensors:
            return len(tensors[name])
    wanted = " or ".join(classifier) or "a classifier"
    raise ConfigError([f"checkpoint: {path} has no {wanted}; it must be of a fine-tuned classifier, not a backbone"])
