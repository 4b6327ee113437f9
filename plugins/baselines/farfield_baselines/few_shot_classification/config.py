"""The settings of CRLNet, without a line of torch: ours for a CPU, and those of its release."""

from dataclasses import dataclass

from farfield import setting

VIEWS = "Augmented views of each base image, made once; 0 draws a new one for each pair."


@dataclass(frozen=True, kw_only=True)
class SmallConfig:
    """A network that learns on a CPU in minutes, on maps of fewer channels."""

    width: int = setting(64, ge=8, le=640, help="Channels of the maps after a projection; a multiple of 8.")
    hidden: int = setting(128, ge=8, le=8192, help="Width of the feed-forward layers.")
    steps: int = setting(400, ge=1, le=10_000_000, help="Steps of the base phase.")
    batch: int = setting(64, ge=2, le=4096, help="Pairs of images a step.")
    lr: float = setting(5e-4, ge=0.0, le=1.0, help="Learning rate.")
    weight_decay: float = setting(0.05, ge=0.0, le=1.0, help="Weight decay of AdamW.")
    views: int = setting(3, ge=0, le=64, help=VIEWS)
    l2: float = setting(1.0, ge=0.0, le=1e6, help="Weight of the penalty where there are several shots.")


@dataclass(frozen=True, kw_only=True)
class ReleaseConfig(SmallConfig):
    """As released: all channels of ResNet-12, and 100 epochs of ImageNet's 1,281,167 images at 80 pairs a step."""

    weights: str = setting("", max_length=1000, help="File of ResNet-12's weights; needed.")
    width: int = setting(640, ge=8, le=640, help="Channels of the maps after a projection; 640 is none.")
    hidden: int = setting(2048, ge=8, le=8192, help="Width of the feed-forward layers.")
    steps: int = setting(1_601_459, ge=1, le=10_000_000, help="Steps of the base phase.")
    batch: int = setting(80, ge=2, le=4096, help="Pairs of images a step.")
    lr: float = setting(1e-3, ge=0.0, le=1.0, help="Learning rate.")
    views: int = setting(0, ge=0, le=64, help=VIEWS)
