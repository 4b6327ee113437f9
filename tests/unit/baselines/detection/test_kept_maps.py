"""Kind: results that depend on the past. What is kept of a frozen trunk changes no number, and has a bound."""

import copy

import pytest
import torch
from tests.unit.baselines.detection.made import scenes

from farfield_baselines.detection.core import target_of
from farfield_baselines.networks.faster_rcnn import Wanted, faster_rcnn, image_losses, to_pixels
from farfield_baselines.networks.kept_maps import KeptMaps
from farfield_baselines.networks.seeding import seeded

STEPS = 3


def trained(most: int) -> tuple[dict[str, torch.Tensor], KeptMaps]:
    """The tensors after some steps on three images, with so many bytes of maps kept."""
    with seeded("cpu", 0):
        network = faster_rcnn(Wanted(network="lite0", classes=2, side=96, longest=128)).train()
    network.backbone.kept.most = most
    listed = scenes(3)
    images, targets = [to_pixels(s.image, "cpu") for s in listed], [target_of(s, "cpu") for s in listed]
    optimiser = torch.optim.SGD([p for p in network.parameters() if p.requires_grad], lr=0.01)
    for step in range(STEPS):
        optimiser.zero_grad()
        with seeded("cpu", step):
            image_losses(network, images, targets).mean().backward()
        optimiser.step()
    return network.state_dict(), network.backbone.kept


def test_training_on_what_was_kept_is_bit_for_bit_that_on_what_is_made_anew() -> None:
    (with_maps, kept), (without, none) = trained(1 << 29), trained(0)
    assert (len(kept), len(none)) == (3, 0)
    assert all(torch.equal(with_maps[name], without[name]) for name in without)


def test_no_more_is_kept_than_may_be() -> None:
    kept = KeptMaps(most=100)
    for number in range(5):
        kept.of(torch.full((1, 4), number), lambda pixels: [pixels.float() * 2, pixels.float()])
    assert (len(kept), kept.nbytes) == (3, 96)
    assert kept.of(torch.full((1, 4), 4), lambda pixels: [pixels * 0])[0].tolist() == [[0, 0, 0, 0]]
    assert kept.of(torch.full((1, 4), 2), lambda pixels: [pixels * 0])[0].tolist() == [[4, 4, 4, 4]]


@pytest.mark.parametrize("other", [torch.zeros(1, 4, 1), torch.zeros(1, 4, dtype=torch.int32), torch.ones(1, 4)])
def test_other_pixels_have_other_maps_also_of_another_shape_or_kind(other: torch.Tensor) -> None:
    kept = KeptMaps()
    kept.of(torch.zeros(1, 4), lambda pixels: [pixels])
    assert kept.of(other, lambda pixels: [pixels + 7])[0].min() >= 7


def test_a_copy_of_a_network_begins_with_nothing_kept() -> None:
    kept = KeptMaps(most=64)
    kept.of(torch.zeros(1, 4), lambda pixels: [pixels])
    again = copy.deepcopy(kept)
    assert (len(again), again.most, len(kept)) == (0, 64, 1)
