"""What long-tailed sets are trained with on images, as settings by name.

Kang et al. 2020 (arXiv 1910.09217) for ImageNet-LT and iNaturalist 2018, Tang et al. 2022 (arXiv 2207.09504) for GLT,
Yi et al. 2022 (arXiv 2207.13378) for ImageNet-NLT: the configuration files of their releases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from farfield import setting
from farfield_baselines.trained.config import ImageConfig, with_preset

_SGD = {"optimizer": "sgd", "schedule": "cosine", "augmentation": "domainbed"}
# GLT forgot the momentum and kept it so, for all methods alike: its figures are of momentum 0.
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "imagenet-lt": _SGD
    | {"featurizer": "timm:resnext50_32x4d", "batch": 512, "epochs": 90, "lr": 0.2, "head_lr": 0.2}
    | {"weight_decay": 5e-4, "momentum": 0.9, "tuned": False},
    "inaturalist18": _SGD
    | {"featurizer": "resnet50", "batch": 512, "epochs": 90, "head_epochs": 30, "lr": 0.2, "head_lr": 0.2}
    | {"weight_decay": 1e-4, "momentum": 0.9},
    "glt": _SGD
    | {"featurizer": "timm:resnext50_32x4d", "image_size": 112, "batch": 256, "epochs": 100, "lr": 0.1}
    | {"head_lr": 0.1, "weight_decay": 5e-4, "momentum": 0.0, "alpha": 2.0, "mu": 0.995, "tuned": False},
    "imagenet-nlt": _SGD
    | {"featurizer": "resnet18", "batch": 512, "epochs": 180, "lr": 0.2, "weight_decay": 1e-4, "momentum": 0.9}
    | {"identifier_epochs": 180},
}


@dataclass(frozen=True, kw_only=True)
class LongTailImages(ImageConfig):
    """The network on images, and a data set whose settings hold wherever a setting was left at its default."""

    preset: str = setting(
        "none",
        choices=("none", *PRESETS),
        help="Settings that are left at their defaults take the values of this data set's paper.",
    )
    freeze_bn: bool = setting(False, help="Keep the BatchNorm statistics that came with the weights.")

    def resolved(self) -> Self:
        """The configuration with the preset's values in place of defaults."""
        resolved: Self = with_preset(self, PRESETS)
        return resolved
