"""Training over the few thousand token ids that captions use, not all 49,408.

An optimiser visits every row of the embedding table at every step, so the full table costs most of
the time; and rows that no caption uses stay random noise. Here they never exist, and are zero in
the saved file.
"""

from collections.abc import Iterable
from typing import Any

import torch


class Vocabulary:
    """The used ids in ascending order, so that the end token remains the greatest."""

    def __init__(self, tokenizer: Any, phrases: Iterable[str]) -> None:
        self._tokenizer = tokenizer
        self._ids = tokenizer(sorted(set(phrases))).unique()

    def __call__(self, texts: list[str]) -> torch.Tensor:
        """Tokens of some captions, as places in the small table."""
        tokens = self._tokenizer(texts)
        places = torch.searchsorted(self._ids, tokens).clamp(max=len(self._ids) - 1)
        if not torch.equal(self._ids[places], tokens):
            raise ValueError("a caption uses a word that no phrase announced")
        return places

    @torch.no_grad()
    def shrink(self, model: Any) -> None:
        """Leaves only the used rows in the text tower's table."""
        rows = model.text.token_embedding.weight[self._ids].clone()
        table = torch.nn.Embedding(*rows.shape)
        table.weight.copy_(rows)
        model.text.token_embedding = table

    def expanded(self, rows: torch.Tensor, size: int) -> torch.Tensor:
        """The full table again, zero where nothing was learnt."""
        table = torch.zeros(size, rows.shape[1], dtype=rows.dtype)
        table[self._ids] = rows
        return table
