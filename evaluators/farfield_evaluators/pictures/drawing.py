"""Drawing: an image scaled for a page, and a transparent layer of objects that lies over it."""

import colorsys
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from farfield_evaluators.pictures.objects import Shown

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw as Pen
    from PIL.ImageFont import FreeTypeFont
    from PIL.ImageFont import ImageFont as PlainFont

SIDE = 480  # pixels of the longer side at most
SMALL_SIDE = 160  # where nothing is drawn over the image
LEAST_SIDE = 240  # of the longer side: smaller images are drawn larger, so that names can be read
LINE, TEXT = 2, 12  # pixels
FILL = 96  # of 255: how much of what lies below a mask hides
GOLDEN = 0.618034  # of the colour circle from a class to the next, so that neighbours differ


def webp(image: "Image", *, lossless: bool = False) -> bytes:
    """The image as WebP, the same bytes for the same pixels."""
    written = io.BytesIO()
    image.save(written, "WEBP", quality=80, method=4, lossless=lossless, exact=False)
    return written.getvalue()


def scale_of(width: int, height: int) -> float:
    """By which an image is scaled for a page.

    >>> scale_of(960, 100), scale_of(100, 60), scale_of(300, 480)
    (0.5, 2.4, 1.0)
    """
    longer = max(width, height)
    return SIDE / longer if longer > SIDE else max(1.0, LEAST_SIDE / longer)


def scaled(image: "Image") -> "Image":
    """The image as it is shown below layers."""
    return _by(image, scale_of(*image.size))


def small(image: "Image") -> "Image":
    """The image as it is shown by itself: never larger than it is."""
    return _by(image, min(1.0, SMALL_SIDE / max(image.size)))


def _by(image: "Image", scale: float) -> "Image":
    size = tuple(max(1, round(side * scale)) for side in image.size)
    return image.convert("RGB").resize((size[0], size[1]))


def layer(size: tuple[int, int], scale: float, objects: Sequence[Shown], names: Sequence[str]) -> "Image":
    """Masks, boxes and names of classes, transparent elsewhere; size is that of the shown image, width and height."""
    from PIL import Image, ImageDraw, ImageFont

    drawn = Image.new("RGBA", size, (0, 0, 0, 0))
    for each in objects:
        if each.mask is not None:
            _fill(drawn, each, size)
    pen, font = ImageDraw.Draw(drawn), ImageFont.load_default(TEXT)
    for each in objects[::-1]:  # the best above all others
        box = [value * scale for value in each.box]
        pen.rectangle(box, outline=(*colour(each.label), 255), width=LINE)
        _name(pen, font, box, f"{names[each.label]}{'' if each.score is None else f' {each.score:.2f}'}", each.label)
    return drawn


def colour(label: int) -> tuple[int, int, int]:
    """Of a class, by its number; the same in every picture."""
    red, green, blue = colorsys.hsv_to_rgb((label * GOLDEN) % 1.0, 0.85, 0.9)
    return round(red * 255), round(green * 255), round(blue * 255)


def _fill(drawn: "Image", each: Shown, size: tuple[int, int]) -> None:
    from PIL import Image

    mask = Image.fromarray(np.asarray(each.mask, np.uint8) * FILL).resize(size)
    whole = Image.new("RGBA", size, (*colour(each.label), 255))
    whole.putalpha(mask)
    drawn.alpha_composite(whole)


def _name(pen: "Pen", font: "FreeTypeFont | PlainFont", box: list[float], text: str, label: int) -> None:
    left, top = box[0], max(0.0, box[1] - TEXT - 4)
    _, _, right, bottom = pen.textbbox((left + 2, top + 1), text, font=font)
    pen.rectangle([left, top, right + 2, bottom + 2], fill=(*colour(label), 255))
    pen.text((left + 2, top + 1), text, fill=(0, 0, 0, 255), font=font)
