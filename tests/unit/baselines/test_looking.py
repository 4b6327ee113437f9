"""How frozen networks look at images: what the run was told decides about their arithmetic, and nothing else does."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from farfield.precision import VARIABLE
from farfield_baselines.networks.frozen import forbid_tf32, looking
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
