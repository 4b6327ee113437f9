"""A query-based instance segmenter: a small one that learns on a CPU in minutes, and one of Mask2Former's sizes.

Cheng et al. 2022, arXiv 2112.01527, with the pixel decoder of MaskFormer (arXiv 2107.06278), a feature pyramid, instead
of deformable attention. The small one picks its queries from the image, so that few steps will do; of the large one
they are learned, as Mask2Former's are.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torchvision.ops import FeaturePyramidNetwork  # type: ignore[import-untyped]

from farfield_baselines.networks.query_segmenter_decoder import (
    ClassHead,
    MaskedLayer,
    MaskHead,
    Predicted,
    Queries,
    Selection,
    hidden_from,
    position_codes,
)
from farfield_baselines.networks.query_segmenter_reference import Reference, Support
from farfield_baselines.networks.query_segmenter_trunk import STRIDES, trunk

MASK_STRIDE = STRIDES[0]  # a mask's logits are at a 1/4 of the frame's size
LEVELS = 3  # that queries look at: the coarsest first
GROUPS = 8


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Which segmenter.

    classes: without no object. width: channels of all but the trunk. picked: whether queries are picked from the image,
    or learned. cosine: whether classes are told by the cosine. centres, link: which parts of RefT there are.
    """

    trunk: str
    classes: int
    width: int = 64
    heads: int = 4
    layers: int = 3
    hidden: int = 128
    queries: int = 24
    picked: bool = True
    cosine: bool = True
    centres: bool = True
    link: bool = True
    weights: str = ""


@dataclass(frozen=True, kw_only=True)
class Maps:
    """Of a batch: pixels [B, D, h, w] at a 1/4 of the size, and levels [B, D, ..] at a 1/32, 1/16 and 1/8."""

    pixels: torch.Tensor
    levels: Sequence[torch.Tensor]

    def part(self, start: int, stop: int) -> "Maps":
        """Those of some images of the batch."""
        return Maps(pixels=self.pixels[start:stop], levels=[level[start:stop] for level in self.levels])


@dataclass(frozen=True, kw_only=True)
class Output:
    """What each layer says, the last one last, and the logits of objects' middles [B, h, w], or None."""

    layers: Sequence[Predicted]
    middles: torch.Tensor | None

    @property
    def last(self) -> Predicted:
        return self.layers[-1]


class PixelDecoder(nn.Module):
    """A feature pyramid with group normalisation, as MaskFormer's."""

    def __init__(self, widths: Sequence[int], width: int) -> None:
        super().__init__()
        self.pyramid = FeaturePyramidNetwork(list(widths), width, norm_layer=lambda count: nn.GroupNorm(GROUPS, count))
        self.pixels = nn.Conv2d(width, width, 1)

    def forward(self, maps: Sequence[torch.Tensor]) -> Maps:
        named = OrderedDict((str(number), each) for number, each in enumerate(maps))
        finest, *levels = self.pyramid(named).values()
        return Maps(pixels=self.pixels(finest), levels=levels[::-1])


class QuerySegmenter(nn.Module):
    """Pixels [B, 3, H, W] in 0..255, of sides that 32 divides -> what every layer of queries says."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes, width = sizes, sizes.width
        self.backbone = trunk(sizes.trunk, sizes.weights)
        self.pixel_decoder = PixelDecoder(self.backbone.widths, width)
        self.level_codes = nn.Parameter(torch.randn(LEVELS, width) * 0.02)
        self.selection = Selection(width, sizes.queries) if sizes.picked else None
        self.learned = None if sizes.picked else nn.Parameter(torch.randn(2, sizes.queries, width))
        self.decoder = nn.ModuleList(MaskedLayer(width, sizes.heads, sizes.hidden) for _ in range(sizes.layers))
        self.norm = nn.LayerNorm(width)
        self.class_head = ClassHead(width, sizes.classes, sizes.cosine)
        self.mask_head = MaskHead(width, sizes.picked)
        self.reference = Reference(width, sizes.heads, sizes.classes, centres=sizes.centres, link=sizes.link)

    def maps(self, pixels: torch.Tensor) -> Maps:
        """What of the image nothing is known of a support set yet."""
        maps: Maps = self.pixel_decoder(self.backbone(pixels))
        return maps

    def forward(self, maps: Maps, support: Support | None = None) -> Output:
        """All layers' predictions, with a support set's help if there is one."""
        levels = list(maps.levels) if support is None else self.reference.features(maps.levels, support)
        codes = [position_codes(level) for level in levels]
        queries, middles = self._queries(levels[-1], codes[-1])
        content, said = queries.content, [self._say(queries.content, maps, queries)]
        for number, layer in enumerate(self.decoder):
            at = number % LEVELS
            places = levels[at].flatten(2).transpose(1, 2) + self.level_codes[at]
            hidden = hidden_from(said[-1].masks, levels[at].shape[2:])
            content = layer(content, queries.position, places, codes[at], hidden)
            if support is not None and number + 1 == len(self.decoder):
                content = self.reference.queries(content, support)
            said.append(self._say(content, maps, queries))
        return Output(layers=said, middles=middles)

    def _queries(self, level: torch.Tensor, codes: torch.Tensor) -> tuple[Queries, torch.Tensor | None]:
        if self.learned is None:
            picked: tuple[Queries, torch.Tensor] = self.selection(level, codes)  # type: ignore[misc]
            return picked
        content, position = self.learned[:, None].expand(-1, len(level), -1, -1)
        return Queries(content=content, position=position), None

    def _say(self, content: torch.Tensor, maps: Maps, queries: Queries) -> Predicted:
        normal = self.norm(content)
        masks = self.mask_head(normal, maps.pixels, queries.anchors)
        return Predicted(classes=self.class_head(normal), masks=masks, queries=normal)
