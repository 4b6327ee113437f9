"""WILDS' settings of each data set: which network, how long, how fast, and how each algorithm is weighted.

Koh et al. 2021 (arXiv 2012.07421), appendix E, and the configuration files of its repository at 4726775. A featurizer
that starts from ImageNet's weights needs their file in the setting `weights`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from farfield import setting
from farfield_baselines.trained.config import ImageConfig, with_preset

# Of FMoW and PovertyMap WILDS selects by a field that methods do not see (region, urban or rural): here the average.
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "camelyon17": {
        "featurizer": "timm:densenet121",
        "image_size": 96,
        "optimizer": "sgd",
        "lr": 1e-3,
        "weight_decay": 0.01,
        "batch": 32,
        "epochs": 10,
        "group_by": "domain",
        "groups_per_batch": 2,
        "irm_lambda": 1.0,
        "coral_weight": 0.1,
        "dann_weight": 0.1,
        "featurizer_lr": 1e-4,
        "classifier_lr": 1e-3,
        "discriminator_lr": 1e-3,
    },
    "fmow": {
        "featurizer": "timm:densenet121",
        "image_size": 224,
        "lr": 1e-4,
        "schedule": "step",
        "batch": 32,
        "epochs": 60,
        "group_by": "domain",
        "groups_per_batch": 8,
        "irm_lambda": 1.0,
        "coral_weight": 0.1,
        "dann_weight": 1.0,
        "featurizer_lr": 1e-5,
        "classifier_lr": 1e-4,
        "discriminator_lr": 1e-4,
    },
    "iwildcam": {
        "featurizer": "resnet50",
        "image_size": 448,
        "lr": 3e-5,
        "batch": 16,
        "epochs": 12,
        "select": "macro-f1",
        "group_by": "domain",
        "groups_per_batch": 2,
        "irm_lambda": 1.0,
        "coral_weight": 10.0,
        "dann_weight": 0.1,
        "featurizer_lr": 3e-6,
        "classifier_lr": 3e-5,
        "discriminator_lr": 3e-5,
    },
    "poverty": {
        "featurizer": "resnet18",
        "image_size": 224,
        "normalisation": "none",
        "lr": 1e-3,
        "schedule": "step",
        "batch": 64,
        "epochs": 200,
        "group_by": "domain",
        "groups_per_batch": 8,
        "irm_lambda": 1.0,
        "coral_weight": 0.1,
        "dann_weight": 0.1,
        "featurizer_lr": 1e-4,
        "classifier_lr": 1e-3,
        "discriminator_lr": 1e-3,
    },
    "rxrx1": {
        "featurizer": "resnet50",
        "image_size": 256,
        "normalisation": "per-image",
        "augmentation": "rxrx1",
        "lr": 1e-3,
        "weight_decay": 1e-5,
        "schedule": "cosine",
        "warm_up": 5415,
        "batch": 72,
        "epochs": 90,
        "group_by": "domain",
        "groups_per_batch": 9,
        "irm_lambda": 1.0,
        "coral_weight": 0.1,
    },
    "domainnet": {
        "featurizer": "resnet50",
        "image_size": 224,
        "optimizer": "sgd",
        "lr": 7.04e-4,
        "weight_decay": 1e-4,
        "batch": 96,
        "epochs": 25,
        "group_by": "domain",
        "groups_per_batch": 4,
        "irm_lambda": 1.0,
        "coral_weight": 1.0,
        "dann_weight": 1.0,
        "featurizer_lr": 1e-3,
        "classifier_lr": 1e-2,
        "discriminator_lr": 1e-2,
    },
}


@dataclass(frozen=True, kw_only=True)
class PresetImageConfig(ImageConfig):
    """The network on images, and a data set whose settings hold wherever a setting was left at its default."""

    preset: str = setting(
        "none",
        choices=("none", *PRESETS),
        help="Settings that are left at their defaults take the values that WILDS has for this data set.",
    )
    freeze_bn: bool = setting(False, help="Keep the BatchNorm statistics that came with the weights.")

    def resolved(self) -> Self:
        """The configuration with the preset's values in place of defaults."""
        resolved: Self = with_preset(self, PRESETS)
        return resolved
