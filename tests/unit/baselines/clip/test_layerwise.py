"""Layer-wise interpolation: its ends are WiSE-FT's, and sharpness is what it is by hand."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from farfield_baselines.classification import clip_layerwise, wise_ft
from farfield_baselines.networks import layerwise

Make = Callable[..., Any]
SMALL = {"images": 6, "draws": 2}


@pytest.fixture
def fitted(build: Make, train: Any, short: dict[str, Any]) -> Make:
    def run(spec: Any, settings: dict[str, Any], **changes: Any) -> Any:
        method = build(spec, {**short, **settings}, **changes)
        method.fit(train)
        return method

    return run


@pytest.mark.parametrize("settings", [{"keep": 1.0, "stragglers": 1.0}, {"stragglers": 0.0, "keep": 0.0}])
def test_without_sparsity_it_is_wise_ft(fitted: Make, settings: dict[str, float]) -> None:
    ours = fitted(clip_layerwise.SPEC, {**SMALL, **settings, "alpha": 0.4}).network.state_dict()
    theirs = fitted(wise_ft.SPEC, {"alpha": 0.4}).network.state_dict()
    for key, value in ours.items():
        torch.testing.assert_close(value, theirs[key], atol=1e-6, rtol=1e-5)


def test_only_the_stragglers_stay_at_the_start(fitted: Make, build: Make, short: Any) -> None:
    logged: list[str] = []
    start = build(wise_ft.SPEC, short).network.state_dict()
    settings = {**SMALL, "stragglers": 0.3, "keep": 0.0, "alpha": 1.0}
    method = fitted(clip_layerwise.SPEC, settings, log=logged.append)
    found = set(logged[0].rpartition("stragglers: ")[2].split(", "))
    layers = layerwise.layers_of(dict(method.network.named_parameters()))
    assert len(found) == round(0.3 * len(layers))
    end = method.network.state_dict()
    still = {layer for layer, names in layers.items() if all(torch.equal(start[n], end[n]) for n in names)}
    assert still == found


def test_sparsity_keeps_the_largest_changes() -> None:
    start, end = {"w": torch.zeros(5)}, {"w": torch.tensor([1.0, -5.0, 2.0, 0.5, 3.0])}
    mixed = layerwise.interpolate_sparsely(start, end, 0.5, ["w"], 0.4)
    assert mixed["w"].tolist() == [0.0, -2.5, 0.0, 0.0, 1.5]


def test_sharpness_of_a_square_by_hand() -> None:
    network = nn.Sequential(nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False))
    with torch.no_grad():
        network[0].weight.fill_(3.0)
        network[1].weight.fill_(5.0)

    def loss() -> float:
        return float(4.0 * network[0].weight.item() ** 2)

    noise = [float(torch.randn((1, 1), generator=torch.Generator().manual_seed(seed))) for seed in (1, 2)]
    expected = sum(4.0 * ((3.0 + 0.1 * 3.0 * n) ** 2 - 9.0) for n in noise) / 2
    assert layerwise.sharpness(network, ["0.weight"], loss, 0.1, (1, 2)) == pytest.approx(expected, rel=1e-5)
    assert layerwise.sharpness(network, ["1.weight"], loss, 0.1, (1, 2)) == 0.0
    assert network[0].weight.item() == 3.0


def test_layers_are_the_blocks_of_both_kinds_of_tower() -> None:
    names = ["tower.conv1.weight", "tower.transformer.resblocks.0.attn.in_proj_weight", "tower.proj", "head.weight"]
    names += ["tower.transformer.resblocks.0.mlp.c_fc.bias", "tower.trunk.blocks.3.1.conv_pw.weight", "head.bias"]
    assert layerwise.layers_of(names) == {
        "tower.conv1": ("tower.conv1.weight",),
        "tower.transformer.resblocks.0": (
            "tower.transformer.resblocks.0.attn.in_proj_weight",
            "tower.transformer.resblocks.0.mlp.c_fc.bias",
        ),
        "tower": ("tower.proj",),
        "head": ("head.weight", "head.bias"),
        "tower.trunk.blocks.3": ("tower.trunk.blocks.3.1.conv_pw.weight",),
    }
