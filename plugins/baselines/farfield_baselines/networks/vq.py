"""The image tokenizer of VQGAN, from a file of its weights (Esser et al. 2021, arXiv 2012.09841).

The layout and the names of the parts are those of the published checkpoints, so that their tensors fit; widths, depths
and the codebook are read off the tensors. The vector-quantised models are supported, the Gumbel-softmax ones not.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from farfield.errors import ConfigError
from farfield_baselines.networks.checkpoints import Tensors, read_tensors

GROUPS, EPSILON = 32, 1e-6
PARTS = ("encoder.", "decoder.", "quant_conv.", "post_quant_conv.", "quantize.")


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What the tensors say: channels by level, residual blocks a level, the levels with attention, the codebook."""

    widths: tuple[int, ...]
    blocks: int
    attention: frozenset[int]
    latent: int
    codes: int
    code_width: int

    @property
    def factor(self) -> int:
        """How many pixels wide a token is."""
        return int(2 ** (len(self.widths) - 1))


class Tokenizer(nn.Module):
    """Images [B, 3, H, W] in -1..1 -> what the decoder makes of their nearest codes, the same shape."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.encoder, self.decoder = Encoder(shape), Decoder(shape)
        self.quant_conv = nn.Conv2d(shape.latent, shape.code_width, 1)
        self.post_quant_conv = nn.Conv2d(shape.code_width, shape.latent, 1)
        self.quantize = Codebook(shape.codes, shape.code_width)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        codes = self.quantize(self.quant_conv(self.encoder(images)))
        decoded: torch.Tensor = self.decoder(self.post_quant_conv(codes))
        return decoded.clamp(-1.0, 1.0)


class Codebook(nn.Module):
    """Each position's nearest code by Euclidean distance: [B, D, H, W] -> the same shape."""

    def __init__(self, codes: int, width: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(codes, width)

    def forward(self, latent: torch.Tensor) -> torch.Tensor:
        rows = latent.permute(0, 2, 3, 1)
        nearest = torch.cdist(rows.flatten(0, 2), self.embedding.weight).argmin(dim=1)
        chosen: torch.Tensor = self.embedding(nearest)
        return chosen.view(rows.shape).permute(0, 3, 1, 2)


class Encoder(nn.Module):
    """[B, 3, H, W] -> [B, latent, H / factor, W / factor]."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        first, last = shape.widths[0], shape.widths[-1]
        self.conv_in = _conv(3, first)
        befores, top = (first, *shape.widths[:-1]), len(shape.widths) - 1
        self.down = nn.ModuleList(
            Level(before, width, shape.blocks, level in shape.attention, halve=level < top)
            for level, (before, width) in enumerate(zip(befores, shape.widths, strict=True))
        )
        self.mid = Middle(last)
        self.norm_out, self.conv_out = _norm(last), _conv(last, shape.latent)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        found = self.conv_in(images)
        for level in self.down:
            found = level(found)
        return _out(self.norm_out, self.conv_out, self.mid(found))


class Decoder(nn.Module):
    """[B, latent, h, w] -> [B, 3, h factor, w factor]; level 0 is the last."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        last = shape.widths[-1]
        self.conv_in, self.mid = _conv(shape.latent, last), Middle(last)
        befores = (*shape.widths[1:], last)
        self.up = nn.ModuleList(
            Level(before, width, shape.blocks + 1, level in shape.attention, double=level > 0)
            for level, (before, width) in enumerate(zip(befores, shape.widths, strict=True))
        )
        self.norm_out, self.conv_out = _norm(shape.widths[0]), _conv(shape.widths[0], 3)

    def forward(self, codes: torch.Tensor) -> torch.Tensor:
        found = self.mid(self.conv_in(codes))
        for level in reversed(self.up):
            found = level(found)
        return _out(self.norm_out, self.conv_out, found)


class Level(nn.Module):
    """Residual blocks of one resolution, each followed by attention where the level has it, then half or twice it."""

    def __init__(
        self, before: int, width: int, blocks: int, attention: bool, *, halve: bool = False, double: bool = False
    ) -> None:
        super().__init__()
        self.downsample = Downsample(width) if halve else nn.Identity()
        self.upsample = Upsample(width) if double else nn.Identity()
        self.block = nn.ModuleList(Residual(before if not number else width, width) for number in range(blocks))
        self.attn = nn.ModuleList(Attention(width) for _ in range(blocks if attention else 0))

    def forward(self, found: torch.Tensor) -> torch.Tensor:
        for number, block in enumerate(self.block):
            found = block(found)
            if len(self.attn):
                found = self.attn[number](found)
        out: torch.Tensor = self.upsample(self.downsample(found))
        return out


class Middle(nn.Module):
    """Two residual blocks around attention."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.block_1, self.attn_1, self.block_2 = Residual(width, width), Attention(width), Residual(width, width)

    def forward(self, found: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.block_2(self.attn_1(self.block_1(found)))
        return out


class Residual(nn.Module):
    """Two convolutions after group norm and SiLU, added to the input."""

    def __init__(self, before: int, width: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = _norm(before), _conv(before, width)
        self.norm2, self.conv2 = _norm(width), _conv(width, width)
        self.nin_shortcut = nn.Conv2d(before, width, 1) if before != width else nn.Identity()

    def forward(self, found: torch.Tensor) -> torch.Tensor:
        changed = _out(self.norm2, self.conv2, _out(self.norm1, self.conv1, found))
        out: torch.Tensor = self.nin_shortcut(found) + changed
        return out


class Attention(nn.Module):
    """One head over all positions, added to the input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = _norm(width)
        self.q, self.k, self.v, self.proj_out = (nn.Conv2d(width, width, 1) for _ in range(4))

    def forward(self, found: torch.Tensor) -> torch.Tensor:
        normed = self.norm(found)
        q, k, v = (layer(normed).flatten(2).transpose(1, 2) for layer in (self.q, self.k, self.v))
        mixed = functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(found.shape)
        out: torch.Tensor = found + self.proj_out(mixed)
        return out


class Downsample(nn.Module):
    """Half the side: stride 2, padded below and on the right alone."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, stride=2)

    def forward(self, found: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.conv(functional.pad(found, (0, 1, 0, 1)))
        return out


class Upsample(nn.Module):
    """Twice the side: nearest neighbour, then a convolution."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = _conv(width, width)

    def forward(self, found: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.conv(functional.interpolate(found, scale_factor=2.0, mode="nearest"))
        return out


def load(path: str, setting: str) -> Tokenizer:
    """The frozen tokenizer of a checkpoint. Raises ConfigError for a file that holds none."""
    tensors = {name: t for name, t in read_tensors(path, setting).items() if name.startswith(PARTS)}
    try:
        tokenizer = Tokenizer(shape_of(tensors))
        tokenizer.load_state_dict(tensors)
    except (KeyError, ValueError, RuntimeError) as error:
        reason = next(iter(str(error).splitlines()[1:2]), str(error)).strip()[:200]
        raise ConfigError([f"{setting}: {path} is not a vector-quantised VQGAN's weights: {reason}"]) from error
    return tokenizer.eval().requires_grad_(False)


def shape_of(tensors: Tensors) -> Shape:
    """Raises KeyError when a part is missing."""
    levels = _numbers(tensors, r"encoder\.down\.(\d+)\.block\.0\.conv1\.weight")
    attention = _numbers(tensors, r"encoder\.down\.(\d+)\.attn\.0\.q\.weight")
    codes, code_width = tensors["quantize.embedding.weight"].shape
    return Shape(
        widths=tuple(len(tensors[f"encoder.down.{level}.block.0.conv1.weight"]) for level in sorted(levels)),
        blocks=len(_numbers(tensors, r"encoder\.down\.0\.block\.(\d+)\.conv1\.weight")),
        attention=frozenset(attention),
        latent=len(tensors["encoder.conv_out.weight"]),
        codes=codes,
        code_width=code_width,
    )


def _numbers(names: Iterable[str] | Mapping[str, torch.Tensor], pattern: str) -> set[int]:
    return {int(found[1]) for name in names if (found := re.fullmatch(pattern, name))}


def _conv(before: int, after: int) -> nn.Conv2d:
    return nn.Conv2d(before, after, 3, padding=1)


def _norm(width: int) -> nn.GroupNorm:
    return nn.GroupNorm(GROUPS, width, eps=EPSILON)


def _out(norm: nn.Module, conv: nn.Module, found: torch.Tensor) -> torch.Tensor:
    result: torch.Tensor = conv(functional.silu(norm(found)))
    return result
