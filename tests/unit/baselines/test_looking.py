"""How frozen networks look at images: what the run was told decides about their arithmetic, and nothing else does."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from farfield.precision import VARIABLE
from farfield_baselines.networks.frozen import OnDevice, forbid_tf32, looking
from farfield_baselines.networks.lite0 import Lite0
from farfield_baselines.networks.mini_clip import MiniClip
from farfield_baselines.networks.timm_models import Wanted, load


@pytest.fixture(autouse=True)
def unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.mark.parametrize(
    ("word", "kind"), [("", torch.float32), ("float32", torch.float32), ("bfloat16", torch.bfloat16)]
)
def test_products_are_of_the_kind_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, word: str, kind: torch.dtype
) -> None:
    monkeypatch.setenv(VARIABLE, word)
    with looking("cpu"):
        product = torch.ones(2, 2) @ torch.ones(2, 2)
    assert (product.dtype, product.is_inference()) == (kind, True)


class Small:
    """A device with memory for so many images at once; each is told by its number."""

    def __init__(self, room: int) -> None:
        self.room, self.sizes = room, []

    def look(self, images: np.ndarray) -> np.ndarray:
        if len(images) > self.room:
            raise torch.OutOfMemoryError
        self.sizes.append(len(images))
        return images.reshape(len(images), -1)[:, :1].astype(np.float32)


def test_a_batch_without_room_is_looked_at_in_halves(capsys: pytest.CaptureFixture[str]) -> None:
    small, images = Small(3), np.arange(10, dtype=np.uint8).reshape(10, 1, 1, 1)
    features = OnDevice(small.look, "cpu")(images)
    np.testing.assert_array_equal(features, np.arange(10, dtype=np.float32)[:, None])
    assert small.sizes == [2, 3, 2, 3]
    assert "no memory on the device for 10 images at once" in capsys.readouterr().out


class Full(OnDevice):
    """On a device that has no room for a batch which is read ahead."""

    def copied(self, images: Any) -> Any:
        raise torch.OutOfMemoryError


def test_a_batch_that_cannot_be_copied_ahead_stays_on_the_host_and_is_looked_at_in_halves() -> None:
    small, images = Small(3), np.arange(4, dtype=np.uint8).reshape(4, 1, 1, 1)
    device = Full(small.look, "cpu")
    np.testing.assert_array_equal(device(device.ready(images)), np.arange(4, dtype=np.float32)[:, None])
    assert small.sizes == [2, 2]


def test_room_for_none_is_told() -> None:
    with pytest.raises(torch.OutOfMemoryError):
        OnDevice(Small(0).look, "cpu")(np.zeros((4, 1, 1, 1), np.uint8))


def test_on_a_processor_images_stay_as_they_are() -> None:
    images = np.zeros((2, 1, 1, 3), np.uint8)
    assert OnDevice(Small(2).look, "cpu").ready(images) is images


def test_a_network_takes_what_lies_on_its_device_already(rng: np.random.Generator) -> None:
    network, images = MiniClip(), rng.integers(0, 256, (2, 128, 128, 3), dtype=np.uint8)
    np.testing.assert_array_equal(network.embed_images(torch.from_numpy(images)), network.embed_images(images))


def test_tf32_is_forbidden() -> None:
    parts = (torch.backends.cudnn, torch.backends.cuda.matmul)
    before = [part.allow_tf32 for part in parts]
    try:
        for part in parts:
            part.allow_tf32 = True
        forbid_tf32()
        assert [part.allow_tf32 for part in parts] == [False, False]
    finally:
        for part, allowed in zip(parts, before, strict=True):
            part.allow_tf32 = allowed


@pytest.mark.parametrize(
    ("look", "side"),
    [
        (lambda: Lite0().features, 224),
        (lambda: Lite0().logits, 224),
        (lambda: MiniClip().embed_images, 128),
        (lambda: load(Wanted(model="lite0")).features, 224),
        (lambda: load(Wanted(model="lite0")).logits, 224),
    ],
    ids=["lite0", "lite0-logits", "clip", "timm", "timm-logits"],
)
def test_features_are_float32_and_rounded_only_where_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator, look: Callable[[], Any], side: int
) -> None:
    network, images = look(), rng.integers(0, 256, (2, side, side, 3), dtype=np.uint8)
    written = network(images)
    monkeypatch.setenv(VARIABLE, "bfloat16")
    rounded = network(images)
    assert written.dtype == rounded.dtype == np.float32
    off = np.abs(written - rounded).max() / np.abs(written).max()
    assert 1e-5 < off < 0.2
