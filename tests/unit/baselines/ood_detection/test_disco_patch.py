"""DisCoPatch: the statistics are of one image's patches, and what is drawn of images is told from them."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from farfield import RunContext
from farfield.errors import ConfigError, ProtocolError
from farfield.testing import check_method
from farfield_baselines.networks.patches import deceived, even_patches, random_patches
from farfield_baselines.ood_detection.core import Seen
from farfield_baselines.ood_detection.disco_patch import SPEC, Adversaries, Config, DisCoPatch

SMALL = Config(patch=16, images=8, patches=4, rows=3, width=4, latent=4, epochs=1, lr=0.003)


def stripes(count: int, seed: int) -> np.ndarray:
    """Upright stripes with some noise: uint8 [N, 40, 40, 3]."""
    noise = np.random.default_rng(seed).integers(0, 60, (count, 40, 40, 3))
    return np.asarray(noise + 150 * (np.arange(40) // 4 % 2)[None, None, :, None], np.uint8)


def test_nothing_is_scored_before_it_is_fitted_or_smaller_than_a_patch(tmp_path: Path) -> None:
    context = RunContext(class_names=("a",), config=SMALL, work_folder=tmp_path, seed=1)
    network: Any = SimpleNamespace(see=lambda x: Seen(features=np.zeros((len(x), 1)), logits=np.zeros((len(x), 1))))
    method = DisCoPatch(network, SMALL, context)
    with pytest.raises(ProtocolError, match="trained on ID training images"):
        method.score(stripes(1, 0))
    method._adversaries = Adversaries(3, SMALL, "cpu")
    assert method.score(stripes(2, 1))[0].shape == (2,)
    with pytest.raises(ConfigError, match="more than the 8 of an image"):
        method.score(np.zeros((1, 8, 8, 3), np.uint8))


def test_it_keeps_its_protocol_beside_the_shipped_classifier(tmp_path: Path) -> None:
    settings = {"images": 8, "patches": 1, "rows": 2, "width": 2, "latent": 4, "epochs": 1}
    check_method(SPEC.with_input("lite0"), tmp_path, settings)


def test_patches_of_images_are_told_from_those_that_are_drawn() -> None:
    torch.manual_seed(0)
    adversaries, chance = Adversaries(3, SMALL, "cpu"), torch.Generator().manual_seed(0)
    images = torch.from_numpy(stripes(16, 0)).permute(0, 3, 1, 2).float() / 127.5 - 1
    for _ in range(60):
        adversaries.step(random_patches(images, SMALL.patch, SMALL.patches, chance))
    patches = torch.cat([even_patches(image, SMALL.patch, SMALL.rows) for image in images[:8]])
    with torch.no_grad():
        redrawn, _ = adversaries.drawing(patches)
        assert adversaries.telling(patches).mean() > adversaries.telling(redrawn).mean() + 0.1
        assert functional.mse_loss(redrawn, patches) < 0.6 * patches.var()


def test_an_images_score_is_of_its_own_patches_alone() -> None:
    torch.manual_seed(0)
    adversaries = Adversaries(3, SMALL, "cpu")
    images = torch.rand(2, 3, 40, 40) * 2 - 1
    first, second = (even_patches(image, 16, 3) for image in images)
    with torch.no_grad():
        alone, together = (
            adversaries.telling(each)[:9].sigmoid().mean().item() for each in (first, torch.cat([first, second]))
        )
    assert adversaries.realness(images[0]) == pytest.approx(alone)
    assert adversaries.realness(images[0]) != pytest.approx(together, rel=1e-4)


def test_patches_reach_from_edge_to_edge_and_lie_within() -> None:
    image = torch.arange(40.0 * 40).view(1, 40, 40)
    even = even_patches(image, 16, 3)
    assert even.shape == (9, 1, 16, 16)
    assert (even[0, 0, 0, 0], even[-1, 0, -1, -1]) == (0, 40 * 40 - 1)
    drawn = random_patches(image[None], 16, 50, torch.Generator().manual_seed(0))
    assert drawn.shape == (50, 1, 16, 16)
    assert torch.equal(drawn[:, 0, 1, 1] - drawn[:, 0, 0, 0], torch.full((50,), 41.0))


def test_a_deception_is_a_cross_entropy() -> None:
    logits = torch.tensor([[0.5], [-2.0]])
    for real in (True, False):
        expected = functional.binary_cross_entropy_with_logits(logits, torch.full((2, 1), float(real)))
        assert deceived(logits, real) == pytest.approx(float(expected))


def test_a_patch_must_be_halved_four_times() -> None:
    with pytest.raises(ConfigError, match="no multiple of 16"):
        Config(patch=40)
