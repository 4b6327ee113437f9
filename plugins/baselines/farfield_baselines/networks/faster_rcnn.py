"""Faster R-CNN: torchvision's on a ResNet with a feature pyramid, and a small one that learns on a CPU.

Ren et al. 2015, arXiv 1506.01497; the pyramid: Lin et al. 2017, arXiv 1612.03144. The small one has the frozen trunk of
EfficientNet-Lite0, of which a pyramid and light heads are trained.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torchvision.models.detection import FasterRCNN  # type: ignore[import-untyped]
from torchvision.models.detection.anchor_utils import AnchorGenerator  # type: ignore[import-untyped]
from torchvision.models.detection.backbone_utils import resnet_fpn_backbone  # type: ignore[import-untyped]
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead  # type: ignore[import-untyped]
from torchvision.models.detection.image_list import ImageList  # type: ignore[import-untyped]
from torchvision.ops import FeaturePyramidNetwork, FrozenBatchNorm2d, MultiScaleRoIAlign  # type: ignore[import-untyped]

from farfield.errors import ConfigError
from farfield_baselines.networks import lite0
from farfield_baselines.networks.checkpoints import Tensors, read_tensors, refusal
from farfield_baselines.networks.kept_maps import KeptMaps

LITE0, RESNET50 = "lite0", "resnet50-fpn"
RESNETS = {RESNET50: "resnet50", "resnet101-fpn": "resnet101"}  # what torchvision calls their trunks
TAPS = (2, 3, 4)  # Lite0's stages whose maps are a 1/8, 1/16 and 1/32 of the image's size
STRIDES = (8, 16, 32)
WIDTH, HIDDEN = 64, 256  # channels of the small one's pyramid, and units of its head
RATIOS = (0.5, 1.0, 2.0)
TRAINED_LAYERS = 3  # of a ResNet's five, with weights to start from, as torchvision and WILDS have it
COCO_CLASSES = 91  # outputs of torchvision's detectors, the background among them
PREDICTOR = "roi_heads.box_predictor.cls_score.weight"
WHOLE_DETECTOR = (
    "is a whole detector, which may have learned the novel classes; give the trunk's ImageNet weights alone"
)

# boxes float32 [G, 4] x1, y1, x2, y2 in pixels; labels int64 [G] from 1; where there are, masks uint8 [G, H, W]
Target = Mapping[str, torch.Tensor]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which detector.

    classes: without the background. side, longest: to how many pixels the shorter side of an image is scaled, as long
    as the longer one does not exceed `longest`. detections: the most in one image. weights: of a ResNet, a file of a
    whole detector or of its trunk; empty starts from scratch. trunk_only: a whole detector is refused.
    """

    network: str
    classes: int
    side: int
    longest: int
    detections: int = 100
    weights: str = ""
    trunk_only: bool = False

    @property
    def scaling(self) -> dict[str, Any]:
        """What torchvision calls these."""
        return {"min_size": self.side, "max_size": self.longest, "box_detections_per_img": self.detections}


def faster_rcnn(wanted: Wanted) -> FasterRCNN:
    """The detector; its outputs are the background and then the classes. Raises ConfigError for unusable weights."""
    return _small(wanted) if wanted.network == LITE0 else _resnet(wanted)


class FrozenPyramid(nn.Module):
    """Lite0's maps through a feature pyramid: pixels [B, 3, H, W] -> WIDTH channels at each of STRIDES.

    The trunk and its statistics stay as they are; only the pyramid is trained. In training on a CPU the trunk's maps of
    an image by itself are kept, for the same image comes again.
    """

    out_channels = WIDTH

    def __init__(self) -> None:
        super().__init__()
        self.trunk = lite0.load().requires_grad_(False).to(memory_format=torch.channels_last)  # faster on CPUs
        widths = [self.trunk.feature_info[tap]["num_chs"] for tap in TAPS]
        self.pyramid = FeaturePyramidNetwork(widths, WIDTH)
        self.kept = KeptMaps()

    def train(self, mode: bool = True) -> "FrozenPyramid":
        super().train(mode)
        self.trunk.eval()
        return self

    def maps(self, pixels: torch.Tensor) -> list[torch.Tensor]:
        """The trunk's own, of which the pyramid is made."""
        if self.training and len(pixels) == 1 and pixels.device.type == "cpu":
            return list(self.kept.of(pixels, self._made))
        return self._made(pixels)

    @torch.no_grad()
    def _made(self, pixels: torch.Tensor) -> list[torch.Tensor]:
        pixels = pixels.contiguous(memory_format=torch.channels_last)
        maps: list[torch.Tensor] = self.trunk.forward_intermediates(pixels, indices=list(TAPS), intermediates_only=True)
        return maps

    def forward(self, pixels: torch.Tensor) -> dict[str, torch.Tensor]:
        named = OrderedDict((str(number), each) for number, each in enumerate(self.maps(pixels)))
        levels: dict[str, torch.Tensor] = self.pyramid(named)
        return levels


def _small(wanted: Wanted) -> FasterRCNN:
    """Few proposals of each image, and a narrow head: what a CPU trains in minutes."""
    names = [str(number) for number in range(len(STRIDES))]
    mean, std = ([value / 255.0 for value in values] for values in (lite0.MEAN, lite0.STD))
    return FasterRCNN(
        FrozenPyramid(),
        image_mean=mean,
        image_std=std,
        rpn_anchor_generator=AnchorGenerator(tuple((2 * s, 3 * s) for s in STRIDES), (RATIOS,) * len(STRIDES)),
        rpn_pre_nms_top_n_train=500,
        rpn_post_nms_top_n_train=200,
        rpn_pre_nms_top_n_test=500,
        rpn_post_nms_top_n_test=200,
        box_roi_pool=MultiScaleRoIAlign(featmap_names=names, output_size=5, sampling_ratio=2),
        box_head=TwoMLPHead(WIDTH * 25, HIDDEN),
        box_predictor=FastRCNNPredictor(HIDDEN, wanted.classes + 1),
        box_batch_size_per_image=64,
        **wanted.scaling,
    )


def _resnet(wanted: Wanted) -> FasterRCNN:
    name = RESNETS[wanted.network]
    if not wanted.weights:
        trunk = resnet_fpn_backbone(backbone_name=name, weights=None, trainable_layers=5)
        return FasterRCNN(trunk, wanted.classes + 1, **wanted.scaling)
    trunk = resnet_fpn_backbone(
        backbone_name=name, weights=None, trainable_layers=TRAINED_LAYERS, norm_layer=FrozenBatchNorm2d
    )
    network = FasterRCNN(trunk, COCO_CLASSES, **wanted.scaling)
    names = {*network.state_dict(), *trunk.body.state_dict()}
    tensors = read_tensors(wanted.weights, "weights", names)
    if wanted.trunk_only and PREDICTOR in tensors:
        raise ConfigError([f"weights: {wanted.weights!r} {WHOLE_DETECTOR}"])
    _load(network, tensors, wanted.weights)
    # A head for other classes is of no use: a new one, as in WILDS' own training.
    _set_outputs(network, wanted.classes + 1)
    return network


def _set_outputs(network: FasterRCNN, count: int) -> None:
    """A new last layer with so many classes, the background among them."""
    inputs = network.roi_heads.box_predictor.cls_score.in_features
    network.roi_heads.box_predictor = FastRCNNPredictor(inputs, count)


def _load(network: FasterRCNN, tensors: Tensors, path: str) -> None:
    """The tensors of a whole detector, or of its trunk alone, with or without the trunk's classifier."""
    try:
        if PREDICTOR in tensors:
            _set_outputs(network, len(tensors[PREDICTOR]))
            network.load_state_dict(dict(tensors))
        else:
            of_trunk = {name: tensor for name, tensor in tensors.items() if not name.startswith("fc.")}
            network.backbone.body.load_state_dict(of_trunk)
    except RuntimeError as error:
        raise ConfigError([refusal(path, "weights", error)]) from error


def image_losses(network: FasterRCNN, images: Sequence[torch.Tensor], targets: Sequence[Target]) -> torch.Tensor:
    """The loss [B] of each image alone: that of proposals and that of boxes, of objectness or class and of regression.

    With a mask head (`networks.mask_rcnn`) the loss of masks is added, and targets must have them.
    images: [3, H, W] in 0..1 each. torchvision itself gives one loss for all; it is the mean of these where as many
    anchors and proposals are sampled of each image. WILDS, too, has a loss for each image. The small network sees each
    image by itself, as it does when it detects, so that none is padded to the size of another.
    """
    if isinstance(network.backbone, FrozenPyramid) and len(images) > 1:
        return torch.cat([image_losses(network, [image], [of]) for image, of in zip(images, targets, strict=True)])
    batch, scaled = network.transform(list(images), [dict(target) for target in targets])
    levels = network.backbone(batch.tensors)
    return torch.stack([_loss_at(network, n, batch, levels, scaled[n]) for n in range(len(images))])


def _loss_at(
    network: FasterRCNN, number: int, batch: ImageList, levels: Mapping[str, torch.Tensor], target: dict[str, Any]
) -> torch.Tensor:
    """The loss of one image of a batch, from its own rows of the maps."""
    size = batch.image_sizes[number]
    alone = ImageList(batch.tensors[number : number + 1], [size])
    maps = OrderedDict((name, rows[number : number + 1]) for name, rows in levels.items())
    proposals, of_proposals = network.rpn(alone, maps, [target])
    _, of_boxes = network.roi_heads(maps, proposals, [size], [target])
    terms = [*of_proposals.values(), *of_boxes.values()]
    return torch.stack(terms).sum()


def to_pixels(image: npt.NDArray[np.uint8], device: str) -> torch.Tensor:
    """uint8 [H, W, 3] -> float32 [3, H, W] in 0..1 on the device."""
    return torch.from_numpy(np.ascontiguousarray(image)).to(device).permute(2, 0, 1).float().div_(255.0)
