"""The fixed case on which OSLoPrompt's release and ours are compared: a tiny CLIP, attributes and a minibatch."""

import zlib
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import torch
from torch import nn

WIDTH, WORDS, LENGTH, END = 8, 50, 12, 49
KNOWN, DOMAINS = ("ball", "bird", "tree"), ("flat", "line drawing", "photo")
SCALE, STYLE = 5.0, 0.33


class Tower(nn.Module):
    """A causal text tower of one block, with the parts that CLIP's has."""

    def __init__(self) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(WORDS, WIDTH)
        self.positional_embedding = nn.Parameter(torch.empty(LENGTH, WIDTH))
        self.block = nn.TransformerEncoderLayer(WIDTH, 2, 2 * WIDTH, dropout=0.0, batch_first=True)
        self.ln_final = nn.LayerNorm(WIDTH)
        self.text_projection = nn.Parameter(torch.empty(WIDTH, WIDTH))
        self.attn_mask = torch.full((LENGTH, LENGTH), -torch.inf).triu(1)

    def transformer(self, hidden: torch.Tensor, attn_mask: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.block(hidden, src_mask=attn_mask)
        return out


def tokens(prompts: Sequence[str]) -> torch.Tensor:
    """Words by their hash between a beginning and an end, padded to LENGTH."""
    rows = []
    for prompt in prompts:
        words = [2 + zlib.crc32(word.encode()) % (END - 2) for word in prompt.lower().replace(".", " .").split()]
        rows.append([1, *words, END, *[0] * (LENGTH - 2 - len(words))])
    return torch.tensor(rows)


def clip() -> Any:
    """What the methods ask of a CLIP model."""
    tower = filled(Tower(), 1).eval()
    return SimpleNamespace(
        model=SimpleNamespace(text=tower, requires_grad_=tower.requires_grad_), tokens=tokens, scale=SCALE
    )


def filled(module: Any, seed: int) -> Any:
    """Weights that depend on the seed and the order of the tensors alone."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in sorted(module.named_parameters()):
            bright = parameter.ndim == 1 and "weight" in name
            parameter.copy_(0.5 * torch.randn(parameter.shape, generator=generator) + bright)
    return module


def units(seed: int, *shape: int) -> torch.Tensor:
    rows = torch.randn(shape, generator=torch.Generator().manual_seed(seed))
    return nn.functional.normalize(rows, dim=-1)


def attributes() -> tuple[torch.Tensor, torch.Tensor]:
    """(rows [3, 4, WIDTH], which are none [3, 4])."""
    hidden = torch.tensor([[False, False, False, True], [False] * 4, [False, False, True, True]])
    return units(2, 3, 4, WIDTH), hidden


def batch() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """(images [5, WIDTH], labels, domains, a pseudo-open image [1, WIDTH])."""
    return units(3, 5, WIDTH), torch.tensor([0, 2, 1, 1, 0]), torch.tensor([2, 0, 2, 1, 0]), units(4, 1, WIDTH)


def texts() -> torch.Tensor:
    """Unit embeddings [4, WIDTH] of the known classes and of what is unknown."""
    return units(5, len(KNOWN) + 1, WIDTH)
