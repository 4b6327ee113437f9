"""The decoder of the query-based segmenter: object queries that look at maps where their own masks are.

Masked attention as in Mask2Former (Cheng et al. 2022, arXiv 2112.01527, section 3.2): cross-attention to the places of
the mask so far, then self-attention, then a feed-forward layer, over the levels of the pyramid by turns.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

CLOSED = -1e4  # the logit of a class that cannot be


@dataclass(frozen=True, kw_only=True)
class Predicted:
    """What queries say after a layer.

    classes: logits [B, N, C + 1], the last of no object. masks: logits [B, N, h, w]. queries: [B, N, D], normalised.
    """

    classes: torch.Tensor
    masks: torch.Tensor
    queries: torch.Tensor


@dataclass(frozen=True, kw_only=True)
class Queries:
    """content, position: [B, N, D]. anchors: [B, N, 2] x, y in 0..1 where each was picked, or None."""

    content: torch.Tensor
    position: torch.Tensor
    anchors: torch.Tensor | None = None


class MaskedLayer(nn.Module):
    """One layer of the decoder; every residual is normalised after it, as in Mask2Former."""

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.cross = nn.MultiheadAttention(width, heads, batch_first=True)
        self.own = nn.MultiheadAttention(width, heads, batch_first=True)
        self.forward_layer = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, width))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.heads = heads

    def forward(
        self,
        queries: torch.Tensor,
        position: torch.Tensor,
        places: torch.Tensor,
        where: torch.Tensor,
        hidden: torch.Tensor,
    ) -> torch.Tensor:
        """queries, position [B, N, D]; places [B, S, D] and where each is; hidden: bool [B, N, S], True is not seen."""
        blocked = hidden.repeat_interleave(self.heads, dim=0)
        seen, _ = self.cross(queries + position, places + where, places, attn_mask=blocked, need_weights=False)
        queries = self.norms[0](queries + seen)
        keys = queries + position
        others, _ = self.own(keys, keys, queries, need_weights=False)
        queries = self.norms[1](queries + others)
        out: torch.Tensor = self.norms[2](queries + self.forward_layer(queries))
        return out


class ClassHead(nn.Module):
    """Logits of C classes and of no object, linear or by the cosine (Ganea et al. 2021, arXiv 2105.09253, iMTFA's).

    With the cosine, logits are `scale` times it, and the scale is learned. A class that is not `open` cannot be.
    """

    def __init__(self, width: int, classes: int, cosine: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(classes + 1, width) / math.sqrt(width))
        self.bias = None if cosine else nn.Parameter(torch.zeros(classes + 1))
        self.scale = nn.Parameter(torch.tensor(10.0)) if cosine else None
        self.register_buffer("open", torch.ones(classes, dtype=torch.bool))

    def forward(self, queries: torch.Tensor) -> torch.Tensor:
        if self.scale is None:
            logits = functional.linear(queries, self.weight, self.bias)
        else:
            unit = functional.normalize(queries, dim=-1)
            logits = self.scale * functional.linear(unit, functional.normalize(self.weight, dim=-1))
        shut = ~functional.pad(self.get_buffer("open"), (0, 1), value=True)
        return logits.masked_fill(shut, CLOSED)


class MaskHead(nn.Module):
    """Mask logits: each query's vector on the map of pixels and, of one that has an anchor, a bump around it.

    The bump is a learned quadratic of the distance to the anchor in x and in y, as attention is modulated in SMCA
    (Gao et al. 2021, arXiv 2101.07448): so a query looks near its own place from the first step on.
    """

    REACH = 6.0  # distances are in units of 1 / REACH of the frame's side

    def __init__(self, width: int, anchored: bool) -> None:
        super().__init__()
        layers = [nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width)]
        self.vectors = nn.Sequential(*layers)
        self.bump = nn.Linear(width, 5) if anchored else None
        if self.bump is not None:
            nn.init.zeros_(self.bump.weight)
            self.bump.bias.data = torch.tensor([0.0, 0.0, -1.0, -1.0, 1.0])

    def forward(self, queries: torch.Tensor, pixels: torch.Tensor, anchors: torch.Tensor | None) -> torch.Tensor:
        """queries [B, N, D], pixels [B, D, h, w], anchors [B, N, 2] -> logits [B, N, h, w]."""
        logits = torch.einsum("bnd,bdhw->bnhw", self.vectors(queries), pixels) / math.sqrt(pixels.shape[1])
        if self.bump is None or anchors is None:
            return logits
        x, y, xx, yy, level = self.bump(queries)[..., None].unbind(-2)
        dx, dy = (self.REACH * (places - anchors[..., n, None]) for n, places in enumerate(_centres(pixels)))
        columns, rows = x * dx + xx * dx * dx, y * dy + yy * dy * dy
        bump: torch.Tensor = columns[:, :, None, :] + (rows + level)[:, :, :, None]
        return logits + bump


class Selection(nn.Module):
    """The places of a map that are most like an object's middle, each the highest around, become the queries.

    As queries are picked in FastInst (He et al. 2023, arXiv 2303.08594); the map of middles is CenterNet's (Zhou et al.
    2019, arXiv 1904.07850).
    """

    LIKELY = -2.19  # a logit of a probability of 0.1, so that the many places without an object do not drown the few

    def __init__(self, width: int, count: int) -> None:
        super().__init__()
        self.count = count
        last = nn.Conv2d(width, 1, 1)
        nn.init.constant_(last.bias, self.LIKELY)  # type: ignore[arg-type]
        self.middles = nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.ReLU(), last)
        self.content = nn.Linear(width, width)

    def forward(self, features: torch.Tensor, codes: torch.Tensor) -> tuple[Queries, torch.Tensor]:
        """features [B, D, h, w] and position codes [1, h * w, D] -> the queries, and logits of middles [B, h, w]."""
        logits: torch.Tensor = self.middles(features)[:, 0]
        places = peaks(logits.detach(), self.count)
        flat = features.flatten(2).transpose(1, 2)
        picked = places[..., None].expand(-1, -1, flat.shape[2])
        width = logits.shape[2]
        anchors = torch.stack([(places % width + 0.5) / width, (places // width + 0.5) / logits.shape[1]], dim=-1)
        position = codes.expand(len(flat), -1, -1).gather(1, picked)
        return Queries(content=self.content(flat.gather(1, picked)), position=position, anchors=anchors), logits


def peaks(logits: torch.Tensor, count: int) -> torch.Tensor:
    """int64 [B, count]: the places of [B, h, w], row by row, with the highest local maxima of 3 x 3; then the rest."""
    highest = functional.max_pool2d(logits[:, None], 3, stride=1, padding=1)[:, 0]
    ranked = torch.where(logits >= highest, logits, logits - 1e3).flatten(1)
    return ranked.topk(min(count, ranked.shape[1]), dim=1).indices


def hidden_from(masks: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    """bool [B, N, S]: the places of a level that lie outside masks [B, N, h, w]; of an empty mask none is hidden."""
    small = functional.interpolate(masks.detach(), list(size), mode="bilinear", align_corners=False)
    outside = (small < 0).flatten(2)
    return outside & ~outside.all(dim=2, keepdim=True)


def position_codes(features: torch.Tensor) -> torch.Tensor:
    """Sines and cosines of where each place of [B, D, h, w] is: [1, h * w, D], half of y and half of x."""
    quarter = features.shape[1] // 4
    speeds = 2 * math.pi * 10000.0 ** -(torch.arange(quarter, device=features.device) / quarter)
    x, y = _centres(features)
    by_x, by_y = (torch.cat([(at[:, None] * speeds).sin(), (at[:, None] * speeds).cos()], dim=1) for at in (x, y))
    height, width = features.shape[2:]
    grid = [by_y[:, None].expand(-1, width, -1), by_x[None].expand(height, -1, -1)]
    return torch.cat(grid, dim=2).reshape(1, height * width, -1)


def _centres(features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """x [w] and y [h] of the middles of a map's places, in 0..1 of the frame."""
    height, width = features.shape[-2:]
    x = (torch.arange(width, device=features.device) + 0.5) / width
    return x, (torch.arange(height, device=features.device) + 0.5) / height
