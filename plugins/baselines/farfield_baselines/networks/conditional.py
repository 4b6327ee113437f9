"""Representations of two images that depend on one another, of CRLNet (Guo et al. 2025, arXiv 2502.01183).

Both images' maps look at both; what is alike in them is a further channel of each; each looks at itself again, and is
averaged over its places with what the backbone had. As the authors' released code has it, with position codes of ours.
"""

import torch
from torch import nn
from torch.nn import functional

from farfield_baselines.networks.query_segmenter_decoder import position_codes

ROLES = ("support", "query")
DROPOUT = 0.1  # of the feed-forward layer of cross-attention; the others have none


class FeedForward(nn.Module):
    """Two layers, with a residual that is normalised after them."""

    def __init__(self, width: int, hidden: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, width), nn.Dropout(dropout)
        )
        self.norm = nn.LayerNorm(width)

    def forward(self, places: torch.Tensor) -> torch.Tensor:
        mixed: torch.Tensor = self.norm(places + self.layers(places))
        return mixed


class CrossAttention(nn.Module):
    """Each image's places look at the places of both; the attention is shared, and what goes into it is not."""

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.projections = nn.ModuleDict(
            {f"{role}-{part}": nn.Linear(width, width) for role in ROLES for part in ("query", "key", "value")}
        )
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.norm = nn.LayerNorm(width)
        self.feed_forward = FeedForward(width, hidden, DROPOUT)

    def forward(self, support: torch.Tensor, query: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Maps [B, D, h, w] of both -> places [B, h * w, D] of both."""
        both = torch.cat([support, query], dim=2)  # one above the other
        where = {"key": position_codes(both), "query": position_codes(support)}
        return self._one("support", support, both, where), self._one("query", query, both, where)

    def _one(self, role: str, own: torch.Tensor, both: torch.Tensor, where: dict[str, torch.Tensor]) -> torch.Tensor:
        asks = self.projections[f"{role}-query"](places_of(own)) + where["query"]
        key = self.projections[f"{role}-key"](places_of(both)) + where["key"]
        seen, _ = self.attention(asks, key, self.projections[f"{role}-value"](places_of(both)), need_weights=False)
        looked: torch.Tensor = self.feed_forward(self.norm(asks + seen))
        return looked


class SelfAttention(nn.Module):
    """Each image's places look at one another; the attention is shared."""

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.projections = nn.ModuleDict({role: nn.Linear(width, width) for role in ROLES})
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.feed_forward = FeedForward(width, hidden)

    def forward(self, role: str, places: torch.Tensor, where: torch.Tensor) -> torch.Tensor:
        """Places [B, h * w, D] -> the same."""
        own = self.projections[role](places) + where
        normal = self.before(own)
        seen, _ = self.attention(normal, normal, normal, need_weights=False)
        mixed: torch.Tensor = self.feed_forward(self.after(own + seen))
        return mixed


class Conditional(nn.Module):
    """The maps [B, D, h, w] of support and query images, pair by pair -> a vector [B, D] of each.

    width: D, a multiple of 4 and of `heads`; places: h * w.
    """

    def __init__(self, width: int, places: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.cross = CrossAttention(width, heads, hidden)
        self.alike = nn.Sequential(nn.Conv2d(places, 1, 3, padding=1), nn.BatchNorm2d(1), nn.ReLU())
        self.mix = nn.Sequential(
            nn.Linear(width + 1, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, width)
        )
        self.own = SelfAttention(width, heads, hidden)
        for parameter in (*self.cross.parameters(), *self.own.parameters()):
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)

    def forward(self, support: torch.Tensor, query: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        of_support, of_query = self.cross(support, query)
        alike = of_support @ of_query.transpose(1, 2)  # [B, places of the support, places of the query]
        return (
            self._vector("support", support, self._alike(alike.transpose(1, 2), support)),
            self._vector("query", query, self._alike(alike, query)),
        )

    def _alike(self, alike: torch.Tensor, own: torch.Tensor) -> torch.Tensor:
        """How much is in the other image like each place of one's own: [B, other, own] -> [B, 1, h, w]."""
        mapped: torch.Tensor = self.alike(alike.reshape(*alike.shape[:2], *own.shape[2:]))
        return mapped

    def _vector(self, role: str, own: torch.Tensor, alike: torch.Tensor) -> torch.Tensor:
        places = self.mix(places_of(torch.cat([own, alike], dim=1)))
        conditional = self.own(role, places, position_codes(own)).mean(dim=1)
        vector: torch.Tensor = (conditional + own.mean(dim=(2, 3))) / 2
        return vector


def places_of(maps: torch.Tensor) -> torch.Tensor:
    """[B, D, h, w] -> [B, h * w, D]."""
    return maps.flatten(2).transpose(1, 2)


def alike_loss(support: torch.Tensor, query: torch.Tensor, same: torch.Tensor) -> torch.Tensor:
    """The squared error of the cosine [B] of vectors [B, D] to whether a pair is of one class, float [B]."""
    return functional.mse_loss(functional.cosine_similarity(query, support, dim=1, eps=1e-6), same)
