"""A CLIP model small enough to train in a test, under open_clip's own names, and a tiny tokenizer."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from safetensors.torch import save_file

from farfield.runtime.dataset import LabeledSet

TINY = "farfield-test-tiny"
CONFIG = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 32, "head_width": 16, "patch_size": 8},
    "text_cfg": {"context_length": 24, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
}


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The settings of a transformer CLIP with random weights in a file: {"model": ..., "checkpoint": ...}."""
    folder = tmp_path_factory.mktemp("tiny")
    (folder / f"{TINY}.json").write_text(json.dumps(CONFIG))
    open_clip.add_model_config(folder / f"{TINY}.json")
    torch.manual_seed(0)
    model = open_clip.create_model(TINY)
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, folder / "tiny.safetensors")
    return {"model": TINY, "checkpoint": str(folder / "tiny.safetensors")}


@pytest.fixture
def short(tiny: dict[str, str]) -> dict[str, Any]:
    """Two short epochs of the tiny model, large steps."""
    return {**tiny, "templates": "single", "epochs": 2, "batch_size": 4, "learning_rate": 1e-2}


@pytest.fixture
def images(rng: np.random.Generator) -> Any:
    return rng.integers(0, 256, (9, 32, 32, 3), dtype=np.uint8)


@pytest.fixture
def train(labeled: Callable[[Any, Any], LabeledSet], images: Any) -> LabeledSet:
    """Nine images, three of each class."""
    return labeled(images, [0, 1, 2, 0, 1, 2, 0, 1, 2])


@pytest.fixture(scope="session")
def tokenizer_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny VQGAN with random weights: tokens of four pixels."""
    from farfield_baselines.networks import vq

    torch.manual_seed(1)
    shape = vq.Shape(widths=(32, 32, 64), blocks=1, attention=frozenset({2}), latent=8, codes=32, code_width=4)
    path = tmp_path_factory.mktemp("vq") / "vqgan.safetensors"
    save_file(vq.Tokenizer(shape).state_dict(), path)
    return path
