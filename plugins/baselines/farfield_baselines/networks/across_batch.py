"""A transformer layer whose sequence is the batch: BatchFormer (Hou et al. 2022, arXiv 2203.01522)."""

import torch
from torch import nn


def across_batch(width: int, heads: int, dropout: float) -> nn.TransformerEncoderLayer:
    """The layer for features of this width. Raises ValueError when the heads do not divide it."""
    if width % heads:
        raise ValueError(f"batchformer_heads: {heads} heads do not divide {width} features")
    return nn.TransformerEncoderLayer(width, heads, width, dropout)


def mixed(layer: nn.Module, features: torch.Tensor) -> torch.Tensor:
    """[B, D] -> [B, D]: every feature has seen the others of its batch, in no order."""
    seen: torch.Tensor = layer(features[:, None])[:, 0]
    return seen
