"""The pack `imagenet/w`: ImageNet's validation images with and without ImageNet-W's watermark, drawn at import.

Li et al., CVPR 2023 (arXiv 2212.04825), draw it while images are loaded, after they are resized to 256 on the shorter
side and cropped to 224 x 224, by their package `imagenet_w`. The operator installs that package; nothing of it is here.
Both sets are kept at that size, as PNG, so that they differ by the watermark alone. What is drawn depends on the
versions of Pillow and FreeType, and so does the fingerprint.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from PIL import Image

from farfield.errors import JobError, reason
from farfield.method import Images
from farfield.runtime.images import preprocess
from farfield_evaluators.data import imagenet_classes
from farfield_evaluators.data.contents import Item, Items
from farfield_evaluators.data.encoded import UnreadableImage
from farfield_evaluators.data.joined import Joined
from farfield_evaluators.data.packs import Lent, Pack, PackError, Placed, Source, build, open_pack
from farfield_evaluators.suites.imagenet.data.official import TRAIN, VAL
from farfield_evaluators.suites.imagenet.data.parts import Packed
from farfield_evaluators.suites.imagenet.watermark.board import CLEAN, DOMAIN, PACK, WATERMARKED
from farfield_evaluators.suites.imagenet.watermark.scoring import CARTON

PREPARATION = Images(size=224, resize=256, interpolation="bilinear")
DISTRIBUTION = "imagenet-w"
Draw = Callable[[Image.Image], Image.Image]


@dataclass(frozen=True, kw_only=True)
class Tested(Placed):
    """A validation image as it is tested, with the watermark where there is something to `draw` it."""

    of: Item
    set: str
    label: int
    domain: int
    draw: Draw | None
    order: int = 0

    def stored(self) -> bytes:
        try:
            image = Image.fromarray(preprocess(self.of.stored(), PREPARATION))
        except JobError as error:
            raise UnreadableImage(str(error)) from error
        return as_png(image if self.draw is None else watermarked(image, self.draw))

    def where(self) -> str:
        return self.of.where()


class AllTested:
    """A set of validation images as they are tested; the label of each is that in their pack."""

    def __init__(self, images: Items, set: str, domain: int, draw: Draw | None = None) -> None:
        self._images, self._set, self._domain, self._draw = images, set, domain, draw

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: int) -> Item:
        of = self._images[index]
        return Tested(of=of, set=self._set, label=of.columns["label"], domain=self._domain, draw=self._draw)


def import_imagenet_w(packs: Path) -> Pack:
    """Make the pack of imagenet/val, with imagenet/train to fit on.

    Raises PackError when one of them is not imported or has no cartons, or the authors' package is not installed or
    draws nothing.
    """
    val, train = open_pack(packs, VAL.name), open_pack(packs, TRAIN.name)
    if not (val.labels == CARTON).any():
        raise PackError(f"{val.name} has no image of cartons, class {CARTON}, by which ImageNet-W's gaps are measured")
    draw, by = watermark()
    whole = val.official and train.official
    images = Packed(val, {VAL.set: CLEAN}, 0)
    return build(
        Source(
            name=PACK,
            title="ImageNet-W: the validation set with and without a watermark",
            licence="ImageNet's terms of access; the watermark's package: CC BY-NC 4.0",
            classes=imagenet_classes.classes(),
            domains=("val", DOMAIN),
            examples=Joined([AllTested(images, CLEAN, 0), AllTested(images, WATERMARKED, 1, draw)]),
            release="official" if whole else "subset",
            official=whole,
            prepared=((CLEAN, PREPARATION.size), (WATERMARKED, PREPARATION.size)),
            lent=(Lent(set=TRAIN.set, pack=train.name, fingerprint=train.fingerprint),),
            notes=(f"images from {val.name} {val.fingerprint}", f"the watermark is drawn by {by}"),
        ),
        packs,
    )


def watermark() -> tuple[Draw, str]:
    """What draws the watermark on an image, and the distribution it is of, with its version.

    Raises PackError when the package is not installed, is incomplete, or draws nothing.
    """
    try:
        package: Any = import_module("imagenet_w")  # not ours, and no dependency of ours
    except ImportError as error:
        raise PackError(
            f"{PACK} needs the package of ImageNet-W's authors, which draws the watermark: {reason(error)}; "
            f"`pip install {DISTRIBUTION}` brings it, under CC BY-NC 4.0, with torchvision"
        ) from error
    try:
        draw: Draw = package.AddWatermark(PREPARATION.size)
        drawn = watermarked(Image.new("RGB", (PREPARATION.size, PREPARATION.size)), draw)
    except Exception as error:  # whatever an incomplete copy raises, such as AssertionError without its font
        raise PackError(f"the installed imagenet_w cannot draw: {reason(error)}; install it anew") from error
    if drawn.getbbox() is None:
        raise PackError("the installed imagenet_w draws nothing on a black image; install it anew")
    try:
        return draw, f"{DISTRIBUTION} {version(DISTRIBUTION)}"
    except PackageNotFoundError:
        return draw, "imagenet_w of an unknown version"


def watermarked(image: Image.Image, draw: Draw) -> Image.Image:
    """The image with what is drawn on it. Raises UnreadableImage where that is of another size or mode."""
    drawn = draw(image)
    if (drawn.size, drawn.mode) != (image.size, image.mode):
        raise UnreadableImage(f"what imagenet_w made of it is {drawn.mode} of {drawn.width} x {drawn.height} pixels")
    return drawn


def as_png(image: Image.Image) -> bytes:
    """The image as PNG."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
