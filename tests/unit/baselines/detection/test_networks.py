"""The networks: losses of images alone, a trunk that stays, weights that come from files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from tests.unit.baselines.detection.made import scenes

from farfield.errors import ConfigError
from farfield_baselines.detection.core import target_of
from farfield_baselines.networks.faster_rcnn import (
    COCO_CLASSES,
    RESNET50,
    Wanted,
    faster_rcnn,
    image_losses,
    to_pixels,
)
from farfield_baselines.networks.seeding import seeded


def small(**changes: Any) -> Any:
    with seeded("cpu", 0):
        return faster_rcnn(Wanted(**{"network": "lite0", "classes": 2, "side": 96, "longest": 96} | changes))


def given(count: int) -> tuple[list[torch.Tensor], list[Any]]:
    listed = scenes(count)
    return [to_pixels(s.image, "cpu") for s in listed], [target_of(s, "cpu") for s in listed]


def test_the_loss_of_one_image_is_torchvisions() -> None:
    network = small().train()
    images, targets = given(1)
    with seeded("cpu", 1):
        own = image_losses(network, images, targets)
    with seeded("cpu", 1):
        theirs = sum(network(images, targets).values())
    assert own.shape == (1,)
    torch.testing.assert_close(own[0], theirs)


def test_a_loss_is_of_its_own_image_whatever_else_is_in_the_batch() -> None:
    """Without an object all anchors are background, so that two images with and without differ in their own alone."""
    network = small().train()
    images, targets = given(2)
    with seeded("cpu", 1):
        both = image_losses(network, images, targets)
    gradients = torch.autograd.grad(both[1], network.backbone.pyramid.get_parameter("inner_blocks.0.0.weight"))
    other = [images[0] * 0, images[1]]
    nothing = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}
    with seeded("cpu", 1):
        first = image_losses(network, other, [nothing, targets[1]])
    assert both[0] != first[0]
    assert torch.isfinite(gradients[0]).all()
    assert both[1].item() == pytest.approx(first[1].item(), rel=0.2)  # but for which anchors are drawn


def test_training_leaves_the_trunk_of_the_small_one_alone() -> None:
    network = small().train()
    assert not network.backbone.trunk.training
    assert not any(p.requires_grad for p in network.backbone.trunk.parameters())
    assert all(p.requires_grad for p in network.backbone.pyramid.parameters())


@pytest.fixture(scope="module")
def coco() -> Mapping[str, torch.Tensor]:
    """A detector's tensors as torchvision publishes them, but for their values."""
    with seeded("cpu", 5):
        network = faster_rcnn(Wanted(network=RESNET50, classes=COCO_CLASSES - 1, side=64, longest=64))
    return {name: t for name, t in network.state_dict().items() if not name.endswith("num_batches_tracked")}


def with_file(path: Path) -> Any:
    return faster_rcnn(Wanted(network=RESNET50, classes=2, side=64, longest=64, weights=str(path)))


def test_a_detectors_file_gives_all_but_the_last_layer(coco: Mapping[str, torch.Tensor], tmp_path: Path) -> None:
    save_file(dict(coco), tmp_path / "coco.safetensors")
    network = with_file(tmp_path / "coco.safetensors")
    state = network.state_dict()
    torch.testing.assert_close(state["rpn.head.cls_logits.weight"], coco["rpn.head.cls_logits.weight"])
    torch.testing.assert_close(state["backbone.body.conv1.weight"], coco["backbone.body.conv1.weight"])
    assert len(state["roi_heads.box_predictor.cls_score.weight"]) == 3
    trained = {name.split(".")[2] for name, p in network.backbone.named_parameters(prefix="b") if p.requires_grad}
    assert {"layer2", "layer3", "layer4"} <= trained
    assert not {"conv1", "layer1"} & trained


def test_a_trunks_file_gives_the_trunk(coco: Mapping[str, torch.Tensor], tmp_path: Path) -> None:
    start = "backbone.body."
    trunk = {name.removeprefix(start): t for name, t in coco.items() if name.startswith(start)}
    save_file({**trunk, "fc.weight": torch.zeros(10, 2048), "fc.bias": torch.zeros(10)}, tmp_path / "r50.safetensors")
    state = with_file(tmp_path / "r50.safetensors").state_dict()
    torch.testing.assert_close(state[f"{start}layer4.2.conv3.weight"], trunk["layer4.2.conv3.weight"])


def test_a_whole_detectors_file_is_refused_where_it_may_know_too_much(
    coco: Mapping[str, torch.Tensor], tmp_path: Path
) -> None:
    path = tmp_path / "coco.safetensors"
    save_file(dict(coco), path)
    wanted = Wanted(network=RESNET50, classes=2, side=64, longest=64, weights=str(path), trunk_only=True)
    with pytest.raises(ConfigError, match=r"is a whole detector, which may have learned the novel classes"):
        faster_rcnn(wanted)


def test_a_file_of_something_else_is_refused_by_its_setting(tmp_path: Path) -> None:
    save_file({"conv1.weight": torch.zeros(4, 3, 7, 7)}, tmp_path / "other.safetensors")
    with pytest.raises(ConfigError, match=r"weights: other\.safetensors does not fit the model"):
        with_file(tmp_path / "other.safetensors")
