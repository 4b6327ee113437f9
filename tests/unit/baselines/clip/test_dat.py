"""DAT and its tokenizer: shapes read off a file, a step that raises the loss, and the ends of the weight."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional

from farfield.errors import ConfigError
from farfield_baselines.classification import clip_ft, dat
from farfield_baselines.networks import discrete, vq

Make = Callable[..., Any]


def test_the_shape_is_read_off_the_file(tokenizer_file: Path) -> None:
    shape = vq.load(str(tokenizer_file), "tokenizer").shape
    assert (shape.widths, shape.blocks, shape.attention) == ((32, 32, 64), 1, frozenset({2}))
    assert (shape.latent, shape.codes, shape.code_width, shape.factor) == (8, 32, 4, 4)


def test_the_names_are_the_published_checkpoints(tokenizer_file: Path) -> None:
    names = set(load_file(tokenizer_file))
    assert {
        "encoder.down.0.downsample.conv.weight",
        "encoder.down.2.attn.0.proj_out.weight",
        "encoder.down.2.block.0.nin_shortcut.weight",
        "encoder.mid.block_1.norm1.weight",
        "decoder.up.1.upsample.conv.bias",
        "decoder.up.2.block.1.conv2.weight",
        "decoder.norm_out.weight",
        "quantize.embedding.weight",
        "post_quant_conv.weight",
    } <= names
    assert not {name for name in names if "down.2.downsample" in name or "up.0.upsample" in name}


def test_quantising_is_the_nearest_code() -> None:
    book = vq.Codebook(3, 2)
    with torch.no_grad():
        book.embedding.weight.copy_(torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]]))
    latent = torch.tensor([[0.9, 0.2], [0.1, 1.9], [-1.0, -1.0]]).T.reshape(1, 2, 1, 3)
    assert book(latent)[0, :, 0].T.tolist() == [[1.0, 0.0], [0.0, 2.0], [0.0, 0.0]]


def test_an_image_keeps_its_shape_and_range(tokenizer_file: Path, rng: np.random.Generator) -> None:
    tokenizer = vq.load(str(tokenizer_file), "tokenizer")
    images = torch.from_numpy(rng.uniform(-1, 1, (2, 3, 16, 16)).astype(np.float32))
    rebuilt = tokenizer(images)
    assert rebuilt.shape == images.shape
    assert float(rebuilt.abs().max()) <= 1.0


def test_a_training_checkpoint_with_a_loss_network_is_read(tokenizer_file: Path, tmp_path: Path) -> None:
    tensors = load_file(tokenizer_file)
    torch.save({"state_dict": {**tensors, "loss.discriminator.weight": torch.zeros(2)}}, tmp_path / "last.ckpt")
    again = vq.load(str(tmp_path / "last.ckpt"), "tokenizer").state_dict()
    assert all(torch.equal(tensors[name], again[name]) for name in tensors)


def test_what_is_no_tokenizer_is_refused(build: Make, short: Any, tmp_path: Path) -> None:
    torch.save({"quantize.embed.weight": torch.zeros(2, 2)}, tmp_path / "gumbel.pt")
    with pytest.raises(ConfigError, match="gumbel.pt is not a vector-quantised VQGAN's weights"):
        build(dat.SPEC, {**short, "tokenizer": str(tmp_path / "gumbel.pt")})
    with pytest.raises(ConfigError, match="tokenizer: DAT needs a VQGAN's weights"):
        build(dat.SPEC, short)


class Identity(torch.nn.Module):
    """A tokenizer that loses nothing."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images


def test_the_adversary_of_a_perfect_tokenizer_is_a_sign_step(build: Make, short: Any, images: Any) -> None:
    method = build(clip_ft.SPEC, short)
    normalise, labels = method.pixels.normalise, torch.tensor([0, 1, 2])
    grey = np.clip(images[:3], 60, 190)  # so that no step leaves the range
    pixels = method.pixels(grey)
    hard = discrete.adversary(method.network, Identity(), normalise, pixels, labels, 0.02)
    moved = (normalise.to_unit(hard) - normalise.to_unit(pixels)).abs()
    np.testing.assert_allclose(moved.numpy(), 0.02, atol=1e-5)

    @torch.inference_mode()
    def risk(inputs: torch.Tensor) -> float:
        return float(functional.cross_entropy(method.network(inputs), labels))

    assert risk(hard) > risk(pixels)


def test_without_weight_it_is_ft(build: Make, short: Any, train: Any, images: Any, tokenizer_file: Path) -> None:
    found = {}
    for spec, more in ((clip_ft.SPEC, {}), (dat.SPEC, {"tokenizer": str(tokenizer_file), "weight": 0.0})):
        method = build(spec, {**short, **more})
        method.fit(train)
        found[spec.name] = method.predict(images)
    np.testing.assert_allclose(found["dat"], found["clip-ft"], atol=1e-4)


def test_tokens_must_tile_the_image(build: Make, short: Any, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    shape = vq.Shape(widths=(32,) * 7, blocks=1, attention=frozenset(), latent=4, codes=4, code_width=2)
    save_file(vq.Tokenizer(shape).state_dict(), tmp_path / "coarse.safetensors")
    with pytest.raises(ConfigError, match="tokens of 64 pixels do not tile images of 32"):
        build(dat.SPEC, {**short, "tokenizer": str(tmp_path / "coarse.safetensors")})
