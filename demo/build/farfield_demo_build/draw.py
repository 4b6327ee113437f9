"""Pixels: every picture becomes a square RGB image on white."""

import hashlib
import io
from pathlib import Path

import resvg_py
from PIL import Image

SIZE = 160
MARGIN = 1 / 40


def svg(markup: str, size: int = SIZE) -> Image.Image:
    """A drawing at its own place in its own view box; system fonts would not reproduce."""
    png = resvg_py.svg_to_bytes(svg_string=markup, width=size, height=size, skip_system_fonts=True)
    with Image.open(io.BytesIO(bytes(png))) as image:
        return centred(image.convert("RGBA"), size)


def raster(image: Image.Image, size: int = SIZE) -> Image.Image:
    """A cut-out: cropped to what is visible, and scaled to fill the square but a margin."""
    rgba = image.convert("RGBA")
    box = rgba.getchannel("A").point(lambda alpha: 255 * (alpha > 8)).getbbox()
    rgba = rgba.crop(box) if box else rgba
    room = size - 2 * round(size * MARGIN)
    scale = room / max(rgba.size)
    shape = (max(1, round(rgba.width * scale)), max(1, round(rgba.height * scale)))
    small = rgba.convert("RGBa").resize(shape, Image.Resampling.LANCZOS).convert("RGBA")
    return centred(small, size)


def centred(rgba: Image.Image, size: int) -> Image.Image:
    """Composited on the middle of a white square."""
    canvas = Image.new("RGBA", (size, size), "white")
    canvas.alpha_composite(rgba, ((size - rgba.width) // 2, (size - rgba.height) // 2))
    return canvas.convert("RGB")


def write(image: Image.Image, path: Path) -> None:
    """Lossless WebP, so that the pixels are those that were hashed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, "WEBP", lossless=True, quality=100, method=4)


def fingerprint(image: Image.Image) -> str:
    """A hash over size and decoded pixels: encoders may differ, pixels may not."""
    rgb = image.convert("RGB")
    header = f"{rgb.width}x{rgb.height} RGB\n".encode()
    return hashlib.sha256(header + rgb.tobytes()).hexdigest()
