"""Class-attentive re-weighting: a vector of each class, made of its support images, weighs the features of an image.

FSRW, Kang et al. 2019, arXiv 1812.01866, and Meta R-CNN, Yan et al. 2019, arXiv 1909.13032, on one Faster R-CNN. All
classes share the layers after the weighing, so that a class is its vector and nothing else.
"""

import torch
from torch import nn
from torch.nn import functional
from torchvision.models.detection import FasterRCNN  # type: ignore[import-untyped]

LEVEL = "1"  # of the pyramid's maps, the one that support images are read from
MAPS, REGIONS = "maps", "regions"  # what is weighed


class SupportReader(nn.Module):
    """A map [B, C, h, w] and how much of each place is in the object's box [B, 1, h, w] -> a vector [B, D].

    The box is one more channel of the map; what two convolutions make of both is pooled inside the box: by the maximum,
    and the vector is as it comes and starts near one, as FSRW has it; or by the mean, and the vector is in 0 to 1, as
    Meta R-CNN has it (`bounded`).
    """

    def __init__(self, channels: int, outputs: int, *, bounded: bool) -> None:
        super().__init__()
        self.bounded = bounded
        self.first = nn.Conv2d(channels + 1, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.last = nn.Linear(channels, outputs)
        if not bounded:
            nn.init.ones_(self.last.bias)

    def forward(self, maps: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
        read = functional.relu(self.second(functional.relu(self.first(torch.cat([maps, inside], dim=1)))))
        if self.bounded:
            pooled = (read * inside).sum(dim=(2, 3)) / inside.sum(dim=(2, 3)).clamp(min=1e-6)
            return torch.sigmoid(self.last(pooled))
        vectors: torch.Tensor = self.last((read * (inside > 0)).amax(dim=(2, 3)))
        return vectors


class ReweightedPredictor(nn.Module):
    """Features of regions [R, D, ...] -> scores [R, 1 + K] and box deltas [R, 4 (1 + K)], by the vectors [K, D].

    A class's score and deltas are of the features times its vector, channel by channel; the background's score is of
    the features as they are. `head` is what lies between the weighing and the last layers.
    """

    vectors: torch.Tensor

    def __init__(self, head: nn.Module, width: int, hidden: int, classes: int) -> None:
        super().__init__()
        self.head = head
        self.score, self.deltas, self.background = nn.Linear(hidden, 1), nn.Linear(hidden, 4), nn.Linear(hidden, 1)
        for layer, std in ((self.score, 0.01), (self.background, 0.01), (self.deltas, 0.001)):
            nn.init.normal_(layer.weight, std=std)
            nn.init.zeros_(layer.bias)
        self.register_buffer("vectors", torch.ones(classes, width))

    def forward(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        plain = self.head(features)
        scores, deltas = [self.background(plain)], [plain.new_zeros(len(plain), 4)]
        for vector in self.vectors:
            weighed = self.head(features * vector.reshape(-1, *(1,) * (features.dim() - 2)))
            scores.append(self.score(weighed))
            deltas.append(self.deltas(weighed))
        return torch.cat(scores, dim=1), torch.cat(deltas, dim=1)


def reweighted(network: FasterRCNN, weighed: str, classes: int) -> None:
    """Give the detector a reader of support images and a predictor that weighs MAPS or REGIONS by class.

    Maps are weighed where regions are cut from them, before the box head: a cut region times a vector is the region cut
    from the map times the vector. Regions are weighed after the box head. For Meta R-CNN's loss of vectors there is a
    layer that names the class of a vector.
    """
    heads, channels = network.roi_heads, network.backbone.out_channels
    hidden = heads.box_predictor.cls_score.in_features
    of_maps = weighed == MAPS
    width, head = (channels, heads.box_head) if of_maps else (hidden, nn.Identity())
    heads.box_predictor = ReweightedPredictor(head, width, hidden, classes)
    if of_maps:
        heads.box_head = nn.Identity()
    else:
        network.namer = nn.Linear(width, classes)
    network.reader = SupportReader(channels, width, bounded=not of_maps)


def class_vectors(network: FasterRCNN, images: torch.Tensor, boxes: torch.Tensor) -> torch.Tensor:
    """The vector [B, D] of the object in each box [B, 4] of images [B, 3, H, W], scaled as the network sees them."""
    maps = network.backbone(images)[LEVEL]
    height, width = images.shape[-2:]
    rows = torch.arange(height, device=images.device)[None, :, None]
    columns = torch.arange(width, device=images.device)[None, None, :]
    left, top, right, bottom = (side[:, None, None] for side in boxes.unbind(dim=1))
    inside = (columns >= left.floor()) & (columns < right) & (rows >= top.floor()) & (rows < bottom)
    shares = functional.interpolate(inside[:, None].float(), size=maps.shape[-2:], mode="area")
    vectors: torch.Tensor = network.reader(maps, shares)
    return vectors
