"""Featurizers: widths, weights, channels, and the memory of the frozen trunk."""

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import timm
import torch
from tests.unit.baselines.generalization import dinov2_case

from farfield_baselines.networks import dinov2, featurizers, lite0, mini_clip
from farfield_baselines.networks.featurizers import Wanted, featurizer


def images(count: int = 2, side: int = 32, channels: int = 3) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).random((count, channels, side, side), np.float32))


@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("mnist-cnn", 128),
        ("resnet18", 512),
        ("resnet50", 2048),
        ("lite0", 1280),
        ("mlp-on-lite0", 256),
        ("timm:test_resnet", 96),
    ],
)
def test_each_gives_vectors_of_its_width(name: str, width: int) -> None:
    network = featurizer(Wanted(name=name, shape=(3, 32, 32))).eval()
    assert network.width == width
    with torch.no_grad():
        assert network(images()).shape == (2, width)


def test_the_small_network_is_domainbeds() -> None:
    network = featurizers.mnist_cnn(2)
    assert [tuple(m.weight.shape) for m in network if isinstance(m, torch.nn.Conv2d)] == [
        (64, 2, 3, 3),
        (128, 64, 3, 3),
        (128, 128, 3, 3),
        (128, 128, 3, 3),
    ]
    assert [m.num_groups for m in network if isinstance(m, torch.nn.GroupNorm)] == [8] * 4
    assert network[:6](images(1, 28, 2)).shape == (1, 128, 14, 14)
    maps = network[:12](images(3, 28, 2))
    torch.testing.assert_close(network(images(3, 28, 2)), maps.mean((2, 3)))


def test_lite0_is_the_published_network() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
    ours = featurizer(Wanted(name="lite0", shape=(3, 64, 64))).eval()
    with torch.no_grad():
        found = ours(torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255)
    np.testing.assert_allclose(found.numpy(), lite0.Lite0().features(pixels), rtol=1e-3, atol=1e-4)


def test_an_open_clip_tower_is_read_with_its_weights() -> None:
    if mini_clip.NAME not in open_clip.list_models():
        open_clip.add_model_config(mini_clip.WEIGHTS / f"{mini_clip.NAME}.json")
    path = str(mini_clip.WEIGHTS / f"{mini_clip.NAME}.safetensors")
    pixels = np.random.default_rng(1).integers(0, 256, (2, 128, 128, 3), dtype=np.uint8)
    ours = featurizer(Wanted(name=f"open_clip:{mini_clip.NAME}", shape=(3, 128, 128), weights=path)).eval()
    with torch.no_grad():
        found = torch.nn.functional.normalize(ours(torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255))
    np.testing.assert_allclose(found.numpy(), mini_clip.MiniClip().embed_images(pixels), rtol=1e-3, atol=1e-4)


def _small_dinov2(side: int) -> Any:
    # The size of the real one is its maker's; what is put around it, and how positions are fitted, is ours.
    return timm.create_model(
        dinov2.NAME,
        num_classes=0,
        img_size=side,
        embed_dim=dinov2_case.WIDTH,
        depth=dinov2_case.DEPTH,
        num_heads=dinov2_case.HEADS,
        init_values=1.0,
    )


def test_what_domainbed_takes_of_dinov2_is_what_its_own_code_gives(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shapes = {name: tensor.shape for name, tensor in _small_dinov2(dinov2_case.SIDE).state_dict().items()}
    torch.save(dinov2_case.tensors(shapes) | {"mask_token": torch.zeros(1, 12)}, tmp_path / "dinov2.pth")
    monkeypatch.setattr(dinov2, "vit_b14", _small_dinov2)
    built = featurizer(Wanted(name="dinov2", shape=(3, 28, 28), weights=str(tmp_path / "dinov2.pth"))).eval()
    measured = json.loads((Path(__file__).parent / "dinov2.json").read_text(encoding="utf-8"))
    with torch.no_grad():
        found = built.tower(dinov2_case.images())
    torch.testing.assert_close(found, torch.tensor(measured), atol=2e-5, rtol=0)
    assert built.width == found.shape[1] == 5 * dinov2_case.WIDTH


def test_the_real_dinov2_has_the_releases_sizes() -> None:
    with torch.device("meta"):
        tower = dinov2.vit_b14(224)
    assert dinov2.LastBlocks(tower).width == 5 * 768
    assert tower.pos_embed.shape == (1, 1 + 16 * 16, 768)
    assert len(tower.blocks) == 12
    with pytest.raises(ValueError, match="a multiple of 14 pixels a side, and not 100"):
        featurizer(Wanted(name="dinov2", shape=(3, 100, 100)))


def test_timms_file_of_the_resnet50_with_augmix_fits_torchvisions() -> None:
    with torch.device("meta"):
        ours = featurizer(Wanted(name="resnet50", shape=(3, 64, 64))).tower.state_dict()
        stored = timm.create_model("resnet50.ram_in1k", pretrained=False).state_dict()
    assert {name: stored[name].shape for name in ours} == {name: tensor.shape for name, tensor in ours.items()}
    assert {*stored} - {*ours} == {"fc.weight", "fc.bias"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("vgg", "featurizer 'vgg' is not one of mnist-cnn"),
        ("timm:nothing", "timm has no model called 'nothing'"),
        ("open_clip:nothing", "open_clip has no model called 'nothing'"),
    ],
)
def test_unknown_names_are_refused(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        featurizer(Wanted(name=name, shape=(3, 32, 32)))


def test_ready_features_take_the_perceptron_only() -> None:
    network = featurizer(Wanted(name="mlp-on-lite0", shape=(1280,)))
    assert network(torch.zeros(2, 1280)).shape == (2, 256)
    with pytest.raises(ValueError, match="'resnet18' takes images"):
        featurizer(Wanted(name="resnet18", shape=(1280,)))


def test_further_channels_get_the_kernels_in_turn() -> None:
    torch.manual_seed(0)
    network: Any = featurizer(Wanted(name="resnet18", shape=(5, 32, 32)))
    kernels = network.tower.conv1.weight
    assert kernels.shape == (64, 5, 7, 7)
    assert torch.equal(kernels[:, 3:], kernels[:, :2])
    assert network(images(2, 32, 5)).shape == (2, 512)
    extra = torch.cat([images(), torch.full((2, 2, 32, 32), 9.0)], dim=1)
    assert torch.equal(network.normalised(extra)[:, 3:], extra[:, 3:])


def test_the_frozen_trunk_sees_an_image_once(monkeypatch: pytest.MonkeyPatch) -> None:
    network = featurizer(Wanted(name="mlp-on-lite0", shape=(3, 32, 32))).eval()
    tower: Any = network.tower
    seen: list[int] = []
    look = tower.trunk.forward

    def watched(rows: torch.Tensor) -> Any:
        seen.append(len(rows))
        return look(rows)

    monkeypatch.setattr(tower.trunk, "forward", watched)
    first = network(images(3))
    torch.testing.assert_close(network(images(3)), first)
    network(torch.cat([images(3), images(3) * 0.5]))
    assert seen == [3, 3]
    assert copy.deepcopy(tower).memory is tower.memory


def test_a_full_memory_forgets_what_was_asked_for_longest_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(featurizers, "REMEMBERED", 2)
    memory, seen = featurizers.Memory(), []

    def look(rows: torch.Tensor) -> torch.Tensor:
        seen.extend(rows[:, 0].tolist())
        return 10.0 * rows

    for row in (1.0, 2.0, 1.0, 3.0, 1.0, 2.0):
        assert memory.recall(torch.tensor([[row]]), look).tolist() == [[10.0 * row]]
    assert seen == [1.0, 2.0, 3.0, 2.0]
    many = torch.arange(4.0, 9.0)[:, None]
    assert torch.equal(memory.recall(many, look), 10.0 * many)
    assert len(memory) == 2


def test_the_same_image_twice_in_a_batch_is_looked_at_once() -> None:
    network: Any = featurizer(Wanted(name="mlp-on-lite0", shape=(3, 32, 32))).eval()
    found = network(images(1).repeat(3, 1, 1, 1))
    assert len(network.tower.memory) == 1
    assert torch.equal(found[0], found[2])


def test_a_gradient_by_the_image_passes_the_frozen_trunk() -> None:
    network: Any = featurizer(Wanted(name="mlp-on-lite0", shape=(3, 32, 32)))
    seen = images().requires_grad_()
    slope = torch.autograd.grad(network(seen).sum(), seen)[0]
    assert slope.abs().sum() > 0
    assert not any(p.requires_grad for p in network.tower.trunk.parameters())


def test_the_stages_come_in_order_and_leave_no_hook() -> None:
    network = featurizer(Wanted(name="resnet18", shape=(3, 32, 32))).eval()
    features, stages = featurizers.stage_outputs(network, images())
    assert [tuple(s.shape[1:]) for s in stages] == [(64, 8, 8), (128, 4, 4), (256, 2, 2), (512, 1, 1), (512,)]
    assert torch.equal(stages[-1], features)
    assert not any(stage._forward_hooks for stage in network.stages)
