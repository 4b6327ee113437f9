"""Every few-shot detector keeps its protocol, and with a ResNet it has its authors' settings."""

from pathlib import Path
from typing import Any

import pytest
from tests.unit.baselines.few_shot_detection.made import STAGES

from farfield.config import schema_of
from farfield.testing import check_method
from farfield_baselines.few_shot_detection import imtfa, mtfa, tfa_cos, tfa_fc
from farfield_baselines.few_shot_detection.listed import SPECS


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_keeps_its_protocol(spec: Any, tmp_path: Path) -> None:
    known, short = schema_of(spec.config)["properties"], {**STAGES, "base_steps": 1, "cosine_steps": 1}
    check_method(spec, tmp_path, {name: value for name, value in short.items() if name in known})


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("network", ["resnet50-fpn", "resnet101-fpn"])
def test_on_a_resnet_it_asks_for_a_gpu_and_says_what_it_is_pretrained_on(spec: Any, network: str) -> None:
    chosen = spec.with_input(network)
    assert chosen.resources.gpu
    assert chosen.claims.pretraining == ("imagenet-1k",)
    assert chosen.claims.backbone == network


@pytest.mark.parametrize("spec", [tfa_fc.SPEC, tfa_cos.SPEC], ids=lambda spec: spec.name)
def test_tfas_settings_for_coco(spec: Any) -> None:
    config = spec.with_input("resnet101-fpn").config()
    base = config.base_phase()
    assert (base.steps, base.batch, base.lr, base.optimizer, base.weight_decay) == (110_000, 16, 0.02, "sgd", 1e-4)
    assert (base.schedule, base.drops) == ("drops", (85 / 110, 100 / 110))
    assert (config.side, config.least_side, config.longest) == (800, 640, 1333)
    assert (config.novel_lr, config.joint_lr, config.novel_batch, config.views) == (0.01, 0.001, 16, 0)


def test_mtfas_settings_for_coco() -> None:
    config = mtfa.SPEC.with_input("resnet50-fpn").config()
    base = config.base_phase()
    assert (base.steps, base.batch, base.lr) == (220_000, 8, 0.01)
    assert [round(share * base.steps) for share in base.drops] == [170_000, 200_000]
    assert (config.novel_lr, config.joint_lr, config.novel_batch) == (0.005, 0.0005, 8)
    assert (config.NOVEL_STEPS[10], config.JOINT_STEPS[10], config.JOINT_DROPS) == (4000, 96_000, ())


def test_imtfas_settings_for_coco() -> None:
    config = imtfa.SPEC.with_input("resnet50-fpn").config()
    base, cosines = config.base_phase(), config.cosine_phase()
    assert (base.steps, base.batch, base.lr) == (220_000, 8, 0.01)
    assert (cosines.steps, cosines.batch, cosines.lr, cosines.warm_up) == (180_000, 8, 7e-4, 20)
    assert [round(share * cosines.steps) for share in cosines.drops] == [120_000, 160_000]
